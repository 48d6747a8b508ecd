"""What reductions infer, write and share, against what NumPy does."""

import numpy as np
import pytest

from tograph.runtime.ir.type_text import parse_type
from tograph.runtime.ops.check import Typed as T
from tograph.runtime.ops.check import check, inferred
from tograph.runtime.ops.infer import NeedsStatic
from tograph.runtime.ops.reduce import OPS

BY_NAME = {op.name: op for op in OPS}


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_the_truth(op):
    assert op.samples
    for sample in op.samples:
        check(op, sample)


TYPES = [
    ("sum", (T("f8[n, m]"),), {}, "f8"),
    ("sum", (T("f8[n, m]"),), dict(axis=0), "f8[m]"),
    ("sum", (T("f8[n, m, k]"),), dict(axis=(0, -1), keepdims=True), "f8[1, m, 1]"),
    ("sum", (T("u1[n]"),), {}, "u8"),
    ("sum", (T("i4[n, m]"), 1, np.float32,), {}, "f4[n]"),
    ("sum", (T("list[f8; 3]"),), {}, "f8"),
    ("sum", (T("f8[n, m]"), 2,), {}, "never"),
    ("sum", (T("f8[n, m]"),), dict(axis=0, out=T("f8[m]")), "f8[m]"),
    ("sum", (T("f8"),), {}, "f8"),
    ("method.mean", (T("i8[n, m]"), -1,), {}, "f8[n]"),
    ("method.max", (T("u2[n]"),), {}, "u2"),
    ("std", (T("f4[n, m]"), 0,), {}, "f4[m]"),
    ("argmax", (T("f8[n, m]"), 1,), {}, "i8[n]"),
    ("all", (T("f8[n]"),), {}, "b1"),
    ("percentile", (T("f8[n, m]"), T("f8[k]"), 0,), {}, "f8[k, m]"),
    ("median", (T("i8[n, m]"), 1,), dict(keepdims=True), "f8[n, 1]"),
    ("cumsum", (T("i4[n, m]"),), {}, "i8[m*n]"),
    ("cumsum", (T("f4[n, m]"), 0,), {}, "f4[n, m]"),
    ("cumulative_sum", (T("f8[n]"),), dict(include_initial=True), "f8[n + 1]"),
    ("diff", (T("f8[n + 1]"),), {}, "f8[n]"),
    ("diff", (T("f8[n]"),), {}, "f8[max(1, n) - 1]"),
    ("diff", (T("f8[n, m + 3]"), 3,), {}, "f8[n, m]"),
    ("diff", (T("f8[n]"),), dict(prepend=T("f8"), append=T("f8[2]")), "f8[n + 2]"),
    ("trapezoid", (T("f8[n, m]"),), dict(axis=0), "f8[m]"),
    ("gradient", (T("f8[n, m]"),), {}, "tuple[f8[n, m], f8[n, m]]"),
    ("gradient", (T("i8[n]"),), {}, "f8[n]"),
    ("average", (T("f8[n, m]"), 0,), dict(returned=True), "tuple[f8[m], f8[m]]"),
    ("count_nonzero", (T("f8[n, m]"),), {}, "i8"),
    ("ediff1d", (T("f8[n + 1]"),), {}, "f8[n]"),
    ("ptp", (T("f8[n, m]"), 0,), {}, "f8[m]"),
    ("nansum", (T("f4[n, m]"), 0,), {}, "f4[m]"),
]


@pytest.mark.parametrize("name, args, kwargs, expected", TYPES)
def test_infers(name, args, kwargs, expected):
    assert inferred(BY_NAME[name], *args, **kwargs) == expected


def test_cannot_raise():
    sum_, max_ = BY_NAME["sum"], BY_NAME["max"]
    assert sum_.total is not None and max_.total is not None
    unknown, three = parse_type("f8[n, m]"), parse_type("f8[n + 1, 3]")
    assert sum_.total(unknown, axis=0) and not sum_.total(unknown, axis=2)
    assert not sum_.total(unknown, axis=0, out=unknown) and not sum_.total(parse_type("list[f8]"))
    assert max_.total(three) and not max_.total(unknown)


def test_a_type_as_axis_must_be_known():
    with pytest.raises(NeedsStatic, match="axis"):
        inferred(BY_NAME["sum"], T("f8[n]"), axis=T("int"))


def test_medians_may_sort_in_place():
    for name in ("median", "nanmedian", "percentile", "quantile", "nanpercentile", "nanquantile"):
        assert 0 in BY_NAME[name].writes
