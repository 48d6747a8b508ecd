"""Every sample of the indexing: what is inferred, written and shared, against NumPy."""

import numpy as np
import pytest

from tograph.runtime.ir import dims
from tograph.runtime.ir.types import ArrayType, IntType, ScalarType
from tograph.runtime.ops.check import check
from tograph.runtime.ops.indexing import OPS


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_the_truth(op):
    assert op.samples
    for sample in op.samples:
        check(op, sample)
