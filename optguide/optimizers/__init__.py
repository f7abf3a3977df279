"""Optimizers: each is one pure update rule in a file of its own.

The list below is the list of the project: tests, tables, API pages and menus follow it, in this order.
"""

from .adabc import AdaBC
from .adabelief import AdaBelief
from .adabelief_d import AdaBeliefD
from .adaderivative import AdaDerivative
from .adam import Adam
from .adamd import AdamD
from .adamw import AdamW
from .base import Optimizer as Optimizer
from .lion import Lion
from .momentum import Momentum
from .nesterov import Nesterov
from .sgd import SGD
from .simplified_nesterov import SimplifiedNesterov

__all__ = [
    "SGD",
    "Momentum",
    "Nesterov",
    "SimplifiedNesterov",
    "Adam",
    "AdamW",
    "AdamD",
    "AdaBelief",
    "AdaBeliefD",
    "AdaDerivative",
    "AdaBC",
    "Lion",
]
