"""Problems that cannot be drawn in a plane: matrices and small networks."""

from .matrices import matrix_quadratic
from .networks import NetworkProblem, digits
from .problem import Problem as Problem

__all__ = ["NetworkProblem", "digits", "matrix_quadratic"]
