"""What tograph does, told to the logger "tograph" of Python's ``logging``.

``TOGRAPH_LOG=info`` tells which functions are traced and why, ``debug`` what tracing and the passes did, ``trace``
each run of a graph as well; ``TOGRAPH_LOG=debug:FILE`` writes it to a file in place of standard error.  Without the
variable the logger is as the program sets it up.  Nothing is imported for those who do not log.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

INFO, DEBUG, TRACE = 20, 10, 5
LEVELS = {"info": INFO, "debug": DEBUG, "trace": TRACE}
FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


def start(setting: str) -> bool:
    """Log as ``setting`` says, a level or ``level:file``; return whether each run of a graph is to be told.

    A setting that cannot be followed is warned of.
    """
    level, _, file = setting.partition(":")
    if level.lower() not in LEVELS:
        if setting:
            warnings.warn(f"TOGRAPH_LOG={setting!r} is none of {', '.join(LEVELS)}, or one with :FILE", stacklevel=2)
        return False
    import logging

    try:
        handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    except OSError as error:
        warnings.warn(f"TOGRAPH_LOG={setting!r}: {error}", stacklevel=2)
        return False
    logging.addLevelName(TRACE, "TRACE")
    handler.setFormatter(logging.Formatter(FORMAT))
    logger = logging.getLogger("tograph")
    logger.addHandler(handler)
    logger.setLevel(LEVELS[level.lower()])
    logger.propagate = False
    return logger.isEnabledFor(TRACE)


def enabled(level: int) -> bool:
    """Whether someone reads what is told at ``level``; only those who imported ``logging`` can."""
    logging = sys.modules.get("logging")
    return logging is not None and logging.getLogger("tograph").isEnabledFor(level)


def tell(level: int, message: str, *values: Any) -> None:
    """Log ``message % values`` at ``level``."""
    if enabled(level):
        sys.modules["logging"].getLogger("tograph").log(level, message, *values)
