"""The foot of a gallery page: what to read before it and next, and what else there is on its subject.

The order, and the reason to read a page, stand in ``docs/learning-path.md``; the arrows at the end of the site's pages
follow it, too. What else there is follows from the scripts: who uses a rule or a landscape, and on which page that one
is explained. A page that still ends with links of its own gets no other foot.
"""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from pathlib import Path

from scraper import cell_to_rst, page_of

import optguide as og

#: How many pages a foot lists at most.
MOST = 8
LEADERBOARD = "gallery/comparisons/plot_leaderboard"
STOP = re.compile(r"^1\. \[\]\((gallery/\w+/plot_\w+)\): (.+)$", re.MULTILINE)
BY_HAND = re.compile(r"^(Before this|Next):", re.MULTILINE)
#: Where sphinx-gallery begins what it writes below a page.
DOWNLOADS = re.compile(r"^\.\. _sphx_glr_download_", re.MULTILINE)


def read_path(text: str) -> dict[str, str]:
    """The pages of the whole path in order, each with the reason to read it."""
    return dict(STOP.findall(text.split("## The whole path")[1]))


@functools.cache
def uses(script: str) -> Counter[str]:
    """How often a script names each rule, as ``og.Adam``, and each landscape, as ``og.surfaces.rastrigin``."""
    found: Counter[str] = Counter()
    for node in ast.walk(ast.parse(script)):
        match node:
            case ast.Attribute(value=ast.Name(id="og"), attr=name) if name in og.optimizers.__all__:
                found[name] += 1
            case ast.Attribute(value=ast.Name(id="surfaces") | ast.Attribute(attr="surfaces"), attr=name):
                found[name] += name in og.surfaces.__all__
    return +found


class Gallery:
    """All pages by their names, in the order in which they are read, and what their scripts use."""

    def __init__(self, scripts: dict[str, str], path: dict[str, str]) -> None:
        self.path = path
        self.uses = {page: uses(scripts[page]) for page in sorted(scripts, key=[*path, *scripts].index)}
        #: Where each rule and each landscape is explained.
        self.homes = {name: f"gallery/optimizers/{page_of(getattr(og, name))}" for name in og.optimizers.__all__}
        for name in og.surfaces.__all__:
            found = [page for page, used in self.uses.items() if page.startswith("gallery/landscapes/") and used[name]]
            if found:  # a page of its own, or that with the fewest others
                own = f"gallery/landscapes/plot_{name}"
                self.homes[name] = own if own in found else min(found, key=lambda page: len(self.uses[page]))

    def see_also(self, page: str) -> list[str]:
        """Pages on the same subject that are no neighbours on the path, those that say most about it first."""
        subjects = {name for name, home in self.homes.items() if home == page}
        if subjects:
            found = [other for other, used in self.uses.items() if subjects & used.keys() and self.shows(page, other)]
            found.sort(key=lambda other: len(self.uses[other]))
        else:
            found = [self.homes[name] for name, _ in self.uses[page].most_common() if name in self.homes]
        order = list(dict.fromkeys(found))
        near = {page, *self.neighbours(page)}
        order = [other for other in order if other in self.uses and other not in near]
        if LEADERBOARD in order[MOST:]:
            order[MOST - 1] = LEADERBOARD
        return order[:MOST]

    def shows(self, page: str, other: str) -> bool:
        """A page of a rule leads to pages that apply it, not to other rules, which take it for comparison."""
        return not page.startswith("gallery/optimizers/") or not other.startswith("gallery/optimizers/")

    def neighbours(self, page: str) -> list[str | None]:
        """What comes before a page on the path, and what after it."""
        order = [None, *self.path, None]
        place = order.index(page) if page in self.path else None
        return [order[place - 1], order[place + 1]] if place else [None, None]

    def foot(self, page: str) -> str:
        """The foot of a page as reStructuredText."""
        before, after = self.neighbours(page)
        stops = [
            f"{word}: :doc:`/{stop}`: {cell_to_rst(self.path[stop])}\n"
            for word, stop in (("Before", before), ("Next", after))
            if stop
        ]
        parts = ["Before and next\n---------------\n", *stops] if stops else []
        if others := self.see_also(page):
            parts += ["See also\n--------\n", "".join(f"- :doc:`/{other}`\n" for other in others)]
        return "\n".join(parts)


def read_gallery(docs: Path) -> Gallery:
    scripts = {
        f"gallery/{path.parent.name}/{path.stem}": path.read_text(encoding="utf-8")
        for path in sorted(docs.parent.glob("gallery/*/plot_*.py"))
    }
    return Gallery(scripts, read_path((docs / "learning-path.md").read_text(encoding="utf-8")))


def changed(app, env, added, changed, removed) -> list[str]:
    """Pages whose foot is not any more what it was when they were read: another page may be the reason."""
    app.gallery = read_gallery(Path(app.srcdir))
    old = {page: env.metadata[page].get("foot", "") for page in app.gallery.uses if page in env.all_docs}
    return [page for page, foot in old.items() if foot and foot != app.gallery.foot(page)]


def add(app, docname: str, content: list[str]) -> None:
    if docname in app.gallery.uses and not BY_HAND.search(content[0]):
        foot = app.env.metadata[docname]["foot"] = app.gallery.foot(docname)
        content[0] = DOWNLOADS.sub(lambda found: f"\n{foot}\n\n{found[0]}", content[0], count=1)


def follow(app, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """The arrows below a page lead along the path."""
    if pagename in app.gallery.path:
        for word, page in zip(("prev", "next"), app.gallery.neighbours(pagename), strict=True):
            page = page or "learning-path"
            title = app.builder.render_partial(app.env.titles[page])["title"]
            context[word] = {"link": app.builder.get_relative_uri(pagename, page), "title": title}


def setup(app):
    app.connect("env-get-outdated", changed)
    app.connect("source-read", add)
    app.connect("html-page-context", follow)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
