"""Random numbers of Python's module ``random``: the methods of ``random.Random``, and making one.

The functions of the module are methods of one hidden ``Random``. As with NumPy's generators each call changes the
state, so it is an effect: never removed, merged or moved.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

from ..ir.call import Call
from ..ir.types import ANY, BOOL, FLOAT, INT, NONE, IntType, ObjectType, PythonType, Type
from .containers import ANY_LIST
from .infer import Unknown, type_of
from .op import Op, Result
from .operators import everywhere
from .rules import Infer, plain
from .specimens import call


def _gives(type: Type) -> Infer:
    return lambda source, *args, **kwargs: type


def _float_of_numbers(source: Any, *args: Any, **kwargs: Any) -> Type:
    """A float, where all parameters are Python numbers; what is computed of others is theirs."""
    for value in (*args, *kwargs.values()):
        kind = type_of(plain(value))
        if not isinstance(kind, IntType) and kind not in (FLOAT, BOOL):
            raise Unknown(value)
    return FLOAT


def _float_of_floats(source: Any, *args: Any, **kwargs: Any) -> Type:
    """A float, where all parameters are floats: one of them may be the result."""
    if any(type_of(plain(value)) != FLOAT for value in (*args, *kwargs.values())):
        raise Unknown(args)
    return FLOAT


PAIRS = (call(1, 2.5), call(0.5, 0.25))
RULES: Mapping[str, tuple[Infer, Iterable[Call]]] = {
    "random": (_gives(FLOAT), (call(),)),
    "uniform": (_float_of_numbers, PAIRS),
    "triangular": (_float_of_floats, (call(), call(0.5, 2.0, 1.0))),
    "gauss": (_float_of_numbers, (call(), *PAIRS)),
    "normalvariate": (_float_of_numbers, PAIRS),
    "lognormvariate": (_float_of_numbers, PAIRS),
    "expovariate": (_float_of_numbers, (call(2), call(0.5), call(0))),
    "vonmisesvariate": (_float_of_numbers, PAIRS),
    "gammavariate": (_float_of_numbers, (*PAIRS, call(-1, 2))),
    "betavariate": (_float_of_numbers, PAIRS),
    "paretovariate": (_float_of_numbers, (call(2), call(0.5))),
    "weibullvariate": (_float_of_numbers, PAIRS),
    "randrange": (_gives(INT), (call(5), call(2, 9, 3), call(0), call(3, 1))),
    "randint": (_gives(INT), (call(2, 7), call(3, 3), call(3, 1))),
    "getrandbits": (_gives(INT), (call(5), call(70), call(-1))),
    "randbytes": (_gives(PythonType(bytes)), (call(3), call(0))),
    "binomialvariate": (_gives(INT), (call(5, 0.5), call(5, 2.0))),
    "choice": (_gives(ANY), ()),  # of what it and the next two are given, a trace knows more
    "choices": (_gives(ANY_LIST), ()),
    "sample": (_gives(ANY_LIST), ()),
    "shuffle": (_gives(NONE), (call([1, 2, 3]),)),
    "seed": (_gives(NONE), (call(3), call("text"), call())),
    "getstate": (_gives(ANY), ()),
    "setstate": (_gives(NONE), (call(random.Random(5).getstate()), call(3))),
}
SHARING = ("choice", "getstate", "seed", "shuffle", "setstate")
SAMPLE = random.Random(3)


def _method(name: str, infer: Infer, samples: Iterable[Call]) -> Op:
    return Op(
        f"random.Random.{name}",
        everywhere(getattr(random.Random, name)),
        infer,
        captures=(getattr(random.Random, name),),
        result=Result.VIEW if name in SHARING else Result.FRESH,
        writes=(0, 1) if name == "shuffle" else (0,),  # its state and what it puts in order
        effect=True,
        samples=tuple([call(SAMPLE, *sample.args, **sample.kwargs) for sample in samples]),
    )


METHODS = {name: _method(name, *rule) for name, rule in RULES.items() if hasattr(random.Random, name)}
OPS = (
    *METHODS.values(),
    Op("random.Random", lambda xp: random.Random, lambda *seed: ObjectType(random.Random), captures=(random.Random,),
       result=Result.VIEW, effect=True, samples=(call(3), call(2.5))),
)
