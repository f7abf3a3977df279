"""Engines of sweeps, beside JAX: Adam, SGD, Rprop, Lion and AMSGrad on three landscapes, 65,536 starts, 200 steps.

For each of them the seconds of the first call, which compiles, those of the fastest call after it, in processor time
and by the clock, how those compare with optax under ``jit(vmap(scan))``, and how far the engines agree after 60 steps.
Keep it on one core (``taskset -c 0``) if other work is on the machine. Whether a first call finds its code in torch's
cache is up to ``TORCHINDUCTOR_CACHE_DIR``: a fresh folder for the first run, the same one for a cached one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import record

import optguide as og
from optguide.language import trace
from optguide.language.python import python_source

STARTS, STEPS, ROUNDS = 65_536, 200, 10
RATES = {"Adam": 0.05, "SGD": 1e-3, "Rprop": 0.01, "Lion": 0.01, "AMSGrad": 0.05}
LANDSCAPES = ("rosenbrock", "rastrigin", "swell")


def of_jax(surface: og.surfaces.Surface) -> Callable[[Any], Any]:
    """The formula of a surface in JAX, written out from the same source."""
    space = {name: getattr(jnp, name) for name in ("sqrt", "exp", "log", "sin", "cos", "abs", "sign", "where")}
    space |= {"atan2": jnp.arctan2, "maximum": jnp.maximum, "minimum": jnp.minimum}
    exec(python_source(trace(surface, ["x", "y"]), "formula"), space)
    return lambda point: space["formula"](point[0], point[1])[0]


def optax_run(rule: str, surface: og.surfaces.Surface) -> Callable[[Any], Any]:
    formula = of_jax(surface)
    optimizer = getattr(optax, rule.lower())(RATES[rule])

    def one(point: Any) -> Any:
        def step(carry: Any, _: Any) -> Any:
            point, state = carry
            move, state = optimizer.update(jax.grad(formula)(point), state, point)
            return (optax.apply_updates(point, move), state), None

        (point, _), _ = jax.lax.scan(step, (point, optimizer.init(point)), None, length=STEPS)
        return point, formula(point)

    return jax.jit(jax.vmap(one))


def measure(task: Callable[[], Any]) -> tuple[float, float, float]:
    """Seconds of the first call; of the fastest of the others in processor time, and by the clock."""
    times = []
    for _ in range(1 + ROUNDS):
        begin = time.process_time(), time.perf_counter()
        task()
        times.append((time.process_time() - begin[0], time.perf_counter() - begin[1]))
    return times[0][1], min(cpu for cpu, _ in times[1:]), min(clock for _, clock in times[1:])


def disagreement(rule: str, surface: og.surfaces.Surface, points: np.ndarray) -> float:
    """The largest relative difference between the engines after 60 steps, among the losses of all descents."""
    ends = [
        og.sweep(rule, surface, points, 60, lr=RATES[rule], engine=engine).data.loss.values
        for engine in ("eager", "compiled")
    ]
    return float(np.nanmax(np.abs(ends[1] - ends[0]) / np.maximum(np.abs(ends[0]), 1e-3), initial=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", default=",".join(RATES))
    parser.add_argument("--landscapes", default=",".join(LANDSCAPES))
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    on, rows = record.machine("torch", "jax", "optax"), []
    for landscape in options.landscapes.split(","):
        surface = getattr(og.surfaces, landscape)
        points = surface.sample(STARTS)
        for rule in options.rules.split(","):
            theirs, start = optax_run(rule, surface), jnp.asarray(points)
            jaxes = measure(lambda theirs=theirs, start=start: jax.block_until_ready(theirs(start)))
            for engine in ("compiled", "eager"):
                run = lambda engine=engine: og.sweep(rule, surface, points, STEPS, lr=RATES[rule], engine=engine)  # noqa: B023, E731
                row = {"landscape": landscape, "rule": rule, "engine": engine}
                for what, ours, beside in zip(("first", "processor", "clock"), measure(run), jaxes, strict=True):
                    row |= {f"{what}_s": ours, f"JAX_{what}_s": beside, f"{what}_ratio": ours / beside}
                row["apart"] = disagreement(rule, surface, points) if engine == "compiled" else 0.0
                rows.append(row)
    record.save(__file__, on, {"starts": STARTS, "steps": STEPS, "rounds": ROUNDS}, rows=rows)


if __name__ == "__main__":
    main()
