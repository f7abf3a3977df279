"""Animations of recorded descents: they show themselves in a notebook, and are saved to files."""

from __future__ import annotations

import base64
import functools
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ... import check
from ...files import check_path, whole
from ...progress import tqdm
from ...scene import scene_of, scene_of_responses
from ...table import title_of
from .. import player
from ..canvas import (
    Box,
    as_runs,
    box_of,
    check_dim,
    check_state,
    dim_of,
    function_of,
    outcome,
    point_in_words,
)
from ..responses import are_responses, as_answers
from ..spectra import PANEL as VALUES
from ..spectra import UPDATES, has_matrix
from ..style import shorten
from .encode import CODECS, encode
from .panels import STAGES, Subject
from .scene import MOST_PANELS, PANEL, Caption, Scene, size_of
from .thumbnail import LOOKS, thumbnail

#: The suffixes that `Animation.save` takes.
SUFFIXES = (*CODECS, ".png", ".html")
#: Frames per second that some screen can still show.
FASTEST = 240


class Animation:
    """Recorded descents or responses as a moving picture. Made by `animate`; shows itself in a notebook.

    Attributes
    ----------
    size : (int, int)
        Width and height in pixels.
    steps : ndarray of int
        The step that each frame shows; the last one is the last of the descent.
    alt : str
        One sentence that says what is seen, computed from the data.
    """

    def __init__(self, subject: Subject, panels: tuple[str, ...], frames: int, fps: int, title: str) -> None:
        self._subject = subject
        self._panels, self._fps = panels, fps
        runs = subject.runs
        self._last = max(run.steps for run in runs.values())
        self.steps = np.unique(np.linspace(0, self._last, min(frames, self._last + 1)).round().astype(int))
        rates = {run.settings.get("lr") for run in runs.values() if run.settings is not None}
        if len(rates) == 1 and None not in rates:
            title = f"{title}, learning rate {rates.pop():g}"
            self._settings = [""] * len(runs)
        else:
            self._settings = [_rate(name, run) for name, run in runs.items()]
        labels = [", ".join(filter(None, pair)) for pair in zip(runs, self._settings, strict=True)]
        self._caption = Caption(title, [shorten(" ".join(label.split())) for label in labels])
        self.size = size_of(panels, self._caption)

    def __repr__(self) -> str:
        names = ", ".join(self._subject.runs)
        return f"<animation of {names}: {len(self.steps)} frames, {self.size[0]} x {self.size[1]}>"

    @property
    def alt(self) -> str:
        """One sentence that says what is seen, computed from the data."""
        runs, function, edges = self._subject.runs, self._subject.function, self._subject.edges
        if function is None:
            ends = [f"{name}: {run.end}" for name, run in runs.items()]
            return f"{self._caption.title}, {self._last + 1} steps. {'; '.join(ends)}."
        ends = [f"{name} {outcome(run, edges)}" for name, run in runs.items()]
        count = f"{len(ends)} descents" if len(ends) > 1 else "one descent"
        start = point_in_words(next(iter(runs.values())).theta[0])
        return f"{title_of(function)}: {count} from {start}, {self._last} steps: {'; '.join(ends)}."

    def save(self, path: str | os.PathLike, *, progress: bool | None = None) -> Path:
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
        suffix = path.suffix.lower()
        with whole(path) as unfinished:
            if suffix == ".html":
                page = player.document(self.recording, self.landscape, self._inline_stills)
                Path(unfinished).write_text(page, encoding="utf-8")
            elif suffix == ".png":
                self._scene.frame(self._last).convert("RGB").save(unfinished)
            else:
                steps = [*self.steps, *[self._last] * self._fps]  # the end stays for a second
                disable = None if progress is None else not progress
                frames = tqdm(self._scene.frames(steps), "frames", len(steps), leave=False, disable=disable)
                encode(frames, unfinished, suffix, self.size, self._fps)
        return path

    def stills(self, theme: str = "dark") -> list[Image.Image]:
        """The panels at the last step, on a transparent ground, in the ink of a theme: the landscape, the charts.

        What the player shows where there are no scripts, on paper, and until it has loaded.
        """
        edges, function = self._subject.edges, self._subject.function
        if edges is None and not has_matrix(function):
            return [Scene(self._subject, self._panels, theme).frame(self._last)]
        # As the player: landscape or singular values left, charts right.
        usual = UPDATES if edges is None else "map" if len(edges) == 2 else "curve"
        stage = next((panel for panel in self._panels if panel in STAGES), usual)
        both = Scene(self._subject, (stage, *(self._charts or ["loss"])), theme).frame(self._last)
        return [both.crop((left, 0, left + PANEL, PANEL)) for left in (0, PANEL)]

    def thumbnail(
        self, theme: str = "dark", *, bold: Sequence[str] | None = None, faint: Sequence[str] = ()
    ) -> Image.Image:
        """The trails to the edge, on their landscape or against the steps, without words: 480 x 300 pixels for a card.

        Parameters
        ----------
        theme : {"light", "dark"}
            The ground on which it will be shown.
        bold, faint : sequence of str
            The names of the runs that are drawn thick, with a head, and of those that are drawn thin. By default all
            are thick; with neither, the landscape is shown alone, as a relief.

        Raises
        ------
        ValueError
            If the theme or a name is unknown.
        """
        bold = list(self._subject.runs) if bold is None else bold
        check.choice("theme", theme, tuple(LOOKS))
        for name in (*bold, *faint):
            check.choice("run", name, tuple(self._subject.runs))
        return thumbnail(self._subject, theme, bold, faint)

    @functools.cached_property
    def landscape(self) -> dict[str, Any] | None:
        """What the player must know of the function; None if it has more than two coordinates."""
        edges = self._subject.edges
        return None if edges is None else player.landscape(self._subject.function, edges)

    @functools.cached_property
    def recording(self) -> dict[str, Any]:
        """What the player must know of the descents."""
        charts = self._charts
        runs, function, edges = self._subject.runs, self._subject.function, self._subject.edges
        usual = (
            ("gradient", "update") if function is None else ("loss", VALUES if has_matrix(function) else "step length")
        )
        charts += [name for name in usual if name not in charts][: max(0, 2 - len(charts))]
        scene = scene_of(runs, edges) if function is not None else scene_of_responses(runs)
        return player.recording(
            runs, charts, title=self._caption.title, alt=self.alt, settings=self._settings,
            seconds=len(self.steps) / self._fps, box=edges,
        ) | scene  # fmt: skip

    @property
    def _charts(self) -> list[str]:
        return [panel for panel in self._panels if panel not in STAGES]

    @functools.cached_property
    def _scene(self) -> Scene:
        return Scene(self._subject, self._panels, self._caption)

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

    def _repr_png_(self) -> bytes:
        """The last step, where no player runs: on GitHub, on paper."""
        target = io.BytesIO()
        self._scene.frame(self._last).save(target, "PNG")
        return target.getvalue()


def animate(
    runs: Any,
    *,
    panels: Sequence[str] | None = None,
    frames: int = 100,
    fps: int = 20,
    title: str | None = None,
    box: Box | None = None,
) -> Animation:
    """Make a moving picture of recorded descents, or of responses to a prescribed gradient.

    Parameters
    ----------
    runs : Descent or mapping of str to Descent; Response or mapping of str to Response
        What to show: descents of the same function, each from a single start; or responses to the same signal, of
        which a batch is shown one by one.
    panels : sequence of str, optional
        What stands side by side: ``"map"`` and ``"surface"`` (functions of two coordinates), ``"curve"`` (of one),
        ``"loss"``, or the name of a state variable such as ``"m"``. Of descents of matrices also ``"singular values"``,
        those of the matrix that the problem names, and ``"update"``, those of each step. By default map and surface, or
        curve and loss; in more coordinates the loss, and the singular values of matrices.
        Of responses ``"gradient"``, ``"update"``, ``"parameter"`` or a state; by default the first two.
    frames : int
        Frames to draw, at most one per step. The first and the last step are always among them.
    fps : int
        Frames per second.
    title : str, optional
        What stands above; by default that of the function, or the names of rule and signal.
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
        If ``runs`` is neither a descent nor a mapping of descents, nor the same of responses.
    """
    responding = are_responses(runs)
    runs, usual = as_answers(runs) if responding else (as_runs(runs), None)
    if panels is None:
        panels = ("gradient", "update") if responding else _usual(runs)
    panels = (panels,) if isinstance(panels, str) else panels
    if not isinstance(panels, Sequence) or not all(isinstance(panel, str) for panel in panels):
        raise TypeError(f"panels must be names of panels, got {panels!r}")
    if not panels:
        raise ValueError("panels must name at least one panel, got none")
    if len(panels) > MOST_PANELS:
        raise ValueError(f"panels must be at most {MOST_PANELS}, more do not fit beside each other, got {len(panels)}")
    frames, fps = check.count("frames", frames, 2), check.count("fps", fps, 2, FASTEST)
    if responding:
        _check_responses(runs, panels, box)
        subject = Subject(runs, None, None)
    else:
        subject = _descents(runs, panels, box)
        usual = title_of(subject.function)
    title = check.text("title", usual if title is None else title)
    return Animation(subject, tuple(panels), frames, fps, title)


def _usual(runs: dict[str, Any]) -> tuple[str, ...]:
    """The panels of descents, unless there are others asked for."""
    if dim_of(runs) < 3:
        return ("curve", "loss") if dim_of(runs) == 1 else ("map", "surface")
    return ("loss", VALUES) if has_matrix(function_of(runs)) else ("loss",)


def _descents(runs: dict[str, Any], panels: Sequence[str], box: Box | None) -> Subject:
    function, dim = function_of(runs), dim_of(runs)
    for panel in panels:
        if panel in STAGES:
            check_dim(1 if panel == "curve" else 2, function, runs)
        elif panel in (VALUES, UPDATES) and has_matrix(function):
            continue
        elif panel != "loss":
            check_state(panel, runs)
    return Subject(runs, function, box_of(function, runs, box, dim=dim) if dim <= 2 else None)


def _check_responses(runs: dict[str, Any], panels: Sequence[str], box: Box | None) -> None:
    known = list(dict.fromkeys(name for run in runs.values() for name in run.states))
    for panel in panels:
        if panel not in known:
            raise ValueError(f"panels of responses are {', '.join(known)}, got {panel!r}")
    if box is not None:
        raise ValueError(f"box is a part of a landscape, and responses have none; leave it out, got {box!r}")


def _rate(name: str, run: Any) -> str:
    lr = (run.settings or {}).get("lr")
    return "" if lr is None or "lr" in name else f"lr\N{NO-BREAK SPACE}{lr:g}"
