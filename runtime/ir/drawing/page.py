"""A graph as HTML: its picture, what the colours mean, its sizes, and its text; nothing is loaded from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..writing import labels, show
from .markup import escape, folded, preformatted
from .svg import COLOURS, draw

if TYPE_CHECKING:
    from ..graph import Graph

MEANINGS = (
    ("fresh", "a new array"),
    ("view", "an array that may share memory with an operand"),
    ("effect", "writes to memory, or is seen from outside"),
    ("number", "a number or another value that is never changed"),
)
PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{font:14px system-ui,sans-serif; color:#1d2733; margin:1.5em}} summary {{cursor:pointer}}</style></head>
<body>
<h1 style="font-size:1.3em">{title}</h1>
{content}
</body></html>
"""


def fragment(graph: Graph) -> str:
    """``graph`` as a piece of a page, as notebooks show it."""
    sizes = labels(graph).sizes
    said = f"<p>Sizes: {escape('; '.join(size.removeprefix('symbol ') for size in sizes))}</p>" if sizes else ""
    picture = f'<div style="overflow-x:auto">{draw(graph)}</div>'
    return f"<div>{_legend()}{said}{picture}{folded([('text', preformatted(show(graph)), False)])}</div>"


def page(graph: Graph, title: str) -> str:
    """``graph`` as a page of its own."""
    return PAGE.format(title=escape(title), content=fragment(graph))


def _legend() -> str:
    square = "display:inline-block;width:0.7em;height:0.7em;border-radius:2px"
    items = [
        f'<span style="margin-right:1.2em"><span style="{square};background:{COLOURS[kind]}"></span> {meaning}</span>'
        for kind, meaning in MEANINGS
    ]
    return f'<p style="font-size:0.85em">{"".join(items)}</p>'
