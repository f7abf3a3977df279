"""The panels of a film: each is drawn once, then turns what was recorded into tracks of its pixels."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d import proj3d

from ..canvas import Shade, as_lines, axes_of, clip_to_box, dim_of, heights, leaves_box_at
from ..figures import plot_curve, plot_map, plot_surface
from ..figures.relief import RELIEF
from ..losses import Losses
from ..spectra import PANEL as VALUES
from ..spectra import UPDATES, has_matrix, label_of, spectrum
from ..style import COORDINATES, ON_GROUND, Style, assign_styles, dark_background


@dataclass(frozen=True)
class Subject:
    """What a film is about: descents, what they descend, and the box of it that is seen, if it has a picture.

    Responses descend nothing.
    """

    runs: dict[str, Any]
    function: Any
    edges: Any  # an array, or None

    @functools.cached_property
    def styles(self) -> dict[str, Style]:
        return assign_styles(self.runs)

    def __iter__(self) -> Iterator[tuple[str, Any, Style]]:
        return ((name, run, self.styles[name]) for name, run in self.runs.items())


@dataclass(frozen=True)
class Track:
    """One line that grows with the steps: pixel positions, shape (steps + 1, 2), NaN where nothing is shown."""

    points: np.ndarray
    color: str
    width: float
    clip: Any
    marker: str | None = None
    lost_at: int | None = None


#: A panel's left and bottom edge, width and height, as shares of the figure.
Place = Sequence[float]
#: Called once the figure has been drawn, when it is known which pixel is which point.
Tracks = Callable[[], list[Track]]


def draw_panel(panel: str, figure: Figure, place: Place, subject: Subject) -> Tracks:
    """Draw a panel by its name, without its tracks."""
    known = {**STAGES, "loss": _draw_loss}
    if panel in known:
        return known[panel](figure, place, subject)
    if panel in (VALUES, UPDATES) and has_matrix(subject.function):
        return _draw_spectrum(panel, figure, place, subject)
    return _draw_state(panel, figure, place, subject)


def _draw_map(figure: Figure, place: Place, subject: Subject) -> Tracks:
    ax = figure.add_axes(_inner(figure, place))
    plot_map(subject.function, box=subject.edges, ax=ax)
    _enlarge(ax)
    return lambda: [_trail(ax, trail, run, style, subject.edges) for trail, run, style in _clipped(subject)]


def _draw_surface(figure: Figure, place: Place, subject: Subject) -> Tracks:
    function, edges = subject.function, subject.edges
    left, bottom, width, height = place
    ax: Any = figure.add_axes((left, bottom - 0.04 * height, width, height), projection="3d")
    plot_surface(function, box=edges, ax=ax)
    ax.set_axis_off()  # the map beside it has the numbers
    ax.set_box_aspect((1, 1, 0.6), zoom=1.02)
    x, y = (np.linspace(low, high, RELIEF) for low, high in edges)
    shade = Shade.of(function, heights(function, *np.meshgrid(x, y)))

    def project(trail: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):  # a trail may pass where there is no height
            x, y = trail.T
            x, y, _ = proj3d.proj_transform(x, y, shade(heights(function, x, y)), ax.get_proj())
        return np.stack([np.ma.filled(x, np.nan), np.ma.filled(y, np.nan)], axis=1)

    return lambda: [
        _trail(ax, project(trail), run, style, edges, figure.bbox) for trail, run, style in _clipped(subject)
    ]


def _draw_curve(figure: Figure, place: Place, subject: Subject) -> Tracks:
    ax = figure.add_axes(_inner(figure, place))
    plot_curve(subject.function, ax=ax, box=subject.edges)
    _enlarge(ax)
    return lambda: [
        _trail(ax, np.column_stack([trail, heights(subject.function, *trail.T)]), run, style, subject.edges)
        for trail, run, style in _clipped(subject)
    ]


#: Panels that show the function itself.
STAGES = {"map": _draw_map, "curve": _draw_curve, "surface": _draw_surface}


def _draw_loss(figure: Figure, place: Place, subject: Subject) -> Tracks:
    losses = Losses.of(subject.runs)
    ax = figure.add_axes(_inner(figure, place))
    losses.prepare(ax)
    _enlarge(ax)
    return lambda: [
        Track(_against_step(ax, losses.series[name]), style.color, 2.2, ax.bbox, style.marker, run.diverged_at)
        for name, run, style in subject
    ]


def _draw_state(state: str, figure: Figure, place: Place, subject: Subject) -> Tracks:
    lines = list(_lines_of_state(state, subject))
    ax = figure.add_axes(_inner(figure, place))
    dark_background(ax)
    values = np.concatenate([line for line, *_ in lines])
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)
    margin = 0.08 * (high - low or 1)
    last = max(len(line) for line, *_ in lines) - 1
    ax.set(xlim=(-0.02 * last, 1.02 * last), ylim=(low - margin, high + margin), xlabel="step")
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if subject.function is None:
        ax.set_ylabel(state)
    else:
        whole = any(run.states[state].shape[1] > 2 for run in subject.runs.values())
        ax.set_ylabel(f"length of {state}" if whole else f"{state}, per coordinate")
    if subject.function is not None and len(subject.runs) == 1 and len(lines) == dim_of(subject.runs):
        names = axes_of(subject.function, len(lines))
        handles = [
            Line2D([], [], color=color, linewidth=width, label=name)
            for (_, color, width, _), name in zip(lines, names, strict=True)
        ]
        legend = ax.legend(
            handles=handles, frameon=False, labelcolor=ON_GROUND, fontsize=12, loc="lower right",
            bbox_to_anchor=(1.01, 0.97), ncols=len(handles),
        )  # fmt: skip
        legend.set_gid("on-ground")
    _enlarge(ax)
    return lambda: [
        Track(_against_step(ax, line), color, width, ax.bbox, marker) for line, color, width, marker in lines
    ]


def _draw_spectrum(panel: str, figure: Figure, place: Place, subject: Subject) -> Tracks:
    found = [(spectrum(panel, run), run, style) for _, run, style in subject]
    ax = figure.add_axes(_inner(figure, place))
    dark_background(ax)
    calm = [values for values, run, _ in found if run.diverged_at is None] or [values for values, *_ in found]
    values = np.concatenate([part.ravel() for part in calm])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.1, 1.0)
    last = max(run.steps for _, run, _ in found)
    ax.set_yscale("log")
    ax.set(xlim=(-0.02 * last, 1.02 * last), ylim=(low / 1.6, high * 1.6), xlabel="step")
    ax.set_ylabel(label_of(panel, subject.function))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    _enlarge(ax)
    return lambda: [
        Track(_against_step(ax, line), style.color, 1.5 if j else 2.2, ax.bbox, None if j else style.marker)
        for lines, _, style in found
        for j, line in enumerate(lines.T)
    ]


def _lines_of_state(state: str, subject: Subject) -> Iterator[tuple[np.ndarray, str, float, str]]:
    """For each run that has it and each coordinate: the values, and the colour, width and marker of their line."""
    for _, run, style in subject:
        if state not in run.states:
            continue
        for j, line in enumerate(as_lines(run.states[state]).T):
            own = len(subject.runs) > 1 or j == 0
            color = style.color if own else COORDINATES[(j - 1) % len(COORDINATES)]
            yield line, color, 2.4 if j == 0 else 1.5, style.marker


def _clipped(subject: Subject) -> Iterator[tuple[np.ndarray, Any, Style]]:
    return ((clip_to_box(run.theta, subject.edges), run, style) for _, run, style in subject)


def _trail(ax: Any, points: np.ndarray, run: Any, style: Style, edges: np.ndarray, clip: Any = None) -> Track:
    lost = leaves_box_at(run.theta, edges)
    return Track(_pixels(ax, points), style.color, 2.6, ax.bbox if clip is None else clip, style.marker, lost)


def _inner(figure: Figure, place: Place) -> tuple[float, float, float, float]:
    """The axes' own rectangle within a panel: room for labels on the left and below, in pixels the same everywhere."""
    left, bottom, width, height = place
    x, y = 1 / figure.bbox.width, 1 / figure.bbox.height
    return left + 78 * x, bottom + 58 * y, width - 98 * x, height - 84 * y


def _enlarge(ax: Any) -> None:
    """Labels that survive a phone's width."""
    ax.tick_params(labelsize=11.5)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_size(13)


def _pixels(ax: Any, points: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        pixels = ax.transData.transform(points)
    return np.where(np.isfinite(pixels), pixels, np.nan)


def _against_step(ax: Any, values: np.ndarray) -> np.ndarray:
    return _pixels(ax, np.column_stack([np.arange(len(values), dtype=float), values]))
