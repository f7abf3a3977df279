"""Prescribed gradients over time, and how a rule responds to them.

Each signal is a function of time: the gradient that a rule is shown at step t = 0, 1, 2 ... whatever it does.
Between whole numbers a signal runs straight. The six are those of Siarshai (2017).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from . import check
from .given import follows_rule, refuse_unknown, unwrap
from .optimizers.rule import Rule
from .walk import Field, Walk, spread_settings

__all__ = ["spikes", "rectangles", "noisy_sine", "very_noisy_sine", "uneven_sawtooth", "saturation"]

#: What the two noisy signals add, uniform on (-0.5, 0.5); it repeats after so many steps.
_NOISE = np.random.default_rng(0).random(300) - 0.5


def _sampled(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any], np.ndarray]:
    """Read a function at whole times only, and join the values by straight lines."""

    @functools.wraps(function)
    def signal(t):
        before = np.floor(t)
        share = t - before
        return (1 - share) * function(before) + share * function(before + 1)

    return signal


@_sampled
def spikes(t):
    """1 at every 60th step, beginning with the first, and 0 in between."""
    return np.where(t % 60 == 0, 1.0, 0.0)


@_sampled
def rectangles(t):
    """1 for 20 steps, then -1 for 20 steps, and again."""
    return np.where(t % 40 < 20, 1.0, -1.0)


@_sampled
def noisy_sine(t):
    """sin(t / 20) plus noise, uniform on (-0.5, 0.5), the same in every run."""
    return np.sin(t / 20) + _noise(t)


@_sampled
def very_noisy_sine(t):
    """sin(t / 20) / 5 plus the noise of `noisy_sine`, which is larger."""
    return np.sin(t / 20) / 5 + _noise(t)


@_sampled
def uneven_sawtooth(t):
    """Teeth of 20 steps, (t mod 20) / 5; after t = 80 a quarter as high, (t mod 20) / 20."""
    return t % 20 / np.where(t > 80, 20, 5)


@_sampled
def saturation(t):
    """1 for 40 steps, then 0 for 40 steps, and again."""
    return np.where(t % 80 < 40, 1.0, 0.0)


def _noise(t: np.ndarray) -> np.ndarray:
    return _NOISE[np.asarray(t % len(_NOISE), dtype=int)]


@dataclass(frozen=True, eq=False)
class Response:
    """What one call of `respond` recorded: one response, or a batch of them. Shows itself as an animation.

    ``...`` stands for the batch axes: none for single hyperparameters, their common shape if some are arrays.

    Attributes
    ----------
    t : ndarray, shape (steps,)
        The times 0, 1, 2 ...
    gradient : ndarray, shape (steps,)
        The signal at these times.
    update : ndarray, shape (steps, ...)
        What the rule subtracted from the parameter at each step. It has the sign of the gradient, so that both can
        be drawn on one axis: plain descent gives ``lr * gradient``.
    theta : ndarray, shape (steps + 1, ...)
        The parameter: it begins at 0 and falls by the updates.
    states : dict of str to ndarray, shape (steps + 1, ...)
        The rule's state before the first step and after each step.
    signal : callable
        The prescribed gradient.
    read : (float, float)
        The earliest and the latest time at which the rule read it.
    rule : Rule
        The optimizer's rule.
    name : str
        The optimizer's name.
    settings : dict
        The hyperparameters, defaults included.
    color : str or None
        The optimizer's colour in pictures.
    """

    t: np.ndarray
    gradient: np.ndarray
    update: np.ndarray
    theta: np.ndarray
    states: dict[str, np.ndarray]
    signal: Callable[[Any], Any] = field(repr=False)
    read: tuple[float, float]
    rule: Rule = field(repr=False)
    name: str
    settings: dict[str, Any]
    color: str | None = None

    @property
    def steps(self) -> int:
        """Number of steps taken."""
        return len(self.t)

    def animate(self, **options: Any) -> Any:
        """The response as an `Animation`, a batch of them one by one; options as in `optguide.animate`."""
        from . import render

        return render.animate(self, **options)

    def _repr_html_(self) -> str | None:
        """The animation; None for a batch along several axes: a notebook then shows the `repr`."""
        try:
            return self.animate()._repr_html_()
        except ValueError:
            return None

    def _repr_png_(self) -> bytes | None:
        """The last step of that animation, for where no player runs."""
        try:
            return self.animate()._repr_png_()
        except ValueError:
            return None

    def __repr__(self) -> str:
        name = getattr(self.signal, "__name__", "a signal")
        batch = f", batch of shape {self.update.shape[1:]}" if self.update.ndim > 1 else ""
        return f"<response of {self.name} to {name}: {self.steps} steps{batch}>"


def respond(optimizer: Any, signal: Callable[[np.ndarray], Any], steps: int = 300, **hyperparameters: Any) -> Response:
    """Give a rule a prescribed gradient, step by step, and record its updates.

    There is no function to minimise and the gradient does not depend on the parameter, so the response shows the rule
    alone: what it remembers, how fast it forgets, how it scales.

    A rule that looks ahead asks for the gradient at another point than its own. The signal has no points, only
    times, so distance is read as time: a point that lies a distance d downhill, ``theta - d``, is answered with the
    signal at time ``t + d``, coordinate for coordinate. With a velocity of 5 and ``momentum=0.5``, `Nesterov` looks
    2.5 steps into the future. After a stretch of negative gradients its velocity is negative, and it looks into the
    past.

    Parameters
    ----------
    optimizer : class
        One of our rules, your own `Optimizer` with a pure ``update``, or a `functools.partial` of either.
    signal : callable
        The gradient as a function of time: takes an array of times, which need not be whole, and returns as many
        numbers. One of ``og.signals``, or your own.
    steps : int
        Number of steps.
    **hyperparameters
        Passed to the rule. A value may be an array: one response for each of its elements.

    Returns
    -------
    Response

    Raises
    ------
    TypeError
        If the optimizer has no pure rule, the signal is not callable, or a hyperparameter is of the wrong kind.
    ValueError
        If a number is out of range, or the signal does not give one finite number for each time.
    """
    optimizer, given = unwrap(optimizer, hyperparameters)
    if not follows_rule(optimizer):
        name = getattr(optimizer, "__name__", optimizer)
        raise TypeError(f"optimizer must be one of our rules or your own Optimizer with a pure update, got {name}")
    refuse_unknown(optimizer, given, ("signal", "steps"))
    if not callable(signal):
        raise TypeError(
            "signal must be a function of time, got "
            f"{type(signal).__name__}; for recorded values v use lambda t: np.interp(t, np.arange(len(v)), v)"
        )
    times = np.arange(check.count("steps", steps), dtype=np.float64)
    start = torch.zeros(1, dtype=torch.float64)
    settings, numbers, theta = spread_settings(optimizer.rule, given, start, rank=1)
    for question in ("loss", "hvp", "hessian"):
        if question in optimizer.rule.asks:
            raise ValueError(f"{optimizer.__name__} asks for {question}, and a signal is a gradient alone; use descend")
    if theta.dim() > 1 and not optimizer.rule.is_elementwise:
        raise ValueError(f"{optimizer.__name__} mixes coordinates: respond with one value of each hyperparameter")
    gradient = _read(signal, times)
    field = _Prescribed(signal)
    walk = Walk(optimizer.rule, cast(Field, field), theta, numbers)  # of which gradients are asked, nothing else
    thetas, states = [walk.theta], [walk.states]
    for now in range(len(times)):
        field.place, field.now = walk.theta, now
        walk.step()
        thetas.append(walk.theta)
        states.append(walk.states)
    # Shaped like theta, a state is a number; a rule that mixes may have others.
    record = lambda tensors: torch.stack([t[0] if t.shape == theta.shape else t for t in tensors]).numpy()  # noqa: E731
    path = record(thetas)
    if not np.isfinite(path).all():
        raise ValueError(f"{optimizer.__name__} does not stay finite with these settings: {settings}")
    return Response(
        t=times,
        gradient=gradient,
        update=path[:-1] - path[1:],
        theta=path,
        states={name: record([s[name] for s in states]) for name in walk.states},
        signal=signal,
        read=(field.first, field.last),
        rule=optimizer.rule,
        name=optimizer.__name__,
        settings=settings,
        color=optimizer.color,
    )


class _Prescribed:
    """A gradient that depends on time, where a rule expects one that depends on the place."""

    shape = (1,)

    def __init__(self, signal: Callable[[np.ndarray], Any]) -> None:
        self.signal = signal
        self.place, self.now = torch.zeros(1), 0
        self.first = self.last = 0.0

    def slope(self, theta: Tensor) -> tuple[None, Tensor]:
        times = (self.now + (self.place - theta)).numpy()
        self.first, self.last = min(self.first, float(times.min())), max(self.last, float(times.max()))
        return None, torch.from_numpy(_read(self.signal, times))


def _read(signal: Callable[[np.ndarray], Any], times: np.ndarray) -> np.ndarray:
    """The signal at these times, checked."""
    name = f"signal {getattr(signal, '__name__', '')}".strip()
    values = check.real(name, signal(times))
    if values.shape != times.shape:
        raise ValueError(
            f"{name} must return one number per time: times of shape {times.shape} gave shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite, got {values[~np.isfinite(values)][0]} within the response")
    return values
