"""Cards of gallery pages: the picture that is drawn for them, title, and the first sentence of what the page claims.

``.. cards::`` shows those of the pages that it lists, on any page. The index of a section shows all of its own, in
place of those that sphinx-gallery writes; optimizers and landscapes in groups, with tags by which a script filters.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from scraper import section_groups, section_pages
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from thumbnails import rules_of
from tiles import image, pictures

import optguide as og

#: What sphinx-gallery writes on an index: the place of its tags, then its cards.
WRITTEN = re.compile(r"^\.\. raw:: html\n\n +<div id='sg-tag-list'.*?^\.\. thumbnail-parent-div-close\n\n"
                     r"\.\. raw:: html\n\n +</div>\n", re.DOTALL | re.MULTILINE)  # fmt: skip
#: A tag of each kind says in which years a rule was published, how much it keeps, and on what a step depends.
YEARS = ((0, "before 2012"), (2012, "2012–2017"), (2018, "2018–2021"), (2022, "since 2022"))
KEEPS = ("nothing", "one number", "two numbers", "more")
MIXES = {
    "nothing": "each weight by itself",
    "tensor": "a whole tensor",
    "matrix": "rows and columns",
    "model": "the whole model",
}


class card(nodes.General, nodes.Element):
    """One card: a thumbnail, the title as a link, the claim."""


class thumbnail(nodes.General, nodes.Element):
    """The same small picture for the light and for the dark theme: the two children, in this order."""


class filters(nodes.General, nodes.Element):
    """The place of the buttons that a script puts there."""


def claim(script: str) -> str:
    """The first sentence below a page's title."""
    text = (ast.get_docstring(ast.parse(script)) or "").split("\n\n")[1]
    return re.split(r"(?<=[.?!])\s+(?=[A-Z])", " ".join(text.split()))[0]


def tags(page: str) -> dict[str, str]:
    """What distinguishes the rule of an optimizer's page from others, by its kind."""
    rule = getattr(og, rules_of(page)[0])
    found = {
        "Family": rule.family,
        "Published": next(words for first, words in reversed(YEARS) if first <= rule.year),
    }
    if own := getattr(rule, "rule", None):  # a wrapper has what the rule has that it wraps
        found["Kept per weight"] = KEEPS[min(len(own.states), 3)]
        found["A step depends on"] = MIXES[own.mixes]
        if own.asks != ("grad",):
            found["Asks for"] = "the Hessian" if own.is_curved else "the loss"
    return found


def landscape_tags(script: Path) -> dict[str, str]:
    """What makes the landscape of a page hard, as the header of its section groups it, and how many lowest points."""
    kind = next((title for title, pages in section_groups(script.parent) if script.stem in pages), "Others")
    surface = getattr(og.surfaces, re.findall(r"\bog\.surfaces\.([a-z]\w+)", script.read_text(encoding="utf-8"))[0])
    return {"Kind": kind, "Lowest points": {0: "none", 1: "one"}.get(len(surface.known_minima()), "several")}


def index(section: Path) -> str:
    """All cards of a section as reStructuredText."""
    pages = section_pages(section)
    pages += sorted(path.stem for path in section.glob("plot_*.py") if path.stem not in pages)
    groups = section_groups(section)
    if section.name == "optimizers":
        families = itertools.groupby(pages, key=lambda page: getattr(og, rules_of(page)[0]).family)
        groups = [(family.capitalize(), list(found)) for family, found in families]
    elif not any(title for title, _ in groups):
        return _cards(section.name, pages)
    elif rest := [page for page in pages if not any(page in found for _, found in groups)]:
        groups.append(("Others", rest))
    parts = [f"{title}\n{'-' * len(title)}\n\n{_cards(section.name, found)}" for title, found in groups]
    return "\n".join([".. card-filters::\n", *parts])


def _cards(section: str, pages: list[str]) -> str:
    return ".. cards::\n\n" + "".join(f"   gallery/{section}/{page}\n" for page in pages)


class Cards(SphinxDirective):
    has_content = True

    def run(self) -> list[nodes.Node]:
        return [nodes.container("", *map(self.card, self.content), classes=["og-cards"])]

    def card(self, page: str) -> card:
        script = Path(self.env.srcdir).parent / f"{page}.py"
        if not script.is_file():
            raise self.error(f"cards: there is no page {page}")
        self.env.note_dependency(str(script))
        said = claim(script.read_text(encoding="utf-8"))
        picture = thumbnail("", *pictures(Path(self.env.srcdir), page))
        node = card("", picture, *self.parse_text_to_nodes(f":doc:`/{page}`\n\n{said}"))
        node["tags"] = {}
        if "/optimizers/" in page:
            node["tags"] = tags(script.stem)
        elif "/landscapes/" in page:
            node["tags"] = landscape_tags(script)
        self.set_source_info(node)
        return node


class Filters(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        return [filters()]


def visit_card(translator, node: card) -> None:
    found = f' data-tags="{escape(json.dumps(node["tags"], ensure_ascii=False))}"' if node["tags"] else ""
    translator.body.append(f'<div class="og-card"{found}>\n')


def depart_card(translator, node: card) -> None:
    translator.body.append("</div>\n")


def visit_thumbnail(translator, node: thumbnail) -> None:
    translator.body.append(image(translator, node) + "\n")
    raise nodes.SkipNode


def visit_filters(translator, node: filters) -> None:
    order = escape(json.dumps([*(words for _, words in YEARS), *KEEPS, *MIXES.values()], ensure_ascii=False))
    inside = f'<summary>Filter</summary><form data-order="{order}"></form>'
    translator.body.append(f'<details class="og-filters" hidden>{inside}</details>\n')
    raise nodes.SkipNode


def replace(app, docname: str, content: list[str]) -> None:
    if found := re.fullmatch(r"gallery/(\w+)/index", docname):
        section = Path(app.srcdir).parent / "gallery" / found[1]
        content[0], count = WRITTEN.subn(lambda _: index(section), content[0])
        if count != 1:
            raise ExtensionError(f"{docname}: sphinx-gallery writes its cards in another way than cards.WRITTEN says")


def load(app, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is not None and next(doctree.findall(filters), None) is not None:
        app.add_js_file("filter.js", type="module")


def spare(app, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """sphinx-gallery loads with every page what filters its own cards, by boxes that no keyboard reaches."""
    context["script_files"] = [s for s in context["script_files"] if not str(s.filename).endswith("sg-tags.js")]


def setup(app):
    app.add_node(card, html=(visit_card, depart_card))
    app.add_node(thumbnail, html=(visit_thumbnail, None))
    app.add_node(filters, html=(visit_filters, None))
    app.add_directive("cards", Cards)
    app.add_directive("card-filters", Filters)
    app.connect("source-read", replace)
    app.connect("html-page-context", load)
    app.connect("html-page-context", spare, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
