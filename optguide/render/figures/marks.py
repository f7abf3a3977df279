"""What the figures draw alike: ends of trails, minima, names of axes, entries of legends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..canvas import axes_of, leaves_box_at
from ..style import HALO, ON_GROUND, Style


def halo(width: float) -> list[Any]:
    """The dark seam that sets a trail off from its ground."""
    return [effects.Stroke(linewidth=width, foreground=HALO, alpha=0.55), effects.Normal()]


def mark_end(ax: Axes, place: Iterable[Any], style: Style, size: float, lost: bool = False, **options: Any) -> None:
    """Draw the head of a run where it ended, or a cross where it diverged or left the picture."""
    ax.plot(
        *place,
        "X" if lost else style.marker,
        ms=size,
        mfc=style.color,
        mec="white",
        mew=1,
        zorder=7,
        **options,
    )


def mark_minimum(ax: Axes, place: Sequence[Any], size: float = 8) -> None:
    """Draw a ring around a minimum."""
    ax.plot(*place, "o", ms=size, mfc="none", mec=ON_GROUND, mew=1.4, zorder=4, gid="minimum")


def name_axes(ax: Axes, function: Any, dim: int) -> None:
    """Write the names of a function's coordinates beside the axes, with few ticks."""
    names = axes_of(function, dim)
    ax.set_xlabel(names[0])
    if dim == 2:
        ax.set_ylabel(names[1])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))


def legend_entry(style: Style, name: str, run: Any, box: np.ndarray | None = None) -> Line2D:
    """A line and a head in the colour of a run; its name, and the step at which it diverged or left, if it did."""
    if run.diverged_at is not None:
        name = f"{name}\n(diverged at step {run.diverged_at})"
    elif box is not None and (step := leaves_box_at(run.theta, box)) is not None:
        name = f"{name}\n(left at step {step})"
    return Line2D(
        [], [], color=style.color, ls=style.linestyle, lw=2, marker=style.marker, ms=7, mec="white", mew=0.8, label=name
    )
