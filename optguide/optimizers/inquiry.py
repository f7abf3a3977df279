"""What a rule asks for during one step of training, and how a closure answers it."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from .parts import ModelPart, TensorPart

#: A Hessian of more rows is refused: it would have more than a million numbers.
MOST_ROWS = 1000


class Question(Exception):
    """A rule asked for what is not known yet, at ``point`` (None: where the parameters stand).

    That is the loss and the gradient, or, if there are ``vectors``, the products of the Hessian with them.
    """

    def __init__(self, point: Tensor | None, vectors: Sequence[Tensor] = ()) -> None:
        self.point, self.vectors = point, vectors


class Inquiry:
    """The questions of one part of the model in one step.

    A rule is run from the start for every new answer, so each run is told the same answers in the same order.
    """

    def __init__(self, part: TensorPart | ModelPart, name: str, may_ask: bool) -> None:
        self.part, self.name, self.may_ask = part, name, may_ask
        #: Loss and gradient where the parameters stand, once they are known.
        self.home: tuple[Any, Tensor] | None = None
        #: What each other question so far was answered: loss and gradient, or products.
        self.told: list[Any] = []
        self._drawn: list[Tensor] = []

    def answers(self) -> dict[str, Callable[..., Any]]:
        """What to call for each question, in one run of the rule."""
        theta, waiting, numbers = self.part.theta, iter(self.told), itertools.count()

        def ask(point: Tensor, vectors: Sequence[Tensor] = ()) -> Any:
            if point is not theta and not self.may_ask:
                raise RuntimeError(
                    f"{self.name} looks at the gradient away from the current point: "
                    "call step(closure) with a closure that clears the gradients, computes the loss, "
                    "calls backward() and returns the loss"
                )
            at_home = point is theta and not vectors
            answer = self.home if at_home else next(waiting, None)
            if answer is None:
                raise Question(None if point is theta else point, vectors)
            return answer

        def loss(point: Tensor) -> Any:
            value = ask(point)[0]
            if value is None:
                raise RuntimeError(f"{self.name} asks for the loss: call step(closure) with a closure that returns it")
            return value

        def noise() -> Tensor:
            number = next(numbers)
            if number == len(self._drawn):
                self._drawn.append(torch.randn_like(theta))
            return self._drawn[number]

        return {
            "grad": lambda point: ask(point)[1],
            "loss": loss,
            "hvp": lambda point, vector: ask(point, [vector])[0],
            "hessian": lambda point: hessian_of(lambda point, *vectors: ask(point, vectors), point),
            "noise": noise,
        }


def settle(
    inquiries: list[Inquiry],
    run: Callable[[Inquiry], Any],
    gradient: Callable[[TensorPart | ModelPart], Tensor | None],
    closure: Callable[[], Any] | None,
) -> tuple[list[Any], list[Any]]:
    """What the rule makes of each part once all of its questions are answered, and the losses on the way.

    A rule may ask for gradients at points that the closure has yet to visit, and all parameters must go there together.
    Because a rule is pure it can be run again from the start: each round runs every rule up to its first unanswered
    question, then one call of the closure answers all of them. Those inquiries are taken out of the list whose part
    gets no gradient.
    """
    losses: list[Any] = []
    curved = False
    lying = closure is None  # whether the gradients at the parameters are those of where they stand
    while True:
        outcomes = [run(inquiry) for inquiry in inquiries]
        asking = [(i, outcome) for i, outcome in zip(inquiries, outcomes, strict=True) if isinstance(outcome, Question)]
        if not asking:
            break
        curved = curved or any(question.vectors for _, question in asking)
        home = all(question.point is None for _, question in asking)
        if lying and home:
            products = _products(asking)
        else:
            assert closure is not None  # without one, nothing else is asked
            loss, products = _evaluate(closure, asking)
            losses.append(loss)
            lying = home
        for (inquiry, question), product in zip(asking, products, strict=True):
            slope = gradient(inquiry.part)
            if slope is None:
                inquiries.remove(inquiry)
            elif question.vectors:
                inquiry.told.append(product)
            else:
                answer = losses[-1], slope.detach().clone()
                if question.point is None:
                    inquiry.home = answer
                else:
                    inquiry.told.append(answer)
    if curved:  # a parameter, its gradient and the graph of it would keep each other in memory
        for p in (p for inquiry in inquiries for p in inquiry.part.parameters):
            p.grad = None if p.grad is None else p.grad.detach()
    return outcomes, losses


def _evaluate(closure: Callable[[], Any], asking: Sequence[tuple[Inquiry, Question]]) -> tuple[Any, list[list[Tensor]]]:
    """Call the closure with each part of the model moved to the point in question, then move all of them back.

    Returns what it returned, and the products in question there.
    """
    moved = []
    for inquiry, question in asking:
        if question.point is not None:
            there = zip(inquiry.part.parameters, inquiry.part.spread(question.point), strict=True)
            moved += [(p, p.detach().clone(), to) for p, to in there]
    try:
        for p, _, to in moved:
            p.copy_(to)
        with torch.enable_grad(), warnings.catch_warnings():
            # Of the cycle of references that the graph of a gradient makes, and that `settle` breaks.
            warnings.filterwarnings("ignore", message="Using backward.. with create_graph=True")
            loss = closure()
        return loss, _products(asking)
    finally:
        for p, home, _ in moved:
            p.copy_(home)


def _products(asking: Sequence[tuple[Inquiry, Question]]) -> list[list[Tensor]]:
    """The Hessian times the vectors in question, from the graph of the gradients that lie at the parameters.

    Vectors of several parts are pieces of one vector, and the Hessian is that of the model.
    """
    count = max(len(question.vectors) for _, question in asking)
    found: list[list[Tensor]] = [[] for _ in asking]
    if not count:
        return found
    parameters = [p for inquiry, _ in asking for p in inquiry.part.parameters]
    # A gradient that is constant has no graph, either.
    slopes = [p.grad if p.grad is not None and p.grad.requires_grad else None for p in parameters]
    if not any(slope is not None for slope in slopes):
        raise RuntimeError(
            f"{asking[0][0].name} multiplies by the Hessian, of which a gradient that does not have a grad_fn "
            "tells nothing: call loss.backward(create_graph=True)"
        )
    for number in range(count):
        pieces: list[Tensor] = []
        for inquiry, question in asking:
            known = number < len(question.vectors)
            pieces += inquiry.part.spread(question.vectors[number] if known else torch.zeros_like(inquiry.part.theta))
        pairs = [(s, v.to(s.dtype)) for s, v in zip(slopes, pieces, strict=True) if s is not None]
        outputs, vectors = zip(*pairs, strict=True)
        products = iter(
            torch.autograd.grad(
                outputs, parameters, vectors, retain_graph=True, allow_unused=True, materialize_grads=True
            )
        )
        for (inquiry, _), own in zip(asking, found, strict=True):
            own.append(inquiry.part.join([next(products) for _ in inquiry.part.parameters]))
    return found


def hessian_of(products: Callable[..., Sequence[Tensor]], point: Tensor) -> Tensor:
    """The Hessian at a point, all numbers of which count in one row: products of it with the unit vectors.

    ``products`` is given the point and the vectors.

    Raises
    ------
    ValueError
        If it would have more than `MOST_ROWS` rows.
    """
    size = point.numel()
    if size > MOST_ROWS:
        raise ValueError(
            f"the Hessian of {size:,} numbers has {size**2:,} entries; "
            f"a rule that asks for it must step at most {MOST_ROWS:,} numbers"
        )
    units = torch.eye(size, dtype=point.dtype, device=point.device)
    columns = products(point, *(unit.reshape(point.shape) for unit in units))
    return torch.stack([column.reshape(-1) for column in columns], dim=-1)
