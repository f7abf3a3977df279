"""Functions of one variable."""

from .surface import surface


@surface(title="Parabola", box=((-1.5, 0.9),), starts=((0.75,),), minima=((-1 / 3,),))
def quadratic_1d(x):
    """A parabola with its minimum at -1/3: the smallest thing that can be descended."""
    return 3 * x**2 + 2 * x
