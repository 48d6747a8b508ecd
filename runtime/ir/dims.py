"""Dimensions: integers and symbolic integer expressions, with proofs about them.

A ``Dim`` is an int or an ``Expr``, a polynomial with integer coefficients over atoms, in a canonical form: two
expressions that expand to the same polynomial are ``==``.  An atom is a ``Symbol`` with bounds, or an ``Operation``
(floor division, min, max). ``x % k`` is ``x - k*(x//k)``, so it needs no atom of its own.

A proof of ``p >= 0`` eliminates the newest atom by its bounds until a number is left (``lower_bound``); what is not
proved is not known.  Every fact holds for all values of the symbols within their bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, reduce
from itertools import count
from math import gcd, prod
from operator import index
from typing import TypeAlias, Union

Dim: TypeAlias = Union[int, "Expr"]

NAME = re.compile(r"\??[^\W\d][\w.]*(?:'\d+)?")
FRESH = "?"
MOST_ATOMS = 10      # larger expressions are not worth a proof
MOST_TERMS = 60

_numbers = count(1)


class Symbol:
    """A named unknown with ``low <= value <= high``; equal symbols have equal names and bounds."""

    __slots__ = ("_hash", "depth", "high", "low", "name", "order")

    def __init__(self, name: str, low: Dim | None, high: Dim | None) -> None:
        self.name, self.low, self.high = name, low, high
        self.depth: int = 1 + max(_depth(bound) for bound in (low, high))
        self.order = f"{_padded(name)}[{_order(low)},{_order(high)}]"
        self._hash = hash((name, low, high))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Symbol) and self._hash == other._hash and self.name == other.name
                                 and self.low == other.low and self.high == other.high)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return self.name


class Operation:
    """An operation that is no polynomial: ``floordiv`` (two arguments), ``min`` or ``max`` (two or more)."""

    __slots__ = ("_hash", "args", "depth", "kind", "order")

    def __init__(self, kind: str, args: tuple[Dim, ...]) -> None:
        self.kind, self.args = kind, args
        self.depth: int = 1 + max(map(_depth, args))
        self.order = f"~{kind}({','.join(map(_order, args))})"
        self._hash = hash((kind, args))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Operation) and self._hash == other._hash
                                 and self.kind == other.kind and self.args == other.args)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        if self.kind == "floordiv":
            return "//".join(map(_factor, self.args))
        return f"{self.kind}({', '.join(map(str, self.args))})"


Atom: TypeAlias = Symbol | Operation
Monomial: TypeAlias = tuple[Atom, ...]      # sorted, an atom once for each power


class Expr:
    """A polynomial that is no constant: ``terms`` pairs each monomial with its coefficient, highest degree first."""

    __slots__ = ("_hash", "depth", "terms")
    __array_ufunc__ = None      # np.int64(2) * n is ours to compute

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self.terms = terms
        self.depth: int = max(atom.depth for monomial, _ in terms for atom in monomial)
        self._hash = hash(terms)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Expr) and self._hash == other._hash and self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __bool__(self) -> bool:
        raise TypeError(f"whether {self} is zero is not known; compare with known_equal or known_unequal")

    def __add__(self, other: Dim) -> Dim:
        return _combine(self, other, 1)

    __radd__ = __add__

    def __sub__(self, other: Dim) -> Dim:
        return _combine(self, other, -1)

    def __rsub__(self, other: Dim) -> Dim:
        return _combine(-self, other, 1)

    def __neg__(self) -> Dim:
        return self * -1

    def __pos__(self) -> Dim:
        return self

    def __mul__(self, other: Dim) -> Dim:
        result: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in _terms(other):
                monomial = tuple(sorted(left + right, key=_atom_order))
                result[monomial] = result.get(monomial, 0) + a * b
        return _canonical(result)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Dim:
        if exponent < 0:
            raise ValueError(f"{self} ** {exponent} is no integer")
        return prod([self] * index(exponent), start=1)

    def __floordiv__(self, other: Dim) -> Dim:
        return floordiv(self, other)

    def __rfloordiv__(self, other: Dim) -> Dim:
        return floordiv(other, self)

    def __mod__(self, other: Dim) -> Dim:
        return self - floordiv(self, other) * other

    def __rmod__(self, other: Dim) -> Dim:
        return other - floordiv(other, self) * self

    def __repr__(self) -> str:
        positive_first = sorted(self.terms, key=lambda term: term[1] < 0)
        text = " + ".join(_term_text(monomial, coefficient) for monomial, coefficient in positive_first)
        return text.replace("+ -", "- ")


def symbol(name: str, low: Dim | None = 0, high: Dim | None = None) -> Dim:
    """The unknown called ``name``, between ``low`` and ``high`` (inclusive; None: no bound).

    The same name and bounds always mean the same number, so a name is for what is fixed for a whole graph: the sizes
    and ints given to it.  What is born inside (loop variables, counts found in data) takes a ``fresh`` name.
    Raises ValueError where ``name`` is not a dotted identifier.
    """
    if not NAME.fullmatch(name) or name in ("min", "max"):
        raise ValueError(f"{name!r} cannot name a dimension")
    if low is not None and low == high:
        return low
    return _of_atom(Symbol(name, low, high))


def fresh(prefix: str = "d", low: Dim | None = 0, high: Dim | None = None) -> Dim:
    """An unknown that no other expression mentions: ``?d1``, ``?d2``, ..."""
    return symbol(f"{FRESH}{prefix}{next(_numbers)}", low, high)


def is_fresh(dim: Dim | None) -> bool:
    """Whether ``dim`` is a single symbol made by ``fresh``."""
    atom = _only_atom(dim)
    return isinstance(atom, Symbol) and atom.name.startswith(FRESH)


def floordiv(a: Dim, b: Dim) -> Dim:
    """``a // b`` rounded down, as in Python; raises ZeroDivisionError where ``b`` is 0.

    What ``b`` divides exactly leaves the division: ``(3*n + 5)//2`` is ``n + (n + 1)//2 + 2``.
    """
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    if b == 0:
        raise ZeroDivisionError("integer division or modulo by zero")
    if _terms(b)[0][1] < 0:
        a, b = -a, -b
    quotient, a = _divide(a, b)
    if isinstance(b, int):
        a, b = _reduce(a, b)
        if b == 1:
            return quotient + a
    if known_less(a, b) and is_nonnegative(a):
        return quotient
    return quotient + _of_atom(Operation("floordiv", (a, b)))


def minimum(*dims: Dim) -> Dim:
    """The least of ``dims``; those that are proved not to be are left out."""
    return _extremum("min", dims, known_at_most)


def maximum(*dims: Dim) -> Dim:
    """The greatest of ``dims``; those that are proved not to be are left out."""
    return _extremum("max", dims, lambda a, b: known_at_most(b, a))


@lru_cache(maxsize=20000)
def lower_bound(p: Dim) -> int | None:
    """The greatest number that ``p`` is proved never to be below, or None."""
    if isinstance(p, int):
        return p
    if len(p.terms) > MOST_TERMS or len(atoms(p)) > MOST_ATOMS:
        return None
    bounds = [bound for bound in _lower_bounds(p, max(atoms(p), key=lambda atom: (atom.depth, atom.order)))
              if bound is not None]
    return max(bounds, default=None)


def upper_bound(p: Dim) -> Dim | None:
    """What ``p`` is proved never to exceed: a number, or an expression of symbols that have no upper bound."""
    negated = lower_bound(-p)
    if negated is not None:
        return -negated
    bound: Dim | None = p
    while isinstance(bound, Expr):
        bounded = [atom for atom in atoms(bound) if _is_bounded(atom)]
        if not bounded:
            break
        bound = _raise_to_bound(bound, max(bounded, key=lambda atom: (atom.depth, atom.order)))
    return bound


def is_nonnegative(p: Dim) -> bool:
    """Whether ``p >= 0`` is proved."""
    bound = lower_bound(p)
    return bound is not None and bound >= 0


def known_equal(a: Dim, b: Dim) -> bool:
    """Whether ``a == b`` is proved."""
    return a == b or (is_nonnegative(a - b) and is_nonnegative(b - a))


def known_unequal(a: Dim, b: Dim) -> bool:
    """Whether ``a != b`` is proved."""
    return known_less(a, b) or known_less(b, a)


def known_less(a: Dim, b: Dim) -> bool:
    """Whether ``a < b`` is proved."""
    return is_nonnegative(b - a - 1)


def known_at_most(a: Dim, b: Dim) -> bool:
    """Whether ``a <= b`` is proved."""
    return is_nonnegative(b - a)


def compare(a: Dim, b: Dim) -> str | None:
    """``"equal"``, ``"less"`` or ``"greater"`` where ``a`` is proved to be that of ``b``, else None."""
    return ("equal" if known_equal(a, b) else "less" if known_less(a, b) else "greater" if known_less(b, a) else None)


def atoms(p: Dim) -> list[Atom]:
    """The atoms that ``p`` is a polynomial of, each once."""
    return list(dict.fromkeys(atom for monomial, _ in _terms(p) for atom in monomial))


def symbols(p: Dim | None) -> list[Symbol]:
    """Every symbol in ``p``, also in divisions and in the bounds of symbols; bounds before what they bound."""
    return list(_symbols(p)) if isinstance(p, Expr) else []


@lru_cache(maxsize=20000)
def _symbols(p: Expr) -> tuple[Symbol, ...]:
    found: dict[Symbol, None] = {}
    for atom in atoms(p):
        for part in (atom.low, atom.high) if isinstance(atom, Symbol) else atom.args:
            found.update(dict.fromkeys(symbols(part)))
        if isinstance(atom, Symbol):
            found[atom] = None
    return tuple(found)


def substitute(p: Dim, values: Mapping[str, Dim]) -> Dim:
    """``p`` with the symbols named in ``values`` replaced, also inside bounds and divisions."""
    return _rebuild(p, lambda s: values[s.name] if s.name in values else symbol(
        s.name, *(None if bound is None else substitute(bound, values) for bound in (s.low, s.high))))


def rename(p: Dim, new: Mapping[Symbol, Dim]) -> Dim:
    """``p`` with the symbols in ``new`` replaced by what they are called there, with the bounds of the new ones."""
    return _rebuild(p, lambda s: new[s] if s in new else _of_atom(s))


def prefix_of(name: str) -> str:
    """``"i"`` for the fresh name ``"?i7"``."""
    return name.removeprefix(FRESH).rstrip("0123456789")


def evaluate(p: Dim, values: Mapping[str, int]) -> int:
    """The number ``p`` is where the symbols have these ``values``; raises KeyError for a symbol that is missing."""
    result = _rebuild(p, lambda s: index(values[s.name]))
    assert isinstance(result, int)
    return result


def _lower_bounds(p: Expr, atom: Atom) -> Iterator[int | None]:
    """Numbers that ``p`` cannot be below, found by replacing ``atom`` (the newest) with something older."""
    coefficients = _coefficients(p, atom)
    slope = coefficients[1] if len(coefficients) == 2 else None
    low, high = _range(atom)
    for bound, direction in ((low, 1), (high, -1)):
        if bound is not None:      # p as a polynomial of the distance from the bound, which is not negative
            constant, *others = _recentre(coefficients, bound, direction)
            if all(map(is_nonnegative, others)):
                yield lower_bound(constant)
    if isinstance(atom, Symbol):
        if slope is not None and low is not None and high is not None:
            yield _least(_horner(coefficients, end) for end in (low, high))
    elif atom.kind == "floordiv":
        if slope is not None:
            yield _lower_bound_of_division(coefficients[0], slope, *atom.args)
    else:
        cases = [_horner(coefficients, arg) for arg in atom.args]
        yield _least(cases)
        if slope is not None and is_nonnegative(slope if atom.kind == "max" else -slope):
            yield from map(lower_bound, cases)


def _lower_bound_of_division(rest: Dim, slope: Dim, a: Dim, b: Dim) -> int | None:
    """A lower bound of ``rest + slope*(a//b)``, from ``a - b + 1 <= b*(a//b) <= a`` for ``b >= 1``."""
    if not known_less(0, b):
        return None
    if is_nonnegative(slope):
        scaled = b * rest + slope * (a - b + 1)
    elif is_nonnegative(-slope):
        scaled = b * rest + slope * a
    else:
        return None
    if isinstance(b, int):
        bound = lower_bound(scaled)
        return None if bound is None else -(-bound // b)
    return 0 if is_nonnegative(scaled + b - 1) else None


def _least(dims: Iterator[Dim] | list[Dim]) -> int | None:
    bounds = [lower_bound(dim) for dim in dims]
    return None if None in bounds else min(bound for bound in bounds if bound is not None)


def _range(atom: Atom) -> tuple[Dim | None, Dim | None]:
    """Bounds of ``atom`` itself, in older atoms."""
    if isinstance(atom, Symbol):
        return atom.low, atom.high
    if atom.kind == "floordiv":
        a, b = atom.args
        return (0 if is_nonnegative(a) and known_less(0, b) else None), None
    return (_least(list(atom.args)), None) if atom.kind == "min" else (None, None)


def _raise_to_bound(p: Expr, atom: Atom) -> Dim | None:
    """``p`` or more, without ``atom``, which has an upper bound."""
    coefficients = _coefficients(p, atom)
    if isinstance(atom, Operation):
        top = _top(atom)
        rises = len(coefficients) == 2 and is_nonnegative(coefficients[1])
        return _horner(coefficients, top) if top is not None and rises else None
    for bound, direction in ((atom.high, -1), (atom.low, 1)):
        if bound is not None:
            constant, *others = _recentre(coefficients, bound, direction)
            if all(is_nonnegative(-other) for other in others):
                return constant
    return None


def _top(atom: Operation) -> Dim | None:
    """The upper bound of an operation from those of its arguments."""
    if atom.kind == "floordiv":
        a, b = upper_bound(atom.args[0]), atom.args[1]
        return floordiv(a, b) if a is not None and isinstance(b, int) else None
    tops = [upper_bound(arg) for arg in atom.args]
    known = [top for top in tops if top is not None]
    if atom.kind == "min":
        return minimum(*known) if known else None
    return maximum(*known) if len(known) == len(tops) else None


def _is_bounded(atom: Atom) -> bool:
    """Whether some symbol in ``atom`` has an upper bound."""
    if isinstance(atom, Symbol):
        return atom.high is not None
    return any(_is_bounded(inner) for arg in atom.args for inner in atoms(arg))


def _extremum(kind: str, dims: tuple[Dim, ...], wins: Callable[[Dim, Dim], bool]) -> Dim:
    """``kind`` of ``dims``, without nesting and with the constant that all have in common outside."""
    flat: list[Dim] = []
    for dim in dims:
        constant = _constant(dim)
        atom = _only_atom(dim - constant)
        if isinstance(atom, Operation) and atom.kind == kind:
            flat.extend(arg + constant for arg in atom.args)
        else:
            flat.append(dim)
    kept: list[Dim] = []
    for dim in dict.fromkeys(flat):
        if not any(wins(other, dim) for other in kept):
            kept = [other for other in kept if not wins(dim, other)] + [dim]
    if len(kept) == 1:
        return kept[0]
    shift = min(_constant(dim) for dim in kept)
    return _of_atom(Operation(kind, tuple(sorted((dim - shift for dim in kept), key=_order)))) + shift


def _divide(a: Dim, b: Dim) -> tuple[Dim, Dim]:
    """``(q, r)`` with ``a == q*b + r``: long division by the leading term of ``b``, whose coefficient is positive."""
    quotient: Dim = 0
    lead, scale = _terms(b)[0]
    seen = 0
    while seen < len(_terms(a)):
        monomial, coefficient = _terms(a)[seen]
        rest = _without(monomial, lead)
        if rest is None or coefficient // scale == 0:
            seen += 1
            continue
        part = _canonical({rest: coefficient // scale})
        quotient, a = quotient + part, a - part * b
    return quotient, a


def _reduce(a: Dim, b: int) -> tuple[Dim, int]:
    """Numerator and divisor of the same floor division, in lowest terms and without a division inside."""
    constant = _constant(a)
    common = reduce(gcd, (coefficient for monomial, coefficient in _terms(a) if monomial), b)
    if common > 1:
        a = _canonical({monomial: (coefficient if monomial else 0) // common for monomial, coefficient in _terms(a)})
        a, b = a + constant // common, b // common
    inner = _only_atom(a - _constant(a))
    if isinstance(inner, Operation) and inner.kind == "floordiv":
        numerator, divisor = inner.args
        if isinstance(divisor, int):
            return _reduce(numerator + _constant(a) * divisor, b * divisor)
    return a, b


def _without(monomial: Monomial, part: Monomial) -> Monomial | None:
    """``monomial / part``, or None where that is no monomial."""
    rest = list(monomial)
    for atom in part:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)


def _rebuild(p: Dim, replace: Callable[[Symbol], Dim]) -> Dim:
    def value(atom: Atom) -> Dim:
        if isinstance(atom, Symbol):
            return replace(atom)
        operation = {"floordiv": floordiv, "min": minimum, "max": maximum}[atom.kind]
        return operation(*(_rebuild(arg, replace) for arg in atom.args))

    if isinstance(p, int):
        return p
    values = {atom: value(atom) for atom in atoms(p)}
    products = [prod((values[atom] for atom in monomial), start=coefficient) for monomial, coefficient in p.terms]
    return sum(products, start=0)


def _coefficients(p: Expr, atom: Atom) -> list[Dim]:
    """``[c0, c1, ...]`` with ``p == c0 + c1*atom + ...`` and no ``atom`` in them."""
    powers: dict[int, dict[Monomial, int]] = {}
    for monomial, coefficient in p.terms:
        power = monomial.count(atom)
        powers.setdefault(power, {})[tuple(other for other in monomial if other != atom)] = coefficient
    return [_canonical(powers.get(power, {})) for power in range(max(powers) + 1)]


def _recentre(coefficients: list[Dim], centre: Dim, direction: int) -> list[Dim]:
    """Coefficients in ``t`` of the polynomial of ``x == centre + direction*t``."""
    result: list[Dim] = []
    for coefficient in reversed(coefficients):
        shifted = [0, *(direction * c for c in result)]
        result = [a + centre * b for a, b in zip(shifted, [*result, 0])]
        result[0] = result[0] + coefficient
    return result


def _horner(coefficients: list[Dim], x: Dim) -> Dim:
    return reduce(lambda value, coefficient: value * x + coefficient, reversed(coefficients), 0)


def _combine(a: Dim, b: Dim, sign: int) -> Dim:
    result = dict(_terms(a))
    for monomial, coefficient in _terms(b):
        result[monomial] = result.get(monomial, 0) + sign * coefficient
    return _canonical(result)


def _canonical(terms: dict[Monomial, int]) -> Dim:
    kept = [(monomial, coefficient) for monomial, coefficient in terms.items() if coefficient]
    if not any(monomial for monomial, _ in kept):
        return sum(coefficient for _, coefficient in kept)
    return Expr(tuple(sorted(kept, key=lambda term: (-len(term[0]), [atom.order for atom in term[0]]))))


def _terms(p: Dim) -> tuple[tuple[Monomial, int], ...]:
    return p.terms if isinstance(p, Expr) else (((), index(p)),)


def _constant(p: Dim) -> int:
    monomial, coefficient = _terms(p)[-1]
    return 0 if monomial else coefficient


def _of_atom(atom: Atom) -> Expr:
    return Expr((((atom,), 1),))


def _only_atom(p: Dim | None) -> Atom | None:
    if isinstance(p, Expr) and len(p.terms) == 1 and p.terms[0][1] == 1 and len(p.terms[0][0]) == 1:
        return p.terms[0][0][0]
    return None


def _atom_order(atom: Atom) -> str:
    return atom.order


def _order(dim: Dim | None) -> str:
    """A text that tells dimensions apart and sorts them, numbered names by their number."""
    if not isinstance(dim, Expr):
        return str(dim)
    return "+".join(f"{coefficient}*{'*'.join(map(_atom_order, monomial))}" for monomial, coefficient in dim.terms)


def _padded(name: str) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(12), name)


def _depth(dim: Dim | None) -> int:
    return dim.depth if isinstance(dim, Expr) else 0


def _factor(dim: Dim) -> str:
    atom = _only_atom(dim)
    return str(dim) if isinstance(dim, int) and dim >= 0 or isinstance(atom, Symbol) else f"({dim})"


def _term_text(monomial: Monomial, coefficient: int) -> str:
    if not monomial:
        return str(coefficient)
    factors = []
    for atom in dict.fromkeys(monomial):
        power = monomial.count(atom)
        alone = len(monomial) == 1 and coefficient == 1
        text = str(atom) if alone or isinstance(atom, Symbol) or atom.kind != "floordiv" else f"({atom})"
        factors.append(text if power == 1 else f"{text}**{power}")
    return {1: "", -1: "-"}.get(coefficient, f"{coefficient}*") + "*".join(factors)
