"""Descents as data: run an optimizer on a function and keep everything that happened."""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import optimizers as rules
from .language import written_slope
from .optimizers.base import Optimizer, call_update
from .optimizers.hyperparameters import check
from .progress import tqdm
from .surfaces.surface import Surface

#: A descent has diverged where a number is not finite, or a coordinate or the loss exceeds this.
DIVERGED = 1e10


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
    diverged_at : int or None; ndarray of int, shape (...), in a batch
        First step whose iterate or loss is not finite or exceeds 1e10, or that was taken along a gradient that is
        not finite; None (in a batch: -1) if there is none.
        Later records are NaN.
    stopped_at : int or None; ndarray of int, shape (...), in a batch
        The step that moved no further than ``tol``; None (-1) if there is none. Later records repeat it.
    function : callable
        What was descended.
    name : str
        The optimizer's name.
    settings : dict
        The hyperparameters, defaults included.
    color : str or None
        The optimizer's colour in pictures; one that is not ours has the colour of ours of the same name, if any.
    """

    theta: np.ndarray
    loss: np.ndarray
    grad: np.ndarray
    states: dict[str, np.ndarray]
    diverged_at: Any
    stopped_at: Any
    function: Callable[..., Any] = field(repr=False)
    name: str
    settings: dict[str, Any]
    color: str | None = None

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
            How much higher than the known minimum counts as arrived.

        Returns
        -------
        int or None; ndarray of int, shape (...), in a batch
            0 is the start; None (in a batch: -1) if there is no such step.

        Raises
        ------
        ValueError
            If the function knows no minimum or ``tol`` is negative.
        """
        _, low = _known_minima(self.function)
        if low is None:
            raise ValueError(f"{getattr(self.function, 'name', self.function)} knows no minimum; compare loss yourself")
        if not tol >= 0:
            raise ValueError(f"tol must be >= 0, got {tol!r}")
        there = self.loss <= low + tol
        return _marker(torch.as_tensor(np.where(there.any(0), there.argmax(0), -1)))

    def __repr__(self) -> str:
        batch = f", {math.prod(self.loss.shape[1:])} descents" if self.loss.ndim > 1 else ""
        end = "" if batch else f", ends at {tuple(self.theta[-1].round(6).tolist())} with loss {self.loss[-1]:.6g}"
        if not batch and self.diverged_at is not None:
            end = f", diverged at step {self.diverged_at}"
        return f"<descent of {self.name}: {self.steps} steps{batch}{end}>"


def descend(
    optimizer: Callable[..., torch.optim.Optimizer],
    function: Callable[..., Any],
    start: Any = None,
    steps: int | None = None,
    *,
    tol: float | None = None,
    max_steps: int | None = None,
    noise: float = 0.0,
    seed: int = 0,
    schedule: Callable[..., Any] | None = None,
    **hyperparameters: Any,
) -> Descent:
    """Run an optimizer on a function from one start, or from many at once, in float64.

    Parameters
    ----------
    optimizer : class or callable
        One of ours, any other `torch.optim.Optimizer` class, a `functools.partial` of either, or a callable
        that takes a list of parameters and returns an optimizer.
    function : callable
        A surface, or any function of one or more coordinates that torch can differentiate. With many starts
        it must broadcast.
    start : array_like, shape (..., dim), optional
        Where to begin; the surface's own start by default.
    steps : int, optional
        Number of steps, 200 by default.
    tol : float, optional
        Instead of a fixed number of steps: stop at the first step that moves no coordinate further than ``tol``.
    max_steps : int, optional
        With ``tol``: give up after so many steps, 100,000 by default.
    noise : float
        Standard deviation of normal noise added to every coordinate of every gradient. All descents of a batch
        and of a race see the same noise.
    seed : int
        Seed of the noise.
    schedule : callable, optional
        Makes a torch learning-rate scheduler from an optimizer, for example
        ``partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.99)``. Each descent of a batch has one of its own,
        and all that it changes counts: the rate, a momentum, any other hyperparameter. A scheduler that waits for the
        loss, such as ``ReduceLROnPlateau``, is shown that from which each step was taken.
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
    optimizer, hyperparameters = _unwrap(optimizer, hyperparameters)
    schedule = hyperparameters.pop("schedule", schedule)  # a partial may bring one of its own
    if not callable(function):
        raise TypeError(f"function must be callable, got {function!r}")
    limit = _step_limit(steps, tol, max_steps)
    _number("noise", noise)
    if not (noise >= 0 and math.isfinite(noise)):
        raise ValueError(f"noise must be >= 0, got {noise!r}")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not -(2**63) <= seed < 2**64:
        raise TypeError(f"seed must be an int of at most 64 bits, got {seed!r}")
    theta = _read_start(start, function)
    generator = torch.Generator().manual_seed(int(seed))
    draw = (lambda: noise * torch.randn(theta.shape[-1], generator=generator, dtype=theta.dtype)) if noise else None
    descent = _Recorder(function, theta, tol)
    if _follows_update(optimizer):
        walk = _walk_rule(optimizer, descent, draw, schedule, hyperparameters)
    else:
        walk = _walk_torch(optimizer, descent, draw, schedule, hyperparameters)
    name, settings, color = next(walk)
    for _ in tqdm(range(limit), desc=name, unit="step", leave=False, disable=None, delay=1):
        next(walk)
        if descent.finished:
            break
    return descent.result(name=name, settings=settings, color=color)


def _unwrap(optimizer: Any, hyperparameters: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The optimizer inside nested partials, and all hyperparameters; the outermost ones win."""
    while isinstance(optimizer, functools.partial) and not optimizer.args:
        hyperparameters = {**optimizer.keywords, **hyperparameters}
        optimizer = optimizer.func
    if not callable(optimizer):
        raise TypeError(f"optimizer must be an optimizer class, got {optimizer!r}")
    if getattr(optimizer, "update", None) is Optimizer.update:
        raise TypeError(f"{optimizer.__name__} has no rule of its own: a subclass of Optimizer writes update")
    return optimizer, hyperparameters


def _by_name(optimizers: Any) -> dict[str, Callable[..., Any]]:
    """Optimizers under the names given by a mapping, or under those of their classes."""
    if not isinstance(optimizers, (Mapping, list, tuple)):
        raise TypeError(f"optimizers must be a mapping from names to optimizers, or a list, got {optimizers!r}")
    if isinstance(optimizers, Mapping):
        named = dict(optimizers)
    else:
        named = {}
        for optimizer in optimizers:
            name = _name(optimizer)
            if name in named:
                raise ValueError(f"two optimizers are called {name!r}: pass a mapping with a name for each")
            named[name] = optimizer
    if not named:
        raise ValueError("optimizers must not be empty")
    for name in named:
        if not isinstance(name, str):
            raise TypeError(f"optimizers must be named by strings, got {name!r}")
    return named


def _name(optimizer: Any) -> str:
    while isinstance(optimizer, functools.partial):
        optimizer = optimizer.func
    return getattr(optimizer, "__name__", type(optimizer).__name__)


def _follows_update(optimizer: Any) -> bool:
    """Whether the rule is one of ours and all of it is in ``update`` (torch wraps ``step``, hence the unwrapping)."""
    return (
        isinstance(optimizer, type)
        and issubclass(optimizer, Optimizer)
        and inspect.unwrap(optimizer.step) is inspect.unwrap(Optimizer.step)
    )


def _step_limit(steps: int | None, tol: float | None, max_steps: int | None) -> int:
    if tol is None:
        if max_steps is not None:
            raise ValueError("max_steps goes with tol; for a fixed number of steps use steps")
        what, limit = "steps", 200 if steps is None else steps
    else:
        if steps is not None:
            raise ValueError("steps and tol exclude each other; with tol, limit the steps by max_steps")
        _number("tol", tol)
        if not tol > 0:
            raise ValueError(f"tol must be > 0, got {tol!r}")
        what, limit = "max_steps", 100_000 if max_steps is None else max_steps
    if isinstance(limit, bool) or not isinstance(limit, (int, np.integer)):
        raise TypeError(f"{what} must be an int, got {limit!r}")
    if not 1 <= limit <= sys.maxsize:
        raise ValueError(f"{what} must be >= 1{f' and at most {sys.maxsize}' * (limit > 1)}, got {limit}")
    return int(limit)


def _number(name: str, value: Any) -> None:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a number, got {value!r}")


def _read_start(start: Any, function: Callable[..., Any]) -> Tensor:
    dim = getattr(function, "dim", None)
    if start is None:
        start = getattr(function, "start", None)
        if start is None:
            raise ValueError("start must be given: this function has no start of its own")
    try:
        if isinstance(start, Tensor):
            start = start.detach().cpu().to_dense()
            start = start if start.is_complex() else start.double()
        theta = np.asarray(start)
        if theta.dtype.kind not in "fiubO":  # neither text nor dates, and no complex number loses its imaginary part
            raise TypeError
        theta = torch.as_tensor(np.array(theta, dtype=np.float64))
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise TypeError(f"start must be an array of numbers, got {start!r}") from None
    theta = theta if theta.dim() else theta.reshape(1)
    if dim is not None and theta.shape[-1] != dim:
        raise ValueError(f"start must have {dim} coordinates along its last axis, got shape {tuple(theta.shape)}")
    if theta.numel() == 0:
        raise ValueError(f"start must not be empty, got shape {tuple(theta.shape)}")
    if not torch.isfinite(theta).all():
        raise ValueError(f"start must be finite, got {start!r}")
    return theta


def _evaluate(function: Callable[..., Any], theta: Tensor) -> Tensor:
    """Heights at points ``theta`` of shape (..., dim), checked to have shape (...)."""
    try:
        z = function(*theta.unbind(-1))
    except RuntimeError as error:
        if "to Scalar" not in str(error):
            raise
        raise TypeError(f"function must take many points at once, without .item() or float(): {error}") from error
    if not isinstance(z, Tensor):
        raise TypeError(f"function must return a tensor computed by torch, got {type(z).__name__}")
    if z.is_complex():
        raise TypeError(f"function must return real heights, got {z.dtype}")
    if z.shape != theta.shape[:-1]:
        raise ValueError(
            f"function must return one height per point: points of shape {tuple(theta.shape)} "
            f"gave heights of shape {tuple(z.shape)}"
        )
    return z.to(theta.dtype)


def _slope(function: Callable[..., Any], point: Tensor, axis: int = -1) -> tuple[Tensor, Tensor]:
    """Heights and gradients at points whose coordinates lie along ``axis``; call it where no gradients are kept."""
    if written := _written(function, point.shape[axis]):
        z, *g = written(*point.unbind(axis))
        return z, torch.stack(g, axis)
    x = point.detach().requires_grad_()
    with torch.enable_grad():
        z = _evaluate(function, x.movedim(axis, -1))
        if z.requires_grad:
            return z.detach(), torch.autograd.grad(z.sum(), x)[0]
    _refuse_hidden_slope(function, point.movedim(axis, -1), z)
    return z, torch.zeros_like(x)


def _refuse_hidden_slope(function: Callable[..., Any], points: Tensor, z: Tensor) -> None:
    """Raise unless heights ``z`` of which torch knows no gradient are those of flat ground."""
    points = points.detach()
    # A step aside, in each coordinate of another length, so that the changes do not add up to nothing.
    aside = 1e-3 * (1 + points.abs()) * torch.arange(2, points.shape[-1] + 2).sqrt()
    with torch.no_grad():
        other = _evaluate(function, points + aside)
    if ((z == other) | (z.isnan() & other.isnan())).all():
        return
    if torch.is_inference_mode_enabled():
        raise TypeError("torch.inference_mode() keeps no gradients: descend outside of it, or in torch.no_grad()")
    raise TypeError(
        "function must be computed by torch from its coordinates: its heights differ from place to place, but torch "
        "knows no gradient of them; leave out .detach(), .item(), NumPy, torch.no_grad() and torch.inference_mode()"
    )


def _written(function: Callable[..., Any], dim: int) -> Callable[..., tuple[Tensor, ...]] | None:
    """The slope of a surface as plain arithmetic. Any other function may change between two calls: None."""
    return written_slope(function, dim) if isinstance(function, Surface) else None


class _Recorder:
    """Where a descent stands, and all its records so far."""

    def __init__(self, function: Callable[..., Any], theta: Tensor, tol: float | None) -> None:
        self.function, self.theta, self.tol = function, theta, tol
        self.thetas: list[Tensor] = []
        self.losses: list[Tensor] = []
        self.grads: list[Tensor] = []
        self.states: list[dict[str, Tensor]] = []

    def begin(self, theta: Tensor, states: dict[str, Tensor]) -> None:
        self.stopped_at = torch.full(theta.shape[:-1], -1)
        self._note(theta, states)

    def _note(self, theta: Tensor, states: dict[str, Tensor]) -> None:
        self.theta = theta
        self.thetas.append(theta)
        self.states.append(states)

    def note_loss(self, loss: Tensor | None = None) -> None:
        """Record the loss where we stand, unless it is known; computed here if a gradient did not bring it along."""
        if len(self.losses) < len(self.thetas):
            if loss is None:
                with torch.no_grad():
                    loss = _evaluate(self.function, self.theta)
            self.losses.append(loss.detach())

    def move(self, theta: Tensor, states: dict[str, Tensor], grad: Tensor) -> None:
        """Record one step."""
        if self.tol is not None:
            stopped = (self.stopped_at >= 0).unsqueeze(-1)
            if stopped.any():
                theta = torch.where(stopped, self.theta, theta)
                before = self.states[-1]
                states = {name: torch.where(stopped, before.get(name, new), new) for name, new in states.items()}
            rests = ((theta - self.theta).abs() <= self.tol).all(-1) & (self.stopped_at < 0)
            self.stopped_at[rests] = len(self.thetas)
        self.note_loss()
        self.grads.append(grad)
        self._note(theta, states)

    @property
    def finished(self) -> bool:
        return self.tol is not None and bool(((self.stopped_at >= 0) | _lost(self.theta, self.losses[-1])).all())

    def result(self, **identity: Any) -> Descent:
        self.note_loss()
        theta, loss, grad = torch.stack(self.thetas), torch.stack(self.losses), torch.stack(self.grads)
        # An optimizer that is not ours may begin to remember something later; that is not a record of every step.
        names = [name for name in self.states[0] if all(name in s for s in self.states)]
        states = {name: torch.stack([s[name] for s in self.states]) for name in names}
        bad = _lost(theta, loss)
        bad[1:] |= ~torch.isfinite(grad).all(-1)  # a rule that looks at signs alone would rest there unnoticed
        diverged_at = torch.where(bad.any(0), bad.int().argmax(0), -1)
        if bad.any():
            number = torch.arange(len(theta)).reshape(-1, *(1,) * diverged_at.dim())
            gone = (diverged_at >= 0) & (number > diverged_at)
            for record in (theta, *states.values()):
                record[gone] = math.nan
            loss[gone] = math.nan
            grad[gone[1:]] = math.nan
        return Descent(
            theta=theta.numpy(),
            loss=loss.numpy(),
            grad=grad.numpy(),
            states={name: record.numpy() for name, record in states.items()},
            diverged_at=_marker(diverged_at),
            stopped_at=_marker(self.stopped_at),
            function=self.function,
            **identity,
        )


def _known_minima(function: Callable[..., Any]) -> tuple[tuple[tuple[float, ...], ...], float | None]:
    """The minima that a function knows of itself, and the lowest height among them (None if it knows none)."""
    minima = tuple(function.known_minima()) if hasattr(function, "known_minima") else ()
    return minima, min((function(*point) for point in minima), default=None)


def _lost(theta: Tensor, loss: Tensor) -> Tensor:
    # A comparison with NaN is false, so "not within" catches NaN as well as infinity.
    return ~((theta.abs() <= DIVERGED).all(-1) & (loss.abs() <= DIVERGED))


def _marker(step: Tensor) -> Any:
    if step.dim():
        return step.numpy()
    return None if step < 0 else int(step)


def _walk_rule(cls: type[Optimizer], descent: _Recorder, draw: Any, schedule: Any, given: dict[str, Any]):
    """Call ``update`` on whole batches. Yields the identity first, then once per step."""
    settings, arrays, batch = _read_settings(cls, given, descent.theta.shape[:-1])
    theta = descent.theta.expand(*batch, -1).clone()
    clock = None if schedule is None else _Schedule(cls, arrays, schedule, (*batch, 1))
    arrays = clock.settings if clock else arrays
    state = cls.initial_state(theta, **arrays)
    descent.begin(theta, dict(zip(cls.state_names, state, strict=True)))
    if batch and not cls.elementwise:  # vmap, which steps these, hides whether there is a gradient
        with torch.no_grad():
            descent.note_loss(_slope(descent.function, theta)[0])
    seen: list[Tensor] = []

    def grad(point: Tensor) -> Tensor:
        z, g = _slope(descent.function, point)
        if point is theta:
            descent.note_loss(z)
        g = g + disturbance
        seen.append(g)
        return g

    yield cls.__name__, settings, cls.color
    t = 0
    while True:
        t += 1
        disturbance = draw() if draw else 0.0
        seen.clear()
        with torch.no_grad():
            if cls.elementwise or not batch:
                new, *state = call_update(cls, theta, grad, t, state, arrays)
                if not seen:  # a rule may do without a gradient; the record does not
                    grad(theta)
            else:
                new, *state = _step_each(cls, descent.function, theta, t, state, arrays, disturbance, seen)
        descent.move(new, dict(zip(cls.state_names, state, strict=True)), seen[0])
        theta, state = descent.theta, list(descent.states[-1].values())
        if clock:
            arrays = clock.step(descent.losses[-1])
        yield


def _step_each(cls, function, theta, t, state, arrays, disturbance, seen) -> list[Tensor]:
    """One step of a rule that mixes coordinates, for a whole batch; the gradients go to ``seen``."""
    batch, dim = theta.shape[:-1], theta.shape[-1]
    flat = lambda value: value.reshape(-1, dim).T  # noqa: E731
    spread = lambda a: a.expand(*batch, 1).reshape(-1) if isinstance(a, Tensor) else a  # noqa: E731
    arrays = {n: tuple(map(spread, a)) if isinstance(a, tuple) else spread(a) for n, a in arrays.items()}
    noise = disturbance + torch.zeros_like(theta)
    *new, slope = _step_mixed(cls, function, flat(theta), t, [flat(s) for s in state], arrays, flat(noise))
    seen.append(slope.T.reshape(theta.shape))
    return [value.T.reshape(theta.shape) for value in new]


def _step_mixed(
    cls: type[Optimizer],
    function: Callable[..., Any],
    theta: Tensor,
    t: int,
    state: Sequence[Tensor],
    settings: dict[str, Any],
    noise: Tensor,
) -> tuple[Tensor, ...]:
    """One step of a rule that mixes coordinates, for n descents at once through `torch.func.vmap`.

    ``theta``, each state and ``noise`` have the shape (dim, n); a setting is a number or a tensor of shape (n,).
    Returns the new theta, the new states and the gradient that the rule asked for first.
    """
    written = _written(function, len(theta))
    slope = torch.func.grad(functools.partial(_evaluate, function))
    if written:
        slope = lambda point: torch.stack(written(*point.unbind())[1:])  # noqa: E731

    def one(theta: Tensor, state: list[Tensor], settings: dict[str, Any], noise: Tensor) -> tuple[Tensor, ...]:
        seen = []

        def grad(point: Tensor) -> Tensor:
            seen.append(slope(point) + noise)
            return seen[-1]

        new = call_update(cls, theta, grad, t, state, settings)
        return *new, seen[0] if seen else grad(theta)

    axis = lambda a: -1 if isinstance(a, Tensor) else None  # noqa: E731
    axes = {name: tuple(map(axis, a)) if isinstance(a, tuple) else axis(a) for name, a in settings.items()}
    # Without states vmap would want to know the axis of nothing.
    state_axes = [-1] * len(state) or None
    return torch.func.vmap(one, in_dims=(-1, state_axes, axes, -1), out_dims=-1)(theta, list(state), settings, noise)


def _read_settings(cls: type[Optimizer], given: dict[str, Any], batch: tuple[int, ...] = ()):
    """The checked hyperparameters of a rule: as given, as tensors, and the shape of the batch that they span."""
    settings = {**cls.hyperparameters, **given}
    for name, value in settings.items():
        if name not in cls.hyperparameters:
            takes = ", ".join(cls.hyperparameters)
            raise TypeError(f"{cls.__name__} has no hyperparameter {name!r}; it takes {takes}")
        check(name, value, cls.hyperparameters[name], batched=True)
    # A hyperparameter is a tuple where its default is one; anything else that holds numbers is one per descent.
    arrays = {
        name: tuple(map(_batched, value)) if isinstance(cls.hyperparameters[name], tuple) else _batched(value)
        for name, value in settings.items()
    }
    try:
        batch = torch.broadcast_shapes(batch, *(a.shape[:-1] for a in _flat(arrays) if isinstance(a, Tensor)))
    except RuntimeError as error:
        arrays = ", ".join(name for name, value in settings.items() if np.ndim(value) or isinstance(value, tuple))
        axes = tuple(batch)
        raise ValueError(f"{arrays} must broadcast against the leading axes of start, {axes}: {error}") from None
    return settings, arrays, batch


def _walk_torch(make: Callable[..., Any], descent: _Recorder, draw: Any, schedule: Any, given: dict[str, Any]):
    """Step a torch optimizer, one instance per start. Yields the identity first, then once per step."""
    batch, dim = descent.theta.shape[:-1], descent.theta.shape[-1]
    points = [torch.nn.Parameter(point.clone()) for point in descent.theta.reshape(-1, dim)]
    optimizers = [make([point], **given) for point in points]
    if not all(isinstance(o, torch.optim.Optimizer) for o in optimizers):
        raise TypeError(f"optimizer must make a torch.optim.Optimizer, got {type(optimizers[0]).__name__}")
    call = _call_of(optimizers[0])
    schedulers = [] if schedule is None else [_scheduler(schedule, o) for o in optimizers]
    waits = bool(schedulers) and _waits_for_loss(schedulers[0])
    gather = lambda tensors: torch.stack(tensors).reshape(*batch, dim)  # noqa: E731
    descent.begin(descent.theta.clone(), {})
    settings = {**optimizers[0].defaults, **given}
    name = type(optimizers[0]).__name__
    yield name, settings, _color(optimizers[0])
    while True:
        disturbance = draw() if draw else None
        losses, grads = [], []
        for optimizer, point in zip(optimizers, points, strict=True):
            loss, grad = _step_torch(optimizer, call, point, descent.function, disturbance)
            losses.append(loss)
            grads.append(grad)
        for scheduler, loss in zip(schedulers, losses, strict=True) if schedulers else ():
            scheduler.step(*(loss.detach(),) * waits)
        found = [_tensor_state(o, p) for o, p in zip(optimizers, points, strict=True)]
        states = {name: gather([f[name] for f in found]) for name in found[0] if all(name in f for f in found)}
        if not descent.grads:
            descent.states[0] = {name: torch.zeros_like(value) for name, value in states.items()}
        descent.move(gather([p.detach().clone() for p in points]), states, gather(grads))
        yield


def _call_of(optimizer: torch.optim.Optimizer) -> Callable[..., Any]:
    """How to call its ``step``. To be asked before a scheduler wraps it, which hides the signature."""
    if _takes(optimizer.step, None):
        return lambda optimizer, closure: optimizer.step(closure)
    if _takes(optimizer.step, closure=None):
        return lambda optimizer, closure: optimizer.step(closure=closure)
    return lambda optimizer, closure: optimizer.step()


def _step_torch(
    optimizer: torch.optim.Optimizer,
    call: Callable[..., Any],
    point: Tensor,
    function: Callable[..., Any],
    disturbance: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """One step of a torch optimizer. Returns the loss where it began and the first gradient that it was given."""

    def look() -> Tensor:
        optimizer.zero_grad()
        with torch.enable_grad():
            loss = _evaluate(function, point)
            if loss.requires_grad:
                loss.backward()
            else:
                _refuse_hidden_slope(function, point, loss)
        if point.grad is None:
            point.grad = torch.zeros_like(point)
        if disturbance is not None:
            point.grad += disturbance
        return loss

    # Some optimizers find the gradient where torch leaves it and never call the closure. Those that do are not made
    # to pay for that: what they ask for first is known already, unless they have gone elsewhere by then.
    start, loss = point.detach().clone(), look()
    first = point.grad.clone()
    asked: list[Tensor] = []

    def closure() -> Tensor:
        if asked or not torch.equal(point, start):
            height = look()
        else:
            point.grad, height = first.clone(), loss
        asked.append(point.grad.clone())
        return height

    call(optimizer, closure)
    return loss, asked[0] if asked else first


def _color(optimizer: torch.optim.Optimizer) -> str | None:
    """The same rule has the same colour, whoever wrote it."""
    name = type(optimizer).__name__
    twin = getattr(rules, name) if name in rules.__all__ else None
    return getattr(optimizer, "color", getattr(twin, "color", None))


def _tensor_state(optimizer: torch.optim.Optimizer, point: Tensor) -> dict[str, Tensor]:
    """What an optimizer remembers of every coordinate, as floats, whatever it keeps them in."""
    return {
        name: value.detach().to(value.dtype if value.is_complex() else point.dtype, copy=True)
        for name, value in optimizer.state.get(point, {}).items()
        if isinstance(value, Tensor) and value.shape == point.shape
    }


class _Schedule:
    """The hyperparameters of a rule, step by step, as torch's schedulers set them.

    Descents with the same hyperparameters share an instance of the rule, with nothing to step, and its scheduler. If
    that waits for the loss, every descent has its own.
    """

    def __init__(self, rule: type[Optimizer], settings: dict[str, Any], schedule: Any, shape: tuple[int, ...]) -> None:
        """``shape`` is that of a setting that has one value for every descent."""
        self.settings = self._given = settings
        numbers = (torch.as_tensor(number, dtype=torch.float64) for number in _flat(settings))
        table = torch.stack(torch.broadcast_tensors(*numbers), -1) if settings else torch.zeros(0)
        rows, self._which = torch.unique(table.reshape(-1, table.shape[-1]), dim=0, return_inverse=True)
        self._drive(rule, schedule, rows)
        if self._waits and math.prod(shape) > 1:
            table = table.expand(*shape, -1)
            rows, self._which = table.reshape(-1, table.shape[-1]), slice(None)
            self._drive(rule, schedule, rows)
        self._shape = table.shape[:-1]
        self._read()

    def _drive(self, rule: type[Optimizer], schedule: Any, rows: Tensor) -> None:
        point = torch.nn.Parameter(torch.zeros(1))
        self._optimizers = [rule([point], **_filled(self._given, row)) for row in rows.tolist()]
        self._schedulers = [_scheduler(schedule, optimizer) for optimizer in self._optimizers]
        self._waits = _waits_for_loss(self._schedulers[0])
        for optimizer in self._optimizers:  # once, or torch warns that a scheduler came first
            optimizer.step()

    def _read(self) -> None:
        now = [[float(n) for n in _flat(self._of_group(o))] for o in self._optimizers]
        columns = zip(_flat(self._given), torch.tensor(now, dtype=torch.float64).unbind(1), strict=True)
        self.settings = _filled(self._given, [self._spread(*column) for column in columns])

    def _of_group(self, optimizer: Optimizer) -> dict[str, Any]:
        return {name: optimizer.param_groups[0][name] for name in self._given}

    def _spread(self, given: Any, values: Tensor) -> Any:
        """One number for all descents as long as it was given and is one; else one value for each."""
        if not isinstance(given, Tensor) and (len(values) == 1 or (values == values[0]).all()):
            return values[0].item()
        return values[self._which].reshape(self._shape)

    def step(self, loss: Tensor) -> dict[str, Any]:
        """The hyperparameters of the next step, after one that was taken from a place of this loss."""
        shown = [(height,) for height in loss.flatten().tolist()] if self._waits else [()] * len(self._schedulers)
        for scheduler, what in zip(self._schedulers, shown, strict=True):
            scheduler.step(*what)
        self._read()
        return self.settings


def _flat(settings: dict[str, Any]) -> list[Any]:
    """The numbers, or tensors of them, in all settings."""
    return [number for value in settings.values() for number in (value if isinstance(value, tuple) else (value,))]


def _filled(settings: dict[str, Any], numbers: Iterable[Any]) -> dict[str, Any]:
    """The settings with other numbers in them."""
    rest = iter(numbers)
    return {
        name: tuple(next(rest) for _ in value) if isinstance(value, tuple) else next(rest)
        for name, value in settings.items()
    }


def _scheduler(schedule: Any, optimizer: torch.optim.Optimizer) -> Any:
    if not callable(schedule):
        raise TypeError(f"schedule must make a scheduler from an optimizer, got {schedule!r}")
    name = type(optimizer).__name__
    if not all("lr" in group for group in optimizer.param_groups):
        raise TypeError(f"{name} has no lr for a schedule to change")
    try:
        scheduler = schedule(optimizer)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"schedule cannot drive {name}: {error}") from error
    if isinstance(scheduler, torch.optim.Optimizer) or not callable(getattr(scheduler, "step", None)):
        made = type(scheduler).__name__
        raise TypeError(f"schedule must make a scheduler from an optimizer, got one that made {made}")
    return scheduler


def _waits_for_loss(scheduler: Any) -> bool:
    return not _takes(scheduler.step)


def _takes(function: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Whether a function can be called so, as far as its signature tells."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    except ValueError:  # a function of a compiled library may hide its signature
        pass
    return True


def _batched(number: Any) -> Any:
    """A number as it is; an array as a tensor with the coordinate axis added."""
    tensor = torch.as_tensor(number, dtype=torch.float64)
    return tensor.unsqueeze(-1) if tensor.dim() else tensor.item()
