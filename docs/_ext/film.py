"""Directives for moving and still pictures: ``film``, ``race`` and ``picture``.

Sphinx copies what its image nodes name, so each file here is one. The HTML around them is our own: a film
has a poster, a size and a sentence for screen readers; a picture has a light and a dark file.
"""

from __future__ import annotations

import posixpath
import re
from html import escape
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective


class film(nodes.General, nodes.Element):
    """A video and its poster: the two children, in this order."""


class picture(nodes.General, nodes.Element):
    """The same picture for the light and for the dark theme: the two children, in this order."""


class file(nodes.image):
    """A file that Sphinx copies beside the images; the parent writes its HTML."""


class _Media(SphinxDirective):
    """A file, a second one that goes with it (``companion``), a size and a sentence that says what is seen."""

    node: type[nodes.Element]
    companion: str
    required_arguments = 1
    final_argument_whitespace = True

    def __init_subclass__(cls) -> None:
        text, number = directives.unchanged_required, directives.nonnegative_int
        cls.option_spec = {cls.companion: text, "alt": text, "width": number, "height": number}

    def run(self) -> list[nodes.Node]:
        for name in self.option_spec:
            if name not in self.options:
                raise self.error(f"{self.name} needs :{name}:")
        node = self.node("", file(uri=self.arguments[0]), file(uri=self.options[self.companion]))
        self.set_source_info(node)
        return [_with_facts(node, self.options)]


class Film(_Media):
    """``.. film:: /gallery/x.mp4`` with ``:poster:``."""

    node, companion = film, "poster"


class Picture(_Media):
    """``.. picture:: /gallery/x.webp`` with ``:dark:``, the same figure in dark ink."""

    node, companion = picture, "dark"


class RaceOf(SphinxDirective):
    """``.. race:: landscapes/plot_tilted_camel``: the first film of a gallery page, linked to the page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        page = f"gallery/{self.arguments[0]}"
        source = Path(self.env.srcdir, page).with_suffix(".rst")
        text = source.read_text(encoding="utf-8") if source.exists() else ""
        found = re.search(r"^( *)\.\. film:: (\S+)\n((?:\1 +:.*\n)+)", text, re.MULTILINE)
        if not found:
            raise self.error(f"race: the gallery has no film on page {page}")
        self.env.note_dependency(str(source))
        options = dict(re.findall(r":(\w+): (.*)", found[3]))
        node = film("", file(uri=found[2]), file(uri=options["poster"]))
        node["first"] = True  # above the fold: the poster is worth fetching at once
        self.set_source_info(node)
        return [_with_facts(node, options)]


def _with_facts(node: nodes.Element, options: dict) -> nodes.Element:
    node["alt"], node["width"], node["height"] = options["alt"], int(options["width"]), int(options["height"])
    return node


def _addresses(translator, node: nodes.Element) -> list[str]:
    """Where the copied files lie, as seen from the page being written."""
    builder = translator.builder
    return [escape(posixpath.join(builder.imgpath, quote(builder.images[child["uri"]]))) for child in node.children]


def visit_film(translator, node: film) -> None:
    video, poster = _addresses(translator, node)
    alt, size = escape(node["alt"]), f'width="{node["width"]}" height="{node["height"]}"'
    translator.body.append(
        f'<figure class="film"><video {size} poster="{poster}" aria-label="{alt}" '
        f'muted loop playsinline controls preload="none"><source src="{video}" type="video/mp4">{alt}</video>'
        f'<figcaption><a href="{video}" download>Download the video</a></figcaption></figure>\n'
    )
    raise nodes.SkipNode


def visit_picture(translator, node: picture) -> None:
    alt, size = escape(node["alt"]), f'width="{node["width"]}" height="{node["height"]}"'
    for theme, address in zip(("light", "dark"), _addresses(translator, node), strict=True):
        translator.body.append(
            f'<img class="figure only-{theme}" src="{address}" alt="{alt}" {size} loading="lazy" decoding="async">\n'
        )
    raise nodes.SkipNode


def _describe_thumbnails(app, doctree: nodes.document, docname: str) -> None:
    """Name the page behind each gallery thumbnail; sphinx-gallery leaves the alternative text empty."""
    for image in doctree.findall(nodes.image):
        found = re.fullmatch(r"(.*)/images/thumb/sphx_glr_(\w+)_thumb\.\w+", image["uri"])
        if found and (title := app.env.titles.get(f"{found[1]}/{found[2]}")):
            image["alt"] = f"Preview of {title.astext()}"


def setup(app):
    app.add_node(film, html=(visit_film, None))
    app.add_node(picture, html=(visit_picture, None))
    app.add_directive("film", Film)
    app.add_directive("race", RaceOf)
    app.add_directive("picture", Picture)
    app.connect("doctree-resolved", _describe_thumbnails)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
