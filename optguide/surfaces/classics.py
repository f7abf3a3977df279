"""Test functions in the form in which they were published."""

from math import pi

from torch import cos

from .surface import surface


@surface(
    box=((-2, 2), (-1, 3)),
    starts=((-1.5, 2.0), (1.5, -0.5), (-0.5, 2.5)),
    minima=lambda a, b: [(a, a**2)],
    shading="log",
)
def rosenbrock(x, y, *, a=1, b=100):
    """A long, curved, nearly flat valley: finding it is easy, following it is not.

    Rosenbrock (1960), equation (3); the minimum 0 lies at (a, a²).
    """
    return (a - x) ** 2 + b * (y - x**2) ** 2


@surface(
    box=((-2, 2), (-1, 1)),
    starts=((-1.8, -0.9), (1.6, 0.7), (-0.6, 0.9)),
    minima=((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)),
)
def six_hump_camel(x, y):
    """Six humps' worth of hollows: two global minima, four local ones.

    Dixon and Szegö (1978); the minimum is about -1.0316.
    """
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2


@surface(box=((-5.12, 5.12), (-5.12, 5.12)), starts=((-3.6, 4.1), (4.4, 2.3)), minima=((0, 0),))
def rastrigin(x, y, *, a=10):
    """A bowl covered with egg cups: a local minimum near every integer point.

    Rastrigin (1974), in two dimensions; the minimum 0 lies at the origin.
    """
    return 2 * a + x**2 - a * cos(2 * pi * x) + y**2 - a * cos(2 * pi * y)


@surface(box=((-5.12, 5.12), (-5.12, 5.12)), starts=((-4.0, 3.0),), minima=((0, 0),))
def sphere(x, y):
    """A round bowl: every slope points away from the minimum. De Jong (1975), function F1."""
    return x**2 + y**2
