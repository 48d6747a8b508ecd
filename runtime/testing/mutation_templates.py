"""What mutations write: pieces of programs with holes.

Holes are ``E``, the expression that a piece replaces, ``F`` and ``C``, another expression and a condition of the same
function, ``V``, a variable of it, ``S``, the statements that a piece stands around, and ``N``, the variables that these
assign.  Names that end in ``_`` get a number.  A program gets the helpers that it names.
"""

from __future__ import annotations

import re

EXPRESSIONS = (
    "same(E)",
    "pick(E, F)",
    "pick(second=E, first=F)",
    "pick(*[E, F])",
    "gathered(E, F, at=F)[0][1]",
    "gathered(**{'a': E, 'b': F})[1]['a']",
    "(lambda: E)()",
    "(lambda v_: v_)(E)",
    "(lambda v_=E: v_)()",
    "[E][0]",
    "(F, E)[-1]",
    "[*[E]][0]",
    "{'a': E, 'b': F}['a']",
    "{'a': E}.get('a', F)",
    "{'a': E}.get('c', F)",
    "{**{'a': F}, 'a': E}['a']",
    "(E if C else F)",
    "(C and E)",
    "(E or F)",
    "(E if V is None else F)",
    "(t_ := E)",
    "next(iter([E]))",
    "next(v_ for v_ in [E, F])",
    "next((v_ for v_ in [E] if C), F)",
    "[v_ for v_ in (E, F) if C][0]",
    "[v_ for v_ in E]",
    "tuple(v_ for v_ in E)",
    "{v_: F for v_ in range(2)}[1]",
    "sum([E, F])",
    "max(E, F)",
    "min([E, F], key=lambda v_: -v_)",
    "sorted([E, F])[0]",
    "sorted([(E, 1), (F, 0)], key=lambda p_: p_[1], reverse=True)[0][0]",
    "list(map(lambda v_: v_, [E, F]))[0]",
    "list(filter(None, [E, F]))[0]",
    "list(zip([E], [F]))[0][0]",
    "dict([('a', E)])['a']",
    "list(enumerate([E], 1))[0][1]",
    "list(reversed([F, E]))[0]",
    "[f_(E) for f_ in (abs, np.sqrt, same)][2]",
    "{'same': same, 'neg': lambda v_: -v_}['same' if C else 'neg'](E)",
    "functools.partial(pick, E)(F)",
    "functools.reduce(lambda a_, b_: a_ + b_, [E, F])",
    "deque([E, F], maxlen=2)[0]",
    "deque([F, E]).pop()",
    "Pair(E, F).first",
    "Pair(E, F)._replace(first=F)[0]",
    "Pair(*[E, F]).total()",
    "Cell(E).value",
    "Cell(E, items=[F]).items[0]",
    "dataclasses.replace(Cell(F), value=E).value",
    "dataclasses.astuple(Cell(E))[0]",
    "Scaled(E) * F",
    "(Scaled(E) + F).value",
    "Scaled(E)(F)",
    "Scaled(E)[0]",
    "Scaled(E).half",
    "Scaled.of(E).value",
    "Scaled.named(E)",
    "Above(E, F).value",
    "getattr(Cell(E), 'value')",
    "getattr(Cell(E), 'missing', F)",
    "next(steps(E))",
    "list(steps(E))[-1]",
    "list(relayed(E))[0]",
    "sum(steps(E))",
    "copy.copy(E)",
    "copy.deepcopy([E, F])[0]",
    "f'{E}'",
    "f'{E!r:>12}'",
    "'{} and {:>8}'.format(E, F)",
    "'%s' % (E,)",
    "str(E)",
    "repr([E])",
    "float(E)",
    "int(E)",
    "bool(E)",
    "abs(E)",
    "round(E, 2)",
    "len(E)",
    "E.copy()",
    "E[0]",
    "E[-1:]",
    "E[::-1]",
    "E[...]",
    "E[None]",
    "E.T",
    "E.sum()",
    "E.tolist()",
    "E.astype('f4')",
    "np.asarray(E)",
    "np.float32(E)",
    "np.where(C, E, F)",
    "np.stack([E, F])",
    "np.array([E, F])[0]",
    "np.atleast_1d(E)",
    "(E, F) < (F, E)",
    "E in [F, 1]",
    "E == F",
    "E is F",
    "E is not None",
    "not E",
    "-E",
    "E // F",
    "E % 3",
    "E ** 2",
    "0 <= E < F",
    "isinstance(E, (int, float))",
    "type(E)(0)",
    "type(E).__name__",
    "callable(E)",
    "hasattr(E, 'shape')",
    "operator.itemgetter(0)([E])",
    "operator.attrgetter('value')(Cell(E))",
    "itertools.accumulate([E, F])",
    "list(itertools.chain([E], (F,)))[0]",
    "list(itertools.islice(itertools.count(E), 2))[1]",
    "list(itertools.product([E], [F, E]))[0][0]",
    "Counter([1, 2, 1])[1] * E",
    "Way(1).value * E",
    "(Way.UP if C else Way.DOWN).value",
    "F",
    "None",
    "()",
    "np.nan",
)  # fmt: skip

_STATEMENTS = """\
if C:
    S

if C:
    S
else:
    print(V)

if not C:
    pass
elif V is None:
    V = E
else:
    S

for i_ in range(2):
    S

for v_ in E:
    S

for i_, v_ in enumerate([E, F]):
    if C:
        continue
    S
else:
    V = i_

for key_, v_ in {'a': E, 'b': F}.items():
    S
    if C:
        break

left_ = 3
while left_ > 0 and C:
    left_ -= 1
    S

left_ = 2
while True:
    left_ -= 1
    if left_ < 0:
        break
    S
else:
    V = E

try:
    S
finally:
    print('end')

try:
    S
except Exception as error_:
    print(type(error_).__name__, error_)

try:
    S
except (ValueError, IndexError):
    V = E
except ZeroDivisionError as error_:
    raise KeyError(V) from error_
else:
    print('fine')
finally:
    V = F

try:
    raise ValueError(E)
except ValueError as error_:
    V = error_.args[0]
    S

for i_ in range(2):
    try:
        S
        if C:
            continue
        break
    finally:
        print(i_)

with Guard() as guard_:
    S

with Guard(), Guard((IndexError,)) as guard_:
    S

with np.errstate(all='ignore'):
    S

with contextlib.suppress(IndexError, TypeError):
    S

with opened(E) as V:
    S

with contextlib.ExitStack() as stack_:
    stack_.enter_context(Guard())
    stack_.callback(print, 'left')
    S

with contextlib.redirect_stdout(io.StringIO()) as text_:
    S
    print(V)
print(text_.getvalue())

match E:
    case [a_, *_]:
        S
    case 0 | 1 | None:
        V = F
    case _ if C:
        S

match E, F:
    case (int(a_), float() as b_):
        V = a_
    case (Cell(value=a_), _):
        V = a_
    case _:
        S

match {'a': E, 'b': F}:
    case {'a': 0, **rest_}:
        V = rest_
    case {'b': a_} if C:
        S
    case dict():
        S

match V:
    case Pair(a_, b_) | [a_, b_]:
        V = a_
    case np.ndarray():
        S
    case str() | True:
        pass
    case -1 | 2.5:
        S

def inner_():
    nonlocal N
    S
inner_()

def inner_(v_, *rest_, key_=E):
    S
    return v_
V = inner_(F)

def inner_(v_):
    if v_ > 2:
        return v_
    return inner_(v_ + 1)
V = inner_(0)

def inner_():
    nonlocal N
    yield E
    S
    yield F
for v_ in inner_():
    print(v_)

def inner_():
    try:
        got_ = yield E
        print(got_)
        while True:
            got_ = yield got_
            if got_ is None:
                return F
    except ValueError as error_:
        yield str(error_)
made_ = inner_()
next(made_)
V = made_.send(F)
made_.close()

def inner_():
    v_ = yield from steps(E)
    yield v_
for v_ in inner_():
    if C:
        break
    S

made_ = steps(E)
S
V = next(made_, None)
for v_ in made_:
    V = v_

made_ = steps(E)
try:
    next(made_)
    made_.throw(ValueError('thrown'))
except ValueError as error_:
    print(error_)

made_ = [lambda v_: v_, lambda v_: F]
for f_ in made_:
    V = f_(E)

made_ = []
for i_ in range(3):
    made_.append(lambda v_=i_: v_ + i_)
V = [f_() for f_ in made_]

made_ = {'first': same, 'second': lambda v_: V}
V = made_['first' if C else 'second'](E)

f_ = same if C else (lambda v_: v_)
V = f_(E)

class Local_:
    kept = E
    def __init__(self, value):
        self.value = value
    def told(self):
        return self.value, self.kept, V
V = Local_(F).told()[0]

class Local_(Scaled):
    def half(self):
        return super().__call__(V)
V = Local_(E).half()

class Local_:
    def run(self):
        nonlocal N
        S
Local_().run()

cell_ = Cell(E)
cell_.value = F
cell_.items.append(V)
S
V = cell_.items[0] if cell_ == Cell(E) else cell_.value

pair_ = Pair(E, F)
first_, second_ = pair_
V = pair_.second if C else first_

scaled_ = Scaled(E)
scaled_ += F
scaled_[0] = V
V = scaled_.value

queue_ = deque([E], maxlen=3)
while queue_:
    V = queue_.popleft()
    if C and len(queue_) < 2:
        queue_.extend([F, 0])
        break

items_ = [E, F]
items_.append(V)
items_.insert(0, items_.pop())
items_ += [V]
del items_[0]
V = items_[-1]

items_ = []
items_.append(items_)
V = len(items_[0])

table_ = {}
for key_ in ('a', 'b', 'a'):
    table_[key_] = table_.get(key_, 0) + 1
table_.setdefault('c', E)
V = list(table_.items())

table_ = defaultdict(list)
table_[0].append(E)
table_[1 if C else 0].append(F)
V = table_[0]

first_, *rest_ = [E, F, V]
V = rest_

(V, other_), V = (E, F), V

V: object = E

a_ = b_ = E
S
V = a_ is b_

V = E
del V

V = [E]
V[0], other_ = F, V[0]

global shared_
shared_ = E
S
V = shared_

V += E

V[0] = E

V[E] = F

assert C, f'{V} is wrong'

raise ValueError(E)

if C:
    raise Failure(E)

return E

if C:
    return F

print(E, V, sep='; ')

warnings.warn('be careful')
S

S
S

heap_ = [3, 1, 2]
heapq.heapify(heap_)
heapq.heappush(heap_, len([E]))
V = heapq.heappop(heap_)

same.count = E
S

V = x_ = np.array([1.0, 2.0])
x_[1:] = E
S
V = x_

V = (yield E)

yield E
"""
STATEMENTS = tuple(_STATEMENTS.split("\n\n"))

ARGUMENTS = (
    "E.astype('f4')",
    "E.astype('i8')",
    "E.astype(bool)",
    "E[::-1]",
    "E[:0]",
    "E[:1]",
    "np.asfortranarray(E)",
    "list(E)",
    "tuple(E)",
    "E * np.nan",
    "np.float32(E)",
    "np.float64(E)",
    "float(E)",
    "int(E)",
    "-E",
    "E + 1",
    "np.array(E)",
    "None",
    "'text'",
    "True",
    "F",
)
INPUTS = (
    "[given for first in (E)() for _, given in (('', first), *aliased(first))][:4]",
    "[given for first in (E)()[:1] for _, given in (('', first), *layouts(first))]",
    "[given for first in (E)()[:2] for given in (first, special(first))]",
    "(E)()[::-1]",
)

_HELPERS = """\
def same(x):
    return x


def pick(first, second=None):
    return second if first is None else first


def gathered(*parts, **named):
    return parts, named


def steps(x):
    yield x
    for k in range(2):
        x = x + 1
        if k:
            yield x
    return x


def relayed(x):
    last = yield from steps(x)
    yield last


@contextlib.contextmanager
def opened(x):
    print("open")
    try:
        yield x
    finally:
        print("closed")


class Guard:
    def __init__(self, classes=(ValueError, ZeroDivisionError)):
        self.classes = classes

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        print(error)
        return kind is not None and issubclass(kind, self.classes)


class Failure(ValueError):
    def __init__(self, value):
        super().__init__("failed", value)
        self.value = value


class Pair(NamedTuple):
    first: object
    second: object = 0

    def total(self):
        return self.first + self.second


@dataclass
class Cell:
    value: object
    items: list = field(default_factory=list)


class Way(enum.Enum):
    UP = 1
    DOWN = -1


class Scaled:
    made = 0

    def __init__(self, value):
        self.value = value
        Scaled.made += 1

    @classmethod
    def of(cls, value):
        return cls(value)

    @staticmethod
    def named(value):
        return value

    @property
    def half(self):
        return self.value / 2

    def __mul__(self, other):
        return self.value * other

    def __add__(self, other):
        return type(self)(self.value + other)

    def __call__(self, other):
        return other

    def __getitem__(self, index):
        return (self.value, index)[index]

    def __setitem__(self, index, item):
        self.value = item


class Above(Scaled):
    def __init__(self, value, limit):
        super().__init__(value)
        self.limit = limit
"""
HELPERS = {match[1]: text for text in _HELPERS.rstrip().split("\n\n\n")
           if (match := re.search(r"^(?:def|class) (\w+)", text, re.MULTILINE))}
IMPORTS = {
    "np": "import numpy as np",
    **{name: f"import {name}" for name in ("contextlib", "copy", "dataclasses", "enum", "functools", "heapq", "io",
                                           "itertools", "operator", "warnings")},
    "dataclass": "from dataclasses import dataclass, field",
    "NamedTuple": "from typing import NamedTuple",
    "deque": "from collections import deque",
    "Counter": "from collections import Counter",
    "defaultdict": "from collections import defaultdict",
    "aliased": "from tograph.runtime.testing.inputs import aliased, layouts, special",
    "layouts": "from tograph.runtime.testing.inputs import aliased, layouts, special",
    "special": "from tograph.runtime.testing.inputs import aliased, layouts, special",
}
