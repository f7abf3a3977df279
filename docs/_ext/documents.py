"""The directive ``documents``: one document's facts, the page each lives on, and the proof or test that checks it.

The facts stand in ``docs/documents.csv``; ``tests/docs/test_documents.py`` makes sure that what they name exists. A
check is a test, or ``proof:`` and the sentence of a proof on the page. Without a page it is ``left out:`` and a reason.
"""

from __future__ import annotations

import csv
from pathlib import Path

from docutils import nodes
from scraper import cell_to_rst, list_table
from sphinx.util.docutils import SphinxDirective


class Documents(SphinxDirective):
    """``.. documents:: A``"""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        source = Path(self.env.srcdir, "documents.csv")
        self.env.note_dependency(str(source))
        with source.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["document"] == self.arguments[0]]
        if not rows:
            raise self.error(f"documents: {source.name} has no row of document {self.arguments[0]}")
        return self.parse_text_to_nodes(self.table_rst(rows))

    def table_rst(self, rows: list[dict[str, str]]) -> str:
        """A row for each fact on a page; its checks one below the other."""
        checks: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            checks.setdefault((row["fact"], row["page"]), []).append(self.check_rst(row["page"], row["check"]))
        cells = [
            [cell_to_rst(fact), f":doc:`/{_document(page)}`" if page else "left out", "\n\n       ".join(found)]
            for (fact, page), found in checks.items()
        ]
        return list_table("documents", ("What it says", "Page", "Checked by"), cells)

    def check_rst(self, page: str, check: str) -> str:
        kind, _, what = check.partition(": ")
        if kind == "left out":
            return cell_to_rst(what[:1].upper() + what[1:])
        if kind != "proof":
            return f"``{check}``"
        text = "".join(node.astext() for node in self.parse_inline(what)[0])
        # The id that a fold of docs/_ext/folds.py has.
        return f"`✓ {_escaped(text)} <{_document(page)}.html#{nodes.make_id(f'proof {text}')}>`__"


def _document(page: str) -> str:
    return page.removesuffix(".py").removesuffix(".md").removeprefix("docs/")


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\`<>*|_" else c for c in text)


def setup(app):
    app.add_directive("documents", Documents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
