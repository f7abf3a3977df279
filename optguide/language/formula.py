"""The formula of a surface, read from its source: parts, frame and height map included."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..table import Table, plain
from .symbols import GREEK, NotationError, Symbols, number_latex
from .typeset import Typesetter, read_function

#: A row of a formula is at most this wide where it can be broken, in characters; so many fit on a phone.
WIDTH = 43


@dataclass(frozen=True)
class Formula:
    """The formula of a surface, typeset.

    Attributes
    ----------
    name : str
        The surface's name.
    rows : list of list of str
        LaTeX equations, each as the rows into which it is broken: the surface itself, what it is made of, then every
        part that it calls.
    lines : list of str
        The equations, one display each.
    table : Table
        The lines as a page shows them.
    latex : str
        All lines as one display.
    """

    name: str
    rows: list[list[str]]

    @property
    def lines(self) -> list[str]:
        return [rows[0] if len(rows) == 1 else _pile(rows) for rows in self.rows]

    @property
    def table(self) -> Table:
        title = f"The formula of {plain(self.name)}"
        return Table(title, ("formula",), [(f"${line}$",) for line in self.lines], "formula")

    @property
    def latex(self) -> str:
        return _pile([row for rows in self.rows for row in rows])

    def _repr_markdown_(self) -> str:
        return "\n\n".join(f"$${line}$$" for line in self.lines)


def formula(surface: Any, *, symbols: Mapping[str, str] | None = None) -> Formula:
    """Typeset a surface from the source of its formula.

    Parameters
    ----------
    surface : Surface
    symbols : dict, optional
        LaTeX for names, as in `pseudocode`.

    Raises
    ------
    NotationError
        If the source leaves the grammar; the message names the line.
    ValueError
        If ``symbols`` has a name that does not occur.
    """
    if not hasattr(surface, "known_minima"):
        raise NotationError(f"surface must be a Surface, got {surface!r}")
    equations: list[str] = []
    named = Symbols(symbols)
    _collect(surface, equations, set(), named)
    named.check_given()
    if any("h_{" in equation for equation in equations):
        equations.append(r"h_{a}^{b}(z) = \delta + (1 - \delta) \, \frac{z - a}{b - a}")
        equations.append(rf"\delta = {number_latex(surface.HEIGHT_FLOOR)}")
    return Formula(surface.name, list(map(break_rows, equations)))


def _collect(surface: Any, equations: list[str], seen: set[str], symbols: Symbols) -> None:
    """Append the equations of a surface and, after it, of the surfaces that it calls."""
    if surface.name in seen:
        return
    seen.add(surface.name)
    function = surface.function
    tree, source = read_function(function)
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    parts = {n: function.__globals__[n] for n in sorted(called) if hasattr(function.__globals__.get(n), "known_minima")}
    typesetter = Typesetter(
        tree,
        source,
        constants=(*surface.axes, *surface.parameters),
        callables={name: _function_name(part.name) for name, part in parts.items()},
        symbols=symbols,
    )
    axes = [symbols[name] for name in surface.axes]
    steps = typesetter.steps()
    head = f"{_function_name(surface.name)}({', '.join(axes)})"
    moved = any(a != 1 or b != 0 for a, b in zip(surface.scale, surface.shift, strict=True))
    if moved:
        base = _function_name(function.__name__)
        inner = ", ".join(_affine(a, b, x) for a, b, x in zip(surface.scale, surface.shift, axes, strict=True))
        equations.append(f"{head} = {_mapped(surface, f'{base}({inner})')}")
        equations.append(f"{base}({', '.join(axes)}) = {typesetter.result}")
    else:
        equations.append(f"{head} = {_mapped(surface, typesetter.result)}")
    equations += [step.latex for step in steps]
    parameters = [f"{symbols[name]} = {number_latex(value)}" for name, value in surface.parameters.items()]
    if parameters:
        equations.append(r", \; ".join(parameters))
    for part in parts.values():
        _collect(part, equations, seen, symbols)


def _pile(rows: list[str]) -> str:
    return r"\begin{array}{l} " + r" \\[4pt] ".join(rows) + r" \end{array}"


def break_rows(equation: str) -> list[str]:
    """The equation in rows, broken after its = and before + and - where it is wider than `WIDTH`."""
    if width_of(equation) <= WIDTH:
        return [equation]
    head, right = equation.split(" = ", 1)
    rows = [f"{head} ="]
    for term in _terms(right):
        if width_of(f"{rows[-1]} {term}") <= WIDTH:
            rows[-1] += f" {term}"
        else:
            rows.append(rf"\quad {{}} {term}")
    return rows


def _terms(latex: str) -> list[str]:
    """The terms of a sum, each with its sign; a sum inside \\bigl( and \\bigr) is taken apart as well."""
    starts, depth = [0], 0
    for mark in re.finditer(r"\\big[lr][()]|\\[lr][vV]ert|[(){}]| [+-] ", latex):
        if mark[0] in ("(", "{", r"\lvert", r"\lVert"):
            depth += 1
        elif mark[0] in (")", "}", r"\rvert", r"\rVert"):
            depth -= 1
        elif mark[0] in (" + ", " - ") and depth == 0:
            starts.append(mark.start() + 1)
    return [latex[i:j].strip() for i, j in zip(starts, [*starts[1:], None], strict=True)]


def width_of(latex: str) -> int:
    """About how many characters wide LaTeX is: of what stands one above the other, the longer."""
    sign = rf"(?:[lr][vV]ert|cdot|{'|'.join(GREEK)})(?![a-zA-Z])"
    text = re.sub(rf"\\{sign} ?", "x", re.sub(r" (\\r[vV]ert)", r"\1", latex))
    text = re.sub(r" ?\\(?:bigl|bigr|,|;) ?", "", text.replace(r"\quad {}", "  "))
    inner = r"\{([^{}]*)\}"
    stacked = rf"_{inner}\^{inner}|\\frac{inner}{inner}"
    before = ""
    while text != before:
        before = text
        text = re.sub(stacked, lambda m: max(filter(None, m.groups()), key=len), text)
        text = re.sub(rf"(?:\^|\\operatorname|\\mathrm){inner}", r"\1", text)
        text = re.sub(rf"\\sqrt{inner}", r"V \1", text)
    return len(text.replace("\\", ""))


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
    return rf"\operatorname{{{re.sub(r'[^a-zA-Z0-9]', '-', name)}}}"
