"""The pseudocode of an optimizer and the facts on its card, read from its ``update``."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from ..table import Table
from .matrices import named_by
from .symbols import NotationError, Symbols, indexed, number_latex
from .typeset import Step, Typesetter, read_function

#: A small matrix of parameters, to see what states of other shapes begin with, and a value for each hyperparameter.
_MATRIX = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
_SETTING = 7.0
#: What those shapes are called.
_SHAPES: dict[tuple[int, ...], str] = {
    (2, 2): "rows × rows",
    (3, 3): "columns × columns",
    (2, 1): "rows",
    (1, 3): "columns",
    (6, 6): "parameters × parameters",
}

#: Of a rule that steps matrices, the symbols of what is one.
_MATRICES = {name: name.upper() for name in "gmouv"} | {"theta": "W"}


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

    A rule that wraps another one has its own lines, in which a step of the wrapped rule bears that rule's name. In a
    rule that steps matrices, theta is typeset as W, and g, m, o, u and v are capitals.

    Parameters
    ----------
    optimizer : type
        A class with an ``update``. What may be called in it, by itself, from torch or as a method of a tensor: abs,
        atan2, clamp, column_mean, columns, cos, eigenbasis, exp, full_like, grad, hessian, hvp, identity,
        inverse_root, log, loss, maximum, mean, minimum, noise, norm, orthogonalize, outer, push, row_mean, rows, sign,
        sin, solve, sqrt, sum, times, transpose, two_loop, where.
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
    rule = _rule_of(optimizer)
    inner, named = rule.inner, Symbols(symbols, _MATRICES if rule.matrix else {})
    states = [name for name in rule.states if not inner or name not in inner.states]
    settings = {name: value for name, value in rule.defaults.items() if not inner or name not in inner.hyperparameters}
    typesetter = Typesetter(
        *read_function(rule.lines or rule.update),
        timed=("theta", *states),
        constants=tuple(settings),
        index_locals=True,
        callables={"step": _named(inner)} if inner else {},
        symbols=named,
    )
    steps = typesetter.steps()
    begin_at = {name: _beginning(rule.states[name], named) for name in states}
    # A state that is called as it begins says so by its name.
    start = ", ".join(f"{indexed(named[n], '0')} = {begun}" for n, begun in begin_at.items() if named[n] != begun)
    wrapped = rf"{_named(inner)}: {_assignments(inner.defaults, named)}" if inner else ""
    answer = indexed(named[rule.answer], "t")
    if inner and rule.answer in inner.states:
        answer += rf"\text{{ of }} {_named(inner)}"
    rows = [
        r"\textbf{input: } "
        + r",\; ".join(filter(None, (indexed(named["theta"], "0"), "f", _assignments(settings, named)))),
        *([r"\textbf{wrapped: } " + wrapped] if inner else []),
        *([r"\textbf{start with: } " + start] if start else []),
        r"\textbf{for } t = 1, 2, \dots \textbf{ do}",
        *(r"\quad " + step.latex for step in steps),
        rf"\textbf{{return }} {answer}",
    ]
    named.check_given()
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
                    h.range,
                    h.kind.meaning if h.kind else "",
                )
                for n, h in rule.hyperparameters.items()
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
        What is remembered between steps.
    gradients_per_step : int
        How many gradients one step evaluates, those of a wrapped rule included.
    gradients : str
        The same in words, with what else it asks of the Hessian.
    cite : str or None
        Key of the paper in the bibliography.
    apart : dict of str to str
        Those of the states that do not hold a number for each parameter, and the shape of each in words, if it has any.
    asks : tuple of str
        What the rule asks for.
    kept_for : str
        What those are kept for: ``"each tensor"``, ``"each matrix"`` or ``"the model"``.
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
    apart: Mapping[str, str] = field(default_factory=dict)
    kept_for: str = "each tensor"
    asks: tuple[str, ...] = ("grad",)

    @property
    def gradients(self) -> str:
        """How many gradients one step evaluates, and what else it asks of the Hessian."""
        more = {"hvp": "a product with the Hessian", "hessian": "the Hessian"}
        return " and ".join([str(self.gradients_per_step), *(more[ask] for ask in self.asks if ask in more)])

    @property
    def table(self) -> Table:
        """The facts, one per row."""
        symbols = Symbols(usual=_MATRICES if self.kept_for == "each matrix" else {})
        said = {name: f"${symbols[name]}$" for name in self.state_names}
        each = [symbol for name, symbol in said.items() if name not in self.apart]
        state = f"{len(each)} {'number' if len(each) == 1 else 'numbers'}" + (f": {', '.join(each)}" if each else "")
        if self.apart:
            words = (said[name] + (f" ({shape})" if shape else "") for name, shape in self.apart.items())
            state += f"; for {self.kept_for}: {', '.join(words)}"
        rows = [
            ("year", str(self.year or "unknown")),
            ("family", self.family or "unknown"),
            ("state per parameter", state),
            ("gradients per step", self.gradients),
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
    rule = _rule_of(optimizer)
    return Card(
        name=optimizer.__name__,
        claim=(optimizer.__doc__ or "").partition("\n")[0],  # without words of its own, it begins with an empty line
        year=optimizer.year,
        family=optimizer.family,
        state_names=optimizer.state_names,
        gradients_per_step=_looks(rule),
        cite=optimizer.cite,
        apart={name: _shape(start) for name, start in rule.states.items() if _stands_apart(start)},
        asks=rule.asks,
        kept_for={"model": "the model", "matrix": "each matrix"}.get(rule.mixes, "each tensor"),
    )


def _rule_of(optimizer: Any) -> Any:
    if not isinstance(optimizer, type) or not hasattr(optimizer, "rule"):
        raise NotationError(f"{getattr(optimizer, '__name__', optimizer)} has no pure update to typeset")
    return optimizer.rule


def _named(rule: Any) -> str:
    """A rule by its name, as a function."""
    return rf"\operatorname{{{rule.name.replace('_', chr(92) + '_')}}}"


def _looks(rule: Any) -> int:
    """How often a rule asks for a gradient, itself and through the rule that it wraps."""

    def count(node: ast.AST, each: int) -> int:
        match node:
            case ast.Call(func=ast.Name(id="grad"), args=points):
                return each + sum(count(point, each) for point in points)
            case ast.Call(func=ast.Name(id="step"), args=[point, asked]) if rule.inner:
                through = each * _looks(rule.inner)
                return count(point, each) + (through if isinstance(asked, ast.Name) else count(asked, through))
        return sum(count(child, each) for child in ast.iter_child_nodes(node))

    return count(read_function(rule.lines or rule.update)[0], 1)


def _beginning(start: Any, named: Symbols) -> str:
    """What a state holds before the first step, as LaTeX."""
    if isinstance(start, str):
        return indexed(named[start], "0") if start == "theta" else named[start]
    if not callable(start):
        return number_latex(start)
    made = _made(start)
    if made is not None:
        if made.numel() and (made == made.flatten()[0]).all():
            return number_latex(made.flatten()[0].item())
        if made.dim() == 2 and made.shape[0] == made.shape[1]:
            names = named_by(start)
            if torch.equal(made, _SETTING ** len(names) * torch.eye(len(made))):
                return r" \, ".join([*(named[name] for name in names), "I"])
    return r"\text{made from } \theta_0"


def _made(start: Callable[..., Any]) -> torch.Tensor | None:
    """What a state begins with for a small matrix; None if it takes none."""
    with contextlib.suppress(Exception):
        return start(torch.tensor(_MATRIX), **dict.fromkeys(named_by(start), _SETTING)).float()
    return None


def _shape(start: Callable[..., Any]) -> str:
    """The shape of a state in words."""
    made = _made(start)
    if made is None:
        return ""
    if made.shape == (_SETTING, 2, 3):
        return f"{' '.join(named_by(start))} × parameters"
    return _SHAPES.get(tuple(made.shape), "")


def _stands_apart(start: Any) -> bool:
    """Whether a state does not hold a number for each parameter."""
    made = _made(start) if callable(start) else None
    return callable(start) and (made is None or made.shape != (len(_MATRIX), len(_MATRIX[0])))


def _assignments(values: Mapping[str, Any], named: Symbols) -> str:
    """``beta_1, beta_2 = 0.9, 0.999``, one after the other."""
    return ", ".join(
        f"{named[name]} = {', '.join(map(number_latex, value if isinstance(value, tuple) else (value,)))}"
        for name, value in values.items()
    )
