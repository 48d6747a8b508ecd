"""What the table captures, and that a callable means one op."""

from __future__ import annotations

import builtins
import math
import operator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from tograph.runtime.ops import TABLE
from tograph.runtime.ops.elementwise import METHODS, WITH_METHODS, of_ufunc_method
from tograph.runtime.ops.op import Op
from tograph.runtime.ops.rules import out_positions

CAPTURED = {id(captured): captured for op in TABLE.by_name.values() for captured in op.captures}


def public(module: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if not name.startswith("_") and callable(value)}


def test_counts_distinct_callables() -> None:
    assert len(CAPTURED) >= 450
    assert sum(len(op.captures) for op in TABLE.by_name.values()) == len(CAPTURED)


def test_every_ufunc_without_a_signature_is_an_op() -> None:
    missing = {name for name, value in public(np).items()
               if isinstance(value, np.ufunc) and value.signature is None and TABLE.of_callable(value) is None}
    assert missing == {"isnat"}     # which is about dates


def test_all_of_math_is_captured() -> None:
    assert not {name for name, value in public(math).items() if TABLE.of_callable(value) is None}


def test_every_numeric_scalar_type_is_captured() -> None:
    assert not {code for code in "?bhilqBHILQefdgFDG" if TABLE.of_callable(np.dtype(code).type) is None}


@pytest.mark.parametrize("name",
                         ["abs", "round", "min", "max", "sum", "any", "all", "sorted", "divmod", "pow", "int", "float",
                          "bool",
                                  "complex", "str", "len", "range", "enumerate", "zip", "reversed", "list", "tuple"])
def test_the_builtin_is_captured(name: str) -> None:
    op = TABLE.of_callable(getattr(builtins, name))
    assert op is not None and op.kernel(np) is getattr(builtins, name)


def test_operators_are_no_ufuncs() -> None:
    assert TABLE.of_callable(operator.add) is TABLE.by_name["operator.add"]
    assert TABLE.of_callable(np.add) is TABLE.by_name["add"]
    assert TABLE.of_callable(operator.iadd) is TABLE.by_name["operator.iadd"]


def test_another_name_of_a_ufunc_means_the_same_op() -> None:
    assert TABLE.of_callable(np.abs) is TABLE.of_callable(np.absolute) is TABLE.by_name["absolute"]


@pytest.mark.parametrize("function", WITH_METHODS, ids=lambda function: function.__name__)
def test_a_ufuncs_methods_are_found_by_name(function: np.ufunc) -> None:
    for name in METHODS:
        op = of_ufunc_method(function, name)
        assert op is not None and TABLE.by_name[op.name] is op
        assert op.kernel(np) == getattr(function, name)


def test_other_ufunc_methods_are_no_ops() -> None:
    assert of_ufunc_method(np.add, "resolve_dtypes") is None
    assert of_ufunc_method(np.matmul, "reduce") is None


@pytest.mark.parametrize("op", TABLE.by_name.values(), ids=lambda op: op.name)
def test_out_by_position_is_written(op: Op) -> None:
    for function in op.captures:
        with suppress(ValueError, TypeError):       # no signature
            assert set(out_positions(function)) <= set(op.writes)
