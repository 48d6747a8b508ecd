"""What a generator is, which the transpiler's ordinary meaning and tracing share: see ``transpiler/generators.py``."""

from __future__ import annotations

from ..transpiler.generators import Generator, cannot_go_on, goes_on, left_early, nothing, pass_on, returned

__all__ = ["WRITTEN_IN", "Generator", "cannot_go_on", "goes_on", "left_early", "nothing", "pass_on", "returned"]

WRITTEN_IN = returned.__code__.co_filename
