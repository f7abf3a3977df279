"""Problems: what a rule descends on where no picture in a plane will do: matrices, small networks."""

from .matrices import matrix_quadratic
from .networks import NetworkProblem, digits
from .problem import Problem as Problem

__all__ = ["NetworkProblem", "digits", "matrix_quadratic"]
