"""How the work of a sweep is cut, so that everything fits into memory."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import check
from ..problems.problem import Problem
from .request import Request, Runner

#: Numbers in one tensor of a chunk: small enough that a chunk stays in the cache, large enough that the time
#: goes into arithmetic rather than into calling torch.
NUMBERS_PER_CHUNK = 32_768
#: Chunks begin at multiples of this. A vectorised loop and its scalar remainder may round differently: cut so, every
#: descent stays on the same side, and results do not depend on the chunk size.
SIMD_MULTIPLE = 64
#: Descents in one chunk, if memory allows, however many coordinates they have: a formula works on one at a time.
DESCENTS_PER_CHUNK = 2048
#: Descents in one chunk of compiled code, which keeps little of them in memory, and whose calls cost more.
DESCENTS_PER_COMPILED_CHUNK = 65_536
#: Steps that compiled code takes at a time: of more than these the numbers no longer stay in registers.
STEPS_PER_BLOCK = 5
#: Starts in one chunk of an optimizer that has no pure rule and is stepped start by start.
STARTS_PER_CHUNK = 256

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


@dataclass(frozen=True)
class Chunk:
    """Some descents of one optimizer: where each of them starts, and which of the values and seeds it has."""

    problem: Problem
    function: Any
    points: np.ndarray
    values: dict[str, list[Any]]
    picks: dict[str, np.ndarray]
    seeds: list[int]
    seed: np.ndarray
    steps: int
    noise: float
    tails: float | None
    tol: float
    minima: np.ndarray
    low: float | None


def spans(request: Request, runners: list[Runner], width: dict[str, int]) -> Iterator[tuple[int, Runner, slice]]:
    """Chunks of descents. Those of an optimizer that is stepped start by start differ in their starts alone."""
    for number, runner in enumerate(runners):
        step = width[runner.way]
        block = len(request.points) if runner.way == "alone" else request.size
        for begin in range(0, request.size, block):
            for first in range(begin, begin + block, step):
                yield number, runner, slice(first, min(first + step, begin + block))


def chunk(request: Request, span: slice) -> Chunk:
    """What a worker needs to know about one chunk."""
    *picks, seed, start = np.unravel_index(np.arange(span.start, span.stop), request.shape)
    own_seeds, seed = np.unique(seed, return_inverse=True)
    return Chunk(
        problem=request.problem,
        function=request.function,
        points=request.points[start],
        values=request.axes,
        picks=dict(zip(request.axes, picks, strict=True)),
        seeds=[request.seeds[i] for i in own_seeds],
        seed=seed,
        steps=request.steps,
        noise=request.noise,
        tails=request.tails,
        tol=request.tol,
        minima=request.minima,
        low=request.low,
    )


def result_types(request: Request) -> dict[str, tuple[type, tuple[int, ...]]]:
    """Each result: its type, and its shape for one descent."""
    types: dict[str, tuple[type, tuple[int, ...]]] = {"loss": (np.float64, ()), "best_loss": (np.float64, ())}
    types |= {"theta": (np.float64, (request.problem.size,)), "diverged_at": (np.int32, ())}
    if request.low is not None:
        types |= {"arrived_at": (np.int32, ()), "minimum": (np.int32, ())}
    return types


def chunk_widths(request: Request, runners: list[Runner], room: int) -> dict[str, int]:
    """How many descents go into a chunk, by the way they are taken, so that everything fits into ``room``."""
    count, size = len(runners) * request.size, request.problem.size
    each = sum(np.dtype(kind).itemsize * math.prod(rest) for kind, rest in result_types(request).values())
    kept = count * each + len(request.points) * 8 * (size + 2)  # the starts, and what labels them
    left = room - kept
    width, least = {}, 0
    for way in {runner.way for runner in runners}:
        if way != "alone":
            # Iterates, gradient, states old and new, what a rule computes on the way, what autograd keeps.
            shape, lanes = request.problem.shape, SIMD_MULTIPLE
            states = [runner.rule.numbers(shape, runner.settings) for runner in runners if runner.rule]
            largest = max(size, *itertools.chain.from_iterable(states), 1)
            member = 8 * (8 * size + 8 * largest + 2 * max(map(sum, states)) + 48)
            most = max(DESCENTS_PER_CHUNK, NUMBERS_PER_CHUNK // size // lanes * lanes)
            if way == "compiled":
                # Twice the noise, and what a rule makes of settings of a descent's own, for all steps of a block.
                settings = 4 * sum(1 for values in request.axes.values() for _ in np.ravel(values[0]))
                member += 8 * STEPS_PER_BLOCK * (2 * size * (request.noise > 0) + settings)
                most = DESCENTS_PER_COMPILED_CHUNK
        else:
            # `descend` records iterates, gradients and up to four states, and then stacks them.
            member, lanes, most = 16 * (request.steps + 1) * (6 * size + 1) + 20_000, 1, STARTS_PER_CHUNK
        least = max(least, lanes * member)
        width[way] = min(most, max(0, left) // member // lanes * lanes)
    if 0 in width.values():
        need = kept + least
        raise ValueError(
            f"memory={_bytes(room)} is too little: the results of {count:,} descents and the starts take "
            f"{_bytes(kept)}, the smallest chunk of work {_bytes(least)}; give memory={math.ceil(need / 2**20)} * 2**20"
            f" or more ({_bytes(need)}), or sweep over fewer descents at a time"
        )
    return width


def read_memory(memory: Any) -> int:
    """A number of bytes, given as one or with a unit."""
    if not isinstance(memory, str):
        return check.count("memory", memory)
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(\w+)\s*", memory)
    if not match or match[2] not in _UNITS:
        raise ValueError(f"memory must be a number of bytes or text such as '500 MB' or '2 GiB', got {memory!r}")
    return int(float(match[1]) * _UNITS[match[2]])


def _bytes(number: float) -> str:
    unit = max((u for u in ("B", "KiB", "MiB", "GiB", "TiB") if _UNITS[u] <= max(number, 1)), key=_UNITS.__getitem__)
    return f"{number / _UNITS[unit]:.4g} {unit}"
