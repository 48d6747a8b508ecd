"""Logging: a record says which line asked for it, and that is a line of the user's.

``logging`` is taken from where it is loaded: who does not log is not made to import it.
"""

from __future__ import annotations

import sys
from typing import Any

from ..ir.types import BOOL, NONE, ObjectType, Type
from .op import Op, Result
from .operators import everywhere

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


def _log(
    filename: str, line: int, function: str, logger: Any, level: Any, message: Any, *args: Any, extra: Any = None
) -> None:
    """``logger.log(level, message, *args, extra=extra)`` as from a line of the user's; None stands for the root."""
    logging: Any = sys.modules["logging"]
    if logger is None:
        logger = logging.root
        if not logger.handlers:
            logging.basicConfig()
    if not isinstance(level, int):
        if logging.raiseExceptions:
            raise TypeError("level must be an integer")
    elif logger.isEnabledFor(level):
        record = logger.makeRecord(
            logger.name, level, filename, line, message, args, None, function, extra, None
        )  # fmt: skip
        logger.handle(record)


def _is_enabled(logger: Any, level: Any) -> bool:
    return logger.isEnabledFor(level)


def _get_logger(name: Any = None) -> Any:
    return sys.modules["logging"].getLogger(name)


def _logger(name: Any = None) -> Type:
    return ObjectType(sys.modules["logging"].Logger)


LOG = Op("logging.log", everywhere(_log), lambda *args, **kwargs: NONE, effect=True, result=Result.IMMUTABLE)
IS_ENABLED = Op("logging.is_enabled", everywhere(_is_enabled), lambda logger, level: BOOL, effect=True,
                result=Result.IMMUTABLE)
GET_LOGGER = Op("logging.get_logger", everywhere(_get_logger), _logger, effect=True)
OPS = (LOG, IS_ENABLED, GET_LOGGER)
