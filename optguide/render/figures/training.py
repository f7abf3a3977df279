"""Pictures of trainings: curves over the steps, and what a whole axis of learning rates comes to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ... import check
from ..canvas import check_axes
from ..style import HALO, Style, assign_styles, dark_background, legend_on_ground, new_axes

#: What curves may show: the label of the axis, and the factor by which the array is multiplied.
CURVES = {
    "loss": ("training loss", 1),
    "held_out_loss": ("loss on test examples", 1),
    "accuracy": ("accuracy on test examples, %", 100),
}


def plot_training(
    training: Any, ax: Axes | None = None, *, what: str = "loss", at: str = "chosen", smooth: int | None = None
) -> Axes:
    """Draw curves over the steps: the median of the seeds, and a band from the lowest to the highest.

    A seed that diverges leaves median and band where it does.

    Parameters
    ----------
    training : Training
        Of one or more optimizers.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    what : {"loss", "held_out_loss", "accuracy"}
        The loss on the batches, or what the test examples say.
    at : {"chosen", "default"}
        Each optimizer at its chosen setting or at its default learning rate: `Training.chosen`, `Training.default`.
    smooth : int, optional
        Over how many steps at a time the loss on the batches is averaged; a thirtieth of all by default.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, there is no such array or no default learning rate.
    """
    check_axes(ax)
    _check(training)
    what, at = check.choice("what", what, list(CURVES)), check.choice("at", at, ["chosen", "default"])
    words, factor = CURVES[what]
    data = getattr(training, at)
    steps = data.attrs["steps"]
    smooth = max(1, steps // 30) if smooth is None else check.count("smooth", smooth, most=steps)
    if what == "accuracy" and not training.classifies:
        raise ValueError("what must be 'loss' or 'held_out_loss': the targets of this task are no classes")
    if what == "loss":
        curves = data.loss.coarsen(step=smooth, boundary="trim").mean().rename(step="x")
    else:
        curves = factor * data[what].sel(part="test").rename(check="x")
    ax = ax if ax is not None else new_axes()
    dark_background(ax)
    handles = []
    for name, style in _styles(data).items():
        runs = curves.sel(optimizer=name).transpose("x", "seed").values
        low, middle, high = np.quantile(runs, (0, 0.5, 1), axis=1)
        ax.plot(curves.x, middle, color=style.color, ls=style.linestyle, lw=2, zorder=5, gid="median")
        ax.fill_between(curves.x, low, high, color=style.color, alpha=0.18, lw=0, zorder=3)
        handles.append(Line2D([], [], color=style.color, ls=style.linestyle, lw=2, label=name))
    ax.set(xlabel="step", ylabel=words, xlim=(0, steps))
    if what != "accuracy" and (curves.fillna(1) > 0).all():
        ax.set_yscale("log")
    settings = "learning rates" if training.settings == ["lr"] else "settings"
    ax.set_title(f"{at} {settings}" if training.settings else data.attrs["task"])
    legend_on_ground(ax, handles)
    return ax


def plot_training_rates(training: Any, ax: Axes | None = None) -> Axes:
    """Draw what the test examples say after the last step against the learning rate: the median of the seeds.

    A star marks the chosen learning rate, a ring that of the axis which is nearest to the default. Where a seed
    diverges there is no median.

    Parameters
    ----------
    training : Training
        With ``lr`` for its one axis, of at least two learning rates.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If it is no training, or has other axes.
    """
    check_axes(ax)
    _check(training)
    data = training.data
    if training.settings != ["lr"] or data.sizes["lr"] < 2:
        raise ValueError(f"the training must have lr for its one axis, of at least two values, got {training!r}")
    known = bool((data.default_lr > 0).all())
    points = {"chosen": training.chosen, **({"default": training.default} if known else {})}
    ax = ax if ax is not None else new_axes()
    dark_background(ax)
    median = training.judged().median("seed", skipna=False)
    handles = []
    for name, style in _styles(data).items():
        here = median.sel(optimizer=name)
        line = {"color": style.color, "ls": style.linestyle, "marker": style.marker, "ms": 5, "lw": 2}
        ax.plot(data.lr, here, zorder=4, gid="median", **line)
        handles.append(Line2D([], [], label=name, **line))
        for which, at in points.items():
            lr = at.lr.sel(optimizer=name).item()
            mark = {"marker": "*", "s": 190, "c": style.color, "edgecolors": HALO}
            if which == "default":
                mark = {"marker": "o", "s": 120, "c": "none", "edgecolors": style.color, "linewidths": 1.6}
            ax.scatter(lr, here.sel(lr=lr), zorder=6 if which == "chosen" else 5, gid=which, **mark)
    words = "accuracy on test examples, %" if training.classifies else "loss on test examples"
    ax.set(xscale="log", xlabel="learning rate", ylabel=words)
    if not training.classifies:
        ax.set_yscale("log")
    ax.set_title(f"{data.attrs['task']}, after {data.attrs['steps']} steps")
    legend_on_ground(ax, handles)
    return ax


def _check(training: Any) -> None:
    if not hasattr(training, "judged"):
        raise TypeError(f"training must be a Training, got {type(training).__name__}")


def _styles(data: Any) -> dict[str, Style]:
    colors = zip(map(str, data.optimizer.values), map(str, data.color.values), strict=True)
    return assign_styles({name: SimpleNamespace(color=color) for name, color in colors})
