"""Two sources' races, with the methods, settings and numbers of steps of each."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from .. import optimizers
from ..race import Race, race

#: The five methods of Siarshai (2017), under the article's names; its Nesterov is the simplified form.
SIARSHAI2017 = MappingProxyType(
    {
        "Nesterov": optimizers.SimplifiedNesterov.at(lr=0.01, momentum=0.9),
        "RMSprop": optimizers.RMSprop.at(lr=0.25, alpha=0.9, eps=0, eps_root=1e-6),
        "Adadelta": optimizers.Adadelta.at(lr=100.0, rho=0.95, eps=1e-6),
        "Adagrad": optimizers.Adagrad.at(lr=1.0, eps=0, initial_accumulator_value=1e-6),
        "Adam": optimizers.Adam.at(lr=0.25),
    }
)

#: The six rules of ImpactCrater (2024), whose AdamD has a tiny ``eps``.
IMPACTCRATER2024 = MappingProxyType(
    {
        "SGD": optimizers.SGD,
        "Lion": optimizers.Lion,
        "AdamD": optimizers.AdamD.at(eps=1e-16),
        "AdaBeliefD": optimizers.AdaBeliefD,
        "AdaDerivative": optimizers.AdaDerivative,
        "AdaBC": optimizers.AdaBC,
    }
)


def siarshai2017(surface: Any, start: Any = None, *, steps: int = 125) -> Race:
    """The race of Siarshai (2017): five methods, each with the settings of that article.

    The methods alone, by name, are ``optguide.study.SIARSHAI2017``.

    Parameters
    ----------
    surface : callable
        What they descend on.
    start : array_like, shape (dim,), optional
        Where they begin; at the surface's own start by default.
    steps : int
        Number of steps.

    Returns
    -------
    Race

    Raises
    ------
    TypeError, ValueError
        As `optguide.race` does.
    """
    return race(SIARSHAI2017, surface, start, steps)


def impactcrater2024(surface: Any, start: Any = None, *, steps: int = 100, lr: float = 0.1) -> Race:
    """The race of ImpactCrater (2024): six rules, all at one learning rate.

    The rules alone, by name, are ``optguide.study.IMPACTCRATER2024``.

    Parameters
    ----------
    surface : callable
        What they descend on.
    start : array_like, shape (dim,), optional
        Where they begin; at the surface's own start by default.
    steps : int
        Number of steps.
    lr : float
        The learning rate of all six.

    Returns
    -------
    Race

    Raises
    ------
    TypeError, ValueError
        As `optguide.race` does.
    """
    return race(IMPACTCRATER2024, surface, start, steps, lr=lr)
