"""Sweeps: every combination of optimizers, hyperparameters, noise seeds and starts, kept as labelled arrays."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import torch

from .. import check
from ..given import by_name, landscape, without_rate
from ..noise import read_noise
from ..problems.problem import lowest
from ..progress import tqdm
from . import engine as engines
from .plan import chunk, chunk_widths, read_memory, result_types, spans
from .request import Request, Runner, axis_names, read_grids, read_seeds, read_starts, refuse_same_seeds
from .result import Sweep, joined, label

__all__ = ["Sweep", "sweep"]


def sweep(
    optimizers: Any,
    function: Any,
    start: Any = None,
    steps: int = 200,
    *,
    noise: float = 0.0,
    tails: float | None = None,
    seed: Any = 0,
    tol: float = 1e-3,
    memory: int | str = "1 GiB",
    jobs: Any = None,
    engine: str = "eager",
    device: Any = None,
    **grids: Any,
) -> Sweep:
    """Run every combination of optimizers, hyperparameters, noise seeds and starts, and record where each ended.

    Where learning rates are given as a list, one of our rules that has none descends once beside the others, and its
    results stand at every learning rate.

    Each descent has the numbers that `descend` would give it alone; only its path is not kept. Our own rules run
    thousands at a time. Any other `torch.optim.Optimizer` is stepped one start at a time, which is slow.

    Parameters
    ----------
    optimizers : optimizer, list of optimizers, or mapping of str to optimizer
        Classes or `functools.partial` of them, ours or torch's. Settings, and a ``schedule`` as in `descend`, that
        belong to one of them go into its partial.
    function : callable
        A surface, or any function that torch can differentiate. It must broadcast.
    start : array_like, shape (dim,), (S, dim) or (ny, nx, 2), optional
        Where to begin; the surface's own start by default. Three dimensions are a grid in the plane, as of
        ``np.stack(np.meshgrid(xs, ys), -1)``.
    steps : int
        Number of steps.
    noise : float
        Standard deviation of normal noise added to every coordinate of every gradient.
    tails : float, optional
        Draws the noise from Student's t distribution with so many degrees of freedom instead, as `descend` does.
    seed : int or sequence of int
        Seeds of the noise, one descent for each: those of ``descend(..., noise=noise, seed=seed)``.
    tol : float
        A descent succeeds when its loss comes within this distance of the lowest known height.
    memory : int or str
        Bound on starts, results and one chunk of work together, in bytes or as in ``"500 MB"``; the libraries
        themselves come on top. With ``jobs`` each further worker holds one chunk more.
    jobs : int or joblib.Parallel, optional
        How many chunks run at the same time, as joblib counts them. Without it, what `joblib.parallel_config` says,
        for example a Dask cluster; without that, one.
    engine : {"eager", "compiled"}
        ``"eager"`` is the reference. ``"compiled"`` lets `torch.compile` make one loop of several steps of a rule on a
        surface: several times faster, on all cores, after some seconds for each pair of them (fewer once torch's cache
        on disk knows it; the environment variable ``TORCHINDUCTOR_CACHE_DIR`` says where that lies). Last digits may
        differ. It needs a C++ compiler, a rule that treats every coordinate alike and has no schedule, and a function
        whose gradient can be written out; anything else runs with ``"eager"``, and a warning says so.
        ``data.attrs["engine"]`` tells how each optimizer ran.
    device : str or torch.device, optional
        Where compiled code runs: ``"cpu"``, the default, or ``"cuda"``.
    **grids
        Hyperparameters for every optimizer. A list or one-dimensional array becomes an axis of that name, as does a
        list of pairs such as ``betas=[(0.9, 0.99), (0.9, 0.999)]``; a number or a tuple is one value.

    Returns
    -------
    Sweep

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or an optimizer does not have a hyperparameter.
    ValueError
        If a number is out of range, a list is empty or names something twice, the starts do not fit the function,
        or the results do not fit into ``memory``; if there is no C++ compiler or device for ``engine`` and ``device``.
    """
    start, seed = grids.pop("starts", start), grids.pop("seeds", seed)  # what these were called
    function = landscape(function)
    named = by_name(optimizers)
    free = without_rate(named) if hasattr(grids.get("lr"), "__len__") else {}
    if 0 < len(free) < len(named):
        same = {"noise": noise, "tails": tails, "seed": seed, "tol": tol, "memory": memory, "jobs": jobs}
        same |= {"engine": engine, "device": device, **grids}
        rated = sweep({n: one for n, one in named.items() if n not in free}, function, start, steps, **same)
        same.pop("lr")
        return joined(rated, sweep(free, function, start, steps, **same), list(named))
    steps = check.count("steps", steps)
    noise, tails = read_noise(noise, tails)
    tol = check.number("tol", tol, low=0, open_low=True)
    seeds = read_seeds(seed)
    room = read_memory(memory)
    if not (jobs is None or callable(jobs) or isinstance(jobs, int)):
        raise TypeError(f"jobs must be a number of jobs or a joblib.Parallel, got {jobs!r}")
    if jobs == 0:
        raise ValueError("jobs must be a number of jobs other than 0, got 0")
    engine, device = engines.read_engine(engine, device)
    problem, points, start_coords, start_dims = read_starts(start, function)
    axes, fixed = read_grids(grids)
    runners = [Runner.read(name, optimizer, axes, fixed, problem) for name, optimizer in named.items()]
    refuse_same_seeds(seeds, noise, runners)
    if any(runner.rule for runner in runners):
        with torch.no_grad():
            problem.slope(torch.from_numpy(np.moveaxis(points[:2], 0, -1)))
    runners = engines.appoint(engine, runners, problem)

    low = lowest(function)
    minima = np.array(function.known_minima() if low is not None else (), dtype=np.float64)
    request = Request(
        function=function,
        problem=problem,
        points=points,
        start_dims=start_dims,
        start_coords=start_coords,
        axes=axes,
        seeds=seeds,
        steps=steps,
        noise=noise,
        tails=tails,
        tol=tol,
        minima=minima.reshape(len(minima), problem.size),
        low=low,
    )
    width = chunk_widths(request, runners, room)
    shape = len(runners), request.size
    found = {name: np.empty((*shape, *rest), kind) for name, (kind, rest) in result_types(request).items()}
    pieces = list(spans(request, runners, width))
    parallel = jobs if callable(jobs) else joblib.Parallel(n_jobs=jobs, return_as="generator")
    results: Any = parallel(
        joblib.delayed(engines.run)(runner, chunk(request, span), device) for _, runner, span in pieces
    )
    progress = tqdm(results, "sweep", len(pieces), unit="chunk", leave=False, disable=None, delay=1)
    for (number, _, span), result in zip(pieces, progress, strict=True):
        for name, values in result.items():
            found[name][number, span] = values
    return label(request, runners, found, axis_names(function, problem))
