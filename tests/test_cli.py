"""The command: what each subcommand prints, and one clear line and exit code 2 for what it cannot do."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import tograph
from tograph import cli, testing
from tograph.runtime import terminal
from tograph.runtime.demo import show
from tograph.runtime.function import GraphFunction

MODEL = '''\
import functools

import numpy as np
import helper_beside


def root(a: float, tolerance: float = 1e-9) -> float:
    x = a
    while np.abs(x * x - a) > tolerance:
        x = 0.5 * (x + a / x)
    return x


def halve(x, limit: int):
    for i in range(len(x)):
        if x[i] > limit:
            x[i] /= 2
    return helper_beside.twice(x)


@tograph.to_graph
def traced(x):
    return x + 1


async def wait(x):
    return x


def evaluates(x):
    return helper_beside.evaluates(x)


def keyword(x, *, k):
    return x * k


def untold(x, scale, k=2):
    return x * scale * k


class Net:
    def step(self, x):
        return x + 1


text = "not a function"
total = functools.partial(np.sum, axis=0)
from_text = {}
exec("def nowhere(x): return -x", from_text)
exec("async def waiting(x): await x", from_text)
nowhere, waiting = from_text["nowhere"], from_text["waiting"]
'''
HELPER = '''\
def twice(x):
    return x * 2


def evaluates(x):
    return eval("x + 1")
'''


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """On a busy machine anything may take long: nothing is said of it."""
    monkeypatch.setattr(terminal, "PATIENCE", 600.0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a program, made the current one; modules imported from it are forgotten afterwards."""
    (tmp_path / "model.py").write_text("import tograph\n" + MODEL)
    (tmp_path / "helper_beside.py").write_text(HELPER)
    (tmp_path / "broken.py").write_text("def f(:\n    pass\n")
    (tmp_path / "raises.py").write_text("x = 1\ny = x / 0\n")
    (tmp_path / "exits.py").write_text("import sys\nsys.exit('no\\nway')\n")
    (tmp_path / "needs_package.py").write_text("from . import model\n")
    (tmp_path / "numpy.py").write_text("def f(x):\n    return x\n")
    np.savez(tmp_path / "arguments.npz", x=np.array([1.0, 5.0, 9.0]), limit=3, other=np.ones(2))
    (tmp_path / "text.npz").write_text("hello")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    modules = dict(sys.modules)
    yield tmp_path
    for name in sys.modules.keys() - modules.keys():
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def run(capsys, *arguments):
    """The exit code, what was printed, and the lines on standard error."""
    try:
        code = cli.main(arguments)
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    return code, out, err.splitlines()


# -- convert

CONVERTED = '''\
def root(a: float, tolerance: float=1e-09) -> float:
    x = a
    def test(x):
        return call(np.abs, x * x - a) > tolerance
    def body(x):
        x = 0.5 * (x + a / x)
        return (x,)
    (x,) = while_(test, body, (x,), names=('x',))
    return x
'''


def test_convert_prints_the_converted_source(folder, capsys):
    assert run(capsys, "convert", "model.py:root") == (0, CONVERTED, [])


def test_convert_takes_modules_too(folder, capsys):
    assert run(capsys, "convert", "model:root") == (0, CONVERTED, [])


def test_convert_shows_the_original_lines(folder, capsys):
    code, out, err = run(capsys, "convert", "model.py:root", "--lines")
    assert (code, err) == (0, [])
    lines = out.splitlines()
    assert [line.partition("  #")[0].rstrip() for line in lines] == CONVERTED.splitlines()
    program = Path("model.py").read_text().splitlines()
    for line in lines:
        original = program[int(line.rpartition("# ")[2]) - 1]
        assert original.split()[0] in ("def", "x", "while", "return")
    assert "x = 0.5 * (x + a / x)" in program[int(lines[5].rpartition("# ")[2]) - 1]


def test_convert_takes_methods_and_graph_functions(folder, capsys):
    assert run(capsys, "convert", "model.py:Net.step") == (0, "def step(self, x):\n    return x + 1\n", [])
    assert run(capsys, "convert", "model.py:traced")[1] == "def traced(x):\n    return x + 1\n"


def test_convert_translates_the_bytecode_where_there_is_no_text(folder, capsys):
    printed = "def nowhere(x):\n    t1 = -x\n    return t1\n"
    assert run(capsys, "convert", "model.py:nowhere") == (0, printed, [])


def test_a_file_may_be_anywhere_and_called_like_a_module(folder, capsys, monkeypatch):
    assert run(capsys, "convert", "numpy.py:f") == (0, "def f(x):\n    return x\n", [])
    assert sys.modules["numpy"] is np
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert run(capsys, "convert", "../model.py:root") == (0, CONVERTED, [])


def test_a_refused_construct_is_shown_with_its_line(folder, capsys):
    code, out, err = run(capsys, "convert", "model.py:wait")
    assert (code, out) == (2, "")
    assert err[0] == "tograph: 'async def' is not supported: a graph runs from start to end without waiting."
    assert err[2].strip() == "async def wait(x):" and set(err[3].strip()) == {"^"}


# -- check


def rows(out):
    """The table of ``check``: for each group of inputs, its cells by column."""
    lines = out.splitlines()
    header = lines[1].split()
    groups = [line for line in lines[2:] if line.split()[-1:] in (["same"], ["different"])]
    return header, {line[:14].strip(): line[14:].split() for line in groups}


def test_check_compares_on_generated_inputs(folder, capsys):
    code, out, err = run(capsys, "check", "model.py:halve", "--arg", "x=f8[n]")
    assert (code, err) == (0, [])
    assert out.splitlines()[0] == "halve(x=f8[n], limit=int), exactness E0"
    header, groups = rows(out)
    assert header == ["inputs", "number", "engine", "calls", "raised", "refused", "nodes", "traces", "result"]
    assert groups.keys() == {"sizes", "memory layouts"}
    assert all(group[-1] == "same" and int(group[2]) > 0 and int(group[5]) > 0 for group in groups.values())
    assert int(groups["sizes"][6]) <= 3    # one for sizes of 2 and more, one for 0, one for 1


def test_check_takes_values_and_defaults(folder, capsys):
    code, out, _ = run(capsys, "check", "model.py:root", "--arg", "a=2.0")
    assert (code, out.splitlines()[0]) == (0, "root(a=2.0), exactness E0")
    options = ("--arg", "x=f8[n, n]", "--arg", "scale = -2", "--exactness", "E1")
    code, out, _ = run(capsys, "check", "model.py:untold", *options)
    assert (code, out.splitlines()[0]) == (0, "untold(x=f8[n, n], scale=-2), exactness E1")


def test_check_tries_shared_memory_and_edge_values(folder, capsys):
    code, out, _ = run(capsys, "check", "model.py:untold", "--arg", "x=f8[n]", "--arg", "scale=f8[n]", "--edges")
    assert code == 0
    assert rows(out)[1].keys() == {"sizes", "memory layouts", "shared memory", "edge values"}


def test_check_takes_arrays_from_a_file(folder, capsys):
    code, out, err = run(capsys, "check", "model.py:halve", "--npz", "arguments.npz")
    assert (code, err) == (0, [])
    assert out.splitlines()[0] == "halve(x=f8[3], limit=3), exactness E0"
    assert run(capsys, "check", "model.py:halve", "--npz", "arguments.npz", "--arg", "limit=7")[1].startswith(
        "halve(x=f8[3], limit=7)"
    )


def test_check_says_when_every_call_raised(folder, capsys):
    code, out, _ = run(capsys, "check", "model.py:halve", "--arg", "x=5", "--arg", "limit=1")
    assert code == 0
    assert out.splitlines()[-1] == "Eager NumPy raised in every call: other arguments (--arg) would say more."


def test_check_finds_a_refusal(folder, capsys):
    code, out, err = run(capsys, "check", "model.py:evaluates", "--arg", "x=f8[n]")
    assert (code, err) == (1, [])
    assert "different" in out and "'eval()' is not supported" in out


def test_check_finds_a_difference(folder, capsys, monkeypatch):
    class Off(GraphFunction):
        def __call__(self, *arguments):
            return super().__call__(*arguments) + 1

    def check(function, inputs, **options):
        return testing.check(function, inputs, engines={"off by one": Off}, **options)

    monkeypatch.setattr(cli, "check", check)
    code, out, err = run(capsys, "check", "model.py:root", "--arg", "a=2.0")
    assert (code, err) == (1, [])
    assert "off by one" in out and "result: expected 1.41421356" in out and "got 2.41421356" in out


# -- what cannot be done

BAD = [
    ("convert model.py", "tograph: 'model.py' is not like model.py:f or package.model:f"),
    ("convert model.py:", "tograph: 'model.py:' is not like model.py:f or package.model:f"),
    ("convert model.py:a-b", "tograph: 'model.py:a-b' is not like model.py:f or package.model:f"),
    ("convert nowhere.py:f", "tograph: there is no file nowhere.py"),
    ("convert no/such/file:f", "tograph: there is no file no/such/file"),
    ("convert no.such.module:f", "tograph: there is no module no.such.module"),
    ("convert model.py:nothing", "tograph: model.py has no function 'nothing'"),
    ("convert model.py:Net.nothing", "tograph: model.py has no function 'Net.nothing'"),
    ("convert model.py:text", "tograph: 'text' in model.py is not a function"),
    ("convert model.py:Net", "tograph: 'Net' is a class, not a function."),
    ("convert model.py:waiting",
     "tograph: The source of 'waiting' cannot be read, and 'async' in it cannot be seen in its bytecode."),
    ("convert math:sin", "tograph: 'sin' is built in: it has no Python source."),
    ("convert broken.py:f", "tograph: broken.py:1: SyntaxError: invalid syntax"),
    ("convert raises.py:f",
     "tograph: raises.py cannot be imported: ZeroDivisionError: division by zero (raises.py:2)"),
    ("convert exits.py:f", "tograph: exits.py cannot be imported: SystemExit: no (exits.py:2)"),
    ("convert needs_package.py:f",
     "tograph: needs_package.py cannot be imported: "
     "ImportError: attempted relative import with no known parent package (needs_package.py:1)"),
    ("check model.py:untold --arg x=1",
     "tograph: nothing says what 'scale' is: give for example --arg scale='f8[n]' or --arg scale=5"),
    ("check model.py:untold --arg z=1", "tograph: untold has no parameter 'z'; it has x, scale, k"),
    ("check model.py:untold --arg x=foo",
     "tograph: x=foo is neither a Python value nor a type like 'f8[n, 3]', 'f8' or 'int'"),
    ("check model.py:untold --arg x=f8[n//2]",
     "tograph: x=f8[n//2] is neither a Python value nor a type like 'f8[n, 3]', 'f8' or 'int'"),
    ("check model.py:untold --arg x=f8[99999999999999]", "tograph: x=f8[99999999999999] is too large to make"),
    ("check model.py:untold --arg x",
     "tograph check: argument --arg: 'x' is not like x='f8[n, 3]' or n=5 (see tograph check --help)"),
    ("check model.py:keyword --arg x=1",
     "tograph: 'k' cannot be given by position, and other ways to give it are not supported"),
    ("check model.py:halve --npz nowhere.npz", "tograph: there is no file nowhere.npz"),
    ("check model.py:halve --npz text.npz", "tograph: text.npz is not a file of arrays written by numpy.savez"),
    ("check model.py:halve --npz .", "tograph: . cannot be read: Is a directory"),
    ("frobnicate", "tograph: argument COMMAND: invalid choice: 'frobnicate' "),
    ("convert", "tograph convert: the following arguments are required: FILE.py:FUNC (see tograph convert --help)"),
    ("convert model.py:root --colour", "tograph: unrecognized arguments: --colour (see tograph --help)"),
    ("", "tograph: the following arguments are required: COMMAND (see tograph --help)"),
]


@pytest.mark.parametrize(("command", "message"), BAD, ids=[command or "nothing" for command, _ in BAD])
def test_bad_input_gets_one_line(folder, capsys, command, message):
    code, out, err = run(capsys, *command.split())
    assert (code, out, len(err)) == (2, "", 1)
    assert err[0].startswith(message) if message.endswith(" ") else err[0] == message


# -- help, version, the process


@pytest.mark.parametrize("command", [[], ["convert"], ["check"], ["demo"]], ids=str)
def test_help(capsys, command):
    code, out, err = run(capsys, *command, "--help")
    assert (code, err) == (0, [])
    assert out.startswith("usage: tograph")
    assert max(map(len, out.splitlines())) <= 120
    if not command:
        assert "tograph check model.py:f --arg x='f8[n, 3]'" in out


def test_version(capsys):
    assert run(capsys, "--version") == (0, f"tograph {tograph.__version__}\n", [])


def test_the_module_runs_as_the_command(folder):
    command = [sys.executable, "-P", "-m", "tograph"]
    done = subprocess.run([*command, "convert", "model.py:root"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, CONVERTED, "")
    done = subprocess.run([*command, "convert", "model.py:nothing"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "tograph: model.py has no function 'nothing'\n")


# -- demo


def test_demo_shows_what_it_computes(capsys, monkeypatch):
    monkeypatch.setattr(show, "SECONDS", 0.0)
    code, out, err = run(capsys, "demo")
    assert (code, err) == (0, [])
    assert "def kmeans(" in out and "while_(test, body" in out
    assert "points: f8[n, d], centers: f8[k, d], tolerance: float" in out
    assert "1 while_loop" in out
    assert "1 graph for 4 sizes" in out and "different" not in out
    assert "graph / eager" in out


def test_demo_fails_where_the_graph_differs(capsys, monkeypatch):
    class Late(GraphFunction):
        def __call__(self, *arguments):
            centers, labels, rounds = super().__call__(*arguments)
            return centers, labels, rounds + (len(labels) == show.COMPARED[1][0])

    monkeypatch.setattr(show, "check", lambda f, inputs: testing.check(f, inputs, engines={"late": Late}))
    code, out, _ = run(capsys, "demo")
    assert code == 1
    results = [line.split()[-1] for line in out.splitlines() if line.startswith(("1797 ", "600 "))]
    assert results == ["same", "different"]


# -- graph


def test_graph_prints_the_graph(folder, capsys):
    code, out, err = run(capsys, "graph", "model.py:halve", "--arg", "x=f8[n]")
    assert (code, err) == (0, [])
    assert "graph(%x: f8[n], %limit: int[limit]):\n" in out
    assert "for_loop" in out and "model.py:" in out and out.count("graph(%") == 1


def test_graph_prints_the_graph_before_and_after_the_passes(folder, capsys):
    code, out, _ = run(capsys, "graph", "model.py:root", "--before", "--after", "--passes")
    assert code == 0 and out.count("graph(") == 2
    assert out.index("before the passes") < out.index("after the passes") < out.index("\nthe passes\n")
    lines = out.splitlines()
    header = next(number for number, line in enumerate(lines) if line.startswith("pass "))
    assert lines[header].split() == ["pass", "time", "nodes", "before", "after", "change"]
    assert lines[header + 1].startswith("fold_constants ")
    assert [line.split()[-2] for line in lines[header + 1:]] == [line.split()[-3] for line in lines[header + 2:]] + [
        lines[-1].split()[-2]]
    assert run(capsys, "graph", "model.py:root", "--passes")[1].splitlines()[1].startswith("pass ")


def test_graph_takes_text_for_text_and_types_for_types(folder, capsys):
    code, out, _ = run(capsys, "graph", "model.py:untold", "--arg", "x=f8[n, n + 1]", "--arg", "scale='f8'",
                       "--arg", "k=3")
    assert code == 0 and "f8[n, n + 1]" in out and "'f8'" in out


@pytest.mark.parametrize("name, begins", [
    ("f.svg", "<svg "), ("f.html", "<!DOCTYPE html>"), ("f.txt", "symbol n"), ("f.dot", "digraph {")])
def test_graph_draws_to_a_file(folder, capsys, name, begins):
    assert run(capsys, "graph", "model.py:halve", "--arg", "x=f8[n]", "-o", name) == (0, "", [])
    assert (folder / name).read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize("arguments, message", [
    (("model.py:halve", "--arg", "x=f8[n]", "-o", "f.png"), "f.png can be none of .svg, .html, .txt, .dot"),
    (("model.py:halve", "--arg", "x=f8[n]", "-o", "missing/f.svg"), "missing/f.svg cannot be written"),
    (("model.py:halve",), "nothing says what 'x' is"),
    (("model.py:halve", "--arg", "x=f8[n"), "x=f8[n is neither a Python value nor a type"),
])
def test_graph_says_what_cannot_be_done(folder, capsys, arguments, message):
    code, out, err = run(capsys, "graph", *arguments)
    assert (code, out) == (2, "") and message in err[0]


def test_graph_shows_a_refusal_whole(folder, capsys):
    code, out, err = run(capsys, "graph", "model.py:evaluates", "--arg", "x=f8[n]")
    assert (code, out) == (2, "")
    assert any("helper_beside.py:6" in line for line in err) and any("Fix:" in line for line in err)


# -- explain


def test_explain_says_why_each_trace_was_made(folder, capsys):
    code, out, err = run(capsys, "explain", "model.py:halve", "--arg", "x=f8[n]", "--arg", "limit=3",
                         "--sizes", "5,9,1,0")
    assert (code, err) == (0, [])
    lines = out.splitlines()
    assert lines[0] == "halve: 3 traces, nothing refused"
    made = [line.strip() for line in lines if "made for:" in line]
    assert made == ["made for: the first call", "made for: x is float64[1], and was float64[n]",
                    "made for: x is float64[0], and was float64[1]"]
    assert "    guard: helper_beside is helper_beside" in lines


# -- bench


def test_bench_prints_a_table(folder, capsys):
    code, out, err = run(capsys, "bench", "model.py:traced", "--arg", "x=f8[n]", "--sizes", "2,50", "--seconds", "0.01")
    assert (code, err) == (0, [])
    first, header, *rows = out.splitlines()
    assert first == "traced(x=f8[n]), 0.01 s each"
    words = "sizes eager spread graph spread graph / eager first call hit eager peak graph peak nodes"
    assert header.split() == words.split()
    assert [row.split()[0] for row in rows] == ["n=2", "n=50"]
    assert all(row.split()[-1] == "1" for row in rows)


def test_bench_gives_json(folder, capsys):
    code, out, err = run(capsys, "bench", "model.py:root", "--arg", "a=2.0", "--json", "--seconds", "0.01")
    assert (code, err) == (0, [])
    (found,) = json.loads(out)
    assert found["sizes"] == "" and found["nodes"] > 5
    assert found["eager"].keys() == found["graph"].keys() == {"median", "spread", "samples"}
    assert found["eager"]["median"] > 0 and found["first"] > found["hit"] > 0
    assert found["ratio"] == found["graph"]["median"] / found["eager"]["median"]


def test_bench_measures_memory(folder, capsys):
    _, out, _ = run(capsys, "bench", "model.py:traced", "--arg", "x=f8[n]", "--sizes", "10000", "--json",
                    "--seconds", "0.01")
    (found,) = json.loads(out)
    assert all(80_000 <= found[peak] < 90_000 for peak in ("eager_peak", "graph_peak"))


@pytest.mark.parametrize("arguments, message", [
    (("--sizes", "ten"), "'ten' is not like 10,1000"),
    (("--seconds", "0"), "'0' is not a positive number"),
    (("--arg", "x='text'"), "traced() raised TypeError"),
])
def test_bench_says_what_cannot_be_done(folder, capsys, arguments, message):
    code, out, err = run(capsys, "bench", "model.py:traced", "--arg", "x=f8[n]", *arguments)
    assert (code, out) == (2, "") and message in err[0]


# -- progress


def test_what_takes_long_is_told_on_standard_error(capsys, monkeypatch):
    monkeypatch.setattr(terminal, "PATIENCE", 0.01)
    with terminal.progress("thinking") as doing:
        time.sleep(0.2)
        doing("thinking again")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "tograph: thinking ...\ntograph: thinking again ...\n")


def test_what_is_quick_is_not(capsys):
    with terminal.progress("thinking") as doing:
        doing("thinking again")
    assert capsys.readouterr() == ("", "")


def test_progress_ends_where_an_exception_leaves_it(capsys, monkeypatch):
    monkeypatch.setattr(terminal, "PATIENCE", 0.05)
    with pytest.raises(ZeroDivisionError), terminal.progress("thinking"):
        raise ZeroDivisionError
    time.sleep(0.15)
    assert capsys.readouterr() == ("", "")
