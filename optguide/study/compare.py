"""Where two optimizers part: the test by which a rule is held against another implementation of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from .. import check
from ..descent import Descent, descend
from ..given import landscape, name_of, read_start
from ..progress import tqdm
from ..table import Table, plain

#: Where two are compared unless told otherwise: a curved valley, four minima, and many.
PROBLEMS = ("rosenbrock", "himmelblau", "rastrigin")


@dataclass(frozen=True, eq=False)
class Parting:
    """Two descents on one problem from one start, and how far apart they are.

    A difference is that of the coordinate that differs most, as a share of the largest coordinate on the path so far.

    Attributes
    ----------
    first, second : Descent
        The two descents.
    difference : ndarray, shape (steps + 1,)
        How far apart they are after each step; infinite where only one of them has diverged.
    nudged : ndarray, shape (steps + 1,)
        How far the first one is from itself, begun a hair beside the start.
    rtol : float
        Differences above this count.
    """

    first: Descent = field(repr=False)
    second: Descent = field(repr=False)
    difference: np.ndarray = field(repr=False)
    nudged: np.ndarray = field(repr=False)
    rtol: float

    @property
    def parted_at(self) -> int | None:
        """The first step at which they differ; None if they never do."""
        return _first_above(self.difference, self.rtol)

    @property
    def nudged_at(self) -> int | None:
        """The first step at which the first one differs from itself, begun a hair away; None if it never does."""
        return _first_above(self.nudged, self.rtol)

    @property
    def by(self) -> float:
        """How far apart they are at the step where they part; 0 if they never do."""
        return 0.0 if self.parted_at is None else float(self.difference[self.parted_at])

    @property
    def end(self) -> float:
        """How far apart they are after the last step."""
        return float(self.difference[-1])

    @property
    def growth(self) -> float:
        """How many times as large as at the start the difference that the nudge makes becomes."""
        return float(self.nudged.max() / self.nudged[0])

    @property
    def chaotic(self) -> bool:
        """Whether the nudge makes a difference no later than they part: then rounding may be all that parts them."""
        return self.nudged_at is not None and (self.parted_at is None or self.nudged_at <= self.parted_at)

    @property
    def same(self) -> bool:
        """Whether nothing tells them apart: they never part, or not before the nudge parts the first from itself."""
        return self.parted_at is None or self.chaotic

    @property
    def verdict(self) -> str:
        """What that means, in a few words."""
        if self.parted_at is None:
            gone = self.first.diverged_at
            return "the same" if gone is None else f"the same until both diverge at step {gone}"
        return "not told apart: the nudge parts sooner" if self.chaotic else "not the same"

    def __repr__(self) -> str:
        at = "never part" if self.parted_at is None else f"part at step {self.parted_at} by {self.by:.2g}"
        name = getattr(self.first.function, "name", "the function")
        return f"<on {name} they {at}, {self.end:.2g} apart at the end: {self.verdict}>"


class Comparison(Mapping[str, Parting]):
    """Two optimizers on the same problems. Made by `compare`; a mapping from the problems' names to `Parting`."""

    def __init__(self, names: tuple[str, str], on: Mapping[str, Parting], nudge: float) -> None:
        #: What the two are called.
        self.names = names
        #: By what share of its size each start was moved to see how far that carries.
        self.nudge = nudge
        self._on = dict(on)

    def __getitem__(self, name: str) -> Parting:
        return self._on[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._on)

    def __len__(self) -> int:
        return len(self._on)

    @property
    def same(self) -> bool:
        """Whether nothing tells the two apart on any problem."""
        return all(parting.same for parting in self.values())

    @property
    def settings(self) -> dict[str, tuple[Any, Any]]:
        """The hyperparameters that both have but with different values."""
        one, other = (getattr(next(iter(self.values())), which).settings for which in ("first", "second"))
        return {n: (one[n], other[n]) for n in one if n in other and _plain(one[n]) != _plain(other[n])}

    @property
    def table(self) -> Table:
        """A row for each problem: where they part, by how much, and what a nudge of the start comes to."""
        title = f"{plain(self.names[0])} and {plain(self.names[1])}"
        if self.settings:
            title += ", set differently: " + "; ".join(
                f"{plain(name)} {plain(a)} and {plain(b)}" for name, (a, b) in self.settings.items()
            )
        rows = [
            (
                plain(name),
                "never" if parting.parted_at is None else f"step {parting.parted_at}",
                "" if parting.parted_at is None else f"{parting.by:.2g}",
                f"{parting.end:.2g}",
                f"{parting.growth:.2g} times",
                parting.verdict,
            )
            for name, parting in self.items()
        ]
        nudge = f"a nudge of {self.nudge:g} grows"
        return Table(title, ("on", "they part at", "by", "at the end", nudge, "they are"), rows, "results")

    def __repr__(self) -> str:
        return str(self.table)

    def _repr_markdown_(self) -> str:
        return self.table._repr_markdown_()


def compare(
    first: Any,
    second: Any,
    functions: Any = PROBLEMS,
    start: Any = None,
    steps: int = 200,
    *,
    rtol: float = 1e-9,
    nudge: float = 1e-13,
    **options: Any,
) -> Comparison:
    """Say at which step two optimizers part, by how much, and whether that means anything.

    Two implementations of one rule do not round alike, and some descents amplify the last digit until it is all
    there is to see. So the first optimizer also runs from a start that is moved by ``nudge``. Where that alone
    makes a difference by the time the two part, rounding is explanation enough; where it does not, the rules differ.

    Parameters
    ----------
    first, second : optimizer
        Classes, `functools.partial` of them, or names: ours, torch's, your own.
    functions : function, or list of functions
        Surfaces, problems, their names, or functions of coordinates; three surfaces by default.
    start : array_like, shape (dim,), optional
        Where both begin; the function's own start by default.
    steps : int
        Number of steps.
    rtol : float
        The two part at the first step that leaves them further apart than this share of the largest coordinate.
    nudge : float
        How far the start is moved, as a share of its largest coordinate.
    **options
        ``noise``, ``seed`` and ``schedule`` as in `descend`, and hyperparameters that both get.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError, ValueError
        As `descend` does; if ``functions`` is empty or names one twice, or ``rtol`` or ``nudge`` is not positive.

    Examples
    --------
    >>> import torch, optguide as og
    >>> og.compare(og.Adam, torch.optim.Adam, lr=0.1).same
    True
    """
    rtol = check.number("rtol", rtol, low=0, open_low=True)
    nudge = check.number("nudge", nudge, low=0, open_low=True)
    listed = list(functions) if isinstance(functions, (list, tuple)) else [functions]
    if not listed:
        raise ValueError("functions must not be empty")
    listed = [landscape(function) for function in listed]
    names = [str(getattr(f, "name", getattr(f, "__name__", type(f).__name__))) for f in listed]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"functions must have a name each, got two called {name!r}")
    on = {}
    pairs = zip(names, listed, strict=True)
    for name, function in tqdm(pairs, "compare", len(names), leave=False, disable=None, delay=1):
        _, theta = read_start("start", start, function)
        if theta.dim() > len(getattr(function, "shape", (0,))):
            raise ValueError(f"start must be a single point, got shape {np.shape(start)}")
        begin = theta.numpy()
        beside = begin + nudge * max(np.abs(begin).max(), np.finfo(float).tiny if begin.any() else 1.0)
        one, other, moved = (
            descend(optimizer, function, at, steps, **options)
            for optimizer, at in ((first, begin), (second, begin), (first, beside))
        )
        if one.loss.ndim > 1 or other.loss.ndim > 1:
            raise ValueError("two descents are compared, got a batch: every hyperparameter must be a single value")
        on[name] = Parting(one, other, _apart(one.theta, other.theta), _apart(one.theta, moved.theta), rtol)
    return Comparison(_names(first, second), on, nudge)


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far apart two paths are after each step, as a share of the largest coordinate so far."""
    one, other = one.reshape(len(one), -1), other.reshape(len(other), -1)
    gone = np.isnan(one).any(1), np.isnan(other).any(1)
    size = np.maximum.accumulate(np.nan_to_num(np.maximum(np.abs(one), np.abs(other))).max(1))
    apart = np.abs(np.nan_to_num(one) - np.nan_to_num(other)).max(1)
    share = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0)
    return np.where(gone[0] & gone[1], 0.0, np.where(gone[0] | gone[1], np.inf, share))


def _first_above(values: np.ndarray, limit: float) -> int | None:
    above = np.flatnonzero(values > limit)
    return int(above[0]) if len(above) else None


def _plain(value: Any) -> Any:
    """A setting as something that can be compared: torch keeps some as tensors, some as lists."""
    if isinstance(value, torch.Tensor):
        value = value.tolist()
    return tuple(value) if isinstance(value, list) else value


def _names(first: Any, second: Any) -> tuple[str, str]:
    """What the two are called; those of one name by where they come from."""
    one, other = name_of(first), name_of(second)
    if one != other:
        return one, other
    homes = [_home(optimizer) for optimizer in (first, second)]
    if homes[0] == homes[1]:
        return f"the first {one}", f"the second {one}"
    return f"{homes[0]}.{one}", f"{homes[1]}.{one}"


def _home(optimizer: Any) -> str:
    while hasattr(optimizer, "func"):
        optimizer = optimizer.func
    if isinstance(optimizer, str):
        return "torch" if optimizer.lower().startswith("torch.") else "optguide"
    return optimizer.__module__.partition(".")[0]
