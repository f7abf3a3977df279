"""Problems that cannot be drawn in a plane: matrices, products of them, facts to store, data, networks, a text."""

from .characters import AttentionBlock, characters_task, sentences
from .matrices import half_square, linear_equation, matrix_quadratic
from .memory import AssociativeMemory
from .networks import NetworkProblem, digits
from .problem import Problem as Problem
from .products import Blocks, deep_linear, factorization
from .regression import LogisticRegression, rare_features
from .task import Task, digits_task

__all__ = [
    "AssociativeMemory",
    "AttentionBlock",
    "Blocks",
    "LogisticRegression",
    "NetworkProblem",
    "Task",
    "characters_task",
    "deep_linear",
    "digits",
    "digits_task",
    "factorization",
    "half_square",
    "linear_equation",
    "matrix_quadratic",
    "rare_features",
    "sentences",
]
