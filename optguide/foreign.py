"""Steps of any `torch.optim.Optimizer` on a problem, one instance for each start."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor

from . import check
from .given import color_of, follows_rule, name_of, unwrap
from .problems.problem import Problem, refuse_hidden_slope
from .schedule import make_scheduler, takes, waits_for_loss


class AtOnce:
    """An optimizer that treats every coordinate by itself: it may step all descents as one tensor.

    It stands wherever the optimizer does, and makes the same ones.
    """

    def __init__(self, optimizer: Callable[..., Any]) -> None:
        self.optimizer = optimizer
        self.__name__ = name_of(optimizer)
        self.__signature__ = inspect.signature(optimizer)

    def __call__(self, params: Any, **settings: Any) -> Any:
        return self.optimizer(params, **settings)


def at_once(optimizer: Any, steps: int = 60) -> Any:
    """The optimizer as `AtOnce`, settings as they were, if it can be seen to treat every coordinate by itself.

    It is tried: on numbers of very different size and gradient, all in one tensor and each alone. Ours follow a rule
    that says so itself, and stay as they are.
    """
    optimizer, settings = unwrap(optimizer, {})
    if not follows_rule(optimizer):
        size, bend = torch.logspace(-3, 3, 7, dtype=torch.float64), torch.logspace(2, -4, 7, dtype=torch.float64)

        def path(which: slice) -> Tensor:
            bowl = Problem(lambda x: (bend[which] * x**2).sum(), size[which].shape)
            walk = ForeignWalk(optimizer, bowl, size[which], settings)
            ends = []
            for _ in range(steps):
                with torch.no_grad():
                    walk.step()
                ends.append(walk.theta)
            return torch.stack(ends)

        with contextlib.suppress(Exception):  # who cannot be tried is stepped as ever
            drawn = torch.get_rng_state()
            alone = torch.cat([path(slice(i, i + 1)) for i in range(len(size))], 1)
            same = torch.allclose(path(slice(None)), alone, rtol=1e-12, atol=0, equal_nan=True)
            if same and torch.equal(drawn, torch.get_rng_state()):  # together it would draw other numbers
                optimizer = AtOnce(optimizer)
    return functools.partial(optimizer, **settings) if settings else optimizer


class ForeignWalk:
    """Descents of any optimizer and their present state. Attributes as in `Walk`."""

    def __init__(
        self, make: Callable[..., Any], problem: Problem, theta: Tensor, given: dict[str, Any], schedule: Any = None
    ) -> None:
        self.problem = problem
        rank = len(problem.shape)
        self._batch = theta.shape[rank:]
        together = theta.reshape(*problem.shape, -1)
        # Either each descent is a parameter of an optimizer of its own, or all of them are one, a vector: in a matrix
        # an optimizer may see more than its numbers.
        self._whole = isinstance(make, AtOnce) and rank < theta.dim()
        singles = (together.reshape(-1),) if self._whole else together.unbind(-1)
        self._begin = functools.partial(self._made, make, singles, given, schedule)
        self._curved = False
        self._begin()
        first = self._optimizers[0]
        self.name, self.color = type(first).__name__, color_of(first)
        self.settings = {**first.defaults, **given}
        self.t = 0
        self.theta, self.states = theta.clone(), {}
        self.loss: Tensor | None = None
        self.grad = torch.zeros_like(theta)
        self.evaluations: Any = torch.zeros(self._batch, dtype=torch.int64)
        self.answers_theta = not has_two_points(first)
        self._answer = self.theta

    @property
    def answer(self) -> Tensor:
        """The point that is the result: where ``eval()`` of the optimizer goes, if it has one."""
        return self.theta if self.answers_theta else self._answer

    def _made(self, make: Callable[..., Any], singles: Any, given: dict[str, Any], schedule: Any) -> None:
        """Parameters, optimizers and schedulers before the first step."""
        self._points = [torch.nn.Parameter(point.clone()) for point in singles]
        try:
            self._optimizers = [make([point], **given) for point in self._points]
        except (AttributeError, AssertionError, RuntimeError) as error:
            name = name_of(make)
            raise TypeError(
                f"{name} cannot be made from a list of one parameter ({error}); pass a function that makes it from "
                f"one, such as lambda params: {name}([{{'params': params, ...}}])"
            ) from error
        for made in self._optimizers:
            check.optimizer(made)
        self._call = call_of(self._optimizers[0])
        self._schedulers = [] if schedule is None else [make_scheduler(schedule, o) for o in self._optimizers]
        self._waits = bool(self._schedulers) and waits_for_loss(self._schedulers[0])

    def step(self, noise: Tensor | None = None) -> None:
        """One step of every descent, with ``noise`` added to every gradient."""
        if noise is not None:
            noise = noise.reshape(self.problem.shape)
            if self._whole:
                noise = noise[..., None].expand(*self.problem.shape, self._batch.numel()).reshape(-1)
        try:
            steps = self._steps(noise)
        except RuntimeError as error:
            # One that differentiates the gradient once more, which is kept for this only where it is needed.
            if self.t or self._curved or "does not have a grad_fn" not in str(error):
                raise
            self._curved = True
            self._begin()
            steps = self._steps(noise)
        losses, grads, counts = zip(*steps, strict=True)
        for scheduler, loss in zip(self._schedulers, losses, strict=True) if self._schedulers else ():
            scheduler.step(*(loss.detach(),) * self._waits)
        self.t += 1
        found = [_tensor_state(o, p) for o, p in zip(self._optimizers, self._points, strict=True)]
        self.states = {n: self._gather([f[n] for f in found]) for n in found[0] if all(n in f for f in found)}
        self.theta = self._gather([p.detach().clone() for p in self._points])
        self.loss, self.grad = self._gather(list(losses), ()).detach(), self._gather(grads)
        self.evaluations = self.evaluations + torch.tensor(counts).reshape(() if self._whole else self._batch)
        if not self.answers_theta:
            self._answer = self._gather([evaluated(o, p) for o, p in zip(self._optimizers, self._points, strict=True)])

    def _gather(self, tensors: Any, shape: tuple[int, ...] | None = None) -> Tensor:
        stacked = next(iter(tensors)) if self._whole else torch.stack(tuple(tensors), -1)
        return stacked.reshape((*(self.problem.shape if shape is None else shape), *self._batch))

    def _steps(self, noise: Tensor | None) -> list[tuple[Tensor, Tensor, int]]:
        return [self._step(o, p, noise) for o, p in zip(self._optimizers, self._points, strict=True)]

    def _step(
        self, optimizer: torch.optim.Optimizer, point: Tensor, noise: Tensor | None
    ) -> tuple[Tensor, Tensor, int]:
        """One step of one optimizer: the loss before it, the first gradient that it received, and how many it did."""

        def look() -> Tensor:
            optimizer.zero_grad()
            with torch.enable_grad():
                loss = self.problem.heights(point.view((*self.problem.shape, -1)) if self._whole else point)
                if loss.requires_grad:
                    # Not by backward(), which warns of the cycle of references that it makes of a graph that is kept.
                    (slope,) = torch.autograd.grad(loss.sum(), point, create_graph=self._curved)
                else:
                    refuse_hidden_slope(self.problem.heights, point.view((*self.problem.shape, *loss.shape)), loss)
                    slope = torch.zeros_like(point)
                point.grad = slope if noise is None else slope + noise
            return loss

        # Some optimizers read the gradient from the parameter and never call the closure. Those that call it do not pay
        # for a second evaluation: the first gradient is reused unless they have moved the parameter by then.
        start, loss = point.detach().clone(), look()
        assert point.grad is not None  # look() has put it there
        first = point.grad.clone()
        asked: list[Tensor] = []

        def closure() -> Tensor:
            if asked or self._curved or not torch.equal(point, start):
                height = look()
            else:
                point.grad, height = first.clone(), loss
            asked.append(cast(Tensor, point.grad).clone())
            return height

        self._call(optimizer, closure)
        return loss, asked[0] if asked else first, len(asked) or 1


def call_of(optimizer: torch.optim.Optimizer) -> Callable[..., Any]:
    """How to call its ``step``. To be asked before a scheduler wraps it, which hides the signature."""
    if takes(optimizer.step, None):
        return lambda optimizer, closure: optimizer.step(closure)
    if takes(optimizer.step, closure=None):
        return lambda optimizer, closure: optimizer.step(closure=closure)
    return lambda optimizer, closure: optimizer.step()


def has_two_points(optimizer: Any) -> bool:
    """Whether the points to train at and to evaluate are two: its methods go from one to the other."""
    return all(callable(getattr(optimizer, name, None)) for name in ("train", "eval"))


def evaluated(optimizer: Any, point: Tensor) -> Tensor:
    """Where an optimizer wants to be evaluated. It goes on from the very point at which it was."""
    home = point.detach().clone()
    optimizer.eval()
    answer = point.detach().clone()
    optimizer.train()
    point.copy_(home)
    return answer


def _tensor_state(optimizer: torch.optim.Optimizer, point: Tensor) -> dict[str, Tensor]:
    """What an optimizer remembers of every coordinate, as floats, whatever it keeps them in."""
    return {
        name: value.detach().to(value.dtype if value.is_complex() else point.dtype, copy=True)
        for name, value in optimizer.state.get(point, {}).items()
        if isinstance(value, Tensor) and value.shape == point.shape
    }
