"""Links from the API to the documentation of Python, torch, NumPy, matplotlib and xarray.

Types in docstrings stand in words that ``help()`` shows; on the site those that have a page elsewhere lead there. The
inventories lie in ``docs/inventories``, cut down to these names: ``make inventories`` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

#: Words of a type, and what they name.
TYPES = {
    r"ndarray": "numpy.ndarray",
    r"(?:matplotlib )?Axes3D": "mpl_toolkits.mplot3d.axes3d.Axes3D",
    r"(?:matplotlib )?Axes": "matplotlib.axes.Axes",
    r"matplotlib\.figure\.Figure": "matplotlib.figure.Figure",
    r"pathlib\.Path": "pathlib.Path",
    r"(?:torch\.)?Tensor": "torch.Tensor",
    r"torch\.device": "torch.device",
    r"torch\.dtype": "torch.dtype",
    r"torch\.nn\.Module": "torch.nn.Module",
    r"xarray\.Dataset": "xarray.Dataset",
    r"xarray\.DataArray": "xarray.DataArray",
}
#: Names that stand in a text as code, links if an inventory has them.
CODE = re.compile(r"(?<!`)(``?)((?:torch|numpy|matplotlib|xarray|pathlib)(?:\.\w+)+)\1(?!`)")
_WORD = re.compile("|".join(rf"(?<![\w.`])(?P<t{i}>{word})(?![\w.`])" for i, word in enumerate(TYPES)))
_NAMES = list(TYPES.values())


def _link(found: re.Match) -> str:
    return f":py:obj:`{found[0]} <{_NAMES[int(found.lastgroup[1:])]}>`"


def link(lines: Sequence[str], known: Container[str]) -> list[str]:
    """A docstring's lines with links: types after the colon of a parameter and below ``Returns``, and code."""

    def code(found: re.Match) -> str:
        return f":py:obj:`{found[2]}`" if found[2] in known else found[0]

    made = []
    returns = False
    for i, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if i > 1 and set(lines[i - 1].strip()) == {"-"}:
            returns, base = lines[i - 2].strip() == "Returns", indent
        name, colon, kind = line.partition(" : ")
        if colon and re.fullmatch(r"\s*\*{0,2}\w+(, \*{0,2}\w+)*", name):
            line = f"{name} : {_WORD.sub(_link, kind)}"
        elif returns and line.strip() and indent == base:
            line = _WORD.sub(_link, line)
        made.append(CODE.sub(code, line))
    return made


def _process(app, what, name, obj, options, lines) -> None:
    inventory = app.env.intersphinx_inventory
    lines[:] = link(lines, {name for names in inventory.values() for name in names})


def setup(app):
    app.connect("autodoc-process-docstring", _process, priority=350)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
