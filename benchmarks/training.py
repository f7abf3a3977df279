"""Training a network: all runs at once against the loop that anybody writes, side by side in one run.

Eight rules, ten learning rates and five seeds on the network that reads digits. The other side is a module, one of
torch's optimizers and a loop over the same batches, in the same precision, without a look at held-out examples;
`og.train` looks at them before the first step and after the last. ``--runs`` says how many of the fifty runs of a rule
the slow side is timed for; the time of all is extrapolated from them. Both sides have one thread, and what is measured
is its processor time, so that other work on the machine matters little. How far the losses of those runs lie apart is
printed, too.
"""

from __future__ import annotations

import argparse
import copy
import os
import platform
import time
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

import optguide as og

RATES, SEEDS = np.logspace(-4, 0.5, 10), range(5)
PAIRS: dict[str, tuple[Any, Any]] = {
    "SGD": (og.SGD, torch.optim.SGD),
    "Momentum": (og.Momentum.at(momentum=0.9), lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9)),
    "Adagrad": (og.Adagrad, torch.optim.Adagrad),
    "RMSprop": (og.RMSprop, torch.optim.RMSprop),
    "Adadelta": (og.Adadelta, torch.optim.Adadelta),
    "Adam": (og.Adam, torch.optim.Adam),
    "AdamW": (og.AdamW, torch.optim.AdamW),
    "NAdam": (og.NAdam, torch.optim.NAdam),
}


def plain_loop(task: Any, make: Any, lr: float, seed: int, steps: int, dtype: torch.dtype) -> list[float]:
    """One run of the usual kind: the loss of every batch."""
    problem = task.draw(seed).problem
    network = copy.deepcopy(problem.network).to(dtype)
    inputs, labels = problem.inputs.to(dtype), problem.labels
    optimizer = make(network.parameters(), lr=lr)
    losses = []
    for rows in task.batches(seed, 32, steps):
        optimizer.zero_grad()
        loss = cross_entropy(network(inputs[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--runs", type=int, default=10, help="runs of each rule that the loop is timed for")
    options = parser.parse_args()
    torch.set_num_threads(1)  # both sides: the tensors are too small to share
    task = og.problems.digits_task()
    all_runs = [(lr, seed) for lr in RATES for seed in SEEDS]
    timed = all_runs[:: len(all_runs) // options.runs]
    print(f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}")
    print(
        f"{len(RATES)} rates x {len(SEEDS)} seeds x {options.steps} steps; the loop timed for {len(timed)} runs of each"
    )
    for dtype in (torch.float64, torch.float32):
        print(f"\n{str(dtype).removeprefix('torch.')}\nrule       one by one   at once   ratio   losses apart by")
        sums = np.zeros(2)
        plain_loop(task, torch.optim.SGD, 0.1, 0, 10, dtype)  # what the first call alone has to do
        for name, (ours, theirs) in PAIRS.items():
            begin = time.process_time()
            losses = [plain_loop(task, theirs, float(lr), seed, options.steps, dtype) for lr, seed in timed]
            slow = (time.process_time() - begin) * len(all_runs) / len(timed)
            begin = time.process_time()
            runs = og.train({name: ours}, task, options.steps, seed=SEEDS, every=options.steps, lr=RATES, dtype=dtype)
            fast = time.process_time() - begin
            sums += slow, fast
            found = [runs.data.loss[0].sel(lr=lr, seed=seed).values for lr, seed in timed]
            apart = np.nanmedian([np.abs(a - b).max() for a, b in zip(losses, found, strict=True)])
            print(f"{name:9} {slow:10.1f} s {fast:7.2f} s {slow / fast:5.1f} x   {apart:.1g}")
        print(f"{'together':9} {sums[0]:10.1f} s {sums[1]:7.2f} s {sums[0] / sums[1]:5.1f} x")


if __name__ == "__main__":
    main()
