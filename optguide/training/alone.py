"""One run after the other: the loop that anybody writes, with the module and its optimizer."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn.utils import parameters_to_vector

from ..foreign import call_of, has_two_points
from ..problems.networks import as_numbers
from ..schedule import make_scheduler, waits_for_loss
from .request import Request, Runner
from .together import Record


def run(runner: Runner, request: Request, number: int, note: Callable[[], Any]) -> dict[str, np.ndarray]:
    """One run of any optimizer, by its number; ``note`` is called after each step.

    Its random numbers, such as those of dropout, are those of its seed.
    """
    *picks, seed = np.unravel_index(number, request.shape)
    settings = {name: values[pick] for (name, values), pick in zip(request.axes.items(), picks, strict=True)}
    make = functools.partial(runner.make, **runner.settings, **settings)
    with torch.random.fork_rng(devices=[]):
        try:
            return _run(make, runner, request, int(seed), note)
        except RuntimeError as error:
            # One that differentiates the gradient once more, which is kept for this only where it is needed.
            if "does not have a grad_fn" not in str(error):
                raise
        return _run(make, runner, request, int(seed), note, curved=True)


def _run(
    make: Callable[..., Any], runner: Runner, request: Request, seed: int, note: Callable[[], Any], curved: bool = False
) -> dict[str, np.ndarray]:
    torch.manual_seed(request.seeds[seed])
    task, draw = request.task, request.draws[seed]
    network = copy.deepcopy(draw.problem.network).to(request.dtype)
    judge, held_out = copy.deepcopy(network).eval(), draw.held_out.values()
    weights = list(network.parameters())
    optimizer = make(weights)
    call = call_of(optimizer)
    scheduler = None if runner.schedule is None else make_scheduler(runner.schedule, optimizer)
    waits = scheduler is not None and waits_for_loss(scheduler)
    inputs, targets = as_numbers(task.inputs, request.dtype), as_numbers(task.targets, request.dtype)

    def vector() -> Tensor:
        return parameters_to_vector(weights).detach()[:, None]

    def measure() -> tuple[Tensor, Tensor]:
        _mode(optimizer, "eval")  # some optimizers' answer is not where they step
        found = dict(network.named_parameters()) | dict(network.named_buffers())
        pairs = [_judged(request, functools.partial(functional_call, judge, found), *part) for part in held_out]
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
        loss = _step(optimizer, call, lambda x=x, y=y: task.loss(network(x), y), network, curved)
        record.note(t, here, loss[None])
        note()
        if scheduler is not None:
            scheduler.step(*(loss,) * waits)
    here, measured = vector(), measure()
    _mode(optimizer, "eval")
    record.end(here, measured, vector())
    return record.result()


def _step(
    optimizer: Any, call: Callable[..., Any], forward: Callable[[], Tensor], network: torch.nn.Module, curved: bool
) -> Tensor:
    """One step: the loss before it."""
    weights = list(network.parameters())

    def look() -> Tensor:
        optimizer.zero_grad()
        with torch.enable_grad():
            loss = forward()
            if curved:
                # Not by backward(), which warns of the cycle of references that it makes of a graph that is kept.
                wanted = [w for w in weights if w.requires_grad]
                slopes = torch.autograd.grad(loss, wanted, create_graph=True, allow_unused=True)
                for w, slope in zip(wanted, slopes, strict=True):
                    w.grad = slope
            else:
                loss.backward()
        return loss.detach()

    buffers, numbers = [buffer.clone() for buffer in network.buffers()], torch.get_rng_state()
    loss = look()
    first: list[Any] = [[(w.detach().clone(), _held(w.grad, curved)) for w in weights]]

    def closure() -> Tensor:
        # Some optimizers never call it. Those that do need not pay for a gradient that is known.
        if first and all(torch.equal(w, before) for w, (before, _) in zip(weights, first[0], strict=True)):
            for w, (_, gradient) in zip(weights, first.pop(), strict=True):
                w.grad = gradient
            return loss
        if first:  # the first look was for the record only
            first.clear()
            for buffer, before in zip(network.buffers(), buffers, strict=True):
                buffer.copy_(before)
            torch.set_rng_state(numbers)
        return look()

    call(optimizer, closure)
    return loss


def _held(gradient: Tensor | None, curved: bool) -> Tensor | None:
    """A gradient as it is now; where it is differentiated, the very one that knows where it comes from."""
    return gradient if curved or gradient is None else gradient.clone()


def _judged(request: Request, network: Callable[..., Any], inputs: Tensor, targets: Tensor) -> tuple[float, float]:
    """Loss and accuracy on held-out examples."""
    with torch.no_grad():
        outputs = network((as_numbers(inputs, request.dtype),))
        loss = request.task.loss(outputs, as_numbers(targets, request.dtype)).item()
        right = (outputs.argmax(-1) == targets).double().mean().item() if request.task.classifies else np.nan
    return loss, right


def _mode(optimizer: Any, name: str) -> None:
    """Call ``train`` or ``eval`` of an optimizer that has both."""
    if has_two_points(optimizer):
        getattr(optimizer, name)()
