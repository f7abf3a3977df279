"""One run after the other: the loop that anybody writes, with the module and its optimizer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector

from ..foreign import call_of
from ..problems.networks import as_numbers
from ..schedule import make_scheduler, waits_for_loss
from .request import Request, Runner
from .together import Record


def run(runner: Runner, request: Request, number: int, note: Callable[[], Any]) -> dict[str, np.ndarray]:
    """One run of any optimizer, by its number; ``note`` is called after each step."""
    *picks, seed = np.unravel_index(number, request.shape)
    settings = {name: values[pick] for (name, values), pick in zip(request.axes.items(), picks, strict=True)}
    task, draw = request.task, request.draws[seed]
    network = copy.deepcopy(draw.problem.network).to(request.dtype)
    weights = list(network.parameters())
    optimizer = runner.make(weights, **runner.settings, **settings)
    call = call_of(optimizer)
    scheduler = None if runner.schedule is None else make_scheduler(runner.schedule, optimizer)
    waits = scheduler is not None and waits_for_loss(scheduler)
    inputs, targets = as_numbers(task.inputs, request.dtype), as_numbers(task.targets, request.dtype)

    def vector() -> Tensor:
        return parameters_to_vector(weights).detach()[:, None]

    def measure() -> tuple[Tensor, Tensor]:
        _mode(optimizer, "eval")  # some optimizers' answer is not where they step
        pairs = [_judged(request, network, *part) for part in draw.held_out.values()]
        _mode(optimizer, "train")
        loss, accuracy = zip(*pairs, strict=True)
        return torch.tensor([loss], dtype=torch.float64), torch.tensor([accuracy], dtype=torch.float64)

    record = Record(request, 1)
    _mode(optimizer, "train")
    for t in range(request.steps):
        rows, here = request.rows[seed, t], vector()
        if record.is_due(t):
            record.measured.append(measure())
        x, y = inputs[rows], targets[rows]
        loss = _step(optimizer, call, lambda x=x, y=y: task.loss(network(x), y), weights)
        record.note(t, here, loss[None])
        note()
        if scheduler is not None:
            scheduler.step(*(loss,) * waits)
    here, measured = vector(), measure()
    _mode(optimizer, "eval")
    record.end(here, measured, vector())
    return record.result()


def _step(optimizer: Any, call: Callable[..., Any], forward: Callable[[], Tensor], weights: list[Any]) -> Tensor:
    """One step: the loss before it."""

    def look() -> Tensor:
        optimizer.zero_grad()
        with torch.enable_grad():
            loss = forward()
            loss.backward()
        return loss.detach()

    loss = look()
    first: list[Any] = [[(w.detach().clone(), None if w.grad is None else w.grad.clone()) for w in weights]]

    def closure() -> Tensor:
        # Some optimizers never call it. Those that do need not pay for a gradient that is known.
        if first and all(torch.equal(w, before) for w, (before, _) in zip(weights, first[0], strict=True)):
            for w, (_, gradient) in zip(weights, first.pop(), strict=True):
                w.grad = gradient
            return loss
        return look()

    call(optimizer, closure)
    return loss


def _judged(request: Request, network: torch.nn.Module, inputs: Tensor, targets: Tensor) -> tuple[float, float]:
    """Loss and accuracy on held-out examples."""
    with torch.no_grad():
        outputs = network(as_numbers(inputs, request.dtype))
        loss = request.task.loss(outputs, as_numbers(targets, request.dtype)).item()
        right = (outputs.argmax(-1) == targets).double().mean().item() if request.task.classifies else np.nan
    return loss, right


def _mode(optimizer: Any, name: str) -> None:
    """Call ``train`` or ``eval`` of an optimizer that has both."""
    if callable(getattr(optimizer, "train", None)) and callable(getattr(optimizer, "eval", None)):
        getattr(optimizer, name)()
