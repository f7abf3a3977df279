"""Tasks: networks that are trained on one part of some examples and judged by another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from .. import check
from .networks import NetworkProblem, digit_images

Loss = Callable[[Tensor, Tensor], Tensor]


def mean_cross_entropy(scores: Tensor, classes: Tensor) -> Tensor:
    """The mean cross-entropy of scores, one row for each class that there is to tell."""
    # torch's own, inside vmap, takes twice as long.
    return (scores.logsumexp(-1) - scores.gather(-1, classes.unsqueeze(-1)).squeeze(-1)).mean()


@dataclass(frozen=True, eq=False)
class Draw:
    """What a seed makes of a task.

    Attributes
    ----------
    problem : NetworkProblem
        The loss over all training examples; its start is the weights that the seed drew.
    held_out : dict of str to (Tensor, Tensor)
        Inputs and targets of the ``"validation"`` and the ``"test"`` examples.
    rows : Tensor of int
        The numbers of the training examples, in the order in which ``problem`` holds them.
    """

    problem: NetworkProblem
    held_out: dict[str, tuple[Tensor, Tensor]] = field(repr=False)
    rows: Tensor = field(repr=False)


class Task:
    """A network and examples of what it is to learn.

    A seed draws the first weights and divides the examples into those that train the network, those by which a setting
    is chosen (*validation*), and those on which it is then judged (*test*).

    Parameters
    ----------
    network : callable
        Makes the `torch.nn.Module`, with weights from torch's random numbers. It takes a batch of inputs.
    inputs : Tensor, shape (n, ...)
        The examples.
    targets : Tensor, shape (n, ...)
        What the network is to say of each: a class, as a whole number, or whatever ``loss`` takes.
    validation, test : int
        How many examples each of the two sets has. All others train the network.
    loss : callable, optional
        The mean loss of a batch, from the network's outputs and the targets; cross-entropy by default.
    accuracy : bool
        Whether what counts is the share of targets that are told, where they are classes. If not, it is the loss.
    name : str
        Name of the task.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, inputs and targets are not equally many, no example is left to train on, or
        the network has no weights.
    """

    def __init__(
        self, network: Callable[[], nn.Module], inputs: Tensor, targets: Tensor, validation: int, test: int,
        *, loss: Loss = mean_cross_entropy, accuracy: bool = True, name: str = "task",
    ) -> None:  # fmt: skip
        check.function("network", network)
        check.function("loss", loss)
        check.kind("accuracy", accuracy, bool, "True or False")
        for what, given in (("inputs", inputs), ("targets", targets)):
            check.kind(what, given, Tensor, "a tensor")
        if len(inputs) != len(targets):
            raise ValueError(f"targets must be as many as inputs, {len(inputs)}, got {len(targets)}")
        sizes = {"validation": check.count("validation", validation), "test": check.count("test", test)}
        #: How many examples train the network.
        self.train = len(inputs) - sum(sizes.values())
        if self.train < 1:
            raise ValueError(
                f"validation and test must leave examples to train on, got {validation} and {test} of {len(inputs)}"
            )
        self.network, self.inputs, self.targets, self.loss, self.name = network, inputs, targets, loss, name
        self.sizes, self.accuracy = sizes, accuracy
        self.draw(0)  # refuses what is no network

    @property
    def classifies(self) -> bool:
        """Whether there is an accuracy: the targets are classes, and the loss is not what counts."""
        return self.accuracy and not self.targets.is_floating_point()

    def draw(self, seed: int) -> Draw:
        """The first weights and the division of the examples that a seed draws.

        Parameters
        ----------
        seed : int
            Of torch's random numbers, which are left as they were.

        Returns
        -------
        Draw
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(check.seed("seed", seed))
            network = self.network()
            check.kind("network", network, nn.Module, "a callable that makes a torch.nn.Module")
            if not any(True for _ in network.parameters()):
                raise ValueError("network must have weights, got one without")
            order = torch.randperm(len(self.inputs))
        rows, *held_out = order.split([self.train, *self.sizes.values()])
        problem = NetworkProblem(network, self.inputs[rows], self.targets[rows], self.name, loss=self.loss)
        parts = {part: (self.inputs[of], self.targets[of]) for part, of in zip(self.sizes, held_out, strict=True)}
        return Draw(problem, parts, rows)

    def batches(self, seed: int, size: int, steps: int) -> Tensor:
        """The numbers of the training examples in each batch: all of them once, in random order, then all again.

        Parameters
        ----------
        seed : int
            Seed of the order.
        size : int
            Examples in a batch. What is left of an order that ``size`` does not divide is not used.
        steps : int
            Number of batches.

        Returns
        -------
        Tensor of int, shape (steps, size)
        """
        size, steps = check.count("batch", size, most=self.train), check.count("steps", steps)
        generator = torch.Generator().manual_seed(check.seed("seed", seed))
        each = self.train // size
        orders = [torch.randperm(self.train, generator=generator)[: each * size] for _ in range(-(-steps // each))]
        return torch.cat(orders).view(-1, size)[:steps]

    def __repr__(self) -> str:
        sizes = {"training": self.train, **self.sizes}
        return f"<task {self.name}: {', '.join(f'{size} {part}' for part, size in sizes.items())} examples>"


def digits_task(
    network: Callable[[], nn.Module] | None = None, *, hidden: int = 32, validation: int = 397, test: int = 400
) -> Task:
    """To read the 1,797 handwritten digits of scikit-learn, 8 by 8 pixels each.

    Parameters
    ----------
    network : callable, optional
        Makes the network, which takes images as rows of 64 numbers from 0 to 1 and scores ten classes. By default one
        with a hidden layer.
    hidden : int
        Neurons of that layer.
    validation, test : int
        How many images each of the two sets has; 1,000 are left to train on.

    Returns
    -------
    Task

    Raises
    ------
    ImportError
        If scikit-learn, which contains the images, is not installed.
    TypeError, ValueError
        As `Task` does; if ``hidden`` is not a whole number >= 1.
    """
    hidden = check.count("hidden", hidden)

    def one_layer() -> nn.Module:
        return nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))

    return Task(network or one_layer, *digit_images(), validation, test, name="digits")
