"""What a card shows of a film, 240 pixels wide: trails, a landscape or curves to the edge, without words or numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from ..canvas import Shade, aspect, clip_to_box, contours, heights, leaves_box_at, minima_of
from ..figures import plot_surface
from ..losses import Losses
from ..style import FAINT, GROUND, HALO, HEIGHTS, ON_GROUND, PALE, Style
from .panels import Subject

#: Pixels, of which a screen shows half as many or all; a marker, a trail and its seam.
SIZE = (480, 300)
HEAD, TRAIL, SEAM = 17, 4.6, 7.4
#: A map shows what the bold trails pass, and around it this share; but no less than that share of the whole map.
MARGIN, LEAST = 0.16, 0.2
LINES = 9


@dataclass(frozen=True)
class Look:
    ground: str
    heights: LinearSegmentedColormap
    line: str
    edge: str  # of markers
    curve: str  # a function of one coordinate
    relief: LinearSegmentedColormap  # a landscape seen from the side, which no trail has to stand out from


DAY = LinearSegmentedColormap.from_list("optguide_day", ["#2c4d84", "#6f95c7", "#a9c2e2", "#d3e0f1"])
LOOKS = {
    "dark": Look(GROUND, HEIGHTS, FAINT, "white", ON_GROUND, HEIGHTS),
    "light": Look("#eef2f8", PALE, "#5b7396", HALO, "#33425c", DAY),
}


def thumbnail(subject: Subject, theme: str, bold: Sequence[str], faint: Sequence[str]) -> Image.Image:
    """The bold and the faint of the runs; of none, the landscape as a relief."""
    look = LOOKS[theme]
    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, layout="none", facecolor=look.ground)  # pyright: ignore[reportArgumentType]
    canvas = FigureCanvasAgg(figure)
    drawn = [(name, run, style) for name, run, style in subject if name in (*bold, *faint)]
    drawn.sort(key=lambda each: each[0] in bold)  # the bold ones lie on top
    dim = 0 if subject.edges is None else len(subject.edges)
    if dim == 2 and not drawn:
        _relief(figure, subject, look)
    else:
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_facecolor(look.ground)
        ax.xaxis.set_visible(False)
        ax.yaxis.set_visible(False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        {0: _chart, 1: _curve, 2: _map}[dim](ax, subject, drawn, set(bold), look)
    canvas.draw()
    return Image.frombuffer("RGBA", SIZE, bytes(canvas.buffer_rgba()), "raw", "RGBA", 0, 1).convert("RGB")


def _map(ax: Any, subject: Subject, drawn: list[Any], bold: set[str], look: Look) -> None:
    function, edges = subject.function, subject.edges
    view = _view(edges, [clip_to_box(run.theta, edges) for name, run, _ in drawn if name in bold])
    x, y = (np.linspace(low, high, pixels // 2) for (low, high), pixels in zip(view, SIZE, strict=True))
    z = heights(function, x, y[:, None])
    shade = Shade.of(function, z)
    shaded = np.ma.masked_invalid(shade(z))
    ax.imshow(
        shaded, cmap=look.heights, vmin=0, vmax=1, origin="lower", extent=tuple(view.ravel()),
        interpolation="bilinear", aspect="auto",
    )  # fmt: skip
    levels = contours(LINES, shade, z)
    if levels.size:
        ax.contour(x, y, shaded, shade(levels), colors=look.line, linewidths=1.1, alpha=0.5)
    ax.set(xlim=view[0], ylim=view[1])
    for point in minima_of(function):
        ax.plot(*point, "o", ms=13, mfc="none", mec=look.curve, mew=2.2, zorder=4)
    for name, run, style in drawn:
        trail = clip_to_box(run.theta, edges)
        lost = leaves_box_at(run.theta, edges) is not None
        _trail(ax, trail, style, name in bold, lost, look)


def _view(edges: np.ndarray, trails: Iterable[np.ndarray]) -> np.ndarray:
    """The part of a map that is shown, with the proportions of the picture if the map is drawn to scale."""
    points = np.concatenate(list(trails))
    points = points[np.isfinite(points).all(1)]
    whole = np.ptp(edges, axis=1)
    low, high = points.min(0), points.max(0)
    centre, size = (low + high) / 2, np.maximum((high - low) * (1 + 2 * MARGIN), LEAST * whole)
    if aspect(edges) == "equal":
        size = np.maximum(size, size[::-1] * (SIZE[0] / SIZE[1], SIZE[1] / SIZE[0]))
    return np.stack([centre - size / 2, centre + size / 2], axis=1)


def _relief(figure: Figure, subject: Subject, look: Look) -> None:
    ax: Any = figure.add_axes((-0.15, -0.55, 1.3, 2.0), projection="3d")
    plot_surface(subject.function, box=subject.edges, ax=ax)
    for ground in ax.collections:
        ground.set(cmap=look.relief, edgecolor=(*to_rgb(look.line), 0.3))
    for mark in ax.lines:
        mark.remove()
    ax.set_axis_off()
    ax.set_box_aspect((1, 1, 0.6), zoom=1.05)


def _curve(ax: Any, subject: Subject, drawn: list[Any], bold: set[str], look: Look) -> None:
    """A function of one coordinate, and the points that descents passed on it."""
    (low, high), function = subject.edges[0], subject.function
    x = np.linspace(low, high, 401)
    z = heights(function, x)
    ax.plot(x, z, color=look.curve, lw=4, alpha=0.75)
    margin = 0.12 * np.nanmax(z - np.nanmin(z))
    ax.set(xlim=(low, high), ylim=(np.nanmin(z) - 2 * margin, np.nanmax(z) + margin))
    for name, run, style in drawn:
        trail = clip_to_box(run.theta, subject.edges)
        lost = leaves_box_at(run.theta, subject.edges) is not None
        points = np.column_stack([trail, heights(function, trail[:, 0])])
        _trail(ax, points, style, name in bold, lost, look)


def _chart(ax: Any, subject: Subject, drawn: list[Any], bold: set[str], look: Look) -> None:
    """Against the steps: what is told of responses, the loss of descents."""
    if subject.function is None:
        series = {name: run.states[run.told][:, 0] for name, run, _ in drawn}
    else:
        losses = Losses.of(subject.runs)
        losses.prepare(ax)
        series = losses.series
    for name, run, style in drawn:
        line = np.column_stack([np.arange(len(series[name])), series[name]])
        _trail(ax, line, style, name in bold, run.diverged_at is not None, look)
    last = max(run.steps for _, run, _ in drawn)
    ax.set_xlim(-0.03 * last, 1.06 * last)
    if subject.function is None:
        shown = np.concatenate([values for name, values in series.items() if name in bold])
        ax.set_ylim(shown.min(), shown.max() + (shown.min() == shown.max()))
    # Room for the heads, whatever the scale.
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.array(ax.get_ylim()))
    ax.set_ylim(*scale.inverted().transform(np.array([low - 0.12 * (high - low), high + 0.08 * (high - low)])))
    ax.set_facecolor(look.ground)
    ax.grid(False)


def _trail(ax: Any, points: np.ndarray, style: Style, bold: bool, lost: bool, look: Look) -> None:
    """A line, and at its end the head of the run, or a cross if it left the picture or diverged."""
    shown = points[np.isfinite(points).all(1)]
    width = TRAIL if bold else TRAIL * 0.6
    seam = [effects.Stroke(linewidth=width * SEAM / TRAIL, foreground=HALO, alpha=0.6), effects.Normal()]
    ax.plot(
        *points.T, color=style.color, lw=width, alpha=1 if bold else 0.45, zorder=6 if bold else 5,
        path_effects=seam if bold else None, solid_capstyle="round", solid_joinstyle="round",
    )  # fmt: skip
    if bold and len(shown):
        ax.plot(*shown[-1], "X" if lost else style.marker, ms=HEAD, mfc=style.color, mec=look.edge, mew=2.2, zorder=7)
