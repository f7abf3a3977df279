"""What every picture has to know: the descents to show, the box they are seen in, and the heights of a function."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal

import numpy as np
import torch
from matplotlib.axes import Axes

from .. import check
from ..table import in_parentheses

Box = Sequence[tuple[float, float]] | np.ndarray

#: Log shading is linear below this share of the height range, so that it reaches the minimum and nothing is <= 0.
LOG_FLOOR = 1e-2
#: Contour lines of a map whose surface does not bring its own.
LEVELS = 16


def as_runs(runs: Any) -> dict[str, Any]:
    """One descent or a mapping of descents as a checked dict of unbatched descents, each point and state a vector."""
    if hasattr(runs, "loss"):
        runs = {runs.name: runs}
    check.named("runs", runs, "Descent", lambda run: hasattr(run, "loss"))
    for name, run in runs.items():
        if run.loss.ndim != 1:
            raise ValueError(
                f"plot one descent at a time: {name!r} is a batch of {math.prod(run.loss.shape[1:])}, "
                f"with theta of shape {run.theta.shape}; descend from one start with plain numbers as settings"
            )
    runs = {name: _in_vectors(run) for name, run in runs.items()}
    dims = {run.theta.shape[1] for run in runs.values()}
    if len(dims) > 1:
        raise ValueError(f"runs must have the same number of coordinates, got {sorted(dims)}")
    return dict(runs)


def _in_vectors(run: Any) -> Any:
    """A descent whose points and states, whatever their shapes, are vectors."""
    if all(record.ndim == 2 for record in (run.theta, run.grad, *run.states.values())):
        return run
    flat = lambda record: record.reshape(len(record), math.prod(record.shape[1:]))  # noqa: E731
    states = {name: flat(state) for name, state in run.states.items()}
    return dataclasses.replace(run, theta=flat(run.theta), grad=flat(run.grad), states=states)


def as_lines(record: np.ndarray) -> np.ndarray:
    """What a chart shows of a record of vectors: of one or two numbers each of them, of more their length."""
    if record.shape[1] <= 2:
        return record
    with np.errstate(over="ignore"):
        return np.linalg.norm(record, axis=1, keepdims=True)


def as_one_run(run: Any) -> tuple[str, Any]:
    """The name of the one descent, and the descent."""
    (name, run), *others = as_runs(run).items()
    if others:
        raise ValueError(f"run must be one descent, got {len(others) + 1}: {name}, {', '.join(n for n, _ in others)}")
    return name, run


def dim_of(runs: dict[str, Any]) -> int:
    return next(iter(runs.values())).theta.shape[1]


def function_of(runs: dict[str, Any]) -> Callable[..., Any]:
    """The one function that all runs descend."""
    functions = [run.function for run in runs.values()]
    if any(f is not functions[0] for f in functions):
        names = ", ".join(dict.fromkeys(map(name_of, functions)))
        raise ValueError(f"runs must descend the same function to share a picture, got different ones: {names}")
    return functions[0]


def name_of(function: Any) -> str:
    return getattr(function, "name", None) or getattr(function, "__name__", "f").strip("<>")


def axes_of(function: Any, dim: int) -> tuple[str, ...]:
    return tuple(getattr(function, "axes", None) or ("xy"[:dim] if dim <= 2 else (f"x{i}" for i in range(1, dim + 1))))


def levels_of(function: Any) -> Any:
    return getattr(function, "levels", ()) or LEVELS


def minima_of(function: Any) -> tuple[tuple[float, ...], ...]:
    known = function.known_minima() if hasattr(function, "known_minima") else ()
    return tuple(tuple(np.ravel(point).tolist()) for point in known)


def heights(function: Callable[..., Any], *coordinates: Any) -> np.ndarray:
    """The function's values, computed by torch in float64; NaN where it is not finite."""
    tensors = torch.broadcast_tensors(*(torch.as_tensor(np.asarray(c, dtype=np.float64)) for c in coordinates))
    with torch.no_grad():
        if hasattr(function, "heights") and not hasattr(function, "box"):  # a problem takes points, not coordinates
            z = np.asarray(function.heights(torch.stack(tensors).reshape([*function.shape, *tensors[0].shape])))
        else:
            z = np.asarray(function(*tensors))
    if z.dtype.kind not in "fiub" or z.shape not in ((), tensors[0].shape):
        raise TypeError(
            f"function must return one real height per point: points of shape {tuple(tensors[0].shape)} "
            f"gave {z.dtype} of shape {z.shape}"
        )
    z = np.array(np.broadcast_to(z.astype(np.float64), tensors[0].shape))
    z[~np.isfinite(z)] = np.nan
    return z


def height_range(function: Any, z: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest of these heights of a function."""
    finite = z[np.isfinite(z)]
    if not finite.size:
        raise ValueError(f"{name_of(function)} has no finite height in this box")
    return float(finite.min()), float(finite.max())


def box_of(function: Any, runs: dict[str, Any] | None = None, box: Box | None = None, dim: int = 2) -> np.ndarray:
    """The part of the domain to show, shape (dim, 2): as given, or the surface's own, or that of the trails."""
    check.function("function", function)
    check_dim(dim, function, runs)
    box = getattr(function, "box", None) if box is None else box
    if box is not None:
        return check.box(box, dim)
    if runs is None:
        raise ValueError(f"box must be given: {name_of(function)} has none of its own; box=((-1, 1), (-1, 1))")
    calm = [run.theta for run in runs.values() if run.diverged_at is None]
    points = np.concatenate(calm or [run.theta[:1] for run in runs.values()])
    low, high = points.min(0), points.max(0)
    margin = np.maximum(0.15 * (high - low), np.where(high > low, 0, 1))
    return np.stack([low - margin, high + margin], axis=1)


def aspect(edges: np.ndarray) -> Literal["equal", "auto"]:
    """Whether a box is drawn to scale: not if it is a narrow strip."""
    width, height = edges[:, 1] - edges[:, 0]
    return "equal" if 1 / 2.5 < width / height < 2.5 else "auto"


@dataclass(frozen=True)
class Shade:
    """Spreads heights over [0, 1]: linear, square root, or log from `LOG_FLOOR` of the range upwards."""

    low: float
    high: float
    kind: str

    @classmethod
    def of(cls, function: Any, z: np.ndarray) -> Shade:
        known = [float(heights(function, *point)) for point in minima_of(function)]
        lowest, high = height_range(function, z)
        low = min([lowest, *known])
        return cls(low, high if high > low else low + 1, getattr(function, "shading", "linear"))

    def __call__(self, z: Any) -> np.ndarray:
        share = np.maximum((np.asarray(z) - self.low) / (self.high - self.low), 0)
        if self.kind == "log":
            return np.log1p(share / LOG_FLOOR) / np.log1p(1 / LOG_FLOOR)
        return np.sqrt(share) if self.kind == "sqrt" else share

    def height(self, shade: Any) -> np.ndarray:
        """The height that has this shade."""
        if self.kind == "log":
            share = np.expm1(np.asarray(shade) * np.log1p(1 / LOG_FLOOR)) * LOG_FLOOR
        else:
            share = np.asarray(shade) ** (2 if self.kind == "sqrt" else 1)
        return self.low + share * (self.high - self.low)


def contours(levels: Any, shade: Shade, z: np.ndarray) -> np.ndarray:
    """The heights of the contour lines that lie between the lowest and the highest of z."""
    finite = z[np.isfinite(z)]
    wanted = shade.height(np.linspace(0, 1, levels + 2)[1:-1]) if isinstance(levels, int) else np.asarray(levels)
    return wanted[(wanted > finite.min()) & (wanted < finite.max())]


def clip_to_box(theta: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The trail as far as a box shows it: same length, points outside NaN, but each exit put on the edge."""
    shown = theta.astype(np.float64).copy()
    within = _within(theta, box)
    shown[~within] = np.nan
    for i in np.flatnonzero(within[:-1] & ~within[1:]) + 1:
        a, step = theta[i - 1], theta[i] - theta[i - 1]
        if np.isfinite(step).all():
            with np.errstate(divide="ignore", invalid="ignore"):
                reach = np.where(step > 0, (box[:, 1] - a) / step, np.where(step < 0, (box[:, 0] - a) / step, np.inf))
            shown[i] = np.clip(a + reach.min() * step, box[:, 0], box[:, 1])
    return shown


def leaves_box_at(theta: np.ndarray, box: np.ndarray) -> int | None:
    """The step at which a trail leaves the box for good, or None if it ends within."""
    within = _within(theta, box)
    return None if within[-1] else int(np.flatnonzero(within)[-1]) + 1 if within.any() else 0


def outcome(run: Any, box: np.ndarray | None = None) -> str:
    """In words, what became of a descent."""
    if run.diverged_at is not None:
        return f"diverged at step {run.diverged_at}"
    left = None if box is None else leaves_box_at(run.theta, box)
    end = f"ends at {point_in_words(run.theta[-1])} with loss {run.loss[-1]:.3g}"
    return end if left is None else f"{end}, off the map from step {left}"


def point_in_words(theta: np.ndarray) -> str:
    return in_parentheses([f"{x:.3g}" for x in theta])


def _within(theta: np.ndarray, box: np.ndarray) -> Any:
    with np.errstate(invalid="ignore"):
        return ((theta >= box[:, 0]) & (theta <= box[:, 1])).all(1)


def check_dim(dim: int, function: Any = None, runs: dict[str, Any] | None = None) -> None:
    """Refuse a function or descents that have not so many coordinates."""
    own = getattr(function, "dim", dim)
    if own != dim:
        raise ValueError(f"{name_of(function)} has {own} coordinate{'s' * (own > 1)}, this picture needs {dim}")
    if runs is not None and (own := dim_of(runs)) != dim:
        raise ValueError(f"these descents have {own} coordinate{'s' * (own > 1)}, this picture needs {dim}")


def check_state(state: str, runs: dict[str, Any]) -> None:
    for name, run in runs.items():
        if state not in run.states:
            has = ", ".join(run.states) or "none"
            raise ValueError(f"{name} has no state {state!r}; its states: {has}")


def check_axes(ax: Any) -> None:
    check.kind("ax", ax, (Axes, NoneType), "a matplotlib Axes")
