"""Variables that inner functions share with the function around them; CPython's errors for those without a value."""

from __future__ import annotations

from typing import Any


class Scope:
    """The variables that inner functions share with the function around them, as attributes.

    ``scope.x`` and ``del scope.x`` raise what CPython raises in the function that owns ``x``; ``scope.free("x")`` is
    the read in an inner function, whose error is another.  ``scope.set("x", value)`` assigns within an expression.
    """

    def set(self, name: str, value: Any) -> Any:
        """Give the variable ``name`` a value, and return the value."""
        setattr(self, name, value)
        return value

    def free(self, name: str) -> Any:
        """Return the value of ``name`` as an inner function reads it.  Raises NameError."""
        if name not in self.__dict__:
            raise no_value_of_free(name)
        return self.__dict__[name]

    def __getattr__(self, name: str) -> Any:
        raise no_value(name)

    def __delattr__(self, name: str) -> None:
        if name not in self.__dict__:
            raise no_value(name)
        del self.__dict__[name]


def no_value(name: str) -> UnboundLocalError:
    """Return CPython's error for a local variable that is read before it has a value."""
    return UnboundLocalError(f"cannot access local variable '{name}' where it is not associated with a value")


def no_value_of_free(name: str) -> NameError:
    """Return CPython's error for a variable of an enclosing function that is read before it has a value."""
    text = f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
    return NameError(text, name=name)
