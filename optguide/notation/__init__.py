"""Typeset rules and formulas from their own source."""

from .formula import Formula, formula
from .latex import NotationError, Step
from .pseudocode import Card, Pseudocode, card, pseudocode

__all__ = ["Card", "Formula", "NotationError", "Pseudocode", "Step", "card", "formula", "pseudocode"]
