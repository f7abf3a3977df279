"""How much depends on the learning rate: final losses over the whole axis of learning rates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import check, surfaces
from ..given import by_name, landscape, without_rate
from ..sweep import Sweep, sweep
from ..table import Table, plain, title_of
from .result import Picture, listed, starts_on

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Settings within this factor of the best median are good ones.
FACTOR = 10


@dataclass(frozen=True, eq=False)
class Rates(Picture):
    """Final losses over an axis of learning rates; made by `rates`. Shows itself as a picture.

    Every dictionary has one entry for each optimizer, by name. "Loss" is the height above the surface's lowest known
    one, if that is known; a descent that diverged counts as infinitely high.

    Attributes
    ----------
    best : dict of str to float
        The learning rate with the lowest median loss; NaN if more than half of the descents diverge at every one, and
        for a rule that has no learning rate, as are its good ones.
    loss : dict of str to float
        That median.
    good : dict of str to (float, float)
        The smallest and the largest learning rate whose median is within a factor of 10 of the best.
    decades : dict of str to float
        log10 of their ratio: how many powers of ten the good learning rates span.
    diverged : dict of str to float or None
        The smallest learning rate from which at least one start diverged; None if none did.
    sweep : Sweep
        All descents.
    title : str
        What the picture is called.
    """

    best: dict[str, float]
    loss: dict[str, float]
    good: dict[str, tuple[float, float]]
    decades: dict[str, float]
    diverged: dict[str, float | None]
    sweep: Sweep = field(repr=False)
    title: str = field(repr=False)

    def plot(self) -> Figure:
        """Median and middle half of the final losses against the learning rate; as `optguide.plot_rates`."""
        from ..render.style import wrap

        ax = self.sweep.plot_rates()
        ax.set_title(wrap(self.title, 64))
        return ax.figure

    def table(self) -> Table:
        """The numbers: one row for each optimizer."""
        columns = ("optimizer", "best learning rate", "median loss there", "good from", "to", "diverges from")
        rows = []
        for name in self.best:
            numbers = (self.best[name], self.loss[name], *self.good[name], self.diverged[name])
            cells = ["–" if n is None or math.isnan(n) else f"{float(f'{n:.2g}'):g}" for n in numbers]
            rows.append((plain(name), *cells))
        return Table(plain(self.title), columns, rows, "results")


def rates(
    optimizer: Any,
    beside: Any = (),
    *,
    surface: Any = surfaces.rosenbrock,
    lrs: Any = None,
    starts: Any = 64,
    steps: int = 200,
) -> Rates:
    """Try an optimizer at every learning rate, from many starts, beside others.

    One of our rules that has no learning rate may stand beside others that have: its loss is the same at each.

    Parameters
    ----------
    optimizer, beside : optimizer, list of optimizers, or mapping of str to optimizer
        Classes or such with settings, ``og.Adam.at(...)``; ours, your own, or torch's.
    surface : callable
        What they descend on.
    lrs : array_like, shape (L,), optional
        The learning rates: by default 37 from 1e-5 to 10, six to a power of ten.
    starts : int or array_like, shape (S, dim)
        So many starts spread over the surface's box at random, always the same ones; or these.
    steps : int
        Number of steps.

    Returns
    -------
    Rates

    Raises
    ------
    TypeError, ValueError
        As `optguide.sweep` does; or if there are fewer than two learning rates, or no optimizer that has one.
    """
    surface = landscape(surface)
    axis = check.axis("lrs", np.logspace(-5, 1, 37) if lrs is None else lrs)
    named = by_name(optimizer, beside)
    if len(without_rate(named)) == len(named):
        raise ValueError(
            f"optimizer or beside must have a learning rate, got {', '.join(named)} without one; "
            "og.sweep tries other hyperparameters"
        )
    found = sweep(named, surface, starts_on(surface, starts, "sample"), steps, lr=axis)
    data, low = found.data, found.data.attrs.get("lowest", 0.0)
    over = [dim for dim in data.loss.dims if dim not in ("optimizer", "lr")]
    medians = (data.loss - low).fillna(np.inf).median(over).transpose("optimizer", "lr").values
    lost = (data.diverged_at >= 0).any(over).transpose("optimizer", "lr").values
    best: dict[str, float] = {}
    loss: dict[str, float] = {}
    good: dict[str, tuple[float, float]] = {}
    diverged: dict[str, float | None] = {}
    for name, line, gone in zip(named, medians, lost, strict=True):
        lowest = line.min()
        if name in found.free:
            best[name], loss[name], good[name], diverged[name] = math.nan, float(lowest), (math.nan, math.nan), None
            continue
        near = axis[(line <= FACTOR * lowest) & np.isfinite(line)] if np.isfinite(lowest) else np.array([np.nan])
        best[name] = float(axis[line.argmin()]) if np.isfinite(lowest) else math.nan
        loss[name] = float(lowest)
        good[name] = float(near[0]), float(near[-1])
        diverged[name] = float(axis[gone][0]) if gone.any() else None
    decades = {name: math.log10(high / low) for name, (low, high) in good.items()}
    title = f"{listed(named)}:\nfinal loss after {steps} steps on {title_of(surface)}"
    return Rates(best, loss, good, decades, diverged, found, title)
