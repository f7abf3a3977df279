"""The plainest surface for each difficulty: saddles, a ravine, a cliff."""

from torch import exp

from .surface import surface


@surface(box=((-2, 2), (-2, 2)), starts=((-1.6, 0.01), (-1.6, 0.0)))
def saddle(x, y):
    """A pass between two hills: the slope vanishes at the origin, and the way out begins unmeasurably flat.

    There is no minimum; the function falls forever along y. The second start lies on the ridge exactly.
    """
    return x**2 - y**2


@surface(box=((-1.5, 1.5), (-1.5, 1.5)), starts=((1.2, 0.01), (0.6, 1.2)))
def monkey_saddle(x, y):
    """A saddle with a third way down, for the tail: at the origin even the curvature is zero.

    Named by Hilbert and Cohn-Vossen (1952). There is no minimum; the function falls forever in three directions.
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
    """A plateau, then a cliff: a step that is right for the plateau flies off the map at the edge.

    Cliffs of this kind are described by Goodfellow, Bengio and Courville (2016), section 8.2.4; the formula is ours.
    """
    return (x - 1) ** 2 / 100 + y**2 / 20 + 1 / (1 + exp(20 * x))
