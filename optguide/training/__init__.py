"""Training: optimizers, settings and seeds on a network with data, kept as labelled arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .. import check
from ..given import by_name
from ..problems.task import Task
from ..progress import tqdm
from ..sweep.request import read_grids, refuse_bad_list
from . import alone, together
from .request import Request, Runner, read_dtype
from .result import RESERVED, Training, label

__all__ = ["Training", "train"]


def train(
    optimizers: Any,
    task: Task,
    steps: int = 300,
    *,
    batch: int | None = 32,
    seed: Any = 0,
    every: int | None = None,
    dtype: Any = "float64",
    weights: bool = False,
    **grids: Any,
) -> Training:
    """Train a network with every combination of optimizers, hyperparameters and seeds.

    A seed draws the first weights, the division of the examples and the order of the batches; every optimizer sees the
    same. All runs of one of our rules are stepped at once. Any other optimizer is stepped run by run, which is slow, as
    is a rule that steps each tensor by itself and asks for more than the gradient where it stands.

    A run that diverges is a result: from there on its numbers are NaN.

    Parameters
    ----------
    optimizers : optimizer, list of optimizers, or mapping of str to optimizer
        Classes or `functools.partial` of them, ours or torch's. Settings, and a ``schedule`` as in `descend`, that
        belong to one of them go into its partial.
    task : Task
        A network and its examples, such as ``og.problems.digits_task()``.
    steps : int
        Number of steps of each run.
    batch : int or None
        Examples in a batch. An order of all training examples is gone through before another is drawn. None: all of
        them in every step.
    seed : int or sequence of int
        Seeds, one run for each.
    every : int, optional
        How many steps lie between two looks at the held-out examples; a tenth of all by default. There is one before
        the first step and one after the last.
    dtype : {"float64", "float32"} or torch.dtype
        Precision of the weights.
    weights : bool
        Whether the weights after the last step are kept, as the array ``theta``.
    **grids
        Hyperparameters for every optimizer. A list or one-dimensional array becomes an axis of that name, as in
        `sweep`; a number or a tuple is one value.

    Returns
    -------
    Training

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or an optimizer does not have a hyperparameter.
    ValueError
        If a number is out of range, or a list is empty or names something twice.

    Examples
    --------
    >>> import optguide as og
    >>> task = og.problems.digits_task(hidden=8)
    >>> runs = og.train([og.SGD, og.Adam], task, steps=20, seed=range(2), lr=[0.01, 0.1])
    >>> dict(runs.data.accuracy.sizes)
    {'optimizer': 2, 'lr': 2, 'seed': 2, 'check': 11, 'part': 2}
    """
    seed = grids.pop("seeds", seed)
    check.kind("task", task, Task, "a Task: a network with examples, as og.problems.digits_task() makes one")
    named = by_name(optimizers)
    steps = check.count("steps", steps)
    batch = task.train if batch is None else check.count("batch", batch, most=task.train)
    every = max(1, steps // 10) if every is None else check.count("every", every)
    dtype = read_dtype(dtype)
    check.kind("weights", weights, bool, "True or False")
    seeds = [seed] if isinstance(seed, (int, np.integer)) else seed
    check.kind("seed", seeds, (list, tuple, range, np.ndarray), "an int or a list of them")
    seeds = [check.seed("seed", one) for one in seeds]
    refuse_bad_list("seed", seeds)
    axes, fixed = read_grids(grids)
    for name in axes:
        if name in RESERVED:
            raise ValueError(f"{name} cannot be an axis: a training has an array or an axis of that name")
    draws = [task.draw(one) for one in seeds]
    rows = torch.stack([draw.rows[task.batches(one, batch, steps)] for one, draw in zip(seeds, draws, strict=True)])
    checks = np.unique([*range(0, steps, every), steps])
    request = Request(task, draws, seeds, rows, checks, axes, dtype, weights)
    runners = [Runner.read(name, optimizer, request, fixed) for name, optimizer in named.items()]

    pieces = []
    for number, runner in enumerate(runners):
        step = together.widest(request) if runner.rule else 1
        pieces += [(number, slice(n, min(n + step, request.size))) for n in range(0, request.size, step)]
    found: dict[str, np.ndarray] = {}
    with tqdm(None, "train", len(pieces) * steps, unit="step", leave=False, disable=None, delay=1) as progress:
        for number, span in pieces:
            runner = runners[number]
            if runner.rule:
                result = together.run(runner, request, span, progress.update)
            else:
                result = alone.run(runner, request, span.start, progress.update)
            for name, values in result.items():
                kept = found.setdefault(name, np.empty((len(runners), request.size, *values.shape[1:]), values.dtype))
                kept[number, span] = values
    return label(request, runners, found)
