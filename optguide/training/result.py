"""What a training found: labelled arrays, the learning rates that the protocol chooses, their table and their file."""

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
from ..sweep import netcdf
from ..table import Table, plain
from ..version import __version__
from .request import Request, Runner

#: What each array holds, and its unit.
MEANINGS = {
    "loss": ("loss on the batch of each step, before that step; NaN where the run had diverged", "1"),
    "held_out_loss": ("mean loss on held-out examples; NaN where the run had diverged", "1"),
    "accuracy": ("share of held-out examples whose class is told; NaN where the run had diverged", "1"),
    "diverged_at": (
        "first step after which a weight or the next loss was not finite or exceeded 1e10; -1 never",
        "step",
    ),
}
#: What is kept if it is asked for.
KEPT = {"theta": ("weights after the last step, where they are judged; NaN where the run had diverged", "1")}
RESERVED = {*MEANINGS, *KEPT, "weight", "optimizer", "color", "seed", "step", "check", "part", "default_lr"}


@dataclass(frozen=True, eq=False)
class Training:
    """What a call of `train` found: one labelled array for each question.

    Attributes
    ----------
    data : xarray.Dataset
        The dimensions are ``optimizer``, one for each hyperparameter that was given as a list, ``seed``, and as the
        array has it ``step``, ``check`` (the number of steps after which held-out examples were looked at) and ``part``
        (``"validation"``, ``"test"``). Each array says in ``attrs["long_name"]`` what it holds:

        - ``loss``: on the batch of each step, before that step
        - ``held_out_loss``: the mean over held-out examples, at each check
        - ``accuracy``: the share of them whose class is told, at each check; NaN where the targets are no classes
        - ``diverged_at``: first step after which a weight or the loss was not finite or exceeded 1e10; -1 never
        - ``theta``, if asked for: the weights after the last step, along ``weight`` as the network holds them

        The settings are in ``data.attrs``, with the way in which each optimizer was stepped.
    """

    data: xr.Dataset = field(repr=False)

    def __post_init__(self) -> None:
        check.kind("data", self.data, xr.Dataset, "an xarray.Dataset")
        lacks = [name for name in (*MEANINGS, "color") if name not in self.data.variables]
        if lacks:
            raise ValueError(f"data is not a training: it lacks {', '.join(lacks)}")

    @property
    def settings(self) -> list[str]:
        """The hyperparameters that were given as lists."""
        return [str(d) for d in self.data.diverged_at.dims if d not in ("optimizer", "seed")]

    @property
    def chosen(self) -> xr.Dataset:
        """The arrays at each optimizer's best setting, the values of which are coordinates.

        That is the one with the highest mean accuracy on the validation examples after the last step, or, where there
        is no accuracy, with the lowest mean loss. A setting with which a single run diverges is out. The test examples
        have no part in it.
        """
        score = self.data.accuracy if self.classifies else -self.data.held_out_loss
        score = score.isel(check=-1).sel(part="validation", drop=True)
        return self._at(score.mean("seed", skipna=False).fillna(-math.inf))

    @property
    def default(self) -> xr.Dataset:
        """The arrays at the learning rate of the axis that is nearest, by its logarithm, to each optimizer's default.

        Raises
        ------
        ValueError
            If the learning rate is not the only axis, or an optimizer has no default for it.
        """
        data = self.data
        if self.settings != ["lr"]:
            axes = ", ".join(self.settings) or "none"
            raise ValueError(f"only with lr for its one axis does a training know its defaults, got {axes}")
        unknown = [str(name) for name in data.optimizer.values if not data.default_lr.sel(optimizer=name) > 0]
        if unknown:
            raise ValueError(f"{', '.join(unknown)} must have a default lr, got none")
        return self._at(-abs(np.log(data.lr / data.default_lr)))

    @property
    def classifies(self) -> bool:
        """Whether there is an accuracy."""
        return bool(self.data.attrs["classifies"])

    def _at(self, score: xr.DataArray) -> xr.Dataset:
        """The arrays at the setting with the highest score."""
        axes = self.settings
        if not axes:
            return self.data
        picks = score.transpose("optimizer", *axes).values.reshape(self.data.sizes["optimizer"], -1).argmax(-1)
        places = np.unravel_index(picks, [self.data.sizes[axis] for axis in axes])
        return self.data.isel({axis: ("optimizer", place) for axis, place in zip(axes, places, strict=True)})

    def table(self) -> Table:
        """Every optimizer with its chosen setting, and, if the learning rate is the one axis, at its default.

        Returns
        -------
        Table
            Learning rate or other settings, and the accuracy on the test examples in percent, or the loss: median
            (lowest to highest) over the seeds.
        """
        kinds = {"at the chosen setting": self.chosen}
        if self.settings == ["lr"] and (self.data.default_lr > 0).all():
            kinds = {"at the default learning rate": self.default, "at the chosen one": self.chosen}
        elif not self.settings:
            kinds = {"as it is": self.data}
        rows = [
            (plain(str(name)), *(self._cell(data.sel(optimizer=name)) for data in kinds.values()))
            for name in self.data.optimizer.values
        ]
        what = "accuracy on test examples in percent" if self.classifies else "loss on test examples"
        seeds = self.data.sizes["seed"]
        spread = f"median (lowest to highest) of {seeds} seeds" if seeds > 1 else "one seed"
        attributes = self.data.attrs
        title = f"{plain(attributes['task'])}, {attributes['steps']} steps: {what}, {spread}"
        return Table(title, ("optimizer", *kinds), rows, "results")

    def _cell(self, data: xr.Dataset) -> str:
        values = self.judged(data).values
        settings = ", ".join(_written(data[axis].item()) for axis in self.settings)
        numbers = [f"{n:.1f}" if self.classifies else f"{n:.3g}" for n in np.quantile(values, (0.5, 0, 1))]
        if np.isnan(values).any():
            told = f"{np.isnan(values).sum()} of {values.size} diverged"
        else:
            told = f"{numbers[0]} ({numbers[1]} to {numbers[2]})" if values.size > 1 else numbers[0]
        return f"{settings}: {told}" if settings else told

    def judged(self, data: xr.Dataset | None = None) -> xr.DataArray:
        """What is reported of each run: accuracy on the test examples after the last step in percent, or the loss.

        Parameters
        ----------
        data : xarray.Dataset, optional
            `chosen`, `default`, or another part of ``data``; all of it by default.

        Returns
        -------
        xarray.DataArray
        """
        data = self.data if data is None else data
        values = 100 * data.accuracy if self.classifies else data.held_out_loss
        return values.isel(check=-1, drop=True).sel(part="test", drop=True)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Curves over the steps; as `optguide.plot_training`. Returns the Axes."""
        from .. import render

        return render.plot_training(self, ax, **options)

    def plot_rates(self, ax: Any = None) -> Any:
        """What is reported against the learning rate; as `optguide.plot_training_rates`. Returns the Axes."""
        from .. import render

        return render.plot_training_rates(self, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to a NetCDF file, as `Sweep.save` does.

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
    def load(cls, path: str | os.PathLike[str]) -> Training:
        """Read a training that `save` wrote.

        Parameters
        ----------
        path : path-like
            A ``.nc`` file.

        Returns
        -------
        Training

        Raises
        ------
        TypeError, ValueError
            If it is no path, ends otherwise, or is not a training that `save` wrote.
        FileNotFoundError, PermissionError
            If there is no such file, or it cannot be read.
        """
        path = check_name(path, [".nc"])
        try:
            return cls(netcdf.read(path))
        except ValueError as error:
            raise ValueError(f"{str(path)!r} is not a training: {error}") from None

    def _repr_markdown_(self) -> str:
        return self.table()._repr_markdown_()

    def __repr__(self) -> str:
        sizes = dict(self.data.diverged_at.sizes)
        shape = " x ".join(f"{size} {name}" for name, size in sizes.items())
        return f"<training of {math.prod(sizes.values()):,} runs on {self.data.attrs['task']}: {shape}>"


def _written(value: Any) -> str:
    return plain(value) if isinstance(value, str) else f"{float(f'{value:.2g}'):g}"


def label(request: Request, runners: list[Runner], found: dict[str, np.ndarray]) -> Training:
    """The arrays with their labels."""
    sizes = {"optimizer": len(runners), **{n: len(v) for n, v in request.axes.items()}, "seed": len(request.seeds)}
    further = {"loss": ["step"], "held_out_loss": ["check", "part"], "accuracy": ["check", "part"], "diverged_at": []}
    further["theta"] = ["weight"]
    variables = {}
    for name, values in found.items():
        facts = dict(zip(("long_name", "units"), {**MEANINGS, **KEPT}[name], strict=True))
        variables[name] = ([*sizes, *further[name]], values.reshape(*sizes.values(), *values.shape[2:]), facts)
    tick = lambda values: np.array([str(v) for v in values] if isinstance(values[0], tuple) else values)  # noqa: E731
    coords = {
        "optimizer": [runner.name for runner in runners],
        "color": ("optimizer", [runner.color for runner in runners]),
        "default_lr": ("optimizer", [runner.default_lr for runner in runners]),
        **{name: tick(values) for name, values in request.axes.items()},
        "seed": np.array(request.seeds, np.uint64 if max(request.seeds) >= 2**63 else np.int64),
        "step": np.arange(request.steps),
        "check": request.checks,
        "part": list(request.task.sizes),
    }
    task = request.task
    facts = {
        "title": "Networks trained by gradient descent",
        "task": task.name,
        "classifies": int(task.classifies),
        "examples": json.dumps({"training": task.train, **task.sizes}),
        "weights": request.draws[0].problem.size,
        "steps": request.steps,
        "batch": request.rows.shape[-1],
        "dtype": str(request.dtype).removeprefix("torch."),
        "settings": json.dumps({runner.name: runner.described for runner in runners}, default=str),
        "schedules": json.dumps({runner.name: str(runner.schedule) for runner in runners if runner.schedule}),
        "way": json.dumps({r.name: f"run by run: {r.alone}" if r.alone else "all runs at once" for r in runners}),
        "optguide": __version__,
        "torch": str(torch.__version__),
    }
    return Training(xr.Dataset(variables, coords, facts))
