"""Pictures of descents of matrices: singular values over the steps, spectra of updates, images of the unit circle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ... import check
from ..canvas import as_one_run, as_runs, check_axes, function_of, name_of
from ..spectra import PANEL, UPDATES, has_matrix, label_of, matrices_of, spectrum, target_of
from ..style import ON_GROUND, assign_styles, dark_background, legend_on_ground, new_axes
from .marks import halo, legend_entry


def plot_singular_values(runs: Any, ax: Axes | None = None, *, of: str = "matrix") -> Axes:
    """Draw the singular values of matrices against step, on a logarithmic scale: one line for each.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent
        Descents of matrices.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    of : {"matrix", "update"}
        The matrix that the problem names (of a quadratic the distance to its minimum, of a factorization the product),
        or the change of each step.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no run, a run is a batch, or the points are no matrices.
    """
    check_axes(ax)
    panel = PANEL if check.choice("of", check.text("of", of), ("matrix", "update")) == "matrix" else UPDATES
    runs, function = _matrix_runs(runs)
    ax = ax if ax is not None else new_axes()
    dark_background(ax)
    ax.set_yscale("log")
    ax.set(xlabel="step", ylabel=label_of(panel, function))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    handles = []
    for name, style in assign_styles(runs).items():
        for j, line in enumerate(spectrum(panel, runs[name]).T):
            ax.plot(
                line, color=style.color, ls=style.linestyle, lw=1.3 if j else 2, gid="trail", zorder=5,
                label=name if j == 0 else "_", path_effects=halo(2.5 if j else 3.2),
            )  # fmt: skip
        handles.append(legend_entry(style, name, runs[name]))
    legend_on_ground(ax, handles)
    return ax


def plot_update_spectrum(runs: Any, step: int = 1, ax: Axes | None = None) -> Axes:
    """Draw the singular values of one update as bars, each relative to the largest of its run.

    A rule that orthogonalizes makes them nearly equal.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent
        Descents of matrices.
    step : int
        Which update, counted from 1.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no such step, no run, a run is a batch, or the points are no matrices.
    """
    check_axes(ax)
    runs, _ = _matrix_runs(runs)
    step = check.count("step", step, most=min(run.steps for run in runs.values()))
    ax = ax if ax is not None else new_axes()
    dark_background(ax)
    handles, width = [], 0.8 / len(runs)
    for i, (name, style) in enumerate(assign_styles(runs).items()):
        values = spectrum(UPDATES, runs[name])[step]
        places = np.arange(1, len(values) + 1) + (i - (len(runs) - 1) / 2) * width
        ax.bar(places, values / np.nanmax(values, initial=0), width, color=style.color, gid="bars", label=name)
        handles.append(legend_entry(style, name, runs[name]))
    ax.set(xlabel="singular value, by rank", ylabel=f"of update {step}, relative to the largest", ylim=(0, 1.08))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_on_ground(ax, handles)
    return ax


def plot_circle_images(run: Any, steps: Sequence[int] | None = None, ax: Axes | None = None) -> Axes:
    """Draw what a 2 x 2 matrix makes of the unit circle: an ellipse.

    Its half axes are as long as the matrix's singular values. The ellipses of earlier steps are fainter; the one at the
    known minimum is dashed.

    Parameters
    ----------
    run : Descent
        One descent of a matrix with two rows and two columns.
    steps : sequence of int, optional
        Which steps; six from the first to the last by default.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the run is a batch, its matrix is no 2 x 2, or there is no such step.
    """
    check_axes(ax)
    name, run = as_one_run(run)
    matrices = matrices_of(run) if has_matrix(run.function) else None
    if matrices is None:
        raise ValueError(f"the matrix must have two rows and two columns, that of {name_of(run.function)} has not")
    asked = np.unique(np.linspace(0, run.steps, 6).round().astype(int)).tolist() if steps is None else steps
    check.kind("steps", asked, Sequence, "a list of steps")
    shown = [check.count("steps", step, 0, run.steps) for step in asked]
    ax = ax if ax is not None else new_axes(5.6, 5)
    dark_background(ax)
    turn = np.linspace(0, 2 * np.pi, 181)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    target = target_of(run.function)
    if target is not None:
        ax.plot(*target @ circle, color=ON_GROUND, ls="--", lw=1.4, zorder=4, label="minimum", gid="minimum")
    color = assign_styles({name: run})[name].color
    for i, step in enumerate(shown):
        alpha = 0.25 + 0.75 * (i + 1) / len(shown)
        label = name if i == len(shown) - 1 else "_"
        ax.plot(*matrices[step] @ circle, color=color, lw=2, alpha=alpha, zorder=5, label=label, gid="trail")
    ax.set(aspect="equal", xlabel="first coordinate", ylabel="second coordinate")
    legend_on_ground(ax)
    return ax


def _matrix_runs(runs: Any) -> tuple[dict[str, Any], Any]:
    runs = as_runs(runs)
    function = function_of(runs)
    if not has_matrix(function):
        raise ValueError(f"points of {name_of(function)} are no matrices, and it names none")
    return runs, function
