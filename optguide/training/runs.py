"""All runs of one optimizer, at once or one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import alone, together
from .request import Request, Runner

#: Runs by which it is checked that those stepped at once, of an optimizer that is not ours, are what each is alone.
CHECKED = (0, -1)


def rounds(runner: Runner, request: Request) -> int:
    """How often a step is taken, as far as can be told before."""
    if runner.alone:
        return request.size
    return len(_spans(runner, request)) + (0 if runner.rule else len(CHECKED))


def runs(runner: Runner, request: Request, note: Callable[[], Any]) -> tuple[Runner, dict[str, np.ndarray]]:
    """The runs in their order, and the runner with the way in which they were stepped in the end."""
    if runner.alone:
        return runner, _joined([alone.run(runner, request, number, note) for number in range(request.size)])
    found = _joined([together.run(runner, request, span, note) for span in _spans(runner, request)])
    if runner.rule is None:
        # What it did when it was tried need not be all that it can do.
        close = 10 * torch.finfo(request.dtype).eps ** 0.5
        for number in CHECKED:
            sure = alone.run(runner, request, number % request.size, note)
            if not all(
                np.allclose(found[n][number], values[0], close, 0, equal_nan=True) for n, values in sure.items()
            ):
                return runs(dataclasses.replace(runner, alone="at once its runs were others"), request, note)
    return runner, found


def _spans(runner: Runner, request: Request) -> list[slice]:
    step = together.widest(runner, request)
    return [slice(n, min(n + step, request.size)) for n in range(0, request.size, step)]


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
