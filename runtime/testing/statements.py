"""Random functions over plain NumPy, statement by statement; see ``expressions`` for what the statements compute."""

from __future__ import annotations

from .exception_statements import Exceptions
from .expressions import FUNCTION
from .object_statements import Objects


class Statements(Objects, Exceptions):
    """Writes a function."""

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
            (3, self.use_object),
            (2, self.use_function),
            (3, self.comprehend),
            (2, self.use_set),
            (2, self.use_dict),
            (2, self.take_apart),
            (2, self.generate),
            (1, self.delete),
        )
        if self.budget <= 0 or self.margin > 4:
            self.among(*simple)
            return True
        jumps = ((8, self.jump),) if self.loops else ((1, self.return_if),)
        loops = ((5, self.for_loop), (3, self.while_loop), (1, self.running_best)) if self.loops < 2 else ()
        nested = ((2, self.inner_function),) if not self.loops and self.margin == 1 else ()
        blocks = (7, self.branch), (3, self.match), (3, self.try_), (3, self.with_)
        return self.among(*simple, *blocks, *loops, *jumps, *nested) is not False

    def finish(self) -> None:
        """Return what is bound, or some of it."""
        known = [name for name, kind in self.kinds.items() if kind != FUNCTION]
        names = [name for name in known if self.chance(70)] or known[:1]
        self.line(f"return {', '.join(names)}")
