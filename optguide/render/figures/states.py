"""Charts against the step, one beside the other: what optimizers remember, and how they respond to a signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ... import check
from ...table import title_of
from ..canvas import as_lines, as_one_run, axes_of, check_state, dim_of
from ..responses import as_responses, varied
from ..style import FAINT, PALETTE, assign_styles, dark_background, legend_on_ground, new_grid, shorten, wrap
from .marks import halo


def plot_states(run: Any, names: str | Sequence[str] | None = None, axes: Any = None) -> Any:
    """Draw an optimizer's state against step: one chart per state, one line per coordinate.

    Of a state of more than two numbers its length is drawn: the root of the sum of their squares.

    Parameters
    ----------
    run : Descent
        One descent.
    names : str or sequence of str, optional
        Which states; all by default.
    axes : matplotlib Axes or sequence of Axes, optional
        Where to draw, one per state; a new figure by default.

    Returns
    -------
    ndarray of Axes

    Raises
    ------
    ValueError
        If the run is a batch, a state is unknown, or the number of axes is not that of the states.
    """
    name, run = as_one_run(run)
    names = list(run.states) if names is None else [names] if isinstance(names, str) else names
    check.kind("names", names, Sequence, "names of states")
    for state in names:
        check_state(state, {name: run})
    if not names:
        raise ValueError(f"{name} has no state to draw")
    if axes is None:
        axes = new_grid(len(names), 1, (7, 1.4 + 1.5 * len(names)), {"font.size": 11})
        np.ravel(axes)[0].figure.set_label(f"What {name} remembers on {title_of(run.function)}")
    axes = np.atleast_1d(_as_axes(axes)).ravel()
    if len(axes) != len(names):
        raise ValueError(f"axes must hold one Axes for each of {', '.join(names)}; got {len(axes)}")
    coordinates = axes_of(run.function, dim_of({name: run}))
    color = assign_styles({name: run})[name].color
    for ax, state in zip(axes, names, strict=True):
        dark_background(ax)
        lines = as_lines(run.states[state])
        labels = coordinates if lines.shape[1] == len(coordinates) else [""]
        for i, (line, coordinate) in enumerate(zip(lines.T, labels, strict=True)):
            ax.plot(
                line,
                color=color,
                ls=("-", (0, (3, 1.4)), (0, (1, 1)))[i % 3],
                lw=2,
                label=coordinate or None,
                gid="trail",
                path_effects=halo(3.2),
            )
        ax.set_ylabel(state if run.states[state].shape[1] <= 2 else f"length of {state}")
        ax.margins(x=0.02)
    axes[-1].set_xlabel("step")
    axes[-1].xaxis.set_major_locator(MaxNLocator(6, integer=True))
    named = [ax for ax in axes if len(ax.get_legend_handles_labels()[1]) > 1]
    if named:
        legend_on_ground(named[0], outside=False, ncols=len(coordinates))
    return axes


def plot_responses(responses: Any, axes: Any = None) -> Any:
    """Draw responses to prescribed gradients as small multiples: one row per response, one column per setting.

    Every chart shows the gradient as a thin line and the rule's update as a bright one. The charts of a row share
    their scale, so that the settings can be compared.

    Parameters
    ----------
    responses : Response or mapping of names to Responses
        Each one a single response or a batch along one axis; all of the same width.
    axes : array_like of matplotlib Axes, optional
        Where to draw, rows by columns; a new figure by default.

    Returns
    -------
    ndarray of Axes, rows by columns

    Raises
    ------
    TypeError
        If something else than a Response is given.
    ValueError
        If there is none, a batch has several axes, or the widths or the number of axes differ.
    """
    responses = as_responses(responses)
    widths = {response.update[0].size for response in responses.values()}
    if len(widths) > 1:
        raise ValueError(f"responses must have the same number of settings, got {sorted(widths)}")
    rows, columns = len(responses), widths.pop()
    if axes is None:
        fonts = {"font.size": 10, "axes.titlesize": 10, "axes.labelsize": 10}
        axes = new_grid(rows, columns, (5, 0.8 + 1.05 * rows), fonts, sharey="row")
    axes = _as_axes(axes)
    if axes.size != rows * columns:
        raise ValueError(f"axes must hold {rows} by {columns} Axes, got {axes.size}")
    axes = axes.reshape(rows, columns)
    for row, (name, response) in zip(axes, responses.items(), strict=True):
        updates = response.update.reshape(len(response.t), columns)
        for ax, update in zip(row, updates.T, strict=True):
            dark_background(ax)
            ax.plot(response.t, response.gradient, color=FAINT, lw=0.7, alpha=0.7, gid="gradient")
            ax.plot(response.t, update, color=response.color or PALETTE[0], lw=1.5, gid="update")
            ax.margins(x=0)
            ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
            ax.yaxis.set_major_locator(MaxNLocator(3))
        row[0].set_ylabel(shorten(name.replace("_", " ").replace(" ", "\n"), 20), parse_math=False)
    for ax, own in zip(axes[0], varied(next(iter(responses.values())).settings, columns), strict=True):
        ax.set_title(
            "\n".join(f"{wrap(name.replace('_', ' '), 48 // columns)}\n{value}" for name, value in own.items())
        )
    for ax in axes[-1]:
        ax.set_xlabel("t")
    return axes


def _as_axes(axes: Any) -> np.ndarray:
    try:
        array = np.asarray(axes, dtype=object)
    except (TypeError, RuntimeError):  # some tensors do not become arrays
        array = np.full(1, None)
    if not all(isinstance(ax, Axes) for ax in array.flat):
        raise TypeError(f"axes must be matplotlib Axes, got {axes!r}")
    return array
