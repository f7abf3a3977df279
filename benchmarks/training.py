"""Training a network: all runs at once against the loop that anybody writes, side by side in one run.

Eight rules, ten learning rates and five seeds on the network that reads digits. The other side is a module, one of
torch's optimizers and a loop over the same batches, in the same precision, without a look at held-out examples;
`og.train` looks at them before the first step and after the last. ``--runs`` says how many of the fifty runs of a rule
the slow side is timed for; the time of all is extrapolated from them. Both sides have one thread, and what is measured
is its processor time, so that other work on the machine matters little. How far the losses of those runs lie apart is
kept, too.
"""

from __future__ import annotations

import argparse
import copy
import time
from typing import Any

import numpy as np
import record
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
    on, rows = record.machine("torch"), []
    for dtype in (torch.float64, torch.float32):
        plain_loop(task, torch.optim.SGD, 0.1, 0, 10, dtype)  # what the first call alone has to do
        for name, (ours, theirs) in PAIRS.items():
            begin = time.process_time()
            losses = [plain_loop(task, theirs, float(lr), seed, options.steps, dtype) for lr, seed in timed]
            slow = (time.process_time() - begin) * len(all_runs) / len(timed)
            begin = time.process_time()
            runs = og.train({name: ours}, task, options.steps, seed=SEEDS, every=options.steps, lr=RATES, dtype=dtype)
            fast = time.process_time() - begin
            found = [runs.data.loss[0].sel(lr=lr, seed=seed).values for lr, seed in timed]
            apart = np.nanmedian([np.abs(a - b).max() for a, b in zip(losses, found, strict=True)])
            times = {"one_by_one_s": slow, "at_once_s": fast, "ratio": slow / fast}
            what = {"precision": str(dtype).removeprefix("torch."), "rule": name}
            rows.append({**what, **times, "losses_apart": float(apart)})
    settings = {"rates": len(RATES), "seeds": len(SEEDS), "steps": options.steps, "timed_runs": len(timed)}
    record.save(__file__, on, settings, rows=rows)


if __name__ == "__main__":
    main()
