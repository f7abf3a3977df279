"""What sphinx-gallery calls: the scraper, the resetter and the order of the pages.

The scraper turns the value of a cell's last expression, and the open figures, into reStructuredText.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import hashlib
import itertools
import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
import xarray as xr
from lab_links import planes_of
from matplotlib.text import Text
from PIL import Image

import optguide as og
from optguide.language.pseudocode import Card
from optguide.render import style
from optguide.render.player import dumps

#: Pixels per inch: a figure is shown at the first and saved at the second, for sharp screens.
SHOWN, SAVED = 100, 160


def scrape(block, block_vars, gallery_conf) -> str:
    """Save what a cell shows and return the reStructuredText that shows it on the page."""
    import thumbnails  # which names pages as this module does

    paths, script = block_vars["image_path_iterator"], Path(block_vars["src_file"])
    source = gallery_conf["src_dir"]
    parts = []
    value = block_vars["example_globals"].get("___") if _ends_with_expression(block.content) else None
    if isinstance(value, og.study.Result):
        value = value.show()
    if isinstance(value, (og.Race, og.Response)):
        value = value.animate()
    if isinstance(value, og.Animation):
        path = Path(next(paths))
        parts.append(save_player(value, path, source))
        thumbnails.save(script, path, value)
    table = value if isinstance(value, og.Table) else getattr(value, "table", None)
    if isinstance(table, og.Table):
        parts.append(table_to_rst(table))
    if isinstance(value, Card):  # beside the card, its place among the others; a wrapper's without what it wraps
        name = value.name.partition("(")[0]
        parts += [f"\n.. kin:: {name}\n"] if hasattr(og, name) else []
    if isinstance(value, xr.Dataset):
        parts.append(_save_data(value, Path(block_vars["target_file"]).with_suffix(".csv"), source))
    for number in plt.get_fignums():
        figure, path = plt.figure(number), Path(next(paths))
        parts.append(save_figure(figure, path, source))
        thumbnails.save(script, path, figure)
    plt.close("all")
    return "\n".join(parts)


def _ends_with_expression(code: str) -> bool:
    """Whether the cell's value is its own: sphinx-gallery keeps the last one until there is another."""
    body = ast.parse(code).body
    return bool(body) and isinstance(body[-1], ast.Expr)


def save_player(animation: og.Animation, path: Path, source: str) -> str:
    """A recording, its stills in two inks, and the landscape, which pages share."""
    recording = path.with_suffix(".json")
    recording.write_text(dumps(animation.recording), encoding="utf-8")
    options = {}
    if animation.landscape:
        text = dumps(animation.landscape)
        name = re.sub(r"\W+", "_", animation.landscape["name"])[:60]
        landscape = Path(source, "gallery", "maps", f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:10]}.json")
        landscape.parent.mkdir(exist_ok=True)
        unfinished = landscape.with_suffix(".unfinished")
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, landscape)
        options["landscape"] = _address(landscape, source)
    stills = {theme: animation.stills(theme) for theme in ("light", "dark")}
    names = [path.with_name(f"{path.stem}{part}.webp") for part in ("_light", "", "_charts_light", "_charts")]
    pairs = [image for both in zip(stills["light"], stills["dark"], strict=True) for image in both]
    for target, image in zip(names, pairs, strict=False):
        image.save(target, quality=70, method=2)
    options["stills"] = " ".join(_address(target, source) for target in names[: len(pairs)])
    return _directive("player", recording, source, **options)


def save_figure(fig, path: Path, source: str, alt: str = "") -> str:
    """A figure in two inks; who cannot see it is told what is given, or what stands in it."""
    if words := overprinted(fig):
        raise ValueError(f"in a figure, {words[0]!r} and {words[1]!r} are printed one over the other")
    if text := cut_off(fig):
        raise ValueError(f"in a figure, {text!r} reaches beyond the edge")
    alt = alt or describe(fig)
    dark, light = path.with_suffix(".webp"), path.with_name(f"{path.stem}_light.webp")
    for theme, target in (("light", light), ("dark", dark)):
        style.repaint(fig, theme)
        fig.savefig(target, dpi=SAVED, pil_kwargs={"quality": 75, "method": 2})
        fig.set_layout_engine("none")  # other ink moves nothing
    with Image.open(light) as image:
        size = tuple(round(pixels * SHOWN / SAVED) for pixels in image.size)
    words = " ".join(alt.split())
    facts = {"alt": words, "width": str(size[0]), "height": str(size[1])}
    if planes := planes_of(fig):
        facts["planes"] = dumps(planes)
    return _directive("picture", light, source, dark=_address(dark, source), **facts)


def _save_data(data: xr.Dataset, path: Path, source: str) -> str:
    """A file to download beside the page: one row for each combination of labels, one column for each array."""
    frame = data.to_dataframe()
    frame.to_csv(path, float_format="%.6g")
    return f"\n:download:`Download these numbers <{_address(path, source)}>` (CSV, {len(frame):,} rows).\n"


def _address(path: Path, source: str) -> str:
    return "/" + Path(os.path.relpath(path, source)).as_posix()


def _directive(name: str, path: Path, source: str, **options: str) -> str:
    return f"\n.. {name}:: {_address(path, source)}\n" + "".join(f"   :{key}: {v}\n" for key, v in options.items())


def overprinted(fig) -> tuple[str, str] | None:
    """Two neighbours among the words beside one axis that touch, if there are any."""
    fig.draw_without_rendering()
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
            labels = [tick.label1 for tick in ticks if tick.label1.get_visible() and tick.label1.get_text()]
            for one, other in itertools.pairwise(labels):
                if one.get_window_extent().overlaps(other.get_window_extent()):
                    return one.get_text(), other.get_text()
    return None


def cut_off(fig) -> str:
    """The first of the words in a figure that are not whole within it, or nothing."""
    fig.draw_without_rendering()
    beyond = set()  # labels of ticks that no axis shows
    for axis in (axis for ax in fig.axes for axis in ax._axis_map.values()):
        low, high = sorted(axis.get_view_interval())
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        beyond |= {label for t in ticks if not low <= t.get_loc() <= high for label in (t.label1, t.label2)}
    whole = fig.bbox.padded(4)  # the empty room below its letters is part of a text
    for text in fig.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in beyond:
            box = text.get_window_extent()
            if not (whole.contains(*box.min) and whole.contains(*box.max)):
                return text.get_text()
    return ""


def describe(fig) -> str:
    """One sentence for who cannot see the figure: titles, axis labels and legend of each of its axes."""
    sentences = [fig.get_suptitle() or fig.get_label()]
    for ax in fig.axes:
        labels = [ax.get_xlabel(), ax.get_ylabel(), ax.get_zlabel() if hasattr(ax, "get_zlabel") else ""]
        legend = ax.get_legend()
        entries = [text.get_text() for text in legend.get_texts()] if legend else []
        facts = [ax.get_title()]
        facts += [f"axes {', '.join(filter(None, labels))}"] if any(labels) else []
        facts += [f"showing {', '.join(entries)}"] if entries else []
        sentences.append("; ".join(filter(None, facts)))
    entries = [text.get_text() for legend in fig.legends for text in legend.get_texts()]
    sentences += [f"Showing {', '.join(entries)}"] if entries else []
    return ". ".join(s.rstrip(".") for s in filter(None, sentences)).replace("$", "") or "Figure without labels"


def table_to_rst(table: og.Table) -> str:
    """A table as a ``list-table`` whose class is the table's kind."""
    rows = [[cell_to_rst(cell) for cell in row] for row in (table.columns, *table.rows)]
    head = rows.pop(0)
    return f"\n{list_table(table.kind or 'plain', head if any(head) else [], rows, cell_to_rst(table.title))}"


def list_table(kind: str, head: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> str:
    """The directive ``list-table``: its class, its head or none, and cells of reStructuredText."""
    lines = [f".. list-table:: {title}".rstrip(), f"   :class: {kind}", f"   :header-rows: {int(bool(head))}", ""]
    for row in [head, *rows] if head else rows:
        lines += [f"   {'*' if i == 0 else ' '} - {cell}".rstrip() for i, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def cell_to_rst(cell: str) -> str:
    r"""Plain text, ```code``` and ``$latex$`` as reStructuredText; a backslash before ``$`` or a backquote is text."""
    parts = re.split(r"(?<!\\)(`[^`]+`|\$[^$]+\$)", " ".join(cell.split()))
    out = []
    for i, part in enumerate(parts):
        if i % 2 and part[0] == "`":
            out.append(f"``{part[1:-1]}``")
        elif i % 2:
            out.append(f":math:`{part[1:-1].strip()}`")
        elif part:
            out.append(re.sub(r"([\\`*_|<>:@])", r"\\\1", part.replace("\\$", "$").replace("\\`", "`")))
    text = "\\ ".join(out)  # an escaped space ends inline markup and prints nothing
    # Text that begins like a list, a directive or a heading is escaped; letters and markup of our own are not.
    if text and not text.strip("\\"):
        return f"\\ {text}"  # a row of one sign would be a heading's line
    return f"\\{text}" if re.match(r"[^\w\\`:]|\w+[.)](\s|$)|:[^m]", text) else text


#: What holds while a page is executed.
_while_executed = contextlib.ExitStack()


def reset(gallery_conf, fname: str, when: str) -> None:
    """Start every page from the same seeds and drawing settings, and let every warning on it stop the build."""
    _while_executed.close()
    if when == "before":
        _while_executed.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error")
        # torch warns of what it does itself when it is first asked for a Hessian.
        warnings.filterwarnings("ignore", r"`torch\.jit\.script` is deprecated", DeprecationWarning)
    gc.freeze()  # sphinx-gallery collects garbage after each page; without this it walks all of torch every time
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - a reader's page may use it
    torch.set_default_dtype(torch.float32)
    plt.rcParams.update({"figure.dpi": SHOWN, "figure.figsize": (7.0, 4.4), "figure.constrained_layout.use": True})


class PageOrder:
    """Pages of a section in order: optimizers by family and as in their tree, others as their header does.

    A header lists its pages in comments that begin with ``.. pages:`` or, for a group of them, ``.. pages (Title):``.
    Pages it does not list follow, by name.
    """

    def __init__(self, src_dir: str) -> None:
        self.pages = section_pages(Path(src_dir))

    def __call__(self, filename: str) -> tuple[int, str]:
        stem = Path(filename).stem
        return (self.pages.index(stem) if stem in self.pages else len(self.pages), stem)


def section_pages(section: Path) -> list[str]:
    """The file names, without suffix, that a section puts first, in order."""
    if section.name == "optimizers":
        from family_tree import read_tree  # which names pages as this module does

        return list(dict.fromkeys(page_of(getattr(og, name)) for name in read_tree().by_family))
    return [page for _, pages in section_groups(section) for page in pages]


def section_groups(section: Path) -> list[tuple[str, list[str]]]:
    """What the header of a section lists: the title of each group of pages, "" for pages without one, and its pages."""
    header = section / "GALLERY_HEADER.rst"  # sphinx-gallery tries the class on an empty name first
    text = header.read_text(encoding="utf-8") if header.exists() else ""
    listed = re.findall(r"^\.\. pages(?: \((.+)\))?:((?:\s+plot_\w+)*)", text, re.MULTILINE)
    return [(title, pages.split()) for title, pages in listed]


def page_of(optimizer: type) -> str:
    """The page of an optimizer or a wrapper is called after its module; a variant is explained on that of another."""
    if variant_of := getattr(optimizer, "variant_of", None):
        optimizer = getattr(og, variant_of)
    return "plot_" + optimizer.__module__.rsplit(".", 1)[-1]
