"""What may be written in a rule or a formula, and how it is typeset from its own source."""

from .derivative import derivative
from .formula import Formula, formula
from .matrices import (
    column_mean,
    columns,
    eigenbasis,
    identity,
    inverse_root,
    orthogonalize,
    row_mean,
    rows,
    solve,
    transpose,
)
from .pairs import outer, push, times, two_loop
from .pseudocode import Card, Pseudocode, card, pseudocode
from .python import written_slope
from .symbols import NotationError
from .trace import Program, trace
from .typeset import Step
from .vocabulary import log, maximum, minimum, sqrt, where

__all__ = [
    "Card",
    "Formula",
    "NotationError",
    "Program",
    "Pseudocode",
    "Step",
    "card",
    "column_mean",
    "columns",
    "derivative",
    "eigenbasis",
    "formula",
    "identity",
    "inverse_root",
    "log",
    "maximum",
    "minimum",
    "orthogonalize",
    "outer",
    "pseudocode",
    "push",
    "row_mean",
    "rows",
    "solve",
    "sqrt",
    "times",
    "trace",
    "transpose",
    "two_loop",
    "where",
    "written_slope",
]
