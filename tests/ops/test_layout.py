"""What changes of shape, joining and splitting infer, write and share, against what NumPy does."""

import numpy as np
import pytest

from tograph.runtime.ir.type_text import parse_type
from tograph.runtime.ops.check import Typed as T
from tograph.runtime.ops.check import check, inferred
from tograph.runtime.ops.layout import OPS

BY_NAME = {op.name: op for op in OPS}


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_the_truth(op):
    assert op.samples
    for sample in op.samples:
        check(op, sample)


TYPES = [
    ("reshape", (T("f8[n, m]"), -1,), {}, "f8[m*n]"),
    ("reshape", (T("f8[n, m]"), (T("int[m]"), -1),), {}, "f8[m, ?]"),
    ("reshape", (T("f8[4*n]"), (-1, 4),), {}, "f8[n, 4]"),
    ("reshape", (T("f8[12]"), (5, -1),), {}, "never"),
    ("method.reshape", (T("f8[n, m]"), T("int[m]"), T("int[n]"),), {}, "f8[m, n]"),
    ("method.reshape", (T("f8[n]"), T("int"), 1,), {}, "f8[n, 1]"),
    ("reshape", (T("f8[6]"), T("tuple[int[2], int[3]]"),), {}, "f8[2, 3]"),
    ("ravel", (T("f8[n, 3]"),), {}, "f8[3*n]"),
    ("transpose", (T("f8[n, m, k]"),), {}, "f8[k, m, n]"),
    ("method.transpose", (T("f8[n, m, k]"), 1, 2, 0,), {}, "f8[m, k, n]"),
    ("moveaxis", (T("f8[n, m, k]"), 0, -1,), {}, "f8[m, k, n]"),
    ("swapaxes", (T("f8[n, m, k]"), 0, -1,), {}, "f8[k, m, n]"),
    ("squeeze", (T("f8[1, n + 2, 1]"),), {}, "f8[n + 2]"),
    ("squeeze", (T("f8[n]"),), {}, "f8[] | f8[n]"),
    ("squeeze", (T("f8[n, m]"), 0,), {}, "f8[m]"),
    ("expand_dims", (T("f8[n]"), (0, 2),), {}, "f8[1, n, 1]"),
    ("broadcast_to", (T("f8[n]"), (T("int[m]"), T("int[n]")),), {}, "f8[m, n]"),
    ("broadcast_arrays", (T("f8[n, 1]"), T("i4[m + 2]"),), {}, "tuple[f8[n, m + 2], i4[n, m + 2]]"),
    ("atleast_2d", (T("f8[n]"),), {}, "f8[1, n]"),
    ("atleast_3d", (T("f8[n, m]"),), {}, "f8[n, m, 1]"),
    ("atleast_1d", (2.5, T("f8[n]"),), {}, "tuple[f8[1], f8[n]]"),
    ("flip", (T("f8[n]"),), {}, "f8[n]"),
    ("rot90", (T("f8[n, m]"),), {}, "f8[m, n]"),
    ("roll", (T("f8[n, m]"), T("int"), 1,), {}, "f8[n, m]"),
    ("concatenate", ([T("f8[n, 2]"), T("i4[m, 2]")],), {}, "f8[m + n, 2]"),
    ("concatenate", ([T("f8[n]"), T("f8[m]")],), dict(axis=None), "f8[m + n]"),
    ("concatenate", (T("list[f8[n]; k + 1]"),), {}, "f8[k*n + n]"),
    ("concatenate", (T("list[f8[n]]"),), {}, "f8[?*n]"),
    ("concatenate", ([T("f8[n, 2]"), T("f8[n, 3]")],), {}, "never"),
    ("stack", ((T("f8[n]"), T("f8[n]")), -1,), {}, "f8[n, 2]"),
    ("stack", (T("list[f8[n]; k + 1]"),), {}, "f8[k + 1, n]"),
    ("vstack", ([T("f8[n]"), T("f8[n]")],), {}, "f8[2, n]"),
    ("hstack", ([T("f8[n]"), T("f8[m]")],), {}, "f8[m + n]"),
    ("column_stack", ([T("f8[n]"), T("f8[n, m]")],), {}, "f8[n, m + 1]"),
    ("block", ([[T("f8[n, n]"), T("f8[n, m]")], [T("f8[m, n]"), T("f8[m, m]")]],), {}, "f8[m + n, m + n]"),
    ("split", (T("f8[2*n, m]"), 2,), {}, "list[f8[n, m]; 2]"),
    ("split", (T("f8[n]"), T("int[k + 1]"),), {}, "list[f8[n//(k + 1)]; k + 1]"),
    ("tile", (T("f8[n]"), (2, T("int[k]")),), {}, "f8[2, k*n]"),
    ("repeat", (T("f8[n, m]"), 3, 0,), {}, "f8[3*n, m]"),
    ("repeat", (T("f8[n]"), T("i8[n]"),), {}, "f8[?]"),
    ("pad", (T("f8[n, m]"), ((1, 2), (0, 1)),), {}, "f8[n + 3, m + 1]"),
    ("pad", (T("f8[n, m]"), T("int[k]"),), {}, "f8[2*k + n, 2*k + m]"),
    ("append", (T("f8[n]"), 1.5,), {}, "f8[n + 1]"),
    ("insert", (T("f8[n]"), 0, 1.5,), {}, "f8[n + 1]"),
    ("delete", (T("f8[n + 1]"), 0,), {}, "f8[n]"),
    ("delete", (T("f8[n, m]"), T("i8[k]"), 1,), {}, "f8[n, ?]"),
    ("method.astype", (T("f8[n]"), "f4",), {}, "f4[n]"),
    ("method.view", (T("f8[n]"), np.float32,), {}, "f4[2*n]"),
    ("method.tolist", (T("f8[n, 2]"),), {}, "list[list[float; 2]; n]"),
    ("method.copy", (T("f8[n, m]"),), {}, "f8[n, m]"),
    ("method.copy", (T("list[f8]"),), {}, "list[f8]"),
    ("method.clip", (T("f8[n]"), 0, T("f8[m, 1]"),), {}, "f8[m, n]"),
    ("method.round", (T("f8[n]"), 2,), {}, "f8[n]"),
    ("resize", (T("f8[n]"), (2, T("int[k]")),), {}, "f8[2, k]"),
]


@pytest.mark.parametrize("name, args, kwargs, expected", TYPES)
def test_infers(name, args, kwargs, expected):
    assert inferred(BY_NAME[name], *args, **kwargs) == expected


def test_reshape_cannot_raise_where_sizes_are_equal():
    reshape = BY_NAME["reshape"]
    assert reshape.total is not None
    matrix, n, m = parse_type("f8[n, m]"), parse_type("int[n]"), parse_type("int[m]")
    assert reshape.total(matrix, -1) and reshape.total(matrix, (m, n)) and reshape.total(parse_type("f8[2*n]"), (-1, 2))
    assert not reshape.total(matrix, (n, n)) and not reshape.total(matrix, (-1, 2)) and not reshape.total(matrix,
           (m, -1))
