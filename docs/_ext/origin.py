"""Where a page comes from: its source in the repository, if that is known, and how to cite the whole."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]


def source(name: str) -> str | None:
    """The file of a page, as seen from the root of the repository; None for a page that is written by the build."""
    for file in (f"{name}.py", re.sub("index$", "GALLERY_HEADER.rst", name), f"docs/{name}.md"):
        if (ROOT / file).is_file():
            return file
    return None


def lead(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    repository, _, branch = app.config.source_repository.partition("@")
    if not repository:
        return
    context["repository"] = f"https://github.com/{repository}"
    if file := source(pagename):
        context["page_source"] = f"https://github.com/{repository}/blob/{branch}/{file}"
        context["page_edit"] = f"https://github.com/{repository}/edit/{branch}/{file}"


def bibtex(facts: dict, version: str, address: str) -> str:
    authors = " and ".join(f"{{{author['name']}}}" for author in facts["authors"])  # a name of a group is one word
    fields = {"title": f"{{{facts['title']}}}", "author": authors, "version": version, "url": address}
    return (
        "@software{optguide,\n" + "".join(f"  {key} = {{{value}}},\n" for key, value in fields.items() if value) + "}"
    )


class Citation(SphinxDirective):
    """``.. citation::``: an entry for BibTeX, from ``CITATION.cff``."""

    def run(self) -> list[nodes.Node]:
        path = ROOT / "CITATION.cff"
        self.env.note_dependency(str(path))
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        text = bibtex(facts, self.config.release, self.config.html_baseurl)
        return [nodes.literal_block(text, text, language="bibtex")]


def check(app: Sphinx, config) -> None:
    if config.source_repository and not re.fullmatch(r"[\w.-]+/[\w.-]+@[\w./-]+", config.source_repository):
        raise ConfigError(
            f"OPTGUIDE_SOURCE_REPOSITORY is {config.source_repository!r}: it names the GitHub repository and branch "
            "that hold the sources, like owner/name@main"
        )


def setup(app: Sphinx):
    app.add_config_value("source_repository", "", "html")
    app.add_directive("citation", Citation)
    app.connect("config-inited", check)
    app.connect("html-page-context", lead)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
