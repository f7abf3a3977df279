"""What all results of a study have in common: they show themselves; and how they write names and starts."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import check
from ..table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Result:
    """A result that shows itself where it is the last expression of a cell: in a notebook and on a gallery page."""

    def show(self) -> Any:
        """What is shown: a Figure or a Table."""
        raise NotImplementedError


class Picture(Result):
    """A result that shows itself as a picture."""

    def plot(self) -> Figure:
        """Draw it in a new figure."""
        raise NotImplementedError

    def show(self) -> Figure:
        """The picture."""
        return self.plot()

    def _repr_png_(self) -> bytes:
        import matplotlib.pyplot as plt

        figure, image = self.plot(), io.BytesIO()
        figure.savefig(image, format="png")
        plt.close(figure)  # else the notebook shows it a second time
        return image.getvalue()


class Tabular(Result):
    """A result that shows itself as a table."""

    def table(self) -> Table:
        """Write it as a table."""
        raise NotImplementedError

    def show(self) -> Table:
        """The table."""
        return self.table()

    def _repr_markdown_(self) -> str:
        return self.table()._repr_markdown_()

    def __str__(self) -> str:
        return str(self.table())


def listed(names: Iterable[str]) -> str:
    """``Adam beside SGD and Rprop``."""
    first, *rest = names
    *most, last = rest or [""]
    return f"{first} beside {' and '.join(filter(None, (', '.join(most), last)))}" if rest else first


def starts_on(surface: Any, starts: Any, way: str) -> Any:
    """Starts as they are given, or so many of them from the surface's own box by its method of that name."""
    if np.ndim(starts):
        return starts
    if not hasattr(surface, way):
        raise TypeError(f"starts must be an array of points on a function that has no box, got {starts!r}")
    return getattr(surface, way)(check.count("starts", starts))
