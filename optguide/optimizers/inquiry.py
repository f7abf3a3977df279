"""What a rule asks for during one step of training, and how a closure answers it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from .parts import ModelPart, TensorPart

#: Length of the two steps between which a difference of gradients stands for the Hessian, relative to the point.
_CURVATURE_STEP = 1e-3


class Question(Exception):
    """A rule asked for what is not known yet, at ``point`` (None: where the parameters stand)."""

    def __init__(self, point: Tensor | None) -> None:
        self.point = point


class Inquiry:
    """The questions of one part of the model in one step.

    A rule is run from the start for every new answer, so each run is told the same answers in the same order.
    """

    def __init__(self, part: TensorPart | ModelPart, name: str, may_ask: bool) -> None:
        self.part, self.name, self.may_ask = part, name, may_ask
        #: Loss and gradient at each point asked for so far.
        self.told: list[tuple[Any, Tensor]] = []
        self._drawn: list[Tensor] = []

    def answers(self) -> dict[str, Callable[..., Any]]:
        """What to call for each question, in one run of the rule."""
        theta, waiting, numbers = self.part.theta, iter(self.told), itertools.count()
        here: list[tuple[Any, Tensor]] = []

        def look(point: Tensor) -> tuple[Any, Tensor]:
            if point is theta and here:
                return here[0]
            if point is not theta and not self.may_ask:
                raise RuntimeError(
                    f"{self.name} looks at the gradient away from the current point: "
                    "call step(closure) with a closure that clears the gradients, computes the loss, "
                    "calls backward() and returns the loss"
                )
            answer = next(waiting, None)
            if answer is None:
                raise Question(None if point is theta else point)
            if point is theta:
                here.append(answer)
            return answer

        def loss(point: Tensor) -> Any:
            value = look(point)[0]
            if value is None:
                raise RuntimeError(f"{self.name} asks for the loss: call step(closure) with a closure that returns it")
            return value

        def hvp(point: Tensor, vector: Tensor) -> Tensor:
            length = _CURVATURE_STEP * (1 + point.norm()) / vector.norm().clamp_min(torch.finfo(vector.dtype).tiny)
            ahead, behind = look(point + length * vector)[1], look(point - length * vector)[1]
            return (ahead - behind) / (2 * length)

        def noise() -> Tensor:
            number = next(numbers)
            if number == len(self._drawn):
                self._drawn.append(torch.randn_like(theta))
            return self._drawn[number]

        return {"grad": lambda point: look(point)[1], "loss": loss, "hvp": hvp, "noise": noise}


def evaluate(closure: Callable[[], Any], questions: Sequence[tuple[TensorPart | ModelPart, Tensor | None]]) -> Any:
    """Call the closure with each part of the model moved to the point in question, then move all of them back."""
    moved = []
    for part, point in questions:
        if point is not None:
            moved += [(p, p.detach().clone(), to) for p, to in zip(part.parameters, part.spread(point), strict=True)]
    try:
        for p, _, to in moved:
            p.copy_(to)
        with torch.enable_grad():
            return closure()
    finally:
        for p, home, _ in moved:
            p.copy_(home)
