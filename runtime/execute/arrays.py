"""Graphs on the arrays of another package, such as CuPy's.

The graph is the one that NumPy's arrays have, and means what it means for them: numbers are numbers, items of a vector
too, and an array that the program makes is one of the package.  So arrays stay on their device, and a result that is a
number with NumPy is brought to the host when it is computed.  ``ArrayCalls`` says how a node is called for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Signature
from types import ModuleType
from typing import Any

import numpy as np

from ..errors import Refused, shown
from ..ir.graph import Node, Operand
from ..ir.types import (
    ANY,
    AnyType,
    ArrayType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    options,
)
from ..ops.callbacks import CALLBACK
from ..ops.collections import base_of
from ..ops.infer import is_numpys_function, signature_of
from ..ops.op import TABLE, Result

ALL = slice(None)
FIRST = slice(1)
SECOND = slice(1, 2)
# The arguments that an op goes through, item by item.
WALKED: Mapping[str, slice] = {
    **dict.fromkeys((
        "builtins.sum", "builtins.any", "builtins.all", "builtins.sorted", "builtins.list", "builtins.dict",
        "builtins.tuple", "builtins.set", "frozenset", "builtins.enumerate", "builtins.reversed", "iterator", "unpack",
        "unpack_starred", "ordered", "operator.contains", "operator.countOf", "operator.indexOf", "dict.fromkeys",
        "itertools.accumulate", "itertools.combinations", "itertools.combinations_with_replacement", "itertools.cycle",
        "itertools.groupby", "itertools.islice", "itertools.pairwise", "itertools.permutations", "itertools.tee",
        "bisect.bisect_left", "bisect.bisect_right", "statistics.mean", "statistics.fmean",
        "statistics.geometric_mean", "statistics.harmonic_mean", "statistics.median", "statistics.median_low",
        "statistics.median_high", "statistics.mode", "statistics.pstdev", "statistics.pvariance", "statistics.stdev",
        "statistics.variance", "math.fsum", "math.prod",
    ), FIRST),
    **dict.fromkeys((
        "builtins.zip", "itertools.chain", "itertools.compress", "itertools.product", "itertools.zip_longest",
        "math.dist", "joined_list", "joined_tuple", "joined_set",
    ), ALL),
    **dict.fromkeys((
        "heapq.nsmallest", "heapq.nlargest", "str.join", "container.extend", "container.update",
        "container.difference_update", "container.intersection_update", "container.symmetric_difference_update",
        "container.union", "container.intersection", "container.difference", "container.symmetric_difference",
        "container.issubset", "container.issuperset", "container.isdisjoint", "list.extend", "list.__init__",
        "deque.__init__", "deque.extend", "deque.extendleft", "set.__init__", "set.update", "set.issubset",
        "set.issuperset", "set.isdisjoint", "set.intersection_update", "set.difference_update",
        "set.symmetric_difference_update", "frozenset.issubset", "frozenset.issuperset", "frozenset.isdisjoint",
        "Counter.__init__", "Counter.update", "Counter.subtract", "random.Random.choice", "random.Random.choices",
        "random.Random.sample", "random.Random.shuffle",
    ), SECOND),
}
WALKED_ALONE = frozenset(("builtins.min", "builtins.max"))   # go through their argument if it is the only one
# Ops that take arrays as numbers or text, or work on the host only; what they give may be an array all the same.
ON_HOST = frozenset(("builtins.int", "builtins.float", "builtins.complex", "builtins.str", "builtins.repr",
                     "builtins.format", "builtins.index", "builtins.hash", "builtins.round", "builtins.range",
                     "operator.truth", "text", "print", "percent", "length", "array2string", "array_repr", "array_str"))
KINDS_ON_HOST = ("math.", "cmath.", "number.", "random.Generator.", "random.RandomState.", "vectorize.", "np.")
# Parameters of functions of NumPy that are not arrays, though lists and tuples of numbers are given for them.
NOT_ARRAYS = frozenset((
    "shape", "newshape", "axis", "axes", "axisa", "axisb", "axisc", "source", "destination", "shift", "pad_width",
    "indices_or_sections", "repeats", "reps", "dtype", "order", "subscripts", "k", "n", "s", "window_shape", "dims",
    "strides", "kth", "range", "bins", "offset", "optimize", "sections", "args", "kwargs", "casting",
    "constant_values", "end_values", "stat_length", "index", "key",
))
CREATORS = frozenset(("zeros", "ones", "empty", "full", "eye", "identity", "arange"))   # filled where they stay
OF_ARRAYS = ("operator.", "attribute.", "set_attribute.", "method.", "get_item", "update", "delete_item", "flag_item",
             "mgrid", "ogrid", "r_", "c_")
GIVES_PYTHON = frozenset(("method.tolist", "method.item", "method.tobytes"))
REDUCTIONS = frozenset(("sum", "prod", "mean", "std", "var", "min", "max", "argmin", "argmax", "any", "all", "ptp"))
ASKING = frozenset(("isinstance", "type", "of_class", "has_attribute"))   # of a value's class
SPECIMEN = np.empty(0)
NUMBERS = (bool, int, float, complex)


class ArrayCalls:
    """How the nodes of a graph are called where its arrays are those of ``package``."""

    def __init__(self, package: ModuleType) -> None:
        self.package = package
        self.array = package.ndarray

    # -- values

    def on_host(self, value: Any) -> Any:
        """``value`` with NumPy's arrays for those of the package, in tuples, lists and dicts too."""
        return self._mapped(value, self.array, lambda array: self.package.asnumpy(array, order="A"))

    def on_device(self, value: Any) -> Any:
        """``value`` with arrays of the package for NumPy's, in tuples, lists and dicts too."""
        return self._mapped(value, np.ndarray, self.package.asarray)

    def _mapped(self, value: Any, cls: type, convert: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return convert(value)
        kind = type(value)
        if kind is dict:
            items = {key: self._mapped(item, cls, convert) for key, item in value.items()}
            return value if all(items[key] is item for key, item in value.items()) else items
        if kind is not list and not isinstance(value, tuple):
            return value
        items = [self._mapped(item, cls, convert) for item in value]
        if all(new is old for new, old in zip(items, value)):
            return value
        return kind(*items) if hasattr(kind, "_fields") else kind(items)

    def number(self, value: Any) -> Any:
        """The NumPy scalar for an array of the package that has rank 0, an item of ``value``."""
        return self.package.asnumpy(value)[()] if isinstance(value, self.array) and value.ndim == 0 else value

    def item(self, value: Any, index: Any) -> Any:
        """``value[index]``, with NumPy's distinction of items and arrays of rank 0."""
        found = value[index]
        parts = index if type(index) is tuple else (index,)
        if not isinstance(value, self.array) or any(part is ... for part in parts):
            return found
        return self.number(found)

    def flat(self, value: Any) -> Any:
        """``x.flat``, given what it is in the package."""
        return _FlatItems(value, self)

    def walk(self, value: Any) -> Any:
        """What going through ``value`` item by item gives: for an array what NumPy's gives."""
        return _Items(value, self) if isinstance(value, self.array) else value

    def spread(self, function: Callable[..., Any], args: Any, **kwargs: Any) -> Any:
        """A call with a star: of the package's function, where it has one of its own."""
        op = TABLE.of_callable(function)
        if op is not None and is_numpys_function(function):
            function = op.kernel(self.package)
        result = function(*self.walk(args), **kwargs)
        return self.number(result) if op is not None and isinstance(op.kernel(np), np.ufunc) else result

    def enumerated(self, _: type, value: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
        """``np.ndenumerate(value)``."""
        return ((place, self.number(value[place])) for place in np.ndindex(value.shape))

    def called_back(self, *args: Any, **kwargs: Any) -> Any:
        """A call of ordinary Python: it is given arrays of the package; arrays of NumPy's that it gives are brought."""
        return self.on_device(CALLBACK.kernel(np)(*args, **kwargs))

    # -- nodes

    def kernel(self, node: Node) -> Callable[..., Any] | None:
        """What computes ``node``; None where that is what computes it with NumPy's arrays.

        What is computed from numbers alone is computed on the host, except what fills new arrays.
        Raises Refused where the package has no such function, or where a result may be a number or an array.
        """
        name = node.op.name
        (output,) = node.outputs
        if not any(_may_hold_array(value.type) for value in (*node.inputs, output)):
            return None
        if node.op is CALLBACK:
            return self.called_back
        if name in ASKING:
            return self._asking(node)
        if name == "spread":
            return self.spread
        if name == "get_item" and ANY in options(output.type):
            return self.item
        if name in WALKED or name in WALKED_ALONE and len(node.call.args) == 1:
            return self._walking(node, WALKED.get(name, FIRST))
        if name == "new" and isinstance(node.call.args[0], type) and base_of(node.call.args[0]) is not None:
            return self._walking(node, SECOND)
        if name == "nditer":
            raise self._refusal("numpy.nditer() goes through the memory of NumPy's arrays only", node)
        if name == "new" and node.call.args[0] is np.ndenumerate:
            return self.enumerated
        if name in ON_HOST or name.startswith(KINDS_ON_HOST):
            return self._hosted(node)
        if not any(_may_hold_array(value.type) for value in node.inputs) and name not in CREATORS:
            return self._hosted(node) if is_numpys_function(node.op.kernel(np)) else None
        if name.startswith(OF_ARRAYS) or self._differs(node):
            return self._called(node)
        return None

    def _differs(self, node: Node) -> bool:
        """Whether the package has a function of its own for ``node``; some ops are written anew at each asking."""
        kernel = node.op.kernel(np)
        return kernel == node.op.kernel(np) and self._kernel(node) != kernel

    def _kernel(self, node: Node) -> Callable[..., Any]:
        """The function of the package that ``node`` calls."""
        try:
            found = node.op.kernel(self.package)
        except AttributeError:
            raise self._refusal(f"{self.package.__name__} has no function {node.op.name!r}", node) from None
        name = node.op.name
        if name.startswith(("method.", "attribute.")) and not hasattr(self.array, name.partition(".")[2]):
            raise self._refusal(f"Arrays of {self.package.__name__} have no {name.partition('.')[2]!r}", node)
        signature = _signature(found)
        if signature is not None:
            try:
                signature.bind(*node.call.args, **node.call.kwargs)
            except TypeError as error:
                raise self._refusal(f"{node.op.name}() of {self.package.__name__}: {error}", node) from None
        return found

    def _refusal(self, text: str, node: Node) -> Refused:
        error = Refused(f"{text}.",
                        fix="write it in terms of other functions, or convert the arrays before the call")
        place = shown(node.location)
        return error if place is None else error.at(place)

    def _walking(self, node: Node, positions: slice) -> Callable[..., Any]:
        kernel, walk = node.op.kernel(np), self.walk

        def walking(*args: Any, **kwargs: Any) -> Any:
            walked = list(args)
            walked[positions] = map(walk, args[positions])
            return kernel(*walked, **kwargs)

        return walking

    def _asking(self, node: Node) -> Callable[..., Any]:
        """An op to which arrays of the package are of NumPy's class."""
        kernel = node.op.kernel(np)
        return lambda value, *args: kernel(SPECIMEN if isinstance(value, self.array) else value, *args)

    def _hosted(self, node: Node) -> Callable[..., Any]:
        kernel, on_host, on_device = node.op.kernel(np), self.on_host, self.on_device
        written = [index for index in node.op.writes if index < len(node.call.args)]

        def hosted(*args: Any, **kwargs: Any) -> Any:
            brought = [arg if i in written and type(arg) is list else on_host(arg) for i, arg in enumerate(args)]
            named = on_host(kwargs)
            result = kernel(*brought, **named)
            for target, source in [(args[i], brought[i]) for i in written] + [(kwargs.get("out"), named.get("out"))]:
                if isinstance(target, self.array):
                    target[...] = self.package.asarray(source)
                    result = target if result is source else result
            return on_device(result)

        return hosted

    def _called(self, node: Node) -> Callable[..., Any] | None:
        (output,) = node.outputs
        kernel = self._kernel(node)
        lists = self._lists(node)
        numbers = self._numbers(output.type, node)
        if not lists and numbers is None:
            return None if kernel is node.op.kernel(np) else kernel
        asarray = self.package.asarray

        def called(*args: Any, **kwargs: Any) -> Any:
            if lists:
                args = tuple([asarray(arg) if i in lists else arg for i, arg in enumerate(args)])
                kwargs = {name: asarray(arg) if name in lists else arg for name, arg in kwargs.items()}
            result = kernel(*args, **kwargs)
            return result if numbers is None else numbers(result)

        return called

    def _lists(self, node: Node) -> frozenset[int | str]:
        """The arguments that are lists or tuples of numbers, given for an array."""
        if node.op.name in ("get_item", "update", "delete_item"):
            return frozenset()
        signature = _signature(node.op.kernel(np))
        names = [] if signature is None else list(signature.parameters)
        given = [*enumerate(node.call.args), *node.call.kwargs.items()]
        found = [place for place, argument in given
                 if (names[place] if isinstance(place, int) and place < len(names) else place) not in NOT_ARRAYS
                 and _is_list_of_numbers(argument, node)]
        return frozenset(found)

    def _numbers(self, type: Type, node: Node) -> Callable[[Any], Any] | None:
        """What turns a result of the package into one of ``type``; None where it is one already."""
        kinds = options(type)
        arrays = [kind for kind in kinds if isinstance(kind, ArrayType)]
        scalars = [kind for kind in kinds if isinstance(kind, ScalarType)]
        if scalars:
            return self._unknown(node) if any(not array.shape for array in arrays) else self.number
        if any(isinstance(kind, IntType) or isinstance(kind, PythonType) and kind.cls in NUMBERS for kind in kinds):
            return lambda value: value.item() if isinstance(value, self.array) and value.ndim == 0 else value
        if ANY in kinds:
            return self._numbers_of_any(node)
        if len(kinds) == 1 and isinstance(type, TupleType):
            return self._of_tuple(type, [self._numbers(item, node) for item in type.items])
        if len(kinds) == 1 and isinstance(type, ListType):
            convert = self._numbers(type.item, node)
            return None if convert is None else lambda value: [convert(item) for item in value]
        return self.flat if node.op.name == "attribute.flat" else None

    def _numbers_of_any(self, node: Node) -> Callable[[Any], Any] | None:
        """The same for a result of which nothing is known: by what NumPy's op does for rank 0."""
        name, kernel = node.op.name, node.op.kernel(np)
        if name in GIVES_PYTHON:
            return None
        if name.removeprefix("method.") in REDUCTIONS or isinstance(kernel, np.ufunc) or name.startswith("operator."):
            return self.number
        return self._unknown(node)

    def _unknown(self, node: Node) -> None:
        """A result that may be a number or an array of rank 0: with no new memory it is what the operand is."""
        if node.op.result is Result.FRESH:
            raise self._refusal("It is not known whether this is a number or an array of rank 0", node)

    def _of_tuple(self, type: TupleType, parts: Sequence[Callable[[Any], Any] | None]) -> Callable[[Any], Any] | None:
        cls = type.cls
        if cls is tuple and not any(parts):
            return None

        def convert(value: Any) -> Any:
            items = [item if part is None else part(item) for part, item in zip(parts, value, strict=True)]
            return tuple(items) if cls is tuple else cls(*items)

        return convert


class _Items:
    """An array of a package as a sequence of what items of NumPy's array would be."""

    def __init__(self, array: Any, calls: ArrayCalls) -> None:
        self._array = array
        self._calls = calls

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, index: Any) -> Any:
        return self._calls.number(self._array[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        self._array[index] = value

    def __iter__(self) -> Iterator[Any]:
        if self._array.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool((self._array == value).any())


class _FlatItems(_Items):
    """``x.flat`` of an array of a package, whose items are numbers."""

    def __iter__(self) -> Iterator[Any]:
        return map(self._calls.number, self._array)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._array, name)


def _signature(function: Callable[..., Any]) -> Signature | None:
    """The signature of a function; None for those written in C that have none."""
    try:
        return signature_of(function)
    except (ValueError, TypeError):
        return None


def _may_hold_array(type: Type) -> bool:
    """Whether a value of ``type`` may be an array or hold one."""
    for option in options(type):
        match option:
            case ArrayType() | AnyType() | ObjectType():
                return True
            case TupleType(items) if any(map(_may_hold_array, items)):
                return True
            case ListType(item) | SetType(item) | IteratorType(item) if _may_hold_array(item):
                return True
            case DictType(_, item) if _may_hold_array(item):
                return True
    return False


def _is_list_of_numbers(argument: Any, node: Node) -> bool:
    """Whether an argument is a list or tuple without arrays in it."""
    if isinstance(argument, Operand):
        type = node.inputs[argument.index].type
        return isinstance(type, (ListType, TupleType)) and not _may_hold_array(type)
    if not isinstance(argument, (list, tuple)) or not argument:
        return False
    return all(_is_list_of_numbers(item, node) if isinstance(item, (list, tuple)) else _is_number(item, node)
               for item in argument)


def _is_number(argument: Any, node: Node) -> bool:
    if not isinstance(argument, Operand):
        return isinstance(argument, (*NUMBERS, np.generic))
    type = node.inputs[argument.index].type
    return isinstance(type, (IntType, ScalarType)) or isinstance(type, PythonType) and type.cls in NUMBERS
