"""The player: recorded descents and responses as a small interactive picture for a browser.

What it shows travels as two JSON texts: the landscape, which many pages share, and the recording. Numbers in them are
packed: quantised or rounded to what can be seen, deflated, base64. The modules in ``web`` unpack and draw
them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from .. import programs
from . import web
from .canvas import (
    Shade,
    as_lines,
    aspect,
    axes_of,
    contours,
    heights,
    leaves_box_at,
    levels_of,
    minima_of,
    name_of,
    outcome,
)
from .losses import Losses
from .packing import deflated, pack, pack_heights, rounded
from .responses import Answer
from .spectra import PANEL, UPDATES, has_matrix, label_of, matrices_of, spectrum, target_of
from .style import COORDINATES, FAINT, GROUND, HALO, HEIGHTS, MARKERS, ON_GROUND, PALETTE, assign_styles

#: The number of heights along an edge: the first with which straight lines between them miss little of the landscape.
GRIDS = (129, 193, 257)
MISSED = 0.005
#: Descents of more steps than this are thinned: what is left out lies closer to a straight line, in time as in place,
#: than this share of the picture.
ALL_STEPS, SEEN = 300, 1 / 1000


def landscape(function: Any, box: np.ndarray) -> dict[str, Any]:
    """What a player must know of a function: its heights and contour levels in a box, its minima."""
    axes = axes_of(function, len(box))
    result = {"name": name_of(function), "axes": axes, "box": box.tolist()}
    if len(box) == 1:
        x = np.linspace(box[0][0], box[0][1], 501)
        z = heights(function, x)
        finite = z[np.isfinite(z)]
        result |= {"curve": pack(z), "range": [float(finite.min()), float(finite.max())]}
        return result | {"minima": [[point[0], float(heights(function, *point))] for point in minima_of(function)]}
    shade, share = _sampled(function, box)
    levels = contours(levels_of(function), shade, shade.height(share))
    return result | {
        "size": len(share),
        "heights": pack_heights(share),
        "levels": [[round(float(shade(level)), 5), f"{level:.3g}"] for level in levels],
        "colors": _colors(),
        "equal": aspect(box) == "equal",
        "minima": [list(point) for point in minima_of(function)],
    }


def recording(
    runs: dict[str, Any],
    charts: Sequence[str],
    *,
    title: str,
    alt: str,
    settings: Sequence[str],
    seconds: float,
    box: np.ndarray | None,
) -> dict[str, Any]:
    """What a player must know of descents: where each was at each step, its loss, its states; how each looks.

    Of answers to a signal it is what each is told by, and its states. ``charts`` are what the small charts show first:
    ``"loss"``, ``"step length"``, or the name of a state.
    """
    first = next(iter(runs.values()))
    losses = None if isinstance(first, Answer) else Losses.of(runs)
    if not isinstance(first, Answer) and has_matrix(first.function):
        shown = {panel: label_of(panel, first.function) for panel in (PANEL, UPDATES)}
        charts = [shown.get(chart, chart) for chart in charts]
    matrix = not isinstance(first, Answer) and box is None and has_matrix(first.function) and _matrix(first)
    return {
        "format": 1,
        "title": title,
        "alt": alt,
        "steps": max(run.steps for run in runs.values()),
        "seconds": seconds,
        "charts": list(charts),
        "loss": losses and {"label": losses.label, "scale": losses.scale, "limits": losses.limits},
        "style": _style(),
        "runs": [
            {"name": name, "color": to_hex(look.color), "shape": _outline(look.marker), "settings": words}
            | (_run(run, losses.series[name], box) if losses else _answer(run))
            for (name, run), look, words in zip(runs.items(), assign_styles(runs).values(), settings, strict=True)
        ],
    } | ({"matrix": matrix} if matrix else {})


def _matrix(run: Any) -> dict[str, Any]:
    """What a player shows where there is no landscape: which channels tell of matrices."""
    target = target_of(run.function) if matrices_of(run) is not None else None
    channels = {"values": label_of(PANEL, run.function), "update": label_of(UPDATES, run.function)}
    return channels | {"target": None if target is None else target.ravel().tolist()}


def _spectra(run: Any) -> dict[str, np.ndarray]:
    if not has_matrix(run.function):
        return {}
    found = {label_of(panel, run.function): spectrum(panel, run) for panel in (PANEL, UPDATES)}
    matrices = matrices_of(run)
    return found if matrices is None else found | {"entries": matrices.reshape(len(matrices), 4)}


def _style() -> dict[str, Any]:
    return {
        "ground": GROUND,
        "ink": ON_GROUND,
        "faint": FAINT,
        "halo": HALO,
        "coordinates": COORDINATES,
        "lost": _outline("X"),
    }


@functools.cache
def catalogue() -> dict[str, Any]:
    """All rules and landscapes for the lab, and how runs that it adds look."""
    looks = {"style": _style(), "palette": PALETTE, "shapes": list(map(_outline, MARKERS)), "colors": _colors()}
    return programs.catalogue() | looks


def _colors() -> list[str]:
    """Colours of heights from low to high."""
    return [to_hex(HEIGHTS(x)) for x in np.linspace(0, 1, 6)]


def _answer(answer: Answer) -> dict[str, Any]:
    kept = _kept(answer.steps, [_spread(values) for values in answer.states.values()])
    return {
        "told": answer.told,
        "dim": 1,
        "diverged": None,
        "left": None,
        "end": answer.end,
        "kept": None if len(kept) > answer.steps else pack(kept.astype(float)),
        "channels": {name: pack(rounded(values[kept])) for name, values in answer.states.items()},
        "lengths": [],
    }


def _run(run: Any, chart: np.ndarray, box: np.ndarray | None) -> dict[str, Any]:
    missing = np.full((1, run.theta.shape[1]), np.nan)
    rough = {
        "gradient": np.concatenate([run.grad, missing]),
        "step": np.concatenate([missing, np.diff(run.theta, axis=0)]),
        **run.states,
    }
    lengths = [name for name, values in {"theta": run.theta, **rough}.items() if values.shape[1] > 2]
    exact = {"theta": as_lines(run.theta), "loss": run.loss[:, None]}
    rough = _spectra(run) | {name: as_lines(values) for name, values in rough.items()}
    if not np.array_equal(chart, run.loss, equal_nan=True):
        rough["chart"] = chart[:, None]
    kept = _kept(run.steps, _seen(run, chart, box))
    channels = {name: pack(values[kept]) for name, values in exact.items()}
    channels |= {name: pack(rounded(values[kept])) for name, values in rough.items()}
    left = None if box is None else leaves_box_at(run.theta, box)
    return {
        "dim": run.theta.shape[1],
        "diverged": run.diverged_at,
        "left": None if run.diverged_at is not None else left,
        "end": outcome(run, box),
        "kept": None if len(kept) == len(run.theta) else pack(kept.astype(float)),
        "channels": channels,
        "lengths": lengths,
    }


def _sampled(function: Any, box: np.ndarray) -> tuple[Shade, np.ndarray]:
    """Heights on the coarsest grid that shows the landscape, each as a share of the range; NaN where there is none."""
    fine = heights(function, *np.meshgrid(*(np.linspace(low, high, GRIDS[-1]) for low, high in box)))
    shade = Shade.of(function, fine)
    for size in GRIDS:
        x, y = (np.linspace(low, high, 2 * size - 1) for low, high in box)
        share = shade(heights(function, x, y[:, None]))
        coarse = share[::2, ::2]
        between = [share[::2, 1::2] - (coarse[:, 1:] + coarse[:, :-1]) / 2]
        between += [share[1::2, ::2] - (coarse[1:] + coarse[:-1]) / 2]
        missed = np.abs(np.concatenate([part.ravel() for part in between]))
        if not np.isfinite(missed).any() or np.nanquantile(missed, 0.99) < MISSED:
            break
    return shade, coarse


def _seen(run: Any, chart: np.ndarray, box: np.ndarray | None) -> Iterator[np.ndarray]:
    """What can be seen of a descent, each as a share of its picture."""
    theta = as_lines(run.theta)
    yield theta / (np.ptp(box, axis=1) if box is not None else np.nanmax(np.abs(theta)))
    with np.errstate(divide="ignore", invalid="ignore"):
        yield np.log10(chart)[:, None] / 10 if (chart > 0).any() else chart[:, None] / np.nanmax(np.abs(chart))
    yield from map(_spread, map(as_lines, run.states.values()))
    for values in _spectra(run).values():
        with np.errstate(divide="ignore", invalid="ignore"):
            yield np.log10(np.abs(values)) / 10


def _spread(state: np.ndarray) -> np.ndarray:
    spread = np.nanmax(state, axis=0) - np.nanmin(state, axis=0)
    return state / np.where(spread > 0, spread, 1)


def _kept(steps: int, seen: Iterable[np.ndarray]) -> np.ndarray:
    """The steps that are needed to draw what is seen; the first, the last and those beside a gap always."""
    if steps <= ALL_STEPS:
        return np.arange(steps + 1)
    series = np.concatenate(list(seen), axis=1)
    finite = np.isfinite(series)
    edges = np.flatnonzero((finite[1:] != finite[:-1]).any(axis=1))
    keep = np.zeros(len(series), bool)
    keep[[0, -1, *edges, *(edges + 1)]] = True
    series = np.where(finite, series, 0)
    ends = np.flatnonzero(keep)
    open_ = list(zip(ends[:-1], ends[1:], strict=True))
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        at = np.arange(first + 1, last)
        share = ((at - first) / (last - first))[:, None]
        off = np.abs(series[at] - (1 - share) * series[first] - share * series[last]).max(axis=1)
        if off.max() > SEEN:
            worst = int(at[off.argmax()])
            keep[worst] = True
            open_ += [(first, worst), (worst, last)]
    return np.flatnonzero(keep)


@functools.cache
def _outline(marker: str) -> str:
    """A marker about one unit wide as an SVG path."""
    style = MarkerStyle(marker)
    outline = style.get_path().transformed(style.get_transform() + Affine2D().scale(1, -1))
    letters = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
    return "".join(
        letters[code] + " ".join(f"{x:.3g}" for x in points) if code in letters else "Z"
        for points, code in outline.iter_segments(simplify=False)
    )


def markup(record: dict[str, Any], stills: Sequence[str], data: dict[str, str]) -> str:
    """The player's HTML before its script takes over: stills, legend, and the results in words.

    Parameters
    ----------
    record : dict
        From `recording`.
    stills : sequence of str
        HTML of the still pictures: of the landscape and of the charts, or of the charts alone.
    data : dict of str to str
        Where the script finds its data: attributes ``data-...`` of the figure.
    """
    return str(web.template().markup(record, _panels(stills), data))


def fragment(record: dict[str, Any], land: dict[str, Any] | None, stills: Sequence[str]) -> str:
    """A player that needs nothing else: for a notebook's cell, or as the body of a page."""
    return str(web.template().fragment(*_alone(record, land, stills)))


def document(record: dict[str, Any], land: dict[str, Any] | None, stills: Sequence[str]) -> str:
    """A page of its own that holds nothing but the player."""
    return f"{web.template().document(*_alone(record, land, stills))}\n"


def _panels(stills: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(("og-view", "og-charts")[-len(stills) :], stills, strict=True))


def _alone(record: dict[str, Any], land: dict[str, Any] | None, stills: Sequence[str]) -> tuple[Any, ...]:
    """What a player that has no other files shows, and all that it needs to show it; a lab, if it can be one."""
    given: dict[str, Any] = {"record": record, "landscape": land}
    style, script = web.style(), web.script()
    if "matrix" in record:
        script += web.script("matrix/stage.js", without="main.js")
    if "scene" in record:
        given["catalogue"] = deflated(np.frombuffer(dumps(catalogue()).encode(), np.uint8))
        style, script = (
            style + web.style("lab/lab.css"),
            web.script("lab/element.js") + web.script("lab/more.js", without="lab/element.js"),
        )
    return record, _panels(stills), style, script, dumps(given).replace("<", "\\u003c")


def dumps(value: Any) -> str:
    """JSON that JavaScript can read: no NaN. The same data give the same text."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
