"""Singular values of descents of matrices: of the matrix that a problem names, and of the updates."""

from __future__ import annotations

from typing import Any

import numpy as np

#: What a panel is called, and what its singular values are of.
PANEL, UPDATES = "singular values", "update"
#: Singular values below this share of the largest are zero but for rounding.
NOTHING = 1e-13
#: So many of them are shown at most: the largest, the smallest, and some between.
MOST = 12


def has_matrix(function: Any) -> bool:
    """Whether a function is a problem with a matrix to show."""
    return hasattr(function, "matrices") and function.matrix is not None


def label_of(panel: str, function: Any) -> str:
    """What a panel shows, in words."""
    return f"singular values of {function.matrix if panel == PANEL else 'the update'}"


def spectrum(panel: str, run: Any) -> np.ndarray:
    """The singular values that a panel shows of a descent, shape (steps + 1, k), the largest first.

    NaN where there are none: where a descent has diverged, before the first update, and where one is zero. Of updates
    of several matrices all are meant, one matrix after the other.
    """
    points = run.theta.reshape(len(run.theta), *run.function.shape)
    if panel == PANEL:
        matrices = run.function.matrices(points)
    else:
        first = np.full((1, *points.shape[1:]), np.nan)
        matrices = np.concatenate([first, np.diff(points, axis=0)])
    return _shown(_singular_values(matrices))


def matrices_of(run: Any) -> np.ndarray | None:
    """Two-by-two matrices of a descent, those that its problem names but not less the minimum; None of other size."""
    points, function = run.theta.reshape(len(run.theta), *run.function.shape), run.function
    if function.shape != (2, 2):
        points = function.matrices(points)
    return points if points.shape[1:] == (2, 2) else None


def target_of(function: Any) -> np.ndarray | None:
    """The two-by-two matrix at the known minimum."""
    for point in function.known_minima():
        return np.asarray(point if function.shape == (2, 2) else function.matrices(point))
    return None


def _singular_values(matrices: np.ndarray) -> np.ndarray:
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    values = np.full((len(flat), min(flat.shape[1:])), np.nan)
    fine = np.isfinite(flat).all((1, 2))
    values[fine] = np.linalg.svd(flat[fine], compute_uv=False)
    return values.reshape(len(matrices), -1)


def _shown(values: np.ndarray) -> np.ndarray:
    """Those that are not zero, and not too many."""
    largest = np.nanmax(values, initial=0)
    values = np.where(values > NOTHING * largest, values, np.nan)
    values = values[:, np.isfinite(values).any(0)]
    if values.shape[1] > MOST:
        values = values[:, np.linspace(0, values.shape[1] - 1, MOST).round().astype(int)]
    return values
