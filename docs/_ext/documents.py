"""The directive ``documents``: one document's facts, the page each lives on, and the line or test that checks it.

The facts stand in ``docs/documents.csv``; ``tests/docs/test_documents.py`` makes sure that every line it quotes exists.
"""

from __future__ import annotations

import csv
from pathlib import Path

from docutils import nodes
from scraper import cell_to_rst, list_table
from sphinx.util.docutils import SphinxDirective


def table_rst(rows: list[dict[str, str]]) -> str:
    """A row for each fact; its checks one below the other."""
    checks: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        checks.setdefault((row["fact"], row["page"]), []).append(f"``{row['check']}``")
    cells = [
        [cell_to_rst(fact), f":doc:`/{page.removesuffix('.py')}`", "\n\n       ".join(found)]
        for (fact, page), found in checks.items()
    ]
    return list_table("documents", ("What it says", "Page", "Checked by"), cells)


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
        return self.parse_text_to_nodes(table_rst(rows))


def setup(app):
    app.add_directive("documents", Documents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
