"""What may be written in a rule or a formula, and how it is typeset from its own source."""

from .formula import Formula, formula
from .pseudocode import Card, Pseudocode, card, pseudocode
from .symbols import NotationError
from .typeset import Step
from .vocabulary import sqrt, where

__all__ = ["Card", "Formula", "NotationError", "Pseudocode", "Step", "card", "formula", "pseudocode", "sqrt", "where"]
