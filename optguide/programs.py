"""Rules and surfaces as tables that a browser runs: the same lines, from the same source.

A rule that mixes coordinates, or a surface whose gradient cannot be written out, has no table.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import check, optimizers, surfaces
from .language import NotationError, derivative, trace
from .language.javascript import program_data, vocabulary_data
from .language.typeset import read_function
from .optimizers.rule import Rule
from .surfaces import classics, curves, shapes, square, unit
from .surfaces.surface import Surface

#: What the landscapes of a module have in common, in a menu's words. A module may frame what one before it defines.
FAMILIES = {
    "published test functions": classics,
    "one difficulty each": shapes,
    "in one coordinate": curves,
    "on the square [−3, 3]²": square,
    "on the square from -1 to 1": unit,
}


def steps_in_a_page(rule: Rule) -> bool:
    """Whether a browser can step it: each coordinate by itself, and by its gradient."""
    mixes = rule.mixes != "nothing" or any(map(callable, rule.states.values()))
    return not (rule.inner or mixes or rule.asks != ("grad",))


@functools.lru_cache(256)
def rule_data(rule: Rule) -> dict[str, Any]:
    """The table of a rule, its hyperparameters and what its states hold before the first step.

    Raises
    ------
    NotationError
        If it wraps another rule, mixes coordinates, asks for more than gradients, or uses what the vocabulary does not
        know.
    """
    if rule.inner:
        raise NotationError(f"{rule.name} wraps another rule, which a page cannot step")
    if not steps_in_a_page(rule):
        raise NotationError(f"{rule.name} does more than step each coordinate by its gradient")
    return {
        "name": rule.name,
        "program": _program(rule.update, ["theta", *rule.asks, "t", *rule.states], rule.defaults),
        "states": dict(rule.states),
        "answer": rule.answer,
        "settings": {name: list(d) if isinstance(d, tuple) else d for name, d in rule.defaults.items()},
        "hyperparameters": {name: _hyperparameter(h) for name, h in rule.hyperparameters.items()},
        "source": _source(rule),
    }


def _hyperparameter(h: Any) -> dict[str, Any]:
    """Meaning and range of a hyperparameter; an end that is open to infinity is None."""
    first = h.default[0] if isinstance(h.default, tuple) else h.default
    facts = {
        "integer": isinstance(first, int) and not isinstance(first, bool) and h.kind is not None and h.kind.low == 1
    }
    if h.kind is None:
        return facts | {"meaning": "", "range": "", "low": None, "high": None}
    ends = {end: x if abs(x) < float("inf") else None for end in ("low", "high") for x in [getattr(h.kind, end)]}
    names = ("meaning", "range", "includes_low", "includes_high", "increasing")
    return facts | ends | {name: getattr(h.kind, name) for name in names}


def _source(rule: Rule) -> str | None:
    """The rule as a function whose signature says only names and defaults; None where its source cannot be read."""
    try:
        tree, lines = read_function(rule.update)
    except NotationError:
        return None
    given = [f"{name}={default!r}" for name, default in rule.defaults.items()]
    arguments = ["theta", *rule.asks, "t", *rule.states, *(["*", *given] if given else [])]
    body = textwrap.dedent("\n".join(lines[tree.body[0].lineno - 1 : tree.end_lineno]))
    return f"def update({', '.join(arguments)}):\n{textwrap.indent(body, '    ')}"


def surface_data(surface: Surface) -> dict[str, Any]:
    """The table of a surface's height and derivatives, at its present parameters and in its present frame.

    Raises
    ------
    NotationError
        If a derivative in it is not known.
    TypeError
        If it is no surface.
    """
    check.kind("surface", surface, Surface, "one of og.surfaces or your own")
    program = derivative(trace(surface, [f"x{i}" for i in range(surface.dim)]))
    return {"name": surface.name, "program": program_data(program), "dim": surface.dim}


def landscape_data(surface: Surface) -> dict[str, Any]:
    """All that a browser needs to draw a surface and to descend on it, whatever its parameters.

    Its table gives the height; the parameters are settings of it. Derivatives follow from it there.

    Raises
    ------
    NotationError
        If its formula, or a derivative in it, is not known.
    """
    derivative(trace(surface, [f"x{i}" for i in range(surface.dim)]))  # refuses what has none
    minima: Any = [list(map(float, point)) for point in surface.known_minima()]
    if callable(surface.minima):
        minima = {"program": _program(_minima_of(surface), (), surface.parameters)}
    return {
        "name": surface.name,
        "title": surface.title,
        "dim": surface.dim,
        "axes": list(surface.axes),
        "program": _program(surface.evaluate, [f"x{i}" for i in range(surface.dim)], surface.parameters),
        "parameters": dict(surface.parameters),
        "box": [list(map(float, edge)) for edge in surface.box],
        "starts": [list(map(float, start)) for start in surface.starts],
        "minima": minima,
        "shading": surface.shading,
        "levels": list(surface.levels),
    }


def _program(function: Callable[..., Any], inputs: Sequence[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a function, whatever its own signature says: settings stay names in it."""

    def traced(*given: Any, **named: Any) -> Any:
        return function(*given, **named)

    kinds = inspect.Parameter
    positional = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in inputs]
    keyword = [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in settings.items()]
    traced.__signature__ = inspect.Signature([*positional, *keyword])  # type: ignore[attr-defined]
    traced.__name__ = getattr(function, "__name__", "formula")
    return program_data(trace(traced))


def _minima_of(surface: Surface) -> Callable[..., Any]:
    """The coordinates of the minima, one after the other, as functions of the parameters."""

    def coordinates(**parameters: Any) -> tuple[Any, ...]:
        points = surface.minima(**parameters)  # type: ignore[operator]
        return tuple(
            u if (a, b) == (1, 0) else (u - b) / a
            for point in points
            for u, a, b in zip(point, surface.scale, surface.shift, strict=True)
        )

    return coordinates


@functools.cache
def catalogue() -> dict[str, Any]:
    """The vocabulary, and every listed rule and surface that a page can compute, as it needs them."""
    rules = {}
    for name in optimizers.__all__:
        optimizer = getattr(optimizers, name)
        if not steps_in_a_page(optimizer.rule):
            continue
        facts = {what: getattr(optimizer, what) for what in ("family", "year", "color")}
        claim = optimizer.__doc__.partition("\n")[0].replace("``", "")  # a page shows it as it is
        rules[name] = rule_data(optimizer.rule) | facts | {"claim": claim}
        del rules[name]["program"]  # a page reads it from the source, as it reads what its reader types
    lands = {}
    for name in surfaces.__all__:
        family = next(words for words, module in FAMILIES.items() if hasattr(module, name))
        lands[name] = landscape_data(getattr(surfaces, name)) | {"family": family}
    return {"format": 1, **vocabulary_data(), "rules": rules, "surfaces": lands}
