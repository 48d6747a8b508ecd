"""What attributes infer, write and share, against what NumPy does."""

from types import SimpleNamespace

import numpy as np
import pytest

from tograph.runtime.ops.attributes import FLAG_NAMES, HOLDERS, OPS
from tograph.runtime.ops.check import Typed as T
from tograph.runtime.ops.check import check, inferred
from tograph.runtime.ops.specimens import call, each

BY_NAME = {op.name: op for op in OPS}

# Flags cannot be copied, as samples of an op are, and what a base is no type says.
FLAGS = [holder.flags for holder in HOLDERS]
OWN = SimpleNamespace(a=1, b=2.5)
NOTHING = SimpleNamespace()
UNCOPIED = {
    **{name: each((OWN, NOTHING)) for name in ("own_items", "own_dict", "number_of_own_items", "dir")},
    "own_item": (call(OWN, "a"), call(OWN, "c")),
    "has_own_item": (call(OWN, "a"), call(OWN, "c")),
    "set_flag_item": tuple([call(np.arange(3.0).flags, "WRITEABLE", value) for value in (False, True)]),
    **{f"set_attribute.{name}": tuple([call(np.arange(3.0).flags, value) for value in values])
       for name, values in (("writeable", (False, True)), ("aligned", (True,)), ("writebackifcopy", (False, True)))},
    "flag_item": (*each(FLAGS, "WRITEABLE"), *each(FLAGS, "F"), call(FLAGS[0], "NONE")),
    "attribute.base": each(HOLDERS),
    "attribute.flags": each(HOLDERS),
    **{f"attribute.{name}": each(FLAGS) for name in FLAG_NAMES},
}


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_the_truth(op):
    samples = op.samples or UNCOPIED[op.name]
    assert samples
    for sample in samples:
        check(op, sample)


TYPES = [
    ("attribute.shape", (T("f8[n, m]"),), {}, "tuple[int[n], int[m]]"),
    ("attribute.size", (T("f8[n, m]"),), {}, "int[m*n]"),
    ("attribute.ndim", (T("f8[n, m]"),), {}, "int[2]"),
    ("attribute.dtype", (T("f4[n]"),), {}, "constant[dtype('f4')]"),
    ("attribute.nbytes", (T("f4[n]"),), {}, "int[4*n]"),
    ("attribute.T", (T("f8[n, m]"),), {}, "f8[m, n]"),
    ("attribute.T", (T("f8"),), {}, "f8"),
    ("attribute.mT", (T("f8[b, n, m]"),), {}, "f8[b, m, n]"),
    ("attribute.real", (T("c8[n]"),), {}, "f4[n]"),
    ("attribute.imag", (T("c16"),), {}, "f8"),
    ("attribute.real", (T("int[n]"),), {}, "int[n]"),
    ("attribute.imag", (T("float"),), {}, "float"),
    ("attribute.flat", (T("f8[n, m]"),), {}, "iterator[f8; m*n]"),
    ("attribute.strides", (T("f8[n, m]"),), {}, "tuple[int, int]"),
    ("attribute.shape", (T("float"),), {}, "never"),
    ("attribute.flags", (T("f8[n]"),), {}, "python[@numpy._core.multiarray:flagsobj]"),
    ("attribute.base", (T("f8[n]"),), {}, "any"),
    ("attribute.stop", (T("range[0, n, 1]"),), {}, "int[n]"),
    ("set_attribute.real", (T("c16[n]"), 1.0,), {}, "None"),
]


@pytest.mark.parametrize("name, args, kwargs, expected", TYPES)
def test_infers(name, args, kwargs, expected):
    assert inferred(BY_NAME[name], *args, **kwargs) == expected
