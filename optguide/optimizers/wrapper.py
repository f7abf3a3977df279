"""Wrappers: functions from rule to rule.

A rule is a pure function that asks its questions of a function. So another one can stand between: it asks elsewhere,
and does something with what comes out.
"""

from __future__ import annotations

import copyreg
import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from torch import Tensor

from ..language.vocabulary import QUESTIONS
from .optimizer import Optimizer
from .rule import MIXES, Rule, Start, read_signature
from .settings import as_number


class Wrapper:
    """Makes an optimizer from an optimizer: ``SAM(Adam)`` is a class like `Adam`, with the hyperparameters of both.

    A subclass writes a static method ``update`` as a rule does, which takes one more argument before ``t``:
    ``step(theta, grad)`` is one step of the wrapped rule, whose states are kept for it. Settings bound to the wrapped
    optimizer, as in ``SAM(Adam.at(lr=0.1))``, become its defaults.

    Parameters
    ----------
    optimizer : class, or `functools.partial` of one
        One of our rules, your own `Optimizer`, or another wrapper's result.

    Returns
    -------
    type[Optimizer]

    Raises
    ------
    TypeError
        If the optimizer has no pure rule, or steps matrices where the wrapper takes all parameters as one vector.
    ValueError
        If both have a hyperparameter or a state of the same name.
    """

    update: ClassVar[Callable[..., Any]]
    init: ClassVar[dict[str, Start]] = {}
    mixes: ClassVar[str] = "nothing"
    answer: ClassVar[str] = "theta"
    year: ClassVar[int | None] = None
    family: ClassVar[str | None] = None
    repairs: ClassVar[Mapping[str, str]] = {}
    cite: ClassVar[str | None] = None
    color: ClassVar[str | None] = None

    def __new__(cls, optimizer: Any) -> type[Optimizer]:
        settings: dict[str, Any] = {}
        while isinstance(optimizer, functools.partial) and not optimizer.args:
            settings = {**optimizer.keywords, **settings}
            optimizer = optimizer.func
        if not (isinstance(optimizer, type) and issubclass(optimizer, Optimizer) and hasattr(optimizer, "rule")):
            name = getattr(optimizer, "__name__", optimizer)
            raise TypeError(f"{cls.__name__} wraps an optimizer with a pure update, got {name}")
        optimizer.rule.settings(settings)
        numbers = {name: as_number(value) for name, value in sorted(settings.items())}
        return _make(cls, optimizer, tuple((n, tuple(v) if isinstance(v, list) else v) for n, v in numbers.items()))


class _Made(type):
    """The type of what wrappers make: no module holds it by its name, so it is pickled by what it is made of."""

    made_of: tuple[Any, ...] | None = None


def _again(made: _Made) -> Any:
    return (_make, made.made_of) if "made_of" in vars(made) else made.__qualname__


copyreg.pickle(_Made, _again)


@functools.cache
def _make(outer: type[Wrapper], optimizer: type[Optimizer], settings: tuple[tuple[str, Any], ...]) -> type[Optimizer]:
    rule = wrap(outer, optimizer.rule.bound(dict(settings)))
    facts = {name: getattr(outer, name) for name in ("year", "family", "cite", "color", "__doc__", "__module__")}
    return _Made(rule.name, (Optimizer,), {**facts, "rule": rule, "made_of": (outer, optimizer, settings)})


def wrap(outer: type[Wrapper], inner: Rule) -> Rule:
    """The rule that a wrapper makes of another one."""
    name = f"{outer.__name__}({inner.name})"
    asks, own_states, own = read_signature(
        outer.update, outer.__name__, first=("theta",), questions=(*QUESTIONS, "step")
    )
    for what, ours, theirs in (("hyperparameter", own, inner.hyperparameters), ("state", own_states, inner.states)):
        for both in (shared for shared in ours if shared in theirs):
            raise ValueError(f"{name}: both have a {what} {both!r}; write a wrapper that calls it otherwise")
    if inner.matrix and outer.mixes == "model":
        raise TypeError(f"{outer.__name__} steps all parameters as one vector, and {inner.name} steps matrices")
    questions = tuple(q for q in QUESTIONS if q in asks or q in inner.asks)
    return Rule(
        name=name,
        update=functools.partial(_update, outer, inner, asks, questions),  # unlike a function made here, it is pickled
        states={**{state: outer.init.get(state, 0) for state in own_states}, **inner.states},
        hyperparameters={**inner.hyperparameters, **own},
        asks=questions,
        mixes=max(outer.mixes, inner.mixes, key=MIXES.index),
        answer=outer.answer if outer.answer != "theta" else inner.answer,
        inner=inner,
        lines=outer.update,
    )


def _update(
    outer: type[Wrapper], inner: Rule, asks: tuple[str, ...], questions: tuple[str, ...],
    theta: Tensor, /, *rest: Any, **settings: Any,
) -> tuple[Tensor, ...]:  # fmt: skip
    """One step of a wrapper around a rule: ``rest`` is the answers to all questions, ``t`` and the states of both."""
    answers: Mapping[str, Any] = dict(zip(questions, rest, strict=False))
    t, *states = rest[len(questions) :]
    theirs = {name: settings.pop(name) for name in inner.hyperparameters}
    count = len(states) - len(inner.states)
    kept = states[count:]

    def step(point: Tensor, grad: Callable[[Tensor], Tensor]) -> Tensor:
        nonlocal kept
        point, *kept = inner.step(point, t, states[count:], theirs, {**answers, "grad": grad})
        return point

    asked = {**answers, "step": step}
    result = outer.update(theta, *(asked[q] for q in asks), t, *states[:count], **settings)
    return (*(result if isinstance(result, tuple) else (result,)), *kept)
