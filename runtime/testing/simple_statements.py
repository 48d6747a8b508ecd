"""Random statements without blocks: assignments, writes into arrays, swaps, calls, prints."""

from __future__ import annotations

from .expressions import BOOL, DICT, FLOAT, INT, INTS, LIST, MATRIX, NUMBER, RAGGED, SCALARS, SHORTER, VECTOR, F, I
from .lines import Lines
from .program_helpers import HELPERS

CALLED = ("scale", "first_above", "damped", "shift", "clip")    # those that need nothing but arrays and numbers


class Simple(Lines):
    """Statements that are one line, or an ``if`` around one."""

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
            (1, lambda: f'f"{{{self.choose(self.names(*SCALARS) or ["1"])}:.3f}} and {{{self.float(0)}:>6}}"'),
            (1, lambda: f'f"{{{self.choose(self.names(*SCALARS) or [self.size("n")])}}} of {{{self.size("n")}}}"'),
        )
        self.line(f"print({text})")
        self.features.add("print")

    def call_helper(self) -> None:
        """A helper function of the module is called."""
        v = self.choose(self.names(VECTOR))
        lists = self.names(LIST)
        helper = self.choose([name for name in HELPERS if name in CALLED or name == "collect" and lists])
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
