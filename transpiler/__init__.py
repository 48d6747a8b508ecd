"""Python into Python: control flow becomes calls of a small protocol.

``transpile(function, control)`` is all of it; ``PlainControl`` gives the calls their ordinary meaning, so that what it
returns does what ``function`` does.  ``convert`` does the part that needs no control, once for each code object.
"""

from .convert import Conversion, Namespace, convert, is_generated, transpile
from .emit import Printed, emit
from .errors import NoSource, StaleSource, TographError, UnsupportedSyntax
from .location import Location
from .protocol import PlainControl
from .source import Source, find_source

__all__ = [
    "Conversion",
    "Location",
    "Namespace",
    "NoSource",
    "PlainControl",
    "Printed",
    "Source",
    "StaleSource",
    "TographError",
    "UnsupportedSyntax",
    "convert",
    "emit",
    "find_source",
    "is_generated",
    "transpile",
]
