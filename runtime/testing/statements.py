"""Random functions over plain NumPy, statement by statement; see ``expressions`` for what the statements compute.

The writer keeps, for each point of the program, which names are bound to which kind and which arrays may be one
memory. Where two ways meet, a name of two kinds becomes a ``NUMBER``; names bound in a loop body are not read
after it, except now and then, for the exception that gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from .expressions import (
    BOOL,
    DICT,
    FLOAT,
    INT,
    INTS,
    LIST,
    MATRIX,
    NUMBER,
    RAGGED,
    SCALARS,
    SHORTER,
    VECTOR,
    Expressions,
    F,
    I,
    Kind,
)

COUNTERS = ("fuel", "left")     # what ends a while loop
POOL = {"int": "ijk", "float": "rst", "number": "xyz", "f": "xyz", "i": "ij", "bool": ("done", "seen")}
_HELPERS = """\
def scale(v, s):
    v *= s
    return v


def first_above(v, s):
    for i in range(len(v)):
        if v[i] > s:
            return i
    return -1


def damped(x):
    while abs(x) > 1.0:
        x = x * 0.25
    return x


def shift(v):
    v[1:] = v[:-1]


def clip(x, low=-1.0, *, high=1.0):
    if x < low:
        return low
    return high if x > high else x


def collect(out, x):
    if x > 0:
        out.append(x)
    return len(out)
"""
HELPERS = {text[4 : text.index("(")]: text.rstrip() + "\n" for text in _HELPERS.split("\n\n\n")}


class Statements(Expressions):
    """Writes the lines of one function."""

    def __init__(self, random: Random, budget: int):
        super().__init__(random)
        self.lines: list[str] = []
        self.margin = 1
        self.budget = budget            # statements that may still be written
        self.loops = 0                  # how many loops are around
        self.memories: dict[str, int] = {}
        self.helpers: set[str] = set()
        self.fresh = 0
        self.lost: list[str] = []       # bound somewhere, but not on every way to here
        self.locked: set[str] = set()   # names of an inner function or a loop, which keep their meaning

    # Lines and blocks

    def line(self, text: str) -> None:
        """Append a line at the present margin."""
        self.lines.append("    " * self.margin + text)

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Write lines one level deeper."""
        self.margin += 1
        yield
        self.margin -= 1

    def block(self, most: int, more: int = 75) -> bool:
        """One to ``most`` statements; False if the block never reaches its end."""
        written = len(self.lines)
        goes_on = self.statement()
        while goes_on and most > 1 and self.chance(more):    # asked each time: Hypothesis can then drop one statement
            goes_on = self.statement()
            most -= 1
        if len(self.lines) == written:      # no statement found what it needs
            self.line("pass")
        return goes_on

    def statement(self) -> bool:
        """One statement, simple ones only when the budget is spent; False if nothing after it is reached."""
        self.budget -= 1
        self.touched = False
        simple = (
            (6, self.assign),
            (5, self.augment),
            (4, self.store),
            (4, self.view),
            (3, self.write_view),
            (2, self.swap),
            (2, self.write_out),
            (2, self.append),
            (2, self.print),
            (2, self.call_helper),
            (1, self.dict_item),
            (1, self.raise_if),
            (1, self.value_of_or),
        )
        if self.budget <= 0 or self.margin > 4:
            self.among(*simple)
            return True
        jumps = ((5, self.jump),) if self.loops else ((1, self.return_if),)
        loops = ((5, self.for_loop), (3, self.while_loop), (1, self.running_best)) if self.loops < 2 else ()
        nested = ((2, self.inner_function),) if not self.loops and self.margin == 1 else ()
        return self.among(*simple, (7, self.branch), *loops, *jumps, *nested) is not False

    def bind(self, name: str, kind: Kind, source: str | None = None) -> None:
        """``name`` now has ``kind``; an array looks into the memory of ``source``, or into one of its own."""
        self.kinds[name] = kind
        self.data.discard(name)
        if self.touched:
            self.data.add(name)
        if kind.shape is not None:
            self.fresh += 1
            self.memories[name] = self.memories[source] if source in self.memories else self.fresh

    def new_name(self, pool: str | tuple[str, ...]) -> str:
        """A name from ``pool`` that is free to be bound, or a numbered one."""
        free = [name for name in pool if name not in self.kinds and name not in self.locked]
        if free and not self.chance(15):
            return self.choose(free)
        self.fresh += 1
        return f"{pool[0]}{self.fresh}"

    def target(self, kind: Kind) -> str:
        """A name to bind a scalar of ``kind`` to: mostly one that is in use."""
        known = [name for name in self.names(kind) if name not in self.locked]
        if known and self.chance(65):
            return self.choose(known)
        others = [name for name in self.names(*SCALARS) if name not in self.locked and name not in self.indices]
        if not self.loops and others and self.chance(40):
            return self.choose(others)      # outside of loops a name may change its kind
        return self.new_name(POOL[kind.name])

    def wrote(self, name: str) -> None:
        """Note that the array ``name`` was written in place."""
        self.features.add("store")
        same = [other for other, memory in self.memories.items() if memory == self.memories.get(name)]
        if len([other for other in same if other in self.kinds]) > 1:
            self.features.add("alias write")

    # Simple statements

    def assign(self) -> None:
        """A scalar or an array gets a value."""
        if self.chance(35):
            kinds = [VECTOR, VECTOR, RAGGED] + ([INTS] if self.names(INTS) else [])
            kind = self.choose(kinds)
            name = self.choose(self.names(kind)) if self.names(kind) and self.chance(50) else self.new_name("uvw")
            if name not in self.locked:
                text = self.array(kind, 2)
                self.line(f"{name} = {text}")
                self.bind(name, kind, text)
            return
        if self.names(NUMBER) and self.chance(50):
            name = self.choose([name for name in self.names(NUMBER)])
            self.line(f"{name} = {self.scalar()[0]}")
            self.bind(name, NUMBER)
            return
        kind = self.choose((FLOAT, INT, F, BOOL, I))
        text = self.of(kind)
        name = self.target(kind)
        self.line(f"{name} = {text} % 97" if kind == INT else f"{name} = {text}")
        self.bind(name, kind)

    def augment(self) -> None:
        """``name += value``, on a scalar or in place on an array or an element."""
        fixed = self.locked | self.indices.keys()
        numbers = [name for name in self.names(NUMBER, F, FLOAT, INT) if name not in fixed]
        if numbers and self.chance(55):
            name = self.choose(numbers)
            kind = self.kinds[name]
            value = {INT: "1", FLOAT: self.float(1), F: self.scalar(1)[0]}.get(kind) or self.element()
            self.line(f"{self.read(name)} {self.choose('+-')}= {value}")
            self.bind(name, kind)
            return
        name = self.choose(self.names(VECTOR, SHORTER))
        if self.chance(50):
            self.line(f"{name}[{self.index(name)}] {self.choose(('+=', '-=', '*='))} {self.scalar(1)[0]}")
        else:
            value = self.among((1, lambda: self.float(1)), (2, lambda: self.array(self.kinds[name], 1)))
            self.line(f"{name} {self.choose(('+=', '-=', '*='))} {value}")
        self.wrote(name)

    def store(self) -> None:
        """An element, a slice or a row gets a value."""
        name = self.choose(self.names(VECTOR, INTS, MATRIX, SHORTER))
        kind = self.kinds[name]
        if kind == MATRIX:
            row, column = self.index(name), self.index(name, 1)
            index = self.choose((row, f"{row}, {column}", f":, {column}"))
            value = self.array(VECTOR, 1) if "," not in index else self.scalar(1)[0]
        elif kind == INTS:
            index, value = self.index(name), self.int(1)
        elif kind == VECTOR:
            index, value = self.among(
                (4, lambda: (self.index(name), self.scalar(1)[0])),
                (2, lambda: ("1:", f"{self.choose(self.names(VECTOR))}[:-1]")),
                (1, lambda: (":-1", self.array(SHORTER, 1))),
                (1, lambda: ("::2", self.float(1))),
                (1, lambda: (":", self.array(VECTOR, 2))),
                (1, lambda: (f"{name} > {self.float(1)}", self.float(0))),
            )
        else:
            index, value = self.index(name), self.scalar(1)[0]
        self.line(f"{name}[{index}] = {value}")
        self.wrote(name)

    def view(self) -> None:
        """A second name for an array, or for a part of it."""
        source = self.choose(self.names(VECTOR, MATRIX))
        self.touched = True
        if self.kinds[source] == MATRIX:
            text, kind = f"{source}[{self.index(source)}]", VECTOR
        else:
            parts = (("", VECTOR), ("[1:]", SHORTER), ("[:-1]", SHORTER), ("[::-1]", VECTOR), (".reshape(-1)", VECTOR))
            part, kind = self.choose(parts)
            text = source + part
        name = self.new_name("uvw")
        self.line(f"{name} = {text}")
        self.bind(name, kind, source)

    def write_view(self) -> None:
        """Make a view and write through it, or through what it looks into."""
        self.view()
        made = list(self.kinds)[-1]
        same = [name for name in self.names(VECTOR, SHORTER) if self.memories.get(name) == self.memories.get(made)]
        name = self.choose(same)
        self.line(f"{name}[{self.index(name)}] {self.choose(('=', '+='))} {self.scalar(1)[0]}")
        self.wrote(name)

    def swap(self) -> None:
        """Two arrays, two elements or two numbers change places."""
        vectors = [name for name in self.names(VECTOR) if name not in self.locked]
        pairs = [(a, b) for a in vectors for b in vectors if a < b]
        self.features.add("swap")
        if pairs and self.chance(50):
            a, b = self.choose(pairs)
            self.line(f"{a}, {b} = {b}, {a}")
            self.memories[a], self.memories[b] = self.memories[b], self.memories[a]
            return
        v = self.choose(self.names(VECTOR))
        i, j = self.index(v), self.index(v)
        self.line(f"{v}[{i}], {v}[{j}] = {v}[{j}], {v}[{i}]")
        self.wrote(v)

    def write_out(self) -> None:
        """A ufunc with ``out=``, its operands overlapping the output or not."""
        name = self.choose(self.names(VECTOR))
        ufunc = self.choose(("add", "multiply", "subtract", "maximum"))
        if self.chance(50):
            self.line(f"np.{ufunc}({name}[1:], {self.array(SHORTER, 0)}, out={name}[:-1])")
            self.features.add("alias write")
        else:
            self.line(f"np.{ufunc}({self.array(VECTOR, 1)}, {self.scalar(1)[0]}, out={name})")
        self.wrote(name)

    def append(self) -> None:
        """A list grows; where there is none, one begins."""
        lists = self.names(LIST)
        if not lists:
            if self.loops:
                return self.store()
            self.line("out = []")
            self.kinds["out"] = LIST
            lists = ["out"]
        value = self.among((3, lambda: self.scalar(1)[0]), (1, lambda: self.array(VECTOR, 1)))
        self.line(f"{self.choose(lists)}.append({value})")
        self.features.add("append")
        return None

    def print(self) -> None:
        """Something is printed."""
        text = self.among(
            (3, lambda: self.scalar(1)[0]),
            (1, lambda: self.array(VECTOR, 0)),
            (1, lambda: f'"at", {self.int(1)}, {self.numpy_float(0)}'),
            (1, lambda: f'f"{{{self.choose(self.names(*SCALARS) or [self.size("n")])}}} of {{{self.size("n")}}}"'),
        )
        self.line(f"print({text})")
        self.features.add("print")

    def call_helper(self) -> None:
        """A helper function of the module is called."""
        v = self.choose(self.names(VECTOR))
        lists = self.names(LIST)
        helper = self.choose([name for name in HELPERS if name != "collect" or lists])
        self.helpers.add(helper)
        self.features.add("helper")
        self.touched = True
        if helper in ("scale", "shift"):
            self.line(f"scale({v}, {self.float(1)})" if helper == "scale" else f"shift({v})")
            self.wrote(v)
        elif helper == "first_above":
            name = self.target(INT)
            self.line(f"{name} = first_above({self.array(VECTOR, 1)}, {self.float(1)})")
            self.bind(name, INT)
        elif helper == "collect":
            self.line(f"collect({self.choose(lists)}, {self.scalar(1)[0]})")
            self.features.add("append")
        else:
            argument = "np.tanh(" + self.numpy_float(1) + ") * 9" if helper == "damped" else self.numpy_float(1)
            name = self.new_name("xyz")
            self.line(f"{name} = {helper}({argument})")
            self.bind(name, NUMBER)

    def dict_item(self) -> None:
        """An item of a dict is set or added to."""
        tables = self.names(DICT)
        if not tables:
            if self.loops or self.margin > 1:
                return self.store()
            self.line('table = {"sum": 0.0}')
            self.kinds["table"] = DICT
            tables = ["table"]
        key = self.choose(('"sum"', '"sum"', '"last"'))
        operation = "=" if key == '"last"' else self.choose(("+=", "="))
        self.line(f"{tables[0]}[{key}] {operation} {self.scalar(1)[0]}")
        self.features.add("dict")
        return None

    def raise_if(self) -> None:
        """An exception where a value is large."""
        self.touched = False
        test = self.among(
            (1, lambda: f"{self.element()} > {self.choose(('50', '6'))}"),
            (1, lambda: f"{self.array(VECTOR, 0)}.sum() > 30"),
            (1, lambda: f"{self.int(1)} > 30"),
        )
        self.line(f"if {test}:")
        kind, message = self.choose(("ValueError", "ArithmeticError")), self.choose(('"too large"', self.int(0)))
        self.line(f"    raise {kind}({message})")
        self.features |= {"raise", "data-dependent"} if self.touched else {"raise"}

    def value_of_or(self) -> None:
        """``and`` and ``or`` give one of their operands; a name read that may have no value."""
        if self.lost and self.chance(15):
            self.line(f"{self.new_name('xyz')} = {self.choose(self.lost)}")
            return
        name = self.new_name("xyz")
        self.line(f"{name} = {self.scalar(1)[0]} {self.choose(('or', 'and'))} {self.scalar(1)[0]}")
        self.bind(name, NUMBER)

    # Control flow

    def branch(self) -> bool:
        """if, elif, else; what is bound on every way is known afterwards.  False if no way goes on."""
        states: list[tuple[dict[str, Kind], dict[str, int]]] = []
        before, memories = dict(self.kinds), dict(self.memories)
        # Inside a loop a name keeps its kind, so that the next iteration finds what this one did.
        ways = self.choose((1, 2, 2, 3))
        for way in range(ways):
            self.kinds, self.memories = dict(before), dict(memories)
            self.touched = False
            last = way == ways - 1 and ways > 1
            self.line("else:" if last else f"{'elif' if way else 'if'} {self.condition()}:")
            if self.touched and not last:
                self.features.add("data-dependent")
            with self.indented():
                if self.block(3):
                    states.append((self.kinds, self.memories))
        if ways == 1:
            states.append((before, memories))
        self.features.add("if")
        if not states:
            self.kinds, self.memories = before, memories
            return False
        self.meet(states)
        return True

    def meet(self, states: list[tuple[dict[str, Kind], dict[str, int]]]) -> None:
        """Keep what all ``states`` agree on."""
        common: dict[str, Kind] = {}
        for name, kind in states[0][0].items():
            kinds = [state.get(name) for state, _ in states]
            if all(other == kind for other in kinds):
                common[name] = kind
            elif all(other in SCALARS for other in kinds):
                common[name] = NUMBER
        self.lost += [name for state, _ in states for name in state if name not in common and name not in self.lost]
        self.kinds = common
        self.memories = {name: memory for name, memory in states[-1][1].items() if name in common}

    @contextmanager
    def loop(self, feature: str) -> Iterator[None]:
        """The body of a loop: some numbers lose their kind before it, names bound in it end with it."""
        self.features |= {feature, "loop"}
        before, indices = dict(self.kinds), dict(self.indices)
        self.loops += 1
        with self.indented():
            yield
        self.loops -= 1
        self.lost += [name for name in self.kinds if name not in before and name not in self.lost]
        self.kinds, self.indices = {name: self.kinds.get(name, kind) for name, kind in before.items()}, indices

    def loosen(self) -> None:
        """Before a loop: let some numbers change their kind in it."""
        if not self.names(NUMBER) and self.chance(60):
            name = self.new_name("xyz")
            self.line(f"{name} = {self.choose(('0', '0.0', '1', 'np.float64(0)'))}")
            self.touched = False
            self.bind(name, NUMBER)
        for name in self.names(INT, FLOAT, F):
            if name not in self.indices and name not in self.locked and self.chance(25):
                self.kinds[name] = NUMBER

    def for_loop(self) -> bool:
        """A for loop over a range, an array, its rows, ``enumerate`` or ``zip``."""
        self.loosen()
        self.touched = False
        i = self.new_name("ijk")
        item = self.new_name(("item", "value"))
        vectors = self.names(VECTOR)
        matrices, lists = self.names(MATRIX), self.names(LIST)
        v = self.choose(vectors)
        options: list[tuple[int, tuple[str, str, dict[str, Kind], dict[str, str]]]] = [
            (4, (i, f"range(len({v}))", {i: INT}, {i: "n"})),
            (2, (i, f"range({self.int(1)} % 6)", {i: INT}, {})),
            (2, (i, f"range(1, len({v}))", {i: INT}, {i: "n"})),
            (1, (i, f"range(len({v}) - 1, -1, -1)", {i: INT}, {i: "n"})),
            (2, (item, v, {item: F}, {})),
            (1, (item, self.array(VECTOR, 1), {item: F}, {})),
            (2, (f"{i}, {item}", f"enumerate({v})", {i: INT, item: F}, {i: "n"})),
            (1, (f"{i}, {item}", f"zip(range({self.int(0)}), {v})", {i: INT, item: F}, {})),
        ]
        if self.names(INTS):
            options.append((2, (i, f"range(int({self.numpy_int(0)}) % 5)", {i: INT}, {})))
        if matrices:
            options.append((3, (item, self.choose(matrices), {item: VECTOR}, {})))
        if lists:
            options.append((1, (item, f"list({self.choose(lists)})[:4]", {}, {})))
        target, iterable, bound, indices = self.among(*((weight, _constant(option)) for weight, option in options))
        if "range(int(" in iterable or item in target:
            self.features.add("data-dependent")
        self.line(f"for {target} in {iterable}:")
        locked = set(bound) - self.locked
        with self.loop("for"):
            for name, kind in bound.items():
                self.touched = kind != INT
                source = iterable if kind == VECTOR else None
                self.bind(name, kind, source)
            self.indices |= indices
            self.locked |= locked
            self.block(4)
        self.locked -= locked
        self.after_loop()
        return True

    def while_loop(self) -> bool:
        """A while loop that ends after a few turns, whatever its test says."""
        self.loosen()
        fuel = self.new_name(COUNTERS)
        self.line(f"{fuel} = {2 + self.random.randrange(5)}")
        self.kinds[fuel] = INT
        self.locked.add(fuel)
        form = self.choose(("test", "test", "true"))
        self.touched = False
        test = self.condition()
        if self.touched:
            self.features.add("data-dependent")
        self.line(f"while {fuel} > 0 and {test}:" if form == "test" else "while True:")
        with self.loop("while"):
            self.line(f"{fuel} -= 1")
            if form == "true":
                self.line(f"if {fuel} <= 0 or {test}:")
                self.line("    break")
                self.features.add("break")
            self.block(4)
        self.after_loop()
        return True

    def after_loop(self) -> None:
        """Sometimes an else."""
        if self.chance(8):
            self.line("else:")
            before, memories = dict(self.kinds), dict(self.memories)
            with self.indented():
                self.block(1)
            self.meet([(self.kinds, self.memories), (before, memories)])
            self.features.add("loop else")

    def running_best(self) -> None:
        """The idiom that begins with None."""
        best, item = self.new_name(("best", "largest")), self.new_name(("item", "value"))
        self.line(f"{best} = None")
        self.line(f"for {item} in {self.array(VECTOR, 1)}:")
        self.line(f"    if {best} is None or {item} > {best}:")
        self.line(f"        {best} = {item}")
        self.touched = True
        self.bind(best, F)
        self.features |= {"for", "loop", "if", "data-dependent"}

    def jump(self) -> bool:
        """break, continue or return, mostly under a condition."""
        word = self.choose(("break", "continue", "continue", "return", "return"))
        self.features.add(word if word != "return" else "return in loop")
        text = f"return {self.scalar(1)[0]}" if word == "return" else word
        if self.chance(8):
            self.line(text)
            return False
        self.touched = False
        test = self.condition()
        if self.touched:
            self.features.add("data-dependent")
        self.line(f"if {test}:")
        self.line(f"    {text}")
        return True

    def return_if(self) -> None:
        """An early return."""
        self.touched = False
        test = self.condition()
        if self.touched:
            self.features.add("data-dependent")
        self.line(f"if {test}:")
        self.line(f"    return {self.among((1, lambda: self.scalar(1)[0]), (1, lambda: self.array(VECTOR, 1)))}")
        self.features.add("early return")

    def inner_function(self) -> None:
        """A nested function that changes a variable of this one, and calls of it."""
        name, held, x = self.new_name(("bump", "grow")), self.new_name("xyz"), self.new_name("rst")
        self.line(f"{held} = {self.float(0)}")
        self.line(f"def {name}({x}):")
        self.line(f"    nonlocal {held}")
        self.line(f"    if {x} > {self.float(0)}:")
        self.line(f"        {held} = {held} + {x}")
        self.line(f"    return {held}")
        self.touched = True
        self.bind(held, NUMBER)
        self.locked.add(name)
        item = self.new_name(("item", "value"))
        if self.chance(50):
            self.line(f"for {item} in {self.choose(self.names(VECTOR))}:")
            self.line(f"    {name}({item})")
            self.features |= {"for", "loop"}
        else:
            self.line(f"{name}({self.numpy_float(1)})")
        self.features |= {"nonlocal", "data-dependent"}

    def finish(self) -> None:
        """Return what is bound, or some of it."""
        names = [name for name in self.kinds if self.chance(70)] or list(self.kinds)[:1]
        self.line(f"return {', '.join(names)}")


def _constant(value):
    return lambda: value


