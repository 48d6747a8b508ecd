"""A cache is one for graphs and eager code, in all threads, and the function that it is for stays what it is."""

import threading
from functools import cache, lru_cache

import pytest

from tograph import TographError, to_graph

DEEP = 250
TURNS = 200


@pytest.fixture
def square():
    """A function with a cache, and what it was computed for."""
    computed = []

    @cache
    def square(n):
        computed.append(n)
        return n * n

    return square, computed


@cache
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


@cache
def either(a, b):
    return a + b


def test_eager_code_and_graphs_find_what_the_other_computed(square):
    square, computed = square

    def both(n):
        return square(n), square(n + 1)

    graph = to_graph(both)
    assert square(3) == 9
    assert graph(3) == (9, 16)
    assert (square(4), square(5)) == (16, 25)
    assert graph(4) == (16, 25)
    assert computed == [3, 4, 5]
    assert square.cache_info()[:2] == (4, 3)


def test_the_function_is_itself_after_each_call(square):
    square, _ = square
    code = square.__wrapped__.__code__
    graph = to_graph(lambda n: square(n) + 1)
    assert graph(2) == 5
    assert square.__wrapped__.__code__ is code

    @cache
    def failing(n):
        raise KeyError(n)

    code = failing.__wrapped__.__code__
    with pytest.raises(KeyError):
        to_graph(lambda n: failing(n))(1)
    assert failing.__wrapped__.__code__ is code


def test_a_small_cache_forgets_as_in_eager_code():
    @lru_cache(maxsize=2)
    def shown(n):
        return str(n)

    graph = to_graph(lambda a, b, c: (shown(a), shown(b), shown(a), shown(c), shown(b)))
    assert graph(1, 2, 3) == ("1", "2", "1", "3", "2")
    assert shown.cache_info() == (1, 4, 2, 2)


def test_it_calls_itself_as_deep_as_eager_code():
    depth.cache_clear()
    assert depth(DEEP) == DEEP
    depth.cache_clear()
    assert to_graph(lambda n: depth(n))(DEEP) == DEEP
    assert depth.cache_info().misses == DEEP + 1


def test_threads_run_eager_code_and_graphs_at_once(square):
    square, computed = square

    def both(n):
        return square(n) + square(n + 1)

    graph, wrong = to_graph(both), []

    def work(function):
        wrong.extend(n for n in range(TURNS) if function(n) != n**2 + (n + 1) ** 2)

    code = square.__wrapped__.__code__
    threads = [threading.Thread(target=work, args=(function,)) for function in (graph, both) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert set(computed) == set(range(TURNS + 1))
    assert sum(square.cache_info()[:2]) == 2 * TURNS * len(threads)
    assert square.__wrapped__.__code__ is code


def test_what_is_of_another_kind_in_the_cache_is_refused():
    either.cache_clear()
    assert either(1.0, 2.0) == 3.0
    with pytest.raises(TographError, match="holds something else"):
        to_graph(lambda a: either(a, 2))(1)
