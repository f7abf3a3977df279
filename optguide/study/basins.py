"""Which minimum a start leads to: the whole plane of starts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import surfaces
from ..given import by_name, landscape
from ..problems.problem import lowest
from ..sweep import Sweep, sweep
from ..table import Table, plain, title_of
from .result import Picture, listed, starts_on

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Basins(Picture):
    """Which minimum each start of a grid leads to; made by `basins`. Shows itself as a picture.

    A descent reaches a minimum if it ends within ``tol`` of the lowest known height, nearest to this minimum. Every
    dictionary has an entry for each optimizer, by name.

    Attributes
    ----------
    reached : dict of str to float
        The share of starts that reach a minimum.
    changed : dict of str to float
        The share of starts whose minimum is another than the first optimizer's. Reaching none counts as one.
    sweep : Sweep
        All descents.
    title : str
        What the picture is called.
    """

    reached: dict[str, float]
    changed: dict[str, float]
    sweep: Sweep = field(repr=False)
    title: str = field(repr=False)

    def plot(self) -> Figure:
        """One map for each optimizer; as `optguide.plot_basins`."""
        import matplotlib.pyplot as plt

        from ..render import share_legend
        from ..render.style import wrap

        lrs = {name: one.get("lr") for name, one in json.loads(self.sweep.data.attrs["settings"]).items()}
        titles = {name: name if lr is None else f"{name}, learning rate {lr:g}" for name, lr in lrs.items()}
        count = len(titles)
        if count == 1:
            ax = self.sweep.plot_basins()
            ax.set_title(self.title.replace(*titles.popitem(), 1))
            return ax.figure
        figure, axes = plt.subplots(1, count, figsize=(3.4 * count, 4.9), layout="constrained")
        for (name, title), ax in zip(titles.items(), axes, strict=True):
            self.sweep.plot_basins(name, ax)
            ax.set_title(wrap(title, 36))
            ax.label_outer()
        share_legend(figure)
        figure.suptitle(self.title)
        return figure

    def table(self) -> Table:
        """The shares: one row for each optimizer."""
        first = next(iter(self.reached))
        columns = ("optimizer", "starts that reach a minimum", f"another minimum than {plain(first)}")
        rows = [
            (plain(name), f"{share:.1%}", f"{self.changed[name]:.1%}" if name != first else "–")
            for name, share in self.reached.items()
        ]
        return Table(plain(self.title), columns, rows, "results")


def basins(
    optimizer: Any,
    beside: Any = (),
    *,
    surface: Any = surfaces.himmelblau,
    starts: Any = 96,
    steps: int = 200,
    tol: float = 1e-3,
) -> Basins:
    """Let an optimizer, and others beside it, descend from a whole grid of starts.

    Parameters
    ----------
    optimizer, beside : optimizer, list of optimizers, or mapping of str to optimizer
        Classes or such with settings, ``og.Adam.at(lr=0.1)``; ours, your own, or torch's.
    surface : callable
        What they descend on; it must know its minima.
    starts : int or array_like, shape (ny, nx, 2)
        So many starts along each axis of the surface's box; or these, ``np.stack(np.meshgrid(xs, ys), -1)``.
    steps : int
        Number of steps.
    tol : float
        How far above the lowest known height still counts.

    Returns
    -------
    Basins

    Raises
    ------
    TypeError, ValueError
        As `optguide.sweep` does; or if the surface does not know its minima.
    """
    surface = landscape(surface)
    if lowest(surface) is None:
        raise ValueError(f"surface must know its minima, got {title_of(surface)}")
    named = by_name(optimizer, beside)
    found = sweep(named, surface, starts_on(surface, starts, "grid"), steps, tol=tol)
    minimum = found.data.minimum.transpose("optimizer", ...).values.reshape(len(named), -1)
    reached = {name: float((line >= 0).mean()) for name, line in zip(named, minimum, strict=True)}
    changed = {name: float((line != minimum[0]).mean()) for name, line in zip(named, minimum, strict=True)}
    title = f"{listed(named)}:\nwhere {steps} steps lead on {title_of(surface)}"
    return Basins(reached, changed, found, title)
