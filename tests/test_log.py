"""TOGRAPH_LOG: what happens is told by ``logging``, and nothing is imported or done for those who do not log."""

import logging
import os
import subprocess
import sys

import numpy as np
import pytest

from tograph import TographError, to_graph
from tograph.runtime import log

PROGRAM = """\
import sys
import numpy as np
from tograph import to_graph


@to_graph
def mean(x, axis):
    return x.mean(axis)


mean(np.ones((3, 3)), 0)
mean(np.ones((3, 3)), 0)
mean(np.ones((3, 3)), 1)
print("logging" in sys.modules)
"""


def logged(tmp_path, setting):
    """What the program prints and what it logs, without the times."""
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, "-P", "program.py"], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "TOGRAPH_LOG": setting}, check=True)
    return done.stdout, [line.split(" ", 3)[3] if " tograph " in line else line for line in done.stderr.splitlines()]


def test_nothing_is_told_or_imported_by_default(tmp_path):
    assert logged(tmp_path, "") == ("False\n", [])


def test_info_tells_what_is_traced(tmp_path):
    _, lines = logged(tmp_path, "info")
    assert len(lines) == 2
    assert all(line.startswith("INFO mean: traced in ") and line.endswith(" nodes") for line in lines)


def test_debug_tells_how(tmp_path):
    _, lines = logged(tmp_path, "debug")
    text = "\n".join(lines)
    assert "DEBUG convert mean at program.py:6: " in text
    assert "DEBUG mean: trace begins, made for the first call" in text
    assert "DEBUG mean: starts again with {'axis': 0}, since method.mean() needs its axis" in text
    assert "DEBUG mean: trace begins, made for axis is 1, and was 0" in text
    assert "DEBUG mean: pass fold_constants " in text
    assert "DEBUG mean: guard axis is 1" in text
    assert "TRACE" not in text


def test_trace_tells_each_run(tmp_path):
    _, lines = logged(tmp_path, "trace")
    runs = [line for line in lines if line.startswith("TRACE")]
    assert len(runs) == 3
    assert [run.split()[3] for run in runs] == ["1", "1", "2"]
    assert all(" ran " in run and run.endswith("1 nodes") for run in runs)


def test_a_file_takes_it(tmp_path):
    printed, lines = logged(tmp_path, f"info:{tmp_path / 'tograph.log'}")
    assert (printed, lines) == ("True\n", [])
    assert (tmp_path / "tograph.log").read_text().count("traced in") == 2


@pytest.mark.parametrize("setting", ["loud", "info:missing/folder/file", "info:."])
def test_a_setting_that_cannot_be_followed_is_warned_of(tmp_path, setting):
    printed, lines = logged(tmp_path, setting)
    assert "TOGRAPH_LOG=" in "\n".join(lines)
    assert not any(line.startswith("INFO") for line in lines)


def test_a_program_may_set_the_logger_up_itself(caplog):
    def refused(x):
        return eval("x")

    def negate(x):
        return -x

    with caplog.at_level(logging.INFO, "tograph"):
        with pytest.raises(TographError):
            to_graph(refused)(1.0)
        to_graph(negate)(np.ones(3))
    told = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert told[0][0] == log.INFO and told[0][1].startswith("refused: refused: ")
    assert told[1][1].startswith("negate: traced in ")


def test_exceptions_of_runs_are_told_and_stay_what_they_are(tmp_path):
    program = PROGRAM.replace("x.mean(axis)", "x[axis, 7]")
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run([sys.executable, "-P", "program.py"], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "TOGRAPH_LOG": "trace"}, check=False)
    assert "TRACE mean: trace 1 raised IndexError in" in done.stderr
    assert "IndexError: index 7 is out of bounds for axis 1 with size 3" in done.stderr
