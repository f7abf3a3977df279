"""Static figures of surfaces and descents. Every function takes ``ax`` and returns it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .style import (
    FAINT,
    GROUND,
    HALO,
    HEIGHTS,
    ON_GROUND,
    PALETTE,
    Look,
    ground,
    legend_on_ground,
    looks,
    new_axes,
    shorten,
)

Box = Sequence[tuple[float, float]]

#: Log shading is linear below this share of the height range, so that it reaches the minimum and nothing is <= 0.
LOG_FLOOR = 1e-2
#: Contour lines of a map whose surface does not bring its own.
LEVELS = 16


def as_runs(runs: Any) -> dict[str, Any]:
    """One descent or a mapping of descents as a checked dict of unbatched descents."""
    if hasattr(runs, "theta"):
        runs = {runs.name: runs}
    if not isinstance(runs, Mapping):
        raise TypeError(f"runs must be a Descent or a mapping from names to Descents, got {type(runs).__name__}")
    if not runs:
        raise ValueError("runs must hold at least one descent, got an empty mapping")
    for name, run in runs.items():
        if not isinstance(name, str):
            raise TypeError(f"runs must be named by strings, got the name {name!r}")
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError(f"a name must be text that can be written as UTF-8, got {name!r}") from None
        if not hasattr(run, "theta"):
            raise TypeError(f"runs[{name!r}] must be a Descent, got {type(run).__name__}")
        if run.loss.ndim != 1:
            raise ValueError(
                f"plot one descent at a time: {name!r} is a batch of {math.prod(run.loss.shape[1:])}, "
                f"with theta of shape {run.theta.shape}; descend from one start with plain numbers as settings"
            )
    dims = {run.theta.shape[1] for run in runs.values()}
    if len(dims) > 1:
        raise ValueError(f"runs must have the same number of coordinates, got {sorted(dims)}")
    return runs


def function_of(runs: dict[str, Any]) -> Callable[..., Any]:
    """The one function that all runs descend."""
    functions = [run.function for run in runs.values()]
    if any(f is not functions[0] for f in functions):
        names = ", ".join(dict.fromkeys(map(title_of, functions)))
        raise ValueError(f"runs must descend the same function to share a picture, got different ones: {names}")
    return functions[0]


def title_of(function: Any) -> str:
    return getattr(function, "name", None) or getattr(function, "__name__", "f").strip("<>")


def axes_of(function: Any, dim: int) -> tuple[str, ...]:
    return tuple(getattr(function, "axes", None) or (("x", "y") if dim <= 2 else (f"x{i}" for i in range(1, dim + 1))))


def minima_of(function: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(function.known_minima()) if hasattr(function, "known_minima") else ()


def heights(function: Callable[..., Any], *coordinates: Any) -> np.ndarray:
    """The function's values, computed by torch in float64; NaN where it is not finite."""
    tensors = torch.broadcast_tensors(*(torch.as_tensor(np.asarray(c, dtype=np.float64)) for c in coordinates))
    if not callable(function):
        raise TypeError(f"function must be callable, got {function!r}")
    with torch.no_grad():
        z = np.asarray(function(*tensors))
    if z.dtype.kind not in "fiub" or z.shape not in ((), tensors[0].shape):
        raise TypeError(
            f"function must return one real height per point: points of shape {tuple(tensors[0].shape)} "
            f"gave {z.dtype} of shape {z.shape}"
        )
    z = np.array(np.broadcast_to(z.astype(np.float64), tensors[0].shape))
    z[~np.isfinite(z)] = np.nan
    return z


def check_axes(ax: Any) -> None:
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes, got {ax!r}")


def box_of(function: Any, runs: dict[str, Any] | None = None, box: Box | None = None, dim: int = 2) -> np.ndarray:
    """The part of the domain to show, shape (dim, 2): as given, or the surface's own, or that of the trails."""
    own = getattr(function, "dim", dim)
    if own != dim:
        raise ValueError(f"{title_of(function)} has {own} coordinate{'s' * (own > 1)}, this picture needs {dim}")
    if runs is not None and (d := next(iter(runs.values())).theta.shape[1]) != dim:
        raise ValueError(f"these descents have {d} coordinate{'s' * (d > 1)}, this picture needs {dim}")
    if box is None:
        box = getattr(function, "box", None)
    if box is not None:
        try:
            edges = _real(box)
        except (TypeError, ValueError, OverflowError, RuntimeError):
            raise TypeError(f"box must hold {dim} (low, high) pairs of numbers, got {box!r}") from None
        if edges.shape != (dim, 2) or not (edges[:, 0] < edges[:, 1]).all() or not np.isfinite(edges).all():
            raise ValueError(f"box must hold {dim} finite (low, high) pairs with low < high, got {box!r}")
        return edges
    if runs is None:
        raise ValueError(f"box must be given: {title_of(function)} has none of its own; box=((-1, 1), (-1, 1))"[:None])
    calm = [run.theta for run in runs.values() if run.diverged_at is None]
    points = np.concatenate(calm or [run.theta[:1] for run in runs.values()])
    low, high = points.min(0), points.max(0)
    margin = np.maximum(0.15 * (high - low), np.where(high > low, 0, 1))
    return np.stack([low - margin, high + margin], axis=1)


@dataclass(frozen=True)
class Shade:
    """Spreads heights over [0, 1]: linear, square root, or log from `LOG_FLOOR` of the range upwards."""

    low: float
    high: float
    kind: str

    @classmethod
    def of(cls, function: Any, z: np.ndarray) -> Shade:
        known = [float(heights(function, *point)) for point in minima_of(function)]
        finite = z[np.isfinite(z)]
        if not finite.size:
            raise ValueError(f"{title_of(function)} has no finite height in this box")
        low, high = min([finite.min(), *known]), float(finite.max())
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


def inside(theta: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The trail as far as a box shows it: same length, points outside NaN, but each exit put on the edge."""
    shown = theta.astype(np.float64).copy()
    with np.errstate(invalid="ignore"):
        within = ((theta >= box[:, 0]) & (theta <= box[:, 1])).all(1)
    shown[~within] = np.nan
    for i in np.flatnonzero(within[:-1] & ~within[1:]) + 1:
        a, step = theta[i - 1], theta[i] - theta[i - 1]
        if np.isfinite(step).all():
            with np.errstate(divide="ignore", invalid="ignore"):
                reach = np.where(step > 0, (box[:, 1] - a) / step, np.where(step < 0, (box[:, 0] - a) / step, np.inf))
            shown[i] = np.clip(a + reach.min() * step, box[:, 0], box[:, 1])
    return shown


def left_at(theta: np.ndarray, box: np.ndarray) -> int | None:
    """The step at which a trail leaves the box for good, or None if it ends within."""
    with np.errstate(invalid="ignore"):
        within = ((theta >= box[:, 0]) & (theta <= box[:, 1])).all(1)
    return None if within[-1] else int(np.flatnonzero(within)[-1]) + 1 if within.any() else 0


def label_of(name: str, run: Any, box: np.ndarray | None = None) -> str:
    """The run's name, and what became of it if it was lost."""
    if run.diverged_at is not None:
        return f"{name}\n(diverged at step {run.diverged_at})"
    if box is not None and (step := left_at(run.theta, box)) is not None:
        return f"{name}\n(left at step {step})"
    return name


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
    levels = _check_levels((getattr(function, "levels", ()) or LEVELS) if levels is None else levels)
    x, y = (np.linspace(low, high, 301) for low, high in edges)
    z = heights(function, x, y[:, None])
    shade = Shade.of(function, z)
    ax = ax if ax is not None else new_axes(*((6, 5.6) if labels else ()))  # numbers on lines need room
    shaded = np.ma.masked_invalid(shade(z))
    ax.set_facecolor(GROUND)
    ax.imshow(
        shaded, cmap=HEIGHTS, vmin=0, vmax=1, origin="lower", extent=edges.ravel(), interpolation="bilinear",
        aspect=aspect(edges),
    )
    levels = contours(levels, shade, z)
    if levels.size:  # matplotlib warns where there is no line to draw
        lines = ax.contour(x, y, shaded, shade(levels), colors=FAINT, linewidths=0.6, alpha=0.75 if labels else 0.45)
        if labels:
            texts = {line: f"{level:.4g}" for line, level in zip(lines.levels, levels, strict=True)}
            ax.clabel(lines, fmt=texts, fontsize=8, colors=ON_GROUND)
    ax.set(xlim=edges[0], ylim=edges[1])
    for point in minima_of(function):
        ax.plot(*point, "o", ms=8, mfc="none", mec=ON_GROUND, mew=1.4, zorder=4, gid="minimum")
    _name_axes(ax, function, 2)
    return ax


def contours(levels: int | Sequence[float], shade: Shade, z: np.ndarray) -> np.ndarray:
    """The heights of the contour lines that lie between the lowest and the highest of z."""
    finite = z[np.isfinite(z)]
    wanted = shade.height(np.linspace(0, 1, levels + 2)[1:-1]) if isinstance(levels, int) else np.asarray(levels)
    return wanted[(wanted > finite.min()) & (wanted < finite.max())]


def _as_axes(axes: Any) -> np.ndarray:
    try:
        array = np.asarray(axes, dtype=object)
    except (TypeError, RuntimeError):  # some tensors do not become arrays
        array = np.full(1, None)
    if not all(isinstance(ax, Axes) for ax in array.flat):
        raise TypeError(f"axes must be matplotlib Axes, got {axes!r}")
    return array


def _real(numbers: Any) -> np.ndarray:
    """Numbers as float64. A complex one is refused: NumPy would only warn, and drop what is imaginary."""
    array = np.asarray(numbers)
    if np.iscomplexobj(array):
        raise TypeError("complex numbers have no place here")
    return array.astype(np.float64)


def _check_levels(levels: Any) -> int | np.ndarray:
    """The number of contour lines, or their heights as an array."""
    if isinstance(levels, (int, np.integer)) and not isinstance(levels, bool) and levels >= 1:
        if levels > 1000:
            raise ValueError(f"levels must be at most 1000 lines, got {levels}")
        return int(levels)
    try:
        heights = _real(levels)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        heights = np.empty(0)
    if heights.ndim == 1:
        if heights.size and np.isfinite(heights).all() and (np.diff(heights) > 0).all():
            return heights
    raise ValueError(f"levels must be a whole number >= 1 or ascending heights, got {levels!r}")


def _number(name: str, value: Any) -> float:
    try:
        plain = value.detach() if isinstance(value, torch.Tensor) else value
        number = math.nan if isinstance(value, (bool, str, bytes)) else float(plain)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return number


def aspect(edges: np.ndarray) -> str:
    width, height = edges[:, 1] - edges[:, 0]
    return "equal" if 1 / 2.5 < width / height < 2.5 else "auto"


def _name_axes(ax: Axes, function: Any, dim: int) -> None:
    names = axes_of(function, dim)
    ax.set_xlabel(names[0])
    if dim == 2:
        ax.set_ylabel(names[1])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))


def _halo(width: float) -> list[Any]:
    return [effects.Stroke(linewidth=width, foreground=HALO, alpha=0.55), effects.Normal()]


def _handle(look: Look, label: str) -> Line2D:
    return Line2D(
        [], [], color=look.color, ls=look.linestyle, lw=2, marker=look.marker, ms=7, mec="white", mew=0.8, label=label
    )


def plot_trails(runs: Any, ax: Axes | None = None) -> Axes:
    """Draw descents on a map: a small ring at the start, the head's marker at the end, a cross where one got lost.

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
    if ax is None:
        function = function_of(runs)
        ax = plot_map(function, box=box_of(function, runs))
    box = np.array([sorted(ax.get_xlim()), sorted(ax.get_ylim())])
    box_of(None, runs, box)
    handles = []
    for name, look in looks(runs).items():
        run = runs[name]
        trail = inside(run.theta, box)
        ax.plot(*trail.T, color=look.color, ls=look.linestyle, lw=2, zorder=5, label=name, gid="trail",
                path_effects=_halo(4), solid_capstyle="round", solid_joinstyle="round")
        ax.plot(*trail[0], "o", ms=6, mfc=GROUND, mec="white", mew=1.2, zorder=6, gid="start")
        lost = left_at(run.theta, box)
        if lost is None:
            ax.plot(*trail[-1], look.marker, ms=9, mfc=look.color, mec="white", mew=1, zorder=7, gid="head")
        elif lost > 0:
            end = trail[:lost + 1][np.isfinite(trail[:lost + 1, 0])][-1]
            ax.plot(*end, "X", ms=10, mfc=look.color, mec="white", mew=1, zorder=7, gid="lost", clip_on=False)
        handles.append(_handle(look, label_of(name, run, box)))
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
    (name, run), *others = as_runs(run).items()
    if others:
        raise ValueError(f"run must be one descent, got {len(others) + 1}: {name}, {', '.join(n for n, _ in others)}")
    check_axes(ax)
    lr = run.settings.get("lr", 1.0)
    scale = float(lr) if scale is None else _number("scale", scale)
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a number > 0, got {scale!r}")
    every = max(1, run.steps // 24) if every is None else every
    if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
        raise ValueError(f"every must be a whole number >= 1, got {every!r}")
    ax = plot_trails(run) if ax is None else ax
    limits = ax.get_xlim(), ax.get_ylim()
    box_of(None, {name: run}, limits)
    with np.errstate(over="ignore"):
        at, arrow = run.theta[:-1:every], -scale * run.grad[::every]
    if (np.isinf(arrow) & np.isfinite(run.grad[::every])).any():
        raise ValueError(f"scale must leave the arrows finite, got {scale!r}")
    good = np.isfinite(at).all(1) & np.isfinite(arrow).all(1)
    ax.quiver(*at[good].T, *arrow[good].T, angles="xy", scale_units="xy", scale=1, color="white", alpha=0.85,
              width=0.005, headwidth=4.5, headlength=5, zorder=6, gid="arrows")
    ax.set(xlim=limits[0], ylim=limits[1])
    return ax


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

    Heights and colours are both spread by the surface's shading, so that its hollows can be seen.

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
    elev, azim = _number("elev", elev), _number("azim", azim)
    runs = None if runs is None else as_runs(runs)
    edges = box_of(function, runs, box)
    if ax is not None and ax.name != "3d":
        raise ValueError("ax must be three-dimensional: fig.add_subplot(projection='3d')")
    x, y = (np.linspace(low, high, 73) for low, high in edges)
    z = heights(function, x, y[:, None])
    shade = Shade.of(function, z)
    ax = ax if ax is not None else new_axes(projection="3d")
    ax.computed_zorder = False  # trails lie on top
    shaded = shade(z)
    ax.plot_surface(*np.meshgrid(x, y), shaded, rstride=2, cstride=2, cmap=HEIGHTS, vmin=0, vmax=1,
                    edgecolor=(0.62, 0.72, 0.88, 0.28), linewidth=0.35, zorder=1)
    ax.set(xlim=edges[0], ylim=edges[1], zlim=(0, 1))
    ax.view_init(elev=elev, azim=azim)
    ax.set_box_aspect((1, 1, 0.6), zoom=1.1)
    _name_axes(ax, function, 2)
    ax.set_zticks([])
    ax.grid(False)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color((0, 0, 0, 0))
        axis.pane.set_edgecolor("none")
    ax.zaxis.line.set_visible(False)
    ax.patch.set_alpha(0)
    for point in minima_of(function):
        if (edges[:, 0] <= point).all() and (point <= edges[:, 1]).all():  # three-dimensional axes do not clip
            height = shade(heights(function, *point))
            ax.plot(*np.atleast_2d(point).T, height, "o", ms=8, mfc="none", mec=ON_GROUND, mew=1.4, zorder=4,
                    gid="minimum")
    handles = []
    for name, look in looks(runs or {}).items():
        run = runs[name]
        trail = inside(run.theta, edges)
        height = shade(heights(function, *trail.T))
        ax.plot(*trail.T, height, color=look.color, ls=look.linestyle, lw=2, zorder=5, label=name, gid="trail",
                path_effects=_halo(4))
        lost = left_at(run.theta, edges)
        if lost is None:
            ax.plot(*trail[-1:].T, height[-1:], look.marker, ms=8, mfc=look.color, mec="white", mew=1, zorder=7,
                    gid="head")
        elif lost > 0:
            i = np.flatnonzero(np.isfinite(trail[:lost + 1, 0]))[-1]
            ax.plot(*trail[i:i + 1].T, height[i:i + 1], "X", ms=9, mfc=look.color, mec="white", mew=1, zorder=7,
                    gid="lost")
        handles.append(_handle(look, label_of(name, run, edges)))
    if handles:
        legend_on_ground(ax, handles)
    return ax


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
    x = np.linspace(*edges[0], 501)
    z = heights(function, x)
    ax = ax if ax is not None else new_axes()
    ground(ax)
    ax.plot(x, z, color=FAINT, lw=2, zorder=3, gid="curve")
    finite = z[np.isfinite(z)]
    if not finite.size:
        raise ValueError(f"{title_of(function)} has no finite height in this box")
    margin = 0.06 * (float(np.ptp(finite)) or 1)
    limits = (finite.min() - margin, finite.max() + margin)
    ax.set(xlim=edges[0], ylim=limits)
    for point in minima_of(function):
        ax.plot(point[0], heights(function, *point), "o", ms=10, mfc="none", mec=ON_GROUND, mew=1.4, zorder=4,
                gid="minimum")
    _name_axes(ax, function, 1)
    ax.set_ylabel(f"f({axes_of(function, 1)[0]})")
    handles = []
    for name, look in looks(runs or {}).items():
        run = runs[name]
        trail = inside(run.theta, edges)[:, 0]
        ax.plot(trail, heights(function, trail), color=look.color, lw=1, marker=look.marker, ms=5, mec=HALO, mew=0.4,
                zorder=5, label=name, gid="trail")
        if left_at(run.theta, edges) is None:
            ax.plot(trail[-1], heights(function, trail[-1]), look.marker, ms=9, mfc=look.color, mec="white", mew=1,
                    zorder=7, gid="head")
        handles.append(_handle(look, label_of(name, run, edges)))
    if handles:
        legend_on_ground(ax, handles)
    return ax


@dataclass(frozen=True)
class Losses:
    """What a loss chart shows: one series per run, NaN where there is nothing to show."""

    series: dict[str, np.ndarray]
    label: str
    scale: str
    limits: tuple[float, float]

    @classmethod
    def of(cls, runs: dict[str, Any]) -> Losses:
        series, calm = {}, []
        for name, run in runs.items():
            loss = np.where(np.isfinite(run.loss), run.loss, np.nan)
            if run.diverged_at is not None:
                loss[run.diverged_at:] = np.nan
            series[name] = loss
            calm.append(loss if run.diverged_at is None else loss[:1])
        label, scale = "loss", "log"
        shown = lambda values: np.concatenate(list(values))[np.isfinite(np.concatenate(list(values)))]  # noqa: E731
        functions = {id(run.function): run.function for run in runs.values()}
        minima = minima_of(next(iter(functions.values()))) if len(functions) == 1 else ()
        if not (shown(series.values()) > 0).all():
            if minima:
                lowest = min(float(heights(next(iter(functions.values())), *point)) for point in minima)
                label = "loss" if lowest == 0 else f"loss − lowest value ({lowest:.5g})"
                series = {name: loss - lowest for name, loss in series.items()}
                calm = [loss - lowest for loss in calm]
                for loss in (*series.values(), *calm):
                    loss[loss <= 0] = np.nan  # a log scale cannot show them
            else:
                scale = "linear"
        values = shown(calm)
        if not values.size:
            return cls(series, label, "linear", (-1, 1))
        low, high = float(values.min()), float(values.max())
        if scale == "log":
            return cls(series, label, scale, (low / 1.6, high * (1.6 if len(calm) else 1)))
        margin = 0.06 * (high - low or 1)
        return cls(series, label, scale, (low - margin, high + margin))

    def prepare(self, ax: Axes, steps: int) -> None:
        ground(ax)
        ax.set_yscale(self.scale)
        ax.set(xlim=(-0.02 * steps, 1.02 * steps), ylim=self.limits, xlabel="step", ylabel=self.label)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def plot_loss(runs: Any, ax: Axes | None = None) -> Axes:
    """Draw loss against step. A run that diverged ends with a cross.

    The scale is logarithmic if all losses are positive. If not, and the surface knows its minima, the distance
    to its lowest value is drawn, and the axis says so; otherwise the scale is linear.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent
        What to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no run or a run is a batch.
    """
    check_axes(ax)
    runs = as_runs(runs)
    losses = Losses.of(runs)
    ax = ax if ax is not None else new_axes()
    losses.prepare(ax, max(run.steps for run in runs.values()))
    handles = []
    for name, look in looks(runs).items():
        loss, run = losses.series[name], runs[name]
        ax.plot(np.arange(len(loss)), loss, color=look.color, ls=look.linestyle, lw=2, label=name, gid="trail",
                path_effects=_halo(3.2), zorder=5)
        seen = np.flatnonzero(np.isfinite(loss))
        if seen.size:
            lost = run.diverged_at is not None
            height = np.clip(loss[seen[-1]], *losses.limits)
            ax.plot(seen[-1], height, "X" if lost else look.marker, ms=10 if lost else 7, mfc=look.color, mec="white",
                    mew=1, zorder=7, gid="lost" if lost else "head", clip_on=False)
        handles.append(_handle(look, label_of(name, run)))
    legend_on_ground(ax, handles)
    return ax


def plot_states(run: Any, names: str | Sequence[str] | None = None, axes: Any = None) -> Any:
    """Draw an optimizer's state against step: one chart per state, one line per coordinate.

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
    (name, run), *others = as_runs(run).items()
    if others:
        raise ValueError(f"run must be one descent, got {len(others) + 1}: {name}, {', '.join(n for n, _ in others)}")
    names = list(run.states) if names is None else [names] if isinstance(names, str) else names
    if not isinstance(names, Sequence):
        raise TypeError(f"names must be names of states, got {names!r}")
    for state in names:
        check_state(state, {name: run})
    if not names:
        raise ValueError(f"{name} has no state to draw")
    if axes is None:
        import matplotlib.pyplot as plt

        with plt.rc_context({"font.size": 11}):
            fig, axes = plt.subplots(len(names), sharex=True, squeeze=False, dpi=150, layout="constrained",
                                     figsize=(7, 1.4 + 1.5 * len(names)))
        del fig
    axes = np.atleast_1d(_as_axes(axes)).ravel()
    if len(axes) != len(names):
        raise ValueError(f"axes must hold one Axes for each of {', '.join(names)}; got {len(axes)}")
    coordinates = axes_of(run.function, run.theta.shape[1])
    color = next(iter(looks({name: run}).values())).color
    for ax, state in zip(axes, names, strict=True):
        ground(ax)
        for i, coordinate in enumerate(coordinates):
            ax.plot(run.states[state][:, i], color=color, ls=("-", (0, (3, 1.4)), (0, (1, 1)))[i % 3], lw=2,
                    label=coordinate, gid="trail", path_effects=_halo(3.2))
        ax.set_ylabel(state)
        ax.margins(x=0.02)
    axes[-1].set_xlabel("step")
    axes[-1].xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if len(coordinates) > 1:
        legend_on_ground(axes[0], outside=False, ncols=len(coordinates))
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
    if hasattr(responses, "update") and hasattr(responses, "gradient"):
        responses = {getattr(responses.signal, "__name__", "signal"): responses}
    if not isinstance(responses, Mapping):
        raise TypeError(f"responses must be a Response or a mapping of Responses, got {type(responses).__name__}")
    for name, response in responses.items():
        if not (hasattr(response, "update") and hasattr(response, "gradient")):
            raise TypeError(f"responses[{name!r}] must be a Response, got {type(response).__name__}")
        if response.update.ndim > 2:
            raise ValueError(f"{name!r} is a batch of shape {response.update.shape[1:]}; one axis can be drawn")
    widths = {response.update[0].size for response in responses.values()}
    if len(widths) != 1:
        raise ValueError(f"responses must have the same number of settings, got {sorted(widths) or 'none'}")
    rows, columns = len(responses), widths.pop()
    if axes is None:
        import matplotlib.pyplot as plt

        with plt.rc_context({"font.size": 10, "axes.titlesize": 10, "axes.labelsize": 10}):
            _, axes = plt.subplots(rows, columns, sharex=True, sharey="row", squeeze=False, dpi=150,
                                   layout="constrained", figsize=(5, 0.8 + 1.05 * rows))
    axes = _as_axes(axes)
    if axes.size != rows * columns:
        raise ValueError(f"axes must hold {rows} by {columns} Axes, got {axes.size}")
    axes = axes.reshape(rows, columns)
    for row, (name, response) in zip(axes, responses.items(), strict=True):
        updates = response.update.reshape(len(response.t), columns)
        for ax, update in zip(row, updates.T, strict=True):
            ground(ax)
            ax.plot(response.t, response.gradient, color=FAINT, lw=0.7, alpha=0.7, gid="gradient")
            ax.plot(response.t, update, color=response.color or PALETTE[0], lw=1.5, gid="update")
            ax.margins(x=0)
            ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
            ax.yaxis.set_major_locator(MaxNLocator(3))
        row[0].set_ylabel(shorten(str(name).replace("_", " ").replace(" ", "\n"), 20), parse_math=False)
    for ax, title in zip(axes[0], _varied(next(iter(responses.values())).settings, columns), strict=True):
        ax.set_title(title)
    for ax in axes[-1]:
        ax.set_xlabel("t")
    return axes


def _varied(settings: dict[str, Any], columns: int) -> list[str]:
    """What distinguishes the columns of a batch: the settings that are arrays."""
    titles = [[] for _ in range(columns)]
    for name, value in settings.items():
        parts = value if isinstance(value, tuple) else (value,)
        if any(np.size(part) > 1 for part in parts):
            spread = np.broadcast_arrays(*(np.ravel(part) for part in parts), np.empty(columns))[:-1]
            for title, numbers in zip(titles, zip(*spread, strict=True), strict=True):
                text = ", ".join(f"{number:g}" for number in numbers)
                title.append(f"{name}\n({text})" if isinstance(value, tuple) else f"{name}\n{text}")
    return ["\n".join(title) for title in titles]


def check_state(state: str, runs: dict[str, Any]) -> None:
    for name, run in runs.items():
        if state not in run.states:
            has = ", ".join(run.states) or "none"
            raise ValueError(f"{name} has no state {state!r}; its states: {has}")
