"""``vars(obj)`` and ``obj.__dict__``: the attributes of an object as a dict.

The dict is the object's own: an item that is named is the attribute, read and written as such.  Whatever else asks
for it is given a copy as it is then, which cannot be told from it as long as nobody sets an attribute in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, MemberDescriptorType
from typing import Any

import numpy as np

from ..ir.type_text import describe_type
from ..ir.types import ANY, BOOL, INT, STR, UNBOUND, ConstantType, ObjectType, join, options
from ..ops.attributes import HAS_ITEM, NUMBER_OF_ITEMS, OWN_DICT, OWN_ITEM, OWN_ITEMS
from ..ops.containers import ANY_DICT
from ..ops.effects import STORE
from ..ops.op import Op
from .answers import ANSWERS, Super
from .classes import class_attribute, class_of
from .heap import HeapObject, Loadable, Refs, State, joined, loadable, type_of
from .items import DictView, Star
from .jumps import Jumps
from .logic import Logic
from .patterns import Patterns
from .spreading import Spreading
from .texts import Texts
from .trace import is_user_namespace
from .tracer import Rule, Tracer, unwrap

VIEWS = ("keys", "values", "items")


class Method(Rule):
    """A method of the attributes; Python calls ``keys`` itself where they are spread into a call."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(*args, **kwargs)


class ObjectDict:
    """The attributes of ``owner`` as generated code sees them."""

    __slots__ = ("owner", "trace")

    def __init__(self, trace: ObjectDicts, owner: Tracer) -> None:
        self.trace, self.owner = trace, owner

    def __getitem__(self, name: str) -> Any:
        """Only ``call(f, **attributes)`` of generated code comes here."""
        return self.trace.get_item(self, name)

    def __getattr__(self, name: str) -> Any:
        trace = self.trace
        if name in VIEWS:
            return Method(lambda: ObjectView(self, name))
        if name == "update":
            return Method(lambda *others, **items: trace.updated(self, others, items))
        if name == "get":
            return Method(lambda key, default=None: trace.if_(
                trace.in_(key, self), lambda: trace.get_item(self, key), lambda: default, (), ()))  # fmt: skip
        if name == "copy":
            return Method(lambda: trace.copied(self))
        return trace.refuse(
            f"'{name}' of the attributes of an object is not supported in a graph.",
            fix="use the attributes by their names, or copy them: dict(vars(obj))",
        )


Method.__name__ = "builtin_function_or_method"    # as Python's errors call what they stand for
ObjectDict.__name__ = "dict"


class ObjectView:
    """``keys``, ``values`` or ``items`` of the attributes of an object."""

    __slots__ = ("attributes", "what")

    def __init__(self, attributes: ObjectDict, what: str) -> None:
        self.attributes, self.what = attributes, what

    def __iter__(self) -> Iterator[str]:
        """Only ``call(f, **attributes)`` of generated code comes here, for the keys."""
        trace = self.attributes.trace
        return iter(trace.known_keys(trace.copied(self.attributes)))

    def item(self, name: str) -> Any:
        """The item of the attribute ``name``, as it is now."""
        if self.what == "keys":
            return name
        value = self.attributes.trace.get_item(self.attributes, name)
        return value if self.what == "values" else (name, value)


class ObjectDicts(Logic, Patterns, Texts, Spreading, Jumps):
    """The part of a trace that takes the attributes of an object for a dict."""

    if_: Callable[..., Any]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._copied_owners: dict[HeapObject, Refs] = {}   # of copies of attributes
        self._set_attributes: list[tuple[HeapObject, bool]] = []   # of which an attribute was set, if it was new
        self._made_in: dict[HeapObject, Any] = {}   # where those are made whose attributes have an order that is known

    def attributes_of(self, owner: Any) -> Any:
        """``vars(owner)``."""
        type_ = type_of(owner)
        if isinstance(owner, Tracer) and isinstance(type_, ObjectType) and is_user_namespace(type_.cls):
            if all(thing.is_exact for thing in owner.graph_refs) and owner.graph_refs:
                if type_.cls.__dictoffset__:
                    return ObjectDict(self, owner)
                return self.raise_now(TypeError("vars() argument must have __dict__ attribute"))
        kinds = [class_of(option) for option in options(type_)]
        if not any(kind is None or kind.__dictoffset__ for kind in kinds) and not isinstance(type_, ConstantType):
            return self.raise_now(TypeError("vars() argument must have __dict__ attribute"))
        return self.refuse(
            "vars() of this is not supported in a graph.",
            [("it is", describe_type(type_))],
            fix="give it an object of your class, or name the attributes",
        )

    def _item_held(self, attributes: ObjectDict, key: Any) -> Loadable | None:
        """What is known of the item ``key``; None where the key is known only when the graph runs."""
        return loadable(self.attribute_of(attributes.owner, key)) if isinstance(key, str) else None

    def names_of(self, owner: Tracer) -> list[str] | None:
        """The attributes of an object in their order; None where that is known only when the graph runs."""
        if len(owner.graph_refs) != 1:
            return None
        (thing,) = owner.graph_refs
        if thing not in self._made_in or thing in self.heap.summaries:
            return None
        held = {name: options(type_of(item)) for name, item in (self.heap[thing].known or {}).items()
                if isinstance(name, str) and not _is_slot(owner, name)}  # fmt: skip
        return None if any(UNBOUND in kinds for kinds in held.values()) else [*held]

    def copied(self, attributes: ObjectDict) -> Tracer:
        """A copy of the attributes as they are now, in their order."""
        owner = attributes.owner
        names = self.names_of(owner)
        if names is not None:
            state = State({name: self.attribute_of(owner, name) for name in names})
        elif any(thing.initial is not None for thing in owner.graph_refs):
            state = State(None, Loadable(STR), Loadable(ANY, self.reachable_from(owner)))
        else:
            found = {name: None for thing in owner.graph_refs for name in self.heap[thing].known or {}}
            held = [loadable(self.attribute_of(owner, name)) for name in found if not _is_slot(owner, name)]
            bound = [Loadable(join(*(part for part in options(each.type) if part != UNBOUND)), each.refs)
                     for each in held]  # fmt: skip
            state = State(None, Loadable(STR), joined(bound))
        made = self.made(OWN_ITEMS, [owner], ANY_DICT, "dict", state)
        for thing in made.graph_refs:
            self._copied_owners[thing] = owner.graph_refs
        return made

    def updated(self, attributes: ObjectDict, others: tuple[Any, ...], items: dict[str, Any]) -> None:
        """``vars(obj).update(*others, **items)``."""
        for other in others:
            other = self._as_dict(other)
            for key in self.known_keys(other) if not isinstance(other, dict) else other:
                self.set_item(attributes, key, self.get_item(other, key))
        for key, value in items.items():
            self.set_item(attributes, key, value)

    # -- what generated code does with it

    def get_item(self, obj: Any, index: Any) -> Any:
        if not isinstance(obj, ObjectDict):
            return super().get_item(obj, index)
        item = self._item_held(obj, index)
        if item is None:
            return self.loaded(OWN_ITEM, Loadable(ANY, self.reachable_from(obj.owner)), obj.owner, index)
        bound = [option for option in options(item.type) if option != UNBOUND]
        if not bound:
            return self.raise_now(KeyError(index))
        known = self.attribute_of(obj.owner, index)
        if not isinstance(known, Loadable):
            return known
        return self.loaded(OWN_ITEM, Loadable(join(*bound), item.refs), obj.owner, index)

    def set_item(self, obj: Any, index: Any, value: Any) -> None:
        if not isinstance(obj, ObjectDict):
            super().set_item(obj, index, value)
            return
        if not isinstance(index, str):
            self.refuse("The name of an attribute is known only when the graph runs.",
                        fix="write an 'if' for each name it may be")
        if isinstance(class_attribute(unwrap(type_of(obj.owner)).cls, index)[0], MemberDescriptorType):
            self.refuse(f"'{index}' is set as an item, and is a slot as well.", fix="set the attribute")
        value = self.storable(value)
        if any(thing.initial is not None for thing in obj.owner.graph_refs):
            self.check_outlives(value, f"kept in '{index}'")
        self._note_set(obj.owner, index)
        own = self.made(OWN_DICT, [obj.owner], ANY_DICT, "dict", State(None, Loadable(STR), Loadable(ANY)))
        self.apply(STORE, own, index, value)
        self._store_known(obj.owner, index, value)

    def set_attribute(self, tracer: Tracer, name: str, value: Any) -> None:
        if name == "__dict__":
            self.refuse("All attributes of an object are set at once.", fix="set them by their names, or update them")
        self._note_set(tracer, name)
        super().set_attribute(tracer, name, value)

    def delete_attribute(self, tracer: Tracer, name: str) -> None:
        self._note_set(tracer, name)
        for thing in tracer.graph_refs:
            self._made_in.pop(thing, None)
        super().delete_attribute(tracer, name)

    def new_object(self, kind: str, state: State, cls: type = object, name: str = "") -> HeapObject:
        thing = super().new_object(kind, state, cls, name)
        if kind == "object" and is_user_namespace(cls):
            self._made_in[thing] = self.block
        return thing

    def _note_set(self, tracer: Tracer, name: str) -> None:
        """Note that an attribute is set; one that is new under a test or in a loop may come before or after others."""
        for thing in tracer.graph_refs:
            is_new = name not in (self.heap[thing].known or {})
            self._set_attributes.append((thing, is_new))
            if is_new and self._made_in.get(thing) is not self.block:
                self._made_in.pop(thing, None)

    def _object_attribute(self, tracer: Tracer, cls: type, name: str) -> Any:
        if name == "__dict__" and is_user_namespace(cls) and cls.__dictoffset__:
            return self.attributes_of(tracer)
        return super()._object_attribute(tracer, cls, name)

    def in_(self, item: Any, container: Any) -> Any:
        if not isinstance(container, ObjectDict):
            return super().in_(item, self._as_dict(container))
        kinds = () if (held := self._item_held(container, item)) is None else options(held.type)
        if len(kinds) > 0 and (UNBOUND not in kinds or len(kinds) == 1):
            return UNBOUND not in kinds
        return self.apply(HAS_ITEM, container.owner, item, type=BOOL)

    def star(self, value: Any) -> Star:
        return super().star(self._as_dict(value))

    def truth(self, item: Any) -> Any:
        return super().truth(self._as_dict(item))

    def field(self, value: Any, *form: Any) -> Any:
        return super().field(self._as_dict(value), *form)

    def iterable(self, value: Any) -> Any:
        return self._as_dict(value) if isinstance(value, ObjectDict | ObjectView) else super().iterable(value)

    def not_(self, value: Any) -> Any:
        return super().not_(self._as_dict(value))

    def and_(self, left: Any, right: Any) -> Any:
        return super().and_(self._as_dict(left), right)

    def or_(self, left: Any, right: Any) -> Any:
        return super().or_(self._as_dict(left), right)

    def is_(self, a: Any, b: Any) -> Any:
        if isinstance(a, ObjectDict | ObjectView) or isinstance(b, ObjectDict | ObjectView):
            return None not in (a, b) and self._refuse_kept()
        return super().is_(a, b)

    def match_mapping(self, subject: Any) -> Any:
        return super().match_mapping(self._as_dict(subject))

    def mapping_parts(self, subject: Any, *parts: Any) -> Any:
        return super().mapping_parts(self._as_dict(subject), *parts)

    def match_class(self, subject: Any, cls: Any) -> Any:
        return super().match_class(self._as_dict(subject), cls)

    def class_parts(self, subject: Any, *parts: Any) -> Any:
        return super().class_parts(self._as_dict(subject), *parts)

    def del_item(self, obj: Any, index: Any) -> None:
        if isinstance(obj, ObjectDict | ObjectView):
            self._refuse_kept()
        super().del_item(obj, index)

    def apply(self, op: Op, *args: Any, **kwargs: Any) -> Any:
        return super().apply(op, *map(self._as_dict, args), **kwargs)

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(arg, ObjectDict | ObjectView) for arg in (*args, *kwargs.values())):
            if function is len and len(args) == 1 and isinstance(args[0], ObjectDict):
                return self.apply(NUMBER_OF_ITEMS, args[0].owner, type=INT)
            if isinstance(function, type | BuiltinFunctionType | np.ufunc):
                args = tuple(map(self._as_dict, args))
                kwargs = {name: self._as_dict(arg) for name, arg in kwargs.items()}
        if function is iter and args and self._copied_from(args[0]):
            self._refuse_kept()
        return super().call(function, *args, **kwargs)

    def over_attributes(self, iterable: Any, body: Callable[..., Any]) -> tuple[Any, Callable[..., Any]]:
        """What a loop goes over, and its body, which must not set what it goes over."""
        view = ObjectView(iterable, "keys") if isinstance(iterable, ObjectDict) else iterable
        if isinstance(view, ObjectView) and self.names_of(view.attributes.owner) is not None:
            owners, only_new = view.attributes.owner.graph_refs, True
        else:
            view = self._as_dict(view)
            owners, only_new = self._copied_from(view), False
        if not owners:
            return view, body

        def checked(*values: Any) -> Any:
            number = len(self._set_attributes)
            result = body(*values)
            if any(thing in owners and is_new >= only_new for thing, is_new in self._set_attributes[number:]):
                self.refuse(
                    "An attribute of an object is set in a loop over its attributes.",
                    fix="go over a copy: list(vars(obj).items())",
                )
            return result

        return view, checked

    def few_attributes(self, view: ObjectView) -> list[Callable[[], Any]]:
        """Thunks of the items of a view of known attributes."""
        return [lambda name=name: view.item(name) for name in self.names_of(view.attributes.owner) or ()]

    def storable(self, value: Any) -> Any:
        self._check_super(value)
        if isinstance(value, ObjectDict | ObjectView):
            self._refuse_kept()
        return super().storable(value)

    def value_of(self, item: Any) -> Any:
        self._check_super(item)
        if isinstance(item, ObjectDict | ObjectView):
            self._refuse_kept()
        return super().value_of(item)

    def _refuse_kept(self) -> None:
        self.refuse("The attributes of an object are kept as a dict.", fix="copy them: dict(vars(obj))")

    def _check_super(self, value: Any) -> None:
        """Refuse what ``super()`` gives, which has attributes but is no value of the graph."""
        if type(value) is Super:
            self.refuse("What super() gives is used as a value.", fix="ask it for an attribute: super().method()")

    def _as_dict(self, value: Any) -> Any:
        self._check_super(value)
        if isinstance(value, ObjectView):
            return DictView(self.copied(value.attributes), value.what)
        return self.copied(value) if isinstance(value, ObjectDict) else value

    def _copied_from(self, value: Any) -> Refs:
        """The objects whose attributes ``value`` goes over."""
        value = value.mapping if isinstance(value, DictView) else value
        refs = value.graph_refs if isinstance(value, Tracer) else ()
        is_list = isinstance(value, Tracer) and any(thing.kind == "list" for thing in refs)
        return frozenset() if is_list else frozenset().union(*(self._copied_owners.get(thing, ()) for thing in refs))


def _is_slot(owner: Tracer, name: str) -> bool:
    found, _ = class_attribute(unwrap(type_of(owner)).cls, name)
    return hasattr(type(found), "__set__")


ANSWERS[vars] = lambda trace, owner: trace.attributes_of(owner)
