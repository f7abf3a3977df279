"""The loss of many runs at once, each on the batch that its seed has at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..problems.networks import as_numbers
from ..problems.problem import slope_by_autograd
from ..problems.task import Draw, Task


class Field:
    """What the rules of many runs may ask of their weights: vectors in the columns of a tensor.

    Parameters
    ----------
    task : Task
        What is trained.
    draws : list of Draw
        What each seed made of it.
    seed : Tensor of int, shape (runs,)
        Which of the draws each run has.
    dtype : torch.dtype
        Precision of the weights.
    """

    def __init__(self, task: Task, draws: Sequence[Draw], seed: Tensor, dtype: torch.dtype) -> None:
        self.task, self.draws, self.seed = task, draws, seed
        self.problem = draws[0].problem
        self.shape = self.problem.shape
        self.inputs, self.targets = as_numbers(task.inputs, dtype), as_numbers(task.targets, dtype)
        self.starts = torch.stack([torch.from_numpy(draw.problem.start) for draw in draws], -1).to(dtype)[:, seed]

    def show(self, rows: Tensor) -> None:
        """Put the batches at hand: the numbers of the examples, shape (draws, examples)."""
        self.x, self.y = self.inputs[rows][self.seed], self.targets[rows][self.seed]

    def _loss(self, weights: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return self.task.loss(self.problem.scores(weights, x), y)

    def heights(self, theta: Tensor) -> Tensor:
        """The loss of each run on its batch."""
        if theta.dim() == 1:
            return Together.apply(self.heights, theta)
        return torch.func.vmap(self._loss, in_dims=(-1, 0, 0))(theta, self.x, self.y)

    def slope(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Losses and gradients. Call under `torch.no_grad()`."""
        return slope_by_autograd(self.heights, theta)

    def alone(self, theta: Tensor) -> Tensor:
        """The gradient of one run, inside `torch.func.vmap`."""
        return Together.apply(lambda points: self.slope(points)[1], theta)

    def hvp(self, theta: Tensor, vector: Tensor) -> Tensor:
        """The Hessian at points times vectors."""
        if theta.dim() == 1:
            return Together.apply(self.hvp, theta, vector)
        gradient = torch.func.grad(lambda point: self.heights(point).sum())
        return torch.func.grad(lambda point: (gradient(point) * vector).sum())(theta)

    def measure(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Loss and accuracy of each run on its held-out examples, both of shape (runs, sets)."""
        loss = torch.full((theta.shape[1], len(self.task.sizes)), torch.nan, dtype=torch.float64)
        accuracy = loss.clone()
        for number, draw in enumerate(self.draws):
            runs = torch.nonzero(self.seed == number)[:, 0]
            for i, (inputs, targets) in enumerate(draw.held_out.values() if len(runs) else ()):
                inputs, targets = as_numbers(inputs, theta.dtype), as_numbers(targets, theta.dtype)
                outputs = torch.func.vmap(self.problem.scores, in_dims=(-1, None))(theta[:, runs], inputs)
                loss[runs, i] = torch.func.vmap(self.task.loss, in_dims=(0, None))(outputs, targets).double()
                if self.task.classifies:
                    right = (outputs.argmax(-1) == targets).flatten(1)
                    accuracy[runs, i] = right.double().mean(-1)
        return loss, accuracy


class Together(torch.autograd.Function):
    """A question that a rule asks inside `torch.func.vmap`, answered for all runs at once.

    Within it a rule sees one run and does not know which; the answer, from the batch of its seed, is found outside.
    """

    @staticmethod
    def forward(answer: Callable[..., Tensor], *points: Tensor) -> Tensor:
        """Not for one run by itself."""
        raise RuntimeError("a run is asked inside torch.func.vmap only")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Nothing is kept: an answer is not differentiated."""

    @staticmethod
    def vmap(info: Any, in_dims: Any, answer: Callable[..., Tensor], *points: Tensor) -> tuple[Tensor, int]:
        """The answers of all runs; those asked at the same point everywhere are asked at copies of it."""
        spread = [
            point.unsqueeze(-1).expand(*point.shape, info.batch_size) if axis is None else point.movedim(axis, -1)
            for point, axis in zip(points, in_dims[1:], strict=True)
        ]
        found = answer(*spread)
        return found, found.dim() - 1
