"""Animations of descents, exported fast.

The background is drawn once; every trail is turned into pixel coordinates once. A frame is the background
restored, with polylines and heads drawn on it, and goes straight to ffmpeg.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import html
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import imageio_ffmpeg
import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, IdentityTransform
from mpl_toolkits.mplot3d import proj3d
from PIL import Image
from tqdm.auto import tqdm

from .figures import (
    Losses,
    Shade,
    as_runs,
    axes_of,
    box_of,
    check_state,
    function_of,
    heights,
    inside,
    left_at,
    minima_of,
    plot_curve,
    plot_map,
    plot_surface,
    title_of,
)
from .style import FAINT, GROUND, HALO, ON_GROUND, Look, ground, looks, repaint

PANELS = ("map", "surface", "curve", "loss")

#: Encoder options by suffix. All are bit-exact: the same descents give the same file.
ENCODERS = {
    ".mp4": "-c:v libx264 -preset medium -crf 28 -pix_fmt yuv420p -movflags +faststart -f mp4",
    ".webm": "-c:v libvpx-vp9 -deadline good -cpu-used 5 -row-mt 1 -crf 38 -b:v 0 -pix_fmt yuv420p -f webm",
    ".gif": "-filter_complex split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=none -loop 0 -f gif",
    ".webp": "-c:v libwebp_anim -quality 75 -compression_level 3 -loop 0 -f webp",
}
SUFFIXES = (*ENCODERS, ".png")

# Pixels.
COLUMN, HEADER, LEGEND_ROW = 480, 60, 42
FONT = 22
TRAIL, HEAD = 4.0, 8.5


def animate(
    runs: Any,
    *,
    panels: str | Sequence[str] | None = None,
    frames: int = 100,
    fps: int = 20,
    title: str | None = None,
    box: Any = None,
) -> Animation:
    """Animate descents: their trails grow step by step in one or more panels.

    Nothing is drawn until the animation is shown or saved.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent
        What to show.
    panels : str or sequence of str, optional
        "map", "surface" (3-D), "curve" (one coordinate), "loss", or the name of a state such as "m". By default
        ("map", "surface"), or ("curve", "loss") for functions of one coordinate.
    frames : int
        At most so many frames are drawn, evenly over the steps; the first and the last point are always among
        them. The last frame stays for one more second.
    fps : int
        Frames per second.
    title : str, optional
        Written above; by default the function's name and the learning rate, if there is one for all.
    box : ((x_low, x_high), (y_low, y_high)), optional
        The part to show; by default the surface's own box, else that of the trails.

    Returns
    -------
    Animation

    Raises
    ------
    ValueError
        If there is no run, a run is a batch, a panel is unknown or does not suit the function, or a number is
        out of range.
    """
    return Animation(runs, panels=panels, frames=frames, fps=fps, title=title, box=box)


class Animation:
    """An animation of descents, made by `animate`. Shows itself in notebooks and gallery pages."""

    def __init__(
        self,
        runs: Any,
        *,
        panels: str | Sequence[str] | None = None,
        frames: int = 100,
        fps: int = 20,
        title: str | None = None,
        box: Any = None,
    ) -> None:
        self.runs = as_runs(runs)
        self.function = function_of(self.runs)
        self.dim = next(iter(self.runs.values())).theta.shape[1]
        for what, number, least in (("frames", frames, 2), ("fps", fps, 1)):
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
                raise ValueError(f"{what} must be a whole number >= {least}, got {number!r}")
        if panels is None:
            panels = {1: ("curve", "loss"), 2: ("map", "surface")}.get(self.dim, ("loss",))
        self.panels = (panels,) if isinstance(panels, str) else tuple(panels)
        if not self.panels:
            raise ValueError("panels must name at least one panel, got none")
        self.box = None
        for panel in self.panels:
            if panel in ("map", "surface", "curve"):
                self.box = box_of(self.function, self.runs, box, dim=1 if panel == "curve" else 2)
            elif panel != "loss":
                try:
                    check_state(panel, self.runs)
                except ValueError as error:
                    raise ValueError(f"panel {panel!r} is none of {', '.join(PANELS)}, and {error}") from None
        self.steps = max(run.steps for run in self.runs.values())
        #: The step that each frame shows. The last one is the last step.
        self.shown = np.unique(np.linspace(0, self.steps, min(frames, self.steps + 1)).round().astype(int))
        self.fps = int(fps)
        self.title = self._default_title() if title is None else title

    def __repr__(self) -> str:
        width, height = self.size
        return f"<animation of {', '.join(self.runs)}: {len(self.shown)} frames, {width} x {height} pixels>"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._layout.size

    @property
    def alt(self) -> str:
        """One sentence for those who cannot see the picture: who started where, and where each one ended."""
        runs = list(self.runs.values())
        count = _number_word(len(runs)) + (" descents" if len(runs) > 1 else " descent")
        same_start = all(np.array_equal(run.theta[0], runs[0].theta[0]) for run in runs)
        start = f" from {_point(runs[0].theta[0])}" if same_start else ""
        ends = "; ".join(self._end(name) for name in self.runs)
        return f"{count} on {title_of(self.function)}{start}, {self.steps} step{'s' * (self.steps > 1)}: {ends}."

    def _end(self, name: str) -> str:
        run = self.runs[name]
        if run.diverged_at is not None:
            return f"{name} diverged at step {run.diverged_at}"
        where = ""
        if self.box is not None and (step := left_at(run.theta, self.box)) is not None:
            where = f", having left the picture at step {step}," if step else ", outside the picture,"
        return f"{name} ends at {_point(run.theta[-1])}{where} with loss {run.loss[-1]:.3g}"

    def _default_title(self) -> str:
        rates = {str(run.settings.get("lr")) for run in self.runs.values()}
        rate = next(iter(self.runs.values())).settings.get("lr")
        same = len(rates) == 1 and isinstance(rate, (int, float))
        return title_of(self.function) + (f", lr {rate:g}" if same else "")

    def _labels(self) -> dict[str, str]:
        rates = {name: run.settings.get("lr") for name, run in self.runs.items()}
        differ = len({str(rate) for rate in rates.values()}) > 1
        tell = lambda name: differ and isinstance(rates[name], (int, float)) and "lr" not in name  # noqa: E731
        return {name: f"{name}, lr {rates[name]:g}" if tell(name) else name for name in self.runs}

    @functools.cached_property
    def _layout(self) -> _Layout:
        return _Layout.of(self.panels, list(self._labels().values()))

    @functools.cached_property
    def _stage(self) -> _Stage:
        # The reader's own style must not change the layout.
        with matplotlib.style.context("default"), matplotlib.rc_context({"font.size": FONT * 0.72}):
            return _Stage(self)

    def images(self) -> Iterator[np.ndarray]:
        """The frames as RGBA arrays of shape (height, width, 4), one for each entry of ``shown``."""
        for step in self.shown:
            yield self._stage.frame(int(step))

    def save(self, path: str | os.PathLike[str], progress: bool | None = None) -> FilePath:
        """Write the animation to a file: .mp4, .webm, .gif or .webp by suffix, or .png for the last frame.

        The file is written whole or not at all.

        Parameters
        ----------
        path : str or path
            Where to write.
        progress : bool, optional
            Whether to show a progress bar; by default on terminals only.

        Returns
        -------
        pathlib.Path
            The path.

        Raises
        ------
        ValueError
            If the suffix is unknown.
        FileNotFoundError, PermissionError, IsADirectoryError
            If the folder is missing or cannot be written to, or the path is a folder.
        RuntimeError
            If ffmpeg fails; with the last lines of its output.
        """
        path = FilePath(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(f"path must end in one of {', '.join(SUFFIXES)}; got {str(path)!r}")
        if path.is_dir():
            raise IsADirectoryError(f"path must name a file, got the folder {str(path)!r}")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"no folder {str(path.parent)!r} to save {path.name!r} in; make it first")
        try:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=suffix)
        except OSError as error:
            raise PermissionError(f"cannot write in folder {str(path.parent)!r}: {error.strerror}") from None
        os.close(handle)
        temporary = FilePath(name)
        try:
            if suffix == ".png":
                last = Image.fromarray(self._stage.frame(self.steps)[..., :3])
                last.save(temporary, format="png", optimize=True)
            else:
                self._encode(temporary, suffix, progress)
            temporary.chmod(0o666 & ~_umask())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        return path

    def _encode(self, path: FilePath, suffix: str, progress: bool | None) -> None:
        width, height = self.size
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y",
            "-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{width}x{height}", "-r", str(self.fps), "-i", "-",
            "-an", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
            *ENCODERS[suffix].split(), str(path),
        ]  # fmt: skip
        bar = tqdm(self.images(), desc=f"saving {suffix}", total=len(self.shown), unit="frame", leave=False,
                   disable=None if progress is None else not progress)
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log)
            try:
                # If ffmpeg gives up early the pipe breaks; its own words, read below, say why.
                with contextlib.suppress(BrokenPipeError):
                    for image in bar:
                        process.stdin.write(image.data)
                    for _ in range(self.fps):
                        process.stdin.write(image.data)
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()
                code = process.wait()
            except BaseException:
                process.kill()
                process.wait()
                raise
            if code != 0:
                log.seek(0)
                last = "\n".join(log.read().decode(errors="replace").strip().splitlines()[-5:])
                raise RuntimeError(f"ffmpeg could not write the {suffix} file (exit code {code}):\n{last}")

    @functools.cached_property
    def _html(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            data = {
                suffix: base64.b64encode(self.save(FilePath(folder, "animation" + suffix)).read_bytes()).decode()
                for suffix in (".png", ".mp4")
            }
        width, height = self.size
        alt = html.escape(self.alt, quote=True)
        return (
            f'<video controls loop muted playsinline width="{width}" height="{height}" '
            f'style="max-width:100%;height:auto" aria-label="{alt}" poster="data:image/png;base64,{data[".png"]}">'
            f'<source type="video/mp4" src="data:video/mp4;base64,{data[".mp4"]}">{alt}</video>'
        )

    def _repr_html_(self) -> str:
        return self._html


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _number_word(n: int) -> str:
    words = "One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
    return words[n - 1] if n <= len(words) else str(n)


def _point(theta: np.ndarray) -> str:
    numbers = ", ".join(f"{x:.3g}" for x in theta)
    return f"({numbers})" if len(theta) > 1 else f"x = {numbers}"


@dataclass(frozen=True)
class _Layout:
    """Where everything lies, in pixels from the upper left corner."""

    size: tuple[int, int]
    panels: tuple[tuple[int, int, int, int], ...]  # left, top, width, height
    legend_top: int
    columns: int

    @classmethod
    def of(cls, panels: Sequence[str], labels: Sequence[str]) -> _Layout:
        square = lambda panel: panel in ("map", "surface")  # noqa: E731
        width = 2 * COLUMN if len(panels) > 1 else COLUMN + 160
        places, top = [], HEADER
        for i in range(0, len(panels), 2):
            row = panels[i:i + 2]
            height = width - 120 if len(panels) == 1 and square(row[0]) else COLUMN if any(map(square, row)) else 380
            for j in range(len(row)):
                places.append((j * width // len(row), top, width // len(row), height))
            top += height
        # A generous guess of the widest label keeps the size known before anything is drawn.
        columns = max(1, min(len(labels), int((width - 24) // (max(map(len, labels)) * FONT * 0.60 + 62))))
        rows = -(-len(labels) // columns)
        bottom = top + rows * LEGEND_ROW + 18
        return cls((width, bottom + bottom % 2), tuple(places), top, columns)


@dataclass(frozen=True)
class _Track:
    """One run in one panel: a pixel position for every step, NaN where it is not in the picture."""

    points: np.ndarray
    look: Look
    clip: Any
    dashes: tuple[float, ...] = ()
    lost: int | None = None  # the step at which it leaves the picture for good
    head: bool = True
    width: float = TRAIL


class _Stage:
    """The background, drawn once, and the tracks that frames draw on it."""

    def __init__(self, animation: Animation) -> None:
        self.animation = animation
        self.looks = looks(animation.runs)
        width, height = animation.size
        self.figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor=GROUND)
        self.canvas = FigureCanvasAgg(self.figure)
        axes = []
        for panel, (left, top, w, h) in zip(animation.panels, animation._layout.panels, strict=True):
            axes.append(self._draw_panel(panel, left, height - top - h, w, h))
        repaint(self.figure, "dark")
        self.figure.patch.set(facecolor=GROUND, alpha=1)
        for ax in axes:
            for spine in ax.spines.values():
                spine.set(color=FAINT, alpha=0.45)
        self._write_header_and_legend(width, height)
        self.counter = self.figure.text(
            1 - 20 / width, 1 - 33 / height, "", ha="right", va="center", color=ON_GROUND, fontsize=FONT * 0.72
        )
        self.counter.set_visible(False)
        self.canvas.draw()
        self.renderer = self.canvas.get_renderer()
        self.background = self.renderer.copy_from_bbox(self.figure.bbox)
        self.tracks = [
            track for panel, ax in zip(animation.panels, axes, strict=True) for track in self._tracks(panel, ax)
        ]

    def _draw_panel(self, panel: str, left: int, bottom: int, w: int, h: int) -> Any:
        animation, (width, height) = self.animation, self.animation.size
        place = lambda *pads: (  # noqa: E731  (left, bottom, right, top margins in pixels)
            (left + pads[0]) / width,
            (bottom + pads[1]) / height,
            (w - pads[0] - pads[2]) / width,
            (h - pads[1] - pads[3]) / height,
        )
        if panel == "surface":
            ax = self.figure.add_axes(place(0, 0, 0, 0), projection="3d")
            plot_surface(animation.function, box=animation.box, ax=ax)
            ax.set_box_aspect((1, 1, 0.6), zoom=1.12)
            for point in minima_of(animation.function):
                self._mark_in_3d(ax, point)
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_locator(MaxNLocator(3))
                axis.set_tick_params(pad=2)
                axis.line.set(color=FAINT, alpha=0.5)
            return ax
        if panel == "map":
            ax = self.figure.add_axes(place(70, 56, 20, 8))
            plot_map(animation.function, box=animation.box, ax=ax)
        elif panel == "curve":
            ax = self.figure.add_axes(place(76, 62, 20, 12))
            plot_curve(animation.function, box=animation.box, ax=ax)
        else:
            ax = self.figure.add_axes(place(106, 62, 24, 12))
            self._prepare_chart(panel, ax)
        for axis in (ax.xaxis, ax.yaxis):
            if ax.get_yscale() == "linear" or axis is ax.xaxis:
                axis.set_major_locator(MaxNLocator(4, integer=axis is ax.xaxis and panel not in ("map", "curve")))
            axis.set_tick_params(length=5, pad=5)
        ax.xaxis.labelpad = ax.yaxis.labelpad = 1
        return ax

    def _mark_in_3d(self, ax: Any, point: Sequence[float]) -> None:
        edges = self.animation.box
        if (np.array(point) >= edges[:, 0]).all() and (np.array(point) <= edges[:, 1]).all():
            ax.plot(*([c] for c in point), [self._shade(heights(self.animation.function, *point))], "o", ms=8,
                    mfc="none", mec=ON_GROUND, mew=1.4, zorder=4)

    @functools.cached_property
    def _shade(self) -> Shade:
        # The same grid as plot_surface, so that trails lie on its surface.
        x, y = (np.linspace(low, high, 73) for low, high in self.animation.box)
        return Shade.of(self.animation.function, heights(self.animation.function, x, y[:, None]))

    @functools.cached_property
    def _losses(self) -> Losses:
        return Losses.of(self.animation.runs)

    def _prepare_chart(self, panel: str, ax: Axes) -> None:
        steps = self.animation.steps
        if panel == "loss":
            self._losses.prepare(ax, steps)
            return
        ground(ax)
        calm = [run.states[panel][: run.diverged_at] for run in self.animation.runs.values()]
        values = np.concatenate([c[np.isfinite(c)] for c in calm])
        low, high = (values.min(), values.max()) if values.size else (-1, 1)
        margin = 0.08 * (high - low or 1)
        ax.set(xlim=(-0.02 * steps, 1.02 * steps), ylim=(low - margin, high + margin), xlabel="step", ylabel=panel)
        if self.animation.dim > 1:
            names = axes_of(self.animation.function, self.animation.dim)
            handles = [
                Line2D([], [], color=ON_GROUND, lw=2, ls=(0, d) if (d := _coordinate_dashes(i)) else "-", label=n)
                for i, n in enumerate(names)
            ]
            ax.legend(handles=handles, facecolor=GROUND, edgecolor="none", labelcolor=ON_GROUND, framealpha=0.7,
                      ncols=len(names), loc="upper right", handlelength=2, borderaxespad=0.2).set_gid("on-ground")

    def _write_header_and_legend(self, width: int, height: int) -> None:
        animation, layout = self.animation, self.animation._layout
        self.figure.text(20 / width, 1 - 33 / height, animation.title, va="center", color=ON_GROUND,
                         fontsize=1.08 * FONT * 0.72, weight="bold")
        column = (width - 24) / layout.columns
        for i, (name, label) in enumerate(animation._labels().items()):
            row, place = divmod(i, layout.columns)
            left = 20 + place * column
            y = height - layout.legend_top - (row + 0.5) * LEGEND_ROW - 6
            look = self.looks[name]
            self.figure.add_artist(Line2D([left / width, (left + 38) / width], [y / height] * 2, color=look.color,
                                          lw=TRAIL * 0.72))
            self.figure.add_artist(Line2D([(left + 19) / width], [y / height], marker=look.marker, ms=11,
                                          mfc=look.color, mec="white", mew=1))
            self.figure.text((left + 50) / width, y / height, label, va="center_baseline", color=ON_GROUND)

    def _tracks(self, panel: str, ax: Any) -> Iterator[_Track]:
        animation = self.animation
        to_pixels = ax.transData.transform
        # Markers may reach over the edge of the map, lines may not.
        clip = ax.bbox if panel not in ("surface",) else self.figure.bbox
        steps = np.arange(animation.steps + 1.0)
        for name, look in self.looks.items():
            run = animation.runs[name]
            if panel in ("map", "surface", "curve"):
                trail, lost = inside(run.theta, animation.box), left_at(run.theta, animation.box)
                if panel == "map":
                    yield _Track(to_pixels(trail), look, clip, lost=lost)
                    continue
                z = heights(animation.function, *trail.T)
                if panel == "curve":
                    yield _Track(to_pixels(np.stack([trail[:, 0], z], axis=1)), look, clip, lost=lost, width=2)
                else:
                    x, y, _ = proj3d.proj_transform(*trail.T, self._shade(z), ax.get_proj())
                    yield _Track(to_pixels(np.stack([x, y], axis=1)), look, clip, lost=lost)
            elif panel == "loss":
                loss = self._losses.series[name]
                clipped = np.clip(loss, *self._losses.limits)
                seen = np.flatnonzero(np.isfinite(loss))
                lost = int(seen[-1]) if run.diverged_at is not None and seen.size else None
                yield _Track(to_pixels(np.stack([steps[:len(loss)], clipped], axis=1)), look, clip, lost=lost, width=3)
            else:
                states = run.states[panel].copy()
                if run.diverged_at is not None:
                    states[run.diverged_at:] = np.nan
                for i in range(animation.dim):
                    points = to_pixels(np.stack([steps[:len(states)], states[:, i]], axis=1))
                    yield _Track(points, look, clip, dashes=_coordinate_dashes(i), width=3)

    def frame(self, step: int) -> np.ndarray:
        """The picture after ``step`` steps, an RGBA array."""
        self.renderer.restore_region(self.background)
        for track in self.tracks:
            self._draw_trail(track, step)
        for track in self.tracks:
            self._draw_head(track, step)
        self.counter.set_text(f"step {step}")
        self.counter.set_visible(True)
        self.counter.draw(self.renderer)
        self.counter.set_visible(False)
        return np.array(self.renderer.buffer_rgba())

    def _draw_trail(self, track: _Track, step: int) -> None:
        path = Path(track.points[: step + 1])
        halo = ((2.6, HALO, 0.28), (1.75, HALO, 0.5))
        for factor, color, alpha in (*halo, (1, track.look.color, 1)):
            gc = self.renderer.new_gc()
            gc.set_clip_rectangle(track.clip)
            gc.set_linewidth(track.width * factor)
            gc.set_foreground(to_rgba(color, alpha), isRGBA=True)
            gc.set_alpha(alpha)
            gc.set_capstyle("butt" if track.dashes else "round")
            gc.set_joinstyle("round")
            if track.dashes and alpha == 1:
                gc.set_dashes(0, np.array(track.dashes) * track.width)
            self.renderer.draw_path(gc, path, IdentityTransform())
            gc.restore()

    def _draw_head(self, track: _Track, step: int) -> None:
        lost = track.lost is not None and step >= track.lost
        last = min(step, len(track.points) - 1) if not lost else track.lost
        seen = np.flatnonzero(np.isfinite(track.points[: last + 1]).all(1))
        if not seen.size or (not lost and seen[-1] != last):
            return  # never in the picture, or outside it just now
        shape = MarkerStyle("X" if lost else track.look.marker)
        size = HEAD * (1.25 if lost else 1 if track.width == TRAIL else 0.85)
        outline = shape.get_path().transformed(shape.get_transform())
        for radius, fill, edge, width in ((size + 2.5, to_rgba(HALO, 0.5), None, 0),
                                          (size, to_rgba(track.look.color), "white", 1.6)):
            gc = self.renderer.new_gc()
            gc.set_joinstyle("round")
            gc.set_linewidth(width)
            gc.set_foreground(edge or HALO)
            # Marker paths have radius 0.5.
            move = Affine2D().scale(2 * radius).translate(*track.points[seen[-1]])
            self.renderer.draw_path(gc, outline, move, fill)
            gc.restore()


def _coordinate_dashes(i: int) -> tuple[float, ...]:
    return ((), (3, 1.6), (1, 1.2))[i % 3]
