"""Random control flow: branches, loops, jumps, and an inner function that changes a variable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .expressions import FLOAT, INT, INTS, LIST, MATRIX, NUMBER, VECTOR, F, Kind
from .lines import Lines

COUNTERS = ("fuel", "left")     # what ends a while loop


class Control(Lines):
    """Statements with blocks."""

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


def _constant(value):
    return lambda: value
