"""Where the parts of a graph stand in a picture: values flow from the top to the bottom, bodies are inside their node.

Each node is in a layer below those that it uses; within a layer the order is such that few edges cross, and each part
is near the middle of what it is connected to.  What has an effect stands below all that comes before it, and above all
that comes after it.
Source: Sugiyama, Tagawa, Toda (1981), Methods for visual understanding of hierarchical system structures.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..call import Operand
from ..types import NONE, ArrayType, IntType, PythonType, ScalarType, options
from ..writing import Labels, labelled_bodies, labels

if TYPE_CHECKING:
    from ..graph import Graph, Node, Value

LETTER = 7.25    # the width of a letter of the title; the text is in a monospaced font
SMALL_LETTER = 6.35
LINE, SMALL_LINE = 17.0, 15.0
PADDING = 9.0
BETWEEN, LAYER_GAP = 18.0, 34.0    # next to each other, below each other
MARGIN = 14.0
DUMMY = 10.0    # the room that an edge takes in a layer it passes
LONGEST, LONGEST_HEAD = 46, 72    # letters
SWEEPS = 8

MODULE = re.compile(r"^(?:operator|builtins|method|container)\.")
SLICE = re.compile(r"slice\(([^(),]+), ([^(),]+), ([^(),]+)\)")

Point = tuple[float, float]


@dataclass(eq=False)
class Box:
    """A rectangle with text: a node, an input, or the results (``kind`` says which and how it is coloured)."""

    kind: str
    title: str
    details: list[str]
    tooltip: str
    bodies: list[Body] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0

    @property
    def head(self) -> float:
        """The height of the text."""
        return 2 * PADDING + LINE + SMALL_LINE * len(self.details) - 4.0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(eq=False)
class Body:
    """The drawing of a body at its place in a box."""

    label: str
    drawing: Drawing
    x: float = 0.0
    y: float = 0.0


@dataclass(eq=False)
class Edge:
    """A line through ``points``; ``kind`` is ``data``, or ``order`` between effects."""

    kind: str
    points: list[Point]


@dataclass(eq=False)
class Drawing:
    """A graph's boxes and edges, from (0, 0) to (width, height)."""

    boxes: list[Box]
    edges: list[Edge]
    width: float
    height: float


def layout(graph: Graph, names: Labels | None = None) -> Drawing:
    """The drawing of ``graph``."""
    return _Layout(graph, names or labels(graph)).drawing()


class _Layout:
    """The layout of one graph; bodies have their own."""

    def __init__(self, graph: Graph, names: Labels) -> None:
        self.graph, self.names = graph, names
        self.boxes: list[Box] = []
        self.edges: dict[tuple[Box, Box], str] = {}
        self.effects: set[Box] = set()
        self.maker: dict[Value, Box] = {}
        self.layer: dict[Box, int] = {}

    def drawing(self) -> Drawing:
        self._make_boxes()
        self._choose_layers()
        layers, chains = self._layers()
        _order(layers, chains)
        _place(layers, chains)
        edges = [Edge(kind, _line(chain)) for kind, chain in chains]
        width = max((box.x + box.width for box in self.boxes), default=0.0)
        height = max((box.y + box.height for box in self.boxes), default=0.0)
        width = max([width, *(x for edge in edges for x, _ in edge.points)])
        return Drawing(self.boxes, edges, width + MARGIN, height + MARGIN)

    # -- boxes and edges

    def _make_boxes(self) -> None:
        for value in self.graph.inputs:
            title, type = self.names.values[value], self.names.types[value]
            self.maker[value] = self._add(Box("input", title, [short(type)], f"{title}: {type}"))
        last_effect = None
        for node in self.graph.nodes:
            box = node_box(node, self.names)
            box.bodies = [Body(label, layout(body, self.names)) for label, body in labelled_bodies(node)]
            self._add(box)
            self._connect(node.inputs, box)
            self.maker.update(dict.fromkeys(node.outputs, box))
            if has_effect(node):
                if last_effect is not None:
                    self.edges.setdefault((last_effect, box), "order")
                last_effect = box
                self.effects.add(box)
        if self.graph.outputs:
            text = ", ".join([self.names.values.get(value, "%undefined") for value in self.graph.outputs])
            types = [self.names.types.get(value, "") for value in self.graph.outputs]
            box = self._add(Box("output", short(f"return {text}"), [], f"return {text}: {', '.join(types)}"))
            self._connect(self.graph.outputs, box)

    def _add(self, box: Box) -> Box:
        """Note ``box`` and give it its size."""
        self.boxes.append(box)
        texts = [len(box.title) * LETTER, *(len(line) * SMALL_LETTER for line in box.details)]
        box.width, box.height = max(texts) + 2 * PADDING + 4.0, box.head
        if box.bodies:
            x = PADDING
            for body in box.bodies:
                body.x, body.y = x, box.head + SMALL_LINE
                x += max(body.drawing.width, len(body.label) * SMALL_LETTER + 2 * PADDING) + PADDING
            box.width = max(box.width, x)
            box.height = box.head + SMALL_LINE + max(body.drawing.height for body in box.bodies) + PADDING
        return box

    def _connect(self, values: Iterable[Value], box: Box) -> None:
        for value in values:
            if value in self.maker:
                self.edges[self.maker[value], box] = "data"

    # -- layers

    def _choose_layers(self) -> None:
        above: dict[Box, list[Box]] = {box: [] for box in self.boxes}
        below: dict[Box, list[Box]] = {box: [] for box in self.boxes}
        for upper, lower in self.edges:
            above[lower].append(upper)
            below[upper].append(lower)
        first = 1 if self.graph.inputs else 0    # the first layer that is below the last effect
        deepest = first - 1
        for box in self.boxes:
            if box.kind == "input":
                self.layer[box] = 0
                continue
            last = box in self.effects or box.kind == "output"
            self.layer[box] = max([first, *[self.layer[other] + 1 for other in above[box]], *[deepest + 1] * last])
            deepest = max(deepest, self.layer[box])
            if last:
                first = deepest + 1
        deepest = max(self.layer.values(), default=0)
        for box in reversed(self.boxes):    # what uses nothing stands right above its first use
            if box in self.effects:
                deepest = self.layer[box] - 1
            elif box.kind != "input" and not above[box] and below[box]:
                self.layer[box] = min(deepest, *[self.layer[other] - 1 for other in below[box]])

    def _layers(self) -> tuple[list[list[Box]], list[tuple[str, list[Box]]]]:
        """The boxes layer by layer, with a dummy wherever an edge passes; and the chain of boxes of each edge."""
        layers: list[list[Box]] = [[] for _ in range(max(self.layer.values(), default=-1) + 1)]
        for box in self.boxes:
            layers[self.layer[box]].append(box)
        chains = []
        for (upper, lower), kind in self.edges.items():
            chain = [upper]
            for number in range(self.layer[upper] + 1, self.layer[lower]):
                dummy = Box("dummy", "", [], "", width=DUMMY)
                layers[number].append(dummy)
                chain.append(dummy)
            chains.append((kind, [*chain, lower]))
        return layers, chains


def node_box(node: Node, names: Labels) -> Box:
    """The box of a node, without its bodies."""
    call = names.calls[node]
    results = [f"{names.values[value]}: {names.types[value]}" for value in node.outputs if value.type != NONE]
    source = _source_line(node)
    place = f"{node.location.filename}:{node.location.line}" if node.location is not None else ""
    tooltip = "\n".join(filter(None, [f"{', '.join(results)} = {call}" if results else call, source, place]))
    details = [short(result) for result in results]
    if node.bodies:
        title = f"{node.op.name}  {source}" if source else node.op.name
        return Box("control", short(title, LONGEST_HEAD), details, tooltip)
    return Box(_kind(node), short(SLICE.sub(_slice, MODULE.sub("", call))), details, tooltip)


def _kind(node: Node) -> str:
    """How a node is coloured: by what it does to memory."""
    if has_effect(node):
        return "effect"
    if not any(isinstance(option, ArrayType) for value in node.outputs for option in options(value.type)):
        return "number"
    return node.op.result.value    # new memory ("fresh"), or perhaps that of an operand ("view")


def has_effect(node: Node) -> bool:
    """Whether a node writes to memory, is seen from outside, or has such a node inside."""
    written = [node.call.args[position] for position in node.op.writes if position < len(node.call.args)]
    writes = "out" in node.call.kwargs or any(
        not isinstance(option, (IntType, ScalarType, PythonType))
        for operand in written if isinstance(operand, Operand) for option in options(node.inputs[operand.index].type))
    return node.op.effect or writes or any(has_effect(inner) for body in node.bodies for inner in body.nodes)


def _source_line(node: Node) -> str:
    place = node.location
    return linecache.getline(place.filename, place.line).strip() if place is not None else ""


def _slice(match: re.Match[str]) -> str:
    """``slice(None, -2, None)`` as it is written between brackets: ``:-2``."""
    start, stop, step = ["" if bound == "None" else bound for bound in match.groups()]
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def short(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else f"{text[:most - 1]}…"


# -- order within layers


def _order(layers: list[list[Box]], chains: Sequence[tuple[str, list[Box]]]) -> None:
    """Sort each layer by the mean place of what its boxes are connected to, from above and from below in turn."""
    above, below = _neighbours(chains)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        rest = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        for number in rest:
            fixed = {box: place for place, box in enumerate(layers[number - 1 if down else number + 1])}
            places = {box: place for place, box in enumerate(layers[number])}
            layers[number].sort(key=lambda box: _mean([fixed[other] for other in neighbours.get(box, ())], places[box]))


def _neighbours(chains: Sequence[tuple[str, list[Box]]]) -> tuple[dict[Box, list[Box]], dict[Box, list[Box]]]:
    above: dict[Box, list[Box]] = {}
    below: dict[Box, list[Box]] = {}
    for _, chain in chains:
        for upper, lower in zip(chain, chain[1:]):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    return above, below


def _mean(numbers: Sequence[float], default: float) -> float:
    return sum(numbers) / len(numbers) if numbers else default


# -- coordinates


def _place(layers: list[list[Box]], chains: Sequence[tuple[str, list[Box]]]) -> None:
    """Give every box its coordinates."""
    y = MARGIN
    for layer in layers:
        x = MARGIN
        height = max((box.height for box in layer), default=0.0)
        for box in layer:
            box.x, box.y = x, y
            x += box.width + BETWEEN
            if box.kind == "dummy":
                box.height = height    # an edge passes the whole layer straight
        y += height + LAYER_GAP
    above, below = _neighbours(chains)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            near = above if down else below
            _settle(layer, [_mean([other.middle for other in near.get(box, ())], box.middle) for box in layer])
    left = min((box.x for layer in layers for box in layer), default=MARGIN)
    for layer in layers:
        for box in layer:
            box.x += MARGIN - left


def _settle(layer: list[Box], wanted: list[float]) -> None:
    """Move the boxes of a layer to where their middles are wanted, as far as they keep their order and distance.

    Boxes that would overlap form a block, which stands where its boxes want to be on average.
    """
    blocks: list[tuple[list[Box], float, float]] = []    # boxes, the wanted left side, the width
    for box, middle in zip(layer, wanted):
        block = ([box], middle - box.width / 2, box.width)
        while blocks and blocks[-1][1] + blocks[-1][2] + BETWEEN > block[1]:
            boxes, left, width = blocks.pop()
            offset = width + BETWEEN
            count = len(boxes), len(block[0])
            joined = (left * count[0] + (block[1] - offset) * count[1]) / sum(count)
            block = (boxes + block[0], joined, offset + block[2])
        blocks.append(block)
    for boxes, x, _ in blocks:
        for box in boxes:
            box.x = x
            x += box.width + BETWEEN


def _line(chain: list[Box]) -> list[Point]:
    """The points of an edge: from the bottom of a box, past the layers between, to the top of another."""
    points = [(chain[0].middle, chain[0].y + chain[0].height)]
    for box in chain[1:-1]:
        points += [(box.middle, box.y), (box.middle, box.y + box.height)]
    return [*points, (chain[-1].middle, chain[-1].y)]
