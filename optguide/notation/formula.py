"""The formula of a surface, read from its source: parts, frame and height map included."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from ..table import Table
from .latex import Typesetter, name_latex, number_latex, read_function


@dataclass(frozen=True)
class Formula:
    """The formula of a surface, typeset.

    Attributes
    ----------
    name : str
        The surface's name.
    lines : list of str
        LaTeX equations: the surface itself, then every part it is made of.
    table : Table
        The lines as a page shows them.
    latex : str
        All lines as one display.
    """

    name: str
    lines: list[str]

    @property
    def table(self) -> Table:
        return Table(f"The formula of {self.name}", ("formula",), [(f"${line}$",) for line in self.lines], "formula")

    @property
    def latex(self) -> str:
        return r"\begin{array}{l} " + r" \\[4pt] ".join(self.lines) + r" \end{array}"

    def _repr_markdown_(self) -> str:
        return "\n\n".join(f"$${line}$$" for line in self.lines)


def formula(surface: Any) -> Formula:
    """Typeset a surface from the source of its formula.

    Raises
    ------
    NotationError
        If the source leaves the grammar; the message names the line.
    """
    lines: list[str] = []
    _collect(surface, lines, set())
    if any("h_{" in line for line in lines):
        delta = number_latex(surface.HEIGHT_FLOOR)
        lines.append(rf"h_{{a}}^{{b}}(z) = \delta + (1 - \delta) \, \frac{{z - a}}{{b - a}}, \quad \delta = {delta}")
    return Formula(surface.name, lines)


def _collect(surface: Any, lines: list[str], seen: set[str]) -> None:
    """Append the equations of a surface and, after it, of the surfaces that it calls."""
    if surface.name in seen:
        return
    seen.add(surface.name)
    function = surface.function
    tree, source = read_function(function)
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    parts = {n: function.__globals__[n] for n in sorted(called) if hasattr(function.__globals__.get(n), "find_minima")}
    typesetter = Typesetter(
        tree,
        source,
        constants=(*surface.axes, *surface.parameters),
        callables={name: _function_name(part.name) for name, part in parts.items()},
    )
    steps = typesetter.steps()
    ending = [step.latex for step in steps]
    ending += [f"{name_latex(name)} = {number_latex(value)}" for name, value in surface.parameters.items()]
    where = r", \quad " + r", \; ".join(ending) if ending else ""
    head = f"{_function_name(surface.name)}({', '.join(map(name_latex, surface.axes))})"
    moved = any(a != 1 or b != 0 for a, b in zip(surface.scale, surface.shift, strict=True))
    if moved:
        base = _function_name(function.__name__)
        inner = ", ".join(
            _affine(a, b, name_latex(x)) for a, b, x in zip(surface.scale, surface.shift, surface.axes, strict=True)
        )
        lines.append(f"{head} = {_mapped(surface, f'{base}({inner})')}")
        lines.append(f"{base}({', '.join(map(name_latex, surface.axes))}) = {typesetter.result}{where}")
    else:
        lines.append(f"{head} = {_mapped(surface, typesetter.result)}{where}")
    for part in parts.values():
        _collect(part, lines, seen)


def _mapped(surface: Any, latex: str) -> str:
    if surface.height is None:
        return latex
    lo, hi = map(number_latex, surface.height)
    return rf"h_{{{lo}}}^{{{hi}}}\bigl({latex}\bigr)"


def _affine(a: float, b: float, x: str) -> str:
    """a x + b as it is written by hand."""
    product = x if a == 1 else f"-{x}" if a == -1 else rf"{number_latex(a)} \, {x}"
    if b == 0:
        return product
    return f"{number_latex(b)} - {product[1:]}" if a < 0 else f"{product} + {number_latex(b)}"


def _function_name(name: str) -> str:
    return rf"\operatorname{{{name.replace('_', '-')}}}"
