"""Numbers in a page's text come from its run: the role ``:n:``.

``:n:`ratio:.0f` `` stands for what the f-string ``f"{ratio:.0f}"`` gives in the page's globals, as soon as it can be
told: after the cell that follows the text or, if its names come later, after the first one that has them. What the run
gave is kept in a file beside the page, from which its text and its notebook are filled in, so a second build needs no
second run.
"""

from __future__ import annotations

import ast
import html
import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx_gallery.gen_rst import extract_intro_and_title
from sphinx_gallery.py_source_parser import Block, split_code_and_text_blocks

logger = logging.getLogger(__name__)
ROLE = re.compile(r":n:`([^`]+)`")
#: What stands in for a number that no run has given: its page was not executed, as happens beside a page built alone.
UNKNOWN = "…"


def scrape(block, block_vars, gallery_conf) -> str:
    """Called after every cell: keep what the texts before it can be told by now. Shows nothing."""
    source, page = Path(block_vars["src_file"]), Path(block_vars["target_file"])
    blocks = split_code_and_text_blocks(source)[1]
    place = [found.lineno for found in blocks].index(block.lineno)
    codes = [i for i, found in enumerate(blocks) if found.type == "code"]
    last = place == max(codes)
    texts = [found for found in (blocks if last else blocks[:place]) if found.type == "text"]
    known = [] if place == codes[0] else kept_numbers(page)
    kept = list(told(texts, source.name, block_vars["example_globals"], known, last))
    path = numbers_file(page)
    path.unlink(missing_ok=True)
    if kept:
        path.write_text(json.dumps(kept, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    return ""


def told(
    texts: list[Block], page: str, names: dict[str, Any], known: list[tuple[str, str | None]], last: bool
) -> Iterator[tuple[str, str | None]]:
    """The fields of the texts, each with what it gives; None for one whose names are still to come."""
    earlier = itertools.chain((value for _, value in known), itertools.repeat(None))
    for text in texts:
        for found in ROLE.finditer(text.content):
            value = next(earlier)
            if value is None:
                try:
                    value = evaluate(field(found), names)
                except Exception as error:
                    if last or not isinstance(error, NameError):
                        line = text.lineno + text.content.count("\n", 0, found.start())
                        raise ExtensionError(
                            f"{page}, line {line}: {field(found)!r} gives no number: {error!r}"
                        ) from error
            yield field(found), value


def field(found: re.Match[str]) -> str:
    """What stands in a role, wherever its lines were broken."""
    return " ".join(found[1].split())


def evaluate(text: str, names: dict[str, Any]) -> str:
    """What a field of an f-string gives."""
    tree = ast.parse(f"f'''{{{text}}}'''", mode="eval")
    if not (isinstance(tree.body, ast.JoinedStr) and [type(v) for v in tree.body.values] == [ast.FormattedValue]):
        raise ValueError("it is not one expression with its format")
    value = eval(compile(tree, "<text of a page>", "eval"), dict(names))
    if not value.strip() or "\n" in value:
        raise ValueError(f"{value!r} cannot stand in a sentence")
    return value


def numbers_file(page: Path) -> Path:
    """Where the numbers of a page are kept."""
    return page.with_suffix(".numbers.json")


def kept_numbers(page: Path) -> list[tuple[str, str]]:
    """The fields of a page in the order of its text, each with what its last run gave."""
    path = numbers_file(page)
    return [(name, value) for name, value in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def filled(text: str, page: Path, escape: Callable[[str], str], role: re.Pattern[str] = ROLE) -> str:
    """A text with numbers for its fields. Who has others than the page's last run is told so."""
    fields, kept = [field(found) for found in role.finditer(text)], kept_numbers(page)
    if fields != [name for name, _ in kept]:
        strange = [name for name, (old, _) in itertools.zip_longest(fields, kept, fillvalue=("", "")) if name != old]
        logger.warning("%s: no run gave %s", page.stem, ", ".join(map(repr, strange)) or "these numbers")
        kept = [(name, UNKNOWN) for name in fields]
    values = iter(kept)
    return role.sub(lambda found: escape(next(values)[1]), text)


def to_rst(value: str) -> str:
    """A value between two escaped spaces, which print nothing: it begins no list and touches no markup."""
    escaped = re.sub(r"([\\`*_|<>])", r"\\\1", value)
    return rf"\ {escaped}\ "


def fill(app, docname: str, content: list[str]) -> None:
    """Put the numbers of its run into the text of a page, and of those it previews into that of a gallery."""
    page = Path(app.srcdir, docname)
    if re.fullmatch(r"gallery/\w+/index", docname):
        content[0] = re.sub(
            r'(?<=tooltip=")[^"]*("[^"]*?:doc:`/gallery/\w+/(plot_\w+)`)',
            lambda card: preview(app, page.with_name(card[2]), card),
            content[0],
        )
    elif re.fullmatch(r"gallery/\w+/plot_\w+", docname):
        content[0] = filled(content[0], page, to_rst)
        depend(app, page)


def preview(app, page: Path, card: re.Match[str]) -> str:
    """The card of a page: sphinx-gallery writes it before it knows what a run gives."""
    docstring = split_code_and_text_blocks(page.with_suffix(".py"))[1][0].content
    if not ROLE.search(docstring):
        return card[0]
    depend(app, page)
    values = (value for _, value in kept_numbers(page))
    words, _ = extract_intro_and_title(page.name, ROLE.sub(lambda found: next(values, UNKNOWN), docstring))
    return html.escape(words) + card[1]


def depend(app, page: Path) -> None:
    """Read a document again when the numbers of a page change."""
    if numbers_file(page).exists():
        app.env.note_dependency(str(numbers_file(page)))


def setup(app):
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
