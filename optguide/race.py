"""Races: several optimizers on one function. The one module that both computes and shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import matplotlib.pyplot as plt

from . import render
from .descent import Descent, descend
from .given import by_name
from .progress import tqdm
from .table import Table, plain


class Race(Mapping[str, Descent]):
    """Descents on one function, by name. Made by `race`; shows itself as an animation.

    A race is a mapping from the names of its runners to their descents: ``race["Adam"].loss``.
    """

    def __init__(self, runs: Mapping[str, Descent], function: Callable[..., Any]) -> None:
        self._runs = dict(runs)
        #: What was descended.
        self.function = function

    def __getitem__(self, name: str) -> Descent:
        return self._runs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return f"<race of {', '.join(self)} on {getattr(self.function, 'name', self.function)!s}>"

    def animate(self, **options: Any) -> render.Animation:
        """The race as an animation; options as in `optguide.animate`. In many dimensions it shows the losses."""
        if next(iter(self.values())).theta.shape[1] > 2:
            options.setdefault("panels", ("loss",))
        return render.animate(self, **options)

    def plot_map(self, ax: Any = None, **options: Any) -> Any:
        """Map of the function with everyone's trail on it; options as in `optguide.plot_map`. Returns the Axes."""
        ax = render.plot_map(self.function, ax=ax, **options)
        return render.plot_trails(self, ax=ax)

    def plot_surface(self, ax: Any = None, **view: Any) -> Any:
        """The function in 3-D with everyone's trail on it. Returns the Axes."""
        return render.plot_surface(self.function, self, ax=ax, **view)

    def plot_loss(self, ax: Any = None) -> Any:
        """Everyone's loss against step. Returns the Axes."""
        return render.plot_loss(self, ax=ax)

    def plot(self, **options: Any) -> Any:
        """Map and loss side by side; options as in `optguide.plot_map`. Returns the Figure."""
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.8), layout="constrained")
        self.plot_map(left, **options)
        self.plot_loss(right)
        render.share_legend(figure)
        return figure

    def table(self) -> Table:
        """Where everyone ended."""
        rows = []
        for name, run in self.items():
            if run.diverged_at is None:
                end = "(" + ", ".join(f"{round(x, 6) + 0.0:.4g}" for x in run.theta[-1].tolist()) + ")"
                rows.append((plain(name), _settings(run), end, f"{run.loss[-1]:.4g}"))
            else:
                rows.append((plain(name), _settings(run), f"diverged at step {run.diverged_at}", "none"))
        steps = max(run.steps for run in self.values())
        where = plain(getattr(self.function, "name", "the function"))
        return Table(f"After {steps} steps on {where}", ("optimizer", "settings", "ends at", "loss"), rows, "results")

    def _repr_html_(self) -> str:
        return self.animate()._repr_html_()


def race(
    optimizers: Mapping[str, Callable[..., Any]] | list[Callable[..., Any]],
    function: Callable[..., Any],
    start: Any = None,
    steps: int | None = None,
    **options: Any,
) -> Race:
    """Let several optimizers descend the same function from the same start.

    Parameters
    ----------
    optimizers : mapping of str to optimizer, or list of optimizers
        Classes or `functools.partial` of them, ours or torch's: ``{"Adam": partial(og.Adam, lr=0.1)}``. A list is
        named by its classes.
    function, start, steps, **options
        As in `descend`; hyperparameters given here go to every optimizer.

    Returns
    -------
    Race

    Raises
    ------
    ValueError
        If there is no optimizer, two have the same name, or ``start`` holds more than one point.
    TypeError
        As `descend` does.
    """
    runs = {}
    named = by_name(optimizers).items()
    for name, optimizer in tqdm(named, desc="race", unit="descent", leave=False, disable=None, delay=1):
        runs[name] = descend(optimizer, function, start, steps, **options)
        if runs[name].loss.ndim > 1:
            raise ValueError(f"a race has one start, got an array of shape {runs[name].theta.shape[1:]}; use descend")
    return Race(runs, function)


def _settings(run: Descent) -> str:
    """The learning rate; the other settings stay in ``run.settings``."""
    lr = run.settings.get("lr")
    return "" if lr is None else f"`lr={lr:g}`"
