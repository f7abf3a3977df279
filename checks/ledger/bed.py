"""The test bed of the ledger: two tensors, a gradient that is given in closed form, 30 steps.

The gradient is a quadratic's, whose axes are turned in both directions of the matrix, with a sine on top that moves
on in every step. So it is smooth and not convex, it couples the entries of the matrix, and no method can agree with
another by coming to rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

STEPS = 30
MATRIX, VECTOR = (4, 3), (5,)
BOTH = (MATRIX, VECTOR)
#: What both sides of a row have to differ by at least; what is equal is equal to about 1e-15.
SAME = 1e-9
#: How far the start is moved in every coordinate to see whether a difference grows by itself.
NUDGE = 1e-13


def _turned(eigenvalues: list[float]) -> np.ndarray:
    """A symmetric matrix with these eigenvalues, whose axes are reflected at the diagonal direction."""
    mirror = np.eye(len(eigenvalues)) - 2 / len(eigenvalues)
    return mirror @ np.diag(eigenvalues) @ mirror


LEFT, RIGHT, CURVATURE = _turned([0.4, 0.7, 1.1, 1.6]), _turned([0.5, 1.0, 1.5]), np.linspace(0.3, 1.5, 5)


def start(shapes: tuple[tuple[int, ...], ...] = BOTH, nudge: float = 0.0) -> list[np.ndarray]:
    """Where every path begins: numbers between -1 and 1 without a pattern."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    return [
        np.sin(1.7 * np.arange(size) + 0.3 + len(shape)).reshape(shape) + nudge
        for size, shape in zip(sizes, shapes, strict=True)
    ]


def gradient(theta: np.ndarray, t: int) -> np.ndarray:
    """The gradient of one tensor at step t = 1, 2, ..."""
    pull = LEFT @ (theta - 0.5) @ RIGHT if theta.ndim == 2 else CURVATURE * (theta + 0.5)
    return pull + 0.4 * np.sin(3 * theta + t)


def gradients(given: list[np.ndarray] | None) -> Iterator[tuple[int, Callable[[np.ndarray, int], np.ndarray]]]:
    """Each step with what gives its gradient: the test bed, or the gradient that is prescribed for it."""
    if given is None:
        yield from ((t, gradient) for t in range(1, STEPS + 1))
    else:
        yield from ((t, lambda theta, t, values=values: values) for t, values in enumerate(given, start=1))


def far(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """After each step, the largest difference of a coordinate: relative above 1, absolute below."""
    return (np.abs(one - other) / np.maximum(1, np.abs(one))).max(axis=1)
