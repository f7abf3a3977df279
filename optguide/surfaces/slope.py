"""The slope of a formula, written out once as plain arithmetic.

Autograd finds a slope anew at every point, and for small tensors that takes several times as long as the arithmetic
in it. The formula of a surface is pure, so its slope can be written down once: the formula is called with terms instead
of numbers, which note what is done to them, and the chain rule walks through these notes backwards. What comes out is
the source of a function without branches. Its heights are those of the formula to the last bit.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch

#: Functions of one term ``a``, and the derivative of the result ``r``: a number and what it is to be multiplied by.
_FUNCTIONS = {
    torch.sin: ("sin", 1, "cos({a})"),
    torch.cos: ("cos", -1, "sin({a})"),
    torch.exp: ("exp", 1, "{r}"),
    torch.sqrt: ("sqrt", 0.5, "1 / {r}"),
    torch.abs: ("abs", 1, "sign({a})"),
}
_SPACE = {name: getattr(torch, name) for name in ("sin", "cos", "exp", "sqrt", "abs", "sign", "full_like")}
_SPACE |= {"inf": math.inf, "nan": math.nan}


@functools.lru_cache(256)
def written_slope(formula: Callable[..., Any], dim: int) -> Callable[..., tuple[torch.Tensor, ...]] | None:
    """A function that returns the height and every partial derivative of a formula, all shaped like its coordinates.

    Parameters
    ----------
    formula : callable
        A pure function of ``dim`` coordinates.
    dim : int
        How many.

    Returns
    -------
    callable or None
        None if something in the formula cannot be written out here; autograd then has to do.
    """
    notes = _Notes()
    names = [f"x{i}" for i in range(dim)]
    try:
        height = formula(*(_Term(notes, name) for name in names))
    except Exception:  # whatever is wrong with it, calling it with numbers will tell
        return None
    if not isinstance(height, _Term):
        return None
    slope = notes.chain_rule(height.name)
    slope = [notes.value(slope.get(name, (0.0, None))) for name in names]
    slope = [s if isinstance(s, str) else f"full_like({height.name}, {s!r})" for s in slope]
    lines = [f"{name} = {expression}" for expression, name in notes.names.items()]
    lines.append(f"return {', '.join((height.name, *slope))}")
    space = dict(_SPACE)
    exec(f"def slope({', '.join(names)}):\n" + "".join(f"    {line}\n" for line in lines), space)
    return space["slope"]


class _Notes:
    """The lines written so far, and for each of them what it depends on: (name, number, factor) of its derivatives.

    A product is a number and the name of a line that it is to be multiplied by, or None.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.derivatives: dict[str, list[tuple[str, float, str | None]]] = {}

    def write(self, expression: str) -> str:
        """The name of an expression. Nothing is computed twice."""
        return expression if expression.isidentifier() else self.names.setdefault(expression, f"t{len(self.names)}")

    def value(self, product: tuple[float, str | None]) -> float | str:
        """A product as one name, or as a number."""
        number, name = product
        return float(number) if name is None else name if number == 1 else self.write(f"{float(number)!r} * {name}")

    def chain_rule(self, height: str) -> dict[str, tuple[float, str | None]]:
        """How much the height gains from every line, from the last one back to the coordinates."""
        slope: dict[str, tuple[float, str | None]] = {height: (1, None)}
        for name, derivatives in reversed(self.derivatives.items()):
            number, factor = slope.get(name, (0, None))
            for parent, own_number, own_factor in derivatives if number else ():
                factors = [self.write(f) for f in (factor, own_factor) if f]
                share = number * own_number, self.write(" * ".join(factors)) if factors else None
                slope[parent] = self._sum(slope[parent], share) if parent in slope else share
        return slope

    def _sum(self, one: tuple[float, str | None], other: tuple[float, str | None]) -> tuple[float, str | None]:
        a, b = self.value(one), self.value(other)
        return (1, self.write(f"{a} + {b}")) if isinstance(a, str) or isinstance(b, str) else (a + b, None)


class _Term:
    """A coordinate, or what a formula made of coordinates."""

    __array_ufunc__ = None  # NumPy's numbers leave the arithmetic to us

    def __init__(self, notes: _Notes, name: str) -> None:
        self.notes, self.name = notes, name

    def _become(self, expression: str, *derivatives: tuple[_Term, float, str | None]) -> _Term:
        result = _Term(self.notes, self.notes.write(expression))
        facts = [(term.name, number, factor and factor.format(r=result.name)) for term, number, factor in derivatives]
        self.notes.derivatives.setdefault(result.name, facts)
        return result

    def __add__(self, other: Any) -> _Term:
        summands = (self, other) if isinstance(other, _Term) else (self,)
        return self._become(f"{self.name} + {_text(other)}", *((term, 1, None) for term in summands))

    def __radd__(self, other: Any) -> _Term:
        return self._become(f"{_text(other)} + {self.name}", (self, 1, None))

    def __neg__(self) -> _Term:
        return self._become(f"-{self.name}", (self, -1, None))

    def __sub__(self, other: Any) -> _Term:
        gains = ((self, 1, None), (other, -1, None)) if isinstance(other, _Term) else ((self, 1, None),)
        return self._become(f"{self.name} - {_text(other)}", *gains)

    def __rsub__(self, other: Any) -> _Term:
        return self._become(f"{_text(other)} - {self.name}", (self, -1, None))

    def __mul__(self, other: Any) -> _Term:
        if isinstance(other, _Term):
            return self._become(f"{self.name} * {other.name}", (self, 1, other.name), (other, 1, self.name))
        return self._become(f"{self.name} * {_text(other)}", (self, other, None))

    def __rmul__(self, other: Any) -> _Term:
        return self._become(f"{_text(other)} * {self.name}", (self, other, None))

    def __truediv__(self, other: Any) -> _Term:
        if isinstance(other, _Term):
            below = other.name
            return self._become(f"{self.name} / {below}", (self, 1, f"1 / {below}"), (other, -1, f"{{r}} / {below}"))
        return self._become(f"{self.name} / {_text(other)}", (self, 1 / other, None))

    def __rtruediv__(self, other: Any) -> _Term:
        return self._become(f"{_text(other)} / {self.name}", (self, -1, f"{{r}} / {self.name}"))

    def __pow__(self, power: Any) -> _Term:
        if power == 0:
            raise TypeError("the derivative would divide by the term")
        less = f"{self.name} ** {_text(power - 1)}" if power != 2 else self.name
        return self._become(f"{self.name} ** {_text(power)}", (self, power, less))

    def __abs__(self) -> _Term:
        return torch.abs(self)

    def __bool__(self) -> bool:
        raise TypeError("a formula that chooses between branches cannot be written out")

    def __eq__(self, other: object) -> bool:
        return bool(self)

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, arguments: Any = (), options: Any = None) -> _Term:
        name, number, factor = _FUNCTIONS[function]
        (term,) = arguments
        if options:
            raise TypeError(f"{name} with options cannot be written out")
        return term._become(f"{name}({term.name})", (term, number, factor.replace("{a}", term.name)))


def _text(value: Any) -> str:
    """A term or a number as it stands in a line."""
    if isinstance(value, _Term):
        return value.name
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return repr(float(value) if isinstance(value, float) else value)
