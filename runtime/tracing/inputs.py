"""Inputs: what a traced call is given, from its arguments and from the variables its code reads.

``lift`` turns a value of the call into what traced code sees and notes where to find it at the next call. Numbers
and arrays become inputs; text, functions and classes stay themselves under a guard; lists, dicts and objects become
references with a state. A ``key`` says all that a trace assumes of a value: dtype, rank, which sizes are 0, 1 or
more, layout, Python type.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
import types
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import numpy as np

from ..array_packages import is_other_array, package_of
from ..errors import ShownLocation
from ..ir import dims
from ..ir.dtypes import fix_of, unsupported
from ..ir.graph import Location, Value
from ..ir.library_values import LIBRARY_CLASSES, ZONES, zone_class
from ..ir.types import (
    ANY,
    BOOL,
    COMPLEX,
    FLOAT,
    NEVER,
    UNBOUND,
    ArrayType,
    DictType,
    IntType,
    ListType,
    ObjectType,
    PythonType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    options,
)
from ..ops.effects import LOAD, STORE, UNBOUND_VALUE
from ..ops.random_numbers import SOURCES as RANDOM_SOURCES
from ..records import record
from .attributes import SharedVariables
from .classes import class_attribute, has_user_method, is_container
from .heap import UNSET, HeapObject, Loadable, State, attribute, joined, may_be_unbound, type_of
from .items import DictView
from .key_text import describe_key
from .keys import (
    ABSENT,
    CALLABLES,
    PLAIN,
    Abstract,
    Exactly,
    Identity,
    are_kept_apart,
    has_own_keys,
    is_graph_function,
    key_of,
    key_of_item,
)
from .paths import Argument, Attribute, Item, Object, Path, Size, Surroundings, Variable, instance_attribute
from .records import Records, is_named_tuple
from .special_methods import is_special_method
from .trace import Front, has_attributes, is_user_namespace, is_users_function
from .tracer import BoundMethod, Namespace, Tracer, UserMethod, unwrap

VALUES = {bool: BOOL, float: FLOAT, complex: COMPLEX, **{cls: PythonType(cls) for cls in LIBRARY_CLASSES}}


@record
class Source:
    """Where a value of the trace is found at a call, and its key; ``is_input`` where the graph takes it."""

    name: str
    path: Path
    key: Hashable
    is_input: bool
    is_outer: bool = True  # not an argument, nor part of one that the key of the call covers
    place: Location | ShownLocation | None = None  # the user's line that reads or needs it

    def accepts(self, value: Any) -> bool:
        """Whether ``value`` is as the trace assumes."""
        if isinstance(self.key, Identity):
            return self.key.value is value
        return Exactly(value) == self.key if isinstance(self.key, Exactly) else key_of(value) == self.key

    def described(self) -> str:
        """What is assumed, for people."""
        if isinstance(self.key, Identity):
            return getattr(self.key.value, "__name__", repr(self.key.value))
        if isinstance(self.key, Exactly):
            return repr(self.key.value)
        return describe_key(self.key)


class Inputs(Records):
    """The part of a trace that takes values of the call in."""

    def __init__(self, front: Front, specialised: Mapping[str, int] | None = None) -> None:
        super().__init__(front)
        self.specialised = dict(specialised or {})
        self.needed_at: dict[str, ShownLocation | None] = {}  # the lines that specialised them
        self.sources: list[Source] = []
        self.lift = self.lift_constant
        self._outer = True
        self._lifted: dict[int, tuple[Any, Any]] = {}
        self._things: dict[int, tuple[Any, HeapObject]] = {}
        self._holders: dict[int, tuple[Any, HeapObject]] = {}
        self._names: dict[str, int] = {}
        self.switches: dict[Value, str] = {}  # the bools of the call
        self._surroundings: Tracer | None = None
        self.package: types.ModuleType | None = None     # whose arrays the call is given
        self._first_array = ""

    # -- values

    def take(self, value: Any, name: str, path: Path) -> Any:
        """``value`` as traced code sees it; ``get`` finds it among the arguments of a call."""
        kind = type(value)
        if kind is Abstract:
            return self._input(value.type, name, path, value)
        if kind is tuple:
            return tuple(self.take(item, f"{name}_{i}", path.to(Item(i))) for i, item in enumerate(value))
        is_text_of_numpy = isinstance(value, np.str_ | np.bytes_)
        if isinstance(value, (*PLAIN, *CALLABLES)) and not is_text_of_numpy or is_graph_function(value):
            self._source(name, path, key_of(value), False)
            return Namespace(value) if is_user_namespace(value) or has_attributes(value) else value
        if is_named_tuple(kind):
            self._source(name, path, key_of(value), False)
            parts = enumerate(zip(kind._fields, tuple(value)))
            with self.inside(self.root):
                items = [self.take(item, f"{name}.{field}", path.to(Item(i))) for i, (field, item) in parts]
                return self.named_tuple(kind, items)
        if kind is int or kind in VALUES or isinstance(value, (np.generic, np.ndarray)) or package_of(kind):
            return self._input(self._type_of_data(value, name, path), name, path, value)
        if id(value) in self._lifted:
            return self._lifted[id(value)][1]
        tracer = self._reference(value, name, path)
        self._lifted[id(value)] = (value, tracer)
        return tracer

    def _input(self, type: Type, name: str, path: Path, value: Any) -> Any:
        symbol = self._switch(name, value) if type == BOOL else getattr(_symbol(type), "name", "")
        number = self.specialised.get(symbol)
        if number is not None:
            self.sources.append(
                Source(name, path, Exactly(number), False, self._outer, self.needed_at.get(symbol) or self.location())
            )
            return number
        self._source(name, path, key_of(value), True)
        self.settle_in(type, self.root)
        made = self.root.input(type, name)
        if type == BOOL:
            self.switches[made] = symbol
        with self.inside(self.root):
            return self.wrap(made)

    def _switch(self, name: str, value: Any) -> str:
        """What a bool of the call is specialised by."""
        symbol = self.unique(f"whether {name}")
        if isinstance(value, bool):
            self.hints[symbol] = value
        return symbol

    def _source(self, name: str, path: Path, key: Hashable, is_input: bool) -> None:
        place = self.location() if self._outer else None
        self.sources.append(Source(name, path, key, is_input, self._outer, place))

    def take_argument(self, value: Any, name: str, index: int) -> Any:
        """An argument of the call, which the key of the call covers."""
        self._outer = False
        try:
            return self.take(value, name, Path(Argument(index)))
        finally:
            self._outer = True

    def _type_of_data(self, value: Any, name: str, path: Path) -> Type:
        if isinstance(value, np.ndarray) or package_of(type(value)) is not None:
            self._check_package(value, name)
            self._check_items_of(value, name, "an array")
            return ArrayType(
                value.dtype, tuple(self._size(size, name, path, axis) for axis, size in enumerate(value.shape))
            )
        if isinstance(value, np.generic):
            self._check_items_of(value, name, "a NumPy scalar")
            return ScalarType(value.dtype)
        if type(value) is int:
            symbol = self.unique(name)
            self.hints[symbol] = value
            return IntType(dims.symbol(symbol, low=None))
        self._check_zone(value, name)
        return VALUES[type(value)]

    def _check_package(self, value: Any, name: str) -> None:
        """All arrays of a call are of one package."""
        package = package_of(type(value))
        if package is None:
            self.refuse(f"'{name}' is a {type(value).__name__}, a subclass of ndarray.", fix=f"pass np.asarray({name})")
        if self.package is None:
            self.package, self._first_array = package, name
        if package is not np and value.dtype.fields is not None:
            self.refuse(f"'{name}' is an array of records, of {package.__name__}.", fix="use an array for each field")
        if package is not self.package:
            self.refuse(
                f"'{name}' is an array of {package.__name__}, and '{self._first_array}' is one of "
                f"{self.package.__name__}.",
                fix=f"convert one of them before the call, as with {self.package.__name__}.asarray()",
            )

    def _check_items_of(self, value: Any, name: str, what: str) -> None:
        kind = "records" if isinstance(value, np.record | np.void) else unsupported(value.dtype)
        if kind is not None:
            self.refuse(f"'{name}' is {what} of {kind}.", fix=fix_of(value.dtype))

    def _check_zone(self, value: Any, name: str) -> None:
        zone = zone_class(value)
        if zone is not None and zone.__module__ not in ZONES:
            self.refuse(
                f"The time zone of '{name}' is an object of the class '{zone.__name__}', which has methods of its own.",
                fix="use datetime.timezone or zoneinfo.ZoneInfo",
            )

    def _size(self, size: int, name: str, path: Path, axis: int) -> Any:
        if size < 2:
            return size
        symbol = self.unique(f"{name}_{axis}")
        self.hints[symbol] = size
        known = self.specialised.get(symbol)
        if known is None:
            return dims.symbol(symbol, low=2)
        shown, place = f"{name}.shape[{axis}]", self.needed_at.get(symbol)
        self.sources.append(Source(shown, path.to(Size(axis)), Exactly(known), False, place=place))
        return known

    def surroundings(self) -> Tracer:
        """The input that tells what has become of all other inputs and of what is assumed."""
        if self._surroundings is None:
            path = Path(Surroundings(self.sources))
            self.sources.append(Source("surroundings", path, Identity(path), True, False))
            self._surroundings = Tracer(self.root.input(ObjectType(Surroundings), "surroundings"))
        return self._surroundings

    def given(self) -> Iterator[tuple[Any, HeapObject, bool]]:
        """The objects and variables from outside: what it is, what stands for it, and whether a path leads to it."""
        for value, thing in self._things.values():
            yield value, thing, id(value) in self._lifted
        for value, thing in self._holders.values():
            yield value, thing, True

    def unique(self, name: str) -> str:
        """A symbol's name that no other has."""
        count = self._names[name] = self._names.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"

    def _reference(self, value: Any, name: str, path: Path) -> Tracer:
        """A list, dict, set or object of the call, as an input that refers to what it is."""
        self._source(name, path, key_of(value), True)
        thing = self._thing(value, name)
        if thing.kind == "object":
            thing.initial = self._initial(value, name, path)
        return Tracer(self.root.input(_reference_type(value), name), frozenset((thing,)))

    def _thing(self, value: Any, name: str = "") -> HeapObject:
        """The one heap object that stands for ``value``, with what it holds when the call begins."""
        entry = self._things.get(id(value))
        if entry is not None:
            return entry[1]
        kind = type(value)
        if is_other_array(kind):
            self.refuse(
                f"'{name or kind.__name__}' is an array of {kind.__module__.partition('.')[0]}.",
                fix="convert it before the call: graphs work on arrays of NumPy and of CuPy",
            )
        thing = HeapObject({list: "list", dict: "dict", set: "set", frozenset: "set"}.get(kind, "object"), kind, name)
        self._things[id(value)] = (value, thing)
        thing.start = State()
        if kind is list:
            items = [self._held(item) for item in value]
            known = are_kept_apart(list(map(key_of_item, value)))
            thing.start = State(dict(enumerate(items))) if known else State(None, item=joined(items))
        elif kind is dict:
            if has_own_keys(value):
                thing.start = State(None, joined(map(self._held, value)), joined(map(self._held, value.values())))
            else:
                thing.start = State({key: self._held(item) for key, item in value.items()})
        elif thing.kind == "set":
            thing.start = State(None, item=joined(self._held(item) for item in value))
        else:
            thing.initial = self._held_attributes(value)
            if is_container(kind):
                thing.start = self._held_contents(value)
        return thing

    def given_object(self, thing: HeapObject) -> Any:
        """The object that ``thing`` stands for when the call is traced, or None."""
        return next((value for value, found in self._things.values() if found is thing), None)

    def _held_contents(self, value: Any) -> State:
        """What an object that is a container holds when the call begins."""
        if isinstance(value, bytearray):
            return State(item=Loadable(IntType()))
        if not isinstance(value, dict):
            return State(item=joined(map(self._held, value)))
        return State(key=joined(map(self._held, dict.keys(value))), item=joined(map(self._held, dict.values(value))))

    def _held(self, item: Any) -> Loadable:
        """What an item of a given list or dict is, to be loaded when it is used."""
        if type(item) is tuple or is_named_tuple(type(item)):
            parts = [self._held(part) for part in item]
            type_ = TupleType(tuple(part.type for part in parts), type(item))
            return Loadable(type_, frozenset().union(*(part.refs for part in parts)))
        if type(item) is int:
            return Loadable(IntType())
        if isinstance(item, np.ndarray) or package_of(type(item)) is not None:
            self._check_package(item, type(item).__name__)
            sizes = tuple(size if size < 2 else dims.fresh("d", low=2) for size in item.shape)
            return Loadable(ArrayType(item.dtype, sizes))
        if isinstance(item, np.generic):
            return Loadable(ScalarType(item.dtype))
        if type(item) in VALUES:
            self._check_zone(item, type(item).__name__)
            return Loadable(VALUES[type(item)])
        if isinstance(item, (*PLAIN, *CALLABLES)) or is_graph_function(item):
            return joined([item])
        return Loadable(_reference_type(item), frozenset((self._thing(item),)))

    def _held_attributes(self, value: Any) -> Callable[[str], Any]:
        """What the attributes of an object inside a container are; the key of the container covers them."""

        def initial(name: str) -> Any:
            try:
                return self._held(instance_attribute(value, name))
            except AttributeError:
                return UNSET

        return initial

    def _initial(self, value: Any, name: str, path: Path) -> Callable[[str], Any]:
        found: dict[str, Any] = {}

        def initial(attribute: str) -> Any:
            if attribute not in found:
                shown, own = f"{name}.{attribute}", path.to(Attribute(attribute))
                try:
                    held = instance_attribute(value, attribute)
                except AttributeError:
                    self._source(shown, own, ABSENT, False)
                    found[attribute] = UNSET
                else:
                    found[attribute] = self.take(held, shown, own)
            return found[attribute]

        return initial

    def lift_constant(self, item: Any) -> Any:
        """A concrete object that reached a call: arrays, lists and objects are inputs, whatever they hold later."""
        if is_special_method(item) or isinstance(item, (BoundMethod, UserMethod)):
            self.refuse(
                "A method of a value that is known only when the graph runs cannot be passed on.",
                fix="call it at once, or put a lambda that calls it in its place",
            )
        if (
            isinstance(item, (int, float, complex, *PLAIN, np.generic, *CALLABLES))
            or type(item) in LIBRARY_CLASSES
            or is_graph_function(item)
            or isinstance(item, (BaseException, Loadable))
            or item is UNBOUND_VALUE
        ):
            return item
        if isinstance(item, SharedVariables):
            return item.graph_tracer
        if isinstance(item, DictView):
            return self.materialised(item)
        if type(item) is dict and id(item) not in self._lifted:
            return self.new_dict(*item.items())
        if type(item) in (np.ndarray, list, dict, set) or package_of(type(item)) or not _is_library_object(item):
            if id(item) in self._lifted:
                return self._lifted[id(item)][1]
            return self.take(item, type(item).__name__, Path(Object(item)))
        return item

    # -- variables outside of the converted function

    def read(self, holder: Any, name: str, value: Any) -> Any:
        """A module global or closure variable."""
        found = self._read_variable(holder, name, self._variable(holder, name))
        return self.standard_streams if found is sys else found

    def imported(self, value: Any, module: str = "", package: str = "", name: str = "") -> Any:
        """What ``import`` in a function binds: variables of the program's modules are read at each call."""
        if isinstance(value, types.ModuleType):
            return self.standard_streams if value is sys else Namespace(value) if is_user_namespace(value) else value
        source = sys.modules[importlib.util.resolve_name(module, package)]
        if source is sys:
            return getattr(self.standard_streams, name)
        return self.read(vars(source), name, value) if is_user_namespace(source) and name in vars(source) else value

    def miss(self, holder: Any, name: str) -> Any:
        """A global that the module does not have, or a closure variable without a value, but may get it in this call.

        Raises KeyError as long as there is no such global: then the name is a builtin's, or nobody's.
        """
        item = self._variable(holder, name)
        if item is UNSET:
            if isinstance(holder, types.CellType):
                return self.loaded(LOAD, Loadable(NEVER), self._holder_tracer(holder), name)
            raise KeyError(name)
        return self._read_variable(holder, name, item)

    def owner(self, value: Any) -> Any:
        """A variable of which attributes are asked for: those of a function are variables, too."""
        return Namespace(value) if is_users_function(value) and not self.front.is_generated(value.__code__) else value

    def _variable(self, holder: Any, name: str) -> Any:
        thing = self._holder(holder)[1]
        return attribute(thing, self.heap[thing], name)

    def _read_variable(self, holder: Any, name: str, item: Any) -> Any:
        if not isinstance(item, Loadable):
            return item
        return self.held_attribute(self._holder_tracer(holder), name, item)

    def _holder(self, holder: Any) -> tuple[Any, HeapObject]:
        entry = self._holders.get(id(holder))
        if entry is None:
            thing = HeapObject("object", type(holder), "variables")
            found: dict[str, Any] = {}

            def initial(name: str) -> Any:
                if name not in found:
                    path = Path(Variable(holder, name))
                    try:
                        value = path.find(())
                    except (KeyError, ValueError, AttributeError):
                        self._source(name, path, ABSENT, False)
                        found[name] = UNSET
                        return UNSET
                    found[name] = self.take(value, name, path)
                return found[name]

            thing.initial = initial
            thing.start = State()
            entry = self._holders[id(holder)] = (holder, thing)
        return entry

    def _holder_tracer(self, holder: Any) -> Tracer:
        _, thing = self._holder(holder)
        if id(holder) not in self._lifted:
            self.sources.append(Source("variables", Path(Object(holder)), Identity(holder), True))
            value = self.root.input(ObjectType(type(holder)), "variables")
            self._lifted[id(holder)] = (holder, Tracer(value, frozenset((thing,))))
        return self._lifted[id(holder)][1]

    def get_global(self, holder: dict[str, Any], name: str) -> Any:
        """A global variable or builtin, past variables of functions."""
        if name in holder:
            return self.read(holder, name, holder[name])
        try:
            return self.miss(holder, name)
        except KeyError:
            if not hasattr(builtins, name):
                self.raise_now(NameError(f"name '{name}' is not defined", name=name))
        return getattr(builtins, name)

    def set_global(self, holder: Any, name: str, value: Any) -> Any:
        value = self.storable(value)
        self.check_outlives(value, f"kept in '{name}'")
        tracer = self._holder_tracer(holder)
        self.apply(STORE, tracer, name, value)
        self._store_known(tracer, name, value)
        return value

    set_nonlocal = set_global

    def del_global(self, holder: Any, name: str) -> None:
        self.delete_attribute(self._holder_tracer(holder), name)

    del_nonlocal = del_global

    def class_variable(self, owner: Any, name: str) -> Any:
        """What a user's class itself says of ``name``."""
        return self._read_variable(owner, name, self._variable(owner, name))

    def read_namespace(self, target: Any, name: str) -> Any:
        """An attribute of a user's module or class."""
        if isinstance(target, type) and name in ("__name__", "__qualname__"):
            return self.of_constants(getattr, target, name)
        for owner in target.__mro__ if isinstance(target, type) else (vars(target),):
            item = self._variable(owner, name)
            if item is UNSET:
                continue
            if isinstance(target, types.FunctionType) and may_be_unbound(type_of(item)):
                if type_of(item) == UNBOUND:
                    text = f"'function' object has no attribute '{name}'"
                    self.raise_now(AttributeError(text, name=name, obj=target))
                self.refuse(
                    f"Whether the function '{target.__name__}' has '{name}' is known only when the graph runs.",
                    fix="set it on every path, or where the function is defined",
                )
            item = self._read_variable(owner, name, item)
            if isinstance(item, staticmethod):
                return item.__func__
            if isinstance(item, classmethod):
                return UserMethod(item.__func__, Namespace(target))
            kind = type_of(item)
            if isinstance(target, type) and isinstance(kind, ObjectType) and has_user_method(kind, "__get__"):
                getter = class_attribute(kind.cls, "__get__")[0]
                return self.call(UserMethod(getter, item), None, Namespace(target))
            return item
        return self.of_constants(getattr, target, name)

    def assigned(self, module: types.ModuleType, name: str) -> Any:
        """What the call put into a variable of a module; None if it did not."""
        entry = self._holders.get(id(vars(module)))
        known = self.heap[entry[1]].known if entry is not None else None
        return self.read_namespace(module, name) if name in (known or {}) else None

    def has_variable(self, target: types.FunctionType, name: str) -> bool:
        """Whether a function has an attribute, of which it may be known that it was set or deleted."""
        item = self._variable(vars(target), name)
        if item is not UNSET and UNBOUND in options(type_of(item)):
            if len(options(type_of(item))) == 1:
                return False
            self.read_namespace(target, name)
        return item is not UNSET

    def write_namespace(self, target: Any, name: str, value: Any) -> None:
        """A module is its variables: a function in it reads what is written here."""
        self.set_global(self._holder_of(target, name), name, value)

    def of_namespaces(self, function: Callable[..., Any], *operands: Any) -> Any:
        """An operator of classes, modules and members of enumerations."""
        return self.of_constants(function, *map(unwrap, operands))

    def _holder_of(self, target: Any, name: str) -> Any:
        """What holds an attribute of a module, a class or a function."""
        if isinstance(target, types.FunctionType) and hasattr(types.FunctionType, name):
            self.refuse(f"The attribute '{name}' of a function is changed.", fix="set it where the function is defined")
        return vars(target) if isinstance(target, (types.ModuleType, types.FunctionType)) else target

    def delete_namespace(self, target: Any, name: str) -> None:
        """``del target.name`` of a module or class."""
        holder = self._holder_of(target, name)
        if self._variable(holder, name) is UNSET:
            self.of_constants(delattr, target, name)
        self.del_global(holder, name)


def _reference_type(value: Any) -> Type:
    """The type of what is changed in place; a class derived from a container may do anything, as other objects do."""
    containers = {list: ListType(ANY), dict: DictType(ANY, ANY), set: SetType(ANY), frozenset: SetType(ANY)}
    return containers.get(type(value)) or ObjectType(type(value))


def _symbol(type: Type) -> Any:
    found = dims.symbols(type.value) if isinstance(type, IntType) and type.value is not None else []
    return found[0] if found else None


def _is_library_object(item: Any) -> bool:
    """Whether an object belongs to Python or NumPy, so that it can stand in a node as it is."""
    root = type(item).__module__.partition(".")[0]
    own = root in sys.stdlib_module_names or root in ("numpy", "builtins", "tograph")
    return own and not isinstance(item, RANDOM_SOURCES)
