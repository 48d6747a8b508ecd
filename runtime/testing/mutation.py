"""Random programs by mutation: a program of a collection is changed a few times, at random from a seed.

A program is the text of a module with the names ``program`` and ``inputs`` (see ``excerpt``).  A change takes a place
in one of its functions: an operator becomes another, a statement goes away or moves, a ``try`` or a generator is put
around statements, an expression goes through an object, and so on; ``mutation_templates`` has what is written there.
What comes out may raise, run on for ever or be no sense at all: it must do so in a graph too, or be refused.
"""

from __future__ import annotations

import ast
import builtins
import copy
import hashlib
import math
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from .excerpt import INPUTS, PROGRAM, bound, needed
from .loading import module_of
from .mutation_templates import ARGUMENTS, EXPRESSIONS, HELPERS, IMPORTS, STATEMENTS
from .mutation_templates import INPUTS as INPUT_LISTS

T = TypeVar("T")
_FUNCTIONS = (ast.FunctionDef, ast.Lambda, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")
_OPERATORS: tuple[tuple[type[ast.AST], ...], ...] = (
    (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.MatMult, ast.BitAnd, ast.BitOr, ast.BitXor),
    (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn),
    (ast.And, ast.Or),
    (ast.Not, ast.USub, ast.UAdd, ast.Invert),
)
_NUMBERS = (0, 1, -1, 2, 3, 0.0, -0.0, 0.5, -2.5, True, False, None, math.inf, 1e300)
_TEXTS = ("", "a", "sum", "{}", "%s")
_METHODS = (
    ("sum", "mean", "max", "min", "prod", "all", "any", "argmax", "cumsum", "std", "ptp"),
    ("append", "extend", "remove", "index", "count", "insert", "pop", "add", "discard", "appendleft", "popleft"),
    ("keys", "values", "items", "copy", "clear", "get", "setdefault", "update", "popitem"),
    ("upper", "lower", "strip", "split", "title", "join"),
    ("sin", "cos", "exp", "log", "sqrt", "abs", "floor", "isnan", "sign", "square"),
    ("add", "multiply", "subtract", "maximum", "divide", "hypot", "power"),
    ("zeros", "ones", "empty", "full", "arange", "array", "asarray", "zeros_like", "ones_like"),
    ("sort", "reverse", "argsort", "ravel", "flatten", "tolist", "reshape", "transpose", "squeeze"),
)


@dataclass(frozen=True)
class Mutant:
    """A changed program."""

    source: str

    def load(self) -> tuple[Callable[..., Any], list[tuple[Any, ...]]]:
        """The function and its arguments; raises whatever the text of the module raises."""
        module = module_of(self.source, "mutant")
        return vars(module)[PROGRAM], list(vars(module)[INPUTS]())

    def __str__(self) -> str:
        return self.source


def mutant_of(corpus: Sequence[str], seed: int) -> Mutant:
    """The mutant of one of ``corpus`` with this number; a text more in the corpus leaves nearly all as they are."""
    random = Random(seed)
    return mutate(_one_of(corpus, random), random, corpus)


def _one_of(texts: Sequence[str], random: Random) -> str:
    """One of ``texts``, whatever their order: that with the largest hash."""
    salt = random.random()
    return max(texts, key=lambda text: hashlib.sha1(f"{salt}{text}".encode()).digest())


def mutate(text: str, random: Random, others: Sequence[str] = (), changes: int | None = None) -> Mutant:
    """``text`` after ``changes`` changes (one to four); statements of ``others`` may be put into it."""
    module = ast.parse(text)
    done = 0
    wanted = random.choice((1, 1, 2, 2, 3, 4)) if changes is None else changes
    for _ in range(40 * wanted):
        tried = copy.deepcopy(module)
        work = _Work(tried, random, others)
        if work.change() and (source := _text(tried)) is not None:
            module, text, done = ast.parse(source), source, done + 1
            if done == wanted:
                break
    return Mutant(text)


def _text(module: ast.Module) -> str | None:
    """The text of a module, with the helpers and imports that it lacks; None where it is no Python."""
    present = {name for each in module.body for name in bound(each)}
    while missing := [name for name in HELPERS if name in _read(module) - present]:
        at = next((index for index, each in enumerate(module.body)
                   if isinstance(each, _FUNCTIONS)), len(module.body) - 2)
        module.body[at:at] = [each for name in missing for each in ast.parse(HELPERS[name]).body]
        present.update(missing)
    imports = dict.fromkeys(IMPORTS[name] for name in sorted(_read(module) - present) if name in IMPORTS)
    future = isinstance(module.body[0], ast.ImportFrom) and module.body[0].module == "__future__"
    module.body[future:future] = [each for line in imports for each in ast.parse(line).body]
    try:
        source = ast.unparse(ast.fix_missing_locations(module)) + "\n"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<mutant>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return source


def _read(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def _stored(nodes: Sequence[ast.AST]) -> set[str]:
    """The names that statements assign, those of functions and classes included."""
    found: set[str] = set()
    for node in (inner for each in nodes for inner in _own(each)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and node.name:
            found.add(node.name)
    return found


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """``node`` and the nodes in it, not those in inner functions and classes."""
    yield node
    if not isinstance(node, _FUNCTIONS):
        for child in ast.iter_child_nodes(node):
            yield from _own(child)


@dataclass
class _Slot:
    """A place of an expression."""

    parent: ast.AST
    field: str
    index: int | None

    def get(self) -> ast.expr:
        held = getattr(self.parent, self.field)
        return held if self.index is None else held[self.index]

    def set(self, value: ast.expr) -> None:
        if self.index is None:
            setattr(self.parent, self.field, value)
        else:
            getattr(self.parent, self.field)[self.index] = value


_NO_VALUES = {"annotation", "returns", "decorator_list", "format_spec", "target", "targets", "bases", "defaults", "cls"}
_KEEP = (ast.Starred, ast.Slice, ast.JoinedStr, ast.FormattedValue)


def _slots(node: ast.AST) -> Iterator[_Slot]:
    """The places in ``node`` whose expressions give a value, outer ones first."""
    for field, held in ast.iter_fields(node):
        if field in _NO_VALUES or isinstance(node, ast.pattern):
            continue
        for index, child in enumerate(held) if isinstance(held, list) else [(None, held)]:
            if not isinstance(child, ast.AST) or isinstance(getattr(child, "ctx", None), (ast.Store, ast.Del)):
                continue
            if isinstance(child, ast.expr) and not isinstance(child, _KEEP) and not isinstance(node, ast.JoinedStr):
                yield _Slot(node, field, index)
            if not isinstance(child, ast.ClassDef):
                yield from _slots(child)


class _Work:
    """One attempt to change a module."""

    def __init__(self, module: ast.Module, random: Random, others: Sequence[str]):
        self.module, self.random, self.others = module, random, others
        self.functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and _may_change(node)]
        self.inputs = next(each for each in module.body if INPUTS in bound(each))

    def change(self) -> bool:
        """Change one thing; False if the place or the change that was drawn is none."""
        changes: tuple[tuple[int, Callable[[], bool]], ...] = (
            (3, self.operator),
            (3, self.constant),
            (2, self.delete),
            (1, self.repeat),
            (2, self.move),
            (3, self.exchange),
            (2, self.rename),
            (1, self.method),
            (1, self.arguments),
            (1, self.display),
            (5, self.rewrite),
            (6, self.surround),
            (2, self.splice),
            (2, self.given),
        )
        if not self.functions:
            return self.given()
        sizes = [sum(1 for _ in ast.walk(each)) for each in self.functions]
        self.function = self.random.choices(self.functions, sizes)[0]
        (change,) = self.random.choices([each for _, each in changes], [weight for weight, _ in changes])
        return change()

    # What there is in the function

    def draw(self, things: Sequence[T]) -> T | None:
        """One of them, None if there are none."""
        return things[self.random.randrange(len(things))] if things else None

    def nodes(self, *kinds: type[ast.AST]) -> list[Any]:
        return [node for node in ast.walk(self.function) if isinstance(node, kinds)]

    def blocks(self) -> list[list[ast.stmt]]:
        found = [getattr(node, field, None) for node in ast.walk(self.function) for field in _BLOCKS]
        return [block for block in found if isinstance(block, list) and block]

    def place(self) -> tuple[list[ast.stmt], int]:
        """A block and a position in it; statements have the same chance."""
        blocks = self.blocks()
        block = self.random.choices(blocks, [len(block) for block in blocks])[0]
        return block, self.random.randrange(len(block))

    def expressions(self) -> list[_Slot]:
        return list(_slots(self.function))

    def variables(self) -> list[str]:
        """The names that the function has, parameters first."""
        given = self.function.args
        parameters = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        return parameters + sorted(_stored(self.function.body) - set(parameters))

    def variable(self) -> str:
        return self.draw(self.variables()) or "new"

    def expression(self) -> ast.expr:
        """A copy of an expression of the function, not too large a one."""
        slots = [slot for slot in self.expressions() if sum(1 for _ in ast.walk(slot.get())) < 12]
        slot = self.draw(slots)
        return copy.deepcopy(slot.get()) if slot and self.random.random() < 0.8 else ast.Constant(self.draw(_NUMBERS))

    def condition(self) -> ast.expr:
        tests = [node.test for node in self.nodes(ast.If, ast.While, ast.IfExp)] + self.nodes(ast.Compare)
        return copy.deepcopy(self.draw(tests)) or ast.Name(self.variable(), ast.Load())

    # Small changes

    def operator(self) -> bool:
        """``+`` becomes ``-``, ``<`` becomes ``in``, and the like."""
        node = self.draw(self.nodes(ast.BinOp, ast.AugAssign, ast.BoolOp, ast.UnaryOp, ast.Compare))
        if node is None:
            return False
        old = node.ops[0] if isinstance(node, ast.Compare) else node.op
        new = next((self.draw(group) for group in _OPERATORS if type(old) in group), None)
        if new is None or type(old) is new:
            return False
        made: Any = new()
        if isinstance(node, ast.Compare):
            node.ops[0] = made
        else:
            node.op = made
        return True

    def constant(self) -> bool:
        """A number or a text becomes another."""
        constants = [node for node in self.nodes(ast.Constant) if node.value is not ...]
        node = self.draw(constants)
        if node is None:
            return False
        before = node.value
        if isinstance(before, str):
            node.value = self.draw(_TEXTS)
        elif isinstance(before, int) and self.random.random() < 0.4:
            node.value = before + self.random.choice((-1, 1))
        else:
            node.value = self.draw(_NUMBERS)    # infinity is written 1e309
        return True

    def delete(self) -> bool:
        """A statement goes away."""
        block, position = self.place()
        if len(block) == 1:
            block[0] = ast.Pass()
        else:
            del block[position]
        return True

    def repeat(self) -> bool:
        """A statement stands there twice."""
        block, position = self.place()
        block.insert(position, copy.deepcopy(block[position]))
        return True

    def move(self) -> bool:
        """Two neighbours change places, or a statement goes to another block."""
        block, position = self.place()
        if position and self.random.random() < 0.6:
            block[position - 1 : position + 1] = block[position], block[position - 1]
            return True
        other, there = self.place()
        statement = block[position]
        if len(block) == 1 or other is block or any(node is statement for each in other for node in ast.walk(each)):
            return False
        if any(held is other for node in ast.walk(statement) for held in vars(node).values()):
            return False
        del block[position]
        other.insert(there, statement)
        return True

    def exchange(self) -> bool:
        """An expression becomes another one of the function."""
        slot = self.draw(self.expressions())
        if slot is None:
            return False
        slot.set(self.expression())
        return True

    def rename(self) -> bool:
        """A variable becomes another, where it is read or assigned."""
        node = self.draw([node for node in self.nodes(ast.Name) if node.id in self.variables()])
        if node is None:
            return False
        node.id = self.variable()
        return True

    def method(self) -> bool:
        """A function or method becomes a related one."""
        node = self.draw([node for node in self.nodes(ast.Attribute) if isinstance(node.ctx, ast.Load)])
        related = self.draw([group for group in _METHODS if node is not None and node.attr in group])
        if node is None or related is None:
            return False
        node.attr = self.draw(related)
        return True

    def arguments(self) -> bool:
        """A call loses or gets an argument, or gives one by another way."""
        call = self.draw(self.nodes(ast.Call))
        if call is None:
            return False
        change = self.random.randrange(6)
        if change == 0 and call.args:
            call.args.pop()
        elif change == 1 and call.keywords:
            call.keywords.pop()
        elif change == 2:
            call.args.append(self.expression())
        elif change == 3 and call.args:
            call.args = [ast.Starred(ast.Tuple(call.args, ast.Load()), ast.Load())]
        elif change == 4 and all(each.arg for each in call.keywords) and call.keywords:
            given = ast.Dict([ast.Constant(each.arg) for each in call.keywords], [each.value for each in call.keywords])
            call.keywords = [ast.keyword(None, given)]
        elif change == 5 and len(call.args) > 1:
            call.args.reverse()
        else:
            name, value = self.random.choice((("axis", 0), ("axis", -1), ("dtype", "f4"), ("out", None), ("key", None),
                                              ("keepdims", True), ("default", 0), ("x", 1), ("reverse", True)))
            call.keywords.append(ast.keyword(name, ast.Constant(value)))
        return True

    def display(self) -> bool:
        """A list becomes a tuple, a set or a deque, and the other way round."""
        slots = [slot for slot in self.expressions() if isinstance(slot.get(), (ast.List, ast.Tuple, ast.Set))]
        slot = self.draw(slots)
        if slot is None:
            return False
        items: list[ast.expr] = getattr(slot.get(), "elts")  # noqa: B009 - one of three classes
        kind = self.random.randrange(5)
        if kind == 0:
            slot.set(ast.List(items, ast.Load()))
        elif kind == 1:
            slot.set(ast.Tuple(items, ast.Load()))
        elif kind == 2 and items:
            slot.set(ast.Set(items))
        else:
            name = "deque" if kind == 3 else self.random.choice(("list", "tuple", "iter", "frozenset", "sorted"))
            slot.set(ast.Call(ast.Name(name, ast.Load()), [ast.List(items, ast.Load())], []))
        return True

    # Pieces with holes

    def rewrite(self) -> bool:
        """An expression goes through a piece."""
        slot = self.draw(self.expressions())
        if slot is None:
            return False
        piece = ast.parse(self.random.choice(EXPRESSIONS), mode="eval")
        self.fill(piece, slot.get(), [])
        slot.set(piece.body)
        return True

    def surround(self) -> bool:
        """A piece stands around some statements, or in front of one."""
        block, position = self.place()
        text = self.random.choice(STATEMENTS)
        piece = ast.parse(text)
        taken = 0
        if re.search(r"^\s*S$", text, re.MULTILINE):
            taken = 1 + self.random.randrange(3)
        held = block[position : position + taken]
        self.fill(piece, self.expression(), held)
        block[position : position + taken] = piece.body
        return True

    def fill(self, piece: ast.AST, value: ast.expr, held: list[ast.stmt]) -> None:
        """Fill the holes of a piece; all of one name alike, but for ``S`` and ``E``, whose copies are apart."""
        other, test, variable = self.expression(), self.condition(), self.variable()
        number = str(self.random.randrange(1000))
        shared = sorted(_stored(held) & _stored([*self.function.body]) | {variable} & set(self.variables()))

        class Fill(ast.NodeTransformer):
            def visit_Expr(self, node: ast.Expr) -> Any:
                if isinstance(node.value, ast.Name) and node.value.id == "S":
                    return copy.deepcopy(held) or [ast.Pass()]
                return self.generic_visit(node)

            def visit_Name(self, node: ast.Name) -> ast.expr:
                if isinstance(node.ctx, ast.Load) and node.id in ("E", "F", "C"):
                    return copy.deepcopy({"E": value, "F": other, "C": test}[node.id])
                return ast.Name(named(node.id), node.ctx)

            def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
                return ast.Nonlocal(shared) if shared else ast.Pass()

            def generic_visit(self, node: Any) -> Any:
                for field in ("name", "arg", "rest", "asname"):
                    if isinstance(getattr(node, field, None), str):
                        setattr(node, field, named(getattr(node, field)))
                if isinstance(node, ast.Global):
                    node.names = [named(name) for name in node.names]
                return super().generic_visit(node)

        def named(name: str) -> str:
            return variable if name == "V" else name + number if name.endswith("_") and name != "_" else name

        Fill().visit(piece)

    # Other programs, and the arguments

    def splice(self) -> bool:
        """Statements of another program, over the variables of this one."""
        if not self.others:
            return False
        module = ast.parse(_one_of(self.others, self.random))
        functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
        blocks = [getattr(node, field) for function in functions for node in ast.walk(function) for field in _BLOCKS
                  if isinstance(getattr(node, field, None), list) and getattr(node, field)]
        block = self.draw(blocks)
        if block is None:
            return False
        first = self.random.randrange(len(block))
        taken = block[first : first + 1 + self.random.randrange(3)]
        mine = {name for each in self.module.body for name in bound(each)}
        theirs = {name for each in module.body for name in bound(each)}
        used = {name for each in taken for name in _read(each)}
        brought = needed(module.body, used & theirs - mine)
        known = _stored(taken) | mine | theirs | set(dir(builtins))
        other_names = {name: self.variable() for name in sorted(used - known)}
        for each in taken:
            for node in ast.walk(each):
                if isinstance(node, ast.Name):
                    node.id = other_names.get(node.id, node.id)
        here, position = self.place()
        here[position:position] = taken
        at = next(index for index, each in enumerate(self.module.body) if isinstance(each, (*_FUNCTIONS, ast.Assign)))
        self.module.body[at:at] = [each for each in brought if not bound(each) & mine
                                   and getattr(each, "module", "") != "__future__"]
        return True

    def given(self) -> bool:
        """The arguments are others: of another kind or size, one array for two, with other values."""
        statement = self.inputs
        if not isinstance(statement, ast.Assign):
            return False
        if self.random.random() < 0.3:
            piece = ast.parse(self.random.choice(INPUT_LISTS), mode="eval").body

            class Fill(ast.NodeTransformer):
                def visit_Name(self, node: ast.Name) -> ast.expr:
                    return statement.value if node.id == "E" else node

            no_arguments = ast.arguments([], [], None, [], [], None, [])
            statement.value = ast.Lambda(no_arguments, Fill().visit(piece))
            return True
        tuples = [node for node in ast.walk(statement) if isinstance(node, ast.Tuple) and node.elts
                  and isinstance(node.ctx, ast.Load)]
        chosen = self.draw(tuples)
        if chosen is None:
            return False
        index = self.random.randrange(len(chosen.elts))
        if isinstance(chosen.elts[index], ast.Starred):
            return False
        piece = ast.parse(self.random.choice(ARGUMENTS), mode="eval")
        value, other = chosen.elts[index], self.random.choice(chosen.elts)

        class Put(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.expr:
                return copy.deepcopy({"E": value, "F": other}.get(node.id, node))

        chosen.elts[index] = Put().visit(piece).body
        return True


def _may_change(function: ast.FunctionDef) -> bool:
    """Whether what a function gives is declared nowhere, as it is for those that ``py_func`` calls."""
    return not any("py_func" in ast.unparse(each) for each in function.decorator_list) and function.name != INPUTS
