"""The learning path as a picture of the way: each stop with its thumbnail, its minutes, and a mark once it is read.

The text is that of ``docs/learning-path.md``. Marks are kept by ``way.js`` in the reader's browser and nowhere else;
without scripts there are none.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from tiles import facts, image, pictures

PATH = "learning-path"


class stop(nodes.General, nodes.Element):
    """The picture of a stop and the page it leads to."""


def decorate(app, doctree: nodes.document) -> None:
    if app.env.docname != PATH:
        return
    docs = Path(app.srcdir)
    for item in doctree.findall(nodes.list_item):
        links = [link["reftarget"] for link in item.findall(addnodes.pending_xref)]
        pages = [link.removesuffix(".md").lstrip("/") for link in links if "/plot_" in link]
        if pages:
            minutes = facts(pages[0])[2]
            item.insert(0, stop("", *pictures(docs, pages[0]), page=pages[0]))
            item[1] += nodes.inline("", f" {minutes} min", classes=["minutes"])
            item.parent["classes"] = ["way"]


def visit(translator, node: stop) -> None:
    translator.body.append(f'<span class="stop" data-page="{escape(node["page"])}">{image(translator, node)}</span>')
    raise nodes.SkipNode


def load(app, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    if pagename == PATH or pagename in app.gallery.path:
        app.add_js_file("way.js", type="module")


def setup(app):
    app.add_node(stop, html=(visit, None))
    app.connect("doctree-read", decorate, priority=100)  # before Sphinx collects what pictures there are
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
