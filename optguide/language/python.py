"""A program as a Python function on torch tensors.

Autograd differentiates anew at every point, and for small tensors that takes several times as long as the arithmetic
itself. The formula of a surface is pure, so its gradient can be written down once. The result is a function without
branches, whose heights equal those of the formula to the last bit.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch

from .derivative import derivative
from .trace import Program, Value, trace
from .vocabulary import FUNCTIONS

_SPACE = {row.name: row.call for row in FUNCTIONS.values() if row.call} | {"inf": math.inf, "nan": math.nan}


def python_source(program: Program, name: str) -> str:
    """The source of a function of this name that does what the program says and returns a tuple."""
    arguments = ", ".join([*program.inputs, *(["*", *program.settings] if program.settings else [])])
    lines = [
        f"{line.name} = {FUNCTIONS[line.function].python.format(*map(_text, line.arguments))}" for line in program.lines
    ]
    lines.append(f"return ({', '.join(map(_text, program.outputs))},)")
    return f"def {name}({arguments}):\n" + "".join(f"    {line}\n" for line in lines)


def python_function(program: Program, name: str = "program") -> Callable[..., tuple[Any, ...]]:
    """The function that `python_source` writes."""
    space: dict[str, Any] = dict(_SPACE)
    exec(python_source(program, name), space)
    return space[name]


@functools.lru_cache(256)
def written_slope(formula: Callable[..., Any], dim: int) -> Callable[..., tuple[torch.Tensor, ...]] | None:
    """A function that returns the height and every partial derivative of a formula, all shaped like its coordinates.

    Parameters
    ----------
    formula : callable
        A pure function of ``dim`` coordinates.
    dim : int
        How many.

    Returns
    -------
    callable or None
        None if something in the formula cannot be written out here; autograd then has to do.
    """
    try:
        program = trace(formula, [f"x{i}" for i in range(dim)])
        if not isinstance(program.outputs[0], str):
            return None
        return python_function(derivative(program), "slope")
    except Exception:  # whatever is wrong with it, calling it with numbers will tell
        return None


def _text(value: Value) -> str:
    return value if isinstance(value, str) else f"({value!r})" if value < 0 else repr(value)
