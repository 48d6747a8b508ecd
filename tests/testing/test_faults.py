"""Each planted fault is found, for the right reason, on a program that an unbroken engine gets right."""


import numpy as np
import pytest

from tograph.runtime.testing.equivalence import Different, assert_equivalent
from tograph.runtime.testing.faults import FAULTS

RATE = 2.0
CALLS = 0


class Counter:
    def __init__(self):
        self.total = 0.0

    def add(self, x):
        self.total = self.total + x.sum()
        return self.total


def total(x):
    return x.sum()


def doubled(x):
    return x * 2


def any_negative(x):
    return bool((x < 0).any())


def length(x):
    return len(x)


def quotient(x):
    return x / x


def mean_and_size(x):
    return x.mean(), x.size


def itself(x):
    x += 1
    return x


def interior(x):
    return x[1:-1]


def transposed(x):
    return np.exp(x.T)


def twice_the_same(x):
    y = x + 1
    return y, y


def named(x):
    return {"sum": x.sum(), "largest": x.max()}


def spread(x):
    return np.broadcast_to(x.sum(), (3,))


def power(x, n):
    y = np.ones_like(x)
    for _ in range(n):
        y = y * x
    return y


def counted(x):
    global CALLS
    CALLS += 1
    return x * CALLS


def make_accumulator():
    held = 0.0

    def accumulate(x):
        nonlocal held
        held += x.sum()
        return held

    return accumulate


def scale_in_place(x):
    for i in range(len(x)):
        x[i] *= RATE


def fill(x, n):
    for i in range(n):
        x[i] = 0.0


def add_to_first(x, y):
    x += y
    x += y


def largest(values, x):
    for item in x:
        if item > 0:
            values.append(item)


def tally(table, x):
    table["sum"] = x.sum()


def add_to(counter, x):
    return counter.add(x)


def shout(x):
    if x.sum() > 0:
        print("positive", x.size)
    return x.sum()


def pick(x, i):
    return x[i]


def convert(x):
    try:
        return x[len(x)]
    except IndexError as error:
        raise ValueError("too short") from error


def vectors():
    return [(np.array([1.0, -2.0, 3.0]),), (np.array([4.0, 5.0]),), (np.arange(5.0),)]


def ascending():
    return [(np.arange(float(n)),) for n in (2, 3, 5)]


def zero_d(x):
    return x[...]


def window():
    return [(np.arange(8.0)[2:5],), (np.arange(6.0)[1:4],)]


def shared():
    x = np.arange(3.0)
    return [(x, x), (np.arange(3.0), np.ones(3))]


SINGLE = [(np.arange(3, dtype=np.float32),)]
ZEROS = [(np.array([-0.0, 1.0]),)]

TABLE = [
    ("the dtype is widened", doubled, SINGLE, "expected f4[3], got f8[3]"),
    ("a NumPy scalar becomes a 0-d array", total, vectors, "expected numpy.float64, got array f8[]"),
    ("a 0-d array becomes a NumPy scalar", zero_d, [(np.array(3.0),)], "expected array f8[], got numpy.float64"),
    ("a NumPy scalar becomes a Python number", total, vectors, "expected numpy.float64 2.0, got float 2.0"),
    ("a bool becomes an int", any_negative, vectors, "expected bool True, got int 1"),
    ("an int becomes a float", length, vectors, "expected int 3, got float 3.0"),
    ("the sign of zero is lost", doubled, ZEROS, "expected np.float64(-0.0), got np.float64(0.0)"),
    ("a NaN becomes a number", quotient, [(np.array([0.0, 2.0]),)], "at (0,) expected np.float64(nan), got"),
    ("the last bit is wrong", doubled, vectors, "3 of 3 elements differ"),
    ("a tuple becomes a list", mean_and_size, vectors, "expected tuple, got list"),
    ("a copy instead of the argument itself", itself, vectors, "expected the object of 'argument 0', got a new"),
    ("a copy instead of a view", interior, vectors, "expected memory 0, got 1"),
    ("a view instead of a copy of itself", itself, vectors, "expected the object of 'argument 0', got a new"),
    ("the layout of the result is changed", transposed, [(np.ones((2, 3)),)], "expected strides (8, 24), got (16, 8)"),
    ("two results that are one array become two", twice_the_same, vectors, "[1]: expected the object of 'result[0]'"),
    ("the order of a dict is changed", named, vectors, "expected dict of str 'sum', str 'largest', got"),
    ("a read-only result becomes writable", spread, vectors, "expected writeable=False, got True"),
    ("the engine calls the function", total, vectors, "Python code of the program ran: total"),
    ("the engine calls the function when it is called again", total, vectors, "Python code of the program ran: total"),
    ("no node is executed", total, vectors, "no graph node was executed"),
    ("right at the first call only", total, vectors, "input 0 again"),
    ("wrong at the second size only", total, ascending, "input 1:"),
    ("wrong when a larger input came first", total, ascending, "input 1:"),
    ("wrong for an empty array", total, [(np.ones(2),), (np.ones(0),)], "input 1:"),
    ("a Python int is baked in", power, [(np.arange(3.0), 2), (np.arange(3.0), 5)], "input 1:"),
    ("a global is read once", counted, vectors, "global CALLS: expected 2, got 1"),
    ("writes to globals and closures are lost", counted, vectors, "global CALLS: expected 1, got 0"),
    ("writes to globals and closures are lost", make_accumulator(), vectors, "accumulate: expected numpy.float64 2.0"),
    ("the write-back is lost", scale_in_place, vectors, "argument 0: 3 of 3 elements differ"),
    ("writes before an exception are lost", fill, [(np.ones(3), 5)], "argument 0: 3 of 3 elements differ"),
    ("an exact alias among the arguments is ignored", add_to_first, shared, "argument 0: 2 of 3 elements differ"),
    ("a write goes beside the view", scale_in_place, window, "bytes that no argument shows were changed"),
    ("an append is lost", largest, [([], np.arange(3.0))], "argument 0: expected list of 2 items, got list of 0 items"),
    ("a new dict item is lost", tally, [({}, np.arange(3.0))], "argument 0: expected dict of str 'sum', got dict of"),
    ("an attribute write is lost", add_to, [(Counter(), np.arange(3.0))], "argument 0.total: expected"),
    ("a print is lost", shout, vectors, "printed: expected 'positive 3\\n', got ''"),
    ("a print is done twice", shout, vectors, "printed: expected 'positive 3\\n', got 'positive 3\\npositive 3\\n'"),
    ("a warning is lost", quotient, ZEROS, "warnings: expected [('RuntimeWarning', 'invalid value"),
    ("an exception is swallowed", pick, [(np.ones(3), 3)], "outcome: expected IndexError: index 3 is out"),
    ("the class of an exception is changed", pick, [(np.ones(3), 3)], "got RuntimeError: index 3 is out of bounds"),
    ("the text of an exception is changed", pick, [(np.ones(3), 3)], "exception: expected IndexError: index 3"),
    ("the cause of an exception is lost", convert, vectors, "cause of the exception: expected IndexError: index 3"),
    ("an exception where there is none", total, vectors, "outcome: expected a result, got IndexError"),
    ("both runs have the same arguments", itself, vectors, "not the same start: argument 0: 3 of 3 elements differ"),
    ("the engine returns the object of the plain call", doubled, vectors, "has the very object of the plain call"),
    ("another function is converted", doubled, vectors, "the graph function was not made from the oracle"),
]


@pytest.mark.parametrize(
    ("title", "program", "inputs", "words"), [pytest.param(*row, id=f"{row[0]}: {row[1].__name__}") for row in TABLE]
)
def test_is_found(title, program, inputs, words, mirror):
    # The stand-in runs helper methods as they are, so only the function's own frames count here.
    frames = program is not add_to
    assert_equivalent(program, inputs, engines={"right": mirror}, frames=frames)
    with FAULTS[title].plant(mirror) as broken, pytest.raises(Different) as found:
        assert_equivalent(program, inputs, engines={"broken": broken}, frames=frames)
    assert words in str(found.value)


def test_every_fault_has_a_program():
    assert {row[0] for row in TABLE} == set(FAULTS)
    assert len(FAULTS) >= 24
