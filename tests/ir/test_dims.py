"""Symbolic dimensions: canonical form, tables of proofs, and every proof checked against numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tograph.runtime.ir.dim_text import parse_dim
from tograph.runtime.ir.dims import (
    compare,
    evaluate,
    fresh,
    is_fresh,
    known_at_most,
    known_less,
    known_unequal,
    lower_bound,
    maximum,
    minimum,
    substitute,
    symbol,
    symbols,
    upper_bound,
)
from tograph.runtime.ir.slices import slice_length

n, m, k = symbol("n"), symbol("m"), symbol("k", 1)
size = symbol("size", 2)
i = symbol("i", 0, n - 1)                 # for i in range(n)
j = symbol("j", i + 1, n - 1)             # for j in range(i + 1, n)
window = symbol("window", 1, n)
start = symbol("start", 0, n - window)    # for start in range(n - window + 1)
pair = symbol("pair", 0, n // 2 - 1)      # for pair in range(n//2)
any_int = symbol("any_int", None)
negative = symbol("negative", None, -1)
NAMES = {"n": n, "m": m, "k": k, "size": size, "i": i, "j": j, "any_int": any_int}


@pytest.mark.parametrize(("a", "b"), [
    ((n + 1) * (n - 1), n * n - 1),
    (n * m - m * n, 0),
    ((n + m) ** 2, n**2 + 2 * n * m + m**2),
    ((3 * n + 5) // 2, n + (n + 1) // 2 + 2),
    ((n - 1) // 2 + 1, (n + 1) // 2),
    ((2 * n + 3) // 4, (n + 1) // 2),
    (n // 2 // 3, n // 6),
    (2 * n // 3 // 2, n // 3),
    (n // 2 * 2 + n % 2, n),
    (-n % 2, n % 2 + 2 * (n // 2) - n + -n % 2),
    ((n * k + k + m) // k, n + 1 + m // k),
    ((n * n + n) // (n + 1), n),
    (n // -2, (-n) // 2),
    (i % n, i),
    (i // n, 0),
    (minimum(n, n + 1), n),
    (minimum(n, minimum(m, k)), minimum(minimum(k, n), m)),
    (minimum(n, 5) - 1, minimum(n - 1, 4)),
    (maximum(0, i), i),
    (maximum(n - 3, 0) + 3, maximum(n, 3)),
    (minimum(i, n), i),
])
def test_canonical_form(a, b):
    assert a == b and hash(a) == hash(b)


@pytest.mark.parametrize("claim", [
    known_at_most(2 * (n // 2), n),
    known_at_most(n // 2, n),
    known_at_most(n - 1, 2 * (n // 2)),
    known_at_most(0, n % 7),
    known_less(n % 7, 7),
    known_less(n % k, k),
    known_at_most(0, n % k),
    known_at_most(n // k * k, n),
    known_less(size // 2, size),
    known_at_most(2 * pair + 2, n),
    known_less(i, n),
    known_less(i, j),
    known_less(j, n),
    known_at_most(i + 2, n) is False,      # only with j
    known_at_most(start + window, n),
    known_at_most(0, size * size - size),
    known_at_most(n + m, n * m + 1) is False,
    known_at_most(size + size, size * size),
    known_at_most(minimum(n, m), maximum(n, m)),
    known_at_most(minimum(n, m), n),
    known_at_most(n, maximum(n, m)),
    known_at_most(0, minimum(n, m)),
    known_less(0, maximum(n, k)),
    known_at_most(maximum(n, m), n + m),
    known_unequal(n, n + 1),
    known_unequal(size, 1),
    known_unequal(n, 1) is False,
    known_unequal(n, m) is False,
    compare(i, n) == "less",
    compare(n, i) == "greater",
    compare(n * 2 - n, n) == "equal",
    compare(n, m) is None,
    lower_bound(any_int) is None,
    lower_bound(j) == 1,
    upper_bound(i) == n - 1,
    upper_bound(j - i) == n - 1,
    upper_bound(start + window) == n,
    upper_bound(n) == n,
    upper_bound(n - n // 2) == n - n // 2,
    upper_bound(minimum(n, 5)) == 5,
    upper_bound(maximum(i, 3) + 1) == maximum(n - 1, 3) + 1,
    upper_bound(negative) == -1,
])
def test_facts(claim):
    assert claim is True


def test_the_newest_unknown_is_eliminated_first():
    inner = symbol("inner", j, i + j)
    assert known_less(i, inner)
    assert known_at_most(1, inner)


@pytest.mark.parametrize(("slice_", "length"), [
    ((None, i, None, n), i),                          # A[i, :i]
    ((i + 1, None, None, n), n - i - 1),              # A[i+1:, j]
    ((None, j, None, n), j),                          # A[:j, j]
    ((i, j, None, n), j - i),
    ((start, start + window, None, n), window),       # x[i:i+K]
    ((2 * pair, 2 * pair + 2, None, n), 2),           # x[2*i:2*i+2]
    ((1, None, None, size), size - 1),
    ((1, None, None, n), maximum(n - 1, 0)),
    ((None, -1, None, size), size - 1),
    ((1, -1, None, size), size - 2),
    ((None, None, 2, n), (n + 1) // 2),
    ((1, None, 2, size), size // 2),
    ((None, None, -1, n), n),
    ((None, None, -2, n), (n + 1) // 2),
    ((None, 5, None, n), minimum(n, 5)),
    ((3, 1, None, n), 0),
    ((-3, None, None, n), minimum(n, 3)),
    ((None, None, None, 7), 7),
    ((negative, None, None, size), minimum(size, -negative)),
])
def test_slice_length(slice_, length):
    assert slice_length(*slice_) == length


def test_slice_length_of_unknown_sign_is_an_unknown_up_to_the_size():
    length = slice_length(any_int, None, None, n)
    assert is_fresh(length)
    assert known_at_most(length, n) and known_at_most(0, length)
    assert is_fresh(slice_length(None, None, k, n))
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        slice_length(None, None, 0, n)


def test_fresh_names_are_never_given_twice():
    assert len({fresh() for _ in range(100)}) == 100
    assert not is_fresh(n) and not is_fresh(fresh() + 1) and not is_fresh(3) and not is_fresh(None)


def test_symbols_are_equal_by_name_and_bounds():
    assert symbol("n") == n and symbol("n", 1) != n
    assert symbol("one", 1, 1) == 1
    for name in ("min", "a b", "", "1x"):
        with pytest.raises(ValueError, match="cannot name a dimension"):
            symbol(name)


def test_substitution_reaches_bounds_and_divisions():
    assert substitute(n // 2 + n * m, {"n": 6, "m": k}) == 3 + 6 * k
    assert substitute(i, {"n": 4}) == symbol("i", 0, 3)
    assert substitute(minimum(n, m), {"n": m + 1}) == m


def test_symbols_lists_bounds_before_what_they_bound():
    assert [s.name for s in symbols(j + m // k)] == ["n", "i", "j", "m", "k"]


def test_an_expression_is_not_a_truth_value():
    with pytest.raises(TypeError, match="whether n is zero is not known"):
        bool(n)
    with pytest.raises(ZeroDivisionError):
        _ = n // 0


@pytest.mark.parametrize("text", ["n +", "n.bit_length()", "True", "1.5", "min()", "n / 2", "[n]"])
def test_parse_refuses_what_is_no_dimension(text):
    with pytest.raises((ValueError, KeyError)):
        parse_dim(text, NAMES)


@st.composite
def assignments(draw):
    """Numbers for the symbols below, within their bounds."""
    values = {"n": draw(st.integers(0, 9)), "m": draw(st.integers(0, 9)), "k": draw(st.integers(1, 5)),
              "size": draw(st.integers(2, 9)), "any_int": draw(st.integers(-12, 12))}
    values["n"] = max(values["n"], 2)      # where i and j live
    values["i"] = draw(st.integers(0, values["n"] - 2))
    values["j"] = draw(st.integers(values["i"] + 1, values["n"] - 1))
    return values


LEAVES = st.one_of(st.integers(-4, 6), st.sampled_from([n, m, k, size, i, j, any_int]))
EXPRESSIONS = st.recursive(LEAVES, lambda inner: st.one_of(
    st.builds(lambda a, b: a + b, inner, inner),
    st.builds(lambda a, b: a - b, inner, inner),
    st.builds(lambda a, b: a * b, inner, inner),
    st.builds(lambda a, b: a // b, inner, st.sampled_from([2, 3, -2, k, size, size * k, k + 1])),
    st.builds(lambda a, b: a % b, inner, st.sampled_from([2, 3, 5, -3, k, size])),
    st.builds(minimum, inner, inner),
    st.builds(maximum, inner, inner, inner),
), max_leaves=7)


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, st.lists(assignments(), min_size=1, max_size=8))
def test_what_is_proved_is_true(p, numbers):
    low, high = lower_bound(p), upper_bound(p)
    for values in numbers:
        value = evaluate(p, values)
        assert low is None or low <= value
        assert high is None or value <= evaluate(high, values)


@settings(max_examples=1500, deadline=None)
@given(EXPRESSIONS)
def test_text_is_read_back(p):
    assert parse_dim(str(p), NAMES) == p


@settings(max_examples=1500, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, st.sampled_from([2, 3, -3, k, size]), assignments())
def test_arithmetic_is_that_of_integers(a, b, divisor, values):
    x, y, d = (evaluate(p, values) for p in (a, b, divisor))
    assert evaluate(a + b, values) == x + y
    assert evaluate(a - b, values) == x - y
    assert evaluate(a * b, values) == x * y
    assert evaluate(a // divisor, values) == x // d
    assert evaluate(a % divisor, values) == x % d
    assert evaluate(minimum(a, b), values) == min(x, y)
    assert evaluate(maximum(a, b), values) == max(x, y)
    fitting = {**values, "m": values["n"] - 2}
    assert evaluate(substitute(a, {"n": m + 2}), fitting) == evaluate(a, fitting)


BOUNDS = st.one_of(st.none(), EXPRESSIONS)


@settings(max_examples=150, deadline=None)
@given(BOUNDS, BOUNDS, st.sampled_from([None, 1, 2, 3, -1, -2]), st.sampled_from([n, size, n // 2, n + m, 5]),
       st.lists(assignments(), min_size=1, max_size=5))
def test_slice_length_is_pythons(start, stop, step, length, numbers):
    result = slice_length(start, stop, step, length)
    for values in numbers:
        number = evaluate(length, values)
        first, last = (None if p is None else evaluate(p, values) for p in (start, stop))
        true_length = len(range(*slice(first, last, step).indices(number)))
        if is_fresh(result):
            assert true_length <= number
        else:
            assert evaluate(result, values) == true_length
