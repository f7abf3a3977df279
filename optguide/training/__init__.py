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
from .field import tried
from .request import Request, Runner, read_dtype
from .result import RESERVED, Training, label
from .runs import rounds, runs

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
    same. All runs of one of our rules are stepped at once, and so are those of any other optimizer that is seen to
    treat every weight by itself. Run by run, which is slow, go other optimizers, a rule that steps each tensor by
    itself and asks for more than the gradient where it stands, and whatever trains a network that torch cannot run many
    times at once, as one with dropout. ``data.attrs["way"]`` says which went how, and why.

    A network is judged in evaluation mode. Its buffers, such as the averages of batch normalisation, are those of each
    run. Random numbers, such as those of dropout or of an optimizer, are those of the seed.

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
    apart, changes = tried(task, draws[0], rows[0, 0], dtype)
    request = Request(task, draws, seeds, rows, checks, axes, dtype, weights, apart, changes)
    runners = [Runner.read(name, optimizer, request, fixed) for name, optimizer in named.items()]

    found: list[dict[str, np.ndarray]] = []
    total = steps * sum(rounds(runner, request) for runner in runners)
    with tqdm(None, "train", total, unit="step", leave=False, disable=None, delay=1) as progress:
        for number, runner in enumerate(runners):
            runners[number], result = runs(runner, request, progress.update)
            found.append(result)
    return label(request, runners, {name: np.stack([result[name] for result in found]) for name in found[0]})
