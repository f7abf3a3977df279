"""A chunk of a sweep, step by step: the reference engine."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..descent import descend
from ..noise import noise_numbers
from ..schedule import Schedule
from ..walk import Walk, by_seed
from .plan import Chunk
from .request import Runner
from .watch import Watch


def run(runner: Runner, chunk: Chunk) -> dict[str, np.ndarray]:
    """All results of one chunk, as a worker finds them."""
    return finish(_run_batch(runner, chunk) if runner.rule else _run_each(runner, chunk), chunk)


def finish(result: dict[str, np.ndarray], chunk: Chunk) -> dict[str, np.ndarray]:
    """NaN where a descent diverged, and the minimum nearest to each end."""
    gone = result["diverged_at"] >= 0
    result["loss"][gone] = np.nan
    result["theta"][gone] = np.nan
    if chunk.low is not None:
        apart = np.stack([np.hypot.reduce(result["theta"] - point, axis=-1) for point in chunk.minima])
        there = result["loss"] <= chunk.low + chunk.tol
        result["minimum"] = np.where(there, np.argmin(np.where(there, apart, 0), axis=0), -1)
    return result


def _run_batch(runner: Runner, chunk: Chunk) -> dict[str, np.ndarray]:
    """A chunk of one of our rules."""
    assert runner.rule
    problem, size = chunk.problem, chunk.problem.size
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a chunk is too small to share
    try:
        with torch.no_grad():
            theta = torch.tensor(np.ascontiguousarray(np.moveaxis(chunk.points, 0, -1)))
            settings = settings_of(runner, chunk)
            clock = None
            if runner.schedule is not None:
                clock = Schedule(runner.make, settings, runner.schedule, theta.shape[-1:])
                settings = clock.settings
            walk = Walk(runner.rule, problem, theta, settings, chunk.seeds, torch.from_numpy(chunk.seed))
            draw = draw_noise(chunk)
            watch = Watch(theta.shape[-1], None if chunk.low is None else chunk.low + chunk.tol)
            for t in range(chunk.steps):
                here, known = walk.answer, walk.answer is walk.theta
                walk.step(draw())
                z = walk.loss if known and walk.loss is not None else problem.heights(here)
                watch.observe(t, here.reshape(size, -1), z)
                walk.theta = watch.masked(walk.theta)
                if watch.all_diverged:
                    break
                if clock:
                    walk.settings = clock.step(z)
            end = walk.answer
            z = problem.heights(end)
            watch.observe(chunk.steps, end.reshape(size, -1), z)
    finally:
        torch.set_num_threads(threads)
    return {"loss": z.numpy().copy(), "theta": end.reshape(size, -1).T.numpy().copy(), **watch.result()}


def settings_of(runner: Runner, chunk: Chunk) -> dict[str, Any]:
    """The settings of a rule in one chunk: numbers, or tensors with one number for each descent."""
    settings = {name: tuple(v) if isinstance(v, list) else v for name, v in runner.settings.items()}
    for name, values in chunk.values.items():
        if len(values) == 1:  # a number, as it would be alone
            settings[name] = values[0]
        else:
            value = torch.tensor(values, dtype=torch.float64)
            chosen = value[torch.from_numpy(np.ascontiguousarray(chunk.picks[name]))]
            settings[name] = chosen if value.dim() == 1 else tuple(part.contiguous() for part in chosen.unbind(1))
    return settings


def draw_noise(chunk: Chunk) -> Callable[[], Any]:
    """Draws the noise of one step, the numbers of `descend`: one for all descents, or one for each seed."""
    if not chunk.noise:
        return lambda: None
    numbers = functools.partial(noise_numbers, chunk.problem.shape, chunk.tails)
    draw = by_seed(numbers, chunk.seeds, torch.from_numpy(chunk.seed))
    return lambda: chunk.noise * draw()


def _run_each(runner: Runner, chunk: Chunk) -> dict[str, np.ndarray]:
    """A chunk of any other optimizer, whose descents differ in their starts alone: `descend` steps each of them."""
    settings = {**runner.settings, **{name: chunk.values[name][pick[0]] for name, pick in chunk.picks.items()}}
    found = descend(
        runner.make,
        chunk.function,
        chunk.points,
        chunk.steps,
        noise=chunk.noise,
        tails=chunk.tails,
        seed=chunk.seeds[0],
        schedule=runner.schedule,
        **settings,
    )
    ends = found.theta[-1].reshape(len(chunk.points), -1).copy()
    result = {"loss": found.loss[-1].copy(), "theta": ends, "best_loss": np.fmin.reduce(found.loss)}
    result["diverged_at"] = found.diverged_at
    if chunk.low is not None:
        result["arrived_at"] = found.arrived(chunk.tol)
    return result
