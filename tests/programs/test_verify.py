"""Every program's graph keeps the rules of the form, types inferred again, before and after the passes."""

from tograph.runtime.ir.verify import verify
from tograph.runtime.ops.infer import infer_call
from tograph.runtime.passes.pipeline import optimise


def test_is_valid_as_traced(graph):
    verify(graph, infer_call)


def test_is_valid_optimised(graph):
    verify(optimise(graph), infer_call)
