"""A small table that a notebook and a gallery page can both show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Columns and rows of text.

    Cells are plain text in which ``$...$`` is LaTeX and text between backquotes is code. A notebook shows the
    table by itself; on the site the gallery scraper typesets it.

    Parameters
    ----------
    title : str
        What the table says.
    columns : sequence of str
        The header.
    rows : sequence of sequences of str
        One sequence per row, as long as the header.
    kind : str
        A name for style sheets, such as ``"results"``.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    kind: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row must hold {len(self.columns)} cells, got {len(row)}: {list(row)!r}")

    def _repr_markdown_(self) -> str:
        line = lambda cells: "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"  # noqa: E731
        body = [line(self.columns), line(["---"] * len(self.columns)), *map(line, self.rows)]
        return "\n".join([f"**{self.title}**", "", *body])

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (self.columns, *self.rows)
        ]
        return "\n".join([self.title, *lines])
