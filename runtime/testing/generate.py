"""Random programs: source text, a few inputs, and what the text covers.

``write(random)`` makes one from any ``random.Random``; ``programs()`` is the Hypothesis strategy, whose failures
shrink.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies

from .expressions import BOOL, FLOAT, INT, INTS, LIST, MATRIX, VECTOR, F, Kind
from .loading import module_of
from .memory import root
from .program_helpers import HELPERS
from .report import table
from .snapshot import copy_values
from .statements import Statements

PARAMETERS = {"b": VECTOR, "m": MATRIX, "c": INTS, "k": INT, "t": FLOAT, "s": F, "flag": BOOL, "items": LIST}
ELEMENTS = (1.0, 0.0, -1.0, 2.5, -0.5, 3.0, 0.25, -2.0, 7.0, -0.0)
SPECIAL = (math.nan, math.inf, -math.inf, 5e-324, 1e300)
ARRAYS = r"[abcmuvw]\d*"      # the names that hold nothing but arrays
CATEGORIES = (
    "data-dependent", "alias write", "while", "for", "break", "continue", "return in loop", "swap", "append", "raise",
    "print", "helper", "nonlocal", "dict", "loop else", "early return", "match", "walrus", "try", "finally", "with",
    "object", "closure", "set", "comprehension", "generator", "star", "del",
)  # fmt: skip


@dataclass(frozen=True)
class RandomProgram:
    """A program made at random; its text defines ``program``, and ``arguments`` are those of each call."""

    source: str
    arguments: tuple[tuple[Any, ...], ...]
    features: frozenset[str]

    def load(self) -> Callable[..., Any]:
        """The function, compiled from text that ``inspect`` finds."""
        return vars(module_of(self.source, "random_program"))["program"]

    def inputs(self) -> list[tuple[Any, ...]]:
        """Fresh arguments for each call."""
        return [copy_values(arguments) for arguments in self.arguments]

    def __repr__(self) -> str:
        return "\n".join([self.source, *map(_call_text, self.arguments), ""])


def write(random: Random, calls: int = 3) -> RandomProgram:
    """A random program with arguments for ``calls`` calls, of the same kinds but of several sizes."""
    writer = Statements(random, budget=5 + random.randrange(14))
    parameters = {"a": VECTOR} | {name: kind for name, kind in PARAMETERS.items() if writer.chance(45)}
    for name, kind in parameters.items():
        writer.touched = kind != INT
        writer.bind(name, kind)
    if writer.block(8, more=90):
        writer.finish()
    helpers = [HELPERS[name] for name in HELPERS if name in writer.helpers]
    body = f"def program({', '.join(parameters)}):\n" + "\n".join(writer.lines) + "\n"
    source = "import math\n\nimport numpy as np\n\n\n" + "\n\n".join([*helpers, body])
    dtype = np.dtype(writer.choose(("f8", "f8", "f4")))
    arguments = tuple(_arguments(random, parameters, dtype) for _ in range(calls))
    return RandomProgram(source, arguments, frozenset(writer.features))


def programs(calls: int = 3) -> strategies.SearchStrategy[RandomProgram]:
    """Random programs for Hypothesis; a failing one shrinks towards fewer and simpler statements."""
    return strategies.randoms(use_true_random=False).map(lambda random: write(random, calls))


def coverage(made: Iterable[RandomProgram], outcomes: Iterable[bool] = ()) -> str:
    """The share of programs that have each feature; ``outcomes`` tell of each eager call whether it raised."""
    made, outcomes = list(made), list(outcomes)
    counts = Counter(feature for program in made for feature in program.features)
    rows = [[name, f"{100 * counts[name] / max(len(made), 1):.0f} %"] for name in CATEGORIES]
    if outcomes:
        rows.append(["calls that raise", f"{100 * sum(outcomes) / len(outcomes):.1f} %"])
    return "\n".join(table((f"{len(made)} programs", "share"), rows))


def _call_text(arguments: tuple[Any, ...]) -> str:
    arrays = [(index, root(value)) for index, value in enumerate(arguments) if isinstance(value, np.ndarray)]
    shared = [f"{i} and {j}" for i, owner in arrays for j, other in arrays if i < j and owner is other]
    note = f"    # arguments {', '.join(shared)} share memory" if shared else ""
    return f"program{arguments!r}{note}"


def _arguments(random: Random, parameters: dict[str, Kind], dtype: np.dtype) -> tuple[Any, ...]:
    sizes = {"n": 2 + random.randrange(4), "p": 2 + random.randrange(2)}
    if random.randrange(100) >= 93:
        sizes["n"] = 1    # an axis of one has a graph of its own
    special = random.randrange(100) >= 90
    values: dict[str, Any] = {}
    for name, kind in parameters.items():
        values[name] = _argument(random, kind, sizes, dtype, special)
    if "b" in values and random.randrange(100) >= 85:
        long = np.resize(values["a"], sizes["n"] + 1)
        values["a"], values["b"] = random.choice(((values["a"], values["a"]), (long[:-1], long[1:])))
    return tuple(values.values())


def _argument(random: Random, kind: Kind, sizes: dict[str, int], dtype: np.dtype, special: bool) -> Any:
    if kind.shape is not None:
        shape = [sizes[symbol] for symbol in kind.shape]
        count = math.prod(shape)
        if kind.name == "i":
            return np.array([random.randrange(7) - 2 for _ in range(count)]).reshape(shape)
        elements = [ELEMENTS[random.randrange(len(ELEMENTS))] for _ in range(count)]
        if special:
            elements[random.randrange(count)] = SPECIAL[random.randrange(len(SPECIAL))]
        with np.errstate(over="ignore"):
            return np.array(elements).astype(dtype).reshape(shape)
    makers: dict[Kind, Callable[[], Any]] = {
        INT: lambda: random.randrange(8),
        FLOAT: lambda: ELEMENTS[random.randrange(len(ELEMENTS))],
        F: lambda: dtype.type(ELEMENTS[random.randrange(len(ELEMENTS))]),
        BOOL: lambda: random.randrange(2) == 1,
        LIST: lambda: [ELEMENTS[random.randrange(len(ELEMENTS))] for _ in range(random.randrange(3))],
    }
    return makers[kind]()
