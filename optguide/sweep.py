"""Sweeps: every combination of optimizers, hyperparameters, noise seeds and starts, kept as labelled arrays."""

from __future__ import annotations

import inspect
import itertools
import json
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import joblib
import numpy as np
import torch
import xarray as xr
from torch import Tensor

from . import netcdf
from .descent import (
    DIVERGED,
    _by_name,
    _color,
    _evaluate,
    _follows_update,
    _known_minima,
    _lost,
    _name,
    _read_start,
    _Schedule,
    _scheduler,
    _slope,
    _step_limit,
    _step_mixed,
    _unwrap,
    descend,
)
from .files import check_name, check_path, whole
from .optimizers.base import call_update
from .optimizers.hyperparameters import check
from .progress import tqdm
from .table import Table, plain

#: Numbers in one tensor of a chunk: small enough that a chunk stays in the cache, large enough that the time
#: goes into arithmetic rather than into calling torch.
_CHUNK = 32_768
#: Chunks begin at multiples of this. The processor takes descents several at a time and the last few otherwise, which
#: may round otherwise: so these are the same few however the work is cut, and results do not depend on it.
_LANES = 64
#: Descents in one chunk, if memory allows, however many coordinates they have: a formula works on one at a time.
_MANY = 2048
#: Starts in one chunk of an optimizer that has no pure rule and is stepped start by start.
_FEW = 256

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}

_MEANINGS = {
    "loss": ("loss after the last step, without noise; NaN where the descent diverged", "1"),
    "best_loss": ("lowest loss from the start to the last step", "1"),
    "theta": ("where the descent ended; NaN where it diverged", "1"),
    "arrived_at": ("first step with a loss within tol of the lowest known height; 0 is the start, -1 never", "step"),
    "diverged_at": ("first step at which an iterate or the loss was not finite or exceeded 1e10; -1 never", "step"),
    "minimum": ("number of the known minimum nearest to the end, where the end is within tol of its height; else -1",
                "1"),
    "minima": ("the known minima", "1"),
}  # fmt: skip
_RESERVED = {*_MEANINGS, "optimizer", "color", "seed", "start", "coordinate", "known"}


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a call of `sweep` found: one labelled array for each question.

    Attributes
    ----------
    data : xarray.Dataset
        The dimensions are ``optimizer``, one for each hyperparameter that was given as a list, ``seed``, and
        ``start`` (for a grid of starts ``start_y, start_x``). Each array says in ``attrs["long_name"]`` what it
        holds:

        - ``loss``: after the last step, without noise; NaN where the descent diverged
        - ``best_loss``: the lowest from the start to the last step
        - ``theta``: where the descent ended; one more dimension, ``coordinate``
        - ``arrived_at``: first step with a loss within ``tol`` of the function's lowest known height; -1 never
        - ``diverged_at``: first step at which an iterate or the loss was not finite or exceeded 1e10; -1 never
        - ``minimum``: number of the known minimum nearest to the end, if the loss there is within ``tol`` of the
          lowest known height; -1 otherwise
        - ``minima``: the known minima, one row each

        ``arrived_at``, ``minimum`` and ``minima`` are there if the function knows its minima. The settings stand
        in ``data.attrs``.
    """

    data: xr.Dataset = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.data, xr.Dataset):
            raise TypeError(f"data must be an xarray.Dataset, got {self.data!r}")
        lacks = _what_is_missing(self.data)
        if lacks:
            raise ValueError(f"data is not a sweep: {lacks}")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to a NetCDF file, with a checksum at its end.

        The file appears whole or not at all, and an older one of that name stays until then.

        Parameters
        ----------
        path : path-like
            Where to; it must end in ``.nc``.

        Raises
        ------
        TypeError, ValueError
            If it is no path, ends otherwise, or is no file.
        FileNotFoundError, PermissionError
            If the folder does not exist or cannot be written to.
        """
        path = check_path(path, [".nc"])
        with whole(path) as unfinished:
            netcdf.write(self.data, unfinished)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Sweep:
        """Read a sweep that `save` wrote.

        Parameters
        ----------
        path : path-like
            A ``.nc`` file.

        Returns
        -------
        Sweep

        Raises
        ------
        TypeError, ValueError
            If it is no path, ends otherwise, or is not a sweep: `save` did not write it, it was damaged or changed
            since, or it wants to be more than it holds.
        FileNotFoundError, PermissionError
            If there is no such file, or it cannot be read.
        """
        path = check_name(path, [".nc"])
        try:
            data = netcdf.read(path)
        except netcdf.Refused as error:
            raise ValueError(f"{str(path)!r} is not a sweep: {error}") from None
        lacks = _what_is_missing(data)
        if lacks:
            raise ValueError(f"{str(path)!r} is not a sweep: {lacks}")
        return cls(data)

    def table(self) -> Table:
        """Every optimizer at its best setting: the one from which most descents arrive, soonest if several do.

        Arriving is coming within ``tol`` of the lowest known height. The steps are the median, after which half have
        arrived; a descent that never does counts as endlessly slow.

        Where no minimum is known, those are counted that come within ``tol`` of the best seen: the lowest height that
        any descent of this sweep has met. The title says so. When they came there is not known, so there is no column
        of steps; of settings from which equally many come, the one with the lower median of lowest heights is named.

        Returns
        -------
        Table
            A row for each optimizer: the share of its descents that arrive, the steps, and its best value of every
            hyperparameter that was given as a list, or a dash if no value lets any arrive.
        """
        data = self.data
        tol, known, seen = data.attrs["tol"], "arrived_at" in data, float(data.best_loss.min())
        axes = [d for d in data.loss.dims if d not in ("optimizer", "seed") and not d.startswith("start")]
        # The number by which descents are ranked, infinite for those that do not arrive.
        rank = data.arrived_at.where(data.arrived_at >= 0, np.inf) if known else data.best_loss.fillna(np.inf)
        rank = rank.transpose("optimizer", *axes, ...).values
        rank = rank.reshape(len(data.optimizer), math.prod(data.sizes[axis] for axis in axes), -1)
        share = (np.isfinite(rank) if known else rank <= seen + tol).mean(-1)
        median = np.sort(rank)[..., (rank.shape[-1] - 1) // 2]
        rows = []
        for number, name in enumerate(data.optimizer.values):
            best = np.lexsort((median[number], -share[number]))[0]
            picks = np.unravel_index(best, [data.sizes[axis] for axis in axes]) if axes else ()
            values = [data[axis].values[pick] for axis, pick in zip(axes, picks, strict=True)]
            cells = [plain(v) if isinstance(v, str) else f"{float(f'{v:.2g}'):g}" for v in values]
            cells = cells if share[number, best] else ["–"] * len(cells)
            soon = f"{median[number, best]:.0f}" if np.isfinite(median[number, best]) else "never"
            rows.append((plain(name), f"{share[number, best]:.0%}", *([soon] if known else []), *cells))
        words = {"lr": "learning rate"}
        counted = ("arrive", "median steps") if known else ("come near it",)
        columns = ("optimizer", *counted, *(words.get(axis, plain(axis)) for axis in axes))
        goal = "the lowest height"
        if not known:
            goal = f"the best seen, {seen:.6g}," if math.isfinite(seen) else "the best seen, none,"
        elif seen < data.attrs.get("lowest", seen) - tol:
            goal = "the lowest known height, below which some descents went,"
        title = f"{plain(data.attrs['function'])}: within {tol:g} of {goal} in {data.attrs['steps']} steps"
        return Table(title, columns, rows, "results")

    def __repr__(self) -> str:
        sizes = dict(self.data.loss.sizes)
        shape = " x ".join(f"{size} {name}" for name, size in sizes.items())
        return f"<sweep of {math.prod(sizes.values()):,} descents on {self.data.attrs['function']}: {shape}>"


def _what_is_missing(data: xr.Dataset) -> str | None:
    """What a dataset lacks to be a sweep, if anything."""
    for name in ("loss", "best_loss", "theta", "diverged_at", "color"):
        if name not in data.variables or "optimizer" not in data[name].dims:
            return f"it has no {name} for each optimizer"
    if not isinstance(data.attrs.get("function"), str):
        return "it does not say of what function"
    for name, what in (("steps", "how many steps"), ("tol", "within which tol")):
        if np.ndim(data.attrs.get(name)) or not isinstance(data.attrs.get(name), (int, float, np.number)):
            return f"it does not say {what}"
    return None


def sweep(
    optimizers: Any,
    function: Callable[..., Any],
    starts: Any = None,
    steps: int = 200,
    *,
    noise: float = 0.0,
    seeds: Sequence[int] = (0,),
    tol: float = 1e-3,
    memory: int | str = "1 GiB",
    jobs: Any = None,
    **grids: Any,
) -> Sweep:
    """Run every combination of optimizers, hyperparameters, noise seeds and starts, and keep where each ended.

    Each descent has the numbers that `descend` would give it alone; only its path is not kept. Our own rules run
    thousands at a time. Any other `torch.optim.Optimizer` is stepped start by start, which is slow and correct.

    Parameters
    ----------
    optimizers : optimizer, list of optimizers, or mapping of str to optimizer
        Classes or `functools.partial` of them, ours or torch's. Settings, and a ``schedule`` as in `descend`, that
        belong to one of them go into its partial.
    function : callable
        A surface, or any function that torch can differentiate. It must broadcast.
    starts : array_like, shape (dim,), (S, dim) or (ny, nx, 2), optional
        Where to begin; the surface's own start by default. Three dimensions are a grid in the plane, as of
        ``np.stack(np.meshgrid(xs, ys), -1)``.
    steps : int
        Number of steps.
    noise : float
        Standard deviation of normal noise added to every coordinate of every gradient.
    seeds : sequence of int
        Seeds of the noise, one descent for each: those of ``descend(..., noise=noise, seed=seed)``.
    tol : float
        How far above the lowest known height still counts as arrived.
    memory : int or str
        Bound on starts, results and one chunk of work together, in bytes or as in ``"500 MB"``; the libraries
        themselves come on top. With ``jobs`` each further worker holds one chunk more.
    jobs : int or joblib.Parallel, optional
        How many chunks run at the same time, as joblib counts them. Without it, what `joblib.parallel_config` says,
        for example a Dask cluster; without that, one.
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
        or the results do not fit into ``memory``.
    """
    if not callable(function):
        raise TypeError(f"function must be callable, got {function!r}")
    if not isinstance(optimizers, (Mapping, Sequence)) and not callable(optimizers) or isinstance(optimizers, str):
        raise TypeError(f"optimizers must be an optimizer, a list or a mapping of them, got {optimizers!r}")
    named = _by_name([optimizers] if callable(optimizers) else optimizers)
    steps = _step_limit(steps, None, None)
    noise, tol = _positive("noise", noise, or_zero=True), _positive("tol", tol)
    seeds = _read_seeds(seeds, noise)
    room = _read_memory(memory)
    if not (jobs is None or callable(jobs) or isinstance(jobs, int) and jobs):
        raise TypeError(f"jobs must be a number of jobs other than 0 or a joblib.Parallel, got {jobs!r}")
    points, start_coords, start_dims = _read_starts(starts, function)
    axes, fixed = _read_grids(grids)
    runners = [_Runner.read(name, optimizer, axes, fixed, points.shape[-1]) for name, optimizer in named.items()]
    if any(runner.batched for runner in runners):
        with torch.no_grad():
            _slope(function, torch.from_numpy(points[:2]))

    minima, low = _known_minima(function)
    study = _Study(function, points, axes, seeds, steps, noise, tol, minima, low)
    width = _chunk_width(study, runners, room)
    found = _empty_results(study, len(runners))
    spans = list(study.spans(runners, width))
    parallel = jobs if callable(jobs) else joblib.Parallel(n_jobs=jobs, return_as="generator")
    results = parallel(joblib.delayed(_run)(runner, study.cut(span)) for _, runner, span in spans)
    progress = tqdm(results, "sweep", len(spans), unit="chunk", leave=False, disable=None, delay=1)
    for (number, _, span), result in zip(spans, progress, strict=True):
        for name, values in result.items():
            found[name][number, span] = values
    return Sweep(_label(study, runners, found, start_dims, start_coords))


# What was asked for


def _positive(name: str, number: Any, or_zero: bool = False) -> float:
    if isinstance(number, bool) or not isinstance(number, (int, float, np.number)):
        raise TypeError(f"{name} must be a number, got {number!r}")
    if not (math.isfinite(number) and (number > 0 or or_zero and number == 0)):
        raise ValueError(f"{name} must be {'>= 0' if or_zero else '> 0'}, got {number!r}")
    return float(number)


def _read_seeds(seeds: Any, noise: float) -> list[int]:
    if isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool):
        seeds = [seeds]
    try:
        seeds = list(seeds)
    except TypeError:
        raise TypeError(f"seeds must be a list of ints, got {seeds!r}") from None
    for seed in seeds:
        if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)):
            raise TypeError(f"seeds must be ints, got {seed!r}")
    for seed in seeds:
        if not -(2**63) <= seed < 2**64:
            raise ValueError(f"seeds must be ints of at most 64 bits, got {seed}")
    if min(seeds, default=0) < 0 and max(seeds) >= 2**63:
        raise ValueError(f"seeds must all be >= 0 if one is >= 2**63, got {min(seeds)}")
    _refuse_bad_list("seeds", seeds)
    if len(seeds) > 1 and not noise:
        raise ValueError(f"{len(seeds)} seeds need noise > 0: without it all of their descents are the same")
    return [int(seed) for seed in seeds]


def _refuse_bad_list(name: str, values: list[Any]) -> None:
    if not values:
        raise ValueError(f"{name} must not be empty")
    value, count = Counter(values).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{name} must not name anything twice, got {value!r} {count} times")


def _read_memory(memory: Any) -> int:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(\w+)\s*", memory) if isinstance(memory, str) else None
    if match and match[2] in _UNITS:
        return int(float(match[1]) * _UNITS[match[2]])
    if isinstance(memory, (int, np.integer)) and not isinstance(memory, bool) and memory > 0:
        return int(memory)
    raise ValueError(f"memory must be a number of bytes > 0 or text such as '500 MB' or '2 GiB', got {memory!r}")


def _read_starts(starts: Any, function: Callable[..., Any]) -> tuple[np.ndarray, dict[str, Any], dict[str, int]]:
    """The starts as a list of points; the labels and the sizes of the dimensions that they span."""
    points = _read_start(starts, function).numpy()
    names = [f"start_{axis}" for axis in _axis_names(function, points.shape[-1])]
    if points.ndim <= 2:
        points = points.reshape(-1, points.shape[-1])
        coords = {name: ("start", points[:, i]) for i, name in enumerate(names)}
        return points, {"start": np.arange(len(points)), **coords}, {"start": len(points)}
    flat = points.ndim == 3 and points.shape[-1] == 2
    xs, ys = points[0, :, 0], points[:, 0, -1]
    if not (flat and (points == np.stack(np.meshgrid(xs, ys), -1)).all()):
        raise ValueError(
            f"starts of shape {points.shape} must be a grid in the plane, np.stack(np.meshgrid(xs, ys), -1); "
            "give any other starts as a list of shape (S, dim)"
        )
    coords = {names[1]: ys, names[0]: xs}
    return points.reshape(-1, 2), coords, {names[1]: points.shape[0], names[0]: points.shape[1]}


def _axis_names(function: Callable[..., Any], dim: int) -> tuple[str, ...]:
    names = getattr(function, "axes", None)
    if names is None:
        try:
            parameters = inspect.signature(function).parameters.values()
            names = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
        except (TypeError, ValueError):  # a function of a compiled library may hide its signature
            names = ()
    return tuple(names) if len(names) == dim else tuple(f"x{i}" for i in range(dim))


def _read_grids(grids: dict[str, Any]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The hyperparameters that are axes, each with its values, and those that are the same everywhere."""
    axes, fixed = {}, {}
    for name, value in grids.items():
        if isinstance(value, (np.ndarray, Tensor, range)) and np.ndim(value):
            value = np.asarray(value).tolist()
        if not isinstance(value, list) or name == "schedule":
            fixed[name] = value
            continue
        if name in _RESERVED or name.startswith("start_"):
            raise ValueError(f"{name} cannot be an axis: a sweep has an array or an axis of that name")
        values = [tuple(v) if isinstance(v, (list, tuple, np.ndarray)) else v for v in value]
        _refuse_bad_list(name, values)
        if len({isinstance(v, tuple) and len(v) for v in values}) > 1:
            raise ValueError(f"{name} must be a list of numbers or a list of tuples of one length, got {value!r}")
        axes[name] = values
    return axes, fixed


@dataclass(frozen=True)
class _Runner:
    """One optimizer of a sweep, with its settings checked."""

    name: str
    make: Callable[..., Any]
    settings: dict[str, Any]
    schedule: Any
    batched: bool
    color: str
    described: dict[str, Any]

    @classmethod
    def read(cls, name: str, optimizer: Any, axes: dict[str, list[Any]], fixed: dict[str, Any], dim: int) -> _Runner:
        try:
            make, settings = _unwrap(optimizer, dict(fixed))
            schedule = settings.pop("schedule", None)
            settings = {n: v for n, v in settings.items() if n not in axes}
            if _follows_update(make):
                settings = _check_rule(make, settings, axes)
                if schedule is not None:
                    first = {n: values[0] for n, values in axes.items()}
                    _scheduler(schedule, make([torch.nn.Parameter(torch.zeros(1))], **settings, **first))
                return cls(name, make, settings, schedule, True, make.color or "", settings)
            for values in itertools.product(*axes.values()):
                point = torch.nn.Parameter(torch.zeros(dim, dtype=torch.float64))
                probe = make([point], **settings, **dict(zip(axes, values, strict=True)))
                if not isinstance(probe, torch.optim.Optimizer):
                    raise TypeError(f"it must make a torch.optim.Optimizer, got {type(probe).__name__}")
                if schedule is not None:
                    _scheduler(schedule, probe)
        except (TypeError, ValueError) as error:
            raise type(error)(f"optimizer {name!r}: {error}") from None
        described = {n: v for n, v in {**probe.defaults, **settings}.items() if n not in axes}
        return cls(name, make, settings, schedule, False, _color(probe) or "", described)


def _check_rule(rule: Any, settings: dict[str, Any], axes: dict[str, list[Any]]) -> dict[str, Any]:
    """All settings of one of our rules that are not axes, defaults included; every value is checked."""
    for name in (*settings, *axes):
        if name not in rule.hyperparameters:
            takes = ", ".join(rule.hyperparameters)
            raise TypeError(f"{_name(rule)} has no hyperparameter {name!r}; it takes {takes}")
        for value in axes.get(name, [settings.get(name)]):
            check(name, value, rule.hyperparameters[name])
    return {name: settings.get(name, default) for name, default in rule.hyperparameters.items() if name not in axes}


# How the work is cut


@dataclass(frozen=True)
class _Study:
    """Everything that the optimizers of a sweep have in common."""

    function: Callable[..., Any]
    points: np.ndarray
    axes: dict[str, list[Any]]
    seeds: list[int]
    steps: int
    noise: float
    tol: float
    minima: tuple[tuple[float, ...], ...]
    low: float | None

    @property
    def dim(self) -> int:
        return self.points.shape[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """The descents of one optimizer: hyperparameters, seeds, starts."""
        return *map(len, self.axes.values()), len(self.seeds), len(self.points)

    def spans(self, runners: list[_Runner], width: dict[bool, int]) -> Iterator[tuple[int, _Runner, slice]]:
        """Chunks of descents. Those of an optimizer that is stepped start by start differ in their starts alone."""
        size = math.prod(self.shape)
        for number, runner in enumerate(runners):
            block = size if runner.batched else len(self.points)
            for begin in range(0, size, block):
                for first in range(begin, begin + block, width[runner.batched]):
                    yield number, runner, slice(first, min(first + width[runner.batched], begin + block))

    def cut(self, span: slice) -> _Cut:
        """What a worker needs to know about one chunk."""
        *picks, seed, start = np.unravel_index(np.arange(span.start, span.stop), self.shape)
        own_seeds, seed = np.unique(seed, return_inverse=True)
        return _Cut(
            function=self.function,
            points=self.points[start],
            values=self.axes,
            picks=dict(zip(self.axes, picks, strict=True)),
            seeds=[self.seeds[i] for i in own_seeds],
            seed=seed,
            steps=self.steps,
            noise=self.noise,
            tol=self.tol,
            minima=self.minima,
            low=self.low,
        )


@dataclass(frozen=True)
class _Cut:
    """One chunk: where each of its descents starts, and which of the values and seeds it has."""

    function: Callable[..., Any]
    points: np.ndarray
    values: dict[str, list[Any]]
    picks: dict[str, np.ndarray]
    seeds: list[int]
    seed: np.ndarray
    steps: int
    noise: float
    tol: float
    minima: tuple[tuple[float, ...], ...]
    low: float | None


def _result_types(study: _Study) -> dict[str, tuple[type, tuple[int, ...]]]:
    """Each result: its type, and its shape for one descent."""
    types = {"loss": (np.float64, ()), "best_loss": (np.float64, ()), "theta": (np.float64, (study.dim,))}
    types["diverged_at"] = (np.int32, ())
    if study.low is not None:
        types |= {"arrived_at": (np.int32, ()), "minimum": (np.int32, ())}
    return types


def _empty_results(study: _Study, optimizers: int) -> dict[str, np.ndarray]:
    size = math.prod(study.shape)
    return {name: np.empty((optimizers, size, *rest), kind) for name, (kind, rest) in _result_types(study).items()}


def _chunk_width(study: _Study, runners: list[_Runner], room: int) -> dict[bool, int]:
    """How many descents go into a chunk, of batched rules and of others, so that everything fits into ``room``."""
    count = len(runners) * math.prod(study.shape)
    each = sum(np.dtype(kind).itemsize * math.prod(rest) for kind, rest in _result_types(study).values())
    kept = count * each + len(study.points) * 8 * (study.dim + 2)  # the starts, and what labels them
    left = room - kept
    width, least = {}, 0
    for batched in {runner.batched for runner in runners}:
        if batched:
            # Iterates, gradient, states old and new, what a rule computes on the way, what autograd keeps.
            states = max(len(runner.make.state_names) for runner in runners if runner.batched)
            member, lanes = 8 * (study.dim * (16 + 2 * states) + 48), _LANES
            most = max(_MANY, _CHUNK // study.dim // lanes * lanes)
        else:
            # `descend` records iterates, gradients and up to four states, and then stacks them.
            member, lanes, most = 16 * (study.steps + 1) * (6 * study.dim + 1) + 20_000, 1, _FEW
        least = max(least, lanes * member)
        width[batched] = min(most, max(0, left) // member // lanes * lanes)
    if 0 in width.values():
        need = kept + least
        raise ValueError(
            f"memory={_bytes(room)} is too little: the results of {count:,} descents and the starts take "
            f"{_bytes(kept)}, the smallest chunk of work {_bytes(least)}; give memory={math.ceil(need / 2**20)} * 2**20"
            f" or more ({_bytes(need)}), or sweep over fewer descents at a time"
        )
    return width


def _bytes(number: float) -> str:
    unit = max((u for u in ("B", "KiB", "MiB", "GiB", "TiB") if _UNITS[u] <= max(number, 1)), key=_UNITS.get)
    return f"{number / _UNITS[unit]:.4g} {unit}"


# The descents themselves


def _run(runner: _Runner, cut: _Cut) -> dict[str, np.ndarray]:
    """All results of one chunk."""
    result = _run_batch(runner, cut) if runner.batched else _run_each(runner, cut)
    lost = result["diverged_at"] >= 0
    result["loss"][lost] = np.nan
    result["theta"][lost] = np.nan
    if cut.low is not None:
        apart = np.stack([np.hypot.reduce(result["theta"] - point, axis=-1) for point in np.asarray(cut.minima)])
        there = result["loss"] <= cut.low + cut.tol
        result["minimum"] = np.where(there, np.argmin(np.where(there, apart, 0), axis=0), -1)
    return result


def _run_batch(runner: _Runner, cut: _Cut) -> dict[str, np.ndarray]:
    """A chunk of one of our rules. The coordinates lie along the first axis: a setting of shape (n,) broadcasts."""
    rule, function = runner.make, cut.function
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a chunk is too small to share
    try:
        with torch.no_grad():
            theta = torch.tensor(np.ascontiguousarray(cut.points.T))
            settings = _settings_of_chunk(runner, cut)
            clock = None
            if runner.schedule is not None:
                clock = _Schedule(rule, settings, runner.schedule, theta.shape[1:])
                settings = clock.settings
            state = rule.initial_state(theta, **settings)
            draw = _draw_noise(cut)
            watch = _Watch(theta.shape[1], None if cut.low is None else cut.low + cut.tol)
            for t in range(1, cut.steps + 1):
                noise = draw()
                if rule.elementwise:
                    z = None

                    def grad(point: Tensor, theta: Tensor = theta, noise: Any = noise) -> Tensor:
                        heights, slope = _slope(function, point, axis=0)
                        if point is theta:
                            nonlocal z
                            z = heights
                        return slope if noise is None else slope + noise

                    new, *state = call_update(rule, theta, grad, t, state, settings)
                    z = _evaluate(function, theta.T) if z is None else z
                else:
                    spread = torch.zeros_like(theta) if noise is None else noise.expand_as(theta)
                    new, *state, _ = _step_mixed(rule, function, theta, t, state, settings, spread)
                    z = _evaluate(function, theta.T)
                theta = watch.look(t - 1, theta, z, new)
                if clock:
                    settings = clock.step(z)
                if watch.all_lost:
                    break
            z = _evaluate(function, theta.T)
            watch.look(t, theta, z, theta)
    finally:
        torch.set_num_threads(threads)
    return {"loss": z.numpy().copy(), "theta": theta.T.numpy().copy(), **watch.result()}


def _settings_of_chunk(runner: _Runner, cut: _Cut) -> dict[str, Any]:
    """The settings of a rule, as they would be without a schedule."""
    settings = {name: tuple(v) if isinstance(v, list) else v for name, v in runner.settings.items()}
    for name, values in cut.values.items():
        value = torch.tensor(values, dtype=torch.float64)
        if len(value) == 1:  # a number, as it would be alone
            settings[name] = value[0].item() if value.dim() == 1 else tuple(value[0].tolist())
        else:
            chosen = value[torch.from_numpy(np.ascontiguousarray(cut.picks[name]))]
            settings[name] = chosen if value.dim() == 1 else tuple(part.contiguous() for part in chosen.unbind(1))
    return settings


def _draw_noise(cut: _Cut) -> Callable[[], Tensor | None]:
    """Draws the noise of one step, the numbers of `descend`: of shape (dim, 1) for one seed, (dim, n) for several."""
    if not cut.noise:
        return lambda: None
    generators = [torch.Generator().manual_seed(seed) for seed in cut.seeds]
    dim, pick = cut.points.shape[1], torch.from_numpy(cut.seed)

    def draw() -> Tensor:
        draws = [cut.noise * torch.randn(dim, generator=g, dtype=torch.float64) for g in generators]
        drawn = torch.stack(draws, dim=1)
        return drawn if len(draws) == 1 else drawn[:, pick]

    return draw


class _Watch:
    """What is remembered of descents while they run: their lowest loss, when they arrived, when they were lost."""

    def __init__(self, count: int, target: float | None) -> None:
        self.target = target
        self.best = torch.full((count,), math.inf, dtype=torch.float64)
        self.before = torch.zeros(count, dtype=torch.int32)  # how many steps went by before the target was reached
        self.lost_at = torch.full((count,), -1, dtype=torch.int32)
        self.any_lost = self.all_lost = False

    def look(self, t: int, theta: Tensor, loss: Tensor, new: Tensor) -> Tensor:
        """Note where step ``t`` stands; return ``new``, the next iterates, without those of lost descents."""
        if not self.any_lost:
            # One pass over each tensor, and NaN passes through: a comparison with it is false.
            extremes = [number.item() for values in (theta, loss) for number in torch.aminmax(values)]
            self.any_lost = not all(-DIVERGED <= number <= DIVERGED for number in extremes)
        # While all of them are numbers, the faster of the two does the same.
        smaller = torch.fmin if self.any_lost else torch.minimum
        smaller(self.best, loss, out=self.best)
        if self.target is not None:
            self.before += self.best > self.target
        if not self.any_lost:
            return new
        lost = _lost(theta.T, loss)
        self.lost_at[lost & (self.lost_at < 0)] = t
        lost = self.lost_at >= 0
        self.all_lost = bool(lost.all())
        return torch.where(lost, math.nan, new)

    def result(self) -> dict[str, np.ndarray]:
        best = torch.where(self.best == math.inf, math.nan, self.best)
        result = {"best_loss": best.numpy(), "diverged_at": self.lost_at.numpy()}
        if self.target is not None:
            result["arrived_at"] = torch.where(self.best <= self.target, self.before, -1).numpy()
        return result


def _run_each(runner: _Runner, cut: _Cut) -> dict[str, np.ndarray]:
    """A chunk of any other optimizer, whose descents differ in their starts alone: `descend` steps each of them."""
    settings = {**runner.settings, **{name: cut.values[name][pick[0]] for name, pick in cut.picks.items()}}
    run = descend(
        runner.make,
        cut.function,
        cut.points,
        cut.steps,
        noise=cut.noise,
        seed=cut.seeds[0],
        schedule=runner.schedule,
        **settings,
    )
    result = {"loss": run.loss[-1].copy(), "theta": run.theta[-1].copy(), "best_loss": np.fmin.reduce(run.loss)}
    result["diverged_at"] = run.diverged_at
    if cut.low is not None:
        result["arrived_at"] = run.arrived(cut.tol)
    return result


# The answer


def _label(
    study: _Study,
    runners: list[_Runner],
    found: dict[str, np.ndarray],
    start_dims: dict[str, int],
    start_coords: dict[str, Any],
) -> xr.Dataset:
    sizes = {"optimizer": len(runners), **{n: len(v) for n, v in study.axes.items()}, "seed": len(study.seeds)}
    sizes |= start_dims
    names = _axis_names(study.function, study.dim)
    variables = {}
    for name, values in found.items():
        rest = ("coordinate",) * (values.ndim - 2)
        variables[name] = ((*sizes, *rest), values.reshape(*sizes.values(), *values.shape[2:]))
    if study.low is not None:
        variables["minima"] = (("known", "coordinate"), np.array(study.minima))
    variables = {
        name: (dims, values, dict(zip(("long_name", "units"), _MEANINGS[name], strict=True)))
        for name, (dims, values) in variables.items()
    }
    label = lambda values: np.array([str(v) for v in values] if isinstance(values[0], tuple) else values)  # noqa: E731
    coords = {
        "optimizer": [runner.name for runner in runners],
        "color": ("optimizer", [runner.color for runner in runners]),
        **{name: label(values) for name, values in study.axes.items()},
        "seed": np.array(study.seeds, np.uint64 if max(study.seeds) >= 2**63 else np.int64),
        **start_coords,
        "coordinate": list(names),
    }
    return xr.Dataset(variables, coords, _facts(study, runners))


def _facts(study: _Study, runners: list[_Runner]) -> dict[str, Any]:
    """What was asked for, as the attributes of the dataset."""
    from . import __version__

    function = study.function
    facts = {
        "title": "Ends of gradient descents",
        "function": str(getattr(function, "name", getattr(function, "__name__", function))),
        "parameters": json.dumps(getattr(function, "parameters", {}), default=str),
        "box": json.dumps(getattr(function, "box", [])),
        "settings": json.dumps({runner.name: runner.described for runner in runners}, default=str),
        "schedules": json.dumps({runner.name: str(runner.schedule) for runner in runners if runner.schedule}),
        "steps": study.steps,
        "noise": study.noise,
        "tol": study.tol,
        "optguide": __version__,
        "torch": str(torch.__version__),
    }
    return facts if study.low is None else {**facts, "lowest": study.low}
