"""Random expressions over plain NumPy, typed so that most programs run without an exception.

A ``Kind`` is what the writer knows of a value: Python or NumPy scalar, or an array of floats or ints with symbolic
sizes. Every choice goes through one ``random.Random``; where the choices come from Hypothesis, zero is the
simplest one, so the first option of each list is the smallest program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """A kind of value: ``name`` is Python's, or "f" and "i" for NumPy's; ``shape`` is None for scalars."""

    name: str
    shape: tuple[str, ...] | None = None


INT, FLOAT, BOOL, F, I = Kind("int"), Kind("float"), Kind("bool"), Kind("f"), Kind("i")  # noqa: E741
NUMBER = Kind("number")         # an int, a float or a NumPy scalar, depending on the way here
LIST, DICT, SET = Kind("list"), Kind("dict"), Kind("set")
NUMBERS = Kind("numbers")       # a list of numbers alone
OBJECT, FUNCTION = Kind("object"), Kind("function")     # a ``Running``, and a function of one number
SCALARS = (INT, FLOAT, F, I, NUMBER)
VECTOR, INTS, MATRIX = Kind("f", ("n",)), Kind("i", ("n",)), Kind("f", ("p", "n"))
SHORTER, RAGGED = Kind("f", ("n-1",)), Kind("f", ("?",))    # RAGGED: a length known only when it runs


class Expressions:
    """Writes expressions over the names in ``kinds``; ``touched`` tells whether the last one reads array data."""

    def __init__(self, random: Random):
        self.random = random
        self.kinds: dict[str, Kind] = {}
        self.data: set[str] = set()
        self.indices: dict[str, str] = {}    # loop variables that are valid indices, with the size they run over
        self.touched = False
        self.features: set[str] = set()

    def chance(self, percent: int) -> bool:
        """True in ``percent`` of the cases."""
        return self.random.randrange(100) >= 100 - percent

    def choose(self, options: Sequence[T]) -> T:
        """One of ``options``, the first being the simplest."""
        return options[self.random.randrange(len(options))]

    def among(self, *options: tuple[int, Callable[[], T]]) -> T:
        """What one of the functions gives, chosen by weight."""
        rest = self.random.randrange(sum(weight for weight, _ in options))
        for weight, option in options:
            if rest < weight:
                return option()
            rest -= weight
        raise AssertionError("the weights were summed wrongly")

    def names(self, *kinds: Kind) -> list[str]:
        """The names that hold one of ``kinds``."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def read(self, name: str) -> str:
        """``name``, noting that array data may flow from it."""
        kind = self.kinds[name]
        self.touched |= name in self.data or kind.shape is not None
        return name

    # Scalars

    def scalar(self, depth: int = 2) -> tuple[str, Kind]:
        """A number of any kind."""
        kind = self.choose((INT, F, FLOAT, F, NUMBER, I))
        if kind == I and not self.names(INTS):
            kind = F
        if kind == NUMBER:
            return self.number(depth)
        return self.of(kind, depth), kind

    def of(self, kind: Kind, depth: int = 2) -> str:
        """An expression of exactly ``kind``."""
        if kind.shape is not None:
            return self.array(kind, depth)
        writers = {INT: self.int, FLOAT: self.float, BOOL: self.condition, F: self.numpy_float, I: self.numpy_int}
        return writers[kind](depth) if kind in writers else self.number(depth)[0]

    def number(self, depth: int) -> tuple[str, Kind]:
        """A number that mixes kinds: what it is depends on NumPy's rules of promotion."""
        known = self.names(NUMBER)
        sources = self.names(OBJECT, FUNCTION, NUMBERS)
        if sources and depth > 0 and self.chance(40):
            left = self.given(self.choose(sources))
        elif known and self.chance(60):
            left = self.read(self.choose(known))
        else:
            left = self.scalar(depth - 1)[0] if depth else "1"
        right = self.numpy_float(depth - 1) if self.chance(60) else self.float(depth - 1)
        operation = self.choose(("+", "-", "* 0.5 +", "* 0.25 -"))
        return f"({left} {operation} {right})", NUMBER

    def given(self, name: str) -> str:
        """A number that an object, a function or a list of numbers gives."""
        self.touched = True
        if self.kinds[name] == FUNCTION:
            return f"{name}({self.numpy_float(0)})"
        if self.kinds[name] == OBJECT:
            return f"{name}.{self.choose(('total', 'mean', 'total', 'count'))}"
        return self.choose((f"sum({name})", f"len({name})", f"max({name}, default=0.5)", f"({name} or [1.5])[-1]"))

    def int(self, depth: int) -> str:
        """A Python int of moderate size."""
        known = self.names(INT)
        leaf = [(2, lambda: str(self.random.randrange(6)))]
        leaf += [(5, lambda: self.read(self.choose(known)))] if known else []
        leaf += [(1, lambda: self.size("n"))]
        if depth <= 0:
            return self.among(*leaf)
        below = depth - 1
        return self.among(
            *leaf,
            (2, lambda: f"({self.int(below)} {self.choose('+-')} {self.int(below)})"),
            (1, lambda: f"({self.int(below)} * {self.int(below)} % 17)"),
            (1, lambda: f"({self.int(below)} {self.choose(('//', '%'))} {self.choose('2357')})"),
            (1, lambda: f"{self.choose(('min', 'max'))}({self.int(below)}, {self.int(below)})"),
            (1, lambda: f"abs({self.int(below)})"),
            (1, lambda: f"({self.int(below)} if {self.condition(below)} else {self.int(below)})"),
            (1, lambda: f"int({self.numpy_int(below)} % 5)"),
            (1, lambda: f"int({self.condition(below)})"),
        )

    def float(self, depth: int) -> str:
        """A Python float."""
        known = self.names(FLOAT)
        leaf = [(2, lambda: self.choose(("1.0", "0.5", "-2.0", "0.0", "0.1")))]
        leaf += [(5, lambda: self.read(self.choose(known)))] if known else []
        if depth <= 0:
            return self.among(*leaf)
        below = depth - 1
        return self.among(
            *leaf,
            (2, lambda: f"({self.float(below)} {self.choose('+-*')} {self.float(below)})"),
            (1, lambda: f"{self.float(below)} / ({self.int(below)} % 7 + 1)"),
            (1, lambda: f"math.sqrt(abs({self.float(below)}))"),
            (1, lambda: f"float({self.numpy_float(below)})"),
            (1, lambda: f"({self.float(below)} if {self.condition(below)} else {self.float(below)})"),
            (1, lambda: f"{self.choose(('min', 'max'))}({self.float(below)}, {self.float(below)})"),
        )

    def numpy_float(self, depth: int) -> str:
        """A NumPy float scalar."""
        known = self.names(F)
        leaf = [(3, self.element)]
        leaf += [(5, lambda: self.read(self.choose(known)))] if known else []
        if depth <= 0:
            return self.among(*leaf)
        below = depth - 1
        return self.among(
            *leaf,
            (2, lambda: f"({self.numpy_float(below)} {self.choose('+-*/')} {self.numpy_float(below)})"),
            (1, lambda: f"({self.numpy_float(below)} {self.choose('+-*')} {self.float(below)})"),
            (2, lambda: f"{self.array(VECTOR, below)}.{self.choose(('sum()', 'max()', 'min()', 'mean()'))}"),
            (1, lambda: f"np.dot({self.array(VECTOR, 0)}, {self.array(VECTOR, below)})"),
            (1, lambda: f"{self.array(RAGGED, 0)}.sum()"),
            (1, lambda: f"np.sqrt(np.abs({self.numpy_float(below)}))"),
            (1, lambda: f"np.float64({self.float(below)})"),
            (1, lambda: f"{self.numpy_float(below)} ** 2"),
        )

    def numpy_int(self, depth: int) -> str:
        """A NumPy int scalar."""
        known = self.names(I)
        options = [(2, lambda: f"np.argmax({self.array(VECTOR, 0)})")]
        options += [(4, lambda: self.read(self.choose(known)))] if known else []
        if self.names(INTS):
            options += [
                (4, lambda: f"{(name := self.choose(self.names(INTS)))}[{self.index(name)}]"),
                (1, lambda: f"{self.array(INTS, 0)}.sum()"),
            ]
        if depth > 0:
            options += [(1, lambda: f"({self.numpy_int(depth - 1)} {self.choose('+-')} {self.int(depth - 1)})")]
        text = self.among(*options)
        self.touched = True
        return text

    def element(self) -> str:
        """One element of an array of floats."""
        name = self.choose(self.names(VECTOR, MATRIX, SHORTER))
        self.touched = True
        if self.kinds[name] == MATRIX:
            return f"{name}[{self.index(name)}, {self.index(name, 1)}]"
        return f"{name}[{self.index(name)}]"

    def index(self, name: str, axis: int = 0) -> str:
        """An index along one axis of the array ``name``; rarely one that may be out of bounds."""
        kind = self.kinds[name]
        assert kind.shape is not None
        size = f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
        valid = [index for index, over in self.indices.items() if over == kind.shape[axis]]
        options = [(3, lambda: self.choose(("0", "-1")))]
        options += [(8, lambda: self.choose(valid)), (2, lambda: f"{self.choose(valid)} - 1")] if valid else []
        options += [(2, lambda: f"{self.int(1)} % {size}"), (2, lambda: f"{self.numpy_int(0)} % {size}")]
        if self.chance(1):
            return self.int(0)
        return self.among(*options)

    def size(self, symbol: str) -> str:
        """The length that ``symbol`` stands for."""
        for name, kind in self.kinds.items():
            if kind.shape and symbol in kind.shape:
                axis = kind.shape.index(symbol)
                return f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
        return f"{self.size('n')} - 1"

    def condition(self, depth: int = 2) -> str:
        """A truth value."""
        known = self.names(BOOL)
        options = [
            (6, lambda: f"{self.numpy_float(depth - 1)} {self.choose('><')} {self.float(depth - 1)}"),
            (2, lambda: f"{self.int(depth - 1)} {self.choose(('>', '<', '==', '!=', '<='))} {self.int(depth - 1)}"),
            (1, lambda: f"{self.scalar(depth - 1)[0]} >= {self.scalar(depth - 1)[0]}"),
        ]
        options += [(2, lambda: self.read(self.choose(known)))] if known else []
        if depth > 0:
            below = depth - 1
            options += [
                (1, lambda: f"{self.float(0)} <= {self.numpy_float(below)} < {self.float(below)}"),
                (1, lambda: f"({self.condition(below)} {self.choose(('and', 'or'))} {self.condition(below)})"),
                (1, lambda: f"not ({self.condition(below)})"),
                (1, lambda: f"np.{self.choose(('any', 'all'))}({self.array(VECTOR, below)} > {self.float(below)})"),
                (1, lambda: f"{self.int(below)} in (1, 2, 3)"),
            ]
        return self.among(*options)

    # Arrays

    def array(self, kind: Kind, depth: int) -> str:
        """An array of ``kind``; one of the names, a view, or computed."""
        self.touched = True
        if kind == RAGGED:
            return self.ragged(depth)
        names = self.names(kind)
        options = [(6, lambda: self.choose(names))] if names else []
        if kind == SHORTER:
            options += [(4, lambda: self.choose(self.names(VECTOR)) + self.choose(("[1:]", "[:-1]")))]
        elif not names:
            options += [(1, lambda: f"np.ones({self.shape(kind)})")]
        if kind.shape == ("n",) and kind.name == "f":
            matrices = self.names(MATRIX)
            options += [(1, lambda: f"{self.choose(names)}[::-1]")]
            options += [(2, lambda: f"{(m := self.choose(matrices))}[{self.index(m)}]")] if matrices else []
        if depth > 0:
            below = depth - 1
            scalar = self.of(INT if kind.name == "i" else self.choose((FLOAT, F, INT)), 0) if self.chance(50) else "2"
            functions = ("np.abs", "-", "np.cumsum", "np.sort") if len(kind.shape or ()) == 1 else ("np.abs", "-")
            options += [
                (3, lambda: f"({self.array(kind, below)} {self.choose('+-*')} {self.array(kind, below)})"),
                (3, lambda: f"({self.array(kind, below)} {self.choose('*+-')} {scalar})"),
                (1, lambda: f"{self.choose(functions)}({self.array(kind, below)})"),
                (1, lambda: f"np.where({self.array(kind, 0)} > {scalar}, {self.array(kind, below)}, {scalar})"),
                (1, lambda: f"np.maximum({self.array(kind, below)}, {scalar})"),
                (1, lambda: f"{self.array(kind, 0)}.copy()"),
                (1, lambda: f"np.zeros({self.shape(kind)}{', int' if kind.name == 'i' else ''})"),
            ]
        return self.among(*options)

    def ragged(self, depth: int) -> str:
        """A vector whose length depends on data."""
        names = self.names(RAGGED)
        source = self.choose(names) if names else self.choose(self.names(VECTOR))
        options = [(2, lambda: f"{source}[{source} > {self.float(0)}]")]
        options += [(1, lambda: source)] if names else []
        if depth > 0:
            options += [
                (1, lambda: f"np.concatenate(({source}, {self.array(VECTOR, 0)}[:1]))"),
                (1, lambda: f"({self.ragged(depth - 1)} * {self.float(0)})"),
            ]
        return self.among(*options)

    def shape(self, kind: Kind) -> str:
        """The shape of ``kind`` as an argument of ``np.zeros``."""
        assert kind.shape is not None
        sizes = [self.size(symbol) for symbol in kind.shape]
        return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"
