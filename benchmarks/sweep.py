"""Sweeps: how many descents a second, beside what the memory of this machine could carry, and how that grows.

Adam on Rosenbrock, 65,536 starts, 200 steps, first; then the cost against the size of the batch, the number of
coordinates and of steps, and the memory against the bound that was asked for. Other work on the machine spoils the
figures: look at the load first.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import record
import torch

import optguide as og
from optguide.surfaces.surface import Surface
from optguide.sweep.watch import Watch
from optguide.walk import Walk

STARTS, STEPS = 65_536, 200
BATCHES = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)
DIMENSIONS = (1, 2, 5, 10, 20, 50)
LENGTHS = (10, 100, 1000, 10_000)
BOUNDS = (32, 64, 128, 256, 512)  # MiB
ROUNDS = 3

#: Numbers that one step of one descent cannot avoid to move if nothing stays in a cache: the iterate, both states of
#: Adam, each read and written once, for two coordinates; and the loss, written once.
NUMBERS_PER_STEP = 2 * (2 + 2 * 2) + 1


def rosenbrock_chain(*x: torch.Tensor) -> torch.Tensor:
    """Rosenbrock's function in any number of coordinates: a valley between each of them and the next."""
    if len(x) == 1:
        return (1 - x[0]) ** 2
    return sum((1 - a) ** 2 + 100 * (b - a**2) ** 2 for a, b in zip(x[:-1], x[1:], strict=True))


def starts(count: int, dim: int = 2) -> np.ndarray:
    return np.random.default_rng(0).uniform(-2, 2, (count, dim))


def best_time(task: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of several rounds: other work only ever slows a round down."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        task()
        times.append(time.perf_counter() - begin)
    return min(times)


def copy_speed() -> float:
    """Bytes per second that this machine reads and writes while it copies 256 MB, with all of its cores."""
    source = torch.zeros(32_000_000, dtype=torch.float64)
    target = torch.zeros_like(source)
    return 2 * source.nbytes / best_time(lambda: target.copy_(source), 10)


def whole() -> list[dict[str, float]]:
    points = starts(STARTS)
    run = lambda: og.sweep(og.Adam, og.surfaces.rosenbrock, points, STEPS, lr=0.05)  # noqa: E731
    run()
    seconds = best_time(run)
    shares = where_time_goes(run)
    rate, copied = STARTS * STEPS / seconds, copy_speed()
    bound = copied / (8 * NUMBERS_PER_STEP)
    single = best_time(lambda: og.descend(og.Adam, og.surfaces.rosenbrock, points[0], STEPS, lr=0.05))
    return [
        {
            "seconds": seconds,
            "million_steps_per_s": rate / 1e6,
            **shares,
            "copied_GB_per_s": copied / 1e9,
            "bytes_per_step": 8 * NUMBERS_PER_STEP,
            "bound_million_steps_per_s": bound / 1e6,
            "share_of_bound": rate / bound,
            "one_alone_s": single,
            "times_as_fast": single * STARTS / seconds,
        }
    ]


def where_time_goes(run: Callable[[], Any]) -> dict[str, float]:
    """The shares of a sweep's time: gradients, the rule without them, keeping watch, everything else."""
    spent = dict.fromkeys(("gradients", "rule", "watch"), 0.0)

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **settings: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*arguments, **settings)
            finally:
                spent[name] += time.perf_counter() - begin

        return call

    with (
        mock.patch.object(Surface, "slope", timed("gradients", Surface.slope)),
        mock.patch.object(Walk, "step", timed("rule", Walk.step)),
        mock.patch.object(Watch, "observe", timed("watch", Watch.observe)),
    ):
        total = best_time(run, 1)
    spent["rule"] -= spent["gradients"]
    shares = {name: seconds / total for name, seconds in spent.items()}
    return {**shares, "rest": 1 - sum(shares.values())}


def against_batch() -> list[dict[str, float]]:
    rows = []
    for count in BATCHES:
        points = starts(count)
        run = lambda points=points: og.sweep(og.Adam, og.surfaces.rosenbrock, points, STEPS, lr=0.05)  # noqa: E731
        seconds = best_time(run, 1 if count > 100_000 else ROUNDS)
        rows.append({"descents": count, "seconds": seconds, "descents_per_s": count / seconds})
    return rows


def against_dimension(count: int = 2048) -> list[dict[str, float]]:
    rows = []
    for dim in DIMENSIONS:
        points = starts(count, dim)
        run = lambda points=points: og.sweep(og.Adam, rosenbrock_chain, points, STEPS, lr=0.05)  # noqa: E731
        seconds = best_time(run, 1 if dim > 10 else ROUNDS)
        rows.append({"coordinates": dim, "descents": count, "seconds": seconds, "descents_per_s": count / seconds})
    return rows


def against_steps(count: int = 2048) -> list[dict[str, float]]:
    points, rows = starts(count), []
    for steps in LENGTHS:
        run = lambda steps=steps: og.sweep(og.Adam, og.surfaces.rosenbrock, points, steps, lr=0.05)  # noqa: E731
        seconds = best_time(run, 1 if steps > 1000 else ROUNDS)
        rate = count * steps / seconds
        rows.append({"steps": steps, "descents": count, "seconds": seconds, "steps_per_s": rate})
    return rows


def against_memory() -> list[dict[str, float]]:
    """The largest amount of memory that a process of its own held, above that of a sweep of one descent."""
    rows = []
    base = peak(1, "32 MiB")
    for bound in BOUNDS:
        count = bound * 2**20 * 3 // 4 // 76  # the results and starts of so many take three quarters of the bound
        above = peak(count, f"{bound} MiB") - base
        rows.append({"bound_MiB": bound, "descents": count, "held_MiB": above / 2**20})
    return rows


def peak(count: int, memory: str) -> int:
    """Peak memory, in bytes, of a process that sweeps over so many starts."""
    command = [sys.executable, __file__, "--peak", str(count), memory]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


def print_peak(count: int, memory: str) -> None:
    points = np.broadcast_to(np.array([-1.5, 2.0]), (count, 2))
    og.sweep(og.Adam, og.surfaces.rosenbrock, points, 3, lr=0.05, memory=memory)
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would tell the peak of the process that started this one, if that was higher
        lines = status.read_text(encoding="utf-8").splitlines()
        held = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    else:
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peak", nargs=2, metavar=("COUNT", "MEMORY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print_peak(int(options.peak[0]), options.peak[1])
        return
    on = record.machine("torch", "optguide")
    tables = {"whole": whole(), "batch": against_batch(), "coordinates": against_dimension()}
    tables |= {"lengths": against_steps(), "memory": against_memory()}
    record.save(__file__, on, {"starts": STARTS, "steps": STEPS}, **tables)


if __name__ == "__main__":
    main()
