"""Properties of rules, measured in the same way for every one of them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import optimizers
from ..descent import descend
from ..foreign import call_of
from ..given import by_name, follows_rule, unwrap
from ..problems.problem import Problem
from ..progress import tqdm
from ..surfaces.surface import Surface
from ..table import Table, plain
from .result import Tabular

#: The learning rate, where an optimizer brings none of its own.
LR = 0.01
#: Paths are the same if they differ by less than this share of the way they lead. Of the listed rules none is nearer to
#: it than a tenth or tenfold.
SAME = 1e-4
#: A rule settles if its last iterates spread less than this, in learning rates and compared with its first ones. Of the
#: listed rules none is nearer to it than half or double.
SETTLED = 0.4
#: The path from here on a bowl that is ten times as curved along y as along x, so many steps.
START, STEPS = np.array([1.0, 0.7]), 50
#: Under noise: independent coordinates, steps, and how many iterates the spread is that of.
COORDINATES, LONG, WINDOW = 64, 1000, 100
COS, SIN = math.cos(math.pi / 6), math.sin(math.pi / 6)


@dataclass(frozen=True, eq=False)
class Traits(Tabular):
    """Measured properties; made by `traits`. Shows itself as a table: sentences for one rule, a row each for several.

    Every dictionary has an entry for each optimizer, by name. A difference is infinite if one of the descents diverged.

    Attributes
    ----------
    scaled, turned : dict of str to float
        How far the path moves where the loss is multiplied by 1000, and where the map is turned by 30 degrees (and the
        path turned back): the largest difference of a coordinate, as a share of the largest distance from the start.
    apart : dict of str to float
        The largest difference of a coordinate after that turn, in learning rates; as it is for a rule that finds its
        step size by itself.
    longest : dict of str to float
        The longest step of a coordinate on the path without either, in the same unit.
    memory : dict of str to float
        Numbers that are remembered for each parameter; what is remembered once, as a count of steps, does not count.
    gradients : dict of str to float
        Evaluations of loss and gradient for each step.
    spread : dict of str to float
        Standard deviation, in the same unit, of the last 100 of 1000 iterates at the bottom of a bowl, where every
        gradient has normal noise of size 1.
    shrinks : dict of str to float
        The same as a share of that of the first 100 iterates.
    unit : dict of str to float or None
        The learning rate; None for a rule that finds its step size by itself.
    """

    scaled: dict[str, float]
    turned: dict[str, float]
    apart: dict[str, float]
    longest: dict[str, float]
    memory: dict[str, float]
    gradients: dict[str, float]
    spread: dict[str, float]
    shrinks: dict[str, float]
    unit: dict[str, float | None]

    @property
    def same_scaled(self) -> dict[str, bool]:
        """Whether a thousand times the loss gives the same path: to 1e-4 of its extent."""
        return {name: difference < SAME for name, difference in self.scaled.items()}

    @property
    def same_turned(self) -> dict[str, bool]:
        """Whether a turned map gives the turned path: to 1e-4 of its extent."""
        return {name: difference < SAME for name, difference in self.turned.items()}

    @property
    def settles(self) -> dict[str, bool]:
        """Whether it comes to rest under noise at a constant learning rate.

        It does if the last 100 iterates spread over less than 0.4 learning rates, if it has one, and less than 0.4
        times as widely as the first 100.
        """
        least = {name: 0.0 if self.unit[name] is None else spread for name, spread in self.spread.items()}
        return {name: max(spread, self.shrinks[name]) < SETTLED for name, spread in least.items()}

    def table(self) -> Table:
        """Of one rule a table of questions and answers; of several one row for each."""
        if len(self.scaled) == 1:
            (name,) = self.scaled
            return Table(
                f"{plain(name)}, measured", ("question", "answer", "measured"), self._sentences(name), "traits"
            )
        columns = (
            "optimizer", "same path at 1000 times the loss", "same path on a turned map",
            "longest step, in learning rates", "numbers per parameter", "gradients per step", "settles under noise",
        )  # fmt: skip
        rows = [
            (
                plain(name),
                f"{_yes(self.same_scaled[name])} ({_number(self.scaled[name])})",
                f"{_yes(self.same_turned[name])} ({_number(self.turned[name])})",
                _number(self.longest[name]) + ("*" if self.unit[name] is None else ""),
                f"{self.memory[name]:g}",
                f"{self.gradients[name]:g}",
                f"{_yes(self.settles[name])} ({_number(self.spread[name])}{'*' if self.unit[name] is None else ''})",
            )
            for name in self.scaled
        ]
        note = " (*: not in learning rates, for it finds its step size by itself)" if None in self.unit.values() else ""
        return Table(f"What the rules do, measured{note}", columns, rows, "traits")

    def _sentences(self, name: str) -> list[tuple[str, str, str]]:
        rates, times = ("", "") if self.unit[name] is None else (" learning rates", " × the learning rate")
        spread = f"the last 100 of 1000 iterates spread over {_number(self.spread[name])}{rates}"
        return [
            (
                "The loss times 1000: the same path?",
                _yes(self.same_scaled[name]),
                _moved("moves by {} of its extent", self.scaled[name]),
            ),
            (
                "The map turned by 30 degrees: the same path?",
                _yes(self.same_turned[name]),
                _moved(f"moves by up to {{}}{rates}", self.apart[name]),
            ),
            (
                "How long is the longest step of a coordinate?",
                f"{_number(self.longest[name])}{times}",
                f"in {STEPS} steps on a bowl with curvatures 1 and 10",
            ),
            ("How many numbers are remembered for each parameter?", f"{self.memory[name]:g}", ""),
            ("How many gradients does a step take?", f"{self.gradients[name]:g}", ""),
            ("Does it settle under noise of size 1?", _yes(self.settles[name]), spread),
        ]


def traits(optimizer: Any = None) -> Traits:
    """Measure what an optimizer does: whether units and directions matter to it, its steps, memory, costs and rest.

    Every optimizer is run at the learning rate that is bound to it, ``og.Adam.at(lr=0.1)``, or else at 0.01, unless it
    finds its step size by itself: from
    (1, 0.7) down x²/2 + 5 y² for 50 steps; the same with a thousand times the loss; and with the map turned by 30
    degrees; then for 1000 steps at the bottom of a round bowl of 64 coordinates, where every gradient has noise.

    Parameters
    ----------
    optimizer : optimizer, list of optimizers, or mapping of str to optimizer, optional
        Classes or such with settings; ours, your own, or torch's. By default all of ours but those that step matrices.

    Returns
    -------
    Traits

    Raises
    ------
    TypeError, ValueError
        As `optguide.descend` does.
    """
    named = by_name(
        [getattr(optimizers, name) for name in optimizers.on_landscapes] if optimizer is None else optimizer
    )
    found = [_measure(one) for one in tqdm(named.values(), desc="traits", leave=False, disable=None, delay=1)]
    return Traits(*({name: row[i] for name, row in zip(named, found, strict=True)} for i in range(9)))


def _measure(optimizer: Any) -> tuple[Any, ...]:
    """The numbers of `Traits`, in its order."""
    make, settings = unwrap(optimizer, {})
    finds = follows_rule(make) and make.rule.rate is None
    if not finds and "lr" not in settings and "lr" in inspect.signature(make).parameters:
        settings = {**settings, "lr": LR}
    rate = None if finds else settings.get("lr")
    unit = 1.0 if rate is None else rate
    run = descend(make, _bowl, START, STEPS, **settings)
    path = run.theta
    scaled = descend(make, _steep, START, STEPS, **settings).theta
    turn = np.array([[COS, -SIN], [SIN, COS]])
    turned = descend(make, _oblique, turn @ START, STEPS, **settings).theta @ turn
    extent = max(float(np.abs(path - START).max()), 1e-6)  # of a rule that does not move, too
    apart = _difference(turned, path)
    noisy = descend(make, _Round(), None, LONG, noise=1.0, **settings).theta
    first, last = (float(part.std(axis=0).mean()) for part in (noisy[:WINDOW], noisy[-WINDOW:]))
    settings.pop("schedule", None)
    # A closure cannot count products with the Hessian, nor give them without a graph.
    curved = follows_rule(make) and make.rule.is_curved
    memory, gradients = _costs(make, settings, curved)
    return (
        _difference(scaled, path) / extent,
        apart / extent,
        apart / unit,
        _difference(path[1:], path[:-1]) / unit,
        memory,
        float(run.evaluations[-1]) / STEPS if curved else gradients,
        last / unit if math.isfinite(last) else math.inf,
        last / first if first > 0 and math.isfinite(last) else math.inf,
        rate,
    )


def _costs(make: Callable[..., Any], settings: dict[str, Any], curved: bool) -> tuple[float, float]:
    """Numbers remembered for each of several parameters, and looks at the gradient in each of a few steps."""
    point, steps, looks = torch.nn.Parameter(torch.linspace(1, 2, 8)), 3, 0
    optimizer = make([point], **settings)
    call = call_of(optimizer)

    def closure() -> Tensor:
        nonlocal looks
        looks += 1
        optimizer.zero_grad()
        with torch.enable_grad():
            loss = 0.5 * point.square().sum()
            if curved:
                (point.grad,) = torch.autograd.grad(loss, point, create_graph=True)
            else:
                loss.backward()
        return loss

    for _ in range(steps):
        before = looks
        point.grad = point.detach().clone()  # for those that never call the closure
        call(optimizer, closure)
        looks = max(looks, before + 1)
    states = [value for state in optimizer.state.values() for value in state.values()]
    return sum(tensor.numel() for tensor in _tensors(states) if tensor.numel() > 1) / point.numel(), looks / steps


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _tensors(value)


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    largest = float(np.abs(one - other).max())
    return largest if math.isfinite(largest) else math.inf


#: A bowl ten times as curved along y as along x; steeper; and turned. Their gradients are written out.
_bowl = Surface(lambda x, y: x**2 / 2 + 5 * y**2, box=((-1, 1), (-1, 1)), name="bowl")
_steep = Surface(lambda x, y: 1000 * _bowl(x, y), box=_bowl.box, name="steep")
_oblique = Surface(lambda x, y: _bowl(COS * x + SIN * y, COS * y - SIN * x), box=_bowl.box, name="oblique")


class _Round(Problem):
    """A round bowl of many coordinates, which writes out its gradient: a thousand steps of it are asked for."""

    def __init__(self) -> None:
        super().__init__(lambda point: 0.5 * point.square().sum(), (COORDINATES,), [np.zeros(COORDINATES)])

    def slope(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        return 0.5 * theta.square().sum(0), theta.clone()

    def hvp(self, theta: Tensor, vector: Tensor) -> Tensor:
        return vector.clone()


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _number(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) else "diverges"


def _moved(sentence: str, value: float) -> str:
    return sentence.format(_number(value)) if math.isfinite(value) else "diverges"
