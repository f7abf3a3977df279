"""Rules and surfaces as tables that a browser runs: the same lines, from the same source.

A rule that mixes coordinates, or a surface whose gradient cannot be written out, has no table.
"""

from __future__ import annotations

import functools
from typing import Any

from .language import NotationError, derivative, trace
from .language.javascript import program_data
from .optimizers.rule import Rule
from .surfaces.surface import Surface


@functools.lru_cache(256)
def rule_data(rule: Rule) -> dict[str, Any]:
    """The table of a rule, its hyperparameters and what its states hold before the first step.

    Raises
    ------
    NotationError
        If it mixes coordinates, asks for more than gradients, or uses what the vocabulary does not know.
    """
    if rule.mixes != "nothing" or rule.asks != ("grad",) or any(map(callable, rule.states.values())):
        raise NotationError(f"{rule.name} does more than step each coordinate by its gradient")
    return {
        "name": rule.name,
        "program": program_data(trace(rule.update)),
        "states": dict(rule.states),
        "answer": rule.answer,
        "settings": {name: list(d) if isinstance(d, tuple) else d for name, d in rule.defaults.items()},
    }


def surface_data(surface: Surface) -> dict[str, Any]:
    """The table of a surface's height and derivatives, at its present parameters and in its present frame.

    Raises
    ------
    NotationError
        If a derivative in it is not known.
    TypeError
        If it is no surface.
    """
    if not isinstance(surface, Surface):
        raise TypeError(f"surface must be one of og.surfaces or your own, got {surface!r}")
    program = derivative(trace(surface, [f"x{i}" for i in range(surface.dim)]))
    return {"name": surface.name, "program": program_data(program), "dim": surface.dim}
