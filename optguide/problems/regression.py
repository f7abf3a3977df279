"""Regressions on data that are made here."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from .. import check
from .parts import zipf
from .problem import Problem


class LogisticRegression(Problem):
    """The mean cross-entropy of a linear classifier on clouds of points, with a small penalty on its weights.

    Every class is a normal cloud around a centre of its own, and the features have different units. A point is a matrix
    with a row for each class and a column for each feature and, last, for the constant 1.

    Parameters
    ----------
    classes, features, examples : int
        How many there are; the examples are spread evenly over the classes.
    condition : float
        The features are scaled from 1 down to ``1 / condition``.
    decay : float
        The penalty is half of this times the sum of the squared weights. It makes the minimum unique.
    seed : int
        Seed of the data.

    Attributes
    ----------
    inputs : Tensor, shape (examples, features + 1)
        The examples.
    labels : Tensor of int, shape (examples,)
        Their classes.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1 (of classes: 2), ``condition`` not a number >= 1, or ``decay`` not > 0.
    """

    def __init__(
        self,
        classes: int = 3,
        features: int = 4,
        examples: int = 90,
        *,
        condition: float = 10.0,
        decay: float = 0.01,
        seed: int = 0,
    ) -> None:
        classes, features = check.count("classes", classes, 2), check.count("features", features)
        examples = check.count("examples", examples)
        scales = np.geomspace(1, 1 / check.number("condition", condition, low=1), features)
        self.decay = check.number("decay", decay, low=0, open_low=True)
        rng = np.random.default_rng(seed)
        labels = np.arange(examples) % classes
        centres = rng.standard_normal((classes, features))
        data = (centres[labels] + rng.standard_normal((examples, features))) * scales
        self.inputs = torch.from_numpy(np.column_stack([data, np.ones(examples)]))
        self.labels = torch.from_numpy(labels)
        start = np.zeros((classes, features + 1))
        super().__init__(self._loss, start.shape, [start], name="logistic regression")
        self._minima = (self._solved(),)

    def scores(self, W: Tensor, inputs: Tensor) -> Tensor:
        """The scores of the classes for inputs, one row for each."""
        return inputs.to(W.dtype) @ W.mT

    def _loss(self, W: Tensor) -> Tensor:
        return cross_entropy(self.scores(W, self.inputs), self.labels) + 0.5 * self.decay * W.square().sum()

    def _solved(self) -> np.ndarray:
        """The minimum, by Newton's method with steps that are halved until they lead down."""
        W = torch.from_numpy(self.starts[0]).clone()
        gradient, curvature = torch.func.grad(self._loss), torch.func.jacrev(torch.func.grad(self._loss))
        for _ in range(100):
            step = torch.linalg.solve(curvature(W).reshape(self.size, self.size), gradient(W).ravel()).view_as(W)
            if step.abs().max() < 1e-13:
                break
            while self._loss(W - step) > self._loss(W) and step.abs().max() > 1e-7:
                step = step / 2
            W = W - step
        return W.numpy()

    def accuracy(self, point: Any) -> float:
        """Share of the examples whose class has the highest score."""
        W = torch.from_numpy(check.real("point", point))
        return (self.scores(W, self.inputs).argmax(-1) == self.labels).double().mean().item()


def rare_features(features: int = 8, examples: int = 400, exponent: float = 1.0, *, seed: int = 0) -> Problem:
    """Half the mean squared error of a linear regression in which most features are rarely present.

    A feature is 1 in some examples and 0 in the others, where it adds nothing to the gradient. How often it is 1
    follows Zipf's law, so that the weights of rare features have small gradients.

    Parameters
    ----------
    features, examples : int
        How many there are.
    exponent : float
        The i-th feature is 1 in about ``i ** -exponent`` of half of the examples, and at least in one.
    seed : int
        Seed of the data and of the weights that made it.

    Returns
    -------
    Problem
        A point is a vector of weights. Its start is zero, its minimum the weights that made the data, with loss 0.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1, there are fewer examples than features, or ``exponent`` is not >= 0.
    """
    features = check.count("features", features)
    examples = check.count("examples", examples, features)
    frequencies = zipf(features, check.number("exponent", exponent, low=0))
    rng = np.random.default_rng(seed)
    present = rng.random((examples, features)) < 0.5 * frequencies / frequencies[0]
    present[:features] = np.eye(features)  # the minimum is unique
    target = rng.standard_normal(features)
    X, goal = torch.from_numpy(present.astype(np.float64)), torch.from_numpy(target)
    loss = functools.partial(_error, X=X, goal=goal)
    return Problem(loss, (features,), [np.zeros(features)], [target], "rare features")


def _error(w: Tensor, X: Tensor, goal: Tensor) -> Tensor:
    return 0.5 * (X @ (w - goal)).square().mean()
