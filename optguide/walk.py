"""Steps of a rule on a problem, many descents at once: rules are stepped nowhere else.

Every tensor has its batch axes last: a point is ``(*shape, *batch)``, a loss is ``batch``, and so is a setting that
differs between descents: it broadcasts as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from .optimizers.inquiry import hessian_of
from .optimizers.rule import Rule


class Field(Protocol):
    """What a rule may ask about points of shape ``(*shape, *batch)``; a `Problem` is one."""

    shape: tuple[int, ...]

    def heights(self, theta: Tensor) -> Tensor: ...
    def slope(self, theta: Tensor) -> tuple[Tensor, Tensor]: ...
    def alone(self, theta: Tensor) -> Tensor: ...
    def hvp(self, theta: Tensor, vector: Tensor) -> Tensor: ...


class Walk:
    """Descents of one rule and their present state.

    ``seeds`` are those of the noise that the rule asks for; ``pick`` says which of them each descent has, where there
    are several.

    Attributes
    ----------
    theta : Tensor, shape (*shape, *batch)
        The iterates.
    states : dict of str to Tensor
        The rule's states, in its order.
    t : int
        Number of steps taken.
    loss : Tensor, shape batch, or None
        The loss from which the last step was taken, if it was computed with a gradient.
    grad : Tensor, shape (*shape, *batch)
        The gradient that the rule asked for first in that step, with its noise.
    evaluations : int
        How many gradients the rule has asked for so far; a product with the Hessian counts as two, a whole Hessian as
        one product for each coordinate.
    """

    def __init__(
        self,
        rule: Rule,
        field: Field,
        theta: Tensor,
        settings: dict[str, Any],
        seeds: Sequence[int] = (0,),
        pick: Tensor | None = None,
    ) -> None:
        rule.check_point(field.shape)
        self.rule, self.field, self.theta, self.settings = rule, field, theta, settings
        self.t = self.evaluations = 0
        self.loss: Tensor | None = None
        self.grad = torch.zeros_like(theta)
        normal = functools.partial(torch.randn, field.shape, dtype=theta.dtype)
        self._drawn = by_seed(lambda generator: normal(generator=generator), [_own(seed) for seed in seeds], pick)
        self._batch = theta.shape[len(field.shape) :]
        self._apart = not rule.is_elementwise and len(self._batch) > 0
        if self._apart:
            with torch.no_grad():
                field.slope(theta)  # refuses what has no gradient, which vmap would hide
            initial = self._mapped(lambda point, settings: rule.initial(point, settings), theta, self._spread())
        else:
            initial = rule.initial(theta, settings)
        self.states: dict[str, Tensor] = dict(zip(rule.states, initial, strict=True))

    @property
    def answers_theta(self) -> bool:
        """Whether the point that is the result is theta."""
        return self.rule.answer == "theta"

    @property
    def answer(self) -> Tensor:
        """The point that is the result: theta, unless the rule says otherwise."""
        return self.theta if self.answers_theta else self.states[self.rule.answer]

    def step(self, noise: Tensor | None = None) -> None:
        """One step of every descent. Call under `torch.no_grad()`.

        Parameters
        ----------
        noise : Tensor, optional
            What is added to every gradient; it broadcasts against theta.
        """
        self.t += 1
        self.loss = None
        if self._apart:
            self._step_apart(noise)
            return
        asked: list[Tensor] = []
        home = self.theta

        def grad(point: Tensor) -> Tensor:
            z, g = self.field.slope(point)
            if point is home:
                self.loss = z
            asked.append(g if noise is None else g + noise)
            return asked[-1]

        answers = {"grad": grad, **self._others(self._draw)}
        self.theta, *states = self.rule.step(home, self.t, list(self.states.values()), self.settings, answers)
        self.states = dict(zip(self.rule.states, states, strict=True))
        self.evaluations += len(asked)
        if not asked:  # a rule need not use a gradient, but the record needs one
            grad(home)
        self.grad = asked[0]

    def _others(self, noise: Callable[[], Tensor]) -> dict[str, Callable[..., Any]]:
        """Answers to all questions but the gradient, as far as the rule has them."""

        def hvp(theta: Tensor, vector: Tensor) -> Tensor:
            self.evaluations += 2
            return self.field.hvp(theta, vector)

        known = {
            "loss": lambda: self.field.heights,
            "hvp": lambda: hvp,
            "hessian": lambda: lambda theta: hessian_of(lambda point, *units: [hvp(point, u) for u in units], theta),
            "noise": lambda: noise,
        }
        return {question: known[question]() for question in self.rule.asks if question in known}

    def _step_apart(self, noise: Tensor | None) -> None:
        """One step of a rule that mixes coordinates: each descent by itself, through `torch.func.vmap`."""
        field, rule, t = self.field, self.rule, self.t
        disturbance = torch.zeros_like(self.theta) + (0.0 if noise is None else noise)
        own = self._draw() if "noise" in rule.asks else torch.zeros_like(self.theta)

        def one(theta: Tensor, states: list[Tensor], settings: Any, disturbance: Tensor, own: Tensor) -> Any:
            asked: list[Tensor] = []

            def grad(point: Tensor) -> Tensor:
                asked.append(field.alone(point) + disturbance)
                return asked[-1]

            answers = {"grad": grad, **self._others(lambda: own)}
            result = rule.step(theta, t, states, settings, answers)
            self.evaluations += len(asked)  # vmap calls this once for all descents
            return *result, asked[0] if asked else grad(theta)

        states = list(self.states.values())
        self.theta, *states, self.grad = self._mapped(one, self.theta, states, self._spread(), disturbance, own)
        self.states = dict(zip(rule.states, states, strict=True))

    def _mapped(self, one: Callable[..., Any], *arguments: Any) -> list[Tensor]:
        """``one`` for each descent; every tensor in the arguments and in the result has the batch axes last."""
        batch = self._batch

        def flat(value: Any) -> Any:
            if isinstance(value, Tensor):
                return value.reshape(*value.shape[: value.dim() - len(batch)], -1)
            if isinstance(value, dict):
                return {name: flat(v) for name, v in value.items()}
            return type(value)(map(flat, value)) if isinstance(value, (list, tuple)) else value

        def axes(value: Any) -> Any:
            if isinstance(value, Tensor):
                return -1
            if isinstance(value, dict):
                return {name: axes(v) for name, v in value.items()}
            # vmap would want to know the axis of nothing.
            return (type(value)(map(axes, value)) or None) if isinstance(value, (list, tuple)) else None

        flattened = [flat(value) for value in arguments]
        # The batch comes out ahead: to put it last, vmap would miscount the axes of what is the same in every descent.
        found = torch.func.vmap(one, in_dims=tuple(map(axes, arguments)))(*flattened)
        return [value.movedim(0, -1).reshape(*value.shape[1:], *batch) for value in found]

    def _spread(self) -> dict[str, Any]:
        """The settings; those that are tensors have one number for every descent."""

        def spread(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(map(spread, value))
            return value.expand(self._batch) if isinstance(value, Tensor) else value

        return {name: spread(value) for name, value in self.settings.items()}

    def _draw(self) -> Tensor:
        """What a rule means by noise: as that of gradients, it is the same in all descents with the same seed."""
        drawn = self._drawn()
        shape = drawn.shape if len(self._batch) == 1 else (*self.field.shape, *(1,) * len(self._batch))
        return drawn.reshape(shape).expand(self.theta.shape)


def by_seed(
    numbers: Callable[[torch.Generator], Tensor], seeds: Sequence[int], pick: Tensor | None = None
) -> Callable[[], Tensor]:
    """Draws numbers, with a last axis of length 1 for all descents, or, of several seeds, what each ``pick`` says."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def draw() -> Tensor:
        drawn = torch.stack([numbers(generator) for generator in generators], dim=-1)
        return drawn if len(generators) == 1 else drawn[..., pick]

    return draw


def _own(seed: int) -> int:
    """The seed of what a rule draws: were it the same as that of the gradients' noise, so would be their numbers."""
    return int(torch.randint(2**62, (), generator=torch.Generator().manual_seed(seed)))


def spread_settings(
    rule: Rule, given: dict[str, Any], starts: Tensor, rank: int
) -> tuple[dict[str, Any], dict[str, Any], Tensor]:
    """The checked settings of a rule; the same as numbers and tensors; and the starts, one for each descent.

    ``starts`` has the shape ``(*shape, *batch)``, with ``rank`` axes of its own; a setting that is an array broadcasts
    against the batch.
    """
    settings = rule.settings(given, batched=True)
    # A setting is a tuple where its default is one; anything else that holds numbers is one per descent.
    numbers = {
        name: tuple(map(_number, value)) if isinstance(rule.defaults[name], tuple) else _number(value)
        for name, value in settings.items()
    }
    several = [n for value in numbers.values() for n in (value if isinstance(value, tuple) else (value,))]
    shape, batch = starts.shape[:rank], starts.shape[rank:]
    try:  # torch's own loads for this what compiles models
        common = np.broadcast_shapes(batch, *(n.shape for n in several if isinstance(n, Tensor)))
    except ValueError as error:
        arrays = ", ".join(name for name, value in settings.items() if np.ndim(value) or isinstance(value, tuple))
        axes = tuple(batch)
        raise ValueError(f"{arrays} must broadcast against the leading axes of start, {axes}: {error}") from None
    starts = starts.reshape([*shape, *(1,) * (len(common) - len(batch)), *batch])
    return settings, numbers, starts.expand([*shape, *common]).clone()


def _number(value: Any) -> Any:
    """A number as it is, a Boolean, too; an array as a tensor."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    tensor = torch.as_tensor(value, dtype=torch.float64)
    return tensor if tensor.dim() else tensor.item()
