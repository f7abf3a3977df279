"""Several steps of a rule on a surface as one loop over the descents, in which nothing is stored.

The rule and the gradient of the surface are written out as one step of plain arithmetic, coordinate by coordinate, and
`torch.compile` makes a loop of several steps of it. What depends only on the step and on settings stays outside, and
is handed in: it need not be computed for every descent, and the code is the same for all of its values.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..language import NotationError, Program, derivative, trace
from ..language.python import python_source
from ..language.trace import Line, Value
from ..language.vocabulary import FUNCTIONS
from ..optimizers.rule import Rule
from ..problems.problem import Formula, Problem
from ..recorder import DIVERGED
from ..schedule import filled, flat
from ..surfaces.surface import Surface
from .request import Runner

#: Lines of arithmetic in one step, all coordinates together, up to which compiling is worth its time.
MOST_LINES = 1000

#: What the lines of a step call. All of them take tensors; sizes are never asked for.
_SPACE = {row.name: row.call for row in FUNCTIONS.values() if row.call} | {
    "sqrt": torch.sqrt,
    "where": torch.where,
    "clamp": lambda x, low, high: torch.clamp(torch.clamp(x, min=low), max=high),
    "full_like": lambda x, value: torch.zeros_like(x) + value,
    "inf": math.inf,
    "nan": math.nan,
}
_COMPARISONS = ("lt", "le", "gt", "ge")
#: The first columns of the numbers that each step is handed: its own number, and the height that is aimed at.
_STEP, _TARGET, FIRST_FREE = 0, 1, 2


def why_not(runner: Runner, problem: Problem) -> str | None:
    """Why an optimizer cannot be compiled on a problem; None if it can."""
    rule = runner.rule
    if rule is None:
        return "it is not one of our rules"
    if rule.mixes != "nothing":
        return "its rule mixes coordinates"
    if runner.schedule is not None:
        return "it has a schedule"
    try:
        slope = slope_program(problem)
    except Exception:  # whatever is wrong with it, the reference engine tells
        return f"the gradient of {problem.name} cannot be written out"
    try:
        parts = divide(rule, {**rule.defaults, **runner.settings})
    except Exception as error:  # a rule may do with a term whatever it wants to do with a number
        return f"its rule cannot be written out ({error})"
    if problem.size * len(parts.inner) + len(slope.lines) > MOST_LINES:
        return f"one step has more than {MOST_LINES} lines"
    return None


def slope_program(problem: Problem) -> Program:
    """A function of coordinates and all its partial derivatives as a program.

    Raises
    ------
    NotationError
        If something in it cannot be written out.
    """
    if not isinstance(problem, (Surface, Formula)):
        raise NotationError(f"{problem.name} is no function of coordinates")
    formula = problem.function if isinstance(problem, Formula) else problem
    return _slope_program(formula, problem.size)


@functools.lru_cache(256)
def _slope_program(formula: Callable[..., Any], dim: int) -> Program:
    return derivative(trace(formula, [f"x{i}" for i in range(dim)]))


@dataclass(frozen=True)
class Parts:
    """A rule, divided into what is the same for all descents, or for all with the same settings, and the rest.

    Attributes
    ----------
    outer : Program
        Of ``t`` and the numbers in the settings; what it returns is handed to the rest.
    inner : tuple of Line
        The rest: lines that need the iterate, a state or a gradient.
    outputs : tuple of str or number
        The new iterate and the new states.
    timed, truth : set of str
        Which of what is handed over changes from step to step, and which is true or false.
    """

    outer: Program
    inner: tuple[Line, ...]
    outputs: tuple[Value, ...]
    timed: set[str]
    truth: set[str]


def divide(rule: Rule, settings: dict[str, Any]) -> Parts:
    """A rule in two parts; settings decide only what a true or a false one decides.

    Raises
    ------
    NotationError
        If it cannot be written out.
    """
    if not set(rule.asks) <= {"grad", "loss"}:
        raise NotationError(f"it asks for {', '.join(rule.asks)}")
    states = [f"state{i}" for i in range(len(rule.states))]
    numbers = [f"number{i}" for i in range(len(flat(settings)))]

    def update(theta: Any, *terms: Any) -> Any:
        asked, t, kept, given = _split(terms, len(rule.asks), 1, len(states), len(numbers))
        switches = [old if isinstance(old, bool) else new for old, new in zip(flat(settings), given, strict=True)]
        return rule.update(theta, *asked, *t, *kept, **filled(settings, switches))

    update.__name__ = rule.name
    program = trace(update, ["theta", *rule.asks, "t", *states, *numbers])
    if len(program.outputs) != 1 + len(states):
        raise NotationError(f"it returns {len(program.outputs)} values")
    inside, timed, truth = {"theta", *states}, {"t"}, set()
    for line in program.lines:
        if line.function in rule.asks or inside & set(line.arguments):
            inside.add(line.name)
        if timed & set(line.arguments):
            timed.add(line.name)
        if line.function in _COMPARISONS:
            truth.add(line.name)
    inner = tuple(line for line in program.lines if line.name in inside)
    needed = [*program.outputs, *(argument for line in inner for argument in line.arguments)]
    handed = tuple(dict.fromkeys(value for value in needed if isinstance(value, str) and value not in inside))
    lines = tuple(line for line in program.lines if line.name not in inside)
    outer = Program(("t", *numbers), (), lines, handed)
    return Parts(outer, inner, program.outputs, timed, truth)


def _split(values: Sequence[Any], *lengths: int) -> Iterable[Sequence[Any]]:
    ends = np.cumsum(lengths)
    return [values[end - length : end] for length, end in zip(lengths, ends, strict=True)]


def step_source(rule: Rule, parts: Parts, slope: Program, places: dict[str, str], *, noisy: bool, aimed: bool) -> str:
    """The source of ``step(theta, states, watch, k, numbers, own, timed, noise)``, and of the gradient that it calls.

    ``places`` says where what is handed over lies. The names of all other lines have the number of a coordinate.
    """
    dim = len(slope.inputs)
    coordinates = range(dim)
    inside = {"theta", *(f"state{i}" for i in range(len(rule.states))), *(line.name for line in parts.inner)}

    def row(name: Value) -> str:
        return "".join(f"{at(name, i)}, " for i in coordinates)

    def at(value: Value, i: int) -> str:
        if isinstance(value, str):
            return f"{value}_{i}" if value in inside else value
        return f"({value!r})" if value < 0 else repr(value)

    body = [f"{row('theta')} = theta"]
    body += [f"{row(f'state{i}')} = states[{i}]" for i in range(len(rule.states))]
    body += [f"{name} = {place}{' > 0' if name in parts.truth else ''}" for name, place in places.items()]
    names = dict(zip(rule.states, range(len(rule.states)), strict=True))
    here = "theta" if rule.answer == "theta" else f"state{names[rule.answer]}"
    heights: dict[Value, str] = {}  # where the height at a point is known
    for line in parts.inner:
        point = line.arguments[0]
        if line.function == "grad":
            heights[point] = f"{line.name}_z"
            body.append(f"{line.name}_z, {row(line.name)} = slope({row(point)})")
            body += [f"{line.name}_{i} = {line.name}_{i} + noise[k, {i}]" for i in coordinates if noisy]
        elif line.function == "loss":
            body += [f"{at(line.name, i)} = slope({row(point)})[0]" for i in coordinates]
        else:
            write = FUNCTIONS[line.function].python.format
            body += [f"{at(line.name, i)} = {write(*(at(a, i) for a in line.arguments))}" for i in coordinates]
    body.append(f"z = {heights.get(here) or f'slope({row(here)})[0]'}")
    body += ["best, before, lived = watch", "best = where(z < best, z, best)"]
    if aimed:
        body.append(f"before = where(best > numbers[k, {_TARGET}], before + 1, before)")
    within = " & ".join(f"(abs({place}) <= {DIVERGED!r})" for place in (*(at(here, i) for i in coordinates), "z"))
    body.append(f"alive = {within}")
    if here != "theta":  # else a descent that has diverged stays where it is no number
        body.append(f"alive = alive & (lived >= numbers[k, {_STEP}])")
    body.append("lived = where(alive, lived + 1, lived)")
    new = [[at(v, i) if v in inside else f"full_like(theta_{i}, {at(v, i)})" for i in coordinates]
           for v in parts.outputs]  # fmt: skip
    new[0] = [f"where(alive, {value}, nan)" for value in new[0]]
    rows = ["".join(f"{value}, " for value in values) for values in new]
    rest = "".join(f"({values}), " for values in rows[1:])
    body.append(f"return ({rows[0]}), ({rest}), (best, before, lived)")
    head = "def step(theta, states, watch, k, numbers, own, timed, noise):\n"
    return python_source(slope, "slope") + head + "".join(f"    {line}\n" for line in body)


@functools.lru_cache(64)
def block(source: str, count: int, backend: str, threads: int) -> Callable[..., Any]:
    """So many steps in one, compiled for so many threads; as they are written where ``backend`` is empty.

    Each is a code object of its own, for torch compiles a code object eight times at most, and anew for another number
    of threads. So is its place: of two sizes of one argument in one place torch would make code for any size.
    """
    loop = f"""
def steps(theta, states, watch, numbers, own, timed, noise):
    for k in range({count}):
        theta, states, watch = step(theta, states, watch, k, numbers, own, timed, noise)
    return theta, states, watch
"""
    space: dict[str, Any] = dict(_SPACE)
    place = f"<{count} steps for {threads} threads, {hashlib.sha256(source.encode()).hexdigest()}>"
    exec(compile(source + loop, place, "exec"), space)
    steps = space["steps"]
    return torch.compile(steps, fullgraph=True, backend=backend) if backend else steps
