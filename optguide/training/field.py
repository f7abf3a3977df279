"""The loss of many runs at once, each on the batch that its seed has at hand."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from ..problems.networks import as_numbers
from ..problems.problem import slope_by_autograd
from ..problems.task import Draw, Task


class Field:
    """What the rules of many runs may ask of their weights: vectors in the columns of a tensor.

    A network may keep numbers that are no weights, its buffers, and change them whenever it sees a batch, as batch
    normalisation does. Each run has its own; those after a gradient are kept when `keep` is called.

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
        network = self.problem.network
        #: What trains and, as it is in use, what is judged: batch normalisation then goes by its buffers.
        self._networks = {"train": network, "judge": copy.deepcopy(network).eval()}
        kept = [dict(draw.problem.network.named_buffers()) for draw in draws]
        self.buffers = {name: as_numbers(torch.stack([k[name] for k in kept]), dtype)[seed] for name in kept[0]}
        self._after = self.buffers

    def show(self, rows: Tensor) -> None:
        """Put the batches at hand: the numbers of the examples, shape (draws, examples)."""
        self.x, self.y = self.inputs[rows][self.seed], self.targets[rows][self.seed]

    def keep(self) -> None:
        """Leave the buffers as the last gradient left them."""
        self.buffers = self._after

    def _scores(self, use: str, weights: Tensor, buffers: dict[str, Tensor], x: Tensor) -> Any:
        """The outputs of the network of one run, and its buffers after them."""
        named = {**self.problem.weights(weights), **buffers}
        outputs = functional_call(self._networks[use], named, (x,))
        return outputs, {name: named[name].detach() for name in buffers}

    def _loss(self, weights: Tensor, buffers: dict[str, Tensor], x: Tensor, y: Tensor) -> Any:
        outputs, after = self._scores("train", weights, buffers, x)
        return self.task.loss(outputs, y), after

    def _looked(self, theta: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of each run on its batch, and the buffers after it."""
        buffers = {name: value.clone() for name, value in self.buffers.items()}  # they are written to
        # The numbers of one run side by side, or every product of matrices would copy them first.
        return torch.func.vmap(self._loss)(theta.T.contiguous(), buffers, self.x, self.y)

    def heights(self, theta: Tensor) -> Tensor:
        """The loss of each run on its batch."""
        return Together.apply(self.heights, theta) if theta.dim() == 1 else self._looked(theta)[0]

    def slope(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Losses and gradients. Call under `torch.no_grad()`."""

        def heights(theta: Tensor) -> Tensor:
            losses, self._after = self._looked(theta)
            return losses

        return slope_by_autograd(heights, theta)

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
                scores = torch.func.vmap(functools.partial(self._scores, "judge"), in_dims=(-1, 0, None))
                outputs, _ = scores(theta[:, runs], {n: b[runs] for n, b in self.buffers.items()}, inputs)
                loss[runs, i] = torch.func.vmap(self.task.loss, in_dims=(0, None))(outputs, targets).double()
                if self.task.classifies:
                    right = (outputs.argmax(-1) == targets).flatten(1)
                    accuracy[runs, i] = right.double().mean(-1)
        return loss, accuracy


def tried(task: Task, draw: Draw, rows: Tensor, dtype: torch.dtype) -> tuple[str, bool]:
    """Why the network of a task has to be trained run by run, or ""; and whether it changes its buffers.

    Raises
    ------
    ValueError
        If the network refuses a batch of so many examples, as batch normalisation refuses one.
    """
    network = copy.deepcopy(draw.problem.network).to(dtype)
    before = {name: value.clone() for name, value in network.named_buffers()}
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        try:
            outputs = network(as_numbers(task.inputs, dtype)[rows])
        except ValueError as error:
            raise ValueError(f"task cannot be trained on batches of {len(rows)}: {error}") from error
        task.loss(outputs, as_numbers(task.targets, dtype)[rows]).backward()
    changes = any(not torch.equal(value, before[name]) for name, value in network.named_buffers())
    still = [name for name, weight in network.named_parameters() if weight.grad is None]
    if still:
        return f"{', '.join(still)} have no gradient", changes
    field = Field(task, [draw], torch.zeros(2, dtype=torch.int64), dtype)
    field.show(rows[None])
    try:
        with torch.no_grad():
            field.slope(field.starts)
            field.measure(field.starts)
    except RuntimeError as error:
        return f"torch.func.vmap cannot run the network: {str(error).splitlines()[0]}", changes
    return "", changes


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
