"""Python into Python: control flow becomes calls of a small protocol.  It knows nothing of graphs."""

from .convert import Conversion as Conversion
from .convert import convert as convert
from .convert import is_generated as is_generated
from .convert import transpile as transpile
from .errors import NoSource as NoSource
from .errors import TographError as TographError
from .errors import UnsupportedSyntax as UnsupportedSyntax
from .protocol import PlainControl as PlainControl
