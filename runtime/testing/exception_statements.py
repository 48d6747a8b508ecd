"""Random ``try`` and ``with`` statements, whose blocks may be left at a line made to raise now and then."""

from __future__ import annotations

from .control_statements import Control
from .expressions import INT, VECTOR, F
from .lines import State
from .simple_statements import Simple

CAUGHT = ("IndexError", "(IndexError, ZeroDivisionError)", "ArithmeticError", "Exception", "ValueError")


class Exceptions(Simple, Control):
    """Statements about exceptions."""

    def may_raise(self) -> None:
        """A line that raises for some values."""
        name = self.new_name("hl")
        v = self.choose(self.names(VECTOR))
        text, kind = self.among(
            (3, lambda: (f"{v}[{self.int(1)}]", F)),
            (2, lambda: (f"{self.int(1)} // ({self.int(0)} % 3)", INT)),
            (1, lambda: (f"int({self.numpy_float(0)}) % 9", INT)),
        )
        self.touched = True
        self.line(f"{name} = {text}")
        self.bind(name, kind)

    def try_(self) -> bool:
        """``try`` with a handler, a ``finally``, or both.  False if no way goes on."""
        before = self.known()
        self.features.add("try")
        self.line("try:")
        with self.indented():
            self.may_raise()
            goes_on = self.block(3)
        after = self.known()
        self.meet([before, after])
        anywhere = self.known()
        finally_ = self.chance(35)
        states: list[State] = []
        if not finally_ or self.chance(60):
            self.handler(anywhere, states)
            if goes_on and self.chance(20):
                self.resume(after)
                self.line("else:")
                with self.indented():
                    goes_on = self.block(2)
                after = self.known()
        if goes_on:
            states.append(after)
        if finally_:
            self.resume(anywhere)
            self.features.add("finally")
            self.line("finally:")
            with self.indented():
                self.among((2, self.store), (1, self.print))
        return self.go_on(states, before)

    def handler(self, anywhere: State, states: list[State]) -> None:
        """One ``except``, from a state that holds wherever the body was left."""
        self.resume(anywhere)
        named = self.chance(40)
        self.line(f"except {self.choose(CAUGHT)}{' as error' if named else ''}:")
        with self.indented():
            if named:
                self.line(self.choose(('print("caught", error)', "print(type(error).__name__, error.args)")))
            if named and self.chance(12):
                self.line(self.choose(("raise", 'raise ValueError("again") from error', 'raise KeyError("other")')))
            elif self.block(2):
                states.append(self.known())

    def with_(self) -> bool:
        """``with`` of a manager that puts an element back and swallows some exceptions, or of ``np.errstate``."""
        self.features.add("with")
        before = self.known()
        if self.chance(30):
            self.line(f'with np.errstate({self.choose(("all", "divide", "over"))}="ignore"):')
            with self.indented():
                return self.block(3)
        v = self.choose(self.names(VECTOR))
        self.helpers.add("Kept")
        name = self.new_name("uvw")
        self.line(f"with Kept({v}) as {name}:")
        self.touched = True
        self.bind(name, VECTOR, v)
        self.wrote(v)
        with self.indented():
            if self.chance(30):
                self.may_raise()
            self.block(3)
        self.meet([before, self.known()])
        return True
