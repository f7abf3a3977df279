"""Choosing a learning rate: a sweep against one descent after another, in one run.

The other side is how other visualisers tune: 200 trials, each a Python loop of 500 steps of a torch optimizer
that keeps every iterate and clips the gradient; here the trials take the same 200 rates as the sweep, and no time is
counted for choosing them. Both sides start from the same point on the same surface. ``--trials`` says
how many trials of the slow side are timed; the time of all is extrapolated from them. The rate that each side likes
best is kept beside the times: clipping, and the trials left out, make them differ.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import record
import torch

import optguide as og

STEPS, RATES = 500, np.logspace(-5, 1, 200)
PAIRS = {
    "SGD": (torch.optim.SGD, og.SGD),
    "RMSprop": (torch.optim.RMSprop, og.RMSprop),
    "Adagrad": (torch.optim.Adagrad, og.Adagrad),
    "Adam": (torch.optim.Adam, og.Adam),
    "Adamax": (torch.optim.Adamax, og.Adamax),
    "NAdam": (torch.optim.NAdam, og.NAdam),
}
STARTS = {"rosenbrock": (-2.0, 2.0), "rastrigin": (-2.0, 3.5)}


def trial(function: Any, start: tuple[float, float], make: Any, lr: float) -> np.ndarray:
    """One trial of the usual kind."""
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([point], lr=lr)
    path = np.zeros((STEPS + 1, 2))
    path[0] = start
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        function(*point).backward()
        torch.nn.utils.clip_grad_norm_(point, 1.0)
        optimizer.step()
        path[step] = point.detach().numpy()
    return path


def one_by_one(function: Any, start: tuple[float, float], make: Any, trials: int) -> tuple[float, float]:
    """Seconds for all rates, estimated from some of them, and the rate with the lowest end among those."""
    rates = RATES[:: len(RATES) // trials]
    begin = time.perf_counter()
    ends = [trial(function, start, make, float(lr))[-1] for lr in rates]
    seconds = (time.perf_counter() - begin) / len(rates) * len(RATES)
    heights = np.nan_to_num([function(*end) for end in ends], nan=np.inf)
    return seconds, float(rates[np.argmin(heights)])


def at_once(function: Any, start: tuple[float, float], make: Any) -> tuple[float, float]:
    """Seconds for all rates, best of three, and the rate with the lowest end."""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        found = og.sweep(make, function, start, STEPS, lr=RATES)
        times.append(time.perf_counter() - begin)
    loss = found.data.loss.values.squeeze()
    return min(times), float(RATES[np.nanargmin(loss)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=10, help="how many of the 200 trials to time one by one")
    options = parser.parse_args()
    on, rows = record.machine("torch"), []
    for surface, start in STARTS.items():
        function = getattr(og.surfaces, surface)
        for name, (theirs, ours) in PAIRS.items():
            slow, slow_rate = one_by_one(function, start, theirs, options.trials)
            fast, fast_rate = at_once(function, start, ours)
            times = {"one_by_one_s": slow, "at_once_s": fast, "ratio": slow / fast}
            best = {"best_rate_one_by_one": slow_rate, "best_rate_at_once": fast_rate}
            rows.append({"landscape": surface, "rule": name, **times, **best})
    record.save(__file__, on, {"rates": len(RATES), "steps": STEPS}, rows=rows)


if __name__ == "__main__":
    main()
