"""Translates the code of a function whose text cannot be read: bytecode becomes calls of the same protocol.

    ``flow`` finds the straight pieces of a code object, ``handlers`` what happens to exceptions in them, ``pieces``
    translates one piece, ``bodies`` all of a code object, ``functions`` a function with those inside of it.

Text says where a branch ends and what a loop carries; bytecode only jumps.  So loops are followed trip by trip while
the function is traced, and a test that only data decides is followed both ways, to where these meet: ``courses`` does
that, with the calls of the protocol that text becomes, ``if_`` and ``try_`` among them.
"""

from .functions import Translated, translate

__all__ = ["Translated", "translate"]
