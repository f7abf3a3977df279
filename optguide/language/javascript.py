"""A program as data for the interpreter in the browser, which runs it on many descents at once.

A page may not make code from text (its content security policy forbids it), so what is shipped is a table of lines.
"""

from __future__ import annotations

import math
from typing import Any

from .trace import Program, Value


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


def _plain(value: Value) -> Any:
    if isinstance(value, str) or math.isfinite(value):
        return value
    return [str(float(value))]
