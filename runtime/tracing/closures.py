"""Functions as values: what a call makes is an object that knows its code by its class and holds what it captured.

A function that is made, a method that is stored and a partial object each become a record (``ops/closures.py``): a
node when the graph runs, and on the heap an object whose fields are what was captured. A call finds the code by the
class of the record and traces it with the fields, known ones or loaded ones; a value that may be one of several
records is told apart when the graph runs. So a variable that several functions share is shared here too: they
captured the same scope.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from ..ir.types import NEVER, UNBOUND, ObjectType, Type, join, options
from ..ops.closures import CAPTURED, CLOSURE, Record, is_record, record_class
from ..ops.effects import LOAD, Variables
from ..records import record
from .attributes import SharedVariables
from .heap import HeapObject, Loadable, State, loadable, reachable, refs_of
from .inputs import Inputs
from .items import DictView
from .library import Compared, LibraryIterator
from .tracer import BoundMethod, Namespace, Rule, Tracer, UserMethod, unwrap

NAMES = ("__name__", "__qualname__", "__doc__", "__module__")


@record(eq=False)
class Code:
    """What the records of one class have in common; ``restored`` makes what is called of their ``size`` fields."""

    cls: type[Record]
    kind: str
    name: str
    size: int
    restored: Callable[..., Any]
    names: dict[str, Any]  # attributes that every such function has


class Closures(Inputs):
    """The part of a trace that makes functions values, and values functions again."""

    check_made: Callable[..., None]  # see local_classes
    is_harmless: Callable[[HeapObject], bool]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._codes: dict[Hashable, Code] = {}
        self._of_class: dict[type, Code] = {}
        self._bound: dict[int, tuple[Any, types.FunctionType]] = {}
        self._method_records: dict[int, BoundMethod | UserMethod] = {}
        self._plain: dict[HeapObject, types.FunctionType] = {}
        self._records: dict[int, tuple[Any, Tracer]] = {}
        self._kept_alive: list[Any] = []  # whose identity is in a key

    # -- making

    def function_(self, function: types.FunctionType) -> Tracer:
        """A function of converted code that is made here."""
        contents = [_content(cell) for cell in function.__closure__ or ()]
        present = [content is not _EMPTY for content in contents]
        defaults = function.__defaults__ or ()
        named = function.__kwdefaults__ or {}
        key = (id(function.__code__), id(function.__globals__), *present, len(defaults), *named)

        def restored(*fields: Any) -> types.FunctionType:
            rest = iter(fields)
            cells = tuple([types.CellType(next(rest)) if filled else types.CellType() for filled in present])
            code, name = function.__code__, function.__name__
            values = tuple([next(rest) for _ in defaults])
            made = types.FunctionType(code, function.__globals__, name, values or None, cells)
            made.__kwdefaults__ = dict(zip(named, rest)) or None  # type: ignore[assignment]
            made.__qualname__ = function.__qualname__
            return made

        held = [content.graph_tracer if isinstance(content, SharedVariables) else content
                for content in contents if content is not _EMPTY]  # fmt: skip
        names = {name: getattr(function, name) for name in NAMES}
        fields = [*held, *defaults, *named.values()]
        self._kept_alive.append(function.__globals__)
        made = self._made("function", key, function.__name__, fields, restored, names)
        (thing,) = made.graph_refs
        self._plain[thing] = function
        return made

    def plain_function(self, value: Any) -> Any:
        """The function whose record ``value`` is, where it is one that was made here; other values as they are."""
        if isinstance(value, Tracer) and is_record(value.graph_value.type) and len(value.graph_refs) == 1:
            (thing,) = value.graph_refs
            return self._plain.get(thing, value)
        return value

    def kind_of(self, type_: Type) -> str:
        """What kind of record values of ``type_`` are, or an empty text."""
        return self._of_class[type_.cls].kind if is_record(type_) else ""  # type: ignore[attr-defined]

    def partial(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """``functools.partial``"""

        def restored(function: Any, *fields: Any) -> functools.partial[Any]:
            return functools.partial(function, *fields[: len(args)], **dict(zip(kwargs, fields[len(args) :])))

        can_be_called = self.call(callable, function)
        if can_be_called is not True:
            error = TypeError("the first argument must be callable")
            self.if_(can_be_called, lambda: None, lambda: self.raise_now(error), (), ())
        fields = [function, *args, *kwargs.values()]
        return self._made("partial", (functools.partial, len(args), *kwargs), "", fields, restored, {})

    def storable(self, value: Any) -> Any:
        """``value`` as it may be stored: a method of a value is a record then."""
        if type(value) is tuple:
            items = tuple(map(self.storable, value))
            return value if all(p is q for p, q in zip(items, value)) else items
        if isinstance(value, DictView):
            return self.materialised(value)
        if isinstance(value, types.FunctionType) and self.front.is_generated(value.__code__):
            return self._record_of(value)
        if isinstance(value, (BoundMethod, UserMethod)):
            self._method_records[id(value)] = value
        if isinstance(value, BoundMethod):
            name = value.name
            restored = functools.partial(_bound_method, name=name)
            return self._made("builtin_function_or_method", (BoundMethod, name), name, [value.receiver], restored, {})
        if isinstance(value, UserMethod):
            function = value.function
            fields = [value.receiver, *([function] if isinstance(function, Tracer) else [])]
            key = (UserMethod, None if isinstance(function, Tracer) else id(function))
            self._kept_alive.append(function)
            name = getattr(function, "__name__", "method")

            def restored_method(receiver: Any, own: Any = function) -> UserMethod:
                return UserMethod(own, receiver)

            return self._made("method", key, name, fields, restored_method, {})
        return value

    def _record_of(self, function: types.FunctionType) -> Tracer:
        """The record of a function that a class of the call holds."""
        found = self._records.get(id(function))
        if found is None or not self.is_known_here(found[1]):
            found = self._records[id(function)] = function, self.function_(function)
        return found[1]

    @staticmethod
    def bound_to_class(method: Any, cls: type) -> UserMethod:
        """A class method of ``cls``."""
        return UserMethod(method.__func__, Namespace(cls))

    def _made(
        self,
        kind: str,
        key: Hashable,
        name: str,
        fields: Sequence[Any],
        restored: Callable[..., Any],
        names: dict[str, Any],
    ) -> Tracer:
        code = self._codes.get(key)
        if code is None:
            cls = record_class(kind, len(self._codes))
            code = self._codes[key] = self._of_class[cls] = Code(cls, kind, name, len(fields), restored, names)
        fields = list(map(self.storable, fields))
        thing = self.new_object("object", State(dict(enumerate(fields))), code.cls, name)
        return self.apply(CLOSURE, code.cls, *fields, type=ObjectType(code.cls), refs=frozenset((thing,)))

    def converted(self, function: types.FunctionType) -> types.FunctionType:
        """The converted form of a function of the user's, always the same one."""
        if id(function) not in self._bound:
            self._bound[id(function)] = function, self.front.convert(function).bind(function, self)
        return self._bound[id(function)][1]

    # -- using

    def get_class(self, value: Any) -> Any:
        """``value.__class__``"""
        return self.call(type, value) if isinstance(value, Tracer) else unwrap(value).__class__

    def restored(self, function: Tracer) -> Any:
        """What a record stands for, to be called."""
        code = self._code_of(function)
        return code.restored(*[self._field(function, index) for index in range(code.size)])

    def _code_of(self, function: Tracer) -> Code:
        type_ = function.graph_value.type
        assert isinstance(type_, ObjectType)
        return self._of_class[type_.cls]

    def _field(self, function: Tracer, index: Any) -> Any:
        item = self.attribute_of(function, index)
        if isinstance(item, Loadable):
            item = self.loaded(CAPTURED, item, function, index)
            self._know(function, index, item)
        if isinstance(item, Tracer) and item.graph_value.type == ObjectType(Variables):
            return SharedVariables(self, item)
        return item

    def _know(self, function: Tracer, index: Any, item: Any) -> None:
        things = list(function.graph_refs)
        if len(things) == 1 and things[0] not in self.heap.summaries:
            self._set_known(things[0], index, item)

    def function_attribute(self, function: Tracer, name: str) -> Any:
        """An attribute of a record: one that was set, or what functions, methods and partial objects have."""
        code = self._code_of(function)
        item = loadable(set_to := self.attribute_of(function, name))
        bound = [option for option in options(item.type) if option != UNBOUND]
        if bound and len(bound) == len(options(item.type)):
            return self.held_attribute(function, name, set_to)
        if bound and name not in code.names:
            return self.loaded(LOAD, Loadable(join(*bound), item.refs), function, name)
        if not bound and name in code.names:
            return code.names[name]
        if not bound and name == "__call__":
            return function
        if code.kind == "partial" and name in ("func", "args", "keywords"):
            made = self.restored(function)
            return self.new_dict(*made.keywords.items()) if name == "keywords" else getattr(made, name)
        if code.kind == "function" and not bound and not hasattr(types.FunctionType, name):
            return self.apply(LOAD, function, name, type=NEVER)
        self.refuse(
            f"The attribute '{name}' of a function that is made in this call is not supported.",
            fix="keep what it says in a variable",
        )

    def is_one_method(self, a: Any, b: Any) -> bool:
        """``a is b`` where one of them is a method of a value: another one each time it is asked for."""
        if a is b or not any(id(method) in self._method_records for method in (a, b)):
            return a is b
        self.refuse(
            "Whether a method is the one that was stored is known only when the graph runs.",
            fix="compare them with ==",
        )

    def wraps(self, wrapped: Any) -> Any:
        """``functools.wraps``"""

        def wrap(wrapper: Any) -> Any:
            for name in functools.WRAPPER_ASSIGNMENTS:
                if name in NAMES:
                    setattr(wrapper, name, getattr(wrapped, name))
            wrapper.__wrapped__ = wrapped
            return wrapper

        return Rule(wrap)

    def check_given(self) -> None:
        """Refuse to let a function made in the call stay in what was there before it."""
        given = [thing for thing in self.heap.states if thing.start is not None or thing.initial is not None]
        self._check_things(None, reachable(self.heap, given), [], "kept in what the caller has")

    def check_outlives(self, value: Any, how: str) -> None:
        """Refuse to let a function made in the call out of it, also inside of something that holds it."""
        found = [item.function if isinstance(item, UserMethod) else item
                 for item in (value if type(value) is tuple else (value,))
                 if isinstance(item, (BoundMethod, UserMethod))]  # fmt: skip
        names = [getattr(made, "__name__", None) or getattr(made, "name", None) for made in found]
        self._check_things(value, self.reachable_from(value), names, how)

    def check_raised(self, exception: Any) -> None:
        """Refuse an exception that holds a function made in the call; its class may be one of the call."""
        own = frozenset(filter(self.is_harmless, refs_of(exception)))
        self._check_things(None, self.reachable_from(exception) - own, [], "raised")

    def _check_things(self, value: Any, things: Iterable[HeapObject], names: list[str | None], how: str) -> None:
        self.check_made(value, things, how)
        records = {thing.cls for thing in things if is_record(ObjectType(thing.cls))}
        names += [self._of_class[cls].name for cls in sorted(records, key=lambda cls: cls.__qualname__)]
        of_library = [thing.cls for thing in things if issubclass(thing.cls, (LibraryIterator, Compared))]
        names += sorted({cls.__name__.lower() for cls in of_library})
        if names:
            shown = f"'{names[0]}'" if names[0] else "A functools.partial object"
            self.refuse(
                f"{shown} is made in this call and cannot be {how}: it would outlive the call.",
                fix="return the values that it would use, or define it outside",
            )


_EMPTY = object()


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _bound_method(receiver: Any, name: str) -> Any:
    if isinstance(receiver, Tracer):
        return BoundMethod(receiver, name)
    return getattr(receiver, name)
