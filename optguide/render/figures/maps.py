"""Functions of two coordinates from above, and what lies on such a map: trails and arrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ... import check
from ..canvas import (
    Box,
    Shade,
    as_one_run,
    as_runs,
    aspect,
    box_of,
    check_axes,
    check_dim,
    clip_to_box,
    contours,
    function_of,
    heights,
    leaves_box_at,
    levels_of,
    minima_of,
)
from ..style import FAINT, GROUND, HEIGHTS, ON_GROUND, assign_styles, legend_on_ground, new_axes
from .marks import halo, legend_entry, mark_end, mark_minimum, name_axes


def plot_map(
    function: Callable[..., Any],
    *,
    box: Box | None = None,
    levels: int | Sequence[float] | None = None,
    labels: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of two coordinates from above: heights as colours, contour lines, minima.

    Parameters
    ----------
    function : Surface or callable
        A surface, or any function f(x, y) of torch tensors.
    box : ((x_low, x_high), (y_low, y_high)), optional
        The part to show; the surface's own box by default.
    levels : int or sequence of float, optional
        Number of contour lines, spread as the colours are, or their heights. By default the heights that the
        surface brings along, else 16 lines.
    labels : bool
        Whether to write its height on every line.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the box is missing or empty, the function does not take two coordinates, or the levels are not ascending.
    """
    check_axes(ax)
    edges = box_of(function, box=box)
    wanted = _read_levels(levels_of(function) if levels is None else levels)
    x, y = (np.linspace(low, high, 301) for low, high in edges)
    z = heights(function, x, y[:, None])
    shade = Shade.of(function, z)
    ax = ax if ax is not None else new_axes(*((6, 5.6) if labels else ()))  # numbers on lines need room
    shaded = np.ma.masked_invalid(shade(z))
    ax.set_facecolor(GROUND)
    ax.imshow(
        shaded,
        cmap=HEIGHTS,
        vmin=0,
        vmax=1,
        origin="lower",
        extent=tuple(edges.ravel()),
        interpolation="bilinear",
        aspect=aspect(edges),
    )
    seen = contours(wanted, shade, z)
    if seen.size:  # matplotlib warns where there is no line to draw
        lines = ax.contour(x, y, shaded, shade(seen), colors=FAINT, linewidths=0.6, alpha=0.75 if labels else 0.45)
        if labels:
            texts = {line: f"{level:.4g}" for line, level in zip(lines.levels, seen, strict=True)}
            ax.clabel(lines, fmt=texts, fontsize=8, colors=ON_GROUND)
    ax.set(xlim=edges[0], ylim=edges[1])
    for point in minima_of(function):
        mark_minimum(ax, point)
    name_axes(ax, function, 2)
    return ax


def _read_levels(levels: Any) -> int | np.ndarray:
    """The number of contour lines, or their heights as an array."""
    if not hasattr(levels, "__len__"):
        return check.count("levels", levels, 1, 1000)
    heights = check.array("levels", levels)
    if heights.ndim != 1 or not (np.diff(heights) > 0).all():
        raise ValueError(f"levels must be ascending heights in one row, got {levels!r}")
    return heights


def plot_trails(runs: Any, ax: Axes | None = None) -> Axes:
    """Draw descents on a map: a small ring at the start, the head's marker at the end, a cross where one left it.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent
        What to draw.
    ax : matplotlib Axes, optional
        A map drawn before; by default a new one is drawn. Its limits stay as they are.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no run, a run is a batch, or the runs do not have two coordinates.
    """
    check_axes(ax)
    runs = as_runs(runs)
    check_dim(2, runs=runs)
    if ax is None:
        function = function_of(runs)
        ax = plot_map(function, box=box_of(function, runs))
    box = np.array([sorted(ax.get_xlim()), sorted(ax.get_ylim())])
    handles = []
    for name, style in assign_styles(runs).items():
        run = runs[name]
        trail = clip_to_box(run.theta, box)
        ax.plot(
            *trail.T,
            color=style.color,
            ls=style.linestyle,
            lw=2,
            zorder=5,
            label=name,
            gid="trail",
            path_effects=halo(4),
            solid_capstyle="round",
            solid_joinstyle="round",
        )
        ax.plot(*trail[0], "o", ms=6, mfc=GROUND, mec="white", mew=1.2, zorder=6, gid="start")
        left = leaves_box_at(run.theta, box)
        if left is None:
            mark_end(ax, trail[-1], style, 9)
        elif left > 0:
            end = trail[: left + 1][np.isfinite(trail[: left + 1, 0])][-1]
            mark_end(ax, end, style, 10, lost=True, clip_on=False)
        handles.append(legend_entry(style, name, run, box))
    ax.set(xlim=box[0], ylim=box[1])
    legend_on_ground(ax, handles)
    return ax


def plot_arrows(run: Any, scale: float | None = None, every: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw the steps that plain gradient descent would take from the iterates: arrows of -scale * gradient.

    Parameters
    ----------
    run : Descent
        One descent in two coordinates.
    scale : float, optional
        Length of an arrow per unit of gradient; the run's learning rate by default.
    every : int, optional
        Draw every so many-th arrow; by default about 24 in all.
    ax : matplotlib Axes, optional
        A map drawn before; by default a new one is drawn, with the trail. Its limits stay as they are.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the run is a batch or does not have two coordinates, or a number is out of range.
    """
    name, run = as_one_run(run)
    check_axes(ax)
    check_dim(2, runs={name: run})
    scale = check.number("scale", run.settings.get("lr", 1.0) if scale is None else scale, low=0, open_low=True)
    every = max(1, run.steps // 24) if every is None else check.count("every", every)
    ax = plot_trails({name: run}) if ax is None else ax
    limits = ax.get_xlim(), ax.get_ylim()
    with np.errstate(over="ignore"):
        at, arrow = run.theta[:-1:every], -scale * run.grad[::every]
    if (np.isinf(arrow) & np.isfinite(run.grad[::every])).any():
        raise ValueError(f"scale must leave the arrows finite, got {scale!r}")
    good = np.isfinite(at).all(1) & np.isfinite(arrow).all(1)
    ax.quiver(
        *at[good].T,
        *arrow[good].T,
        angles="xy",
        scale_units="xy",
        scale=1,
        color="white",
        alpha=0.85,
        width=0.005,
        headwidth=4.5,
        headlength=5,
        zorder=6,
        gid="arrows",
    )
    ax.set(xlim=limits[0], ylim=limits[1])
    return ax
