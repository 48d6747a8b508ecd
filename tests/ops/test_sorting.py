"""What sorting, searching and counting infer, write and share, against what NumPy does."""

import pytest

from tograph.runtime.ops.check import Typed as T
from tograph.runtime.ops.check import check, inferred
from tograph.runtime.ops.sorting import OPS

BY_NAME = {op.name: op for op in OPS}


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_the_truth(op):
    assert op.samples
    for sample in op.samples:
        check(op, sample)


TYPES = [
    ("sort", (T("f8[n, m]"),), {}, "f8[n, m]"),
    ("sort", (T("f8[n, m]"), None,), {}, "f8[m*n]"),
    ("argsort", (T("f4[n, m]"), 0,), {}, "i8[n, m]"),
    ("method.sort", (T("f8[n]"),), {}, "None"),
    ("lexsort", ((T("f8[n]"), T("i8[n]")),), {}, "i8[n]"),
    ("partition", (T("f8[n]"), T("int"),), {}, "f8[n]"),
    ("searchsorted", (T("f8[n]"), T("f8[k, 2]"),), {}, "i8[k, 2]"),
    ("searchsorted", (T("f8[n]"), T("float"),), {}, "i8"),
    ("nonzero", (T("f8[n, m]"),), {}, "tuple[i8[?], i8[?]]"),
    ("nonzero", (T("f8[]"),), {}, "never"),
    ("argwhere", (T("f8[n, m]"),), {}, "i8[?, 2]"),
    ("where", (T("f8[n]"),), {}, "tuple[i8[?]]"),
    ("where", (T("f8[n, 1]"), T("f8[m]"), 0,), {}, "f8[n, m]"),
    ("where", (T("f8[n]"), T("int"), 1.5,), {}, "any"),
    ("unique", (T("f8[n]"),), {}, "f8[?]"),
    ("unique", (T("f8[n, m]"), True, True,), {}, "tuple[f8[?], i8[?], i8[n, m]]"),
    ("bincount", (T("i8[n]"),), {}, "i8[?]"),
    ("bincount", (T("i8[n + 1]"), T("f8[n + 1]"),), {}, "f8[?]"),
    ("bincount", (T("i8[n]"), T("f8[n]"),), {}, "f8[?] | i8[?]"),
    ("histogram", (T("f8[n]"), T("int[k]"),), {}, "tuple[i8[k], f8[k + 1]]"),
    ("histogram", (T("f8[n]"), T("f8[k + 1]"),), {}, "tuple[i8[k], f8[k + 1]]"),
    ("digitize", (T("f8[n]"), T("f8[k]"),), {}, "i8[n]"),
    ("isin", (T("f8[n, m]"), T("f8[k]"),), {}, "b1[n, m]"),
    ("intersect1d", (T("i8[n]"), T("i8[m]"),), {}, "i8[?]"),
    ("interp", (T("f8[n]"), T("f8[m]"), T("f8[m]"),), {}, "f8[n]"),
    ("convolve", (T("f8[n + 1]"), T("f8[3]"),), {}, "f8[n + 3]"),
    ("convolve", (T("f8[n + 3]"), T("f8[3]"),), dict(mode="valid"), "f8[n + 1]"),
    ("correlate", (T("f8[n + 3]"), T("f8[3]"), "same",), {}, "f8[n + 3]"),
]


@pytest.mark.parametrize("name, args, kwargs, expected", TYPES)
def test_infers(name, args, kwargs, expected):
    assert inferred(BY_NAME[name], *args, **kwargs) == expected
