"""Text inside of HTML and SVG."""

from __future__ import annotations

from collections.abc import Iterable

ESCAPES = {
    **{code: "\N{REPLACEMENT CHARACTER}" for code in range(32) if chr(code) not in "\t\n\r"},    # not allowed in XML
    **{ord(letter): f"&{name};" for letter, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"))},
    ord("'"): "&#x27;",
}


def escape(text: str) -> str:
    """``text`` as it may stand between tags and in attributes."""
    return text.translate(ESCAPES)


def preformatted(text: str) -> str:
    """``text`` in a fixed-width font, line by line."""
    return f'<pre style="margin:0.3em 0;line-height:1.3;overflow-x:auto">{escape(text)}</pre>'


def folded(sections: Iterable[tuple[str, str, bool]]) -> str:
    """Sections that open by a click: a heading, its HTML, and whether it is open at first."""
    return "\n".join(
        f"<details{' open' if is_open else ''}><summary>{escape(heading)}</summary>{content}</details>"
        for heading, content, is_open in sections
    )
