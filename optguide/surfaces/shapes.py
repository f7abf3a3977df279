"""The plainest surface for each difficulty: saddle points, a ravine, a cliff."""

from torch import exp

from .surface import surface


@surface(box=((-2, 2), (-2, 2)), starts=((-1.6, 0.01), (-1.6, 0.0)))
def saddle(x, y):
    """A saddle point between two hills: the gradient vanishes at the origin and is tiny around it.

    There is no minimum; the function falls forever along y. The second start lies on the ridge exactly.
    """
    return x**2 - y**2


@surface(box=((-1.5, 1.5), (-1.5, 1.5)), starts=((1.2, 0.01), (0.6, 1.2)))
def monkey_saddle(x, y):
    """A saddle point with three ways down, for two legs and a tail: at the origin even the curvature is zero.

    Described by Hilbert and Cohn-Vossen (1932). There is no minimum; the function falls forever in three directions.
    """
    return x**3 - 3 * x * y**2


@surface(box=((-4, 4), (-2, 2)), starts=((-3.6, 0.6),), minima=((0, 0),))
def ravine(x, y, *, condition=50):
    """A bowl much steeper across than along: the steep side limits the step, the flat side needs a long one.

    ``condition`` is the condition number, the ratio of the two curvatures; descent is stable for lr < 2 / condition.
    """
    return (x**2 + condition * y**2) / 2


@surface(box=((-3, 3), (-3, 3)), starts=((-2.0, 1.5),), minima=((1.0000020610686521, 0),))
def cliff(x, y):
    """A plateau, then a cliff: a step that suits the plateau is far too long at the edge.

    Cliffs of this kind are described by Goodfellow, Bengio and Courville (2016), section 8.2.4; the formula is ours.
    """
    return (x - 1) ** 2 / 100 + y**2 / 20 + 1 / (1 + exp(20 * x))
