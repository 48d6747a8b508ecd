"""Filters of warnings: setting them, and the managers that put them back and record what is warned of."""

from __future__ import annotations

import warnings
from typing import Any

from ..ir.types import NONE, ObjectType
from .op import Op, Result
from .operators import everywhere


class Recording(warnings.catch_warnings):
    """``warnings.catch_warnings(record=True)``: entered, it gives the list of what is warned of."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(record=True, **settings)


RECORDING, CATCHING = (
    Op(f"warnings.{name}", everywhere(cls), lambda *args, _cls=cls, **settings: ObjectType(_cls), effect=True,
       result=Result.VIEW)
    for name, cls in (("recording", Recording), ("catch_warnings", warnings.catch_warnings))
)
FILTERS = {
    function: Op(f"warnings.{function.__name__}", everywhere(function), lambda *args, **settings: NONE, effect=True,
                 result=Result.IMMUTABLE)
    for function in (warnings.simplefilter, warnings.filterwarnings, warnings.resetwarnings)
}
OPS = (RECORDING, CATCHING, *FILTERS.values())
