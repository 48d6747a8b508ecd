"""Random control flow: branches, loops, jumps, and an inner function that changes a variable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .expressions import FLOAT, INT, INTS, LIST, MATRIX, NUMBER, NUMBERS, VECTOR, F, Kind
from .lines import POOL, Lines, State

COUNTERS = ("fuel", "left")     # what ends a while loop


class Control(Lines):
    """Statements with blocks."""

    def branch(self) -> bool:
        """if, elif, else; what is bound on every way is known afterwards.  False if no way goes on."""
        states: list[State] = []
        before = self.known()
        # Inside a loop a name keeps its kind, so that the next iteration finds what this one did.
        ways = self.choose((1, 2, 2, 3))
        for way in range(ways):
            self.resume(before)
            last = way == ways - 1 and ways > 1
            test, named = ("", "") if last else self.test()
            self.line("else:" if last else f"{'elif' if way else 'if'} {test}:")
            if self.touched and not last:
                self.features.add("data-dependent")
            if named:
                self.bind(named, F)
            with self.indented():
                if self.block(3):
                    states.append(self.known())
        if ways == 1:
            states.append(before)
        self.features.add("if")
        return self.go_on(states, before)

    def go_on(self, states: list[State], before: State) -> bool:
        """Behind ways that end in ``states``; False if there are none."""
        self.resume(before)
        if states:
            self.meet(states)
        return bool(states)

    def test(self) -> tuple[str, str]:
        """A condition, and the name of the float that it gives a value to, or nothing."""
        if not self.chance(12):
            return self.condition(), ""
        name = self.new_name("pq")
        self.features.add("walrus")
        return f"({name} := {self.numpy_float(1)}) > {self.float(0)}", name

    def match(self) -> bool:
        """``match`` on an int, a pair, or a list of numbers."""
        self.touched = False
        options = [
            (3, lambda: (f"{self.int(1)} % 3", ["0", "1 | 2"], "")),
            (2, lambda: (f"({self.int(1)} % 2, {self.condition(1)})", ["(0, True)", "({}, False)"], "int")),
            (1, lambda: (f"{self.numpy_float(1)} > {self.float(0)}, {self.int(1)} % 4",
                         ["True, (1 | 2) as {}", "False, {}"], "int")),
        ]
        if self.names(NUMBERS):
            options.append((3, lambda: (self.choose(self.names(NUMBERS)), ["[]", "[{}, *_]"], "number")))
        subject, patterns, bound = self.among(*options)
        self.features |= {"match", "data-dependent"} if self.touched else {"match"}
        self.line(f"match {subject}:")
        states: list[State] = []
        before = self.known()
        with self.indented():
            for pattern in [*patterns, "_"] if self.chance(60) else patterns:
                self.resume(before)
                name = self.new_name(POOL[bound]) if "{}" in pattern else ""
                guard = ""
                if pattern != "_" and self.chance(25):
                    guard = f" if {self.condition(1)}"
                self.line(f"case {pattern.format(name)}{guard}:")
                if name:
                    self.bind(name, INT if bound == "int" else NUMBER)
                with self.indented():
                    if self.block(2):
                        states.append(self.known())
        states.append(before)
        return self.go_on(states, before)

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
        test, named = self.test() if form == "test" else (self.condition(), "")
        if self.touched:
            self.features.add("data-dependent")
        self.line(f"while {fuel} > 0 and {test}:" if form == "test" else "while True:")
        with self.loop("while"):
            if named:
                self.bind(named, F)
            self.line(f"{fuel} -= 1")
            if form == "true":
                self.line(f"if {fuel} <= 0 or {test}:")
                self.line("    break")
                self.features.add("break")
            self.block(4)
        self.after_loop(20)
        return True

    def after_loop(self, percent: int = 8) -> None:
        """Sometimes an else."""
        if self.chance(percent):
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


def _constant(value):
    return lambda: value
