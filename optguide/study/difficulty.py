"""How hard a landscape is: five rules, each at the best of many learning rates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import check, optimizers
from ..given import by_name, landscape
from ..sweep import Sweep, sweep
from ..table import Table
from .result import Tabular, starts_on

#: The rules that every landscape is asked to: one for each idea.
RULES = (optimizers.SGD, optimizers.Momentum, optimizers.RMSprop, optimizers.Adam, optimizers.Lion)


@dataclass(frozen=True, eq=False)
class Difficulty(Tabular):
    """How many descents succeed on a surface at each rule's best learning rate; made by `difficulty`.

    A descent succeeds if it comes within ``tol`` of the lowest known height at any of its steps. The best learning
    rate is the one at which most descents succeed, soonest if several do. Where no minimum is known, the lowest height
    that any of the descents met stands in for it. Every dictionary has an entry for each optimizer, by name.

    Attributes
    ----------
    success : dict of str to float
        The share of descents that succeed.
    steps : dict of str to float
        The median number of steps until then, where one that never succeeds counts as infinitely slow; NaN where no
        minimum is known.
    lr : dict of str to float
        The best learning rate; NaN if no descent succeeds at any.
    sweep : Sweep
        All descents.
    """

    success: dict[str, float]
    steps: dict[str, float]
    lr: dict[str, float]
    sweep: Sweep = field(repr=False)

    def table(self) -> Table:
        """One row for each optimizer; as `Sweep.table`."""
        return self.sweep.table()


def difficulty(
    surface: Any,
    *,
    rules: Any = RULES,
    lrs: Any = None,
    starts: Any = 48,
    steps: int = 200,
    tol: float = 1e-3,
) -> Difficulty:
    """Measure how many of many random starts lead to the lowest height, for each rule at its best learning rate.

    Parameters
    ----------
    surface : callable
        What they descend on.
    rules : list of optimizers, or mapping of str to optimizer
        Who tries: `SGD`, `Momentum`, `RMSprop`, `Adam` and `Lion` with their defaults, unless others are named.
    lrs : array_like, shape (L,), optional
        The learning rates: by default 19 from 1e-4 to 100, three to a power of ten.
    starts : int or array_like, shape (S, dim)
        So many starts spread over the surface's box at random, always the same ones; or these.
    steps : int
        Number of steps.
    tol : float
        How far above the lowest known height still counts.

    Returns
    -------
    Difficulty

    Raises
    ------
    TypeError, ValueError
        As `optguide.sweep` does; or if there are fewer than two learning rates.
    """
    surface = landscape(surface)
    axis = check.axis("lrs", np.logspace(-4, 2, 19) if lrs is None else lrs)
    points = starts_on(surface, starts, "sample")
    found = sweep(by_name(rules), surface, points, steps, tol=tol, lr=axis)
    best = found.best()
    return Difficulty(
        {name: at.share for name, at in best.items()},
        {name: at.steps for name, at in best.items()},
        {name: float(at.settings["lr"]) if at.share else math.nan for name, at in best.items()},
        found,
    )
