"""What is logged in a graph names the lines and functions that eager logging names."""

import logging
from pathlib import Path

import numpy as np
import pytest

from fixtures.programs import logs
from tograph.runtime.function import GraphFunction

logger = logging.getLogger("fixtures.logs")


def by_global(x):
    for value in x:
        logger.info("value %s", value)
    return logger.name


class Places(logging.Handler):
    """Keeps the lines that records come from."""

    def __init__(self):
        super().__init__()
        self.found = []

    def emit(self, record):
        self.found.append((Path(record.pathname).name, record.lineno, record.funcName))


@pytest.fixture
def handler():
    made = Places()
    loggers = (logger, logging.getLogger("fixtures.logs.part"))
    for each in loggers:
        each.addHandler(made)
    yield made
    for each in loggers:
        each.removeHandler(made)


PROGRAMS = (logs.told, logs.told_everywhere, logs.chosen, by_global)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_records_name_the_lines_of_the_program(program, handler):
    graph = GraphFunction(program)
    for x in (np.array([1.0, -2.0, 3.0]), np.array([-1.0, 0.5])):
        program(x)
        expected = handler.found[:]
        handler.found.clear()
        graph(x)
        assert expected and all(name == Path(program.__code__.co_filename).name for name, _, _ in expected)
        assert handler.found == expected
        handler.found.clear()
