"""Graph functions called from several threads at once: right results, a trace for each kind, none waits for ever.

A test that does not end within ``SECONDS`` fails and names the threads that still run.
"""

import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from tograph import clear_caches, py_func, run_eagerly, to_graph
from tograph.runtime.ops.quiet import quietly

THREADS = 8
SECONDS = 60


def smoothed(x, steps):
    y = x.copy()
    for _ in range(steps):
        y[1:-1] = 0.5 * (y[:-2] + y[2:])
        if y.sum() > 100:
            y /= 2
    return y


def even(n, x):
    return x.sum() if n == 0 else odd(n - 1, x + 1)


def odd(n, x):
    return x.sum() * 0 if n == 0 else even(n - 1, x * 2)


even, odd = to_graph(even), to_graph(odd)
seen = {}


@py_func(result="int")
def noted(value):
    name = threading.current_thread().name
    seen.setdefault(name, []).append(value)
    return value + 1


def counted(values):
    total = 0
    for value in values:
        total += noted(value)
    return total


def drawn(rng, n):
    total = 0.0
    for _ in range(n):
        total += rng.random()
    return total


def in_threads(*works):
    """Run each of ``works`` in a thread, all at once; raises what the first that failed raised."""
    failed, start = [], threading.Barrier(len(works))

    def run(work):
        try:
            start.wait()
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by the test's thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,), name=f"worker {i}", daemon=True)
               for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not [thread.name for thread in threads if thread.is_alive()], "threads wait for each other"
    if failed:
        raise failed[0]


@contextmanager
def undone(undo):
    try:
        yield
    finally:
        undo()


def kinds():
    """Arguments of several kinds, each with a trace of its own."""
    return [(x.astype(dtype), 5) for dtype in ("f4", "f8", "c16") for x in (np.arange(9.0), np.arange(1.0))]


def check(function, arguments, times=20):
    expected = smoothed(*arguments)
    for _ in range(times):
        result = function(*arguments)
        assert result.dtype == expected.dtype and np.array_equal(result, expected)


def test_one_trace_for_each_kind():
    function = to_graph(smoothed)

    def work(first):
        for arguments in kinds()[first:] + kinds()[:first]:
            check(function, arguments)

    in_threads(*[lambda first=i % 6: work(first) for i in range(THREADS)])
    assert function.trace_count == len(kinds())


@pytest.mark.parametrize("n", [3, 4, 7, 8])
def test_functions_that_call_each_other(n):
    x, results = np.arange(float(n)), {}
    expected = {"even": even.eager(n, x), "odd": odd.eager(n, x)}
    even.clear()
    odd.clear()
    in_threads(lambda: results.update(even=even(n, x)), lambda: results.update(odd=odd(n, x)),
               lambda: even(n, x), lambda: odd(n, x))
    assert results == expected
    assert even.trace_count == odd.trace_count == 1


def test_clear_caches_while_they_run():
    function, done = to_graph(smoothed), threading.Event()

    def clear():
        while not done.wait(0.001):
            clear_caches()

    def work():
        for arguments in kinds():
            check(function, arguments, 10)

    clearing = threading.Thread(target=clear, daemon=True)
    clearing.start()
    with undone(lambda: (done.set(), clearing.join(SECONDS))):
        in_threads(*[work] * THREADS)
    check(function, kinds()[0])
    assert function.trace_count >= 1


def test_run_eagerly_while_they_run():
    function, done = to_graph(smoothed), threading.Event()

    def switch():
        on = False
        while not done.wait(0.0005):
            on = not on
            run_eagerly(on)

    switching = threading.Thread(target=switch, daemon=True)
    switching.start()
    with undone(lambda: (done.set(), switching.join(SECONDS), run_eagerly(False))):
        in_threads(*[lambda: [check(function, arguments, 10) for arguments in kinds()]] * THREADS)


def test_python_that_is_called_runs_in_the_thread_of_the_call():
    function = to_graph(counted)
    seen.clear()
    with undone(seen.clear):
        in_threads(*[lambda i=i: function([10 * i + k for k in range(5)]) for i in range(THREADS)])
        assert sorted(seen.values()) == [[10 * i + k for k in range(5)] for i in range(THREADS)]


def test_each_thread_draws_from_its_own_generator():
    function, results = to_graph(drawn), {}

    def work(seed):
        results[seed] = function(np.random.default_rng(seed), 50)

    in_threads(*[lambda seed=seed: work(seed) for seed in range(THREADS)])
    assert results == {seed: drawn(np.random.default_rng(seed), 50) for seed in range(THREADS)}
    assert function.trace_count == 1


def test_what_one_thread_traces_is_not_seen_by_another():
    """An eager NumPy program runs beside a function that is traced again and again."""
    function = to_graph(smoothed)

    def trace():
        for _ in range(10):
            function.clear()
            check(function, kinds()[1], 1)

    in_threads(trace, *[lambda: [smoothed(*arguments) for arguments in kinds() * 20]] * 3)


def test_a_refusal_in_several_threads():
    def refused(x):
        return x, id(x)

    function = to_graph(refused)

    def work():
        with pytest.raises(NotImplementedError):
            function(np.ones(3))

    in_threads(*[work] * THREADS)


class Key:
    """A key with a hash and an equality of its own."""

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return isinstance(other, Key)


def test_keys_get_their_classes_back():
    """A key that several threads put into their dicts is quiet in one of them at a time."""
    key, wrong = Key(), []

    def work():
        for number in range(200):
            with quietly([key], {id(key): number}):
                time.sleep(0)
                if hash(key) != number:
                    wrong.append(number)

    in_threads(*[work] * THREADS)
    assert type(key) is Key and not wrong
