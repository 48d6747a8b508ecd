"""Functions and classes that random programs use; a program contains those that it names."""

from __future__ import annotations

import re

_HELPERS = """\
def scale(v, s):
    v *= s
    return v


def first_above(v, s):
    for i in range(len(v)):
        if v[i] > s:
            return i
    return -1


def damped(x):
    while abs(x) > 1.0:
        x = x * 0.25
    return x


def shift(v):
    v[1:] = v[:-1]


def clip(x, low=-1.0, *, high=1.0):
    if x < low:
        return low
    return high if x > high else x


def collect(out, x):
    if x > 0:
        out.append(x)
    return len(out)


def above(v, s):
    for i in range(len(v)):
        if v[i] > s:
            yield i, v[i]


def halves(x):
    while abs(x) > 0.5:
        yield x
        x = x / 2
    yield 0.0


def joined(first, *others, scale=1.0, **more):
    total = first
    for other in others:
        total = total + scale * other
    if "shift" in more:
        total = total + more["shift"]
    return total, len(others)


class Running:
    count = 0

    def __init__(self, total=0.0):
        self.total = total

    def add(self, x):
        self.total = self.total + x
        self.count += 1
        return self

    @property
    def mean(self):
        return self.total / (self.count or 1)

    def __len__(self):
        return self.count


class Kept:
    def __init__(self, v):
        self.v = v
        self.first = v[0]

    def __enter__(self):
        return self.v

    def __exit__(self, kind, error, trace):
        self.v[0] = self.first
        return kind is not None and issubclass(kind, (IndexError, ZeroDivisionError))
"""
HELPERS = {re.split(r"\W", text, maxsplit=2)[1]: text.rstrip() + "\n" for text in _HELPERS.split("\n\n\n")}
