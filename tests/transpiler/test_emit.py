"""What is printed parses back to the same tree, and each line knows where it came from."""

import ast
import sys
import sysconfig
from pathlib import Path

import pytest

from tograph.transpiler.emit import emit

SNIPPETS = [
    "x[:, 0]", "x[..., 1:]", "x[1:2, ::3]", "x[(1, 2)]", "x[1,]", "x[()]", "x[*y]", "x[*y, 1:]", "x[a:b]",
    "x[(a, b):c]",
    "(1).real", "1.0.real", "1j.imag", "-1 ** 2", "(-1) ** 2", "not (a and b) or c", "a < (b < c)", "(a, b) < c",
    "lambda: (yield)", "lambda x, /, y=1, *z, k, m=2, **n: x", "(x := 1)", "f((x := 1), y=(z := 2))", "[x := 1, 2]",
    "f(*a, *b, k=1, **c)", "f(x for x in y)", "f((x for x in y), 1)", "{**a, 'b': 1}", "{*a, *b}", "{}", "(1,)", "()",
    "1e400", "-1e400", "1e400j", "0x7fffffffffffffffffffffff", "...", "b'\\x00\\xff'", "'\\r\\n\\x00\\x0c'",
    "'\\ud800'",
    "u'kind'", "f'{x!r:>{width}.{p}}'", "f'{{}}{x}\\n'", "f'''{x}\"'\n'''", "f'{x=}'", "f'{\"a\" \"b\"}'",
    "f''", "'a' f'{b}' 'c'",
    "f'\\r\\n{x}'", "f\"{d['k']}'\"", "f'{x:%Y-%m}'", "f'{(lambda: 1)()}'", "f'{ {1: 2} }'",
    "a if b else c if d else e", "(a if b else c) if d else e", "[a for a in b if c if d for e in f]",
    "~-+x", "a @ b @ c",
    "a, b = c", "a, *b = c", "[a, *b] = c", "a = b = c", "a.b[c]: int = 1", "(a): int = 1", "a: int",
    "x @= y", "x //= y, z",
    "del a, b[0], (c, d)", "return", "return a, *b", "raise", "raise a from b", "assert a, (b, c)", "global a, b",
    "pass", "import a.b as c, d", "from . import a", "from .. import (a as b)", "from a import *",
    "for a, b in c, d:\n pass\nelse:\n pass", "for x in *a, b: pass", "while a:\n break\nelse:\n continue",
    "if a:\n pass\nelif b:\n pass\nelif c:\n pass\nelse:\n pass", "if a:\n pass\nelse:\n if b:\n  pass\n x",
    "with a as b, c as (d, e): pass", "with (a, b): pass", "with (a, b) as c: pass", "with (yield): pass",
    "try:\n a\nexcept (b, c) as d:\n e\nexcept:\n f\nelse:\n g\nfinally:\n h", "try:\n a\nfinally:\n b",
    "try:\n a\nexcept* b as c:\n d\nexcept* e:\n f\nelse:\n g\nfinally:\n h",
    "match a:\n case [1, *_, {'k': b, **c}] if d:\n  e\n case A(b, c=-1) | None as f:\n  g\n case _:\n  h",
    "async def f():\n async for a in b: await c\n async with d as e: pass\n return [x async for x in y]",
    "@a\n@b.c(1)\ndef f(x: int, /, y=1, *z: 'no', k: int=2, **m) -> int:\n 'text'\n return x",
    "class A: pass", "class A(B, *c, k=1, **d):\n 'text'\n x = 1", "@a\nclass A(): pass",
    "def f():\n '''one\n\n    two \\\\ \\t \"\"\" three'''\n 'not documentation'",
    "def f(): 'ends in a quote\"'", "def f(): '\\n'",
    "def f(): 'a\\rb'", "def f(): b'no documentation'", "def f():\n f'{no} documentation'", "'text'\n'more'", "",
    "nonlocal_ = 1; other = 2", "print((yield))", "x = yield", "x = yield y, z", "x += yield", "(yield from a)",
]  # fmt: skip
SINCE_312 = [
    "type X = int", "type X[T: int, *U, **V] = list[T]", "def f[T](x: T) -> T: pass", "async def f[T](): pass",
    "class A[T: (int, str)](B): pass", "class A[T]: pass", "f'{x + f\"{y[\"a\"]}\"}'",
]  # fmt: skip
SINCE_313 = ["type X[T = int, *U = *tuple[int], **V = [int]] = T", "def f[T = int](x: T): pass"]
SYNTAX = [
    *SNIPPETS,
    *(SINCE_312 if sys.version_info >= (3, 12) else []),
    *(SINCE_313 if sys.version_info >= (3, 13) else []),
]


def assert_parses_back(tree: ast.AST) -> None:
    printed = emit(tree)
    assert ast.dump(ast.parse(printed.text)) == ast.dump(tree), printed.text
    assert ast.dump(ast.parse(printed.with_user_lines())) == ast.dump(tree)


@pytest.mark.parametrize("text", SYNTAX)
def test_parses_back(text):
    assert_parses_back(ast.parse(text))


STANDARD_LIBRARY = sorted(
    file for file in Path(sysconfig.get_paths()["stdlib"]).rglob("*.py") if "site-packages" not in file.parts
)


def assert_file_parses_back(file: Path) -> None:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return   # the tests of Python itself hold files that are wrong on purpose
    assert_parses_back(tree)


def test_two_hundred_files_of_the_standard_library_parse_back():
    small = [file for file in STANDARD_LIBRARY if file.stat().st_size < 10_000]
    for file in small[:: len(small) // 200]:
        assert_file_parses_back(file)


@pytest.mark.fuzz
@pytest.mark.parametrize("file", STANDARD_LIBRARY, ids=str)
def test_the_standard_library_parses_back(file):
    assert_file_parses_back(file)


PROGRAM = '''\
@first
@second
def f(a, b):
    """One.

    Two.
    """

    x = (a +
         b)
    if x:
        y = """text
over lines"""

    elif a:
        y = 1; z = 2
    else:
        y = f"""{x}
"""
    try:
        pass
    except E:
        return x
    return (
        y
    )
'''

PRINTED = '''\
@first                          # 1
@second                         # 2
def f(a, b):                    # 3
    """One.

    Two.
    """
    x = a + b                   # 9
    if x:                       # 11
        y = 'text\\nover lines'  # 12
    elif a:                     # 15
        y = 1                   # 16
        z = 2                   # 16
    else:                       # 15
        y = f'{x}\\n'            # 18
    try:                        # 20
        pass                    # 21
    except E:                   # 22
        return x                # 23
    return y                    # 24
'''


def test_prints_readable_text_with_the_users_lines():
    printed = emit(ast.parse(PROGRAM))
    assert printed.with_user_lines() == PRINTED


def test_comments_stand_in_one_column():
    printed = emit(ast.parse("x = 1\nif x:\n\n    pass"))
    assert printed.with_user_lines() == "x = 1     # 1\nif x:     # 2\n    pass  # 4\n"
    assert printed.text == "x = 1\nif x:\n    pass\n"
    assert printed.lines == {1: 1, 2: 2, 3: 4}


def test_each_printed_statement_knows_its_line():
    tree = ast.parse(PROGRAM)
    printed = emit(tree)
    given = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    parsed = [node for node in ast.walk(ast.parse(printed.text)) if isinstance(node, ast.stmt)]
    assert [printed.lines[node.lineno] for node in parsed] == [node.lineno for node in given]


def test_an_unknown_statement_is_refused():
    class Unknown(ast.stmt):
        lineno = 1

    with pytest.raises(NotImplementedError, match="Unknown"):
        emit(ast.Module([Unknown()], []))
