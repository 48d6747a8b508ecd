"""One trace: the graph under construction, what is known of memory, and how a call becomes a node.

``apply`` is the centre: it finds the operands among the arguments, asks the op's rule for the type of the result,
appends the node and wraps the result. A call that raises for every value of its types still becomes a node, since
the engine raises the true exception there; the path then ends with ``Raised``.
"""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FunctionType, TracebackType
from typing import Any, NoReturn

import numpy as np

from ..errors import InternalError, Refused, ShownLocation, TographError, shown
from ..ir import dims
from ..ir.build import Scope, operands_of
from ..ir.dtypes import fix_of, unsupported
from ..ir.graph import Call, Location, Value, map_leaves
from ..ir.types import (
    ANY,
    BOOL,
    INT,
    NEVER,
    NONE,
    UNBOUND,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    ListType,
    ObjectType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    is_member,
    join,
)
from ..ops import TABLE
from ..ops.containers import TUPLE
from ..ops.effects import CONSTANT, NEW, RAISE, UNBOUND_VALUE
from ..ops.infer import NeedsStatic, NoNumbers, infer_numbers
from ..ops.op import Op, Result
from ..ops.operators import TRUTH
from ..records import record
from .classes import is_container
from .heap import (
    KIND_OF,
    NOTHING,
    Heap,
    HeapObject,
    Loadable,
    Refs,
    State,
    fitting,
    item_type,
    join_states,
    key_type,
    leaving,
    may_refer,
    reachable,
    refs_of,
    state_leaving,
    through,
    type_of,
)
from .places import Places
from .sizes import map_dims, symbols_of
from .tracer import Namespace, Tracer, is_tracer
from .tracer import unwrap as unwrapped

FOLDED = (int, float, complex, bool, str, bytes, type(None), np.generic, np.dtype)
DETAILS = {NameError: ("name",), AttributeError: ("name", "obj"), ImportError: ("name", "path")}  # beside its arguments


class Raised(BaseException):
    """The path being traced raises for certain: nothing after this point runs."""


class Specialise(BaseException):
    """The trace needs these symbols as plain numbers; it starts again with them."""

    def __init__(self, symbols: Mapping[str, int], reason: str) -> None:
        super().__init__(reason)
        self.symbols = dict(symbols)
        self.reason = reason


@dataclass(slots=True, eq=False)
class LoopFrame:
    """A loop being traced: the objects and loops in its body, found again in each round by their places."""

    made: dict[Any, Any] = field(default_factory=dict)
    seen: dict[Any, int] = field(default_factory=dict)

    def again(self, place: Any, new: Any) -> Any:
        """What was made at this place in an earlier round, or ``new``; a place may make several things in a round."""
        self.seen[place] = number = self.seen.get(place, -1) + 1
        return self.made.setdefault((place, number), new)


@record
class Front:
    """What tracing needs of the transpiler."""

    convert: Callable[[Any], Any]
    is_generated: Callable[[Any], bool]


class Trace:
    """The state of one trace.  ``hints`` are the sizes and ints of the call that is traced, by symbol name."""

    call: Callable[..., Any]  # what the parts of a trace need of each other: see calls, attributes, inputs
    call_method: Callable[..., Any]
    call_spread: Callable[..., Any]
    get_attribute: Callable[..., Any]
    set_attribute: Callable[..., Any]
    by_class: Callable[..., Any]
    check_outlives: Callable[..., None]
    storable: Callable[[Any], Any]
    not_: Callable[..., Any]
    is_: Callable[..., Any]
    is_not: Callable[..., Any]
    check_loop: Callable[..., None]
    read_namespace: Callable[..., Any]
    class_variable: Callable[..., Any]
    iterated: Callable[[Any], Loadable]
    standard_streams: Any
    no_mapping = Tracer.__name__  # what was taken apart last as ``**value``, and is none

    def __init__(self, front: Front, hints: Mapping[str, int] | None = None) -> None:
        self.front = front
        self.places = Places(front.is_generated)
        self.root = self.block = Scope()
        self.moments: list[Heap] | None = None
        self.heap = Heap()
        self.hints = dict(hints or {})
        self.loops: list[LoopFrame] = []
        self.learned: list[tuple[Tracer, Value, Refs]] = []  # what tracers were before a test said more of them
        self.active: list[tuple[CodeType, Scope]] = []
        self.tests: list[tuple[Scope, Value]] = []  # what decides whether the code that is traced now runs
        self.homes: dict[str, Scope] = {}
        self.cached_calls: dict[Any, Any] = {}  # functions with a cache that are being traced: see caches
        self.specialised_defaults: dict[tuple[FunctionType, int | str], int] = {}
        self.lift: Callable[[Any], Any] | None = None
        self._raised_at: Location | None = None

    @property
    def heap(self) -> Heap:
        """What is known of memory at this point; where ``moments`` is a list, every state of it is noted there."""
        return self._heap

    @heap.setter
    def heap(self, heap: Heap) -> None:
        self._heap = heap
        if self.moments is not None:
            self.moments.append(heap)

    # -- nodes

    def apply(self, op: Op, *args: Any, type: Type | None = None, refs: Refs | None = None, **kwargs: Any) -> Any:
        """The result of ``op(*args, **kwargs)``; ``type`` and ``refs`` where the caller knows more than the rule."""
        arguments = map_leaves((args, kwargs), self._operand)
        template, values = operands_of(arguments, is_tracer, lambda tracer: tracer.graph_value)
        if not values and type is None and _depends_on_arguments(op):
            folded, constant = self._fold(op, *arguments)
            if folded:
                return constant
        if type is None:
            type = self.infer(op, arguments)
        value = self.emit(op, Call(*template), values, type)
        if type == NEVER:
            raise Raised
        refs = refs if refs is not None else self._refs_of_result(type, arguments)
        return self.wrap(value, refs)

    def emit(self, op: Op, call: Call, inputs: list[Value], type: Type) -> Value:
        return self.emit_all(op, call, inputs, [type])[0]

    def emit_all(
        self, op: Op, call: Call, inputs: list[Value], types: list[Type], bodies: Any = ()
    ) -> tuple[Value, ...]:
        types = [self._named(type) for type in types]
        for type in types:
            self._check_items(type)
            self.settle_in(type, self.block)
        return self.block.emit(op, inputs, types, call, bodies, self.location())

    def _check_items(self, type: Type) -> None:
        """Refuse arrays and scalars of other things than numbers."""
        if isinstance(type, ListType):
            self._check_items(type.item)
        elif isinstance(type, ArrayType | ScalarType):
            self.check_dtype(type.dtype, "is a NumPy scalar" if isinstance(type, ScalarType) else "makes an array")

    def check_dtype(self, dtype: np.dtype[Any], what: str = "makes an array") -> None:
        """Refuse what would be of ``dtype`` if that is none of numbers."""
        kind = "records" if dtype.names and what.endswith("scalar") else unsupported(dtype)
        if kind is not None:
            self.refuse(f"This {what} of {kind}, which is not supported in a graph.", fix=fix_of(dtype))

    def infer(self, op: Op, arguments: Any) -> Type:
        """The type of a call whose arguments are tracers and constants."""
        args, kwargs = map_leaves(arguments, self._described)
        try:
            return infer_numbers(op, args, kwargs)
        except NoNumbers as found:
            self.check_dtype(found.dtype)
            return ANY
        except NeedsStatic as need:
            self.specialise(kwargs.get(need.parameter, (args, kwargs)), f"{op.name}() needs its {need.parameter}")
            return ANY

    def specialise(self, types: Any, reason: str) -> None:
        """Start the trace again with the sizes and ints behind ``types`` as plain numbers, if the call decides them."""
        found: dict[str, int] = {}

        def leaf(item: Any) -> Any:
            for name in symbols_of(item) if isinstance(item, IntType) else ():
                if name in self.hints:
                    found[name] = self.hints[name]
            return item

        map_leaves(types, leaf)
        if found:
            raise Specialise(found, reason)

    def _operand(self, item: Any) -> Any:
        """An argument as it may stand in a node: a tracer or a constant."""
        if isinstance(item, (Tracer, str, int, float)) or item is None:
            return item
        if isinstance(item, Namespace):
            return item.graph_target
        return item if self.lift is None else self.lift(item)

    def _described(self, item: Any) -> Any:
        """The type of an argument, with what is known of a list now; constants stay."""
        if not isinstance(item, Tracer):
            return item
        type = item.graph_value.type
        if isinstance(type, (ListType, SetType, DictType)) or isinstance(type, ObjectType) and is_container(type.cls):
            return self.contents_type(item)
        return type

    def contents_type(self, tracer: Tracer) -> Type:
        """The type of a list, set or dict with the items that it may hold at this point."""
        type = tracer.graph_value.type
        states = [self.heap.get(thing) for thing in tracer.graph_refs]
        if not states or any(state is None for state in states):
            return type
        if isinstance(type, ObjectType):
            return contents_seen(type.cls, states)
        items = join(*(item_type(state) for state in states if state))
        if isinstance(type, ListType):
            known = states[0].known if len(states) == 1 and states[0] else None
            return ListType(items, len(known) if known is not None else None)
        if isinstance(type, SetType):
            return SetType(items)
        return DictType(join(*(key_type(state) for state in states if state)), items)

    def _fold(self, op: Op, args: Any, kwargs: Any) -> tuple[bool, Any]:
        """Compute a call on constants now, if it gives a plain constant without a warning."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                result = op.kernel(np)(*args, **kwargs)
        except Exception:  # noqa: BLE001 - whatever it raises, it raises again when the graph runs
            return False, None
        return isinstance(result, FOLDED), result

    def _refs_of_result(self, type: Type, arguments: Any) -> Refs:
        """What a result may refer to: a new container of what the operands hold, or anything that they reach."""
        if not may_refer(type):
            return NOTHING
        found = self.reachable_from(arguments)
        if isinstance(type, (ListType, SetType, DictType)):
            key = Loadable(type.key, found) if isinstance(type, DictType) else Loadable(NEVER)
            thing = self.new_object(KIND_OF[type.__class__], State(None, key, Loadable(type.item, found)))
            return frozenset((thing,))
        return found

    def reachable_from(self, arguments: Any) -> Refs:
        """Every object that can be reached from the tracers among ``arguments``."""
        found: set[HeapObject] = set()

        def leaf(item: Any) -> Any:
            found.update(refs_of(item))
            return item

        map_leaves(arguments, leaf)
        return reachable(self.heap, found) if found else NOTHING

    # -- values

    def wrap(self, value: Value, refs: Refs = NOTHING) -> Any:
        """A graph value as traced code sees it: tuples are taken apart, what has one possible value is that value."""
        type = value.type
        match type:
            case TupleType(items, cls) if cls is tuple:
                get_item = TABLE.by_name["get_item"]
                whole = Tracer(value, refs)
                parts = []
                for i, item in enumerate(items):
                    part = self.emit(get_item, *self.arranged(whole, i), item)
                    parts.append(self.wrap(part, refs if may_refer(item) else NOTHING))
                return tuple(parts)
            case ConstantType(constant):
                return Namespace(constant) if is_user_namespace(constant) or has_attributes(constant) else constant
            case IntType(int() as known):
                return known
        if type == NONE:
            return None
        if type == UNBOUND:
            return UNBOUND_VALUE
        return Tracer(value, fitting(refs, type))

    @staticmethod
    def arranged(*arguments: Any) -> tuple[Call, list[Value]]:
        template, values = operands_of(arguments, is_tracer, lambda tracer: tracer.graph_value)
        return Call(template), values

    def value_of(self, item: Any) -> Value:
        """``item`` as a graph value of the current scope."""
        if isinstance(item, Tracer):
            return item.graph_value
        if type(item) is tuple and any(map(_has_tracer, item)):
            return self.emit(TUPLE, *self.arranged(*map_leaves(item, unwrapped)), type_of(item))
        if isinstance(item, Namespace):
            item = item.graph_target
        if self.lift is not None:
            item = self.lift(item)
            if isinstance(item, Tracer):
                return item.graph_value
        return self.emit(CONSTANT, Call((item,)), [], type_of(item))

    def new_object(self, kind: str, state: State, cls: type = object, name: str = "") -> HeapObject:
        """A heap object made here; in a loop, the one that stands for all that this place makes."""
        thing = HeapObject(kind, cls, name)
        if self.loops:
            thing = self.loops[-1].again((kind, self.places.path()), thing)
        if thing in self.heap.summaries:
            self.weaken(thing, state)
        else:
            self.heap = self.heap.with_state(thing, state)
        return thing

    @contextmanager
    def in_loop(self) -> Iterator[LoopFrame]:
        """Trace the body of a loop; one that is inside of another is the same in each round of that one."""
        frame = LoopFrame()
        if self.loops:
            frame = self.loops[-1].again(("loop", self.places.path()), frame)
        self.loops.append(frame)
        try:
            yield frame
        finally:
            self.loops.pop()

    def weaken(self, thing: HeapObject, state: State) -> None:
        """Let ``thing`` hold, beside what it may hold, what ``state`` says."""
        self.heap = self.heap.with_state(thing, join_states(thing, self.heap[thing], state))

    def truth(self, item: Any) -> Any:
        """``bool(item)``: a bool where it is known now, else a tracer of one."""
        if isinstance(item, Tracer):
            return item if item.graph_value.type == BOOL else self.apply(TRUTH, item)
        if item is UNBOUND_VALUE:
            raise InternalError("the truth of a variable without a value was asked")
        return bool(unwrapped(item))

    def declared(self, type: Type, scope: Scope) -> Type:
        """``type`` for a new value of ``scope``: an int of unknown value gets a symbol there."""
        type = self._named(type)
        self.settle_in(type, scope)
        return type

    def settle_in(self, type: Type, scope: Scope) -> None:
        """Note that the symbols of ``type`` that mean nothing in ``scope`` so far begin to mean something there."""
        for name in symbols_of(type):
            if name not in self.homes or not self.is_visible(name, scope):
                self.homes[name] = scope

    def is_known_here(self, tracer: Tracer) -> bool:
        """Whether the value of ``tracer`` belongs to this block or one around it."""
        block: Scope | None = self.block
        while block is not None and not block.owns(tracer.graph_value):
            block = block.parent
        return block is not None

    def heap_here(self, heap: Heap) -> Heap:
        """``heap``, as it was at some moment inside of this block, in terms of this block."""
        return leaving(heap, self.heap, self.is_known_here, self.settled_here)

    def heap_through(self, moments: Sequence[Heap]) -> Heap:
        """What is true at each of ``moments``, the first of this block and the others inside of it, in its terms."""

        def here(thing: HeapObject, state: State) -> State:
            is_ours = state is self.heap.states.get(thing)
            return state if is_ours else state_leaving(state, self.is_known_here, self.settled_here)

        return through(moments, here)

    def settled_here(self, type: Type) -> Type:
        """``type`` as it can be said in this block."""
        return self.settled(type, self.block)

    def raise_quietly(self, error: BaseException) -> None:
        """Let the path end with ``error``, as ``raise_now`` does, without leaving it."""
        try:
            self.raise_now(error)
        except Raised:
            pass

    def forget(self, number: int) -> None:
        """Let all but the first ``number`` tracers of ``learned`` be what they were."""
        while len(self.learned) > number:
            subject, value, refs = self.learned.pop()
            object.__setattr__(subject, "graph_value", value)
            object.__setattr__(subject, "graph_refs", refs)

    # -- symbols

    def _named(self, type: Type) -> Type:
        """``type`` in which an int that nothing is known of has a symbol, so that sizes made of it can be compared."""
        if type == INT:
            return IntType(dims.fresh("k", low=None))
        return type

    def is_visible(self, name: str, scope: Scope) -> bool:
        """Whether the symbol ``name`` means something in ``scope``."""
        home = self.homes.get(name, self.root)
        around: Scope | None = scope
        while around is not None:
            if around is home:
                return True
            around = around.parent
        return False

    def unknown_sizes(self, type: Type) -> Type:
        """``type`` in which sizes that differ from one load to the next are new unknowns."""
        return map_dims(type, lambda dim: None if any(s.name.startswith("?") for s in dims.symbols(dim)) else dim)

    def settled(self, type: Type, scope: Scope) -> Type:
        """``type`` as it can be said in ``scope``: sizes that only mean something inside become new unknown ones."""
        return map_dims(
            type, lambda dim: dim if all(self.is_visible(s.name, scope) for s in dims.symbols(dim)) else None
        )

    # -- places and errors

    def location(self) -> Location | None:
        """The user's line that is being traced, or that raised what ends the path."""
        if self._raised_at is not None:
            return self._raised_at
        return self.places.now()

    def shown_location(self) -> ShownLocation | None:
        return shown(self.location())

    def raised_by_user(self, traceback: TracebackType | None) -> bool:
        """Whether an exception comes from the user's own code: its innermost frame is converted code."""
        return self.places.of_raise(traceback) is not None

    def check_keywords(self, keywords: dict[str, Any]) -> None:
        """Refuse to change a function's ``**keywords``, a dict of the trace itself, where that depends on data."""
        if self.active and self.active[-1][1] is not self.block:
            self.refuse(
                "The **keywords of a function are changed under a test or in a loop.",
                fix="change a copy of them: dict(keywords)",
            )

    def refuse(self, message: str, facts: Any = (), fix: str | None = None) -> NoReturn:
        raise Refused(message, location=self.shown_location(), facts=facts, fix=fix)

    def raise_now(self, error: BaseException) -> NoReturn:
        """End the path with ``error``, which user code raised on constants while it was traced."""
        self._raised_at = self.places.of_raise(error.__traceback__)
        try:
            if str(error).endswith(f"must be a mapping, not {Tracer.__name__}"):
                error.args = (str(error).removesuffix(Tracer.__name__) + self.no_mapping,)
            if Tracer.__name__ in str(error):
                self.refuse(
                    "Built-in code was given a value that is known only when the graph runs.",
                    [("it said", str(error).replace(Tracer.__name__, "such a value"))],
                    fix="write it with operators, NumPy functions or f-strings, "
                    "or pass the value as a static argument",
                )
            names = next((names for cls, names in DETAILS.items() if isinstance(error, cls)), ())
            details = {name: getattr(error, name) for name in names if getattr(error, name, None) is not None}
            exception = self.apply(NEW, type(error), *error.args, **details)
            self.apply(RAISE, exception)
        finally:
            self._raised_at = None
        raise InternalError("a raise came back")

    def of_constants(self, function: Callable[..., Any], *args: Any) -> Any:
        """``function(*args)``, for which no value of the graph is needed; what it raises ends the path."""
        try:
            return function(*args)
        except (TographError, InternalError):
            raise
        except Exception as error:  # noqa: BLE001 - it is the user's
            self.raise_now(error)

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[Scope]:
        """Append to ``scope`` for a while."""
        before, self.block = self.block, scope
        try:
            yield scope
        finally:
            self.block = before


def contents_seen(cls: builtins.type, states: Sequence[Any]) -> Type:
    """What a function sees that is given an instance of ``cls``, a class of containers: a list, a dict or a set."""
    if issubclass(cls, bytearray):
        return ObjectType(cls)
    items = join(*(state.item.type for state in states))
    if issubclass(cls, dict):
        return DictType(join(*(state.key.type for state in states)), items)
    return SetType(items) if issubclass(cls, (set, frozenset)) else ListType(items)


def _depends_on_arguments(op: Op) -> bool:
    """Whether a call on constants can be computed while tracing: it gives a number or text and does nothing else."""
    return not op.effect and not op.writes and (op.result is Result.IMMUTABLE or op.name.startswith("operator."))


def _has_tracer(item: Any) -> bool:
    return isinstance(item, (Tracer, Namespace)) or (type(item) is tuple and any(map(_has_tracer, item)))


def is_users_function(value: Any) -> bool:
    """Whether ``value`` is a function of the program's, not of Python's or NumPy's own modules."""
    return isinstance(value, FunctionType) and not _is_of_library(value.__module__ or "")


def has_attributes(value: Any) -> bool:
    """Whether ``value`` is a function of the program's that holds attributes beside the one that decorators give it."""
    return isinstance(value, FunctionType) and not vars(value).keys() <= {"__wrapped__"} and is_users_function(value)


def is_user_namespace(constant: Any) -> bool:
    """Whether attributes of ``constant`` are a user's data: a module or class outside of Python and NumPy."""
    if isinstance(constant, type):
        module = constant.__module__
    elif isinstance(constant, type(sys)):
        module = constant.__name__
    elif is_member(constant):
        module = type(constant).__module__
    else:
        return False
    return not _is_of_library(module)


def _is_of_library(module: str) -> bool:
    root = module.partition(".")[0]
    return root in sys.stdlib_module_names or root in ("numpy", "tograph", "builtins", "cupy")
