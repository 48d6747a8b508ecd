"""Random statements about objects, functions as values and containers, without blocks of their own."""

from __future__ import annotations

from .expressions import BOOL, DICT, FUNCTION, INT, INTS, NUMBER, NUMBERS, OBJECT, SCALARS, SET, VECTOR
from .lines import Lines


class Objects(Lines):
    """Statements that make, change and ask things with a state."""

    def number_from(self, text: str) -> None:
        """A name gets a number of some kind."""
        name = self.new_name("xyz")
        self.line(f"{name} = {text}")
        self.touched = True
        self.bind(name, NUMBER)

    def use_object(self) -> None:
        """An object of a class is made, told something or asked."""
        objects = self.names(OBJECT)
        self.features.add("object")
        self.helpers.add("Running")
        if not objects or not self.loops and self.chance(15):
            name = self.new_name(("acc", "stat"))
            self.line(f"{name} = Running({self.float(0)})")
            self.bind(name, OBJECT)
            return
        name = self.choose(objects)
        self.among(
            (4, lambda: self.line(f"{name}.add({self.scalar(1)[0]})")),
            (3, lambda: self.line(f"{name}.total {self.choose(('+=', '-=', '='))} {self.scalar(1)[0]}")),
            (2, lambda: self.number_from(f"{name}.add({self.numpy_float(1)}).mean")),
            (1, lambda: self.line(f"{name}.count = {self.int(0)}")),
            (1, lambda: self.line(f"print(len({name}), {name}.total)")),
        )

    def use_function(self) -> None:
        """A function of one number is made, over a variable that may still change, or chosen, or called."""
        functions = self.names(FUNCTION)
        if functions and self.chance(60):
            self.number_from(self.given(self.choose(functions)))
            return
        self.features.add("closure")
        name = self.new_name(("f", "g"))
        held = self.choose([name for name in self.names(*SCALARS) if name not in self.indices] or ["1.5"])
        if functions and self.chance(30):
            other = self.choose(functions)
            self.line(f"{name} = {other} if {self.condition(1)} else lambda x: {held} - x")
        elif self.chance(50):
            self.line(f"{name} = lambda x, by={self.float(0)}: x * by + {held}")
        else:
            self.line(f"def {name}(x):")
            self.line(f"    return {held} if x > {held} else x * 0.5")
        self.locked |= {held, name}      # what it reads keeps its kind and is not deleted
        self.bind(name, FUNCTION)

    def comprehend(self) -> None:
        """A comprehension or generator expression, most with a filter."""
        self.features.add("comprehension")
        v = self.choose(self.names(VECTOR))
        limit = self.float(0)
        if not self.loops and self.chance(50):
            name = self.new_name(("parts", "many"))
            text = self.choose((
                f"[e * {self.float(0)} for e in {v} if e > {limit}]",
                f"[{v}[n] for n in range(len({v})) if n % 2 == 0]",
                f"[d - e for d in {v} for e in (1.0, {limit}) if d != e]",
                f"[*{v}, {limit}]",
            ))
            self.line(f"{name} = {text}")
            self.touched = True
            self.bind(name, NUMBERS)
            return
        if self.chance(30):
            name = self.target(BOOL)
            self.line(f"{name} = {self.choose(('any', 'all'))}(e > {limit} for e in {v})")
            self.touched = True
            self.bind(name, BOOL)
            return
        self.number_from(self.choose((
            f"sum(e for e in {v} if e > {limit})",
            f"sum([e * e for e in {v}])",
            f"max((e for e in {v} if e < {limit}), default={limit})",
            f"sum({{n: e for n, e in enumerate({v}) if e > {limit}}}.values())",
            f"len({{int(e > {limit}) for e in {v}}})",
        )))

    def use_set(self) -> None:
        """A set of ints grows, shrinks or is asked."""
        sets = self.names(SET)
        self.features.add("set")
        if not sets:
            name = self.new_name(("found", "kept"))
            self.line(f"{name} = {self.choose(('set()', f'{{1, {self.int(0)} % 5}}'))}")
            self.bind(name, SET)
            return
        name = self.choose(sets)
        self.among(
            (4, lambda: self.line(f"{name}.add({self.int(1)} % 5)")),
            (1, lambda: self.line(f"{name}.discard({self.int(0)})")),
            (1, lambda: self.line(f"{name} |= {{0, {self.int(0)} % 7}}")),
            (1, lambda: self.line(f"print(sorted({name}), {self.int(0)} in {name})")),
            (1, lambda: self.number_from(f"len({name})")),
        )

    def use_dict(self) -> None:
        """A dict is asked or changed by its methods."""
        tables = self.names(DICT)
        if not tables:
            return
        name = tables[0]
        self.features.add("dict")
        self.among(
            (2, lambda: self.number_from(f'{name}.get("last", {self.float(0)})')),
            (1, lambda: self.number_from(f"sum({name}.values())")),
            (1, lambda: self.line(f'{name}.setdefault("first", {self.scalar(1)[0]})')),
            (1, lambda: self.line(f'{name}.pop("last", None)')),
            (1, lambda: self.line(f'{name}.update(sum={self.scalar(1)[0]}, other=1)')),
            (1, lambda: self.line(f"print([key for key, value in {name}.items() if value > 0], len({name}))")),
        )

    def take_apart(self) -> None:
        """Starred arguments and targets."""
        self.features.add("star")
        v = self.choose(self.names(VECTOR))
        first = self.new_name("xyz")
        self.touched = True
        if self.chance(40):
            self.line(f"{first}, *{self.choose(('_', 'others'))} = {v}")
            self.bind(first, NUMBER)
            return
        self.helpers.add("joined")
        length = self.target(INT)
        given = self.choose((f"*({self.int(0)}, {self.float(0)})", f"{self.float(0)}, {v}[0], shift={self.int(0)}",
                             f'*[{v}[0], {v}[-1]], **{{"scale": {self.float(0)}}}', f"*({v}[-1],), 2, scale=0.5"))
        self.line(f"{first}, {length} = joined({given})")
        self.bind(first, NUMBER)
        self.bind(length, INT)

    def generate(self) -> None:
        """What a generator yields is added up, listed or looked at."""
        if self.loops > 1 or self.margin > 3:       # each loop around traces it twice or more
            return self.use_object()
        self.features.add("generator")
        self.touched = True
        v, limit = self.choose(self.names(VECTOR, INTS)), self.float(0)
        self.helpers.add(helper := self.choose(("above", "halves")))
        if helper == "halves":
            start = f"np.tanh({self.numpy_float(0)}) * 4"
            self.number_from(self.choose((f"sum(halves({start}))", f"next(halves({start}), 0.5)",
                                          f"len(list(halves({start})))")))
        elif self.chance(50):
            self.number_from(f"sum(e for n, e in above({v}, {limit}))")
        else:
            total = self.new_name("xyz")
            self.line(f"{total} = 0")
            self.line(f"for n, e in above({v}, {limit}):")
            self.line(f"    {total} = {total} + e * n")
            self.line(f"    if {self.int(0)} > 3:")
            self.line("        break")
            self.bind(total, NUMBER)
            self.features |= {"for", "loop"}
        return None

    def delete(self) -> None:
        """A variable goes away."""
        fixed = self.locked | self.indices.keys()
        names = [name for name in self.names(*SCALARS, BOOL) if name not in fixed]
        if self.loops or self.margin > 1 or not names:
            return
        name = self.choose(names)
        self.line(f"del {name}")
        self.features.add("del")
        del self.kinds[name]
        self.lost.append(name)
