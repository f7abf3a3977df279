"""The scene of a film: panels drawn once, and frames of it.

A frame is the scene with all tracks up to a step: only the new bits are drawn, onto what is there.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, IdentityTransform
from PIL import Image

from ..style import GROUND, HALO, ON_GROUND, repaint, shorten, write_labels
from .panels import Subject, Track, draw_panel

#: Pixels: a panel, and the bands above (title, step) and below (one legend row) it.
PANEL, TOP, ROW = 480, 40, 30
#: More panels would have no height left beside the first.
MOST_PANELS = 6
#: Markers are shapes about one unit wide; heads are 15 pixels.
_HEAD = Affine2D().scale(15)


@dataclass(frozen=True)
class Caption:
    """What is written around the panels: a title and the step above, a legend below."""

    title: str
    labels: Sequence[str]

    def columns(self, width: int) -> int:
        """Of the legend, in a picture of this width."""
        return max(1, min(len(self.labels), width // (64 + 10 * max(map(len, self.labels)))))


def size_of(panels: Sequence[str], caption: Caption | None = None) -> tuple[int, int]:
    """Width and height in pixels."""
    width = PANEL * min(len(panels), 2)
    if caption is None:
        return width, PANEL
    legend = ROW * -(-len(caption.labels) // caption.columns(width))
    return width, TOP + PANEL + legend + legend % 2


class Scene:
    """Panels with nothing else, in the ink of a theme on no ground; or on dark ground with a caption around them."""

    def __init__(self, subject: Subject, panels: Sequence[str], around: Caption | str) -> None:
        theme, caption = (around, None) if isinstance(around, str) else ("dark", around)
        self._caption = caption
        self.size = size_of(panels, caption)
        self.figure = Figure(figsize=(self.size[0] / 100, self.size[1] / 100), dpi=100, layout="none")  # pyright: ignore[reportArgumentType]
        self._canvas = FigureCanvasAgg(self.figure)
        makers = [draw_panel(panel, self.figure, self._place(i, panels), subject) for i, panel in enumerate(panels)]
        repaint(self.figure, theme)
        self._counter = self._write(caption, subject) if caption else None
        with warnings.catch_warnings():  # the player shows names that the font of the film lacks
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            self._canvas.draw()
        self._blank = self._canvas.copy_from_bbox(self.figure.bbox)
        #: What grows on the panels.
        self.tracks: list[Track] = [track for make in makers for track in make()]

    def _place(self, i: int, panels: Sequence[str]) -> list[float]:
        """The rectangle of panel i. Two stand side by side; of more, the first is left, the others are piled right."""
        width, height = self.size
        pile = max(len(panels) - 1, 1)
        rows, column, row = (1, 0, 0) if i == 0 else (pile, 1, i - 1)
        bottom = height - (TOP if self._caption else 0) - PANEL * (row + 1) / rows
        return [column * PANEL / width, bottom / height, PANEL / width, PANEL / rows / height]

    def _write(self, caption: Caption, subject: Subject) -> Text:
        """Write the title and the legend on a ground of their own; the step, which every frame writes anew."""
        figure, (width, height) = self.figure, self.size
        figure.set_facecolor(GROUND)
        figure.patch.set_alpha(1)
        figure.text(
            18 / width, 1 - 26 / height, shorten(" ".join(caption.title.split())), color=ON_GROUND, fontsize=13.5,
            va="center", weight="bold", parse_math=False,
        )  # fmt: skip
        handles = [
            Line2D([], [], color=style.color, linewidth=2.6, marker=style.marker, markersize=8.5,
                   markeredgecolor="white", markeredgewidth=0.9)
            for style in subject.styles.values()
        ]  # fmt: skip
        legend = figure.legend(
            handles=handles, labels=["name"] * len(handles), loc="lower center", ncols=caption.columns(width),
            frameon=False, labelcolor=ON_GROUND, fontsize=12, handlelength=2.2, columnspacing=1.6, borderpad=0.1,
            labelspacing=0.45, bbox_to_anchor=(0.5, 4 / height),
        )  # fmt: skip
        write_labels(legend, caption.labels)
        counter = figure.text(
            1 - 18 / width, 1 - 26 / height, "", color=ON_GROUND, fontsize=13, ha="right", va="center", animated=True
        )
        return counter

    def frames(self, steps: Sequence[int]) -> Iterator[bytes]:
        """The picture at each of the given steps (ascending), as RGBA bytes."""
        renderer = self._canvas.get_renderer()
        pen = renderer.new_gc()
        pen.set_joinstyle("round")
        self._canvas.restore_region(self._blank)
        earlier = before = 0
        for step in steps:
            if step > before:
                for track in self.tracks:
                    pen.set_clip_rectangle(track.clip)
                    # The halo ends bluntly and the colour begins one bit earlier, so that no seam shows between bits.
                    _stroke(renderer, pen, track.points[before : step + 1], HALO, track.width + 2.2, 0.55, "butt")
                    _stroke(renderer, pen, track.points[earlier : step + 1], track.color, track.width, 1, "round")
                earlier, before = before, step
            layer = self._canvas.copy_from_bbox(self.figure.bbox)
            self._draw_heads(renderer, pen, step)
            if self._counter:
                self._counter.set_text(f"step {step}")
                self._counter.draw(renderer)
            yield bytes(self._canvas.buffer_rgba())
            self._canvas.restore_region(layer)

    def frame(self, step: int) -> Image.Image:
        """The picture at one step."""
        return Image.frombuffer("RGBA", self.size, next(self.frames([step])), "raw", "RGBA", 0, 1)

    def _draw_heads(self, renderer: Any, pen: Any, step: int) -> None:
        pen.set_clip_rectangle(None)
        pen.set_foreground("white")
        pen.set_linewidth(renderer.points_to_pixels(1.3))
        for track in self.tracks:
            shown = np.flatnonzero(np.isfinite(track.points[: step + 1, 0]))
            if track.marker and len(shown):
                lost = track.lost_at is not None and step >= track.lost_at
                shape = MarkerStyle("X" if lost else track.marker)
                outline = shape.get_path().transformed(shape.get_transform() + _HEAD)
                place = Affine2D().translate(*track.points[shown[-1]])
                renderer.draw_path(pen, outline, place, to_rgba(track.color))


def _stroke(renderer: Any, pen: Any, points: np.ndarray, color: str, width: float, alpha: float, cap: str) -> None:
    pen.set_foreground(to_rgba(color, alpha), isRGBA=True)
    pen.set_linewidth(renderer.points_to_pixels(width))
    pen.set_capstyle(cap)
    renderer.draw_path(pen, Path(points), IdentityTransform())
