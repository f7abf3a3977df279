"""Problems whose point is all the weights of a small network, in one vector."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy
from torch.nn.utils import parameters_to_vector

from .. import check
from .problem import Problem


class NetworkProblem(Problem):
    """The mean cross-entropy of a network on labelled examples, as a function of its weights.

    A point is one vector that holds all of them, in float64.

    Parameters
    ----------
    network : torch.nn.Module
        Takes a batch of inputs and returns one row of scores for each. Its present weights are the start; it is
        copied.
    inputs : Tensor, shape (n, ...)
        The examples that the loss is taken over. Whole numbers, such as those of characters, stay whole.
    labels : Tensor of int, shape (n,)
        Their classes.
    name : str
        Name of the problem.
    loss : callable, optional
        Another loss than cross-entropy: takes the network's outputs and the labels, and returns a mean.
    """

    def __init__(
        self, network: nn.Module, inputs: Tensor, labels: Tensor, name: str = "network", *,
        loss: Callable[[Tensor, Tensor], Tensor] = cross_entropy,
    ) -> None:  # fmt: skip
        self.network, self.inputs, self.labels = copy.deepcopy(network).double(), as_numbers(inputs), labels
        self.criterion = loss
        #: Names of the weight tensors and their shapes, in the order in which the vector holds them.
        self.shapes = {name: tuple(p.shape) for name, p in self.network.named_parameters()}
        start = parameters_to_vector(self.network.parameters()).detach()
        super().__init__(self._loss, tuple(start.shape), [start], name=name)

    def weights(self, theta: Tensor) -> dict[str, Tensor]:
        """The weight tensors by name, as views of the vector.

        Parameters
        ----------
        theta : Tensor, shape (size,)
            A point.

        Returns
        -------
        dict of str to Tensor
        """
        pieces = theta.split([p.numel() for p in self.network.parameters()])
        return {name: piece.view(shape) for (name, shape), piece in zip(self.shapes.items(), pieces, strict=True)}

    def scores(self, theta: Tensor, inputs: Tensor) -> Tensor:
        """The outputs of the network for inputs, with its weights taken from a vector.

        Parameters
        ----------
        theta : Tensor, shape (size,)
            A point.
        inputs : Tensor, shape (n, ...)
            Examples.

        Returns
        -------
        Tensor, shape (n, classes)
        """
        named: Mapping[str, Any] = self.weights(theta)
        return functional_call(self.network, dict(named), (as_numbers(inputs, theta.dtype),))

    def _loss(self, theta: Tensor) -> Tensor:
        return self.criterion(self.scores(theta, self.inputs), self.labels)

    def accuracy(self, theta: Any, inputs: Tensor, labels: Tensor) -> float:
        """Share of the examples whose class has the highest score.

        Parameters
        ----------
        theta : array_like, shape (size,)
            A point, such as ``run.theta[-1]``.
        inputs, labels : Tensor
            Examples and their classes.

        Returns
        -------
        float
        """
        with torch.no_grad():
            found = self.scores(torch.as_tensor(theta, dtype=torch.float64), inputs).argmax(-1)
        return (found == labels).double().mean().item()


def as_numbers(inputs: Tensor, dtype: torch.dtype = torch.float64) -> Tensor:
    """Inputs in a precision; whole numbers as they are."""
    return inputs.to(dtype) if inputs.is_floating_point() else inputs


def digits(hidden: int = 32, images: int = 200, seed: int = 0) -> NetworkProblem:
    """A network with one hidden layer that reads the handwritten digits of scikit-learn, 8 by 8 pixels each.

    Parameters
    ----------
    hidden : int
        Neurons of the hidden layer.
    images : int
        How many images the loss is taken over.
    seed : int
        Seed of the initial weights and of the choice of images.

    Returns
    -------
    NetworkProblem

    Raises
    ------
    ImportError
        If scikit-learn, which contains the images, is not installed.
    TypeError, ValueError
        If ``hidden`` is not a whole number >= 1, or there are not so many images.
    """
    inputs, labels = digit_images()
    hidden, images = check.count("hidden", hidden), check.count("images", images, most=len(labels))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))
        chosen = torch.randperm(len(labels))[:images]
    return NetworkProblem(network, inputs[chosen], labels[chosen], name="digits")


def digit_images() -> tuple[Tensor, Tensor]:
    """The 1,797 handwritten digits of scikit-learn, as rows of 64 numbers from 0 to 1, and what each of them shows.

    Raises
    ------
    ImportError
        If scikit-learn, which contains the images, is not installed.
    """
    try:
        from sklearn.datasets import load_digits  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ImportError("the digits come with scikit-learn: pip install scikit-learn") from error
    data: Any = load_digits()
    return torch.tensor(data.data, dtype=torch.float64) / 16, torch.tensor(data.target)
