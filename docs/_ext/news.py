"""``feed.xml``: the releases that the changelog knows, for readers of feeds, where the site's address is known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sphinx.application import Sphinx

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
RELEASE = re.compile(
    r"^## \[(?P<version>[^\]]+)\] - (?P<date>\d{4}-\d\d-\d\d)\n(?P<text>.*?)(?=^## |^\[|\Z)", re.M | re.S
)


class Release(NamedTuple):
    version: str
    date: str
    text: str


def releases(changelog: str) -> list[Release]:
    """What the changelog says of each version that has a date, the newest first."""
    return [Release(found["version"], found["date"], found["text"].strip()) for found in RELEASE.finditer(changelog)]


def feed(name: str, address: str, found: list[Release]) -> str:
    """An Atom feed (RFC 4287)."""
    root = Element("feed", xmlns="http://www.w3.org/2005/Atom")
    SubElement(root, "title").text = f"{name}: releases"
    SubElement(root, "id").text = address
    SubElement(root, "updated").text = f"{found[0].date}T00:00:00Z"
    SubElement(root, "link", rel="self", href=urljoin(address, "feed.xml"))
    SubElement(SubElement(root, "author"), "name").text = f"the {name} authors"
    page = urljoin(address, "changelog.html")
    for version, date, text in found:
        entry = SubElement(root, "entry")
        SubElement(entry, "title").text = f"{name} {version}"
        SubElement(entry, "id").text = f"{page}#{version}"
        SubElement(entry, "updated").text = f"{date}T00:00:00Z"
        SubElement(entry, "link", href=page)
        SubElement(entry, "content", type="text").text = text
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def known(app: Sphinx) -> list[Release]:
    return releases(CHANGELOG.read_text(encoding="utf-8")) if app.config.html_baseurl else []


def link(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    if known(app):
        address = urljoin(app.config.html_baseurl, "feed.xml")
        tag = f'<link rel="alternate" type="application/atom+xml" title="Releases" href="{address}">\n'
        context["metatags"] = context.get("metatags", "") + tag


def write(app: Sphinx, exception: Exception | None) -> None:
    if not exception and app.builder.format == "html" and (found := known(app)):
        text = feed(app.config.project, app.config.html_baseurl, found)
        Path(app.outdir, "feed.xml").write_text(text, encoding="utf-8")


def setup(app: Sphinx):
    app.connect("html-page-context", link, priority=600)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
