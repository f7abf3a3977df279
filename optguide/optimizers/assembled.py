"""One rule for all weights of a network as one vector, made of a rule for each of its tensors."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .rule import Rule


@dataclass(frozen=True)
class Piece:
    """A tensor in the vector: its shape, where it lies, and the rule that steps it.

    Hyperparameters are those of the whole, or, if ``own`` is true, the defaults of its rule.
    """

    rule: Rule
    shape: tuple[int, ...]
    begin: int
    own: bool

    def of(self, vector: Tensor) -> Tensor:
        """This tensor, as a view of the vector."""
        return vector[self.begin : self.begin + math.prod(self.shape)].view(self.shape)


def assembled(main: Rule, rules: Sequence[Rule], shapes: Sequence[Sequence[int]]) -> Rule:
    """The rule that steps each tensor in a vector of them by a rule of its own.

    Parameters
    ----------
    main : Rule
        Whose name and hyperparameters the whole has; any other rule keeps its defaults.
    rules : list of Rule
        One for each tensor, of those that `why_not` has nothing against.
    shapes : list of tuple of int
        The shapes of the tensors, in their order.

    Returns
    -------
    Rule
    """
    pieces: list[Piece] = []
    states: dict[str, Any] = {}
    begin = 0
    for i, (rule, shape) in enumerate(zip(rules, shapes, strict=True)):
        piece = Piece(rule, tuple(shape), begin, rule is not main)
        begin += math.prod(shape)
        pieces.append(piece)
        states |= {f"{state}_{i}": _Begin(piece, state) for state in rule.states}
    return Rule(main.name, functools.partial(_update, pieces), states, main.hyperparameters, ("grad",), mixes="model")


def why_not(rule: Rule) -> str | None:
    """What keeps a rule from being one of those that are assembled; None if nothing does."""
    if rule.mixes == "model":
        return "looks at the whole model"
    if rule.asks != ("grad",):
        return f"asks for {', '.join(rule.asks)}"
    if rule.answer != "theta":
        return "has a state for its answer"
    return "looks at gradients elsewhere" if looks_elsewhere(rule) else None


def looks_elsewhere(rule: Rule) -> bool:
    """Whether a rule looks at the loss or its gradient anywhere but where it stands; the Hessian is found so, too."""
    if rule.is_curved:
        return True
    theta, settings = torch.ones(2, 2), rule.defaults
    asked: list[Tensor] = []

    def look(point: Tensor, value: Tensor) -> Tensor:
        asked.append(point)
        return value

    answers = {
        "grad": lambda point: look(point, torch.ones_like(theta)),
        "loss": lambda point: look(point, torch.ones(())),
        "noise": lambda: torch.ones_like(theta),
    }
    with torch.no_grad():
        rule.step(theta, 1, rule.initial(theta, settings), settings, answers)
    return any(point is not theta for point in asked)


class _Begin:
    """What a state of a piece holds before the first step, from the vector and from the rule's hyperparameters."""

    def __init__(self, piece: Piece, state: str) -> None:
        self.piece, self.state = piece, state
        names = () if piece.own else piece.rule.hyperparameters
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in ("theta", *names)])

    def __call__(self, theta: Tensor, **settings: Any) -> Tensor:
        rule = self.piece.rule
        states = rule.initial(self.piece.of(theta), settings or rule.defaults)
        return dict(zip(rule.states, states, strict=True))[self.state].clone()


def _update(
    pieces: Sequence[Piece], theta: Tensor, grad: Callable[[Tensor], Tensor], t: Any, *states: Tensor, **settings: Any
) -> tuple[Tensor, ...]:
    gradient, rest = grad(theta), iter(states)
    ends, kept = [], []
    for piece in pieces:
        own = [next(rest) for _ in piece.rule.states]
        answers = {"grad": functools.partial(_same, piece.of(gradient))}
        given = piece.rule.defaults if piece.own else settings
        end, *after = piece.rule.step(piece.of(theta), t, own, given, answers)
        ends.append(end.reshape(-1))
        kept += after
    return torch.cat(ends), *kept


def _same(gradient: Tensor, point: Tensor) -> Tensor:
    return gradient
