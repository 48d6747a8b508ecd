"""Functions and classes that random programs use; a program contains those that it names."""

from __future__ import annotations

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
"""
HELPERS = {text[4 : text.index("(")]: text.rstrip() + "\n" for text in _HELPERS.split("\n\n\n")}
