"""A program as data for the interpreter in the browser, which runs it on many descents at once.

A page may not make code from text (its content security policy forbids it), so what is shipped is a table of lines.
"""

from __future__ import annotations

import math
from typing import Any

from .symbols import ENDINGS, GREEK, NAMES
from .trace import Program, Value
from .vocabulary import FUNCTIONS


def program_data(program: Program) -> dict[str, Any]:
    """A program in JSON's terms.

    Returns
    -------
    dict
        ``inputs`` and ``settings``, names; ``lines``, each ``[name, function, *arguments]``; ``outputs``. A name is a
        string and a number a number; one that JSON cannot write is ``["inf"]``, ``["-inf"]`` or ``["nan"]``.
    """
    return {
        "inputs": list(program.inputs),
        "settings": list(program.settings),
        "lines": [[line.name, line.function, *map(_plain, line.arguments)] for line in program.lines],
        "outputs": [_plain(value) for value in program.outputs],
    }


def vocabulary_data() -> dict[str, Any]:
    """The vocabulary as far as a browser knows it, and the symbols of names: what typed rules are read and typeset by.

    Returns
    -------
    dict
        ``vocabulary``: for each function its ``arity``, how it is written in ``python`` and in ``latex``, and its
        ``slopes``; ``names``, ``endings`` and ``greek`` as in `optguide.language.symbols`.
    """
    known = [row for row in FUNCTIONS.values() if row.javascript is not None]
    return {
        "vocabulary": {
            row.name: {"arity": row.arity, "python": row.python, "latex": row.latex, "slopes": list(row.slopes)}
            for row in known
        },
        "names": NAMES,
        "endings": ENDINGS,
        "greek": sorted(GREEK),
    }


def _plain(value: Value) -> Any:
    if isinstance(value, str) or math.isfinite(value):
        return value
    return [str(float(value))]
