"""What a sweep found: labelled arrays, their table and their file."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import xarray as xr

from .. import check
from ..files import check_name, check_path, whole
from ..table import Table, plain, title_of
from ..version import __version__
from . import netcdf
from .request import MEANINGS, Request, Runner


@dataclass(frozen=True)
class Best:
    """An optimizer's best setting and its results; see `Sweep.best`."""

    share: float
    steps: float
    settings: dict[str, Any]


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

        ``arrived_at``, ``minimum`` and ``minima`` are present if the minima of the function are known. The settings
        are in ``data.attrs``, with the engine that ran each optimizer.
    """

    data: xr.Dataset = field(repr=False)

    def __post_init__(self) -> None:
        check.kind("data", self.data, xr.Dataset, "an xarray.Dataset")
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
            since, or it declares more than it holds.
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

    def best(self) -> dict[str, Best]:
        """Every optimizer's best setting, by name, and how many of its descents succeed there: `table` in numbers.

        Returns
        -------
        dict of str to Best
            Each with the ``share`` of descents that come within ``tol`` of the lowest known height, the median of the
            ``steps`` until then (infinite if fewer than half do; NaN where no minimum is known), and the ``settings``:
            the value of every hyperparameter that was given as a list, NaN for a learning rate that a rule has not.
        """
        data, axes, free = self.data, self._axes(), self.free
        known, seen = "arrived_at" in data, float(data.best_loss.min())
        # The number by which descents are ranked, infinite for those that do not succeed.
        rank = data.arrived_at.where(data.arrived_at >= 0, np.inf) if known else data.best_loss.fillna(np.inf)
        rank = rank.transpose("optimizer", *axes, ...).values
        rank = rank.reshape(len(data.optimizer), math.prod(data.sizes[axis] for axis in axes), -1)
        share = (np.isfinite(rank) if known else rank <= seen + data.attrs["tol"]).mean(-1)
        median = np.sort(rank)[..., (rank.shape[-1] - 1) // 2]
        found = {}
        for number, name in enumerate(data.optimizer.values):
            pick = np.lexsort((median[number], -share[number]))[0]
            picks = np.unravel_index(pick, [data.sizes[axis] for axis in axes]) if axes else ()
            settings = {axis: data[axis].values[i] for axis, i in zip(axes, picks, strict=True)}
            if name in free:
                settings["lr"] = math.nan
            steps = float(median[number, pick]) if known else math.nan
            found[str(name)] = Best(float(share[number, pick]), steps, settings)
        return found

    @property
    def free(self) -> tuple[str, ...]:
        """The optimizers that have no learning rate, beside others that have: their results are the same at each."""
        return tuple(json.loads(self.data.attrs.get("free", "[]")))

    def _axes(self) -> list[Any]:
        """The hyperparameters that were given as lists."""
        return [d for d in self.data.loss.dims if d not in ("optimizer", "seed") and not str(d).startswith("start")]

    def table(self) -> Table:
        """Every optimizer at its best setting: the one with which most descents succeed, or the fastest of several.

        A descent succeeds when it comes within ``tol`` of the lowest known height. The steps are the median
        number until then; a descent that never succeeds counts as infinitely slow.

        Where no minimum is known, a descent counts that comes within ``tol`` of the lowest height that any descent of
        this sweep reached, and the title says so. The step at which it did is not known, so there is no column of
        steps; of settings with equal shares, the one with the lower median of lowest heights is named.

        Returns
        -------
        Table
            A row for each optimizer: the share of its descents that succeed, the steps, and its best value of every
            hyperparameter that was given as a list, or a dash if none succeeds with any value.
        """
        data = self.data
        tol, known, seen = data.attrs["tol"], "arrived_at" in data, float(data.best_loss.min())
        axes, rows = self._axes(), []
        for name, at in self.best().items():
            values = [at.settings[axis] for axis in axes]
            cells = [plain(v) if isinstance(v, str) else f"{float(f'{v:.2g}'):g}" for v in values]
            cells = ["–" if cell == "nan" else cell for cell in cells]
            cells = cells if at.share else ["–"] * len(cells)
            soon = f"{at.steps:.0f}" if np.isfinite(at.steps) else "never"
            rows.append((plain(name), f"{at.share:.0%}", *([soon] if known else []), *cells))
        words = {"lr": "learning rate"}
        counted = ("succeed", "median steps") if known else ("come near",)
        columns = ("optimizer", *counted, *(words.get(axis, plain(axis)) for axis in axes))
        goal = "the lowest height"
        if not known:
            goal = f"the best seen, {seen:.6g}," if math.isfinite(seen) else "the best seen, none,"
        elif seen < data.attrs.get("lowest", seen) - tol:
            goal = "the lowest known height, below which some descents went,"
        name = plain(data.attrs.get("function_title", data.attrs["function"]))
        title = f"{name}: within {tol:g} of {goal} in {data.attrs['steps']} steps"
        return Table(title, columns, rows, "results")

    def plot_rates(self, ax: Any = None) -> Any:
        """The loss against the learning rate; as `optguide.plot_rates`. Returns the Axes."""
        from .. import render

        return render.plot_rates(self, ax)

    def plot_basins(self, optimizer: str | None = None, ax: Any = None) -> Any:
        """Which minimum each start leads to; as `optguide.plot_basins`. Returns the Axes."""
        from .. import render

        return render.plot_basins(self, optimizer, ax)

    def plot_share(self, ax: Any = None) -> Any:
        """The share of descents that have succeeded after each step; as `optguide.plot_share`. Returns the Axes."""
        from .. import render

        return render.plot_share(self, ax)

    def plot_plane(self, x: str, y: str, ax: Any = None) -> Any:
        """The loss over two hyperparameters; as `optguide.plot_plane`. Returns the Axes."""
        from .. import render

        return render.plot_plane(self, x, y, ax)

    def _repr_markdown_(self) -> str:
        return self.table()._repr_markdown_()

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
        return "it does not name its function"
    for name, what in (("steps", "how many steps"), ("tol", "within which tol")):
        value = data.attrs.get(name)
        if not isinstance(value, (int, float, np.number)) or np.ndim(value):
            return f"it does not say {what}"
    return None


def label(request: Request, runners: list[Runner], found: dict[str, np.ndarray], names: tuple[str, ...]) -> Sweep:
    """The arrays with their labels."""
    sizes = {"optimizer": len(runners), **{n: len(v) for n, v in request.axes.items()}, "seed": len(request.seeds)}
    sizes |= request.start_dims
    variables = {}
    for name, values in found.items():
        rest = ("coordinate",) * (values.ndim - 2)
        variables[name] = ((*sizes, *rest), values.reshape(*sizes.values(), *values.shape[2:]))
    if request.low is not None:
        variables["minima"] = (("known", "coordinate"), request.minima)
    variables = {
        name: (dims, values, dict(zip(("long_name", "units"), MEANINGS[name], strict=True)))
        for name, (dims, values) in variables.items()
    }
    tick = lambda values: np.array([str(v) for v in values] if isinstance(values[0], tuple) else values)  # noqa: E731
    coords = {
        "optimizer": [runner.name for runner in runners],
        "color": ("optimizer", [runner.color for runner in runners]),
        **{name: tick(values) for name, values in request.axes.items()},
        "seed": np.array(request.seeds, np.uint64 if max(request.seeds) >= 2**63 else np.int64),
        **request.start_coords,
        "coordinate": list(names),
    }
    return Sweep(xr.Dataset(variables, coords, _facts(request, runners)))


def joined(rated: Sweep, free: Sweep, names: list[str]) -> Sweep:
    """Two sweeps as one, with its optimizers in this order: those of ``free`` are the same at every learning rate."""
    data, once = rated.data, free.data.drop_vars("minima", errors="ignore")
    repeated = once.expand_dims(lr=data.lr).transpose(*data.theta.dims)
    both = xr.concat(
        [data.drop_vars("minima", errors="ignore"), repeated],
        "optimizer",
        data_vars="all",
        coords="minimal",
        compat="override",
        join="override",
    )
    if "minima" in data:
        both["minima"] = data.minima
    both.attrs = dict(data.attrs)
    for fact in ("settings", "schedules", "engine"):
        both.attrs[fact] = json.dumps(json.loads(data.attrs[fact]) | json.loads(once.attrs[fact]))
    both.attrs["free"] = json.dumps(list(map(str, once.optimizer.values)))
    return Sweep(both.sel(optimizer=names))


def _facts(request: Request, runners: list[Runner]) -> dict[str, Any]:
    """What was asked for, as the attributes of the dataset."""
    function = request.function
    facts = {
        "title": "Ends of gradient descents",
        "function": str(getattr(function, "name", getattr(function, "__name__", function))),
        "function_title": title_of(function),
        "parameters": json.dumps(getattr(function, "parameters", {}), default=str),
        "box": json.dumps(getattr(function, "box", [])),
        "settings": json.dumps({runner.name: runner.described for runner in runners}, default=str),
        "schedules": json.dumps({runner.name: str(runner.schedule) for runner in runners if runner.schedule}),
        "steps": request.steps,
        "noise": request.noise,
        "tol": request.tol,
        "engine": json.dumps({runner.name: runner.engine for runner in runners}),
        "optguide": __version__,
        "torch": str(torch.__version__),
    }
    known = {"tails": request.tails, "lowest": request.low}
    return {**facts, **{name: value for name, value in known.items() if value is not None}}
