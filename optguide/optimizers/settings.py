"""Kinds of hyperparameters: what a number means and which values make sense.

A rule says of each of its hyperparameters what kind it is, by annotation: ``lr: Rate = 1e-3``. The default stands there
and nowhere else. A text beside the kind gives it another meaning: ``Annotated[Decay, "of both EMAs"]``.
A hyperparameter without annotation goes unchecked; only ``lr`` is always a `Rate`.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from dataclasses import dataclass
from typing import Annotated, Any, get_args

import numpy as np
import torch

from .. import check


@dataclass(frozen=True)
class Kind:
    """Meaning and allowed range of a hyperparameter.

    ``low`` and ``high`` bound every number in the value; an end belongs to the range if ``includes_low`` or
    ``includes_high`` says so. ``increasing`` asks the numbers of a tuple to be in order, ``shapes`` for a whole number
    that is the same in every descent, since states have as many entries.
    """

    meaning: str
    low: float = -math.inf
    high: float = math.inf
    includes_low: bool = False
    includes_high: bool = False
    increasing: bool = False
    shapes: bool = False

    @property
    def range(self) -> str:
        """The allowed range in words, as messages and tables print it: ``"> 0"``, ``"in [0, 1)"``, ``"finite"``."""
        if self.high < math.inf:
            return (
                f"in {'[' if self.includes_low else '('}{self.low:g}, {self.high:g}{']' if self.includes_high else ')'}"
            )
        return f"{'>=' if self.includes_low else '>'} {self.low:g}" if self.low > -math.inf else "finite"

    def allows(self, value: torch.Tensor) -> bool:
        """Whether every element of ``value`` lies in the range (NaN never does)."""
        above = value >= self.low if self.includes_low else value > self.low
        below = value <= self.high if self.includes_high else value < self.high
        return bool((above & below).all())


Pair = tuple[float, float]
Triple = tuple[float, float, float]

#: What ``lr`` is of rules that find their step size by themselves: it only scales that, or is what they begin with.
FACTOR = Kind("factor of the step size, 1 except under a schedule", low=0)
FIRST_STEP = Kind("step size at first, and where the curvature is not positive", low=0)

Rate = Annotated[float, Kind("learning rate", low=0)]
Factor = Annotated[float, FACTOR]
FirstStep = Annotated[float, FIRST_STEP]
Decay = Annotated[float, Kind("decay rate of the EMA", low=0, high=1, includes_low=True)]
Decays = Annotated[Pair, Kind("decay rates of the EMAs", low=0, high=1, includes_low=True)]
ThreeDecays = Annotated[Triple, Kind("decay rates of the EMAs", low=0, high=1, includes_low=True)]
Inertia = Annotated[Decay, "share of the previous velocity that is kept"]
Share = Annotated[float, Kind("share", low=0, high=1, includes_high=True)]
Amount = Annotated[float, Kind("amount", low=0, includes_low=True)]
Small = Annotated[Amount, "keeps the denominator away from zero"]
Initial = Annotated[Amount, "what the accumulator starts with"]
WeightDecay = Annotated[Amount, "decoupled weight decay, in units of lr"]
Radius = Annotated[Amount, "radius of the neighbourhood that is searched"]
Interval = Annotated[Pair, Kind("smallest and largest value", low=0, includes_low=True, increasing=True)]
Switch = Annotated[bool, Kind("whether it is on")]
Count = Annotated[int, Kind("number of steps", low=1, includes_low=True)]
Size = Annotated[int, Kind("how many steps are remembered", low=1, includes_low=True, shapes=True)]


def one_number(theta: torch.Tensor) -> torch.Tensor:
    """The start of a state that is a single number whatever the shape of theta: zero."""
    return theta.new_zeros(())


@dataclass(frozen=True)
class Hyperparameter:
    """A hyperparameter of a rule: its default and its kind, None if the rule did not say."""

    name: str
    default: Any
    kind: Kind | None = None

    @property
    def range(self) -> str:
        """The allowed range in words; none if the rule did not say what kind it is."""
        if isinstance(self.default, bool):
            return "True or False"
        return self.kind.range if self.kind else ""

    def check(self, value: Any, *, batched: bool = False) -> None:
        """Raise unless ``value`` may stand for this hyperparameter.

        A default that is a tuple asks for a tuple of the same length, one that is true or false for true or false. With
        ``batched=True`` numbers may also be arrays: one value per descent.

        Raises
        ------
        TypeError
            If the value is not a number (or a tuple of numbers) at all.
        ValueError
            If a number lies outside the range, or the tuple has the wrong length.
        """
        numbers, defaults = [value], [self.default]
        if isinstance(self.default, tuple):
            count = len(self.default)
            check.kind(self.name, value, (tuple, list), f"a tuple of {count} numbers")
            if len(value) != count:
                raise ValueError(f"{self.name} must hold {count} numbers, got {value!r}")
            numbers, defaults = list(value), list(self.default)
        for number, usual in zip(numbers, defaults, strict=True):
            if isinstance(usual, bool):
                check.kind(self.name, number, (bool, np.bool_), "True or False")
                continue
            tensor = _as_tensor(self.name, number)
            if tensor.numel() == 0:
                raise ValueError(f"{self.name} must hold a number, got {value!r}")
            if tensor.dim() and not batched:
                raise TypeError(f"{self.name} must be a single number, got an array of shape {tuple(tensor.shape)}")
            if self.kind and self.kind.shapes and (tensor.dim() or tensor % 1):
                raise ValueError(f"{self.name} must be a whole number, the same in every descent, got {value!r}")
            if self.kind and not self.kind.allows(tensor):
                bounded = torch.isfinite(tensor).logical_or(tensor.isnan()).all() or self.kind.range == "finite"
                finite = "" if bounded else "finite and "
                raise ValueError(f"{self.name} must be {finite}{self.kind.range}, got {value!r}")
        if self.kind and self.kind.increasing and not batched and list(numbers) != sorted(numbers):
            raise ValueError(f"{self.name} must be in increasing order, got {value!r}")


def read_kind(name: str, annotation: Any) -> Kind | None:
    """The kind that an annotation names, with the last text beside it for its meaning; None if it names none."""
    notes = getattr(annotation, "__metadata__", get_args(Rate)[1:] if name == "lr" else ())
    kinds = [note for note in notes if isinstance(note, Kind)]
    texts = [note for note in notes if isinstance(note, str)]
    if not kinds:
        return None
    return dataclasses.replace(kinds[-1], meaning=texts[-1]) if texts else kinds[-1]


def as_number(value: Any) -> Any:
    """NumPy's numbers as Python's, with which tensors can be multiplied from the left; all others as they are."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(as_number, value))
    return value.item() if hasattr(value, "item") and not isinstance(value, torch.Tensor) else value


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
