"""Seven landscapes on the square from -1 to 1, their heights mapped to about (0, 1].

They are the landscapes of Impact Crater's OptimizerVisualizer (2024): frames of published functions, and
mixtures of them. Every one begins at (-0.9, 0.9) unless its own start says otherwise.
"""

from torch import cos, sin, sqrt

from .classics import rastrigin, rosenbrock, six_hump_camel
from .surface import surface

SQUARE = ((-1, 1), (-1, 1))
CORNER = ((-0.9, 0.9),)

unit_rosenbrock = rosenbrock.framed(
    "unit_rosenbrock",
    scale=(2, -2),
    shift=(0, 1),
    height=(0, 2509),
    starts=CORNER,
    shading="log",
    title="Rosenbrock's function on [−1, 1]²",
)

unit_six_hump_camel = six_hump_camel.framed(
    "unit_six_hump_camel",
    scale=(2, -1),
    height=(-1.03008306, 5.49558687),
    starts=CORNER,
    shading="log",
    title="Six-hump camel function on [−1, 1]²",
)


@surface(title="Bowl", box=SQUARE, starts=CORNER, minima=((0, -0.4),), height=(0, 2.46000004), shading="log")
def unit_bowl(x, y):
    """A plain bowl, twice as steep along y as along x: the sphere of the article, stretched."""
    return 0.5 * x**2 + (y + 0.4) ** 2


unit_rastrigin = rastrigin.replace(a=2).framed(
    "unit_rastrigin",
    scale=(5.12, 5.12),
    height=(0, 79.98309326),
    starts=((-0.7, 0.8),),
    shading="log",
    title="Rastrigin's function on [−1, 1]²",
)


@surface(box=SQUARE, minima=((1, -1),), height=(0.000625, 7.90062523))
def tilt(x, y):
    """A bowl around the corner (1, -1), which tilts what it is added to."""
    return (x - 1) ** 2 + (y + 1) ** 2


@surface(box=SQUARE, minima=((0.5, -0.5),), height=(0, 1.48755252))
def cone(x, y):
    """A cone whose tip lies at (0.5, -0.5)."""
    return sqrt(((x - 0.5) ** 2 + (y + 0.5) ** 2) / 2)


def waves(x, y, *, k=3):
    """Crossing waves on a tilted plane; k sets how many fit into the square."""
    u = k * x
    v = k * y
    return u - sin(2 * u + 3 * v) - cos(3 * u - 5 * v) + v - sin(u - 2 * v) + cos(u + 3 * v)


long_waves = surface(box=SQUARE, height=(-7.99237823, 6.80937624), name="long_waves")(waves)
short_waves = surface(box=SQUARE, height=(-13.42661095, 13.22151566), name="short_waves", parameters={"k": 6})(waves)


@surface(
    box=SQUARE,
    starts=CORNER,
    minima=((0.005552277213247104, -0.7326228402460926),),
    height=(0.07055350, 1),
    shading="log",
)
def tilted_camel(x, y):
    """The six-hump camel, tilted by a bowl: one of its minima is now the lowest."""
    return unit_six_hump_camel(x, y) / 2 + tilt(x, y) / 2


@surface(box=SQUARE, starts=CORNER, minima=((0.5, -0.5),), height=(0.16485822, 0.90223962), shading="log")
def swell(x, y):
    """A cone under long waves: local minima on the way to the tip."""
    return 0.3 * long_waves(x, y) + 0.7 * cone(x, y)


@surface(
    box=SQUARE,
    starts=((-0.9, 0.8),),
    minima=((0.4701945314880663, -0.5448101368965782),),
    height=(0.15205750, 0.86382282),
    shading="log",
)
def choppy_swell(x, y):
    """A cone under short waves: many more local minima on the way to the tip."""
    return 0.3 * short_waves(x, y) + 0.7 * cone(x, y)
