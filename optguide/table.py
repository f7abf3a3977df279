"""A small table that a notebook and a gallery page can both show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: A cell's code and LaTeX, to split it at.
MARKUP = re.compile(r"(?<!\\)(`[^`]+`|\$[^$]+\$)")


def plain(text: str) -> str:
    """A cell that shows any text as it is, on one line: none of it is code or LaTeX."""
    return re.sub(r"([`$])", r"\\\1", " ".join(str(text).split()))


def in_words(name: str) -> str:
    """A name of code as a title: ``tilted_camel`` is "Tilted camel"; a single letter stays as it is."""
    words = " ".join(name.strip("<>").replace("_", " ").split())
    return words[:1].upper() + words[1:] if len(words) > 1 else words


def title_of(function: Any) -> str:
    """What a reader is told of a function: the title that a surface has, else its name in words."""
    name = getattr(function, "name", None) or getattr(function, "__name__", "f")
    return getattr(function, "title", None) or in_words(str(name))


def in_parentheses(numbers: Sequence[str]) -> str:
    """``(1, 2)``; of more than four numbers the first three, and how many there are."""
    shown = numbers if len(numbers) <= 4 else [*numbers[:3], f"… {len(numbers)} numbers"]
    return f"({', '.join(shown)})"


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

    Raises
    ------
    TypeError
        If a cell is no text.
    ValueError
        If a row is not as long as the header.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    kind: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row must hold {len(self.columns)} cells, got {len(row)}: {list(row)!r}")
        for cell in (*self.columns, *(cell for row in self.rows for cell in row)):
            if not isinstance(cell, str):
                raise TypeError(f"a cell must be text, such as f'{{x:.3g}}', got {cell!r}")

    def _repr_markdown_(self) -> str:
        line = lambda cells: "| " + " | ".join(map(_to_markdown, cells)) + " |"  # noqa: E731
        body = [line(self.columns), line(["---"] * len(self.columns)), *map(line, self.rows)]
        return "\n".join([f"**{_to_markdown(self.title)}**", "", *body])

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (self.columns, *self.rows)
        ]
        return "\n".join([self.title, *lines])


def _to_markdown(cell: str) -> str:
    """The cell as Markdown whose plain text is nothing but text."""
    parts = MARKUP.split(" ".join(cell.split()))
    for i in range(0, len(parts), 2):
        text = parts[i].replace("\\$", "$").replace("\\`", "`")
        parts[i] = re.sub(r"([\\`*_\[\]<>&$!#~])", r"\\\1", text)
    return "".join(parts).replace("|", r"\|")
