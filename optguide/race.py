"""Races: several optimizers on one function. The one module that both computes and shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from . import check, render
from .descent import Descent, descend
from .given import by_name, follows_rule, landscape, unwrap
from .progress import tqdm
from .table import Table, in_parentheses, plain, title_of


class Race(Mapping[str, Descent]):
    """Descents on one function, by name. Made by `race`; shows itself as an animation.

    A race is a mapping from the names of its runners to their descents: ``race["Adam"].loss``.
    """

    def __init__(self, runs: Mapping[str, Descent], function: Callable[..., Any], title: str | None = None) -> None:
        self._runs = dict(runs)
        #: What was descended.
        self.function = function
        #: What stands above its table and its film, if not that of the function.
        self.title = title

    def __getitem__(self, name: str) -> Descent:
        return self._runs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return f"<race of {', '.join(self)} on {getattr(self.function, 'name', self.function)!s}>"

    def animate(self, **options: Any) -> render.Animation:
        """The race as an animation; options as in `optguide.animate`."""
        return render.animate(self, **{"title": self.title, **options})

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the animation to a file; formats as in `Animation.save`. Returns the path."""
        return self.animate().save(path)

    def plot_map(self, ax: Any = None, **options: Any) -> Any:
        """Map of the function with all trails on it; options as in `optguide.plot_map`. Returns the Axes."""
        ax = render.plot_map(self.function, ax=ax, **options)
        return render.plot_trails(self, ax=ax)

    def plot_surface(self, ax: Any = None, **view: Any) -> Any:
        """The function in 3-D with all trails on it. Returns the Axes."""
        return render.plot_surface(self.function, self, ax=ax, **view)

    def plot_loss(self, ax: Any = None, *, against: str = "step") -> Any:
        """The loss of every run against ``"step"`` or ``"evaluations"``. Returns the Axes."""
        return render.plot_loss(self, ax=ax, against=against)

    def plot(self, **options: Any) -> Any:
        """Map and loss side by side; options as in `optguide.plot_map`. Returns the Figure."""
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.8), layout="constrained")
        self.plot_map(left, **options)
        self.plot_loss(right)
        render.share_legend(figure)
        return figure

    def table(self) -> Table:
        """Where each run ended."""
        rows = []
        for name, run in self.items():
            if run.diverged_at is None:
                end = in_parentheses([f"{round(x, 6) + 0.0:.4g}" for x in run.theta[-1].ravel().tolist()])
                rows.append((plain(name), _settings(run), end, f"{run.loss[-1]:.4g}"))
            else:
                rows.append((plain(name), _settings(run), f"diverged at step {run.diverged_at}", "none"))
        steps = max(run.steps for run in self.values())
        title = f"{plain(self.title or title_of(self.function))}: after {steps} steps"
        return Table(title, ("optimizer", "settings", "ends at", "loss"), rows, "results")

    def _repr_html_(self) -> str | None:
        """The animation; without one, as where no height is finite, a notebook shows the `repr`."""
        try:
            return self.animate()._repr_html_()
        except ValueError:
            return None

    def _repr_png_(self) -> bytes | None:
        """The last step of that animation, for where no player runs."""
        try:
            return self.animate()._repr_png_()
        except ValueError:
            return None


def race(
    optimizers: Any,
    function: Any,
    start: Any = None,
    steps: int | None = None,
    *,
    title: str | None = None,
    **options: Any,
) -> Race:
    """Run several optimizers on the same function from the same start.

    Parameters
    ----------
    optimizers : optimizer, list of optimizers, or mapping of str to optimizer
        Classes or `functools.partial` of them, ours or torch's: ``{"Adam": partial(og.Adam, lr=0.1)}``; or their names
        as text. A list is named by its classes.
    title : str, optional
        Stands above the table and the animation.
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
    runs: dict[str, Descent] = {}
    named, function = by_name(optimizers).items(), landscape(function)
    if title is not None:
        check.text("title", title)
    for name, optimizer in tqdm(named, desc="race", unit="descent", leave=False, disable=None, delay=1):
        runs[name] = descend(optimizer, function, start, steps, **options)
        if runs[name].loss.ndim > 1:
            what, shape = " and ".join(_arrays(optimizer, runs[name])) or "start", runs[name].theta.shape[1:]
            raise ValueError(f"a race has one {what}, got an array of shape {shape}; use descend or sweep")
    return Race(runs, function, title)


def _arrays(optimizer: Any, run: Descent) -> list[str]:
    """The settings of a run that are one for each descent."""
    optimizer, _ = unwrap(optimizer, {})
    defaults = optimizer.rule.defaults if follows_rule(optimizer) else {}
    names = []
    for name, default in defaults.items():
        value = run.settings[name]
        if any(map(np.ndim, value if isinstance(default, tuple) else (value,))):
            names.append(name)
    return names


def _settings(run: Descent) -> str:
    """The learning rate; the other settings stay in ``run.settings``."""
    lr = run.settings.get("lr")
    return "" if lr is None else f"`lr={lr:g}`"
