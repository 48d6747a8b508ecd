"""What is logged in a graph names the lines and functions that eager logging names."""

import logging
from pathlib import Path

import numpy as np
import pytest

from fixtures.programs import logs
from tograph.runtime.function import GraphFunction


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
    loggers = (logs.logger, logging.getLogger("fixtures.logs.part"))
    for logger in loggers:
        logger.addHandler(made)
    yield made
    for logger in loggers:
        logger.removeHandler(made)


@pytest.mark.parametrize("program", [logs.told, logs.told_everywhere, logs.chosen], ids=lambda each: each.__name__)
def test_records_name_the_lines_of_the_program(program, handler):
    graph = GraphFunction(program)
    for x in (np.array([1.0, -2.0, 3.0]), np.array([-1.0, 0.5])):
        program(x)
        expected = handler.found[:]
        handler.found.clear()
        graph(x)
        assert expected and all(name == "logs.py" for name, _, _ in expected)
        assert handler.found == expected
        handler.found.clear()
