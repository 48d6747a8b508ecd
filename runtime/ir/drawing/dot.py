"""A graph in the language of Graphviz, for those who want another picture than that of ``svg``.

A body is a cluster inside the cluster of its node; edges end at the border of clusters.  Dotted edges go from effect to
effect: Graphviz does not know that what stands between them in the text stays between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..writing import Labels, labelled_bodies, labels
from .layout import has_effect, node_box, short
from .svg import COLOURS

if TYPE_CHECKING:
    from ..graph import Graph, Node, Value

OPENING = """\
digraph {
 compound=true; nodesep=0.25; ranksep=0.35;
 node [shape=box, style="rounded,filled", fillcolor=white, color="#c9d1db", fontname="DejaVu Sans Mono,monospace", \
fontsize=10, height=0.3];
 edge [color="#94a0b0", arrowsize=0.6];
 graph [fontname="DejaVu Sans Mono,monospace", fontsize=10, style=rounded, color="#9fb4d6", labeljust=l];"""


def write(graph: Graph) -> str:
    """``graph`` as text that Graphviz reads."""
    return "\n".join([OPENING, *_Writer(labels(graph)).graph(graph, " "), "}"]) + "\n"


class _Writer:
    """The places given so far: each value is at a node, perhaps in a cluster that stands for it."""

    def __init__(self, names: Labels) -> None:
        self._names = names
        self._places: dict[Value, tuple[str, str | None]] = {}
        self._count = 0

    def graph(self, graph: Graph, indent: str) -> Iterator[str]:
        """The statements of a graph; one without nodes has an invisible one, so that edges can end there."""
        for value in graph.inputs:
            place = self._places[value] = (self._new(), None)
            title = f"{self._names.values[value]}: {self._names.types[value]}"
            yield f"{indent}{place[0]} [label={_quoted(short(title))}, fillcolor=\"#eef2f7\"];"
        last = None
        for node in graph.nodes:
            place = self._new()
            yield from self._node(node, place, indent)
            if has_effect(node):
                if last is not None:
                    yield f'{indent}{last} -> {place} [style=dotted, color="{COLOURS["effect"]}"];'
                last = place
        if graph.outputs:
            end = self._new()
            text = ", ".join([self._names.values.get(value, "%undefined") for value in graph.outputs])
            yield f"{indent}{end} [label={_quoted(short(f'return {text}'))}, fillcolor=\"#eef2f7\"];"
            yield from self._edges(graph.outputs, (end, None), indent)
        elif not graph.inputs and not graph.nodes:
            yield f'{indent}{self._new()} [label="", style=invis];'

    def _node(self, node: Node, name: str, indent: str) -> Iterator[str]:
        box = node_box(node, self._names)
        label, tooltip = "\\l".join([_escaped(box.title), *map(_escaped, box.details), ""]), _quoted(box.tooltip)
        place: tuple[str, str | None] = (name, None)
        if not node.bodies:
            yield f'{indent}{name} [label="{label}", tooltip={tooltip}, color="{COLOURS[box.kind]}"];'
        else:
            place = (name, f"cluster_{name}")
            yield f"{indent}subgraph {place[1]} {{"
            yield f'{indent} label="{label}"; tooltip={tooltip}; bgcolor="#f4f7fc";'
            yield f'{indent} {name} [label="{_escaped(node.op.name)}", tooltip={tooltip}, fontsize=8, height=0.2];'
            for word, body in labelled_bodies(node):
                yield f"{indent} subgraph cluster_{self._new()} {{"
                yield f'{indent}  label="{word}"; tooltip=""; bgcolor=white;'
                yield from self.graph(body, f"{indent}  ")
                yield f"{indent} }}"
            yield f"{indent}}}"
        yield from self._edges(node.inputs, place, indent)
        self._places.update(dict.fromkeys(node.outputs, place))

    def _edges(self, values: tuple[Value, ...], to: tuple[str, str | None], indent: str) -> Iterator[str]:
        for start, cluster in dict.fromkeys(self._places[value] for value in values if value in self._places):
            ends = [f"ltail={cluster}"] * (cluster is not None) + [f"lhead={to[1]}"] * (to[1] is not None)
            attributes = f" [{', '.join(ends)}]" if ends else ""
            yield f"{indent}{start} -> {to[0]}{attributes};"

    def _new(self) -> str:
        self._count += 1
        return f"n{self._count}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'
