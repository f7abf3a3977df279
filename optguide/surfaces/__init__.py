"""Landscapes to descend on, grouped by family.

The list below is the list of the project: tests, tables, API pages and menus follow it, in this order.
"""

from .classics import (
    ackley,
    beale,
    booth,
    eggholder,
    goldstein_price,
    griewank,
    himmelblau,
    levy_13,
    matyas,
    rastrigin,
    rosenbrock,
    six_hump_camel,
    sphere,
    styblinski_tang,
    three_hump_camel,
)
from .curves import quadratic_1d
from .data import linear_regression as linear_regression
from .shapes import cliff, monkey_saddle, ravine, saddle
from .slices import Slice as Slice
from .slices import slice_through as slice_through
from .square import (
    basins_and_walls,
    giant_plateau,
    hills_and_canyon,
    ripple,
    simple_quadratic,
    two_minima,
    wobbly,
)
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
    "himmelblau",
    "beale",
    "booth",
    "matyas",
    "three_hump_camel",
    "goldstein_price",
    "styblinski_tang",
    "ackley",
    "griewank",
    "levy_13",
    "eggholder",
    "saddle",
    "monkey_saddle",
    "ravine",
    "cliff",
    "unit_rosenbrock",
    "unit_six_hump_camel",
    "unit_bowl",
    "unit_rastrigin",
    "tilted_camel",
    "swell",
    "choppy_swell",
    "simple_quadratic",
    "wobbly",
    "basins_and_walls",
    "ripple",
    "giant_plateau",
    "hills_and_canyon",
    "two_minima",
]
