"""What a loss chart shows: in a figure, in a film, in the player."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .. import check
from .canvas import heights, minima_of
from .style import dark_background

#: What losses may be drawn against: the name of the axis, and where a run's iterates stand on it.
AGAINST: dict[str, tuple[str, Callable[[Any], np.ndarray]]] = {
    "step": ("step", lambda run: np.arange(len(run.loss))),
    "evaluations": ("gradient evaluations", lambda run: run.evaluations),
}


@dataclass(frozen=True)
class Losses:
    """One series per run, NaN where there is nothing to show, and where along the axis its values stand; the names of
    both axes, the scale and the limits of the upright one."""

    series: dict[str, np.ndarray]
    places: dict[str, np.ndarray]
    along: str
    label: str
    scale: str
    limits: tuple[float, float]

    @classmethod
    def of(cls, runs: dict[str, Any], against: str = "step") -> Losses:
        along, place = check.choice("against", against, AGAINST)
        places = {name: place(run) for name, run in runs.items()}
        series = {name: _until_lost(run) for name, run in runs.items()}
        label, scale = "loss", "log"
        if not (_finite(series.values()) > 0).all():
            lowest = _lowest({id(run.function): run.function for run in runs.values()})
            if lowest is None:
                scale = "linear"
            else:
                label = "loss" if lowest == 0 else f"loss − lowest value ({lowest:.5g})".replace("-", "−")
                series = {name: loss - lowest for name, loss in series.items()}
                for loss in series.values():
                    loss[loss <= 0] = np.nan  # a log scale cannot show them
        # A run that diverged does not stretch the axis: only its start is sure to be visible.
        calm = [series[name] if run.diverged_at is None else series[name][:1] for name, run in runs.items()]
        values = _finite(calm)
        if not values.size:
            return cls(series, places, along, label, "linear", (-1, 1))
        low, high = float(values.min()), float(values.max())
        if scale == "log":
            return cls(series, places, along, label, scale, (low / 1.6, high * 1.6))
        margin = 0.06 * (high - low or 1)
        return cls(series, places, along, label, scale, (low - margin, high + margin))

    def prepare(self, ax: Axes) -> None:
        """Give axes the ground, the scale and the limits of these losses."""
        most = max(place[-1] for place in self.places.values())
        dark_background(ax)
        ax.set_yscale(self.scale)
        ax.set(xlim=(-0.02 * most, 1.02 * most), ylim=self.limits, xlabel=self.along, ylabel=self.label)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _until_lost(run: Any) -> np.ndarray:
    loss = np.where(np.isfinite(run.loss), run.loss, np.nan)
    if run.diverged_at is not None:
        loss[run.diverged_at :] = np.nan
    return loss


def _finite(series: Any) -> np.ndarray:
    values = np.concatenate(list(series))
    return values[np.isfinite(values)]


def _lowest(functions: dict[int, Any]) -> float | None:
    """The lowest height that the one function is known to have; None if there are several, or none is known."""
    if len(functions) > 1:
        return None
    (function,) = functions.values()
    return min((float(heights(function, *point)) for point in minima_of(function)), default=None)
