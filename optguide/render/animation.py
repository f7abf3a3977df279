"""Animations of recorded descents, and their fast export to files.

The scene is drawn once. Every panel then turns its data into tracks of pixels, once. A frame is the scene with
all tracks up to a step: only the new bits are drawn, onto what is there, and piped to ffmpeg.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import functools
import io
import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import imageio_ffmpeg
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, IdentityTransform
from mpl_toolkits.mplot3d import proj3d
from PIL import Image

from ..files import check_path, whole
from ..progress import tqdm
from . import player
from .canvas import (
    Box,
    Shade,
    as_runs,
    axes_of,
    box_of,
    check_state,
    clip_to_box,
    function_of,
    heights,
    leaves_box_at,
    outcome,
    point_in_words,
    title_of,
)
from .figures import plot_curve, plot_map, plot_surface
from .losses import Losses
from .style import COORDINATES, GROUND, HALO, ON_GROUND, assign_styles, dark_background, repaint, shorten, write_labels

#: Panels that show the function itself.
STAGES = ("map", "curve", "surface")
#: Pixels: a panel, and the bands above (title, step) and below (one legend row) it.
PANEL, TOP, ROW = 480, 40, 30

_QUIET = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")
#: ffmpeg's options for each suffix. Two threads always, because the bytes depend on their number.
CODECS = {
    ".mp4": "-c:v libx264 -preset veryfast -tune animation -crf 32 -pix_fmt yuv420p -movflags +faststart -threads 2",
    ".webm": "-c:v libvpx-vp9 -crf 38 -b:v 0 -deadline realtime -cpu-used 5 -pix_fmt yuv420p -threads 2",
    ".gif": "-vf split[a][b];[a]palettegen=max_colors=96:stats_mode=diff[p];[b][p]paletteuse=dither=none -loop 0",
    ".webp": "-c:v libwebp_anim -quality 60 -loop 0",
}
#: The suffixes that `Animation.save` takes.
SUFFIXES = (*CODECS, ".png", ".html")


@dataclass(frozen=True)
class Track:
    """One line that grows with the steps: pixel positions, shape (steps + 1, 2), NaN where nothing is shown."""

    points: np.ndarray
    color: str
    width: float
    clip: Any
    marker: str | None = None
    lost_at: int | None = None


class Animation:
    """Recorded descents as a moving picture. Made by `animate`; shows itself in a notebook.

    Attributes
    ----------
    size : (int, int)
        Width and height in pixels.
    steps : ndarray of int
        The step that each frame shows; the last one is the last of the descent.
    alt : str
        One sentence that says what is seen, computed from the data.
    """

    _theme: str | None = None  # that of the page behind the picture; a film has a ground of its own

    def __init__(
        self,
        runs: dict[str, Any],
        panels: tuple[str, ...],
        frames: int,
        fps: int,
        title: str,
        box: Box | None,
    ) -> None:
        self._runs, self._panels, self._fps, self._title, self._box = runs, panels, fps, title, box
        self._function = function_of(runs)
        dim = next(iter(runs.values())).theta.shape[1]
        self._edges = box_of(self._function, runs, box, dim=dim) if dim <= 2 else None
        self._last = max(len(run.theta) for run in runs.values()) - 1
        self.steps = np.unique(np.linspace(0, self._last, min(frames, self._last + 1)).round().astype(int))
        rates = {run.settings.get("lr") for run in runs.values()}
        if len(rates) == 1 and None not in rates:
            self._title = f"{title}, lr {rates.pop():g}"
            self._settings = [""] * len(runs)
        else:
            self._settings = [_rate(name, run) for name, run in runs.items()]
        labels = [", ".join(filter(None, pair)) for pair in zip(runs, self._settings, strict=True)]
        self._labels = [shorten(" ".join(label.split())) for label in labels]
        width = PANEL * min(len(panels), 2)
        self._columns = max(1, min(len(runs), width // (64 + 10 * max(map(len, self._labels)))))
        rows = -(-len(runs) // self._columns)
        self.size = (width, TOP + PANEL + ROW * rows + (ROW * rows) % 2)

    def __repr__(self) -> str:
        return f"<animation of {', '.join(self._runs)}: {len(self.steps)} frames, {self.size[0]} x {self.size[1]}>"

    @property
    def alt(self) -> str:
        """One sentence that says what is seen, computed from the data."""
        ends = [f"{name} {outcome(run, self._edges)}" for name, run in self._runs.items()]
        count = f"{len(ends)} descents" if len(ends) > 1 else "One descent"
        start = point_in_words(next(iter(self._runs.values())).theta[0])
        return f"{count} on {title_of(self._function)} from {start}, {self._last} steps: {'; '.join(ends)}."

    def save(self, path: str | os.PathLike, *, progress: bool | None = None) -> FilePath:
        """Write the animation to a file; the suffix chooses the format.

        Parameters
        ----------
        path : path
            Ends in ``.mp4``, ``.webm``, ``.gif``, ``.webp``, ``.png`` for the last frame alone, or ``.html`` for a
            page with the interactive player.
        progress : bool, optional
            Whether to show a progress bar; by default in a terminal and in a notebook only.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            If the suffix is not one of these.
        FileNotFoundError, PermissionError
            If the folder does not exist or cannot be written to; nothing has been drawn then.
        RuntimeError
            If ffmpeg fails. No file is left behind, and one that was there is untouched.
        """
        path = check_path(path, SUFFIXES)
        with whole(path) as unfinished:
            if path.suffix.lower() == ".html":
                page = player.document(self.recording, self.landscape, self._inline_stills)
                FilePath(unfinished).write_text(page, encoding="utf-8")
            elif path.suffix.lower() == ".png":
                frame = next(self._frames([self._last]))
                Image.frombuffer("RGBA", self.size, frame, "raw", "RGBA", 0, 1).convert("RGB").save(unfinished)
            else:
                self._encode(unfinished, path.suffix.lower(), progress)
        return path

    def _encode(self, target: str, suffix: str, progress: bool | None) -> None:
        steps = [*self.steps, *[self._last] * self._fps]  # the end stays for a second
        size = f"{self.size[0]}x{self.size[1]}"
        source = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", size, "-r", str(self._fps), "-i", "-"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *source]
        command += [*CODECS[suffix].split(), *_QUIET, target]
        with tempfile.TemporaryFile() as errors:
            encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors)
            try:
                disable = None if progress is None else not progress
                for frame in tqdm(self._frames(steps), "frames", len(steps), leave=False, disable=disable):
                    encoder.stdin.write(frame)
                encoder.stdin.close()
            except BrokenPipeError:
                pass  # ffmpeg gave up; it says why below
            except BaseException:
                encoder.kill()
                raise
            finally:
                with contextlib.suppress(BrokenPipeError):
                    encoder.stdin.close()
                code = encoder.wait()
            if code:
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip().splitlines()[-5:]
                raise RuntimeError(f"ffmpeg failed with status {code}: {' / '.join(said) or 'it said nothing'}")

    def stills(self, theme: str = "dark") -> list[Image.Image]:
        """The panels at the last step, on a transparent ground, in the ink of a theme: the landscape, the charts.

        What the player shows where there are no scripts, on paper, and until it has loaded.
        """
        still = copy.copy(self)
        still._theme = theme
        if self._edges is not None:  # as the player: landscape left, charts right
            usual = "map" if len(self._edges) == 2 else "curve"
            stage = next((panel for panel in self._panels if panel in STAGES), usual)
            charts = [panel for panel in self._panels if panel not in STAGES] or ["loss"]
            still._panels, still.size = (stage, *charts), (2 * PANEL, self.size[1])
        for cached in ("_scene", "_blank"):
            still.__dict__.pop(cached, None)
        frame = next(still._frames([self._last]))
        image = Image.frombuffer("RGBA", still.size, frame, "raw", "RGBA", 0, 1)
        parts = 1 if self._edges is None else 2
        width = still.size[0] // parts
        return [image.crop((i * width, TOP, (i + 1) * width, TOP + PANEL)) for i in range(parts)]

    @functools.cached_property
    def landscape(self) -> dict[str, Any] | None:
        """What the player must know of the function; None if it has more than two coordinates."""
        return None if self._edges is None else player.landscape(self._function, self._edges)

    @functools.cached_property
    def recording(self) -> dict[str, Any]:
        """What the player must know of the descents."""
        charts = [panel for panel in self._panels if panel not in STAGES]
        charts += [name for name in ("loss", "step length") if name not in charts][: max(0, 2 - len(charts))]
        return player.recording(
            self._runs, charts, title=self._title, alt=self.alt, settings=self._settings,
            seconds=len(self.steps) / self._fps, box=self._edges,
        )  # fmt: skip

    @property
    def _inline_stills(self) -> list[str]:
        """The stills as HTML that needs no other file."""
        tags = []
        for image in self.stills():
            target = io.BytesIO()
            image.save(target, "WEBP", quality=70, method=2)
            data = base64.b64encode(target.getvalue()).decode()
            tags.append(f'<img alt="" src="data:image/webp;base64,{data}">')
        return tags

    def _repr_html_(self) -> str:
        return player.fragment(self.recording, self.landscape, self._inline_stills)

    def _frames(self, steps: Sequence[int]) -> Iterator[bytes]:
        """The picture at each of the given steps (ascending), as RGBA bytes."""
        canvas, tracks, counter = self._scene
        renderer = canvas.get_renderer()
        pen = renderer.new_gc()
        pen.set_joinstyle("round")
        flat = IdentityTransform()
        canvas.restore_region(self._blank)
        earlier = before = 0

        def stroke(points: np.ndarray, color: str, width: float, alpha: float, cap: str) -> None:
            pen.set_foreground(to_rgba(color, alpha), isRGBA=True)
            pen.set_linewidth(renderer.points_to_pixels(width))
            pen.set_capstyle(cap)
            renderer.draw_path(pen, Path(points), flat)

        for step in steps:
            if step > before:
                for track in tracks:
                    pen.set_clip_rectangle(track.clip)
                    # The halo ends bluntly and the colour begins one bit earlier, so that no seam shows between bits.
                    stroke(track.points[before : step + 1], HALO, track.width + 2.2, 0.55, "butt")
                    stroke(track.points[earlier : step + 1], track.color, track.width, 1, "round")
                earlier, before = before, step
            layer = canvas.copy_from_bbox(canvas.figure.bbox)
            pen.set_clip_rectangle(None)
            pen.set_foreground("white")
            pen.set_linewidth(renderer.points_to_pixels(1.3))
            for track in tracks:
                shown = np.flatnonzero(np.isfinite(track.points[: step + 1, 0])) if track.marker else ()
                if len(shown):
                    lost = track.lost_at is not None and step >= track.lost_at
                    shape = MarkerStyle("X" if lost else track.marker)
                    outline = shape.get_path().transformed(shape.get_transform() + self._head)
                    place = Affine2D().translate(*track.points[shown[-1]])
                    renderer.draw_path(pen, outline, place, to_rgba(track.color))
            counter.set_text(f"step {step}")
            counter.draw(renderer)
            yield bytes(canvas.buffer_rgba())
            canvas.restore_region(layer)

    #: Markers are shapes about one unit wide; heads are 15 pixels.
    _head = Affine2D().scale(15)

    def _place(self, i: int) -> list[float]:
        """The rectangle of panel i. Two stand side by side; of more, the first is left, the others are piled right."""
        width, height = self.size
        pile = max(len(self._panels) - 1, 1)
        rows, column, row = (1, 0, 0) if i == 0 else (pile, 1, i - 1)
        bottom = height - TOP - PANEL * (row + 1) / rows
        return [column * PANEL / width, bottom / height, PANEL / width, PANEL / rows / height]

    @functools.cached_property
    def _scene(self) -> tuple[FigureCanvasAgg, list[Track], Text]:
        """The scene without tracks, drawn; the tracks in its pixels; the step counter."""
        width, height = self.size
        figure = Figure(figsize=(width / 100, height / 100), dpi=100, layout="none")
        canvas = FigureCanvasAgg(figure)
        makers = []
        for i, panel in enumerate(self._panels):
            draw = _PANELS.get(panel, functools.partial(_draw_state, panel))
            makers.append(draw(figure, self._place(i), self._runs, self._function, self._box))
        repaint(figure, self._theme or "dark")
        if self._theme is None:
            figure.set_facecolor(GROUND)
            figure.patch.set_alpha(1)
        figure.text(
            18 / width, 1 - 26 / height, shorten(" ".join(self._title.split())), color=ON_GROUND, fontsize=13.5,
            va="center", weight="bold", parse_math=False,
        )  # fmt: skip
        if self._theme is None:  # a still is cut out of its frame, and the letters of a legend would reach into it
            handles = [
                Line2D([], [], color=look.color, linewidth=2.6, marker=look.marker, markersize=8.5,
                       markeredgecolor="white", markeredgewidth=0.9)
                for look in assign_styles(self._runs).values()
            ]  # fmt: skip
            legend = figure.legend(
                handles=handles, labels=["name"] * len(handles), loc="lower center", ncols=self._columns,
                frameon=False, labelcolor=ON_GROUND, fontsize=12, handlelength=2.2, columnspacing=1.6, borderpad=0.1,
                labelspacing=0.45, bbox_to_anchor=(0.5, 4 / height),
            )  # fmt: skip
            write_labels(legend, self._labels)
        counter = figure.text(
            1 - 18 / width, 1 - 26 / height, "", color=ON_GROUND, fontsize=13, ha="right", va="center"
        )
        counter.set_animated(True)
        with warnings.catch_warnings():  # the player shows names that the font of the film lacks
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            canvas.draw()
        tracks = [track for make in makers for track in make()]
        return canvas, tracks, counter

    @functools.cached_property
    def _blank(self) -> Any:
        canvas = self._scene[0]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            canvas.draw()
        return canvas.copy_from_bbox(canvas.figure.bbox)


def animate(
    runs: Any,
    *,
    panels: Sequence[str] | None = None,
    frames: int = 100,
    fps: int = 20,
    title: str | None = None,
    box: Box | None = None,
) -> Animation:
    """Make a moving picture of recorded descents.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent
        What to show; all on the same function, each from a single start.
    panels : sequence of str, optional
        What stands side by side: ``"map"`` and ``"surface"`` (functions of two coordinates), ``"curve"`` (of one),
        ``"loss"``, or the name of a state variable such as ``"m"``. By default map and surface, or curve and loss.
    frames : int
        Frames to draw, at most one per step. The first and the last step are always among them.
    fps : int
        Frames per second.
    title : str, optional
        What stands above; by default the function's name.
    box : tuple of (low, high) pairs, optional
        The part of the map to show; by default the surface's own box, else that of the trails.

    Returns
    -------
    Animation

    Raises
    ------
    ValueError
        If a panel is unknown or does not suit the function, or a number is out of range.
    TypeError
        If ``runs`` is neither a descent nor a mapping of descents.
    """
    runs = as_runs(runs)
    dim = next(iter(runs.values())).theta.shape[1]
    if panels is None:
        panels = ("curve", "loss") if dim == 1 else ("map", "surface")
    panels = (panels,) if isinstance(panels, str) else panels
    if not isinstance(panels, Sequence) or not all(isinstance(panel, str) for panel in panels):
        raise TypeError(f"panels must be names of panels, got {panels!r}")
    panels = tuple(panels)
    if not panels:
        raise ValueError("panels must name at least one panel, got none")
    for name, value in (("frames", frames), ("fps", fps)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 2:
            raise ValueError(f"{name} must be an int >= 2, got {value!r}")
    function = function_of(runs)
    for panel in panels:
        if panel in ("map", "surface", "curve"):
            box_of(function, runs, box, dim=1 if panel == "curve" else 2)
        elif panel != "loss":
            check_state(panel, runs)
    return Animation(runs, panels, int(frames), int(fps), title_of(function) if title is None else str(title), box)


Place = Sequence[float]


def _draw_map(figure: Figure, place: Place, runs: dict[str, Any], function: Any, box: Any) -> Callable[[], list[Track]]:
    edges = box_of(function, runs, box)
    ax = figure.add_axes(_inner(figure, place))
    plot_map(function, box=edges, ax=ax)
    ax.set_title("")
    _enlarge(ax)
    return lambda: [
        Track(
            _pixels(ax, clip_to_box(run.theta, edges)),
            look.color, 2.6, ax.bbox, look.marker, leaves_box_at(run.theta, edges),
        )
        for run, look in zip(runs.values(), assign_styles(runs).values(), strict=True)
    ]


def _draw_surface(
    figure: Figure, place: Place, runs: dict[str, Any], function: Any, box: Any
) -> Callable[[], list[Track]]:
    edges = box_of(function, runs, box)
    left, bottom, width, height = place
    ax = figure.add_axes([left, bottom - 0.04 * height, width, height], projection="3d")
    plot_surface(function, box=edges, ax=ax)
    ax.set_title("")
    ax.set_axis_off()  # the map beside it has the numbers
    ax.set_box_aspect((1, 1, 0.6), zoom=1.02)
    shade = Shade.of(function, heights(function, *np.meshgrid(*(np.linspace(*edge, 73) for edge in edges))))

    def tracks() -> list[Track]:
        result = []
        for run, look in zip(runs.values(), assign_styles(runs).values(), strict=True):
            trail = clip_to_box(run.theta, edges)
            with np.errstate(invalid="ignore"):  # a trail may pass where there is no height
                x, y, _ = proj3d.proj_transform(*trail.T, shade(heights(function, *trail.T)), ax.get_proj())
            points = _pixels(ax, np.stack([np.ma.filled(x, np.nan), np.ma.filled(y, np.nan)], axis=1))
            result.append(Track(points, look.color, 2.6, figure.bbox, look.marker, leaves_box_at(run.theta, edges)))
        return result

    return tracks


def _draw_curve(
    figure: Figure, place: Place, runs: dict[str, Any], function: Any, box: Any
) -> Callable[[], list[Track]]:
    edges = box_of(function, runs, box, dim=1)
    ax = figure.add_axes(_inner(figure, place))
    plot_curve(function, ax=ax, box=edges)
    ax.set_title("")
    _enlarge(ax)
    return lambda: [
        Track(
            _pixels(ax, np.column_stack([trail := clip_to_box(run.theta, edges), heights(function, *trail.T)])),
            look.color, 2.6, ax.bbox, look.marker, leaves_box_at(run.theta, edges),
        )
        for run, look in zip(runs.values(), assign_styles(runs).values(), strict=True)
    ]  # fmt: skip


def _draw_loss(
    figure: Figure, place: Place, runs: dict[str, Any], function: Any, box: Any
) -> Callable[[], list[Track]]:
    losses = Losses.of(runs)
    ax = figure.add_axes(_inner(figure, place))
    losses.prepare(ax)
    _enlarge(ax)
    return lambda: [
        Track(_pixels(ax, _against_step(loss)), look.color, 2.2, ax.bbox, look.marker, runs[name].diverged_at)
        for (name, loss), look in zip(losses.series.items(), assign_styles(runs).values(), strict=True)
    ]


def _draw_state(
    state: str, figure: Figure, place: Place, runs: dict[str, Any], function: Any, box: Any
) -> Callable[[], list[Track]]:
    names = axes_of(function, next(iter(runs.values())).theta.shape[1])
    series = []  # one line per run and coordinate
    for (name, run), look in zip(runs.items(), assign_styles(runs).values(), strict=True):
        for j, axis in enumerate(names):
            color = look.color if len(runs) > 1 or j == 0 else COORDINATES[(j - 1) % len(COORDINATES)]
            label = axis if len(runs) == 1 else f"{name}, {axis}"
            series.append((run.states[state][:, j], color, 2.4 if j == 0 else 1.5, label, look.marker))
    ax = figure.add_axes(_inner(figure, place))
    dark_background(ax)
    finite = np.concatenate([values[np.isfinite(values)] for values, *_ in series])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)
    margin = 0.08 * (high - low or 1)
    last = max(len(values) for values, *_ in series) - 1
    ax.set(xlim=(-0.02 * last, 1.02 * last), ylim=(low - margin, high + margin), xlabel="step")
    ax.set_ylabel(f"{state}, per coordinate")
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if len(runs) == 1:
        handles = [Line2D([], [], color=color, linewidth=width, label=label) for _, color, width, label, _ in series]
        ax.legend(
            handles=handles,
            frameon=False,
            labelcolor=ON_GROUND,
            fontsize=12,
            loc="lower right",
            bbox_to_anchor=(1.01, 0.97),
            ncols=len(series),
        ).set_gid("on-ground")
    _enlarge(ax)
    return lambda: [
        Track(_pixels(ax, _against_step(values)), color, width, ax.bbox, marker)
        for values, color, width, _, marker in series
    ]


_PANELS = {"map": _draw_map, "surface": _draw_surface, "curve": _draw_curve, "loss": _draw_loss}


def _inner(figure: Figure, place: Place) -> list[float]:
    """The axes' own rectangle within a panel: room for labels on the left and below, in pixels the same everywhere."""
    left, bottom, width, height = place
    x, y = 1 / figure.bbox.width, 1 / figure.bbox.height
    return [left + 78 * x, bottom + 58 * y, width - 98 * x, height - 84 * y]


def _enlarge(ax: Any) -> None:
    """Labels that survive a phone's width."""
    ax.tick_params(labelsize=11.5)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_size(13)


def _pixels(ax: Any, points: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        pixels = ax.transData.transform(points)
    return np.where(np.isfinite(pixels), pixels, np.nan)


def _against_step(values: np.ndarray) -> np.ndarray:
    return np.column_stack([np.arange(len(values), dtype=float), values])


def _rate(name: str, run: Any) -> str:
    lr = run.settings.get("lr")
    return "" if lr is None or "lr" in name else f"lr {lr:g}"
