"""Charts that pages draw from tables of numbers: bars and curves, in light and dark, and the same numbers in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from docutils import nodes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter
from scraper import save_figure
from sphinx.util.docutils import SphinxDirective

#: What is ours and what stands beside it; both can be told from white and from the dark ground.
OURS, BESIDE = "#3d8bfd", "#8592a6"
#: Inches: narrow, so that words can be read on a phone.
WIDTH = 5.6
FONTS = {"font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold"}
Bars = Mapping[str, Mapping[str, float]]


def told(value: float) -> str:
    """A number in three digits, or in all that it has before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def bars(
    panels: Bars, axis: str, *, log: bool = False, mark: float | None = None, beside: Sequence[str] = ()
) -> Figure:
    """Horizontal bars, one panel below the other, each bar with its number; ``mark`` draws a line across.

    Bars named in ``beside`` are of what ours is compared with.
    """
    rows = [len(values) for values in panels.values()]
    figure = Figure(figsize=(WIDTH, 0.55 + sum(0.31 * n + 0.42 for n in rows)), layout="constrained")
    with matplotlib.rc_context(FONTS):
        all_axes = figure.subplots(len(panels), sharex=True, squeeze=False, height_ratios=[n + 0.6 for n in rows])
        largest = max(value for values in panels.values() for value in values.values())
        for ax, (title, values) in zip(all_axes[:, 0], panels.items(), strict=True):
            colors = [BESIDE if name in beside else OURS for name in values]
            ax.barh(list(values), list(values.values()), color=colors, height=0.7)
            ax.invert_yaxis()
            ax.set_title(title, loc="left")
            ax.spines[["top", "right", "left"]].set_visible(False)
            ax.tick_params(axis="y", length=0)
            for name, value in values.items():
                end = (max(value, mark or value), name)  # no number stands on the line
                ax.annotate(told(value), end, (4, 0), textcoords="offset points", va="center", gid="ink")
            if mark is not None:
                ax.axvline(mark, linewidth=1, zorder=0.5, gid="ink")
        if log:
            ax.set_xscale("log")
            smallest = min(value for values in panels.values() for value in values.values())
            ax.set_xlim(min(smallest, mark or smallest) / 2, largest * 3)
        else:
            ax.set_xlim(0, largest * 1.15)
        ax.set_xlabel(axis)
    return figure


def words_of_bars(panels: Bars, axis: str) -> str:
    """The same in words."""
    parts = [
        f"{title}: " * bool(title) + ", ".join(f"{name} {told(value)}" for name, value in values.items())
        for title, values in panels.items()
    ]
    return f"Bars, {axis}. {'; '.join(parts)}"


#: A curve: its title, the names of its axes, and its points.
Curve = tuple[str, str, str, Sequence[float], Sequence[float]]


def curves(found: Sequence[Curve]) -> Figure:
    """Curves on logarithmic axes, one below the other, with a point for each number."""
    figure = Figure(figsize=(WIDTH, 2.3 * len(found)), layout="constrained")
    with matplotlib.rc_context(FONTS):
        for ax, (title, across, up, x, y) in zip(figure.subplots(len(found), squeeze=False)[:, 0], found, strict=True):
            ax.loglog(x, y, "o-", color=OURS)
            ax.set_xticks(list(x))
            ax.yaxis.set_major_locator(LogLocator(subs=(1,) if max(y) > 100 * min(y) else (1, 2, 5)))
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter(EngFormatter(sep=""))
                axis.set_minor_formatter(NullFormatter())
            ax.set_title(title, loc="left")
            ax.set(xlabel=across, ylabel=up)
            ax.spines[["top", "right"]].set_visible(False)
            ax.grid(True, color=BESIDE, alpha=0.3)
    return figure


def words_of_curves(found: Sequence[Curve]) -> str:
    parts = [
        f"{title}: " + ", ".join(f"{told(b)} at {told(a)}" for a, b in zip(x, y, strict=True)) + f" ({up}; {across})"
        for title, across, up, x, y in found
    ]
    return f"Curves. {'; '.join(parts)}"


class Chart(SphinxDirective):
    """A directive that shows charts: each is saved for both themes where the gallery's pictures are."""

    def chart(self, figure: Figure, name: str, words: str) -> list[nodes.Node]:
        folder = Path(self.env.srcdir, "gallery", "charts")
        folder.mkdir(parents=True, exist_ok=True)
        return self.parse_text_to_nodes(save_figure(figure, folder / name, str(self.env.srcdir), words))
