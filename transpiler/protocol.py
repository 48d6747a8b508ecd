"""The calls that generated code makes, and what each means in ordinary Python.

Generated code holds no control flow of its own: every construct is one call of a name in ``CALLS``.  A *control* gives
these calls their meaning.  ``PlainControl`` runs the user's program just as CPython would, down to the texts of
exceptions; the runtime's control builds a graph instead.

In the signatures below a *thunk* is a function without arguments.  ``carried`` are the values of the variables that a
construct assigns and that are read afterwards, ``names`` what the user calls them.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import CellType, SimpleNamespace, prepare_class, resolve_bases
from typing import Any

from .calls import Called, call_beside
from .courses import Course, plan_of
from .generators import Consumer, Items, PlainGenerator, Unbound, nothing, pass_on
from .groups import RAISING, Handling, raise_as_it_is
from .scope import Scope, no_value, no_value_of_free
from .statements import matcher, unpacker

Thunk = Callable[[], Any]
Carried = tuple[Any, ...]
Handler = tuple[Thunk, Callable[[BaseException], Any]]

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "in": lambda item, container: item in container,
    "not in": lambda item, container: item not in container,
    "is": operator.is_,
    "is not": operator.is_not,
}

IN_PLACE: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.iadd,
    "-": operator.isub,
    "*": operator.imul,
    "@": operator.imatmul,
    "/": operator.itruediv,
    "//": operator.ifloordiv,
    "%": operator.imod,
    "**": operator.ipow,
    "<<": operator.ilshift,
    ">>": operator.irshift,
    "&": operator.iand,
    "^": operator.ixor,
    "|": operator.ior,
}

CONVERSIONS: Mapping[str, Callable[[Any], str]] = {"s": str, "r": repr, "a": ascii}

ABSENT: Any = object()   # an argument that was not written; None may be one that was


class Star:
    """A starred argument or item: the values in it stand side by side."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class PlainControl:
    """What the generated calls mean in ordinary Python, without a graph."""

    # Branches and loops

    def if_(self, test: Any, then: Callable[..., Carried], otherwise: Callable[..., Carried], carried: Carried,
            names: tuple[str, ...]) -> Carried:
        """``if test: ... else: ...``; both branches take the carried values and return the new ones."""
        return then(*carried) if test else otherwise(*carried)

    def while_(self, test: Callable[..., Any], body: Callable[..., Carried], carried: Carried,
               names: tuple[str, ...]) -> Carried:
        """``while test: ...``"""
        while test(*carried):
            carried = body(*carried)
        return carried

    def for_(self, iterable: Iterable[Any], body: Callable[..., Carried], carried: Carried, names: tuple[str, ...],
             test: Callable[..., Any] | None = None) -> Carried:
        """``for item in iterable: ...``; ``test`` is asked before each item is fetched: none is after a ``break``."""
        if isinstance(iterable, PlainGenerator) and iterable.is_unused:
            is_enough = (lambda carried: False) if test is None else lambda carried: not test(*carried)
            return iterable.push(lambda carried, item: body(item, *carried), is_enough, carried)[0]
        items = iter(iterable)
        try:
            while test is None or test(*carried):
                try:
                    item = next(items)
                except StopIteration:
                    break
                carried = body(item, *carried)
            return carried
        finally:
            del iterable, items   # an exception that is handled keeps this frame, a loop that is left does not

    def if_expr(self, test: Any, then: Thunk, otherwise: Thunk) -> Any:
        """``then if test else otherwise``"""
        return then() if test else otherwise()

    # Generators

    def generator(self, run: Callable[..., tuple[Any, Any]], arguments: tuple[Any, ...],
                  frame: Callable[..., Any] | None = None, raises: bool = False) -> Any:
        """What a generator function returns.

        ``run(consumer, state, *arguments)`` gives every item to a consumer, and returns what that keeps and the
        generator's own result.  ``frame(*arguments)`` returns a function that goes on to the next item.  ``raises``: a
        consumer that wants no more ends ``run`` by an exception, so that ``finally`` and ``with`` in it see one.
        """
        return PlainGenerator(run, arguments, frame)

    def named(self, value: Any) -> Any:
        """What a loop that may be left goes over, where a variable refers to it as well."""
        if isinstance(value, PlainGenerator):
            value.is_unused = False
        return value

    def returning(self, value: Any, *generators: Any) -> Any:
        """``value``, which a function returns that ends with it, and with it the generators of its variables."""
        return value

    def give(self, consumer: Consumer, state: Any, value: Any) -> Any:
        """``yield value``; returns what the consumer keeps instead of ``state``."""
        consumer.give(value)
        return state

    def give_all(self, consumer: Consumer, state: Any, iterable: Iterable[Any]) -> Any:
        """``yield from iterable`` as a statement."""
        _give_all(consumer, iterable)
        return state

    def ended(self, consumer: Consumer, state: Any) -> Any:
        """Say whether the consumer wants no more."""
        return consumer.has_enough

    def yield_(self, consumer: Consumer, value: Any) -> Any:
        """``yield value`` as an expression.  Raises GeneratorExit if the consumer wants no more."""
        consumer.give(value)
        if consumer.has_enough:
            raise GeneratorExit

    def yield_from(self, consumer: Consumer, iterable: Iterable[Any]) -> Any:
        """``yield from iterable`` as an expression.  Raises GeneratorExit if the consumer wants no more."""
        value = _give_all(consumer, iterable)
        if consumer.has_enough:
            raise GeneratorExit
        return value

    def received(self, receive: Thunk) -> Any:
        """What ``yield`` gives: what was sent.  Raises what was thrown."""
        return receive()

    def iterator(self, value: Any) -> Any:
        """What a loop or ``yield from`` goes over, kept while the generator waits."""
        return iter(value) if isinstance(value, PlainGenerator) else Items(iter(value))

    def advance(self, items: Items | PlainGenerator, receive: Thunk = nothing, passes_on: bool = False) -> Any:
        """The next item in a tuple, which is empty at the end.

        ``passes_on``: what ``receive`` gives is for a generator that is gone over.
        """
        return pass_on(items, receive) if passes_on else items.step()

    def result_of(self, items: Items | PlainGenerator) -> Any:
        """What ``yield from`` gives when there are no more items."""
        return items.result

    def iterable(self, value: Any) -> Any:
        """What the first ``for`` of a generator expression goes over: an error comes before the first item."""
        return iter(value)

    # Code of which there is no text: where it goes on is decided at once, see ``bytecode``

    def decided(self, test: Any) -> bool:
        """Whether ``test``, which decides where such code goes on, is true."""
        return bool(test)

    def steps(self, iterable: Iterable[Any]) -> Iterator[Any]:
        """What a loop or comprehension of such code goes over."""
        return iter(iterable)

    def step(self, items: Iterator[Any]) -> tuple[Any, ...]:
        """The next of ``steps`` in a tuple, which is empty at the end."""
        for item in items:
            return (item,)
        return ()

    def follow(self, pieces: Sequence[Callable[..., Any]], facts: tuple[Any, ...], handlers: tuple[Any, ...]) -> Any:
        """Run such code of which handlers watch over pieces, see ``courses``; returns what the function does."""
        return Course(self, pieces, plan_of(facts, handlers), self.scope()).run()

    def go_on(self, stacks: Any, position: int, pieces: Sequence[Callable[..., Any]], facts: tuple[Any, ...],
              handlers: tuple[Any, ...], sizes: tuple[Any, ...]) -> tuple[int, tuple[Any]]:
        """Go on with a generator of such code at ``position``; returns the next position and the item in a tuple.

        ``stacks`` is a scope that keeps what is on the stack meanwhile.
        """
        return Course(self, pieces, plan_of(facts, handlers), stacks).go_on(position, sizes)

    def handling(self, error: BaseException, run: Thunk) -> None:
        """``run()`` as a part of a handler of ``error``, which a generator goes on with; ``courses`` calls it."""
        try:
            raise_as_it_is(error)
        except BaseException:   # noqa: BLE001 - it is handled already
            run()

    # Logic and comparisons

    def and_(self, left: Any, right: Thunk) -> Any:
        """``left and right``: one of the two values."""
        return left and right()

    def or_(self, left: Any, right: Thunk) -> Any:
        """``left or right``: one of the two values."""
        return left or right()

    def both(self, left: Any, right: Thunk) -> bool:
        """``left and right`` as a test: each operand is asked at most once whether it is true."""
        return bool(right()) if left else False

    def either(self, left: Any, right: Thunk) -> bool:
        """``left or right`` as a test."""
        return True if left else bool(right())

    def not_(self, value: Any) -> Any:
        """``not value``"""
        return not value

    def compare(self, left: Any, *rest: Any) -> Any:
        """``left < right < more`` as ``compare(left, "<", right, "<", more)``; operands after the first are thunks."""
        result = True
        for symbol, operand in zip(rest[::2], rest[1::2], strict=True):
            if not result:
                break
            right = operand()
            result = COMPARISONS[symbol](left, right)
            left = right
        return result

    def order(self, left: Any, symbol: str, right: Any) -> Any:
        """``left < right`` as ``order(left, "<", right)``, where both may be sequences or the left one is a number."""
        return COMPARISONS[symbol](left, right)

    def eq(self, left: Any, right: Any) -> Any:
        """``left == right``"""
        return left == right

    def ne(self, left: Any, right: Any) -> Any:
        """``left != right``"""
        return left != right

    def in_(self, item: Any, container: Any) -> Any:
        """``item in container``"""
        return item in container

    def not_in(self, item: Any, container: Any) -> Any:
        """``item not in container``"""
        return item not in container

    def is_(self, left: Any, right: Any) -> Any:
        """``left is right``"""
        return left is right

    def is_not(self, left: Any, right: Any) -> Any:
        """``left is not right``"""
        return left is not right

    # Calls, items, displays

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """``function(*args, **kwargs)``; every call in user code."""
        if len(args) == 1 and isinstance(args[0], Star):
            return function(*args[0].value, **kwargs)   # the error for what is no iterable names the function
        return call_beside(function, self.new_list(*args), kwargs)

    def calling(self, function: Any, starred: bool = False) -> Any:
        """``function`` of a call with ``**``: it is called at once, with stars among the arguments if ``starred``.

        So errors about the names of arguments say what the user calls.
        """
        return Called(self.call, function) if starred else function

    def star(self, value: Any) -> Star:
        """``*value`` among arguments or items, ``**value`` in a dict display."""
        return Star(value)

    def items_now(self, value: Any) -> Any:
        """``value`` of ``*value``, as it is before what stands behind it is computed."""
        fixed = isinstance(value, (tuple, str, bytes, range, frozenset))
        return value if fixed or not hasattr(type(value), "__iter__") else list(value)

    def entries_now(self, value: Any) -> Any:
        """``value`` of ``**value`` in a dict display, as it is before what stands behind it is computed."""
        return dict(value) if isinstance(value, dict) else value

    def slice_(self, start: Any, stop: Any, step: Any) -> Any:
        """``start:stop:step`` as an index; None where one is not written."""
        return slice(start, stop, step)

    def get_item(self, obj: Any, index: Any) -> Any:
        """``obj[index]``"""
        return obj[index]

    def set_item(self, obj: Any, index: Any, value: Any) -> None:
        """``obj[index] = value``"""
        obj[index] = value

    def del_item(self, obj: Any, index: Any) -> None:
        """``del obj[index]``"""
        del obj[index]

    def get_class(self, obj: Any) -> Any:
        """``obj.__class__``"""
        return obj.__class__

    def aug_item(self, obj: Any, index: Any, symbol: str, value: Thunk) -> None:
        """``obj[index] += value``: the item is fetched before the value is computed."""
        item = obj[index]
        obj[index] = IN_PLACE[symbol](item, value())

    def aug_attr(self, obj: Any, name: str, symbol: str, value: Thunk) -> None:
        """``obj.name += value``: the attribute is fetched before the value is computed."""
        attribute = getattr(obj, name)
        setattr(obj, name, IN_PLACE[symbol](attribute, value()))

    def unpack(self, value: Any, count: int) -> tuple[Any, ...]:
        """The right side of ``a, b = value`` for ``count`` targets."""
        return unpacker(count, None)(value)

    def unpack_starred(self, value: Any, before: int, after: int) -> tuple[Any, ...]:
        """The right side of ``a, *b, c = value``; a list stands for the starred target."""
        return unpacker(before, after)(value)

    def new_list(self, *items: Any) -> list[Any]:
        """``[first, *more]``"""
        result = []
        for item in items:
            if isinstance(item, Star):
                result += [*item.value]
            else:
                result.append(item)
        return result

    def new_tuple(self, *items: Any) -> tuple[Any, ...]:
        """``(first, *more)``; a tuple without stars stays as it is written."""
        return tuple(self.new_list(*items))

    def new_set(self, *items: Any) -> set[Any]:
        """``{first, *more}``"""
        result = set()
        for item in items:
            if isinstance(item, Star):
                result.update(item.value)
            else:
                result.add(item)
        return result

    def new_dict(self, *items: tuple[Any, Any] | Star) -> dict[Any, Any]:
        """``{key: value, **more}`` as ``new_dict((key, value), star(more))``"""
        result = {}
        for item in items:
            if isinstance(item, Star):
                result.update({**item.value})
            else:
                key, value = item
                result[key] = value
        return result

    # Functions

    def function_(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """``def`` and ``lambda``: a function of the user's that is made here, which captured what it needs."""
        return function

    def class_header(self, name: str, /, *bases: Any, **keywords: Any) -> Any:
        """``class name(*bases, **keywords):``, before the body: what the class will be made of."""
        given = tuple([item for base in bases for item in (base.value if isinstance(base, Star) else (base,))])
        resolved = resolve_bases(given)
        return name, given, resolved, *prepare_class(name, resolved, keywords)

    def class_(self, header: Any, qualified: str, module: str, attributes: tuple[tuple[str, Any], ...],
               again: tuple[str, ...] = (), moved: tuple[str, ...] = ()) -> Any:
        """The class of a ``class`` statement, with the attributes that its body gives it.

        What its body gave no value is no attribute.  A control may refuse ``again``, the attributes that the body gives
        a value more than once, and ``moved``, those that it may give their values in another order, where that counts.
        """
        name, bases, resolved, metaclass, namespace, keywords = header
        namespace["__module__"], namespace["__qualname__"] = module, qualified
        for key, value in attributes:
            if not isinstance(value, Unbound):
                namespace[key] = value
        if resolved is not bases:
            namespace["__orig_bases__"] = bases
        return metaclass(name, resolved, namespace, **keywords)

    # Variables

    def unbound(self, name: str) -> Unbound:
        """What a carried variable is before it has a value."""
        return Unbound(name)

    def bound(self, value: Any, name: str, free: bool = False) -> Any:
        """Return ``value``, the present one of the variable ``name``.

        Raises UnboundLocalError if it has none, NameError if it is read as a ``free`` one.
        """
        if isinstance(value, Unbound):
            raise no_value_of_free(name) if free else no_value(name)
        return value

    def is_bound(self, value: Any) -> Any:
        """Say whether a variable whose present value is ``value`` has one."""
        return not isinstance(value, Unbound)

    def scope(self) -> Scope:
        """A place for variables that inner functions share or that an expression assigns."""
        return Scope()

    def read(self, holder: dict[str, Any] | CellType, name: str, value: Any) -> Any:
        """A read of a variable outside the function; no generated code calls it, the function's globals do."""
        return value

    def owner(self, value: Any) -> Any:
        """A variable outside the function, of which the function asks for attributes; called as ``read`` is."""
        return value

    def miss(self, holder: dict[str, Any] | CellType, name: str) -> Any:
        """A read of a name that the module does not have, or of a closure variable without a value; called as ``read``
        is.  Raises KeyError where it is no global all the same: then Python looks among the builtins.
        """
        raise no_value_of_free(name) if isinstance(holder, CellType) else KeyError(name)

    def imported(self, value: Any, module: str = "", package: str = "", name: str = "") -> Any:
        """What ``import`` in a function binds: a module, or ``name`` of ``module`` (relative to ``package``)."""
        return value

    def get_global(self, holder: dict[str, Any], name: str) -> Any:
        """A global variable or builtin, past variables of functions; generated code leaves out ``holder``."""
        if name not in holder and not hasattr(builtins, name):
            raise NameError(f"name '{name}' is not defined", name=name)
        return self.read(holder, name, holder[name]) if name in holder else getattr(builtins, name)

    def set_global(self, holder: dict[str, Any], name: str, value: Any) -> Any:
        """``global name; name = value``; generated code leaves out the module's dict, ``holder``."""
        holder[name] = value
        return value

    def del_global(self, holder: dict[str, Any], name: str) -> None:
        """``global name; del name``; generated code leaves out ``holder``."""
        if name not in holder:
            raise NameError(f"name '{name}' is not defined", name=name)
        del holder[name]

    def set_nonlocal(self, holder: CellType, name: str, value: Any) -> Any:
        """``nonlocal name; name = value`` for a variable outside the converted function; ``holder`` is left out."""
        holder.cell_contents = value
        return value

    def del_nonlocal(self, holder: CellType, name: str) -> None:
        """``nonlocal name; del name`` for a variable outside the converted function; ``holder`` is left out."""
        if not _is_filled(holder):
            raise no_value_of_free(name)
        del holder.cell_contents

    # Patterns

    def match_class(self, subject: Any, cls: Any) -> bool:
        """``case cls():``"""
        return matcher("kind()", "")(subject, cls, None) is not None

    def class_parts(self, subject: Any, cls: Any, positions: int, names: tuple[str, ...]) -> tuple[Any, ...] | None:
        """What ``case cls(a, b, name=c):`` takes out for so many ``positions`` and these names; None: no match."""
        parts = [f"v{i}" for i in range(positions + len(names))]
        keywords = [f"{name}={part}" for name, part in zip(names, parts[positions:], strict=True)]
        return matcher(f"kind({', '.join([*parts[:positions], *keywords])})", ", ".join(parts))(subject, cls, None)

    def match_sequence(self, subject: Any) -> bool:
        """``case [*_]:``"""
        return matcher("[*_]", "")(subject, None, None) is not None

    def match_length(self, subject: Any) -> int:
        """``len(subject)`` of a sequence."""
        return len(subject)

    def match_mapping(self, subject: Any) -> bool:
        """``case {}:``"""
        return matcher("{}", "")(subject, None, None) is not None

    def mapping_parts(self, subject: Any, keys: tuple[Any, ...], rest: bool) -> tuple[Any, ...] | None:
        """What ``case {key: a, **b}:`` takes out for these ``keys`` and if ``rest``; None: no match."""
        parts = [f"v{i}" for i in range(len(keys))]
        items = [*(f"keys.{part}: {part}" for part in parts), *(["**rest"] if rest else [])]
        match = matcher(f"{{{', '.join(items)}}}", ", ".join([*parts, *(["rest"] if rest else [])]))
        return match(subject, None, SimpleNamespace(**dict(zip(parts, keys, strict=True))))

    # Text

    def mod(self, left: Any, right: Any) -> Any:
        """``left % right``, where the left operand may be text."""
        return left % right

    def fstring(self, *parts: str) -> str:
        """An f-string; what stands in braces is a ``field``."""
        return "".join(parts)

    def field(self, value: Any, conversion: str | None = None, spec: str = "") -> str:
        """``{value!conversion:spec}``, formatted at once: before the fields behind it are computed."""
        return format(value if conversion is None else CONVERSIONS[conversion](value), spec)

    # Exceptions

    def assert_(self, test: Any, message: Thunk | None = None) -> None:
        """``assert test, message``"""
        if not test:
            raise AssertionError if message is None else AssertionError(message())

    def raise_(self, exception: Any = ABSENT, cause: Any = ABSENT) -> None:
        """``raise``, ``raise exception``, ``raise exception from cause``"""
        if exception is ABSENT:
            raise   # noqa: PLE0704  (the exception being handled, wherever the handler stands)
        if cause is ABSENT:
            raise exception
        raise exception from cause

    def with_(self, manager: AbstractContextManager[Any], body: Callable[[Any], Any]) -> None:
        """``with manager as value: body``"""
        with manager as value:
            body(value)

    def enter(self, manager: AbstractContextManager[Any]) -> Any:
        """Begin ``with manager`` where its body is not one function: what ``as`` is given."""
        kind = type(manager)
        text = f"'{kind.__name__}' object does not support the context manager protocol"
        if not hasattr(kind, "__enter__"):
            raise TypeError(text)
        if not hasattr(kind, "__exit__"):
            raise TypeError(f"{text} (missed __exit__ method)")
        return kind.__enter__(manager)

    def leave(self, manager: AbstractContextManager[Any], error: BaseException | None = None) -> Any:
        """End what ``enter`` began; returns whether ``error`` is to be dropped."""
        if error is None:
            return type(manager).__exit__(manager, None, None, None)
        return type(manager).__exit__(manager, type(error), error, error.__traceback__)

    def try_(self, body: Thunk, handlers: tuple[Handler, ...] = (), otherwise: Thunk | None = None,
             final: Thunk | None = None) -> None:
        """``try: ... except ...: ... else: ... finally: ...``

        ``handlers`` are pairs of a thunk for the types and a function of the exception.  If ``final`` returns a true
        value it left by ``return``, ``break`` or ``continue``, which drops an exception on its way out.
        """
        try:
            try:
                body()
            except BaseException as error:
                for types, handler in handlers:
                    if _catches(types(), error):
                        handler(error)
                        break
                else:
                    raise
            else:
                if otherwise is not None:
                    otherwise()
        finally:
            if final is not None and final():
                return   # noqa: B012

    def try_star(self, body: Thunk, handlers: tuple[Handler, ...], otherwise: Thunk | None = None,
                 final: Thunk | None = None) -> None:
        """``try: ... except* ...: ... else: ... finally: ...``, with the arguments of ``try_``."""
        def caught(error: BaseException) -> None:
            handling = Handling(error)
            for types, handler in handlers:
                part = handling.take(types())
                if part is None:
                    continue
                try:
                    try:
                        raise_as_it_is(part)
                    except BaseExceptionGroup as group:
                        handling.begin()
                        handler(group)
                except BaseException as again:
                    handling.keep(again)
            handling.end()

        self.try_(body, ((lambda: BaseException, caught),), otherwise, final)

    def raise_again(self) -> None:
        """A ``raise`` without an exception, in a handler of ``try_star``."""
        raise   # noqa: PLE0704  (the exception being handled, wherever the handler stands)


def _give_all(consumer: Consumer, iterable: Iterable[Any]) -> Any:
    if isinstance(iterable, PlainGenerator) and iterable.is_unused:
        return iterable.push(lambda state, item: consumer.give(item), lambda state: consumer.has_enough, None)[1]
    items = iter(iterable)
    while not consumer.has_enough:
        try:
            item = next(items)
        except StopIteration as stop:
            return stop.value
        consumer.give(item)
    return None


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _catches(types: Any, error: BaseException) -> bool:
    for kind in types if isinstance(types, tuple) else (types,):
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return isinstance(error, types)


RAISING.update({PlainControl.raise_.__code__, PlainControl.call.__code__})
_NOT_WRITTEN = {"read", "miss", "owner", "handling"}   # what no generated code calls
CALLS = tuple(name for name in vars(PlainControl) if not name.startswith("_") and name not in _NOT_WRITTEN)
