"""One exit for every function and loop: ``return``, ``break``, ``continue`` and a loop's ``else`` become assignments.

    if c: return a              if c: result = a
    B                           else:
    return b                        B
                                    result = b
                                return result

    while t:                    done = False
        A                       while not done and t:
        if c: break                 A
        B                           if c: done = True
    else:                           else: B
        C                       if not done: C

What follows a branch that always leaves moves into the other branch, so that no flag is needed for it.  Elsewhere a
flag is set and what follows asks for it: ``done`` (break), ``skip`` (continue), ``returned``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import gast

from ..analysis.assignment import is_true
from ..analysis.scopes import GuardedFor, assigned, blocks
from ..names import Names
from ..template import assign, constant, load, located, store

Exit = gast.Return | gast.Break | gast.Continue
LOOPS = gast.While | gast.For


def single_exits(function: gast.FunctionDef, names: Names) -> None:
    """Leave a function with at most one ``return``, its last statement, and loops that end at their test."""
    function.body = reachable(function.body)
    returns = [node for node in escaping(function.body) if isinstance(node, gast.Return)]
    exits = _Exits(names, function)
    if not returns:
        function.body = exits.block(function.body, _Place())
    elif returns == function.body[-1:]:
        function.body = [*exits.block(function.body[:-1], _Place()), returns[0]]
    else:
        last = returns[-1]
        body = exits.block(function.body, _Place(last=True, ends_function=True))
        function.body = [*body, located(gast.Return(load(exits.result, last)), last)]


def escaping(block: list[gast.stmt]) -> Iterator[Any]:
    """Yield the statements that leave ``block`` by a jump, in the order of the source; those never reached are not."""
    for statement in reachable(block):
        if isinstance(statement, Exit):
            yield statement
        for number, inside in enumerate(blocks(statement)):
            in_loop = isinstance(statement, LOOPS) and number == 0
            yield from (node for node in escaping(inside) if not in_loop or isinstance(node, gast.Return))


def reachable(block: list[gast.stmt]) -> list[gast.stmt]:
    """Return the statements of ``block`` up to the first that never ends."""
    end = next((index for index, statement in enumerate(block, 1) if never_ends([statement])), None)
    return block[:end]


def never_ends(block: list[gast.stmt]) -> bool:
    """Say whether what follows ``block`` is never reached."""
    for statement in block:
        match statement:
            case gast.Return() | gast.Break() | gast.Continue() | gast.Raise():
                return True
            case gast.If() if never_ends(statement.body) and never_ends(statement.orelse):
                return True
            case gast.While() if _is_endless(statement):
                return True
    return False


def _is_endless(loop: Any) -> bool:
    return isinstance(loop, gast.While) and is_true(loop.test) and not _breaks(loop)


def _breaks(loop: Any) -> bool:
    return any(isinstance(node, gast.Break) for node in escaping(loop.body))


@dataclass(frozen=True, slots=True)
class _Final:
    """A ``finally`` that stands in ``loops`` loops and has jumps: ``left`` is the flag of leaving it by one.

    That takes the place of earlier jumps, which set the flags ``overrides``.
    """

    loops: int
    left: str
    overrides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: in how many ``loops`` of its function, in which ``finals``, and what follows it.

    ``breaking``: how many of the loops have a ``break``.  ``last``: nothing of the innermost loop's body, or of the
    function, follows.  ``ends_function``: if the end of the block is reached the function returns None.
    ``returned_known``: ``returned`` has a value.
    """

    loops: int = 0
    breaking: int = 0
    last: bool = False
    ends_function: bool = False
    returned_known: bool = False
    finals: tuple[_Final, ...] = ()

    def finals_left(self, node: Any) -> list[_Final]:
        """Return those that a jump leaves, the innermost last."""
        return [each for each in self.finals if isinstance(node, gast.Return) or each.loops == self.loops]

    def before_others(self) -> _Place:
        return replace(self, last=False, ends_function=False)


class _Exits:
    def __init__(self, names: Names, function: gast.FunctionDef) -> None:
        self._names = names
        self._at: Any = function   # the statement last seen: where the end of a block stands
        self.result = names.reused("result")
        self._returned = names.reused("returned")

    def block(self, block: list[gast.stmt], place: _Place) -> list[Any]:
        made: list[Any] = []
        block = reachable(block)
        for index, node in enumerate(block):
            self._at = node
            rest = block[index + 1 :]
            if isinstance(node, Exit):
                return made + self.jump(node, place)
            if isinstance(node, LOOPS):
                return made + self.loop(node, rest, place)
            exits = list(escaping([node]))
            if not exits:
                made.append(self.inside(node, place))
            elif isinstance(node, gast.If) and (never_ends(node.body) or never_ends(node.orelse) or not rest):
                node.body = self.block([*node.body, *([] if never_ends(node.body) else rest)], place)
                node.orelse = self.block([*node.orelse, *([] if never_ends(node.orelse) else rest)], place)
                node.body = node.body or [located(gast.Pass(), node)]
                return [*made, node]
            elif not rest and (whole := self.last_part(node, exits, place)):
                return made + whole
            else:
                return made + self.flagged(node, exits, rest, place)
        if place.ends_function and not never_ends(block):
            made.append(self.give(self.result, None, self._at))
        return made

    def inside(self, node: Any, place: _Place) -> Any:
        """Rewrite the loops within a statement that no jump leaves."""
        for inside in blocks(node):
            inside[:] = self.block(inside, place.before_others())
        return node

    # Jumps

    def jump(self, node: Any, place: _Place) -> list[Any]:
        made: list[Any] = []
        match node:
            case gast.Return():
                value = node.value or constant(None, node)
                made.append(assign(store(self.result, node), value, node))
                if not place.last or place.loops:
                    made.append(self.give(self._returned, True, node))
            case gast.Break():
                made.append(self.give(self.done(place), True, node))
            case gast.Continue() if not place.last:
                made.append(self.give(self.skip(place), True, node))
        own = {target.id for each in made for target in each.targets}
        for final in place.finals_left(node):
            made += [self.give(flag, False, node) for flag in final.overrides if flag not in own]
            made.append(self.give(final.left, True, node))
        return made

    def done(self, place: _Place) -> str:
        return self._names.reused("done", place.breaking - 1)

    def skip(self, place: _Place) -> str:
        return self._names.reused("skip", place.loops - 1)

    def give(self, name: str, value: object, at: Any) -> Any:
        return assign(store(name, at), constant(value, at), at)

    def flag(self, node: Any, place: _Place) -> str:
        """Return the flag by which one sees that the jump ``node`` was made."""
        if finals := place.finals_left(node):
            return finals[-1].left
        match node:
            case gast.Return():
                return self._returned
            case gast.Break():
                return self.done(place)
        return self.skip(place)

    def flags(self, exits: list[Any], place: _Place) -> list[str]:
        return list(dict.fromkeys(self.flag(node, place) for node in exits))

    def unless(self, flags: list[str], body: list[Any], at: Any) -> list[Any]:
        return [located(gast.If(self.none_of(flags, at), body, []), at)] if body else []

    def none_of(self, flags: list[str], at: Any) -> Any:
        tests = [located(gast.UnaryOp(gast.Not(), load(flag, at)), at) for flag in flags]
        return tests[0] if len(tests) == 1 else located(gast.BoolOp(gast.And(), tests), at)

    # Statements that jumps leave

    def flagged(self, node: Any, exits: list[Any], rest: list[Any], place: _Place) -> list[Any]:
        """A statement that sets flags, and what follows unless one is set."""
        first: list[Any] = []
        inside = place.before_others()
        flags = self.flags(exits, place)
        if self._returned in flags and not place.returned_known:
            first.append(self.give(self._returned, False, node))
            inside = replace(inside, returned_known=True)
        may_end_jumps = isinstance(node, gast.With) and _nested(node.body)
        self.parts(node, inside, place)
        reset = self.swallowed(node, flags) if may_end_jumps else ([], [])
        after = self.block(rest, replace(place, returned_known=inside.returned_known))
        return [*first, *reset[0], node, *reset[1], *self.unless(flags, after, node)]

    def swallowed(self, node: Any, flags: list[str]) -> tuple[list[Any], list[Any]]:
        """Make a manager that swallows what an inner one raises on the way out of a jump end that jump.

        Returns what goes before and after the ``with``.
        """
        finished = self._names.fresh("finished")
        node.body = [*node.body, self.give(finished, True, node)]
        reset = self.unless([finished], [self.give(flag, False, node) for flag in flags], node)
        return [self.give(finished, False, node)], reset

    def last_part(self, node: Any, exits: list[Any], place: _Place) -> list[Any] | None:
        """A ``with`` or ``try`` after which nothing follows, if its jumps need no flag; else None."""
        if not place.last:
            return None
        first: list[Any] = []
        if _nested(node.body):
            return None
        if isinstance(node, gast.With):
            if place.ends_function:
                # The manager may swallow an exception: then the function returns None.
                first.append(self.give(self.result, None, node))
            node.body = self.block(node.body, place)
            return [*first, node]
        if list(escaping(node.finalbody)) or (node.orelse and list(escaping(node.body))):
            return None
        node.body = self.block(node.body, place.before_others() if node.orelse else place)
        for handler in node.handlers:
            handler.body = self.block(handler.body, place)
        if node.orelse:
            node.orelse = self.block(node.orelse, place)
        node.finalbody = self.block(node.finalbody, place.before_others())
        return [node]

    def parts(self, node: Any, inside: _Place, place: _Place) -> None:
        if not isinstance(node, gast.Try):
            for block in blocks(node):
                block[:] = self.block(block, inside)
            return
        body_flags = self.flags(list(escaping(node.body)), place)
        before_final = [*escaping(node.body), *escaping(node.orelse)]
        for handler in node.handlers:
            before_final += escaping(handler.body)
        overridden = self.flags(before_final, place)
        # An exception on the way out, raised by an inner `finally` or manager, takes the place of a jump.
        reset = body_flags if _nested(node.body) else []
        node.body = self.block(node.body, inside)
        for handler in node.handlers:
            handler.body = [
                *(self.give(flag, False, handler) for flag in reset), *self.block(handler.body, inside)
            ]
        otherwise = self.block(node.orelse, inside)
        node.orelse = self.unless(body_flags, otherwise, node) if body_flags else otherwise
        if list(escaping(node.finalbody)):
            node.finalbody = self.final(node, inside, overridden)
        else:
            node.finalbody = self.block(node.finalbody, inside)

    def final(self, node: Any, inside: _Place, overridden: list[str]) -> list[Any]:
        """A ``finally`` that jumps: it returns whether it did, which drops an exception on its way out."""
        left = self._names.fresh("left")
        at = node.finalbody[0]
        final = _Final(inside.loops, left, tuple(overridden))
        body = self.block(node.finalbody, replace(inside, finals=(*inside.finals, final)))
        return [self.give(left, False, at), *body, located(gast.Return(load(left, at)), at)]

    # Loops

    def loop(self, node: Any, rest: list[Any], place: _Place) -> list[Any]:
        returns = next((each for each in escaping(node.body) if isinstance(each, gast.Return)), None)
        endless, breaks = _is_endless(node), _breaks(node)
        known = place.returned_known or returns is not None
        inside = replace(
            place, loops=place.loops + 1, breaking=place.breaking + breaks, last=True, ends_function=False,
            returned_known=known,
        )  # fmt: skip
        first: list[Any] = []
        flags: list[str] = []
        if breaks:
            flags.append(self.done(inside))
            first.append(self.give(self.done(inside), False, node))
        if returns:
            flags.append(self.flag(returns, place))
            if not place.returned_known:
                first.append(self.give(self._returned, False, node))
        body = self.block(node.body, inside) or [located(gast.Pass(), node)]
        if self.skip(inside) in assigned(body):
            body.insert(0, self.give(self.skip(inside), False, node))
        otherwise = self.unless([self.done(inside)], node.orelse, node) if breaks else node.orelse
        loop = self.guarded(node, body, flags)
        follow = [*otherwise, *rest]
        if endless:
            return [*first, loop]
        if not returns:
            return [*first, loop, *self.block(follow, place)]
        after = self.block(follow, replace(place, returned_known=True))
        return [*first, loop, *self.unless([self.flag(returns, place)], after, node)]

    def guarded(self, node: Any, body: list[Any], flags: list[str]) -> Any:
        if isinstance(node, gast.For):
            if isinstance(node, GuardedFor):
                tests = [*(self.none_of([flag], node) for flag in flags), node.guard]
                guard = located(gast.BoolOp(gast.And(), tests), node) if flags else node.guard
            elif flags:
                guard = self.none_of(flags, node)
            else:
                return located(gast.For(node.target, node.iter, body, [], None), node)
            loop = GuardedFor(target=node.target, iter=node.iter, body=body, orelse=[], type_comment=None, guard=guard)
            return located(loop, node)
        test = node.test
        if flags:
            unset = self.none_of(flags, node)
            tests = unset.values if isinstance(unset, gast.BoolOp) else [unset]
            test = unset if is_true(test) else located(gast.BoolOp(gast.And(), [*tests, test]), test)
        return located(gast.While(test, body, []), node)


def _nested(block: list[gast.stmt]) -> bool:
    """Say whether a jump in ``block`` runs an inner ``finally`` or manager that may raise on its way out."""
    return any(
        isinstance(statement, gast.With | gast.Try) and any(escaping([statement]))
        or any(map(_nested, blocks(statement)))
        for statement in block
    )
