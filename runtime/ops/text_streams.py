"""``io.StringIO``: text that is written and read piece by piece.

Each method changes what the stream holds or where it stands, or depends on both, so it is an effect.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from ..ir.call import Call
from ..ir.types import BOOL, INT, NONE, STR, ListType, ObjectType, Type
from .op import Op, Result
from .operators import everywhere
from .specimens import call

STREAM = ObjectType(io.StringIO)
RULES: Mapping[str, tuple[Type, Iterable[Call]]] = {
    "__init__": (NONE, (call("a\nb"), call("a", ""))),
    "write": (INT, (call("a b\n"), call(""))),
    "writelines": (NONE, (call(["a", "b\n"]), call([]))),
    "getvalue": (STR, (call(),)),
    "read": (STR, (call(), call(3))),
    "readline": (STR, (call(), call(1))),
    "readlines": (ListType(STR), ()),
    "tell": (INT, (call(),)),
    "seek": (INT, (call(0), call(0, 2), call(-1))),
    "truncate": (INT, (call(), call(2))),
    "flush": (NONE, (call(),)),
    "close": (NONE, ()),
    "readable": (BOOL, (call(),)),
    "writable": (BOOL, (call(),)),
    "seekable": (BOOL, (call(),)),
    "__enter__": (STREAM, ()),
    "__exit__": (NONE, ()),
}
SAMPLE = io.StringIO("one\ntwo\n")


def _method(name: str, type: Type, samples: Iterable[Call]) -> Op:
    method = getattr(io.StringIO, name)
    return Op(
        f"io.StringIO.{name}",
        everywhere(method),
        lambda stream, *args, **options: type,
        captures=(method,),
        result=Result.VIEW if type is STREAM else Result.FRESH,
        effect=True,
        samples=tuple([call(SAMPLE, *sample.args) for sample in samples]),
    )


OPS = tuple([_method(name, *rule) for name, rule in RULES.items()])
