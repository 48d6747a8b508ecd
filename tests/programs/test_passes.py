"""The law of the passes on every program: what a pass makes of a graph does what the graph did, alone and in a row."""

from tograph.runtime.execute.reference import compile_graph
from tograph.runtime.function import to_graph
from tograph.runtime.passes.pipeline import STANDARD, optimise
from tograph.runtime.testing.world import World
from tograph.testing import compare, copy_values, observe

PASSES = {transform.__name__: (transform,) for transform in STANDARD} | {"all": STANDARD}


def versions(graph):
    """The compiled graph as it was traced, and by name what each pass makes of it; every pass is verified."""
    changed = {name: optimise(graph, passes, check=True) for name, passes in PASSES.items()}
    return compile_graph(graph), {name: compile_graph(version) for name, version in changed.items()}


def test_means_what_it_meant(program):
    function, world = to_graph(program.function), World(program.function)
    compiled = {}

    def observed(trace, version, arguments):
        put_back = world.save()
        found = observe(lambda *values: version.run(*[source.path.find(values) for source in trace.inputs]),
                        copy_values(arguments, world.objects()), world)
        put_back()
        return found

    for number, given in enumerate(program.inputs()):
        arguments = function.bind(given, {})
        trace = function.trace_for(arguments)
        if id(trace) not in compiled:
            compiled[id(trace)] = versions(trace.graph)
        plain, changed = compiled[id(trace)]
        expected = observed(trace, plain, arguments)
        for name, version in changed.items():
            assert compare(expected, observed(trace, version, arguments)) == [], f"input {number}, after {name}"
