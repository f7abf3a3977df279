"""Seven landscapes on the square [-3, 3]², made to show one difficulty each.

They all begin at (-2.8, -2.5), so that runs on different landscapes can be compared. The formulas are those of
Siarshai (2017), and so are the heights of the contour lines: every 0.25 up to 7, then every 1 up to 19. The article's
list leaves out 6.
"""

from torch import exp, sin, sqrt

from .surface import surface

SQUARE = ((-3, 3), (-3, 3))
CORNER = ((-2.8, -2.5),)
LEVELS = (*(i / 4 for i in range(-8, 29)), *range(8, 20))


@surface(title="Round bowl", box=SQUARE, starts=CORNER, levels=LEVELS, minima=((0, 0),))
def simple_quadratic(x, y):
    """A round bowl, the control of the experiment: the same function as `sphere`, on this square."""
    return x**2 + y**2


@surface(
    title="Wobbly bowl", box=SQUARE, starts=CORNER, levels=LEVELS, minima=((-0.17242094376299927, -0.9063018409018628),)
)
def wobbly(x, y):
    """A bowl with a crease along x = 0, a slanting wave and a hill: the way down is not the way straight on."""
    s = x**2 + y**2
    return s / 3 + abs(x) * sqrt(abs(x) + 0.1) + 3 * sin(x + y) + 3 + 8 * exp(-2 * ((x + 1) ** 2 + (y + 2) ** 2))


@surface(box=SQUARE, starts=CORNER, levels=LEVELS, minima=((0, 0),))
def basins_and_walls(x, y):
    """A bowl crossed by walls along one axis only: a small step stays in its valley, a large one jumps the wall."""
    s = x**2 + y**2
    return s / 2 + sin(4 * x) ** 2


@surface(title="Ripples", box=SQUARE, starts=CORNER, levels=LEVELS, minima=((0, 0),))
def ripple(x, y):
    """A bowl with fine ripples: the gradient is mostly that of the ripples, the way down that of the bowl."""
    s = x**2 + y**2
    return s / 3 + (sin(20 * x) ** 2 + sin(20 * y) ** 2) / 15


@surface(box=SQUARE, starts=CORNER, levels=LEVELS, minima=((0, 0),))
def giant_plateau(x, y):
    """A plain, almost without gradient, around one minimum: rules that divide by the size of the gradient reach it."""
    s = x**2 + y**2
    return 4 * (1 - exp(-s))


@surface(box=SQUARE, starts=CORNER, levels=LEVELS, minima=((-0.04041944691066241, 0.07197372849804834),))
def hills_and_canyon(x, y):
    """Hills and a canyon: the way to the minimum leads past traps."""
    s = x**2 + y**2
    a = 3 * exp(-((x + 1) ** 2 + (y + 2) ** 2))
    b = exp(-1.5 * (2 * (x + 2) ** 2 + (y - 0.5) ** 2))
    c = 3 * exp(-1.5 * ((x - 1) ** 2 + 2 * (y + 1.5) ** 2))
    r = 1.5 * exp(-((x + 1.5) ** 2 + 3 * (y + 0.5) ** 2))
    return s / 3 + a + b + c + r + 4 * (1 - exp(-((x + y) ** 2)))


@surface(box=SQUARE, starts=CORNER, levels=LEVELS, minima=((-1.5527953021231576e-06, -1.5527953021231576e-06),))
def two_minima(x, y):
    """A deep minimum far away and a shallow one at the start, which small steps do not leave."""
    s = x**2 + y**2
    return 4 - 0.5 * exp(-((x + 2.5) ** 2 + (y + 2.5) ** 2)) - 3 * exp(-s)
