"""What problems are made of: matrices with chosen singular values, and counts of what is rare."""

from __future__ import annotations

import numpy as np


def turned(size: int, rng: np.random.Generator, columns: int | None = None) -> np.ndarray:
    """A random orthogonal matrix, or the first columns of one."""
    return np.linalg.qr(rng.standard_normal((size, columns or size)))[0]


def spread(rows: int, columns: int, condition: float, rng: np.random.Generator, rank: int | None = None) -> np.ndarray:
    """A matrix with random singular vectors and singular values from 1 to ``1 / condition``, even on a log scale."""
    rank = rank or min(rows, columns)
    left, right = turned(rows, rng, rank), turned(columns, rng, rank)
    return left * np.geomspace(1, 1 / condition, rank) @ right.T


def zipf(count: int, exponent: float) -> np.ndarray:
    """Shares that sum to 1, the i-th in proportion to ``i ** -exponent``."""
    weights = np.arange(1, count + 1.0) ** -exponent
    return weights / weights.sum()
