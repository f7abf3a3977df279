"""Descents as data: run an optimizer on a function and record every step."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import check
from .foreign import ForeignWalk
from .given import follows_rule, landscape, read_start, refuse_unknown, unwrap
from .noise import noise_numbers, read_noise
from .optimizers.rule import Rule
from .problems.problem import lowest
from .progress import tqdm
from .recorder import Recorder, step_or_none
from .schedule import Schedule
from .table import in_parentheses
from .walk import Walk, spread_settings


@dataclass(frozen=True, eq=False)
class Descent:
    """What one call of `descend` recorded: one descent, or a batch of them.

    ``...`` stands for the batch axes: none for a single start, ``(S,)`` for S starts, ``(L, S)`` if a
    hyperparameter adds an axis of length L.

    Attributes
    ----------
    theta : ndarray, shape (steps + 1, ..., dim)
        The iterates, the start first.
    loss : ndarray, shape (steps + 1, ...)
        The function's value at each iterate (without noise).
    grad : ndarray, shape (steps, ..., dim)
        The gradient that the rule received at each step (with noise, if any); the first one, if it asked for
        several.
    states : dict of str to ndarray, shape (steps + 1, ..., dim)
        The rule's state before the first step and after each step.
    evaluations : ndarray of int, shape (steps + 1, ...)
        How many gradients it had asked for by each iterate; a product with the Hessian counts as two.
    diverged_at : int or None; ndarray of int, shape (...), in a batch
        First step whose iterate or loss is not finite or exceeds 1e10, or that was taken along a gradient that is
        not finite; None (in a batch: -1) if there is none.
        Later records are NaN.
    stopped_at : int or None; ndarray of int, shape (...), in a batch
        The step that moved no further than ``xtol``; None (-1) if there is none. Later records repeat it.
    function : callable
        The function that was minimised.
    name : str
        The optimizer's name.
    settings : dict
        The hyperparameters, defaults included.
    color : str or None
        The optimizer's colour in pictures; one that is not ours has the colour of ours of the same name, if any.
    rule : Rule or None
        What was followed, if it was one of our rules or of a reader's own with these settings at every step; None for
        other optimizers, and under a schedule.
    noise, seed : float, int
        The standard deviation of the noise in its gradients, and the seed of it.
    tails : float or None
        The degrees of freedom of the noise, if it is not normal.
    """

    theta: np.ndarray
    loss: np.ndarray
    grad: np.ndarray
    states: dict[str, np.ndarray]
    evaluations: np.ndarray
    diverged_at: Any
    stopped_at: Any
    function: Callable[..., Any] = field(repr=False)
    name: str
    settings: dict[str, Any]
    color: str | None = None
    rule: Rule | None = field(default=None, repr=False)
    noise: float = 0.0
    seed: int = 0
    tails: float | None = None

    @property
    def steps(self) -> int:
        """Number of steps taken (in a batch: by the longest descent)."""
        return len(self.theta) - 1

    def arrived(self, tol: float) -> Any:
        """The first step at which the loss is at most ``tol`` above the function's lowest known height.

        It may rise again later.

        Parameters
        ----------
        tol : float
            Largest distance above the known minimum that counts.

        Returns
        -------
        int or None; ndarray of int, shape (...), in a batch
            0 is the start; None (in a batch: -1) if there is no such step.

        Raises
        ------
        ValueError
            If no minimum of the function is known, or ``tol`` is negative.
        """
        low = lowest(self.function)
        if low is None:
            raise ValueError(
                f"{getattr(self.function, 'name', self.function)} has no known minimum; compare run.loss yourself"
            )
        there = self.loss <= low + check.number("tol", tol, low=0)
        return step_or_none(torch.as_tensor(np.where(there.any(0), there.argmax(0), -1)))

    def plot_map(self, ax: Any = None, **options: Any) -> Any:
        """Map of the function with the trail on it; options as in `optguide.plot_map`. Returns the Axes."""
        from . import render

        return render.plot_trails(self, ax=render.plot_map(self.function, ax=ax, **options))

    def plot_surface(self, ax: Any = None, **view: Any) -> Any:
        """The function in 3-D with the trail on it; view as in `optguide.plot_surface`. Returns the Axes."""
        from . import render

        return render.plot_surface(self.function, self, ax=ax, **view)

    def plot_loss(self, ax: Any = None, *, against: str = "step") -> Any:
        """The loss against ``"step"`` or ``"evaluations"``. Returns the Axes."""
        from . import render

        return render.plot_loss(self, ax=ax, against=against)

    def plot_states(self, names: Any = None, axes: Any = None) -> Any:
        """What the rule remembers, step by step; as `optguide.plot_states`. Returns the Axes."""
        from . import render

        return render.plot_states(self, names, axes)

    def plot_arrows(self, ax: Any = None, **options: Any) -> Any:
        """Gradients along the trail as arrows; options as in `optguide.plot_arrows`. Returns the Axes."""
        from . import render

        return render.plot_arrows(self, ax=ax, **options)

    def animate(self, **options: Any) -> Any:
        """The descent as an `Animation`; options as in `optguide.animate`."""
        from . import render

        return render.animate(self, **options)

    def _repr_html_(self) -> str | None:
        """The animation; None for a batch and where no height is finite: a notebook then shows the `repr`."""
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
        batch = f", {math.prod(self.loss.shape[1:])} descents" if self.loss.ndim > 1 else ""
        point = tuple(self.theta[-1].ravel().round(6).tolist())
        place = point if len(point) < 4 else in_parentheses([*map(str, point)])
        end = "" if batch else f", ends at {place} with loss {self.loss[-1]:.6g}"
        if not batch and self.diverged_at is not None:
            end = f", diverged at step {self.diverged_at}"
        return f"<descent of {self.name}: {self.steps} steps{batch}{end}>"


def descend(
    optimizer: Any,
    function: Any,
    start: Any = None,
    steps: int | None = None,
    *,
    xtol: float | None = None,
    max_steps: int | None = None,
    noise: float = 0.0,
    tails: float | None = None,
    seed: int = 0,
    schedule: Callable[..., Any] | None = None,
    **hyperparameters: Any,
) -> Descent:
    """Run an optimizer on a function from one start, or from many at once, in float64.

    Parameters
    ----------
    optimizer : class, callable or str
        One of ours, any other `torch.optim.Optimizer` class, a `functools.partial` of either, or a callable
        that takes a list of parameters and returns an optimizer. Ours may be named: ``"adam"``, torch's as well:
        ``"torch.Adam"``.
    function : callable, Problem or str
        A surface or its name, a problem of any shape, or any function of one or more coordinates that torch can
        differentiate. With many starts it must broadcast.
    start : array_like, shape (..., dim), optional
        Where to begin; the surface's own start by default.
    steps : int, optional
        Number of steps, 200 by default.
    xtol : float, optional
        Instead of a fixed number of steps: stop at the first step that moves no coordinate further than ``xtol``.
    max_steps : int, optional
        With ``xtol``: the largest number of steps, 100,000 by default.
    noise : float
        Standard deviation of normal noise added to every coordinate of every gradient. All descents of a batch
        and of a race see the same noise.
    tails : float, optional
        Draws the noise from Student's t distribution with so many degrees of freedom, times ``noise``, instead: the
        fewer, the heavier its tails. Up to 2 its variance is infinite, up to 1 it has no mean.
    seed : int
        Seed of the noise: of `torch.Generator`, a Mersenne Twister, whose numbers the Box-Muller method makes normal.
        Of what a rule draws for itself, too, in numbers of its own.
    schedule : callable, optional
        Makes a torch learning-rate scheduler from an optimizer, for example
        ``partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.99)``. Each descent of a batch has its own, and
        all that it changes takes effect: learning rate, momentum, any other hyperparameter. A scheduler that needs the
        loss, such as ``ReduceLROnPlateau``, is given the loss before each step.
    **hyperparameters
        Passed to the optimizer. For our own rules a value may be an array that broadcasts against the leading
        axes of ``start``: with starts (S, 2), ``lr=lrs[:, None]`` gives ``theta`` of shape (steps + 1, L, S, 2).

    Returns
    -------
    Descent

    Raises
    ------
    TypeError
        If the optimizer, the function or a hyperparameter is of the wrong kind.
    ValueError
        If a number is out of range or ``start`` does not fit the function.
    """
    optimizer, given = unwrap(optimizer, hyperparameters)
    schedule = given.pop("schedule", schedule)  # a partial may bring one of its own
    refuse_unknown(optimizer, given, inspect.signature(descend).parameters)
    function = landscape(function)
    limit = _step_limit(steps, xtol, max_steps)
    noise, tails = read_noise(noise, tails)
    seed = check.seed("seed", seed)
    problem, theta = read_start("start", start, function)
    generator = torch.Generator().manual_seed(seed)

    def draw() -> Tensor | None:
        if not noise:
            return None
        drawn = noise * noise_numbers(problem.shape, tails, generator)
        return drawn.reshape(*problem.shape, *(1,) * (walk.theta.dim() - len(problem.shape)))

    walk: Walk | ForeignWalk
    if follows_rule(optimizer):
        settings, numbers, theta = spread_settings(optimizer.rule, given, theta, len(problem.shape))
        clock = None if schedule is None else Schedule(optimizer, numbers, schedule, theta.shape[len(problem.shape) :])
        walk = Walk(optimizer.rule, problem, theta, clock.settings if clock else numbers, [seed])
        name, color = optimizer.__name__, optimizer.color
        rule = None if clock else optimizer.rule
    else:
        rule = None
        walk, clock = ForeignWalk(optimizer, problem, theta, given, schedule), None
        name, settings, color = walk.name, walk.settings, walk.color
    record = Recorder(walk, problem, xtol)
    for _ in tqdm(range(limit), desc=name, unit="step", leave=False, disable=None, delay=1):
        with torch.no_grad():
            walk.step(draw())
        record.note_step()
        if record.finished:
            break
        if clock:
            walk.settings = clock.step(record.losses[-1])
    how = {"rule": rule, "noise": noise, "seed": seed, "tails": tails}
    return Descent(**record.result(), function=function, name=name, settings=settings, color=color, **how)


def _step_limit(steps: int | None, xtol: float | None, max_steps: int | None) -> int:
    if xtol is None:
        if max_steps is not None:
            raise ValueError("max_steps needs xtol; for a fixed number of steps, use steps")
        return check.count("steps", 200 if steps is None else steps)
    if steps is not None:
        raise ValueError("steps and xtol cannot both be given; with xtol, limit the number of steps by max_steps")
    check.number("xtol", xtol, low=0, open_low=True)
    return check.count("max_steps", 100_000 if max_steps is None else max_steps)
