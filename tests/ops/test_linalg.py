"""What products, decompositions and transforms infer, write and share, against what NumPy does."""

import pytest

from tograph.runtime.ir.type_text import parse_type
from tograph.runtime.ops.check import Typed as T
from tograph.runtime.ops.check import check, inferred
from tograph.runtime.ops.linalg import OPS

BY_NAME = {op.name: op for op in OPS}


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_the_truth(op):
    assert op.samples
    for sample in op.samples:
        check(op, sample)


TYPES = [
    ("matmul", (T("f8[n, k]"), T("f4[k, m]"),), {}, "f8[n, m]"),
    ("matmul", (T("f8[b, n, k]"), T("f8[k]"),), {}, "f8[b, n]"),
    ("matmul", (T("f8[n]"), T("f8[n]"),), {}, "f8"),
    ("matmul", (T("f8[n, 2]"), T("f8[3, m]"),), {}, "never"),
    ("dot", (T("f8[n, k]"), T("f8[b, k, m]"),), {}, "f8[n, b, m]"),
    ("dot", (T("f8[n]"), 2.0,), {}, "f8[n]"),
    ("vdot", (T("c16[n]"), T("c16[n]"),), {}, "c16"),
    ("inner", (T("f8[n, k]"), T("f8[m, k]"),), {}, "f8[n, m]"),
    ("outer", (T("f8[n]"), T("i8[m, 2]"),), {}, "f8[n, 2*m]"),
    ("kron", (T("f8[n, m]"), T("f8[2, 3]"),), {}, "f8[2*n, 3*m]"),
    ("tensordot", (T("f8[n, m, k]"), T("f8[m, k, 2]"),), {}, "f8[n, 2]"),
    ("tensordot", (T("f8[n, m]"), T("f8[k, n]"), (0, 1),), {}, "f8[m, k]"),
    ("einsum", ("ij,jk->ki", T("f8[n, m]"), T("f8[m, k]"),), {}, "f8[k, n]"),
    ("einsum", ("...ii->...i", T("f8[b, n, n]"),), {}, "f8[b, n]"),
    ("einsum", ("ij,j", T("f8[n, m]"), T("f8[m]"),), {}, "f8[n]"),
    ("trace", (T("f8[n, n]"),), {}, "f8"),
    ("cross", (T("f8[n, 3]"), T("f8[n, 3]"),), {}, "f8[n, 3]"),
    ("diagonal", (T("f8[n, n]"),), {}, "f8[n]"),
    ("diagonal", (T("f8[n, n]"), 1,), {}, "f8[max(1, n) - 1]"),
    ("diagonal", (T("f8[b, n, m]"), 0, 1, 2,), {}, "f8[b, min(m, n)]"),
    ("linalg.norm", (T("f4[n, m]"),), {}, "f4"),
    ("linalg.norm", (T("f8[n, m]"),), dict(axis=1), "f8[n]"),
    ("linalg.solve", (T("f8[n, n]"), T("f8[n]"),), {}, "f8[n]"),
    ("linalg.solve", (T("f8[n, n]"), T("f8[n, m]"),), {}, "f8[n, m]"),
    ("linalg.inv", (T("f8[b, n, n]"),), {}, "f8[b, n, n]"),
    ("linalg.inv", (T("f8[2, 3]"),), {}, "never"),
    ("linalg.det", (T("f8[n, n]"),), {}, "f8"),
    ("linalg.slogdet", (T("f8[b, n, n]"),), {}, "tuple[f8[b], f8[b]; @numpy.linalg._linalg:SlogdetResult]"),
    ("linalg.cholesky", (T("f4[n, n]"),), {}, "f4[n, n]"),
    ("linalg.qr", (T("f8[n + 2, 2]"),), {}, "tuple[f8[n + 2, 2], f8[2, 2]; @numpy.linalg._linalg:QRResult]"),
    ("linalg.svd", (T("f8[n + 2, 2]"), False,), {},
     "tuple[f8[n + 2, 2], f8[2], f8[2, 2]; @numpy.linalg._linalg:SVDResult]"),
    ("linalg.eigh", (T("c16[n, n]"),), {}, "tuple[f8[n], c16[n, n]; @numpy.linalg._linalg:EighResult]"),
    ("linalg.eigvals", (T("f8[n, n]"),), {}, "c16[n] | f8[n]"),
    ("linalg.lstsq", (T("f8[n + 2, 2]"), T("f8[n + 2]"),), {}, "tuple[f8[2], f8[?], i4, f8[2]]"),
    ("linalg.pinv", (T("f8[n, m]"),), {}, "f8[m, n]"),
    ("linalg.matrix_power", (T("i8[n, n]"), 3,), {}, "i8[n, n]"),
    ("linalg.matrix_power", (T("i8[n, n]"), T("int"),), {}, "f8[n, n] | i8[n, n]"),
    ("linalg.multi_dot", ([T("f8[n, m]"), T("f8[m, k]"), T("f8[k]")],), {}, "f8[n]"),
    ("fft.fft", (T("f8[n]"),), {}, "c16[n]"),
    ("fft.fft", (T("f4[n, m]"), T("int[k]"), 0,), {}, "c8[k, m]"),
    ("fft.rfft", (T("f8[2*n]"),), {}, "c16[n + 1]"),
    ("fft.irfft", (T("c16[n + 1]"),), {}, "f8[2*n]"),
    ("fft.fft2", (T("f8[n, m]"),), {}, "c16[n, m]"),
    ("fft.rfft2", (T("f8[n, 2*m]"),), {}, "c16[n, m + 1]"),
    ("fft.fftfreq", (T("int[n]"), 0.5,), {}, "f8[n]"),
    ("fft.fftshift", (T("f8[n]"),), {}, "f8[n]"),
    ("cov", (T("f8[n + 2, m]"),), {}, "f8[n + 2, n + 2]"),
    ("corrcoef", (T("f8[n]"), T("f8[n]"),), {}, "f8[2, 2]"),
    ("polyfit", (T("f8[n]"), T("f8[n]"), 2,), {}, "f8[3]"),
    ("polyval", ([1.0, 2.0], T("f8[n]"),), {}, "f8[n]"),
]


@pytest.mark.parametrize("name, args, kwargs, expected", TYPES)
def test_infers(name, args, kwargs, expected):
    assert inferred(BY_NAME[name], *args, **kwargs) == expected


def test_products_cannot_raise_where_sizes_agree():
    total = BY_NAME["matmul"].total
    assert total is not None
    assert total(parse_type("f8[n, k]"), parse_type("f8[k, m]")) and total(parse_type("f8[n, k]"), parse_type("f8[k]"))
    assert not total(parse_type("f8[n, k]"), parse_type("f8[n, k]")) and not total(parse_type("f8[]"),
           parse_type("f8[n]"))
