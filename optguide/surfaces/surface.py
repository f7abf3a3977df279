"""The Surface type: a pure function with a box, starts, minima, parameters and a frame."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch

from .. import check
from ..language import written_slope
from ..problems.problem import Problem, checked_heights, slope_by_autograd
from ..table import in_words
from .minima import settled_minima
from .values import found, same

Point = tuple[float, ...]


@dataclass(frozen=True)
class Surface(Problem):
    """A function of one or two coordinates to descend on, with what a picture of it needs to know.

    Calling the surface evaluates it: ``rosenbrock(x, y)`` takes numbers, NumPy arrays or torch tensors that
    broadcast, and returns the same kind. Tensors keep their dtype and can be differentiated.

    A surface is a value: one with the same facts is equal. It can be pickled wherever its formula can be imported.

    Parameters
    ----------
    function : callable
        The formula: pure torch math on positional coordinates, with keyword-only parameters.
    box : tuple of (low, high) pairs
        The part of the domain that is shown, one pair for each coordinate.
    starts : tuple of points
        Where descents begin unless told otherwise; the first is the default.
    minima : tuple of points, callable, or "find"
        The global minima. A callable takes the parameters as keywords and returns the points; with ``"find"`` they are
        looked for in the box when they are first needed.
    parameters : dict
        Values of the keyword-only parameters; missing ones are the defaults of ``function``.
    scale, shift : tuples of float
        The frame: the formula is evaluated at ``u = scale * x + shift``, coordinate by coordinate.
    height : (lo, hi), optional
        Maps heights from [lo, hi] to [1e-5, 1].
    shading : {"linear", "log", "sqrt"}
        How a picture spreads its colours over the heights.
    levels : sequence of float
        Heights at which a map draws contour lines, ascending; left to the picture by default.
    name : str
        Defaults to the function's name.
    title : str
        What a reader is told, ``"Himmelblau's function"``; the name in words by default.

    Raises
    ------
    ValueError
        If box, starts, minima or frame do not match the number of coordinates, or the box is empty.
    TypeError
        If one of them does not hold numbers, or a parameter is unknown.
    """

    #: The share of the unit range that a height map keeps free below, so that a log scale works.
    HEIGHT_FLOOR: ClassVar[float] = 1e-5

    function: Callable[..., torch.Tensor]
    box: tuple[tuple[float, float], ...]
    starts: tuple[Point, ...] = ()
    minima: tuple[Point, ...] | Callable[..., Sequence[Point]] | str = ()
    parameters: dict[str, float] = field(default_factory=dict)
    scale: tuple[float, ...] = ()
    shift: tuple[float, ...] = ()
    height: tuple[float, float] | None = None
    shading: str = "linear"
    levels: tuple[float, ...] = ()
    name: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        try:
            signature = inspect.signature(self.function)
        except (TypeError, ValueError):
            raise TypeError(f"function must be a Python function of coordinates, got {self.function!r}") from None
        kinds = {p.kind for p in signature.parameters.values()}
        if not 1 <= len(self.axes) <= 2 or kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
            raise TypeError(f"function must take one or two named coordinates, got {self.function!r}{signature}")
        check.kind("parameters", self.parameters, dict, "a dict from names to numbers")
        for what in ("name", "title", "shading"):
            check.text(what, getattr(self, what))
        defaults = {n: p.default for n, p in signature.parameters.items() if p.kind is p.KEYWORD_ONLY}
        for name in self.parameters:
            if name not in defaults:
                takes = ", ".join(defaults) or "no parameters"
                raise TypeError(f"{self.function.__name__} has no parameter {name!r}; it takes {takes}")
        settle = lambda attribute, value: object.__setattr__(self, attribute, value)  # noqa: E731  (frozen)
        settle("parameters", {**defaults, **self.parameters})
        settle("name", self.name or self.function.__name__)
        settle("title", self.title or in_words(self.name))
        scale, shift, height = _read_frame(self.dim, self.scale, self.shift, self.height)
        settle("scale", scale)
        settle("shift", shift)
        settle("height", height)
        settle("box", tuple(map(tuple, check.box(self.box, self.dim).tolist())))
        settle("levels", check.numbers("levels", self.levels))
        settle("starts", check.tuples("starts", self.starts))
        if isinstance(self.minima, str) and self.minima != "find":
            raise ValueError(f"minima must be points, a function of the parameters, or 'find', got {self.minima!r}")
        if not callable(self.minima) and self.minima != "find":
            settle("minima", check.tuples("minima", self.minima))
        settle("__doc__", self.function.__doc__)
        for what, points in (("starts", self.starts), ("minima", self.claimed_minima())):
            for point in points:
                if len(point) != self.dim:
                    raise ValueError(f"{what} of {self.name} must have {self.dim} coordinates, got {point}")
        if self.shading not in ("linear", "log", "sqrt"):
            raise ValueError(f"shading must be 'linear', 'log' or 'sqrt', got {self.shading!r}")
        if any(low >= high for low, high in itertools.pairwise(self.levels)):
            raise ValueError(f"levels of {self.name} must be ascending, got {self.levels}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Surface):
            return NotImplemented
        return all(same(getattr(self, f.name), getattr(other, f.name)) for f in dataclasses.fields(Surface))

    def __hash__(self) -> int:
        return hash((self.name, self.box))  # the parameters have none; what is left out here is compared all the same

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle holds. A decorated formula is found at its surface, no longer under its own name."""
        home = getattr(self.function, "__qualname__", "").removesuffix(".function")
        surface = found(self.function, home)
        for what in ("function", "minima") if isinstance(surface, Surface) else ():
            part = getattr(self, what)
            if inspect.isfunction(part) and part is getattr(surface, what) and found(part, part.__qualname__) != part:
                part.__qualname__ = f"{home}.{what}"
        return self.__dict__

    @functools.cached_property
    def axes(self) -> tuple[str, ...]:
        """Names of the coordinates, as the formula calls them."""
        parameters = inspect.signature(self.function).parameters.values()
        return tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)

    @property
    def dim(self) -> int:
        """Number of coordinates: 1 for a curve, 2 for a surface."""
        return len(self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a point: ``(dim,)``."""
        return (self.dim,)

    @property
    def start(self) -> Point:
        """The default start."""
        if not self.starts:
            raise ValueError(f"{self.name} has no default start; name one: start=({', '.join(self.axes)})")
        return self.starts[0]

    def known_minima(self) -> tuple[Point, ...]:
        """The global minima at the present parameters, in the present frame.

        Once for each surface those that were given are looked at, or those that were not are found.

        Raises
        ------
        ValueError
            If one of them is not a lowest point: another one, a point beside it, or one that is reached from a grid
            over the box lies lower by more than 1e-6, or than a millionth of the heights where these are small. If they
            are to be found, and there is none, or a line of them.
        """
        return settled_minima(self)

    def claimed_minima(self) -> tuple[Point, ...]:
        """The minima as they were given, in the present frame."""
        if isinstance(self.minima, str):  # "find"
            return ()
        if not callable(self.minima):
            return self.minima
        points = self.minima(**self.parameters)
        return tuple(
            tuple((float(u) - b) / a for u, a, b in zip(point, self.scale, self.shift, strict=True)) for point in points
        )

    def sample(self, count: int, seed: int = 0) -> np.ndarray:
        """Starts spread over the box uniformly at random, the same ones for the same seed: shape (count, dim).

        Raises
        ------
        TypeError, ValueError
            If ``count`` is not a whole number >= 1.
        """
        low, high = np.array(self.box).T
        return np.random.default_rng(seed).uniform(low, high, (check.count("count", count), self.dim))

    def grid(self, count: int) -> np.ndarray:
        """Starts on a grid over the box, ``count`` along every axis: shape (count, count, 2), or (count, 1) on a curve.

        Raises
        ------
        TypeError, ValueError
            If ``count`` is not a whole number >= 2.
        """
        edges = [np.linspace(low, high, check.count("count", count, 2)) for low, high in self.box]
        return np.stack(np.meshgrid(*edges), axis=-1)

    def __call__(self, *coordinates: Any) -> Any:
        if len(coordinates) != self.dim:
            raise TypeError(
                f"{self.name} takes {self.dim} coordinates ({', '.join(self.axes)}), got {len(coordinates)}"
            )
        if any(torch.overrides.is_tensor_like(c) for c in coordinates):
            return self.evaluate(*coordinates)
        tensors = [torch.as_tensor(c, dtype=torch.float64) for c in coordinates]
        result = self.evaluate(*tensors).numpy()
        return result if result.ndim else float(result)

    def evaluate(self, *coordinates: Any, **parameters: Any) -> torch.Tensor:
        """Heights at coordinates that are tensors, or terms of a trace; with other parameters, if any are given."""
        if any(a != 1 or b != 0 for a, b in zip(self.scale, self.shift, strict=True)):
            coordinates = tuple(a * x + b for x, a, b in zip(coordinates, self.scale, self.shift, strict=True))
        z = self.function(*coordinates, **self.parameters | parameters)
        return z if self.height is None else self._map_height(z, *self.height)

    def heights(self, theta: torch.Tensor) -> torch.Tensor:
        """Heights at points of shape ``(dim, ...)``."""
        return checked_heights(self.evaluate, theta)

    def slope(self, theta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Heights and gradients at points of shape ``(dim, ...)``. Call under `torch.no_grad()`."""
        written = written_slope(self, self.dim)
        if written is None:
            return slope_by_autograd(self.heights, theta)
        z, *g = written(*theta.unbind(0))
        return z, torch.stack(g)

    def alone(self, theta: torch.Tensor) -> torch.Tensor:
        """Gradient at one point, inside `torch.func.vmap`."""
        return self.slope(theta)[1] if written_slope(self, self.dim) else super().alone(theta)

    def _map_height(self, z: Any, lo: float, hi: float) -> Any:
        return (z - lo) / (hi - lo) * (1 - self.HEIGHT_FLOOR) + self.HEIGHT_FLOOR

    def replace(self, **parameters: float) -> Surface:
        """The same surface with other values of its parameters: ``rosenbrock.replace(b=10)``."""
        return dataclasses.replace(self, parameters={**self.parameters, **parameters})

    def framed(
        self,
        name: str,
        *,
        scale: Sequence[float] | None = None,
        shift: Sequence[float] | None = None,
        height: tuple[float, float] | None = None,
        starts: Sequence[Point] | None = None,
        shading: str | None = None,
        title: str = "",
    ) -> Surface:
        """The same surface seen in another frame.

        A point ``x`` of the new frame is the point ``scale * x + shift`` of the old one; box, starts and
        minima move along. ``height=(lo, hi)`` maps the heights from [lo, hi] to [1e-5, 1].
        """
        scale, shift, height = _read_frame(self.dim, scale, shift, height)
        if self.height is not None and height is not None:
            raise ValueError(f"{self.name} has its heights mapped already, to {self.height}")
        move = lambda point: tuple((u - b) / a for u, a, b in zip(point, scale, shift, strict=True))  # noqa: E731
        return dataclasses.replace(
            self,
            name=name,
            title=title,
            box=tuple(
                tuple(sorted(((low - b) / a, (high - b) / a)))
                for (low, high), a, b in zip(self.box, scale, shift, strict=True)
            ),
            starts=tuple(map(move, self.starts)) if starts is None else tuple(starts),
            minima=self.minima if callable(self.minima) or self.minima == "find" else tuple(map(move, self.minima)),
            scale=tuple(a0 * a for a0, a in zip(self.scale, scale, strict=True)),
            shift=tuple(a0 * b + b0 for a0, b0, b in zip(self.scale, self.shift, shift, strict=True)),
            height=self.height if height is None else height,
            shading=shading or self.shading,
            levels=self.levels if height is None else tuple(self._map_height(z, *height) for z in self.levels),
        )

    def __repr__(self) -> str:
        settings = "".join(f", {name}={value:g}" for name, value in self.parameters.items())
        return f"<surface {self.name}({', '.join(self.axes)}{settings})>"


def _read_frame(dim: int, scale: Any, shift: Any, height: Any) -> tuple[Point, Point, tuple[float, float] | None]:
    """By what each coordinate is multiplied, what is added to it, and which heights are mapped, if any."""
    scale = check.numbers("scale", () if scale is None else scale) or (1.0,) * dim
    shift = check.numbers("shift", () if shift is None else shift) or (0.0,) * dim
    for what, numbers in (("scale", scale), ("shift", shift)):
        if len(numbers) != dim:
            raise ValueError(f"{what} must have {dim} coordinates, got {numbers}")
    if 0 in scale:
        raise ValueError(f"scale must not contain 0, got {scale}")
    height = None if height is None else check.numbers("height", height)
    if height is not None and not (len(height) == 2 and height[0] < height[1]):
        raise ValueError(f"height must be (lo, hi) with lo < hi, got {height}")
    return scale, shift, height


def surface(*given: Any, **facts: Any) -> Callable[[Callable[..., torch.Tensor]], Surface]:
    """Decorator that turns a formula into a `Surface`: ``@surface(box=..., starts=..., minima=...)``."""
    if given or "box" not in facts:
        raise TypeError("surface needs a box and stands before a function: @og.surface(box=((-1, 1), (-1, 1)))")
    return lambda function: Surface(function, **facts)
