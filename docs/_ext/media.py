"""Directives for moving and still pictures: ``player``, ``race``, ``lab`` and ``picture``.

Sphinx copies what its image nodes name, so each file here is one. The HTML around them is our own: a player has its
stills and its data, a picture has a light and a dark file.
"""

from __future__ import annotations

import json
import posixpath
import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from docutils.parsers.rst import directives
from scraper import page_of
from sphinx.util.docutils import SphinxDirective

import optguide as og
from optguide.render import web
from optguide.render.player import catalogue, dumps, markup

SCRIPTS = ("player.js", "matrix.js", "lab.js", "lab-more.js", "lab-worker.js")
#: Files of player and lab that are made while the site is built, and what is in each.
MADE = {
    **dict.fromkeys(
        ("player.js", "matrix.js", "lab.js", "lab-more.js", "lab-worker.js"), lambda name: web.site_scripts()[name]
    ),
    "player.css": web.style,
    "lab.css": lambda _: web.style("lab/lab.css"),
    "catalogue.json": lambda _: dumps(with_pages(catalogue())),
}


class player(nodes.General, nodes.Element):
    """A player. Its children: the recording, the landscape if it has one, the stills in pairs, light and dark."""


class lab(nodes.General, nodes.Element):
    """A lab of its own, which opens with the scene of a hash."""


class picture(nodes.General, nodes.Element):
    """The same picture for the light and for the dark theme: the two children, in this order."""


class file(nodes.image):
    """A file that Sphinx copies beside the images; the parent writes its HTML."""


class Player(SphinxDirective):
    """``.. player:: /gallery/x.json`` with ``:stills:``, two files for each panel, and ``:landscape:``."""

    required_arguments = 1
    option_spec = dict.fromkeys(("stills", "landscape", "view"), directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        return [self.player(self.arguments[0], self.options)]

    def player(self, recording: str, options: dict[str, str]) -> player:
        source = Path(self.env.srcdir, recording.lstrip("/"))
        self.env.note_dependency(str(source))
        data = [recording, *options.get("landscape", "").split()]
        node = player("", *(file(uri=uri) for uri in [*data, *options["stills"].split()]))
        node["data"] = len(data)
        node["view"] = options.get("view", "")
        node["record"] = json.loads(source.read_text(encoding="utf-8"))
        self.set_source_info(node)
        return node


class RaceOf(Player):
    """``.. race:: landscapes/plot_tilted_camel``: the first player of a gallery page."""

    option_spec = {"view": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        page = f"gallery/{self.arguments[0]}"
        source = Path(self.env.srcdir, page).with_suffix(".rst")
        text = source.read_text(encoding="utf-8") if source.exists() else ""
        self.env.note_dependency(str(source))
        return [self.found(text)]

    def found(self, text: str) -> player:
        """The first player that the text of a page names."""
        found = re.search(r"^( *)\.\. player:: (\S+)\n((?:\1 +:.*\n)+)", text, re.MULTILINE)
        if not found:
            raise self.error(f"race: the gallery has no player on page {' '.join(self.arguments)}")
        return self.player(found[2], dict(re.findall(r":(\w+): (.*)", found[3])) | self.options)


class Lab(SphinxDirective):
    """``.. lab:: surface=rosenbrock&run=Adam``: a lab that opens with this scene, or the address's."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        node = lab("", hash=self.arguments[0])
        self.set_source_info(node)
        return [node]


class Picture(SphinxDirective):
    """``.. picture:: /gallery/x.webp`` with ``:dark:``, the same figure in dark ink, and what is seen."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {
        "dark": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "width": directives.nonnegative_int,
        "height": directives.nonnegative_int,
        "planes": json.loads,
    }

    def run(self) -> list[nodes.Node]:
        for name in self.option_spec:
            if name not in self.options and name != "planes":
                raise self.error(f"{self.name} needs :{name}:")
        node = picture("", file(uri=self.arguments[0]), file(uri=self.options["dark"]))
        for name in ("alt", "width", "height"):
            node[name] = self.options[name]
        node["planes"] = self.options.get("planes")
        self.set_source_info(node)
        return [node]


def addresses_of(translator, node: nodes.Element) -> list[str]:
    """Where the copied files lie, as seen from the page being written."""
    builder = translator.builder
    return [posixpath.join(builder.imgpath, quote(builder.images[child["uri"]])) for child in node.children]


def _images(addresses: list[str], alt: str, width: int, height: int) -> str:
    """A picture's file for the light and for the dark theme."""
    return "\n".join(
        f'<img class="figure only-{theme}" src="{escape(address)}" alt="{escape(alt)}" '
        f'width="{width}" height="{height}" loading="lazy" decoding="async">'
        for theme, address in zip(("light", "dark"), addresses, strict=True)
    )


def visit_player(translator, node: player) -> None:
    addresses = addresses_of(translator, node)
    data = dict(zip(("recording", "landscape"), addresses[: node["data"]], strict=False))
    data |= {"view": node["view"]} if node["view"] else {}
    data |= {"lab": ""} if "scene" in node["record"] else {}
    stills = addresses[node["data"] :]
    title = node["record"]["title"]
    alts = [f"{title} at the last step; in words below", f"{title}, step by step in charts; in words below"]
    pairs = [stills[i : i + 2] for i in range(0, len(stills), 2)]
    panels = [_images(pair, alt, 480, 480) for pair, alt in zip(pairs, alts[-len(pairs) :], strict=True)]
    translator.body.append(markup(node["record"], panels, data) + "\n")
    raise nodes.SkipNode


def visit_lab(translator, node: lab) -> None:
    words = "The lab needs JavaScript; every picture of the guide has a still and a description that do without."
    inside = f"<noscript><p>{words}</p></noscript>"
    translator.body.append(f'<og-lab follows hash="{escape(node["hash"])}">{inside}</og-lab>\n')
    raise nodes.SkipNode


def visit_picture(translator, node: picture) -> None:
    addresses = addresses_of(translator, node)
    images = _images(addresses, node["alt"], node["width"], node["height"])
    # Where no script takes over, the file is seen on a browser's own ground, which suits the ink for light themes.
    planes = node.get("planes")
    lab = translator.builder.get_relative_uri(translator.builder.current_docname, "lab") if planes else ""
    data = f' data-lab="{escape(lab)}" data-planes="{escape(dumps(planes))}"' if planes else ""
    link = f'<a class="picture" href="{escape(addresses[0])}" title="Open large"{data}>\n{images}\n</a>'
    translator.body.append(link + "\n" + (_hint(planes[0], lab) if planes else ""))
    raise nodes.SkipNode


def _hint(plane: dict[str, Any], lab: str) -> str:
    """What a click on a sweep does, and the same for who does not click: a link to its best descent."""
    numbers = dict(zip("xy", (f"{x:g}" for x in plane["at"]), strict=False))
    address = f"{lab}#{plane['hash'].format(**numbers)}"
    said = ", ".join(f"{axis['what']} {x}" for axis, x in zip(plane["axes"], numbers.values(), strict=True))
    return (
        f'<p class="in-lab">A click on a point lets its descent play in the lab. '
        f'<a href="{escape(address)}">Open in the lab: {escape(said)}</a> <output></output></p>\n'
    )


def _load_scripts(app, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Pages load what their players, figures and tables need; the others stay light."""
    if pagename == "search":
        app.add_js_file("matches.js")
    if doctree is None:
        return
    if any(next(doctree.findall(kind), None) is not None for kind in (player, lab)):
        app.add_js_file("player.js", type="module")
        app.add_css_file("player.css")
    if next(doctree.findall(picture), None) is not None:
        app.add_js_file("large.js", type="module")
    if any(figure.get("planes") for figure in doctree.findall(picture)):
        app.add_js_file("in-lab.js", type="module")
    kinds = {kind for table in doctree.findall(nodes.table) for kind in table["classes"]}
    for kind, script in (("sortable", "sort.js"), ("side-by-side", "columns.js")):
        if kind in kinds:
            app.add_js_file(script, type="module")


def _write_player(app) -> None:
    """Scripts, styles and catalogue of player and lab, where Sphinx finds them when it copies what is static."""
    folder = Path(app.doctreedir, "player")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in MADE.items():
        (folder / name).write_text(text(name), encoding="utf-8")
    app.config.html_static_path.append(str(folder))


def with_pages(known: dict) -> dict:
    """The catalogue, in which each rule names the page that explains it."""
    rules = {
        name: rule | {"page": f"gallery/optimizers/{page_of(getattr(og, name))}"}
        for name, rule in known["rules"].items()
    }
    return known | {"rules": rules}


def setup(app):
    app.add_node(player, html=(visit_player, None))
    app.add_node(lab, html=(visit_lab, None))
    app.add_node(picture, html=(visit_picture, None))
    app.add_directive("player", Player)
    app.add_directive("race", RaceOf)
    app.add_directive("lab", Lab)
    app.add_directive("picture", Picture)
    app.connect("html-page-context", _load_scripts)
    app.connect("builder-inited", _write_player)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
