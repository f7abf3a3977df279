"""What a page shows of another one: its thumbnail, title, claim, and the minutes that it takes to read."""

from __future__ import annotations

import ast
import functools
import math
import re
from html import escape
from pathlib import Path

from docutils import nodes
from folds import read_proof
from media import addresses_of, file
from sphinx_gallery.py_source_parser import split_code_and_text_blocks

ROOT = Path(__file__).parents[2]
#: Words and lines of code in a minute, and minutes for looking at what a cell shows.
WORDS, LINES, LOOK = 220, 20, 0.3


class tile(nodes.General, nodes.Element):
    """A link to a page; the children, if there are any, are its pair of pictures. ``words`` stand below the title."""


def plain(rst: str) -> str:
    """Text without the marks of reStructuredText."""
    text = re.sub(r":\w+:`([^`<]*?)(?:\s*<[^`]*>)?`", r"\1", rst)
    return " ".join(re.sub(r"``?([^`]*)``?_*", r"\1", text).replace("*", "").split())


@functools.cache
def facts(page: str) -> tuple[str, str, int]:
    """Title, first sentence and minutes of a gallery page, from its script."""
    script = ROOT / f"{page}.py"
    blocks = split_code_and_text_blocks(script)[1]
    head = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    title, _, text = head.partition("\n")
    claim = re.split(r"(?<=[.?!])\s", plain(re.sub(r"^[=\-]+\n", "", text.strip())), maxsplit=1)[0]
    minutes = 0.0
    for block in blocks:
        if block.type == "text":
            minutes += len(plain(block.content).split()) / WORDS
        elif not read_proof(block.content)[0]:  # a proof is folded to a sentence
            lines = [line for line in block.content.splitlines() if line.strip() and not line.startswith("import ")]
            minutes += len(lines) / LINES + LOOK
    return title.strip(), claim, max(1, math.ceil(minutes))


def pictures(docs: Path, page: str) -> list[file]:
    """A page's small picture for the light and for the dark theme, if it has them by now."""
    folder, stem = page.rsplit("/", 1)
    pair = [f"/{folder}/images/thumb/sphx_glr_{stem}_thumb{theme}.webp" for theme in ("_light", "")]
    return [file(uri=uri) for uri in pair] if all((docs / uri[1:]).exists() for uri in pair) else []


def make(docs: Path, page: str, words: str, title: str = "") -> tile:
    return tile("", *pictures(docs, page), page=page, title=title or facts(page)[0], words=words)


def image(translator, node: nodes.Element) -> str:
    return "".join(
        f'<img class="only-{theme}" src="{escape(address)}" alt="" width="480" height="300" loading="lazy" '
        'decoding="async">'
        for theme, address in zip(("light", "dark"), addresses_of(translator, node), strict=False)
    )


def visit(translator, node: tile) -> None:
    builder = translator.builder
    link = builder.get_relative_uri(builder.current_docname, node["page"])
    translator.body.append(
        f'<div class="tile">{image(translator, node)}<p><a href="{escape(link)}">{escape(node["title"])}</a></p>'
        f"<p>{escape(node['words'])}</p></div>\n"
    )
    raise nodes.SkipNode


def setup(app):
    app.add_node(tile, html=(visit, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
