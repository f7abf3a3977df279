"""The pseudocode of an optimizer and the facts on its card, read from its ``update``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..table import Table
from .symbols import NotationError, Symbols, indexed, number_latex
from .typeset import Step, Typesetter, read_function


@dataclass(frozen=True)
class Pseudocode:
    """An optimizer's rule, typeset.

    Attributes
    ----------
    name : str
        The optimizer's name.
    steps : list of Step
        One per line of ``update``: ``latex``, ``comment``, ``code``.
    table : Table
        The steps side by side, as a page shows them.
    hyperparameters : Table
        Symbol, name, default, range and meaning of each hyperparameter.
    latex : str
        The whole algorithm: inputs, initial state, loop.
    """

    name: str
    steps: list[Step]
    table: Table
    hyperparameters: Table
    latex: str

    def _repr_markdown_(self) -> str:
        return self.table._repr_markdown_()


def pseudocode(optimizer: type, *, symbols: Mapping[str, str] | None = None) -> Pseudocode:
    """Typeset the rule of an optimizer from the source of its ``update``.

    Time indices follow from the order of the lines: a state read before it is assigned is the one of step t - 1,
    after that the one of step t.

    Parameters
    ----------
    optimizer : type
        A class with an ``update``. What may be called in it, by itself, from torch or as a method of a tensor: abs,
        atan2, clamp, cos, exp, full_like, grad, hvp, log, loss, maximum, mean, minimum, norm, sign, sin, sqrt, sum,
        where.
    symbols : dict, optional
        LaTeX for names, as in ``{"beta": r"\\beta"}``. A name that the guide does not use is typeset as itself: a
        letter, in Latin or Greek, or upright.

    Raises
    ------
    NotationError
        If the class has no ``update``, or its ``update`` leaves the grammar; the message names the line.
    ValueError
        If ``symbols`` has a name that does not occur.
    """
    tree, lines = _read_update(optimizer)
    named = Symbols(symbols)
    typesetter = Typesetter(
        tree,
        lines,
        timed=("theta", *optimizer.state_names),
        constants=tuple(optimizer.hyperparameters),
        index_locals=True,
        symbols=named,
    )
    steps = typesetter.steps()
    named.check_given()
    starts = optimizer.rule.states
    start = ", ".join(
        f"{indexed(named[name], '0')} = {named[value] if isinstance(value, str) else number_latex(value)}"
        for name, value in starts.items()
    )
    settings = ", ".join(_assignments(optimizer.hyperparameters, named))
    rows = [
        r"\textbf{input: } \theta_0,\; f,\; " + settings,
        *([r"\textbf{start with: } " + start] if start else []),
        r"\textbf{for } t = 1, 2, \dots \textbf{ do}",
        *(r"\quad " + step.latex for step in steps),
        r"\textbf{return } \theta_t",
    ]
    begin = [("$" + start + "$", "before the first step", "")] if start else []
    name = optimizer.__name__
    return Pseudocode(
        name=name,
        steps=steps,
        table=Table(
            f"{name}: one step, for t = 1, 2, …",
            ("formula", "in words", "code"),
            begin + [(f"${step.latex}$", step.comment, f"`{step.code}`") for step in steps],
            "pseudocode",
        ),
        hyperparameters=Table(
            f"Hyperparameters of {name}",
            ("symbol", "name", "default", "range", "meaning"),
            [
                (
                    f"${named[n]}$",
                    f"`{n}`",
                    f"`{h.default}`",
                    h.kind.range if h.kind else "",
                    h.kind.meaning if h.kind else "",
                )
                for n, h in optimizer.rule.hyperparameters.items()
            ],
            "hyperparameters",
        ),
        latex=r"\begin{array}{l} " + r" \\[4pt] ".join(rows) + r" \end{array}",
    )


@dataclass(frozen=True)
class Card:
    """The facts of an optimizer at a glance.

    Attributes
    ----------
    name, claim : str
        The class's name and the first line of its docstring.
    year : int or None
    family : str or None
    state_names : tuple of str
        What is remembered for each parameter between steps.
    gradients_per_step : int
        How many gradients one step evaluates.
    cite : str or None
        Key of the paper in the bibliography.
    table : Table
        The facts as a page shows them.
    """

    name: str
    claim: str
    year: int | None
    family: str | None
    state_names: tuple[str, ...]
    gradients_per_step: int
    cite: str | None

    @property
    def table(self) -> Table:
        """The facts, one per row."""
        count = len(self.state_names)
        symbols = Symbols()
        remembered = ", ".join(f"${symbols[name]}$" for name in self.state_names)
        state = f"{count} {'number' if count == 1 else 'numbers'}" + (f": {remembered}" if count else "")
        rows = [
            ("year", str(self.year or "unknown")),
            ("family", self.family or "unknown"),
            ("state per parameter", state),
            ("gradients per step", str(self.gradients_per_step)),
        ]
        return Table(f"{self.name} at a glance", ("fact", "value"), rows, "card")

    def _repr_markdown_(self) -> str:
        return self.table._repr_markdown_()


def card(optimizer: type) -> Card:
    """The facts of an optimizer, read from its class.

    Raises
    ------
    NotationError
        If the class has no ``update``.
    """
    tree, _ = _read_update(optimizer)
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "grad"
    ]
    return Card(
        name=optimizer.__name__,
        claim=(optimizer.__doc__ or "").strip().partition("\n")[0],
        year=optimizer.year,
        family=optimizer.family,
        state_names=optimizer.state_names,
        gradients_per_step=len(calls),
        cite=optimizer.cite,
    )


def _read_update(optimizer: Any) -> tuple[ast.FunctionDef, list[str]]:
    if not isinstance(optimizer, type) or not hasattr(optimizer, "update") or not hasattr(optimizer, "state_names"):
        raise NotationError(f"{getattr(optimizer, '__name__', optimizer)} has no pure update to typeset")
    return read_function(optimizer.update)


def _assignments(values: dict[str, Any], named: Symbols) -> list[str]:
    """``beta_1, beta_2 = 0.9, 0.999``, one string per hyperparameter."""
    return [
        f"{named[name]} = {', '.join(map(number_latex, value if isinstance(value, tuple) else (value,)))}"
        for name, value in values.items()
    ]
