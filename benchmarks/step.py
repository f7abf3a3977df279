"""Time of one ``step()``: our Adam beside torch's, on models of 80 tensors, interleaved in one run.

The budget: no slower than torch.optim's foreach path. Our step and torch's are there compiled by inductor, too, which
takes a minute for each model and needs a C++ compiler. Other work on the machine spoils the figures: look at the load
first.
"""

from __future__ import annotations

import statistics
import time

import record
import torch

import optguide as og

WIDTHS = (64, 256, 512)  # 40 vectors and 40 square matrices of this width: 0.17, 2.6 and 10.5 million parameters
ROUNDS = 15  # the median over this many rounds
SECONDS = 0.05  # how long each contender steps in one round


def model(width: int) -> list[torch.nn.Parameter]:
    """Eighty parameters with gradients, vectors and matrices in turn as in a network."""
    torch.manual_seed(0)
    parameters = [torch.nn.Parameter(torch.randn(shape)) for _ in range(40) for shape in [(width, width), (width,)]]
    for p in parameters:
        p.grad = torch.randn_like(p)
    return parameters


def contenders(width: int) -> dict:
    """Step functions by name, each with a model of its own."""
    steps = {
        "foreach": torch.optim.Adam(model(width), foreach=True).step,
        "ours": og.optimizers.Adam(model(width)).step,
        "single-tensor": torch.optim.Adam(model(width), foreach=False).step,
        "fused": torch.optim.Adam(model(width), fused=True).step,
    }
    for name, make in (("ours, compiled", og.Adam), ("torch, compiled", torch.optim.Adam)):
        compiled = torch.compile(make(model(width)).step)
        try:
            compiled()
        except Exception as error:  # no C++ compiler, no inductor
            print(f"torch.compile does not work here: {str(error).splitlines()[0]}")
        else:
            steps[name] = compiled
    return steps


def measure(steps: dict) -> dict[str, float]:
    """Median milliseconds per step of each contender; all of them take turns in every round."""
    times, counts = {name: [] for name in steps}, {}
    for name, step in steps.items():
        for _ in range(3):
            step()
        start = time.perf_counter()
        step()
        counts[name] = max(1, round(SECONDS / (time.perf_counter() - start)))
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(counts[name]):
                step()
            times[name].append((time.perf_counter() - start) / counts[name] * 1e3)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    on = record.machine("torch", threads=torch.get_num_threads())
    rows = []
    for width in WIDTHS:
        result = measure(contenders(width))
        size = round(sum(p.numel() for p in model(width)) / 1e6, 2)
        for name, ms in result.items():
            rows.append({"million_parameters": size, "step": name, "ms": ms, "ratio": ms / result["foreach"]})
    record.save(__file__, on, {"tensors": len(model(1))}, rows=rows)


if __name__ == "__main__":
    main()
