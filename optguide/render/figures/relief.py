"""Functions of two coordinates as landscapes in three dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import check
from ..canvas import (
    Box,
    Shade,
    as_runs,
    box_of,
    check_axes,
    clip_to_box,
    heights,
    leaves_box_at,
    minima_of,
)
from ..style import HEIGHTS, assign_styles, legend_on_ground, new_axes
from .marks import halo, legend_entry, mark_end, mark_minimum, name_axes

#: Heights along an edge of a landscape.
RELIEF = 73


def plot_surface(
    function: Callable[..., Any],
    runs: Any = None,
    *,
    box: Box | None = None,
    elev: float = 45,
    azim: float = -30,
    ax: Any = None,
) -> Any:
    """Draw a function of two coordinates as a landscape in three dimensions, its minima, and descents on it.

    Heights and colours are both spread by the surface's shading, so that its minima can be seen.

    Parameters
    ----------
    function : Surface or callable
        A surface, or any function f(x, y) of torch tensors.
    runs : Descent or mapping of str to Descent, optional
        Trails to draw on top.
    box : ((x_low, x_high), (y_low, y_high)), optional
        The part to show; by default the surface's own box, else that of the trails.
    elev, azim : float
        Where the eye is, in degrees above the ground and around it.
    ax : matplotlib Axes3D, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes3D

    Raises
    ------
    ValueError
        If the box is missing or empty, the axes are flat, or there are not two coordinates.
    """
    check_axes(ax)
    elev, azim = check.number("elev", elev), check.number("azim", azim)
    runs = None if runs is None else as_runs(runs)
    edges = box_of(function, runs, box)
    if ax is not None and ax.name != "3d":
        raise ValueError("ax must be three-dimensional: fig.add_subplot(projection='3d')")
    x, y = (np.linspace(low, high, RELIEF) for low, high in edges)
    z = heights(function, x, y[:, None])
    shade = Shade.of(function, z)
    ax = ax if ax is not None else new_axes(projection="3d")
    _draw_ground(ax, x, y, shade(z), elev, azim)
    name_axes(ax, function, 2)
    for point in minima_of(function):
        if (edges[:, 0] <= point).all() and (point <= edges[:, 1]).all():  # three-dimensional axes do not clip
            mark_minimum(ax, (*np.atleast_2d(point).T, shade(heights(function, *point))))
    handles = []
    for name, style in assign_styles(runs or {}).items():
        run = runs[name]
        trail = clip_to_box(run.theta, edges)
        points = np.column_stack([trail, shade(heights(function, *trail.T))])
        ax.plot(
            *points.T,
            color=style.color,
            ls=style.linestyle,
            lw=2,
            zorder=5,
            label=name,
            gid="trail",
            path_effects=halo(4),
        )
        left = leaves_box_at(run.theta, edges)
        if left is None:
            mark_end(ax, points[-1:].T, style, 8)
        elif left > 0:
            last = np.flatnonzero(np.isfinite(trail[: left + 1, 0]))[-1]
            mark_end(ax, points[last : last + 1].T, style, 9, lost=True)
        handles.append(legend_entry(style, name, run, edges))
    if handles:
        legend_on_ground(ax, handles)
    return ax


def _draw_ground(ax: Any, x: np.ndarray, y: np.ndarray, shaded: np.ndarray, elev: float, azim: float) -> None:
    """The landscape, without walls, grid or numbers of heights."""
    ax.computed_zorder = False  # trails lie on top
    ax.plot_surface(
        *np.meshgrid(x, y),
        shaded,
        rstride=2,
        cstride=2,
        cmap=HEIGHTS,
        vmin=0,
        vmax=1,
        edgecolor=(0.62, 0.72, 0.88, 0.28),
        linewidth=0.35,
        zorder=1,
    )
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), zlim=(0, 1))
    ax.view_init(elev=elev, azim=azim)
    ax.set_box_aspect((1, 1, 0.6), zoom=1.1)
    ax.set_zticks([])
    ax.grid(False)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color((0, 0, 0, 0))
        axis.pane.set_edgecolor("none")
    ax.zaxis.line.set_visible(False)
    ax.patch.set_alpha(0)
