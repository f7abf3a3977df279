"""Charts against a coordinate or against the step: curves and losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..canvas import (
    Box,
    as_runs,
    axes_of,
    box_of,
    check_axes,
    clip_to_box,
    height_range,
    heights,
    leaves_box_at,
    minima_of,
)
from ..losses import Losses
from ..style import FAINT, HALO, assign_styles, dark_background, legend_on_ground, new_axes
from .marks import halo, legend_entry, mark_end, mark_minimum, name_axes


def plot_curve(
    function: Callable[..., Any], runs: Any = None, ax: Axes | None = None, *, box: Box | None = None
) -> Axes:
    """Draw a function of one coordinate, and the iterates of descents on it.

    Parameters
    ----------
    function : Surface or callable
        A curve, or any function f(x) of a torch tensor.
    runs : Descent or mapping of str to Descent, optional
        Iterates to draw on the curve.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    box : ((low, high),), optional
        The part to show; by default the curve's own box, else that of the iterates.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the box is missing or empty, or there is not exactly one coordinate.
    """
    check_axes(ax)
    runs = None if runs is None else as_runs(runs)
    edges = box_of(function, runs, box, dim=1)
    x = np.linspace(edges[0][0], edges[0][1], 501)
    z = heights(function, x)
    low, high = height_range(function, z)
    margin = 0.06 * (high - low or 1)
    ax = ax if ax is not None else new_axes()
    dark_background(ax)
    ax.plot(x, z, color=FAINT, lw=2, zorder=3, gid="curve")
    ax.set(xlim=edges[0], ylim=(low - margin, high + margin))
    for point in minima_of(function):
        mark_minimum(ax, (point[0], heights(function, *point)), 10)
    name_axes(ax, function, 1)
    ax.set_ylabel(f"f({axes_of(function, 1)[0]})")
    handles = []
    for name, style in assign_styles(runs or {}).items():
        run = runs[name]
        trail = clip_to_box(run.theta, edges)[:, 0]
        height = heights(function, trail)
        ax.plot(
            trail,
            height,
            color=style.color,
            lw=1,
            marker=style.marker,
            ms=5,
            mec=HALO,
            mew=0.4,
            zorder=5,
            label=name,
            gid="trail",
        )
        if leaves_box_at(run.theta, edges) is None:
            mark_end(ax, (trail[-1], height[-1]), style, 9)
        handles.append(legend_entry(style, name, run, edges))
    if handles:
        legend_on_ground(ax, handles)
    return ax


def plot_loss(runs: Any, ax: Axes | None = None, *, against: str = "step") -> Axes:
    """Draw loss against step, or against the number of gradients that it took. A run that diverged ends with a cross.

    The scale is logarithmic if all losses are positive. If not, and the surface knows its minima, the distance
    to its lowest value is drawn, and the axis says so; otherwise the scale is linear.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent
        What to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    against : {"step", "evaluations"}
        What the axis counts: steps, or the gradients that a rule asked for, which may be several in a step.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no run, a run is a batch, or ``against`` is unknown.
    """
    check_axes(ax)
    runs = as_runs(runs)
    losses = Losses.of(runs, against)
    ax = ax if ax is not None else new_axes()
    losses.prepare(ax)
    handles = []
    for name, style in assign_styles(runs).items():
        loss, place, run = losses.series[name], losses.places[name], runs[name]
        ax.plot(
            place,
            loss,
            color=style.color,
            ls=style.linestyle,
            lw=2,
            label=name,
            gid="trail",
            path_effects=halo(3.2),
            zorder=5,
        )
        seen = np.flatnonzero(np.isfinite(loss))
        if seen.size:
            lost = run.diverged_at is not None
            end = (place[seen[-1]], np.clip(loss[seen[-1]], *losses.limits))
            mark_end(ax, end, style, 10 if lost else 7, lost=lost, clip_on=False)
        handles.append(legend_entry(style, name, run))
    legend_on_ground(ax, handles)
    return ax
