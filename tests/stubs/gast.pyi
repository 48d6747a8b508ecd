# gast makes its classes at run time, where a type checker cannot see them.
from typing import Any

def __getattr__(name: str) -> Any: ...
