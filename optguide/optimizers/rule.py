"""A rule as a value: what one pure function says of itself, and the one place that calls it."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch._C import _functorch  # pyright: ignore[reportAttributeAccessIssue]

from .. import check
from ..language.matrices import named_by
from ..language.vocabulary import QUESTIONS
from .settings import FACTOR, FIRST_STEP, Hyperparameter, read_kind

#: How much of the parameters one number of the result may depend on.
MIXES = ("nothing", "tensor", "matrix", "model")

#: What a state holds before the first step: a number, the name of a hyperparameter, ``"theta"`` for the parameters
#: themselves, or a function of theta, and of hyperparameters by their names, that returns a tensor of any shape.
Start = float | str | Callable[..., Tensor]


@dataclass(frozen=True, eq=False)
class Rule:
    """An update rule: a pure function, and what its signature says.

    Attributes
    ----------
    name : str
        What it is called.
    update : callable
        ``update(theta, grad, t, *states, **settings)``, which returns the new theta and the new states in order, and
        never writes to its arguments. What it asks for stands before ``t``.
    states : dict of str to float, str or callable
        What each state holds before the first step: a number; the name of a hyperparameter; ``"theta"``; or a function
        that makes a tensor of any shape from theta, and from hyperparameters that it takes by their names.
    hyperparameters : dict of str to Hyperparameter
        Default and kind of each.
    asks : tuple of str
        What it asks for, out of ``grad``, ``loss``, ``hvp``, ``hessian``, ``noise``.
    mixes : {"nothing", "tensor", "matrix", "model"}
        Whether each number of the result depends on one number of each argument; on all of one tensor (a norm); on all
        of one matrix, with rows and columns (a product); or on all parameters of the model.
    answer : str
        The point that is the result: ``"theta"``, or the state that holds it, as an average of the iterates does.
    inner : Rule or None
        The rule that this one wraps, if it is made by a wrapper.
    lines : callable or None
        The function whose source is typeset, where it is not ``update``.
    """

    name: str
    update: Callable[..., Any]
    states: Mapping[str, Start]
    hyperparameters: Mapping[str, Hyperparameter]
    asks: tuple[str, ...] = ("grad",)
    mixes: str = "nothing"
    answer: str = "theta"
    inner: Rule | None = None
    lines: Callable[..., Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name, start in self.states.items():
            named = isinstance(start, str)
            if named and start not in self.hyperparameters and start != "theta":
                raise TypeError(
                    f"{self.name}.init: {name!r} must be a state of update, {start!r} a number or a hyperparameter"
                )
            for other in named_by(start) if callable(start) else ():
                if other not in self.hyperparameters:
                    raise TypeError(f"{self.name}.init: {name!r} takes {other!r}, which is no hyperparameter")
        if self.mixes not in MIXES:
            raise TypeError(f"{self.name}.mixes must be one of {', '.join(map(repr, MIXES))}, got {self.mixes!r}")
        if "hessian" in self.asks and self.mixes != "model":
            raise TypeError(f"{self.name}.mixes must be 'model', as it asks for the Hessian, got {self.mixes!r}")
        if self.answer != "theta" and self.answer not in self.states:
            known = ", ".join(map(repr, ("theta", *self.states)))
            raise TypeError(f"{self.name}.answer must be one of {known}, got {self.answer!r}")

    @classmethod
    def read(
        cls,
        update: Callable[..., Any],
        name: str,
        *,
        init: Mapping[str, Start] | None = None,
        mixes: str = "nothing",
        answer: str = "theta",
    ) -> Rule:
        """The rule that a function's signature specifies.

        Raises
        ------
        TypeError
            If the signature is no specification, or ``init``, ``mixes`` or ``answer`` does not fit it.
        """
        asks, states, hyperparameters = read_signature(update, name, first=("theta",), questions=QUESTIONS)
        init = init or {}
        for state, start in init.items():
            if state not in states:
                raise TypeError(
                    f"{name}.init: {state!r} must be a state of update, {start!r} a number or a hyperparameter"
                )
        return cls(name, update, {s: init.get(s, 0) for s in states}, hyperparameters, asks, mixes, answer)

    @property
    def rate(self) -> str | None:
        """The learning rate, ``"lr"``; None if the rule finds its own step size, whatever ``lr`` may be there for."""
        lr = self.hyperparameters.get("lr")
        return "lr" if lr and lr.kind not in (FACTOR, FIRST_STEP) else None

    @property
    def matrix(self) -> bool:
        """Whether it steps matrices, and nothing else."""
        return self.mixes == "matrix"

    def takes(self, shape: Sequence[int]) -> bool:
        """Whether it steps tensors of this shape."""
        return len(shape) == 2 or not self.matrix

    def check_point(self, shape: Sequence[int]) -> None:
        """Refuse to descend where a point has a shape that the rule does not step.

        Raises
        ------
        ValueError
            If it steps matrices and this is the shape of none.
        """
        if not self.takes(shape):
            raise ValueError(
                f"{self.name} steps matrices, and a point here has the shape {tuple(shape)}, in which there is nothing "
                "to show of them; descend a problem of matrices, such as og.problems.matrix_quadratic()"
            )

    @property
    def is_curved(self) -> bool:
        """Whether it asks for the Hessian, or for products with it."""
        return not {"hvp", "hessian"}.isdisjoint(self.asks)

    @property
    def is_elementwise(self) -> bool:
        """Whether many descents are stepped as one tensor: nothing is mixed, and every state is shaped like theta."""
        return self.mixes == "nothing" and not any(map(callable, self.states.values()))

    @property
    def defaults(self) -> dict[str, Any]:
        """Hyperparameters and their defaults."""
        return {name: h.default for name, h in self.hyperparameters.items()}

    def settings(self, given: Mapping[str, Any], *, batched: bool = False) -> dict[str, Any]:
        """All hyperparameters: as given, after a check, and the defaults of the others.

        Raises
        ------
        TypeError
            If a name is unknown, or a value is not a number.
        ValueError
            If a value lies outside its range.
        """
        for name, value in given.items():
            if name not in self.hyperparameters:
                raise check.unknown(self.name, name, self.hyperparameters)
            self.hyperparameters[name].check(value, batched=batched)
        return {**self.defaults, **given}

    def bound(self, given: Mapping[str, Any]) -> Rule:
        """The same rule with other defaults.

        Raises
        ------
        TypeError, ValueError
            As `settings` does.
        """
        defaults = self.settings(given)
        hyperparameters = {
            name: dataclasses.replace(h, default=defaults[name]) for name, h in self.hyperparameters.items()
        }
        return dataclasses.replace(self, hyperparameters=hyperparameters)

    def initial(self, theta: Tensor, settings: Mapping[str, Any]) -> tuple[Tensor, ...]:
        """The states before the first step."""
        known = {**settings, "theta": theta}
        states = []
        for start in self.states.values():
            if callable(start):
                states.append(start(theta, **{name: settings[name] for name in named_by(start)}))
            else:
                states.append(torch.zeros_like(theta) + (known[start] if isinstance(start, str) else start))
        return tuple(states)

    def numbers(self, shape: Sequence[int], settings: Mapping[str, Any]) -> list[int]:
        """How many numbers each state holds, of one descent at points of this shape."""
        states = self.initial(torch.zeros(shape, dtype=torch.float64), {**self.defaults, **settings})
        return [state.numel() for state in states]

    def step(
        self,
        theta: Tensor,
        t: Any,
        states: Sequence[Tensor],
        settings: Mapping[str, Any],
        answers: Mapping[str, Callable[..., Any]],
    ) -> tuple[Tensor, ...]:
        """The new theta and the new states. The only call of ``update``.

        Raises
        ------
        TypeError
            If ``update`` returns anything but a tuple of tensors (or, if it has no state, a tensor).
        ValueError
            If it returns too few or too many, changes a shape, or writes to what it was given.
        """
        names = ("theta", *self.states)
        # An update is straight-line mathematics: what it does at its first step it does at every one. Compiled code
        # cannot count writes.
        first = not torch.compiler.is_compiling() and t == 1
        lent = _Lent(self.name, names, (theta, *states)) if first else None
        asked = (lent.watched(answers[name]) if lent else answers[name] for name in self.asks)
        result = self.update(theta, *asked, t, *states, **settings)
        if not isinstance(result, tuple):
            if self.states:
                expected = f"a tuple ({', '.join(names)})"
                raise TypeError(f"{self.name}.update must return {expected}, got {type(result).__name__}")
            result = (result,)
        if len(result) != len(names):
            raise ValueError(f"{self.name}.update must return ({', '.join(names)}), got {len(result)} values")
        if lent:
            lent.refuse_writes()
            for name, old, new in zip(names, (theta, *states), result, strict=True):
                if not isinstance(new, Tensor):
                    raise TypeError(f"{self.name}.update must return tensors, got {type(new).__name__} for {name}")
                if new.shape != old.shape:
                    shapes = f"{tuple(old.shape)}, got {tuple(new.shape)}"
                    raise ValueError(f"{self.name}.update must keep the shape of {name}, {shapes}")
        return result


class _Lent:
    """What a rule was given, and how often it had been written to by then."""

    def __init__(self, rule: str, names: Sequence[str], tensors: Sequence[Tensor]) -> None:
        self.rule = rule
        self.seen = [(name, x, _version(x)) for name, x in zip(names, tensors, strict=True)]

    def watched(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        def lend(*point: Any) -> Any:
            value = answer(*point)
            if isinstance(value, Tensor):
                self.seen.append(("the gradient", value, _version(value)))
            return value

        return lend

    def refuse_writes(self) -> None:
        for name, tensor, version in self.seen:
            if _version(tensor) != version:
                x = "g" if name == "the gradient" else name
                raise ValueError(
                    f"{self.rule}.update must not write to its arguments, but changed {name} in place: "
                    f"write {x} = {x} + ..., not {x} += ..."
                )


def _version(tensor: Tensor) -> int | None:
    """How often a tensor was written to; None where torch does not count, which is in inference mode."""
    while _functorch.is_batchedtensor(tensor):  # inside `torch.func.vmap`
        tensor = _functorch.get_unwrapped(tensor)
    return None if tensor.is_inference() else tensor._version


def read_signature(
    update: Callable[..., Any], name: str, first: tuple[str, ...], questions: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Hyperparameter]]:
    """What a function asks for, remembers, and lets one set, from its signature: ``first``, questions, t, states, *."""
    parameters = list(inspect.signature(update, eval_str=True).parameters.values())
    names = [p.name for p in parameters]
    before = names[len(first) : names.index("t")] if "t" in names else []
    if names[: len(first)] != list(first) or not before or not set(before) <= set(questions):
        raise TypeError(f"{name}.update must begin with {', '.join((*first, 'grad', 't'))}, got {', '.join(names)}")
    states, hyperparameters = [], {}
    for p in parameters[names.index("t") + 1 :]:
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty:
            states.append(p.name)
        elif p.kind is p.KEYWORD_ONLY and p.default is not p.empty:
            hyperparameters[p.name] = Hyperparameter(p.name, p.default, read_kind(p.name, p.annotation))
        else:
            raise TypeError(
                f"{name}.update: {p.name} must be state (positional, no default) "
                "or a hyperparameter (keyword-only, with a default)"
            )
    return tuple(before), tuple(states), hyperparameters


def parameter_section(rule: Rule) -> str:
    """The numpydoc ``Parameters`` section that `help` shows for a rule."""
    lines = ["Parameters", "----------", "params : iterable"]
    lines.append("    Parameters to optimize, or dicts defining parameter groups.")
    for name, hyperparameter in rule.hyperparameters.items():
        default, kind = hyperparameter.default, hyperparameter.kind
        what = f"tuple of {len(default)} floats" if isinstance(default, tuple) else type(default).__name__
        lines.append(f"{name} : {what}, default {default}")
        if kind:
            lines.append(f"    {kind.meaning[0].upper()}{kind.meaning[1:]}; must be {hyperparameter.range}.")
    return "\n".join(lines)
