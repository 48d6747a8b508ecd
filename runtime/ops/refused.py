"""What of NumPy's public functions is not supported, and why: the second part of ``docs/numpy.md``.

Whatever is neither an op, nor answered while tracing (``ANSWERED``), nor a class of exceptions must have a reason here.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial, polyutils

from .op import TABLE

NAMESPACES: tuple[tuple[str, ModuleType], ...] = (
    ("np.", np), ("np.linalg.", np.linalg), ("np.fft.", np.fft), ("np.lib.stride_tricks.", np.lib.stride_tricks),
    ("np.lib.array_utils.", np.lib.array_utils), ("np.polynomial.", np.polynomial),
    *((f"np.polynomial.{module.__name__.rpartition('.')[2]}.", module)
      for module in (polynomial, chebyshev, legendre, hermite, hermite_e, laguerre, polyutils)),
)

# Functions that take functions of the user's, iterators over arrays, settings for a while: tracing knows them itself.
ANSWERED: tuple[Any, ...] = (
    np.apply_along_axis, np.apply_over_axes, np.errstate, np.fromfunction, np.mask_indices, np.ndenumerate, np.ndindex,
    np.piecewise, np.polynomial.chebyshev.chebinterpolate, np.vectorize,
)

REASONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("They make objects with methods of their own, which are no arrays. Their functions on plain arrays work: "
     "`np.polynomial.polynomial.polyval` and kin, `np.broadcast_arrays`, `np.block`.",
     ("np.asmatrix", "np.bmat", "np.broadcast", "np.busdaycalendar", "np.flatiter", "np.matrix", "np.memmap",
      "np.nested_iters", "np.poly1d", "np.recarray", "np.record", "np.polynomial.Chebyshev", "np.polynomial.Hermite",
      "np.polynomial.HermiteE", "np.polynomial.Laguerre", "np.polynomial.Legendre", "np.polynomial.Polynomial")),
    ("They read or write files, or take text apart: call them before or after.",
     ("np.fromfile", "np.fromregex", "np.fromstring", "np.genfromtxt", "np.load", "np.loadtxt", "np.save", "np.savetxt",
      "np.savez", "np.savez_compressed")),
    ("They are about dates, which are no numbers.",
     ("np.busday_count", "np.busday_offset", "np.datetime64", "np.datetime_as_string", "np.datetime_data",
      "np.is_busday", "np.isnat", "np.timedelta64")),
    ("They are about text, records and arrays of Python objects. `np.vectorize` is the way to call a function element "
     "by element.",
     ("np.bytes_", "np.frompyfunc", "np.object_", "np.str_", "np.void")),
    ("They are classes to ask about, as in `np.issubdtype(x.dtype, np.floating)` or `isinstance`, and make nothing.",
     ("np.character", "np.complexfloating", "np.flexible", "np.floating", "np.generic", "np.inexact", "np.integer",
      "np.number", "np.signedinteger", "np.ufunc", "np.unsignedinteger")),
    ("They are about NumPy itself, or set a function to be called by it.",
     ("np.__array_namespace_info__", "np.get_include", "np.geterrcall", "np.info", "np.seterrcall", "np.show_config",
      "np.show_runtime", "np.test", "np.polynomial.set_default_printstyle")),
    ("They are about memory as it lies, or take that of other libraries.",
     ("np.from_dlpack", "np.lib.array_utils.byte_bounds", "np.ndarray")),
    ("They are names that NumPy gives up, or work on lists of arrays for other functions: `np.vstack`, and "
     "`np.polynomial.polyutils.trimcoef`.",
     ("np.row_stack", "np.in1d", "np.trapz", "np.polynomial.polyutils.as_series", "np.polynomial.polyutils.trimseq")),
)


def missing() -> Iterator[str]:
    """The public callables of the namespaces that a graph cannot call, by the first name they have."""
    seen: set[int] = set(map(id, ANSWERED))
    for prefix, module in NAMESPACES:
        for name in sorted(getattr(module, "__all__", dir(module))):
            value = getattr(module, name, None)
            if name.startswith("_") and name != "__array_namespace_info__" or not callable(value) or id(value) in seen:
                continue
            seen.add(id(value))
            is_error = isinstance(value, type) and issubclass(value, Exception)
            if TABLE.of_callable(value) is None and not is_error:
                yield prefix + name


def reasons() -> Iterator[tuple[str, list[str]]]:
    """Each reason and what it is the reason for.  Raises KeyError where a callable has none."""
    found = set(missing())
    for reason, names in REASONS:
        present = [name for name in names if name in found]
        found -= set(present)
        if present:
            yield reason, present
    if found:
        raise KeyError(f"without a reason: {', '.join(sorted(found))}")
