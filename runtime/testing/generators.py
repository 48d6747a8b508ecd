"""Generators of random numbers: how far each of them is, and going back to there."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np

RANDOM = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, np.random.SeedSequence, random.Random)


def parts(value: Any) -> tuple[Any, ...]:
    """The generators that ``value``, a generator itself, draws from."""
    if isinstance(value, (np.random.Generator, np.random.RandomState)):
        return (_bits(value),)
    return (value.seed_seq,) if isinstance(value, np.random.BitGenerator) else ()


def position(value: Any) -> str:
    """What all later draws of ``value`` depend on beside its parts; equal where these are equal."""
    match value:
        case random.Random():
            return hashlib.sha256(repr(value.getstate()).encode()).hexdigest()[:16]
        case np.random.RandomState():
            _, _, _, has_gauss, gauss = value.get_state()
            return f"next normal number {gauss if has_gauss else 'not drawn'}"
        case np.random.BitGenerator():
            return hashlib.sha256(repr(_plain(value.state)).encode()).hexdigest()[:16]
        case np.random.SeedSequence():
            return f"{value.n_children_spawned} children of {value.entropy}, {value.spawn_key}"
    return ""


def kept(value: Any) -> Callable[[], None]:
    """Keep where ``value`` is; the result puts it back there."""
    match value:
        case random.Random():
            position = value.getstate()
            return lambda: value.setstate(position)
        case np.random.RandomState():
            state = value.get_state(legacy=False)
            return lambda: value.set_state(state)
        case np.random.Generator() | np.random.BitGenerator():
            bits = value if isinstance(value, np.random.BitGenerator) else value.bit_generator
            now = bits.state
            return lambda: setattr(bits, "state", now)
    return lambda: None


def _bits(value: Any) -> Any:
    return value.bit_generator if isinstance(value, np.random.Generator) else value._bit_generator


def _plain(state: Any) -> Any:
    """``state`` with lists in place of arrays, whose text may leave items out."""
    if isinstance(state, dict):
        return {key: _plain(item) for key, item in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state
