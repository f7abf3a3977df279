"""What a page of HTML holds that needs no other file: tables with formulas, and figures in two inks."""

from __future__ import annotations

import base64
import io
import re
from html import escape
from typing import TYPE_CHECKING

from ..render import repaint
from ..table import MARKUP, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Dots per inch: as a figure is shown, and as it is kept for sharp screens.
SHOWN, SAVED = 100, 160


def to_mathml(latex: str) -> str:
    """A formula as MathML, which browsers show without a script; as its LaTeX if it cannot be turned into that."""
    from latex2mathml.converter import convert  # late: who makes no page never needs it

    try:
        return convert(latex)
    except Exception:  # whatever is wrong with a formula, the page is still made
        return f"<code>{escape(latex)}</code>"


def cell_to_html(cell: str) -> str:
    """Plain text, ```code``` and ``$latex$`` as HTML."""
    parts = MARKUP.split(" ".join(cell.split()))
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = to_mathml(part[1:-1]) if part[0] == "$" else f"<code>{escape(part[1:-1])}</code>"
        else:
            parts[i] = escape(re.sub(r"\\([$`])", r"\1", part))
    return "".join(parts)


def table_to_html(table: Table) -> str:
    """A table whose class is its kind."""
    head = "".join(f"<th>{cell_to_html(cell)}</th>" for cell in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{cell_to_html(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return (
        f'<p class="og-caption">{cell_to_html(table.title)}</p>'  # no caption, which is as wide as its table
        f'<div class="og-table"><table class="og-{escape(table.kind or "plain")}">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def figure_to_html(figure: Figure, alt: str) -> str:
    """A figure in the ink of the reader's theme. The figure is closed."""
    import matplotlib.pyplot as plt

    images = {theme: _inked(figure, theme) for theme in ("light", "dark")}
    plt.close(figure)
    width, height = (round(inches * SHOWN) for inches in figure.get_size_inches())
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{images["dark"]}">'
        f'<img src="{images["light"]}" width="{width}" height="{height}" alt="{escape(alt)}"></picture>'
    )


def _inked(figure: Figure, theme: str) -> str:
    repaint(figure, theme)
    target = io.BytesIO()
    figure.savefig(target, format="webp", dpi=SAVED, pil_kwargs={"quality": 75, "method": 2})
    figure.set_layout_engine("none")  # other ink moves nothing
    return f"data:image/webp;base64,{base64.b64encode(target.getvalue()).decode()}"
