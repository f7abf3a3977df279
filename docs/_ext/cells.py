"""What the cells of a downloaded notebook say, far from the site: its numbers, links, citations and proofs.

``notebook.lua`` leaves a mark where a text needs to know more than itself: a link whose address begins with
``optguide:``. Here it is replaced, by a link to the site if its address is known, by plain words otherwise.
"""

from __future__ import annotations

import ast
import posixpath
import re
import textwrap
from pathlib import Path
from urllib.parse import unquote

import pybtex.plugin
from folds import read_proof
from measured import filled
from sphinx.errors import ExtensionError

NUMBER = re.compile(r"\[`([^`]+)`\]\(optguide:n\)")
LINK = re.compile(r"\[((?:[^\[\]]|\\.)+)\]\(optguide:(doc|cite)/([^)\s]+)\)")
#: What a proof says in a notebook, and what checks/notebooks.py looks for.
HOLDS, FAILS = "✓", "With these numbers it no longer holds:"


class Site:
    """What a notebook may refer to: the site's pages and their addresses, and the literature."""

    def __init__(self, env, address: str) -> None:
        self.titles = {name: title.astext() for name, title in env.titles.items()}
        self.address = address.rstrip("/")
        self.literature = env.get_domain("cite").bibdata.data.entries
        self.style = pybtex.plugin.find_plugin("pybtex.style.formatting", "plain")()
        self.plain = pybtex.plugin.find_plugin("pybtex.backends", "plaintext")()

    def link(self, words: str, page: str) -> str:
        return f"[{words}]({self.address}/{page}.html)" if self.address else words

    def cited(self, key: str) -> str:
        """``Dixon and Szegö (1978)``, as on the site."""
        entry = self.literature[key]
        parts = [[*person.rich_prelast_names, *person.rich_last_names] for person in entry.persons["author"]]
        names = [" ".join(map(str, name)) for name in parts]
        who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        return f"{who} ({entry.fields['year']})"

    def reference(self, key: str) -> str:
        """The whole entry in words."""
        (entry,) = self.style.format_entries([self.literature[key]])
        return re.sub(r"(https?://\S+?)([.,]?(?:\s|$))", r"<\1>\2", entry.text.render(self.plain))


def finish_texts(notebook: dict, page: Path, docname: str, site: Site) -> None:
    """Put words for the marks, and below the last cell what was cited and where the page is."""
    put_numbers(notebook, page)
    cited: dict[str, None] = {}

    def words(found: re.Match[str]) -> str:
        label, kind, target = found[1], found[2], unquote(found[3])
        if kind == "cite":
            keys = target.split(",")
            cited.update(dict.fromkeys(keys))
            return ", ".join(site.cited(key) for key in keys)
        name = target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(docname), target)
        if name not in site.titles:
            raise ExtensionError(f"{page.name}: its notebook links {name}, which is no page")
        return site.link(site.titles[name] if label == "?" else label, name)

    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = [LINK.sub(words, "".join(cell["source"]))]
    title = site.link(site.titles[docname], docname)
    end = f"This notebook is the page {title} of optguide, the executable field guide to gradient-based optimizers."
    if cited:
        end = "## References\n\n" + "".join(f"- {site.reference(key)}\n" for key in sorted(cited)) + f"\n{end}"
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": [end]})


def put_numbers(notebook: dict, page: Path) -> None:
    """Fill in what the run of the page gave."""
    texts = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    whole = filled("\0".join("".join(cell["source"]) for cell in texts), page, to_markdown, NUMBER)
    for cell, text in zip(texts, whole.split("\0"), strict=True):
        cell["source"] = [text]


def to_markdown(value: str) -> str:
    return re.sub(r"([\\`*_])", r"\\\1", value)


def fold_proofs(notebook: dict) -> None:
    """A reader changes a number and runs all: a proof that does not hold any more says so, and the rest goes on."""
    for cell in notebook["cells"]:
        code = "".join(cell["source"])
        sentence, rest = read_proof(code) if cell["cell_type"] == "code" else ("", "")
        if sentence:
            cell["source"] = proof_cell(sentence, rest).splitlines(keepends=True)
            cell["metadata"] = {"jupyter": {"source_hidden": True}, "tags": ["proof", "hide-input"]}


def proof_cell(sentence: str, code: str) -> str:
    words = re.sub(r":math:`([^`]*)`", r"$\1$", sentence).replace("``", "`")
    body = textwrap.indent(code.strip("\n"), "    ")
    told = f"try:\n{body}\n    print({f'{HOLDS} {words}'!r})\nexcept AssertionError:\n    print({f'{FAILS} {words}'!r})"
    if ast.unparse(ast.parse(told).body[0].body[:-1]) != ast.unparse(ast.parse(code).body):
        raise ExtensionError(f"the proof {sentence!r} holds a text of several lines, which its notebook would change")
    return told
