"""Converts a function: its source is rewritten once, then bound to a control and to each function that shares its code.

The rewritten syntax tree itself is compiled, under the user's file name and lines, so that tracebacks, debuggers and
profilers show the user's file; the printed text is for reading.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import threading
import types
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import Any

import gast

from .emit import Printed, emit
from .errors import NoSource, StaleSource, TographError
from .rewrites import rewrite
from .source import FUTURE_FLAGS, Source, compile_again, find_source, nested_codes, python_function
from .subset import check_subset

_MODULE_ENTRIES = ("__builtins__", "__name__", "__package__", "__spec__")   # read by CPython itself, past __missing__
_NEEDS_THE_MODULE = {"get_global", "set_global", "del_global"}
_WRITES_A_CELL = {"set_nonlocal", "del_nonlocal"}


class Converted:
    """The last constant of every generated code object is this class: the sign that it is one."""


@dataclass(frozen=True)
class Conversion:
    """What became of a code object; it holds neither the function nor its variables.

    ``protocol`` maps names as printed to the names of the control's methods, ``renamed`` names of functions as printed
    to the user's: a method of a class inside has another one in the text.  ``owners`` are the names whose attributes
    the function asks for or sets.
    """

    code: types.CodeType
    filename: str
    printed: Printed
    protocol: Mapping[str, str]
    renamed: Mapping[str, str]
    owners: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        """The generated Python."""
        return self.printed.text

    @property
    def lines(self) -> Mapping[int, int]:
        """The user's line for each line of ``source``."""
        return self.printed.lines

    def bind(self, function: Callable[..., Any], control: object) -> types.FunctionType:
        """Return the generated function under ``control``, with the arguments and outer variables of ``function``."""
        plain = python_function(function)
        cells = dict(zip(plain.__code__.co_freevars, plain.__closure__ or ()))
        namespace = Namespace(self.protocol, control, plain.__globals__, cells, self.owners)
        bound = types.FunctionType(self.code, namespace, plain.__name__, plain.__defaults__)
        bound.__kwdefaults__ = plain.__kwdefaults__
        bound.__qualname__ = plain.__qualname__
        bound.__module__ = plain.__module__
        bound.__doc__ = plain.__doc__
        bound.__annotations__ = plain.__annotations__
        return bound


class Namespace(dict[str, Any]):
    """The globals of a generated function: the protocol, then the cells of its closure, then the user's module.

    CPython looks a global name up by ``__getitem__`` where globals are a subclass of dict, so each read of an outer
    variable arrives here and sees its present value.
    """

    def __init__(
        self,
        protocol: Mapping[str, str],
        control: object,
        module: dict[str, Any],
        cells: Mapping[str, types.CellType],
        owners: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__({name: module[name] for name in _MODULE_ENTRIES if name in module})
        self.setdefault("__builtins__", builtins)
        self._protocol = protocol
        self._control: Any = control
        self._module = module
        self._cells = cells
        self._owners = owners

    def __missing__(self, name: str) -> Any:
        if name in self._protocol:
            value = self[name] = self._action(self._protocol[name])
            return value
        if name in self._cells:
            value = self._read(self._cells[name], name, lambda: self._cells[name].cell_contents)
        else:
            value = self._read(self._module, name, lambda: self._module[name])
        return self._control.owner(value) if name in self._owners else value

    def _read(self, holder: Any, name: str, find: Callable[[], Any]) -> Any:
        try:
            value = find()
        except (KeyError, ValueError):    # the module has no such variable, or the cell is empty
            return self._control.miss(holder, name)
        return self._control.read(holder, name, value)

    def _action(self, name: str) -> Callable[..., Any]:
        method = getattr(self._control, name)
        if name in _NEEDS_THE_MODULE:
            return partial(method, self._module)
        if name in _WRITES_A_CELL:
            return lambda variable, *value: method(self._cells[variable], variable, *value)
        return method


def transpile(function: Callable[..., Any], control: object) -> Callable[..., Any]:
    """Return what ``function`` means under ``control``: a function, or a bound method if it is one.

    A function that was generated is returned as it is.  Raises TographError for what cannot be converted.
    """
    if isinstance(function, types.MethodType):
        return types.MethodType(transpile(function.__func__, control), function.__self__)
    plain = python_function(function)
    return plain if is_generated(plain.__code__) else convert(plain).bind(plain, control)


def is_generated(code: types.CodeType) -> bool:
    """Say whether ``code`` was made by ``convert``; functions inside a converted one count too."""
    return code.co_consts[-1:] == (Converted,)


def convert(function: Callable[..., Any]) -> Conversion:
    """Return the conversion of a function's code, made at the first call and kept as long as the code lives.

    Raises NoSource, StaleSource or UnsupportedSyntax.
    """
    plain = python_function(function)
    code = plain.__code__
    assert not is_generated(code), "generated code is not converted again"
    found = _kept(code)
    if found is None:
        with _LOCK:
            found = _kept(code) or _keep(code, _convert(plain))
    return found


# Equal code objects may stand in different files, so they are told apart by identity.
_CONVERSIONS: dict[int, tuple[weakref.ref[types.CodeType], Conversion]] = {}
_LOCK = threading.RLock()


def _kept(code: types.CodeType) -> Conversion | None:
    entry = _CONVERSIONS.get(id(code))
    return entry[1] if entry is not None and entry[0]() is code else None


def _keep(code: types.CodeType, conversion: Conversion) -> Conversion:
    key = id(code)

    def forget(reference: weakref.ref[types.CodeType]) -> None:
        if (entry := _CONVERSIONS.get(key)) is not None and entry[0] is reference:
            del _CONVERSIONS[key]

    _CONVERSIONS[key] = weakref.ref(code, forget), conversion
    return conversion


def _convert(function: types.FunctionType) -> Conversion:
    source = _source_of(function)
    if source is None:
        return _from_bytecode(function.__code__)
    check_subset(source, function.__code__.co_freevars)
    try:
        rewritten = rewrite(
            source.tree, mangle_class=source.mangle_class, first_argument=source.first_argument,
            qualified=function.__code__.co_qualname, outer_variables=frozenset(function.__code__.co_freevars),
            written_annotations=bool(source.flags & __future__.annotations.compiler_flag),
        )  # fmt: skip
    except TographError as error:
        if error.location is not None and not error.location.filename:
            error.location = replace(error.location, filename=source.filename, function=source.name)
        raise
    tree = gast.gast_to_ast(gast.Module([rewritten.tree], []))
    code = _compiled(ast.fix_missing_locations(tree), source, function.__code__, rewritten.renamed)
    _restore_signature(tree.body[0], source)
    protocol, renamed = dict(rewritten.protocol), dict(rewritten.renamed)
    return Conversion(code, source.filename, emit(tree), protocol, renamed, _owners(tree))


def _owners(tree: ast.AST) -> frozenset[str]:
    """Return the names whose attributes are asked for or set in ``tree``."""
    return frozenset(node.value.id for node in ast.walk(tree)
                     if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))


def _source_of(function: types.FunctionType) -> Source | None:
    """Return the source of a function, None where there is no text.  Raises StaleSource where the text is another."""
    try:
        return find_source(function)
    except StaleSource:
        raise
    except NoSource:
        return None


def _from_bytecode(code: types.CodeType) -> Conversion:
    """The conversion of code whose text cannot be read; what does it is large, and imported when it is needed."""
    translated = import_module(".bytecode", __package__).translate(code)
    tree = ast.fix_missing_locations(gast.gast_to_ast(gast.Module([translated.tree], [])))
    module = compile_again(tree, code.co_filename, code.co_flags & FUTURE_FLAGS)
    made = _named(module, translated.codes, code).co_consts[0]
    renamed = {name: each.co_name for name, each in translated.codes.items()}
    return Conversion(made, code.co_filename, emit(tree), dict(translated.protocol), renamed, _owners(tree))


def _named(code: types.CodeType, users: Mapping[str, types.CodeType], around: types.CodeType) -> types.CodeType:
    """Return ``code`` marked as generated, under the names of the user's code that it stands for or is a part of."""
    user = users.get(code.co_name, around)
    constants = [_named(each, users, user) if isinstance(each, types.CodeType) else each for each in code.co_consts]
    return code.replace(co_name=user.co_name, co_qualname=user.co_qualname, co_consts=(*constants, Converted))


def _compiled(
    tree: ast.Module, source: Source, original: types.CodeType, renamed: Mapping[str, str]
) -> types.CodeType:
    module = compile_again(tree, source.filename, source.flags)
    code = next(constant for constant in module.co_consts if isinstance(constant, types.CodeType))
    return _finished(code.replace(co_name=original.co_name), original.co_qualname, _qualified_names(original), renamed)


def _qualified_names(original: types.CodeType) -> dict[tuple[str, int | None], str]:
    """Return what Python called each function inside, by name and first line, and by name alone where that is clear.

    The line may be another: a decorator is part of a definition as the user wrote it, and a call of its own afterwards.
    """
    inside = list(nested_codes(original))
    names: dict[tuple[str, int | None], str] = {}
    for code in inside:
        if len({other.co_qualname for other in inside if other.co_name == code.co_name}) == 1:
            names[code.co_name, None] = code.co_qualname
        names[code.co_name, code.co_firstlineno] = code.co_qualname
    return names


def _of_decorated(names: Mapping[tuple[str, int | None], str], name: str, line: int) -> str | None:
    """Return what Python called the definition at ``line`` if it begins above it, with its decorators."""
    above = [first for each, first in names if each == name and first is not None and first < line]
    return names[name, max(above)] if above and name.isidentifier() else None


def _finished(
    code: types.CodeType, qualified: str, names: Mapping[tuple[str, int | None], str], renamed: Mapping[str, str]
) -> types.CodeType:
    """Return ``code`` marked as generated.

    The user's functions in it are called what they were called before, and parts of one (a branch) what it is called.
    """
    constants = []
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            constant = constant.replace(co_name=renamed.get(constant.co_name, constant.co_name))
            name, line = constant.co_name, constant.co_firstlineno
            users = names.get((name, line)) or names.get((name, None)) or _of_decorated(names, name, line)
            if users is None:
                constant = constant.replace(co_name=code.co_name)
            constant = _finished(constant, users or qualified, names, renamed)
        constants.append(constant)
    return code.replace(co_qualname=qualified, co_consts=(*constants, Converted))


def _restore_signature(function: ast.FunctionDef, source: Source) -> None:
    """Show defaults and annotations in the printed text; the code does without, its functions are given them."""
    written, shown = source.signature, function.args
    shown.defaults, shown.kw_defaults = written.defaults, written.kw_defaults
    for group in ("posonlyargs", "args", "kwonlyargs"):
        for argument, original in zip(getattr(shown, group), getattr(written, group), strict=True):
            argument.annotation = original.annotation
    for argument, original in ((shown.vararg, written.vararg), (shown.kwarg, written.kwarg)):
        if argument is not None and original is not None:
            argument.annotation = original.annotation
    function.returns = source.returns
