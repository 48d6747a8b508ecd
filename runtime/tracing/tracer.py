"""The stand-ins that user code runs on while it is traced.

A ``Tracer`` stands for one graph value. Operators and attributes extend the graph; every coercion that would need
the value itself (``bool``, ``float``, ``len``, iteration, ``__array__``) raises, so nothing can leak out of a trace
unnoticed. Which trace is being recorded is a fact of the thread (``current``), so a tracer is just its value.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import TracerLeak
from ..ir.graph import Value
from ..ir.types import DictType, Type
from .current import current, is_tracing

if TYPE_CHECKING:
    from .heap import HeapObject


class OpenNames(str):
    """In place of the names of a ``**mapping`` that are not known: its value is the mapping."""

    __slots__ = ()


class MergedNames(OpenNames):
    """In place of all names of a call that are not known, of which each is there once."""

    __slots__ = ()


class Tracer:
    """Stands for ``graph_value``; ``graph_refs`` are the heap objects it may refer to.

    ``graph_facts`` say what follows from a test: of each tracer in them, its type if this one is true and if it is not;
    of what may be None, true is to be something else.  The slots have names that no attribute of a user's object is
    likely to have.
    """

    __slots__ = ("graph_facts", "graph_refs", "graph_value")
    __array_ufunc__ = None  # NumPy's operators step back for ours

    graph_facts: tuple[Fact, ...]
    graph_value: Value
    graph_refs: frozenset[HeapObject]

    def __init__(self, value: Value, refs: frozenset[HeapObject] = frozenset()) -> None:
        object.__setattr__(self, "graph_value", value)
        object.__setattr__(self, "graph_refs", refs)
        object.__setattr__(self, "graph_facts", ())

    def __getattr__(self, name: str) -> Any:
        if name in ("__array_interface__", "__array_struct__"):
            _leak(self, "an array conversion")
        return current().get_attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        current().set_attribute(self, name, value)

    def __delattr__(self, name: str) -> None:
        current().delete_attribute(self, name)

    def __repr__(self) -> str:
        """For debugging; in a trace it would leak, as ``"%r" % x`` does."""
        if is_tracing():
            _leak(self, "repr()")
        name = f" {self.graph_value.name}" if self.graph_value.name else ""
        return f"<traced{name}: {self.graph_value.type}>"

    def __hash__(self) -> int:
        _leak(self, "hash()")

    def __getitem__(self, key: Any) -> Any:
        """Only ``call(f, **mapping)`` of generated code comes here; other code is not traced."""
        if isinstance(key, OpenNames):
            return self
        if isinstance(key, str) and isinstance(self.graph_value.type, DictType):
            return current().get_item(self, key)
        _leak(self, "indexing in built-in code")

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        _leak(self, "an array conversion")

    def __array_function__(self, function: Callable[..., Any], *args: Any) -> NoReturn:
        _leak(self, f"{getattr(function, '__name__', function)}() in built-in code")


def _leak(tracer: Tracer, use: str) -> NoReturn:
    name = f"'{tracer.graph_value.name}'" if tracer.graph_value.name else "This value"
    raise TracerLeak(
        f"{name} is known only when the graph runs, but {use} needs it now.",
        location=current().shown_location() if is_tracing() else None,
        fix="write it with operators, NumPy functions or f-strings, or pass the value as a static argument",
    )


def _leaking(use: str) -> Callable[..., NoReturn]:
    def method(self: Tracer, *args: Any) -> NoReturn:
        _leak(self, use)

    return method


def _install(name: str, method: Callable[..., Any]) -> None:
    """Let tracers have a special method, by which it is found where it is called by its name."""
    method.__name__ = name
    setattr(Tracer, name, method)


for _special, _use in {
    "__bool__": "bool()",
    "__len__": "len()",
    "__iter__": "iteration",
    "__index__": "use as an index",
    "__int__": "int()",
    "__float__": "float()",
    "__complex__": "complex()",
    "__str__": "str()",
    "__format__": "formatting",
    "__contains__": "in",
    "__setitem__": "item assignment in built-in code",
    "__delitem__": "deletion of an item in built-in code",
    "__reversed__": "reversed()",
    "__call__": "a call",
    "__round__": "round()",
    "__enter__": "with",
    "__buffer__": "memoryview()",
    "__copy__": "copy()",
    "__deepcopy__": "deepcopy()",
    "__reduce_ex__": "pickling",
}.items():
    _install(_special, _leaking(_use))


BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "modulo",
    "pow": "power",
    "matmul": "matmul",
    "lshift": "left_shift",
    "rshift": "right_shift",
    "and": "bit_and",
    "or": "bit_or",
    "xor": "bit_xor",
}
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
UNARY = ("neg", "pos", "invert", "abs")


def _binary(name: str) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    def forward(self: Tracer, other: Any) -> Any:
        return current().operate(name, self, other)

    def reflected(self: Tracer, other: Any) -> Any:
        trace = current()
        return (trace.operate_in_place if trace.places.is_in_place() else trace.operate)(name, other, self)

    def in_place(self: Tracer, other: Any) -> Any:
        return current().operate_in_place(name, self, other)

    return forward, reflected, in_place


for _name in (*BINARY, "divmod"):
    for _prefix, _method in zip(("", "r", "i"), _binary(_name)):
        if not (_name == "divmod" and _prefix == "i"):
            _install(f"__{_prefix}{_name}__", _method)
for _name in COMPARISONS:
    _install(f"__{_name}__", _binary(_name)[0])


def _unary(name: str) -> Callable[[Tracer], Any]:
    return lambda self: current().operate(name, self)


for _name in UNARY:
    _install(f"__{_name}__", _unary(_name))


for _name in ("__doc__", "__module__"):  # which every Python class has for itself
    setattr(Tracer, _name, property(lambda self, name=_name: current().get_attribute(self, name)))


class Method:
    """A method of a value of the graph; of its attributes the program sees none."""

    __slots__ = ()

    def __getattr__(self, name: str) -> NoReturn:
        if is_tracing() and current().front.is_generated(sys._getframe(1).f_code):
            self.refuse_attribute(name)
        raise AttributeError(f"a method of the trace has no attribute {name!r}")

    @staticmethod
    def refuse_attribute(name: str) -> NoReturn:
        current().refuse(
            f"The attribute '{name}' of a method of a value that is known only when the graph runs.",
            fix="name what it is about",
        )


class BoundMethod(Method):
    """``receiver.name`` where the receiver is known only when the graph runs.

    ``check`` is the node that sees whether there is such a method, where that is not sure.
    """

    __slots__ = ("check", "name", "receiver")

    def __init__(self, receiver: Tracer, name: str, check: Any = None) -> None:
        self.receiver = receiver
        self.name = name
        self.check = check

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return current().call(self, *args, **kwargs)


class UserMethod(Method):
    """A function of a user's class bound to a traced object."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Any, receiver: Any) -> None:
        self.function = function
        self.receiver = receiver


class Rule:
    """A callable of the trace's own."""

    __slots__ = ("run",)

    def __init__(self, run: Callable[..., Any]) -> None:
        self.run = run


OF_NAMESPACES = ("graph_target", "__class__")


class Namespace:
    """A user's module, class or member of an enumeration.

    Its attributes are read through the trace, which guards them or makes them inputs.
    """

    __slots__ = ("graph_target",)

    def __init__(self, target: Any) -> None:
        object.__setattr__(self, "graph_target", target)

    def __getattribute__(self, name: str) -> Any:
        """Also of names that every object has, such as ``__init__`` of a class."""
        if name in OF_NAMESPACES:
            return object.__getattribute__(self, name)
        return current().read_namespace(self.graph_target, name)

    def __setattr__(self, name: str, value: Any) -> None:
        current().write_namespace(self.graph_target, name, value)

    def __delattr__(self, name: str) -> None:
        current().delete_namespace(self.graph_target, name)

    def __or__(self, other: Any) -> Any:
        return current().of_namespaces(operator.or_, self, other)

    def __ror__(self, other: Any) -> Any:
        return current().of_namespaces(operator.or_, other, self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return current().call(self, *args, **kwargs)


def _of_class(name: str) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    function = getattr(operator, name if hasattr(operator, name) else f"{name}_")

    def forward(self: Namespace, other: Any) -> Any:
        return current().operate_on_class(name, self, other, function=function)

    def reflected(self: Namespace, other: Any) -> Any:
        return current().operate_on_class(name, other, self, function=function)

    def in_place(self: Namespace, other: Any) -> Any:
        return current().operate_in_place_on_class(name, self, other)

    return forward, reflected, in_place


for _name in BINARY:
    for _prefix, _method in zip(("", "r", "i"), _of_class(_name)):
        if _name != "or" or _prefix == "i":
            setattr(Namespace, f"__{_prefix}{_name}__", _method)
for _name, _symbol in {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(Namespace, f"__{_name}__", lambda self, other, symbol=_symbol: current().order(self, symbol, other))
for _name, _symbol in {"neg": "-", "pos": "+", "invert": "~"}.items():
    setattr(Namespace, f"__{_name}__", lambda self, name=_name, sign=_symbol: current().sign_of_class(name, sign, self))
for _name in ("__doc__", "__module__"):
    setattr(Namespace, _name, property(lambda self, name=_name: current().read_namespace(self.graph_target, name)))


BoundMethod.__name__ = Rule.__name__ = "builtin_function_or_method"    # as Python's errors call what they stand for
UserMethod.__name__ = "method"
Namespace.__name__ = "type"
Tracer.__name__ = "value of the graph"    # which no class of a program's is called


def unwrap(value: Any) -> Any:
    """The module or class itself."""
    return value.graph_target if type(value) is Namespace else value


Fact = tuple[Tracer, Type, Type]


def with_facts(flag: Any, *facts: Fact) -> Any:
    """``flag``, from which types follow: of each subject its type if the flag is true, and if it is false."""
    if isinstance(flag, Tracer):
        object.__setattr__(flag, "graph_facts", facts)
    return flag


def facts_of(flag: Any) -> tuple[Fact, ...]:
    """What follows from ``flag``."""
    return flag.graph_facts if isinstance(flag, Tracer) else ()


def is_tracer(value: Any) -> bool:
    return isinstance(value, Tracer)
