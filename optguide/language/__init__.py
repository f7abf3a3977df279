"""What may be written in a rule or a formula, and how it is typeset from its own source."""

from .derivative import derivative
from .formula import Formula, formula
from .pseudocode import Card, Pseudocode, card, pseudocode
from .python import written_slope
from .symbols import NotationError
from .trace import Program, trace
from .typeset import Step
from .vocabulary import sqrt, where

__all__ = [
    "Card",
    "Formula",
    "NotationError",
    "Program",
    "Pseudocode",
    "Step",
    "card",
    "derivative",
    "formula",
    "pseudocode",
    "sqrt",
    "trace",
    "where",
    "written_slope",
]
