"""What is logged in a graph is what is logged eagerly: records with their messages, values, lines and functions."""

import logging
from pathlib import Path

import numpy as np
import pytest

from fixtures.programs import logs
from tograph.runtime.function import GraphFunction

logger = logging.getLogger(logs.NAME)


def by_global(x):
    for value in x:
        logger.info("value %s", value)
    return logger.name


PROGRAMS = (logs.told, logs.told_everywhere, logs.chosen, by_global)


class Kept(logging.Handler):
    """Keeps what records say."""

    def __init__(self):
        super().__init__()
        self.found = []

    def emit(self, record):
        place = (Path(record.pathname).name, record.lineno, record.funcName)
        said = (record.name, record.levelname, record.getMessage(), repr(record.args))
        self.found.append((*place, *said, getattr(record, "trip", None)))

    def of(self, function, *arguments):
        """What is logged by a call."""
        self.found.clear()
        function(*arguments)
        return self.found[:]


@pytest.fixture
def handler():
    made = Kept()
    loggers = (logger, logging.getLogger(logs.PART))
    for each in loggers:
        each.addHandler(made)
        each.setLevel(logging.INFO)
    yield made
    for each in loggers:
        each.removeHandler(made)
        each.setLevel(logging.NOTSET)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_records_say_what_they_say_eagerly(program, handler):
    graph = GraphFunction(program)
    for x in (np.array([1.0, -2.0, 3.0]), np.array([-1.0, 0.5])):
        expected = handler.of(program, x)
        assert expected and all(name == Path(program.__code__.co_filename).name for name, *_ in expected)
        assert handler.of(graph, x) == expected
