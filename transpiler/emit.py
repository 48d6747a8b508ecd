"""Prints a syntax tree as Python that reads well, and says which of the user's lines each printed line comes from.

``astunparse`` walks the statements; expressions are left to ``ast.unparse``, which knows precedence and every escape.
What is printed parses back to the tree that was given.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from astunparse import Unparser


@dataclass(frozen=True, slots=True)
class Printed:
    """Python text, and for its lines (from 1) the lines of the tree they were made from."""

    text: str
    lines: Mapping[int, int]

    def with_user_lines(self) -> str:
        """Return the text with the user's line behind each statement's first line, as a comment ``# 12``.

        A line that ends inside a string gets none.
        """
        closed = _lines_outside_strings(self.text)
        texts = self.text.splitlines()
        marked = {number: f"  # {line}" for number, line in self.lines.items() if number in closed}
        width = max((len(texts[number - 1]) for number in marked), default=0)
        return "".join(
            f"{text:{width}}{marked[number]}\n" if number in marked else f"{text}\n"
            for number, text in enumerate(texts, 1)
        )


def emit(tree: ast.AST) -> Printed:
    """Return ``tree``, made of ``ast`` nodes, as text.  Raises NotImplementedError for an unknown statement."""
    printer = _Printer(tree)
    return Printed(printer.text, printer.lines)


class _Printer(Unparser):
    """Overrides what astunparse 1.6 prints wrongly or does not know, and notes where lines come from."""

    def __init__(self, tree: ast.AST) -> None:
        self.lines: dict[int, int] = {}
        self._line = 0
        self._user_line: int | None = None
        out = io.StringIO()
        super().__init__(tree, out)
        self.text = out.getvalue().removeprefix("\n")

    def write(self, text: str) -> None:
        self._line += text.count("\n")
        super().write(text)

    def fill(self, text: str = "") -> None:
        self.write("\n" + "    " * self._indent)
        if self._user_line is not None:
            self.lines[self._line] = self._user_line
        self.write(text)

    def dispatch(self, tree: Any) -> None:
        if isinstance(tree, ast.expr | ast.pattern | ast.arguments | ast.keyword | ast.type_ignore):
            self.write(ast.unparse(tree))
        elif isinstance(tree, list) or not hasattr(tree, "lineno"):
            super().dispatch(tree)
        else:
            outer, self._user_line = self._user_line, tree.lineno
            self._dispatch_known(tree)
            self._user_line = outer

    def _dispatch_known(self, tree: ast.AST) -> None:
        if not hasattr(self, "_" + type(tree).__name__):
            raise NotImplementedError(f"cannot print {type(tree).__name__}")
        super().dispatch(tree)

    def _separated(self, items: Sequence[ast.AST]) -> None:
        self.write(", ".join(map(ast.unparse, items)))

    def _suite(self, opening: str, body: Sequence[ast.stmt]) -> None:
        self.fill(opening)
        self.enter()
        self.dispatch(body)
        self.leave()

    def _body(self, tree: Any) -> None:
        """Print the body of a module, class or function: its first string is its documentation."""
        documented = ast.get_docstring(tree, clean=False) is not None and tree.body[0].value.kind is None
        if documented:
            statement = tree.body[0]
            outer, self._user_line = self._user_line, statement.lineno
            self.fill(_docstring(statement.value.value))
            self._user_line = outer
        self.dispatch(tree.body[documented:])

    def _Module(self, tree: ast.Module) -> None:
        self._body(tree)

    def _definition(self, tree: Any, opening: str, in_parentheses: Callable[[], None] | None) -> None:
        for decorator in tree.decorator_list:
            self._user_line = decorator.lineno
            self.fill("@")
            self.dispatch(decorator)
        self._user_line = tree.lineno
        self.fill(opening + tree.name)
        if parameters := getattr(tree, "type_params", None):
            self.write("[")
            self._separated(parameters)
            self.write("]")
        if in_parentheses:
            self.write("(")
            in_parentheses()
            self.write(")")
        if getattr(tree, "returns", None):
            self.write(" -> ")
            self.dispatch(tree.returns)
        self.enter()
        self._body(tree)
        self.leave()

    def _FunctionDef(self, tree: ast.FunctionDef) -> None:
        self._definition(tree, "def ", lambda: self.dispatch(tree.args))

    def _AsyncFunctionDef(self, tree: ast.AsyncFunctionDef) -> None:
        self._definition(tree, "async def ", lambda: self.dispatch(tree.args))

    def _ClassDef(self, tree: ast.ClassDef) -> None:
        bases = [*tree.bases, *tree.keywords]
        self._definition(tree, "class ", (lambda: self._separated(bases)) if bases else None)

    def _If(self, tree: ast.If) -> None:
        self._suite(f"if {ast.unparse(tree.test)}", tree.body)
        while len(tree.orelse) == 1 and isinstance(tree.orelse[0], ast.If):
            tree = tree.orelse[0]
            self._user_line = tree.lineno
            self._suite(f"elif {ast.unparse(tree.test)}", tree.body)
        if tree.orelse:
            self._suite("else", tree.orelse)

    def _Match(self, tree: ast.Match) -> None:
        self.fill("match ")
        self.dispatch(tree.subject)
        self.enter()
        for case in tree.cases:
            self._user_line = case.pattern.lineno
            guard = f" if {ast.unparse(case.guard)}" if case.guard else ""
            self._suite(f"case {ast.unparse(case.pattern)}{guard}", case.body)
        self.leave()

    def _TryStar(self, tree: ast.TryStar) -> None:
        self._suite("try", tree.body)
        for handler in tree.handlers:
            assert handler.type is not None   # the grammar asks for it behind `except*`
            name = f" as {handler.name}" if handler.name else ""
            self._suite(f"except* {ast.unparse(handler.type)}{name}", handler.body)
        for opening, body in (("else", tree.orelse), ("finally", tree.finalbody)):
            if body:
                self._suite(opening, body)

    def _TypeAlias(self, tree: ast.AST) -> None:
        self.fill(ast.unparse(tree))


def _docstring(value: str) -> str:
    """Return a string in triple quotes over several lines, or as ``repr`` shows it where that is not the same."""
    text = '"""' + value.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') + '"""'
    plain = all(letter.isprintable() or letter == "\n" for letter in value)
    return text if plain and not value.endswith('"') else repr(value)


def _lines_outside_strings(text: str) -> set[int]:
    """Return the lines that end outside any string, so that a comment can stand there."""
    inside: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.expr):
            inside.update(range(node.lineno, node.end_lineno or node.lineno))
    return set(range(1, text.count("\n") + 2)) - inside
