"""A drawing as SVG: boxes coloured by what a node does to memory, tooltips with the user's lines, nothing from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layout import LINE, PADDING, SMALL_LINE, Body, Box, Drawing, Edge, layout
from .markup import escape

if TYPE_CHECKING:
    from ..graph import Graph

COLOURS = {
    "fresh": "#3f7fd1", "view": "#43a37a", "effect": "#df8a2c", "number": "#b9c2ce", "immutable": "#b9c2ce",
    "control": "#9fb4d6",
}    # what is drawn with a stripe, and the frame of control flow
STYLE = """
.tograph {background:#fff; font:12px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace; fill:#1d2733}
.tograph .details {font-size:10.5px; fill:#5d6b7c}
.tograph .box rect {fill:#fff; stroke:#c9d1db}
.tograph .stripe {stroke:none !important}
.tograph .input rect, .tograph .output rect {fill:#eef2f7; stroke:#c9d1db}
.tograph .input text, .tograph .output text {font-weight:600}
.tograph .input .details {font-weight:400}
.tograph .control > rect {fill:#f4f7fc; stroke:#9fb4d6}
.tograph .control > .title {font-weight:600; fill:#2a4f8f}
.tograph .body > rect {fill:#fff; stroke:#d8e0ec}
.tograph .body > text {fill:#2a4f8f}
.tograph path {fill:none; stroke:#94a0b0; stroke-width:1.2}
.tograph .order {stroke:#df8a2c; stroke-dasharray:2 3}
.tograph .box:hover > rect:first-of-type {stroke:#2a4f8f}
"""
ARROW = """<marker id="tograph-arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="6.5" markerHeight="6.5" \
orient="auto"><path d="M0,0.8 L7.5,4 L0,7.2 z" style="fill:#94a0b0;stroke:none"/></marker>"""
STRIPE = 4.0


def draw(graph: Graph) -> str:
    """``graph`` as an SVG document of its own."""
    drawing = layout(graph)
    width, height = round(drawing.width), round(drawing.height)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    inside = "\n".join(_drawing(drawing))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tograph" {size}>\n'
        f"<style>{STYLE}</style>\n<defs>{ARROW}</defs>\n{inside}\n</svg>\n"
    )


def _drawing(drawing: Drawing) -> list[str]:
    edges = [_edge(edge) for edge in drawing.edges]
    return [*edges, *[line for box in drawing.boxes for line in _box(box)]]


def _box(box: Box) -> list[str]:
    round_corners = box.height / 2 if box.kind in ("input", "output") and not box.details else 7
    lines = [
        f'<g class="box {box.kind}" transform="translate({box.x:.1f},{box.y:.1f})">',
        f"<title>{escape(box.tooltip)}</title>",
        f'<rect width="{box.width:.1f}" height="{box.height:.1f}" rx="{round_corners:.1f}"/>',
    ]
    if box.kind not in ("input", "output", "control"):
        height = box.height - 8
        place = f'x="3.5" y="4" width="{STRIPE}" height="{height:.1f}"'
        lines.append(f'<rect class="stripe" {place} rx="2" style="fill:{COLOURS[box.kind]}"/>')
    x, y = PADDING + STRIPE, PADDING + LINE - 6
    lines.append(f'<text class="title" x="{x}" y="{y}">{escape(box.title)}</text>')
    for number, detail in enumerate(box.details, 1):
        lines.append(f'<text class="details" x="{x}" y="{y + number * SMALL_LINE}">{escape(detail)}</text>')
    for body in box.bodies:
        lines += _body(body)
    return [*lines, "</g>"]


def _body(body: Body) -> list[str]:
    width, height = body.drawing.width, body.drawing.height
    return [
        f'<g class="body" transform="translate({body.x:.1f},{body.y:.1f})">',
        f'<rect width="{width:.1f}" height="{height:.1f}" rx="5"/>',
        f'<text class="details" x="2" y="-4">{escape(body.label)}</text>',
        *_drawing(body.drawing),
        "</g>",
    ]


def _edge(edge: Edge) -> str:
    """A smooth line: it leaves and enters each layer vertically."""
    (x, y), *rest = edge.points
    path = f"M{x:.1f},{y:.1f}"
    for next_x, next_y in rest:
        half = (next_y - y) / 2
        if abs(next_x - x) < 0.5:
            path += f" L{next_x:.1f},{next_y:.1f}"
        else:
            path += f" C{x:.1f},{y + half:.1f} {next_x:.1f},{next_y - half:.1f} {next_x:.1f},{next_y:.1f}"
        x, y = next_x, next_y
    kind = ' class="order"' if edge.kind == "order" else ""
    return f'<path{kind} d="{path}" marker-end="url(#tograph-arrow)"/>'
