"""Landscapes to descend on, grouped by family.

The list below is the list of the project: tests, tables, API pages and menus follow it, in this order.
"""

from .classics import rastrigin, rosenbrock, six_hump_camel, sphere
from .curves import quadratic_1d
from .data import linear_regression as linear_regression
from .surface import Surface as Surface
from .surface import surface as surface
from .unit import (
    choppy_swell,
    swell,
    tilted_camel,
    unit_bowl,
    unit_rastrigin,
    unit_rosenbrock,
    unit_six_hump_camel,
)

__all__ = [
    "quadratic_1d",
    "sphere",
    "rosenbrock",
    "six_hump_camel",
    "rastrigin",
    "unit_rosenbrock",
    "unit_six_hump_camel",
    "unit_bowl",
    "unit_rastrigin",
    "tilted_camel",
    "swell",
    "choppy_swell",
]
