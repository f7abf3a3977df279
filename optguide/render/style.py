"""How pictures look: colours, markers and ink."""

from __future__ import annotations

import bisect
import itertools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

#: Heights from low to high: near-black navy to slate blue, so that bright trails stand out.
HEIGHTS = LinearSegmentedColormap.from_list(
    "optguide_heights", ["#060a18", "#0b1430", "#14264f", "#22406f", "#3a5f8f", "#6484ad"]
)
#: The same for small pictures on a light page: from slate blue to near-white.
PALE = LinearSegmentedColormap.from_list("optguide_pale", ["#8fa8cc", "#b3c6e0", "#d5e0ef", "#f1f5fa"])
#: The dark ground of charts, legends and animations, and what is written on it.
GROUND = "#0a1022"
ON_GROUND = "#dfe6f3"
FAINT = "#8fa6c9"
HALO = "#03060f"
#: Coordinates of a lone run beyond its first, which has the run's colour.
COORDINATES = (ON_GROUND, FAINT, "#f2d33c")
INK = {"light": "#1d2433", "dark": "#dfe3ea"}

#: Colours for runs that bring none of their own.
PALETTE = (
    "#f2d33c",
    "#4fb0e8",
    "#e5484d",
    "#57b84a",
    "#d55fde",
    "#e8a33d",
    "#f5f7fa",
    "#00a58e",
    "#f5a3a5",
    "#8f7bea",
    "#b4e04d",
    "#c98f5e",
    "#3d8bfd",
    "#9aa7b8",
)
#: Shapes of heads and patterns of trails, so that runs can be told apart without colour.
MARKERS = ("o", "s", "^", "D", "v", "p", "<", "h", ">")
DASHES = ((), (6, 1.6), (3.5, 1.6), (6, 1.6, 1.2, 1.6), (1.8, 1.4))


@dataclass(frozen=True)
class Style:
    """How one run is drawn. ``dashes`` is in units of the line width, empty for a solid line."""

    color: str
    marker: str
    dashes: tuple[float, ...]

    @property
    def linestyle(self) -> Any:
        return (0, self.dashes) if self.dashes else "-"


def assign_styles(runs: Mapping[str, Any]) -> dict[str, Style]:
    """One distinct style per run. The first run of a colour keeps it; the others get the farthest one free."""
    own: dict[str, str] = {}
    for name, run in runs.items():
        if run.color and run.color not in own.values():
            own[name] = run.color
    result = {}
    for i, name in enumerate(runs):
        if name not in own:
            own[name] = _farthest(list(own.values())) if own else PALETTE[0]
        result[name] = Style(own[name], MARKERS[i % len(MARKERS)], DASHES[i % len(DASHES)])
    return result


def _farthest(used: list[str]) -> str:
    def distance(a: str, b: str) -> float:
        return sum((x - y) ** 2 for x, y in zip(to_rgb(a), to_rgb(b), strict=True))

    return max(PALETTE, key=lambda color: min(distance(color, other) for other in used))


def new_axes(width: float = 7, height: float = 4.2, **options: Any) -> Axes:
    """Axes in a new figure that shows itself in notebooks and is readable 700 px wide.

    Only a figure that pyplot knows shows itself, so pyplot keeps it until it is closed, and warns of more than 20.
    """
    import matplotlib.pyplot as plt

    with matplotlib.rc_context({"font.size": 11, "axes.titlesize": 12}):
        return plt.figure(figsize=(width, height), dpi=150, layout="constrained").add_subplot(**options)


def new_grid(rows: int, columns: int, size: tuple[float, float], fonts: dict[Any, Any], **options: Any) -> Any:
    """An array of axes in a new figure that share their horizontal scale."""
    import matplotlib.pyplot as plt

    with matplotlib.rc_context(fonts):
        return plt.subplots(
            rows, columns, sharex=True, squeeze=False, dpi=150, layout="constrained", figsize=size, **options
        )[1]


def repaint(fig: Figure, theme: str) -> None:
    """Switch the ink of a figure to a theme, on a transparent ground.

    Text, ticks, spines and legends change colour; what lies on a dark panel of its own keeps its colours.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure, changed in place.
    theme : {"light", "dark"}
        The ground on which the figure will be shown.

    Raises
    ------
    ValueError
        If the theme is unknown.
    """
    if theme not in INK:
        raise ValueError(f"theme must be 'light' or 'dark', got {theme!r}")
    ink = INK[theme]
    fig.patch.set_alpha(0)
    whole: Any = fig  # matplotlib does not say what these three are called
    for text in (*fig.texts, whole._suptitle, whole._supxlabel, whole._supylabel):
        if text is not None:
            text.set_color(ink)
    for ax in fig.axes:
        _paint_axes(ax, ink)
    for legend in (*fig.legends, *(ax.get_legend() for ax in fig.axes)):
        if legend is not None and legend.get_gid() != "on-ground":
            legend.get_frame().set_alpha(0)
            for text in (*legend.get_texts(), legend.get_title()):
                text.set_color(ink)


def _paint_axes(ax: Any, ink: str) -> None:
    for title in (ax.title, ax._left_title, ax._right_title):
        title.set_color(ink)
    if ax.get_facecolor()[:3] == (1.0, 1.0, 1.0):
        ax.patch.set_alpha(0)
    is_3d = ax.name == "3d"
    for axis in (ax.xaxis, ax.yaxis, *((ax.zaxis,) if is_3d else ())):
        axis.label.set_color(ink)
        axis.get_offset_text().set_color(ink)
        axis.set_tick_params(which="both", color=ink, labelcolor=ink)
        if is_3d:
            axis.line.set_color(ink)
    for spine in ax.spines.values():
        spine.set_edgecolor(ink)
    for artist in (*ax.texts, *ax.lines):
        if artist.get_gid() == "ink":
            artist.set_color(ink)


def dark_background(ax: Axes) -> None:
    """Give a chart the dark ground on which run colours are bright."""
    ax.set_facecolor(GROUND)
    ax.grid(True, color=FAINT, alpha=0.16, linewidth=0.7)
    ax.set_axisbelow(True)


def share_legend(figure: Figure) -> None:
    """One legend below all axes instead of one in each, so that none covers a trail."""
    entries: dict[str, Any] = {}
    for ax in figure.axes:
        if legend := ax.get_legend():
            for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
                entries.setdefault(" ".join(text.get_text().split()), handle)
            legend.remove()
    labels = list(entries)
    legend = figure.legend(
        list(entries.values()),
        ["name"] * len(labels),
        loc="outside lower center",
        ncols=min(len(labels), 4),
        facecolor=GROUND,
        edgecolor="none",
        labelcolor=ON_GROUND,
        handlelength=2.6,
        borderpad=0.7,
    )
    write_labels(legend, labels)
    legend.set_gid("on-ground")


def write_labels(legend: Any, labels: Sequence[str]) -> None:
    """Write labels as they are: matplotlib would read dollars as mathematics and leave out what begins with _."""
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(shorten(label))


def shorten(text: str, longest: int = 60) -> str:
    """The text with every line cut that is so long that it would leave no room for the picture."""
    lines = []
    for line in text.split("\n")[:4]:
        widths = list(itertools.accumulate(1 if character.isascii() else 2 for character in line))
        fit = bisect.bisect_right(widths, longest)
        lines.append(line if fit == len(line) else f"{line[: fit - 1]}…")
    return "\n".join(lines)


def wrap(text: str, width: int) -> str:
    """The text with every line broken between words where it would be longer."""
    return "\n".join(textwrap.fill(line, width, break_long_words=False) for line in text.split("\n"))


def legend_on_ground(ax: Axes, handles: list[Any] | None = None, outside: bool = True, **options: Any) -> Any:
    """A dark legend: beside the axes if the figure makes room for it, else inside."""
    lonely = len(ax.figure.axes) == 1 and ax.figure.get_layout_engine() is not None
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)} if lonely and outside else {"loc": "upper right"}
    handles = ax.get_legend_handles_labels()[0] if handles is None else handles
    legend = ax.legend(
        handles=handles,
        labels=["name"] * len(handles),
        facecolor=GROUND,
        edgecolor="none",
        labelcolor=ON_GROUND,
        framealpha=0.9,
        handlelength=2.6,
        borderpad=0.7,
        labelspacing=0.55,
        borderaxespad=0.4,
        fancybox=True,
        **{**place, **options},
    )
    write_labels(legend, [handle.get_label() for handle in handles])
    legend.set_gid("on-ground")
    legend.set_zorder(20)
    return legend
