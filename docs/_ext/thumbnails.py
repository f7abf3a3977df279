"""Pictures for cards, drawn for their size: what a page's picture shows, to the edge, without words or numbers.

In each section they show one thing: of optimizers the trail of the rule over that of its predecessor, of landscapes
the relief, of signals one curve, of other sections all trails of a film, or the first axes of a figure.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from scraper import page_of
from sphinx_gallery.py_source_parser import extract_file_config

import optguide as og
from optguide.render import style
from optguide.render.film.thumbnail import LOOKS, SIZE

#: Lines of a figure are drawn so thick at least.
LINE = 3.6


def rules_of(page: str) -> list[str]:
    """The names of the rules that a page of the optimizers explains, a variant after the rule itself."""
    rules = {name: getattr(og, name) for name in og.__all__ if isinstance(getattr(og, name), type)}
    mine = [n for n, rule in rules.items() if hasattr(rule, "repairs") and rule.year and page_of(rule) == page]
    return sorted(mine, key=lambda name: hasattr(rules[name], "variant_of"))


def cast(section: str, page: str, names: list[str]) -> dict[str, tuple[str, ...]]:
    """Which runs of a film are drawn bold, and which faint."""
    if section == "landscapes":
        return {"bold": ()}
    if section == "signals":  # the first is the signal
        return {"bold": (names[1],)}
    if section != "optimizers":
        return {}
    mine = rules_of(page)
    own = [name for rule in mine for name in names if name.startswith(rule)]
    one = not any(name.startswith(rule) for name in names for rule in og.optimizers.__all__)  # with other settings
    lead = own[0] if own else names[len(names) // 2] if one else names[-1]
    others = [name for name in names if name != lead]
    before = [name for rule in mine for other in getattr(og, rule).repairs for name in others if name == other]
    return {"bold": (lead,), "faint": tuple((before or others)[:1])}


def wanted(source: Path, picture: Path) -> bool:
    """Whether a picture is the one that the page has chosen for its card, the first by default."""
    number = extract_file_config(source.read_text(encoding="utf-8")).get("thumbnail_number", 1)
    return picture.stem.endswith(f"_{number:03}")


def save(source: Path, picture: Path, value: og.Animation | Figure) -> None:
    """Write the pair for the card of a page, if this is the picture that it wants there."""
    if not wanted(source, picture):
        return
    folder = picture.parent / "thumb"
    folder.mkdir(parents=True, exist_ok=True)
    for theme in LOOKS:
        if isinstance(value, og.Animation):
            names = [run["name"] for run in value.recording["runs"]]
            image = value.thumbnail(theme, **cast(source.parent.name, source.stem, names))
        else:
            image = of_figure(value, theme)
        image.save(folder / f"sphx_glr_{source.stem}_thumb_{theme}.webp", quality=60, method=4)


def of_figure(figure: Figure, theme: str) -> Image.Image:
    """The first axes of a figure, which loses everything else."""
    look = LOOKS[theme]
    style.repaint(figure, theme)
    axes, *others = figure.axes or [figure.add_subplot()]
    for ax in others:
        ax.remove()
    for part in (*figure.legends, *figure.texts, *axes.texts, axes.get_legend()):
        if part is not None:
            part.remove()
    if figure.get_suptitle():
        figure.suptitle("")
    for side in ("left", "center", "right"):
        axes.set_title("", loc=side)
    figure.set_layout_engine("none")
    figure.set(size_inches=(SIZE[0] / 100, SIZE[1] / 100), facecolor=look.ground)
    figure.patch.set_alpha(1)
    flat = axes.name != "3d"
    axes.set_position((0, 0, 1, 1) if flat else (-0.15, -0.3, 1.3, 1.6))
    axes.set_axis_off()
    if flat:
        axes.set_aspect("auto")
    for line in axes.lines:
        if line.get_linestyle() not in ("None", ""):
            line.set_linewidth(max(line.get_linewidth() * 1.6, LINE))
        line.set_markersize(line.get_markersize() * 1.6)
    figure.set_dpi(100)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.frombuffer("RGBA", SIZE, bytes(canvas.buffer_rgba()), "raw", "RGBA", 0, 1).convert("RGB")
