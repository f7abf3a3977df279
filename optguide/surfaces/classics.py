"""Test functions in the form in which they were published."""

from math import e, pi

from torch import cos, exp, sin, sqrt

from .surface import surface


@surface(
    title="Rosenbrock's function",
    box=((-2, 2), (-1, 3)),
    starts=((-1.5, 2.0), (1.5, -0.5), (-0.5, 2.5)),
    minima=lambda a, b: [(a, a**2)],
    shading="log",
)
def rosenbrock(x, y, *, a=1, b=100):
    """A long, curved, nearly flat valley: finding it is easy, following it is not.

    Rosenbrock (1960); the minimum 0 lies at (a, a²).
    """
    return (a - x) ** 2 + b * (y - x**2) ** 2


@surface(
    title="Six-hump camel function",
    box=((-2, 2), (-1, 1)),
    starts=((-1.8, -0.9), (1.6, 0.7), (-0.6, 0.9)),
    minima=((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)),
)
def six_hump_camel(x, y):
    """Six local minima between the humps, two of which are global.

    Dixon and Szegö (1978); the minimum is about -1.0316.
    """
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2


@surface(
    title="Rastrigin's function",
    box=((-5.12, 5.12), (-5.12, 5.12)),
    starts=((-3.6, 4.1), (4.4, 2.3)),
    minima=((0, 0),),
)
def rastrigin(x, y, *, a=10):
    """A bowl covered with waves: a local minimum near every integer point.

    Rastrigin (1974), in two dimensions; the minimum 0 lies at the origin.
    """
    return 2 * a + x**2 - a * cos(2 * pi * x) + y**2 - a * cos(2 * pi * y)


@surface(title="Sphere function", box=((-5.12, 5.12), (-5.12, 5.12)), starts=((-4.0, 3.0),), minima=((0, 0),))
def sphere(x, y):
    """A round bowl: every gradient points away from the minimum. De Jong (1975), function F1, in two dimensions."""
    return x**2 + y**2


@surface(
    title="Himmelblau's function",
    box=((-5, 5), (-5, 5)),
    starts=((-0.5, -1.0), (0.0, 4.5), (4.5, 0.5)),
    minima=(
        (3, 2),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861694),
        (3.5844283403304917, -1.8481265269644036),
    ),
    shading="sqrt",
)
def himmelblau(x, y):
    """Four minima of equal depth around one hill: where a descent ends is decided by where it begins.

    Himmelblau (1972); the minimum 0 lies at (3, 2) and at three more points, the hilltop near (-0.271, -0.923).
    """
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


@surface(
    title="Beale's function",
    box=((-4.5, 4.5), (-4.5, 4.5)),
    starts=((1.0, 1.0), (-2.0, 1.5)),
    minima=((3, 0.5),),
    shading="log",
)
def beale(x, y):
    """Flat between steep corners: a step that suits the flat part is far too long for the steep ones.

    Beale (1958), as restated by Moré, Garbow and Hillstrom (1981), problem 5, whose start comes first here.
    """
    return (1.5 - x * (1 - y)) ** 2 + (2.25 - x * (1 - y**2)) ** 2 + (2.625 - x * (1 - y**3)) ** 2


@surface(
    title="Booth's function",
    box=((-10, 10), (-10, 10)),
    starts=((8.0, 0.0), (-6.0, 8.0)),
    minima=((1, 3),),
    shading="sqrt",
)
def booth(x, y):
    """A bowl nine times as curved across as along, turned by 45 degrees: no coordinate is easy by itself.

    As stated by Jamil and Yang (2013); the minimum 0 lies at (1, 3).
    """
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


@surface(
    title="Matyas function",
    box=((-10, 10), (-10, 10)),
    starts=((8.0, -4.0), (-9.0, -7.0)),
    minima=((0, 0),),
    shading="sqrt",
)
def matyas(x, y):
    """A shallow valley along the diagonal: scaling each coordinate by itself does not help there.

    As stated by Jamil and Yang (2013); the minimum 0 lies at the origin.
    """
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


@surface(
    title="Three-hump camel function",
    box=((-2.5, 2.5), (-2.5, 2.5)),
    starts=((-2.0, 1.5), (2.2, 0.5)),
    minima=((0, 0),),
    shading="sqrt",
)
def three_hump_camel(x, y):
    """A global minimum between two local ones: a start beyond either of them needs momentum or long steps to get past.

    Attributed to Branin (1972) by Jamil and Yang (2013); the local minima lie near (1.748, -0.874) and (-1.748, 0.874).
    """
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


@surface(
    title="Goldstein–Price function",
    box=((-2, 2), (-2, 2)),
    starts=((-1.5, 0.5), (1.5, 1.5)),
    minima=((0, -1),),
    shading="log",
)
def goldstein_price(x, y):
    """Heights from 3 to a million on one small square: no learning rate suits all of it.

    Goldstein and Price (1971); the minimum 3 lies at (0, -1), with three local minima at 30, 84 and 840.
    """
    u = x + y + 1
    v = 2 * x - 3 * y
    a = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    b = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + u**2 * a) * (30 + v**2 * b)


@surface(
    title="Styblinski–Tang function",
    box=((-5, 5), (-5, 5)),
    starts=((0.5, 4.5), (4.5, -4.0)),
    minima=((-2.903534027771177, -2.903534027771177),),
)
def styblinski_tang(x, y):
    """Four minima, one in each quarter, of which one is global: the gradient does not tell which.

    Styblinski and Tang (1990), as restated by Jamil and Yang (2013); the minimum is about -78.332.
    """
    return (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y) / 2


@surface(title="Ackley's function", box=((-5, 5), (-5, 5)), starts=((-3.6, 4.2), (1.4, -2.7)), minima=((0, 0),))
def ackley(x, y):
    """One funnel full of local minima: the gradients of the ripples hide that of the funnel.

    Ackley (1987), with the usual constants 20, 0.2 and 2π. The minimum 0 is the tip of a cone at the origin,
    where the gradient does not exist.
    """
    return 20 - 20 * exp(-0.2 * sqrt((x**2 + y**2) / 2)) + e - exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2)


@surface(title="Griewank's function", box=((-10, 10), (-10, 10)), starts=((-8.5, 7.0), (4.0, 8.0)), minima=((0, 0),))
def griewank(x, y, *, d=4000):
    """A wide, shallow bowl under waves of equal height: near the minimum only the waves are steep.

    Griewank (1981), whose own divisor in two dimensions is d = 200; later tests use 4000 in any dimension.
    """
    return (x**2 + y**2) / d - cos(x) * cos(y / 2 ** (1 / 2)) + 1


@surface(
    title="Lévy function N. 13",
    box=((-10, 10), (-10, 10)),
    starts=((-8.0, 7.0), (4.3, -2.6)),
    minima=((1, 1),),
    shading="sqrt",
)
def levy_13(x, y):
    """A corrugated bowl whose furrows deepen away from the minimum: small steps stop in the first of them.

    Lévy function N. 13, as stated by Surjanovic and Bingham (2013).
    """
    a = (x - 1) ** 2 * (1 + sin(3 * pi * y) ** 2)
    b = (y - 1) ** 2 * (1 + sin(2 * pi * y) ** 2)
    return sin(3 * pi * x) ** 2 + a + b


@surface(
    title="Eggholder function",
    box=((-512, 512), (-512, 512)),
    starts=((0.0, 0.0), (-300.0, 200.0)),
    minima=((512, 404.2318051137578),),
)
def eggholder(x, y):
    """Dozens of local minima, the lowest point of the box on its border: descent finds only the nearest minimum.

    As stated by Jamil and Yang (2013). The minimum of the box, about -959.6407 at (512, 404.2318), lies on its
    edge: the gradient does not vanish there, and outside the function falls lower still.
    """
    u = y + 47
    return -u * sin(sqrt(abs(x / 2 + u))) - x * sin(sqrt(abs(x - u)))
