"""Calls with ``**mapping`` where the names are known only when the graph runs.

``dict`` and ``format`` are given the mapping then. Of a function of the program's each parameter that has no value yet
may be among the names: it is what the mapping holds, else its default; what is left is a dict of the graph, which its
``**keywords`` are.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InternalError
from ..ir.types import NEVER, STR, ConstantType, ObjectType, options
from ..ops.containers import ANY_DICT
from ..ops.keywords import FORMATTED, LEFT_KEYWORDS, MERGED_KEYWORDS, TAKEN_KEYWORDS
from .classes import is_user_function
from .heap import Loadable, State, joined, type_of
from .keys import is_graph_function
from .misfits import shown_function
from .trace import is_user_namespace
from .tracer import BoundMethod, MergedNames, OpenNames, Tracer, UserMethod, unwrap

if TYPE_CHECKING:
    from .inlining import Inlining
    from .spreading import Spreading

UNFINISHED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def is_open(kwargs: Mapping[str, Any]) -> bool:
    """Whether names of the keywords of a call are not known."""
    return any(isinstance(name, OpenNames) for name in kwargs)


def parted(kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """The keywords whose names are known, and the mappings that have the others."""
    known = {name: value for name, value in kwargs.items() if not isinstance(name, OpenNames)}
    return known, [value for name, value in kwargs.items() if isinstance(name, OpenNames)]


def _may_clash(kwargs: Mapping[str, Any]) -> bool:
    """Whether a name may be there twice, which an error says of the function, too."""
    return len(kwargs) > 1 and not any(isinstance(name, MergedNames) for name in kwargs)


def call_open(trace: Spreading, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call with names that are not known."""
    function = unwrap(function) if not isinstance(function, Tracer) else function
    known, mappings = parted(kwargs)
    if not _takes_any_names(trace, function, _may_clash(kwargs)):
        trace.refuse_names()
    is_chosen = isinstance(function, Tracer) and isinstance(options(type_of(function))[0], ConstantType)
    if is_chosen or any(isinstance(name, MergedNames) for name in kwargs):
        return trace.call_of_known_number(function, args, kwargs)
    state = State(None, Loadable(STR), joined([trace.contents(mapping)[1] for mapping in mappings]))
    parts = [value if isinstance(name, OpenNames) else name for name, value in kwargs.items()]
    given = ["" if isinstance(function, Tracer) else shown_function(function), not _is_format(function), *parts]
    merged = trace.made(MERGED_KEYWORDS, given, ANY_DICT, "dict", state)
    if function is dict:
        return _dict_of(trace, args, kwargs)
    if _is_format(function):
        if any(thing.kind == "object" for thing in trace.reachable_from((args, *known.values(), merged))):
            trace.refuse_names()
        for name, value in known.items():
            trace.set_item(merged, name, value)
        text = function.receiver if isinstance(function, BoundMethod) else function.__self__
        return trace.apply(FORMATTED, text, trace.new_tuple(*args), merged)
    return trace.call_of_known_number(function, args, {**known, MergedNames("**"): merged})


def _dict_of(trace: Spreading, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    result = trace.call(dict, *args)
    for name, value in kwargs.items():
        if isinstance(name, OpenNames):
            trace.call_method(result, "update", value)
        else:
            trace.set_item(result, name, value)
    return result


def _is_format(function: Any) -> bool:
    if isinstance(function, BoundMethod):
        return function.name == "format" and type_of(function.receiver) == STR
    is_of_text = isinstance(function, types.BuiltinFunctionType) and type(function.__self__) is str
    return is_of_text and function.__name__ == "format"


def _takes_any_names(trace: Spreading, function: Any, may_clash: bool) -> bool:
    """Whether ``call_open`` knows what ``function`` does with a mapping."""
    if function is dict or _is_format(function):
        return True
    if isinstance(function, BoundMethod):
        return all(isinstance(option, ObjectType) for option in options(type_of(function.receiver)))
    if isinstance(function, UserMethod):
        return _takes_any_names(trace, function.function, may_clash)
    if isinstance(function, functools.partial):
        return not function.keywords and _takes_any_names(trace, function.func, may_clash)
    if isinstance(function, Tracer):
        found = options(type_of(function))
        return all(isinstance(option, ConstantType) for option in found) or not may_clash and all(
            isinstance(option, ObjectType) for option in found)
    if isinstance(function, type):
        return is_user_namespace(function) and is_user_function(function, "__init__") and trace.is_filled(function)
    if is_graph_function(function):
        return True
    is_function = isinstance(function, types.FunctionType) and not function.__code__.co_flags & UNFINISHED
    return is_function and not trace.is_of_a_library(function)


def keywords_place(code: types.CodeType) -> str:
    """What is noted of a converted function whose ``**keywords`` are a dict of the graph in all its calls."""
    return f"the keywords of {code.co_qualname}, line {code.co_firstlineno}"


def refers_to(frame: types.FrameType, keywords: Any) -> bool:
    """Whether ``keywords`` are the ``**keywords`` of the function that runs in ``frame``."""
    code = frame.f_code
    if not code.co_flags & inspect.CO_VARKEYWORDS:
        return False
    return frame.f_locals.get(code.co_varnames[_number_before_keywords(code)]) is keywords


def _number_before_keywords(code: types.CodeType) -> int:
    return code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)


def call_with_dict(
    trace: Inlining, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a converted function with a dict of the graph as its ``**keywords``."""
    given = inspect.signature(function).bind(*args, **kwargs)
    given.apply_defaults()
    code = function.__code__
    *names, keywords = code.co_varnames[: _number_before_keywords(code) + 1]
    values = [*[given.arguments[name] for name in names], trace.new_dict(*given.arguments[keywords].items())]
    return _with_plain_parameters(trace, function, values)


def _with_plain_parameters(trace: Inlining, function: types.FunctionType, values: list[Any]) -> Any:
    plain = trace.places.with_plain_parameters(
        function.__code__, len(values), inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
    )
    return types.FunctionType(plain, function.__globals__, function.__name__, None, function.__closure__)(*values)


def call_with_names(
    trace: Inlining, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any], merged: Any
) -> Any:
    """Call a converted function with what ``merged`` holds by names; defaults are those of ``function``."""
    signature = inspect.signature(function)
    parameters = ", ".join(_parameters(signature))
    item = trace.contents(merged)[1]

    def part(op: Any, *given: Any) -> Any:
        state = State(None, Loadable(STR), item)
        return trace.made(op, [parameters, function.__qualname__, *given, merged], ANY_DICT, "dict", state)

    taken = part(TAKEN_KEYWORDS, len(args), tuple(kwargs))
    given = signature.bind_partial(*args, **kwargs).arguments
    values = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = given.get(name, ())
        elif parameter.kind is not parameter.VAR_KEYWORD:
            values.append(given[name] if name in given else _found(trace, taken, name, parameter))
    code = function.__code__
    has_rest, has_names = code.co_flags & inspect.CO_VARARGS, code.co_flags & inspect.CO_VARKEYWORDS
    if has_rest:
        values.append(rest)
    if has_names:
        left = part(LEFT_KEYWORDS)
        for name, value in given.get(code.co_varnames[len(values)], {}).items():
            trace.set_item(left, name, value)
        values.append(left)
    return _with_plain_parameters(trace, function, values)


def raise_misfit(
    trace: Inlining, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any], merged: Any
) -> NoReturn:
    """A call whose arguments do not fit, whatever ``merged`` holds."""
    parameters = ", ".join(_parameters(inspect.signature(function)))
    trace.apply(TAKEN_KEYWORDS, parameters, function.__qualname__, len(args), tuple(kwargs), merged, type=NEVER)
    raise InternalError("a call with unfit arguments came back")


def _parameters(signature: inspect.Signature) -> list[str]:
    """The parameters as they are written, each default as ``_``."""
    plain = [
        parameter.replace(annotation=parameter.empty, default=parameter.empty)
        for parameter in signature.parameters.values()
    ]
    shown = [
        f"{name}=_" if parameter.default is not parameter.empty else str(name)
        for name, parameter in zip(plain, signature.parameters.values())
    ]
    last = max((i for i, p in enumerate(plain) if p.kind is p.POSITIONAL_ONLY), default=None)
    if last is not None:
        shown.insert(last + 1, "/")
    first = next((i for i, p in enumerate(plain) if p.kind is p.KEYWORD_ONLY), None)
    if first is not None and not any(p.kind is p.VAR_POSITIONAL for p in plain):
        shown.insert(first + (last is not None), "*")
    return shown


def _found(trace: Inlining, taken: Any, name: str, parameter: inspect.Parameter) -> Any:
    """What a parameter is: what the mapping holds, or its default."""
    if parameter.kind is parameter.POSITIONAL_ONLY:
        return parameter.default
    if parameter.default is parameter.empty:
        return trace.get_item(taken, name)
    return trace.if_(
        trace.in_(name, taken), lambda: trace.get_item(taken, name), lambda: parameter.default, (), ()
    )
