"""What each hyperparameter means and which values make sense.

A default stands in the signature of a rule's ``update`` and nowhere else; this table adds what a number
alone cannot say. A rule may use a name that is not listed here: it then goes unchecked.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Hyperparameter:
    """Meaning and allowed range of one hyperparameter.

    ``low`` and ``high`` bound every number in the value; an end belongs to the range if ``includes_low`` or
    ``includes_high`` says so. ``increasing`` asks the numbers of a tuple to be in order.
    """

    meaning: str
    low: float = -math.inf
    high: float = math.inf
    includes_low: bool = False
    includes_high: bool = False
    increasing: bool = False

    @property
    def range(self) -> str:
        """The allowed range in words, as error messages and tables print it: ``"> 0"``, ``"in [0, 1)"``."""
        if self.high < math.inf:
            return (
                f"in {'[' if self.includes_low else '('}{self.low:g}, {self.high:g}{']' if self.includes_high else ')'}"
            )
        return f"{'>=' if self.includes_low else '>'} {self.low:g}"

    def allows(self, value: torch.Tensor) -> bool:
        """Whether every element of ``value`` lies in the range (NaN never does)."""
        above = value >= self.low if self.includes_low else value > self.low
        below = value <= self.high if self.includes_high else value < self.high
        return bool((above & below).all())


HYPERPARAMETERS = {
    "lr": Hyperparameter("learning rate: the length scale of a step", low=0),
    "momentum": Hyperparameter("share of the previous velocity that is kept", low=0, high=1, includes_low=True),
    "betas": Hyperparameter("decay rates of the running means", low=0, high=1, includes_low=True),
    "eps": Hyperparameter("keeps the denominator away from zero", low=0, includes_low=True),
    "eps_root": Hyperparameter("keeps the argument of the root away from zero", low=0, includes_low=True),
    "alpha": Hyperparameter("decay rate of the running mean", low=0, high=1, includes_low=True),
    "rho": Hyperparameter("decay rate of both running means", low=0, high=1, includes_low=True),
    "initial_accumulator_value": Hyperparameter("what the accumulator starts with", low=0, includes_low=True),
    "momentum_decay": Hyperparameter("how fast the momentum rises to its full value", low=0, includes_low=True),
    "etas": Hyperparameter("factors of the step size: after a change of sign, and without", low=0, increasing=True),
    "step_sizes": Hyperparameter("smallest and largest step size", low=0, includes_low=True, increasing=True),
    "final_lr": Hyperparameter("the rate on which both bounds close in", low=0),
    "gamma": Hyperparameter("how fast the bounds close in", low=0, high=1),
    "weight_decay": Hyperparameter("decoupled weight decay, in units of lr", low=0, includes_low=True),
    "bounds": Hyperparameter(
        "smallest and largest magnitude of the step, in units of lr", low=0, includes_low=True, increasing=True
    ),
}


def check(name: str, value: Any, default: Any, *, batched: bool = False) -> None:
    """Raise unless ``value`` may stand for hyperparameter ``name``, whose default is ``default``.

    A default that is a tuple asks for a tuple of the same length, one that is True or False for either of them. With
    ``batched=True`` numbers may also be arrays: one value per descent.

    Raises
    ------
    TypeError
        If the value is not a number (a tuple of numbers, True or False) at all.
    ValueError
        If a number lies outside the range, or the tuple has the wrong length.
    """
    numbers, defaults = [value], [default]
    if isinstance(default, tuple):
        if not isinstance(value, (tuple, list)):
            raise TypeError(f"{name} must be a tuple of {len(default)} numbers, got {value!r}")
        if len(value) != len(default):
            raise ValueError(f"{name} must hold {len(default)} numbers, got {value!r}")
        numbers, defaults = list(value), default
    known = HYPERPARAMETERS.get(name)
    for number, usual in zip(numbers, defaults, strict=True):
        if isinstance(usual, bool):
            if not isinstance(number, (bool, np.bool_)):
                raise TypeError(f"{name} must be True or False, got {number!r}")
            continue
        tensor = _as_tensor(name, number)
        if tensor.numel() == 0:
            raise ValueError(f"{name} must hold a number, got {value!r}")
        if tensor.dim() and not batched:
            raise TypeError(f"{name} must be a single number, got an array of shape {tuple(tensor.shape)}")
        if known and not known.allows(tensor):
            finite = "" if torch.isfinite(tensor).logical_or(tensor.isnan()).all() else "finite and "
            raise ValueError(f"{name} must be {finite}{known.range}, got {value!r}")
    if known and known.increasing and not batched and list(numbers) != sorted(numbers):
        raise ValueError(f"{name} must be in increasing order, got {value!r}")


def _as_tensor(name: str, number: Any) -> torch.Tensor:
    if not isinstance(number, (bool, str)):
        try:
            with warnings.catch_warnings():  # torch warns of what is refused below
                warnings.simplefilter("ignore")
                tensor = torch.as_tensor(number)
                if tensor.dtype.is_floating_point and not isinstance(number, torch.Tensor):
                    tensor = torch.as_tensor(number, dtype=torch.float64)  # else the default dtype would round it
        except (TypeError, ValueError, RuntimeError, OverflowError):
            pass
        else:
            if tensor.dtype != torch.bool and not tensor.is_complex() and tensor.layout == torch.strided:
                return tensor.detach()
    raise TypeError(f"{name} must be a number, got {number!r}")
