"""What an object itself holds, whatever its class says of attributes."""

from __future__ import annotations

from types import MemberDescriptorType
from typing import Any


def held_attributes(value: Any) -> dict[str, Any]:
    """What an object itself holds, in slots and in its ``__dict__``."""
    held = {
        name: getattr(value, name)
        for cls in type(value).__mro__
        for name, slot in vars(cls).items()
        if isinstance(slot, MemberDescriptorType) and hasattr(value, name)
    }
    return {**held, **getattr(value, "__dict__", {})}
