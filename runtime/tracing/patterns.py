"""Patterns: what a ``case`` asks of its subject, and what it takes out of it.

Where the subject's class is known the answer is too, and the items are taken out at once; else the answer is a value
of the graph from which the class follows, as with ``isinstance``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ..ir.types import ANY, NONE, DictType, ObjectType, TupleType, Type, join, options
from ..ops.containers import ANY_DICT
from ..ops.patterns import IS_MAPPING, IS_SEQUENCE, MAPPING_PARTS, MATCH_MAPPING, MATCH_SEQUENCE, TAKES_SELF, is_flagged
from .answers import ANSWERS
from .classes import class_of
from .exceptions import Exceptions
from .heap import Loadable, State, type_of
from .items import DictView, is_key
from .tracer import Tracer, unwrap, with_facts


class Patterns(Exceptions):
    """The part of a trace that matches patterns."""

    def match_class(self, subject: Any, cls: Any) -> Any:
        """``case cls():``"""
        cls = unwrap(cls)
        if not isinstance(cls, type):
            self.of_constants(_match_no_class, cls)
        return self.call(isinstance, subject, cls)

    def match_sequence(self, subject: Any) -> Any:
        """``case [*_]:``"""
        return self._is_of_kind(subject, IS_SEQUENCE, MATCH_SEQUENCE)

    def match_length(self, subject: Any) -> Any:
        """``len(subject)`` of a sequence."""
        return self.call(len, subject)

    def match_mapping(self, subject: Any) -> Any:
        """``case {}:``"""
        return True if type(subject) is dict else self._is_of_kind(subject, IS_MAPPING, MATCH_MAPPING)

    def _is_of_kind(self, subject: Any, kind: int, op: Any) -> Any:
        if isinstance(subject, DictView):
            return False
        found = options(type_of(subject))
        classes = [class_of(option) for option in found]
        for option in found:
            if isinstance(option, ObjectType) and is_flagged(option.cls, kind):
                self.refuse(
                    f"'{option.cls.__name__}' is a sequence or mapping of its own, which patterns cannot take apart.",
                    fix="match a list, a tuple or a dict of its items",
                )
        if None in classes:
            return self.apply(op, subject)
        answers = [cls is not None and is_flagged(cls, kind) for cls in classes]
        if len(set(answers)) == 1:
            return answers[0]
        if_true = join(*(option for option, answer in zip(found, answers) if answer))
        if_false = join(*(option for option, answer in zip(found, answers) if not answer))
        return with_facts(self.apply(op, subject), (subject, if_true, if_false))

    # -- classes

    def class_parts(self, subject: Any, cls: Any, positions: int, names: tuple[str, ...]) -> Any:
        """What ``case cls(a, b, name=c):`` takes out of ``subject``; None where it does not match."""
        flag = self.match_class(subject, cls)
        if not isinstance(flag, Tracer):
            return self._attributes(subject, unwrap(cls), positions, names) if flag else None
        parts = self.if_(flag, lambda: self._attributes(subject, unwrap(cls), positions, names), lambda: None, (), ())
        return with_facts(parts, *flag.graph_facts)

    def _attributes(self, subject: Any, cls: type, positions: int, names: tuple[str, ...]) -> Any:
        found = options(type_of(subject))
        if len(found) > 1 and any(isinstance(option, ObjectType) for option in found):
            if not all(isinstance(option, ObjectType) for option in found):
                self._refuse_class(cls)
            return self.by_class(subject, lambda one: self._attributes(one, cls, positions, names))
        takes_self, wanted = self._wanted(cls, positions, names)
        present = [ANSWERS[hasattr](self, subject, name) for name in wanted]
        if any(isinstance(flag, Tracer) for flag in present):
            self._refuse_class(cls)
        if not all(present):
            return None
        taken = tuple(self.call(getattr, subject, name) for name in wanted)
        return (subject, *taken) if takes_self else taken

    def _refuse_class(self, cls: type) -> NoReturn:
        self.refuse(
            f"The class of what '{cls.__name__}' matches is known only when the graph runs.",
            fix="match each class in a case of its own",
        )

    def _wanted(self, cls: type, positions: int, names: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
        """Whether the first pattern takes the subject itself, and the attributes for the others; may raise."""
        if not positions:
            return False, names
        listed: Any = self.of_constants(getattr, cls, "__match_args__", None)
        takes_self = listed is None and is_flagged(cls, TAKES_SELF)
        if listed is not None and type(listed) is not tuple:
            kind = type(listed).__name__
            self.raise_now(TypeError(f"{cls.__name__}.__match_args__ must be a tuple (got {kind})"))
        allowed = 1 if takes_self else len(listed or ())
        if positions > allowed:
            plural = "" if allowed == 1 else "s"
            text = f"{cls.__name__}() accepts {allowed} positional sub-pattern{plural} ({positions} given)"
            self.raise_now(TypeError(text))
        wanted = [] if listed is None else [*listed[:positions]]
        for name in wanted:
            if not isinstance(name, str):
                kind = type(name).__name__
                self.raise_now(TypeError(f"__match_args__ elements must be strings (got {kind})"))
        wanted += names
        for i, name in enumerate(wanted):
            if name in wanted[:i]:
                self.raise_now(TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute '{name}'"))
        return takes_self, tuple(wanted)

    # -- mappings

    def mapping_parts(self, subject: Any, keys: tuple[Any, ...], rest: bool) -> Any:
        """What ``case {key: a, **b}:`` takes out of ``subject``; None where it does not match."""
        flag = self.match_mapping(subject)
        if not isinstance(flag, Tracer):
            return self._values(subject, keys, rest) if flag else None
        parts = self.if_(flag, lambda: self._values(subject, keys, rest), lambda: None, (), ())
        return with_facts(parts, *flag.graph_facts)

    def _values(self, subject: Any, keys: tuple[Any, ...], rest: bool) -> Any:
        state = self.only_state(subject) if isinstance(subject, Tracer) else State(subject)
        if state is not None and state.known is not None and all(map(is_key, keys)) and len({*keys}) == len(keys):
            if any(key not in state.known for key in keys):
                return None
            values = tuple(self.get_item(subject, key) for key in keys)
            others = [(key, self.get_item(subject, key)) for key in state.known if key not in keys] if rest else []
            return (*values, self.new_dict(*others)) if rest else values
        anything = Loadable(ANY, self.reachable_from(subject))
        key, item = self.contents(subject) if isinstance(type_of(subject), DictType) else (anything, anything)
        types: list[Type] = [self.unknown_sizes(item.type) for _ in keys]
        refs = item.refs
        if rest:
            types.append(ANY_DICT)
            refs |= {self.new_object("dict", State(None, key, item))}
        return self.apply(MAPPING_PARTS, subject, keys, rest, type=join(TupleType(tuple(types)), NONE), refs=refs)


def _match_no_class(cls: Any) -> None:
    """Let CPython say that ``cls`` is no class."""
    match None:
        case cls():
            pass
