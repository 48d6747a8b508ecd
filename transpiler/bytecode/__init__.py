"""Translates the code of a function whose text cannot be read: bytecode becomes calls of the same protocol.

    ``flow`` finds the straight pieces of a code object and refuses what no piece can hold, ``pieces`` translates one
    piece, ``functions`` puts the pieces together and translates the functions inside.

Text says where a branch ends and what a loop carries; bytecode only jumps.  So a jump is followed when it is decided
while the function is traced (``known``, ``steps`` and ``step`` of the protocol), and is refused otherwise.
"""

from .functions import Translated, translate

__all__ = ["Translated", "translate"]
