"""Pictures of graphs: every node is in them once, nothing overlaps, order is kept, and nothing comes from outside."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from fixtures.programs import all_programs
from tograph import TographError, to_graph
from tograph.runtime.demo.kmeans import kmeans
from tograph.runtime.ir.drawing import dot, svg
from tograph.runtime.ir.drawing.layout import layout
from tograph.runtime.ir.drawing.markup import escape
from tograph.runtime.ir.drawing.page import fragment, page
from tograph.runtime.ir.graph import walk
from tograph.runtime.ir.writing import show

SVG = "{http://www.w3.org/2000/svg}"
NODES = ("fresh", "view", "number", "immutable", "effect", "control")


def nothing(x):
    return x


def write(x, low):
    first = x[0]
    x[0] = 1.0
    second = x[0]
    for i in range(len(x)):
        if x[i] < low:
            x[i] = low
    print(x.sum())
    return first, second, x[::2], "<&>\"'\x00"


def graphs():
    """Some graphs with control flow of every kind."""
    made = {
        "k-means": to_graph(kmeans).graph("f8[n, d]", "f8[k, d]", "float", "int"),
        "writes": to_graph(write).graph("f8[n]", "float"),
        "nothing": to_graph(nothing).graph("f8[n]"),
    }
    for program in list(all_programs())[::25]:
        try:
            made[program.title] = to_graph(program.function).graph(*program.inputs()[0])
        except TographError:
            continue
    return made


GRAPHS = graphs()
each_graph = pytest.mark.parametrize("graph", GRAPHS.values(), ids=list(GRAPHS))


def drawings(drawing):
    """A drawing and those inside it."""
    yield drawing
    for box in drawing.boxes:
        for body in box.bodies:
            yield from drawings(body.drawing)


@each_graph
def test_every_node_is_drawn_once(graph):
    boxes = [box for drawing in drawings(layout(graph)) for box in drawing.boxes]
    assert sum(box.kind in NODES for box in boxes) == sum(1 for _ in walk(graph))
    assert sum(len(box.bodies) for box in boxes) == sum(len(node.bodies) for node in walk(graph))


@each_graph
def test_nothing_overlaps_or_sticks_out(graph):
    for drawing in drawings(layout(graph)):
        boxes = drawing.boxes
        for i, a in enumerate(boxes):
            assert 0 <= a.x and a.x + a.width <= drawing.width and 0 <= a.y and a.y + a.height <= drawing.height
            for body in a.bodies:
                assert body.x + body.drawing.width <= a.width and body.y + body.drawing.height <= a.height
            for left, right in zip(a.bodies, a.bodies[1:]):
                assert left.x + left.drawing.width <= right.x
            for b in boxes[i + 1:]:
                apart = (a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y)
                assert apart, (a.title, b.title)


@each_graph
def test_edges_lead_down(graph):
    for drawing in drawings(layout(graph)):
        for edge in drawing.edges:
            heights = [y for _, y in edge.points]
            assert heights == sorted(heights) and heights[0] < heights[-1]


@each_graph
def test_what_has_an_effect_is_between_what_comes_before_and_after(graph):
    for drawing in drawings(layout(graph)):
        boxes = [box for box in drawing.boxes if box.kind != "input"]
        for number, box in enumerate(boxes):
            if box.kind == "effect":
                assert all(other.y < box.y for other in boxes[:number])
                assert all(other.y > box.y for other in boxes[number + 1:])


def test_reads_before_and_after_a_write_are_seen_as_such():
    drawing = layout(to_graph(write).graph("f8[n]", "float"))
    heights = [(box.title, box.y) for box in drawing.boxes]
    before, after = [y for title, y in heights if title == "get_item(%x, 0)"]
    assert before < dict(heights)["update(%x, 0, 1.0)"] < after


@each_graph
def test_the_svg_is_xml_with_a_tooltip_for_each_box(graph):
    root = ET.fromstring(svg.draw(graph))
    groups = [group for group in root.iter(f"{SVG}g") if "box" in group.get("class", "").split()]
    kinds = [group.get("class", "").split()[1] for group in groups]
    assert sum(kind in NODES for kind in kinds) == sum(1 for _ in walk(graph))
    assert all(group.find(f"{SVG}title") is not None for group in groups)
    for node in walk(graph):
        if node.location is not None:
            assert any(f"{node.location.filename}:{node.location.line}" in (group.findtext(f"{SVG}title") or "")
                       for group in groups)


@each_graph
def test_nothing_is_loaded_from_outside(graph):
    text = page(graph, "a graph")
    links = re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?([^\"')\s>]+)", text)
    assert set(links) <= {"#tograph-arrow"}
    assert "<script" not in text and "@import" not in text


@each_graph
def test_graphviz_is_given_every_node(graph):
    text = re.sub(r'"(?:[^"\\]|\\.)*"', "", dot.write(graph))    # a label may be cut off inside of braces
    assert '"' not in text
    assert text.startswith("digraph {") and text.count("{") == text.count("}")
    assert text.count("subgraph cluster_") == sum(len(node.bodies) + bool(node.bodies) for node in walk(graph))


def test_text_is_escaped():
    assert escape("<a href='x'>&\"\x00\x1b\n") == "&lt;a href=&#x27;x&#x27;&gt;&amp;&quot;\ufffd\ufffd\n"
    graph = to_graph(write).graph("f8[n]", "float")
    for text in (fragment(graph), page(graph, "<script>alert(1)</script>")):
        assert "<script" not in text and "'<&>" not in text
    ET.fromstring(svg.draw(graph))


def test_pictures_are_the_same_each_time():
    graph = to_graph(kmeans).graph("f8[n, d]", "f8[k, d]", "float", "int")
    assert svg.draw(graph) == svg.draw(graph)


def long(x):
    total = x
    for _ in range(4):
        total = total + np.sqrt(np.abs(total * x - 1.0)) / (x + 2.0)
        total = np.where(total > x, total, x) @ x + np.concatenate([x, x])[: len(x)]
    return total


def test_a_long_graph_is_drawn_soon():
    graph = to_graph(long).graph("f8[n]")
    assert sum(1 for _ in walk(graph)) > 40
    assert len(svg.draw(graph)) < 200_000


def test_notebooks_show_the_picture():
    graph = to_graph(write).graph("f8[n]", "float")
    shown = graph._repr_html_()
    assert shown == fragment(graph)
    assert "<svg" in shown and "n: 2.." in shown and escape(show(graph)) in shown
