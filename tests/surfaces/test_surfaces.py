"""Surfaces at published points that are not the minimum, and the contract that every listed one keeps."""

import copy
import importlib
import math
import multiprocessing
import pickle
from functools import partial

import joblib
import numpy as np
import pytest
import torch

from optguide import surfaces
from optguide.surfaces import Surface, surface
from optguide.table import title_of

ALL = [getattr(surfaces, name) for name in surfaces.__all__]
every = pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)

# Points whose heights follow from the published formula by hand arithmetic; none is a minimum.
POINTS = [
    ("quadratic_1d", (0.75,), 3 * 0.5625 + 1.5),
    ("sphere", (3, -4), 25),
    ("rosenbrock", (-1.2, 1), 24.2),  # Moré, Garbow and Hillstrom (1981), problem 1: the standard start
    ("rosenbrock", (0, 2), 401),
    ("rosenbrock", (-2, 3), 109),
    ("six_hump_camel", (1, 1), (4 - 2.1 + 1 / 3) + 1 + 0),
    ("six_hump_camel", (-2, 0.5), (4 - 8.4 + 16 / 3) * 4 - 1 + (1 - 4) * 0.25),
    ("six_hump_camel", (1.7036, -0.7961), -0.2154638),  # Dixon and Szegö's second pair of minima
    ("rastrigin", (0.5, 0), 20 + 0.25 + 10 - 10),
    ("rastrigin", (1, 1), 2),
    ("rastrigin", (4.5, -4.5), 20 + 20.25 + 10 + 20.25 + 10),
    ("unit_rosenbrock", (-0.9, 0.9), ((2.8**2 + 100 * (-0.8 - 3.24) ** 2) / 2509) * (1 - 1e-5) + 1e-5),
    (
        "unit_six_hump_camel",
        (0.5, 1),
        ((233 / 100 - 1 / 10 + 1 / 300 - 1 + 1.03008306) / 6.52566993) * (1 - 1e-5) + 1e-5,
    ),
    ("unit_bowl", (-0.9, 0.9), ((0.405 + 1.69) / 2.46000004) * (1 - 1e-5) + 1e-5),
    ("unit_rastrigin", (0.5, 0), ((4 + 2.56**2 - 2 * math.cos(5.12 * math.pi) - 2) / 79.98309326) * (1 - 1e-5) + 1e-5),
    ("himmelblau", (0, 0), 170),
    ("himmelblau", (-0.2708445906673476, -0.9230385564799815), 181.61652152258270),  # the top of the hill
    ("himmelblau", (1, 2), 64 + 4),
    ("beale", (1, 1), 2.25 + 5.0625 + 6.890625),  # Moré, Garbow and Hillstrom (1981), problem 5: the standard start
    ("beale", (0, 3), 2.25 + 5.0625 + 6.890625),
    ("beale", (2, -1), 2.5**2 + 2.25**2 + 1.375**2),
    ("booth", (0, 0), 74),
    ("booth", (2, -1), 49 + 4),
    ("matyas", (1, -1), 0.52 + 0.48),
    ("matyas", (2, 3), 0.26 * 13 - 2.88),
    ("three_hump_camel", (1, 1), 2 - 1.05 + 1 / 6 + 2),
    ("three_hump_camel", (2, -1), 8 - 16.8 + 64 / 6 - 2 + 1),
    ("three_hump_camel", (1.747552345830289, -0.8737761729151445), 0.29863844223685982),  # a higher hollow
    ("goldstein_price", (0, 0), 20 * 30),
    ("goldstein_price", (-0.6, -0.4), 30),  # the three local minima that Goldstein and Price list
    ("goldstein_price", (1.8, 0.2), 84),
    ("goldstein_price", (1.2, 0.8), 840),
    ("styblinski_tang", (1, 1), -10),
    ("styblinski_tang", (2, -3), (16 - 64 + 10 + 81 - 144 - 15) / 2),
    # The highest of its hollows, where 4 t³ - 32 t + 5 = 0 and so t⁴ = 8 t² - 1.25 t.
    ("styblinski_tang", (2.746802770990837, 2.746802770990837), -8 * 2.746802770990837**2 + 3.75 * 2.746802770990837),
    ("ackley", (1, 0), 20 * (1 - math.exp(-0.2 / math.sqrt(2)))),
    ("ackley", (0.5, 0.5), 20 - 20 * math.exp(-0.1) + math.e - math.exp(-1)),
    ("griewank", (math.pi, 0), math.pi**2 / 4000 + 2),
    ("griewank", (0, math.pi * math.sqrt(2)), 2 * math.pi**2 / 4000 + 2),
    ("griewank", (2 * math.pi, math.pi / math.sqrt(2)), 4.5 * math.pi**2 / 4000 + 1),
    ("levy_13", (0, 0), 2),
    ("levy_13", (0.5, 1), 1 + 0.25),
    ("levy_13", (2, 1.25), 0 + (1 + 0.5) + 0.0625 * 2),
    ("eggholder", (0, 0), -47 * math.sin(math.sqrt(47))),
    ("eggholder", (-10, 18), -65 * math.sin(math.sqrt(60)) + 10 * math.sin(math.sqrt(75))),
    ("saddle", (3, 2), 5),
    ("monkey_saddle", (1, 2), -11),
    ("monkey_saddle", (2, -1), 2),
    ("ravine", (2, 0.2), 2 + 1),
    ("cliff", (0, 0), 0.01 + 0.5),
    ("cliff", (-1, 2), 0.04 + 0.2 + 1 / (1 + math.exp(-20))),
    ("simple_quadratic", (-2, 1), 5),
    ("wobbly", (0, 0), 3 + 8 * math.exp(-10)),
    ("wobbly", (0.8, -0.8), 1.28 / 3 + 0.8 * math.sqrt(0.9) + 3 + 8 * math.exp(-2 * (3.24 + 1.44))),
    ("wobbly", (-1, -2), 5 / 3 + math.sqrt(1.1) - 3 * math.sin(3) + 11),
    ("basins_and_walls", (math.pi / 8, 2), (math.pi**2 / 64 + 4) / 2 + 1),
    ("ripple", (math.pi / 40, math.pi / 20), 5 * math.pi**2 / 1600 / 3 + 1 / 15),
    ("ripple", (math.pi / 20, math.pi / 40), 5 * math.pi**2 / 1600 / 3 + 1 / 15),
    ("giant_plateau", (1, 2), 4 - 4 * math.exp(-5)),
    (
        "hills_and_canyon",
        (-1, -2),
        5 / 3 + 3 + math.exp(-1.5 * 8.25) + 3 * math.exp(-6.75) + 1.5 * math.exp(-7) + 4 - 4 * math.exp(-9),
    ),
    (
        "hills_and_canyon",
        (-2, 0.5),
        4.25 / 3
        + 3 * math.exp(-7.25)
        + 1
        + 3 * math.exp(-1.5 * 17)
        + 1.5 * math.exp(-3.25)
        + 4 * (1 - math.exp(-2.25)),
    ),
    ("two_minima", (-2.5, -2.5), 3.5 - 3 * math.exp(-12.5)),
    ("two_minima", (0.5, -0.5), 4 - 0.5 * math.exp(-13) - 3 * math.exp(-0.5)),
]


@pytest.mark.parametrize(("name", "point", "height"), POINTS)
def test_published_points(name, point, height):
    tolerance = 1e-6 if point == (1.7036, -0.7961) else 1e-12  # that point is published to four digits
    assert getattr(surfaces, name)(*point) == pytest.approx(height, rel=tolerance)


def delta_map(z, lo, hi):
    return (z - lo) / (hi - lo) * 0.99999 + 0.00001


def camel(u, v):
    return (4 - 2.1 * u**2 + u**4 / 3) * u**2 + u * v + (4 * v**2 - 4) * v**2


def wave(x, y, k, lo, hi):
    u, v = k * x, k * y
    s, c = math.sin, math.cos
    return delta_map(u - s(2 * u + 3 * v) - c(3 * u - 5 * v) + v - s(u - 2 * v) + c(u + 3 * v), lo, hi)


@pytest.mark.parametrize(("x", "y"), [(-0.9, 0.9), (0.3, -0.2), (0.71, 0.55), (-0.4, -1.0)])
def test_mixtures_follow_their_recipe(x, y):
    """The three mixed landscapes, written a second time in scalar arithmetic."""
    tilted = 0.5 * delta_map(camel(2 * x, -y), -1.03008306, 5.49558687)
    tilted += 0.5 * delta_map((x - 1) ** 2 + (y + 1) ** 2, 0.000625, 7.90062523)
    cone = delta_map(math.sqrt(((x - 0.5) ** 2 + (y + 0.5) ** 2) / 2), 0, 1.48755252)
    long = 0.3 * wave(x, y, 3, -7.99237823, 6.80937624) + 0.7 * cone
    short = 0.3 * wave(x, y, 6, -13.42661095, 13.22151566) + 0.7 * cone
    assert surfaces.tilted_camel(x, y) == pytest.approx(delta_map(tilted, 0.07055350, 1), rel=1e-12)
    assert surfaces.swell(x, y) == pytest.approx(delta_map(long, 0.16485822, 0.90223962), rel=1e-12)
    assert surfaces.choppy_swell(x, y) == pytest.approx(delta_map(short, 0.15205750, 0.86382282), rel=1e-12)


@every
def test_has_a_description_a_box_and_a_start_inside_it(f: Surface):
    assert f.__doc__ and f.name in surfaces.__all__
    assert all(low <= x <= high for x, (low, high) in zip(f.start, f.box, strict=True))


# Two tips of cones: no slope there, but every small step away goes up.
KINKS = {"swell", "ackley"}
# No minimum at all, and a direction from the origin in which the height falls without bound.
UNBOUNDED = {"saddle": (0, 1), "monkey_saddle": (-1, 0)}


@every
def test_minima_are_minima(f: Surface):
    """The slope vanishes there, or pushes against the border of the box, and no point of a fine grid lies lower."""
    grid = np.meshgrid(*[np.linspace(*side, 20_001 if f.dim == 1 else 601) for side in f.box])
    lowest = f(*grid).min()
    assert bool(f.known_minima()) != (f.name in UNBOUNDED)
    for minimum in f.known_minima():
        height = f(*minimum)
        assert height <= lowest + 1e-12
        x = torch.tensor(minimum, dtype=torch.float64)
        if f.name in KINKS:
            around = [f(minimum[0] + 1e-4 * math.cos(a), minimum[1] + 1e-4 * math.sin(a)) for a in range(7)]
            assert min(around) > height
        else:
            slope = torch.func.grad(lambda p: f(*p.unbind()))(x)
            for at, (low, high), s in zip(minimum, f.box, slope.tolist(), strict=True):
                assert abs(s) < 1e-7 or (at == low and s > 0) or (at == high and s < 0)


@pytest.mark.parametrize("name", UNBOUNDED)
def test_saddles_fall_without_bound(name):
    f, way = getattr(surfaces, name), UNBOUNDED[name]
    heights = [f(*(r * c for c in way)) for r in (0, 1, 10, 100, 1000)]
    assert heights == [0, *(-(r ** (2 if name == "saddle" else 3)) for r in (1, 10, 100, 1000))]


def test_only_the_eggholder_has_its_minimum_on_the_border():
    borders = [
        f.name for f in ALL if any(x in side for m in f.known_minima() for x, side in zip(m, f.box, strict=True))
    ]
    assert borders == ["eggholder"]
    assert surfaces.eggholder(513, 404.2318) < surfaces.eggholder(*surfaces.eggholder.known_minima()[0])


@every
def test_is_pure_broadcasts_and_keeps_kinds(f: Surface):
    # An even number of points: the centre of the box may be the tip of a cone.
    x = [torch.linspace(low, high, 6, dtype=torch.float64) for low, high in f.box]
    before = [c.clone() for c in x]
    z = f(*x)
    assert all(torch.equal(a, b) for a, b in zip(x, before, strict=True))
    assert z.shape == (6,)
    for i in range(6):
        assert f(*(c[i] for c in x)) == z[i]
        assert f(*(float(c[i]) for c in x)) == pytest.approx(float(z[i]), rel=1e-13, abs=1e-15)
    assert isinstance(f(*(c.numpy() for c in x)), np.ndarray)
    assert isinstance(f(*(0.25 for _ in x)), float)
    assert f(*(c.float() for c in x)).dtype == torch.float32
    assert f(*(c.reshape(6, 1) for c in x)).shape == (6, 1)
    for c in x:
        c.requires_grad_()
    gradients = torch.autograd.grad(f(*x).sum(), x)
    h = 1e-6
    for i, g in enumerate(gradients):
        up, down = ([c.detach() + (h * s if j == i else 0) for j, c in enumerate(x)] for s in (1, -1))
        slope = (f(*up) - f(*down)) / (2 * h)
        assert torch.allclose(g, slope, rtol=1e-5, atol=1e-5)


def test_replace_changes_parameters_and_moves_the_minima():
    f = surfaces.rosenbrock.replace(a=2, b=10)
    assert f(0, 0) == 4
    assert f(0, 1) == 14
    assert f.known_minima() == ((2, 4),)
    assert surfaces.rosenbrock(0, 1) == 101, "the original is untouched"
    with pytest.raises(TypeError, match="rosenbrock has no parameter 'c'; it takes a, b"):
        surfaces.rosenbrock.replace(c=1)


def test_a_frame_moves_box_starts_and_minima_together():
    f = surfaces.rosenbrock.framed("seen", scale=(2, -2), shift=(0, 1), height=(0, 2509))
    assert f.box == ((-1, 1), (-1, 1))
    assert f.starts[0] == (-0.75, -0.5)
    assert f.known_minima() == ((0.5, 0),)
    assert f(0.3, 0.2) == pytest.approx(delta_map(surfaces.rosenbrock(0.6, 0.6), 0, 2509), rel=1e-14)
    again = f.framed("twice", scale=(0.5, 0.5), shift=(0.1, 0))
    assert again(0.4, 0.4) == pytest.approx(f(0.3, 0.2), rel=1e-14)
    assert again.known_minima()[0] == pytest.approx((0.8, 0))
    assert surfaces.sphere.framed("half", scale=(2, 2))(1, 1) == 8
    assert surfaces.sphere.framed("shifted", shift=(0, 1))(1, 1) == 5


def test_a_frame_maps_the_heights_of_contour_lines_with_the_heights():
    lined = surface(box=((-1, 1),), levels=(1, 2), name="lined")(lambda x: x**2)
    assert lined.framed("as before").levels == (1, 2)
    assert lined.framed("mapped", height=(0, 4)).levels == pytest.approx((delta_map(1, 0, 4), delta_map(2, 0, 4)))


def test_a_reader_is_told_a_title_in_words():
    titles = {name: getattr(surfaces, name).title for name in surfaces.__all__}
    assert titles["himmelblau"] == "Himmelblau's function" and titles["levy_13"] == "Lévy function N. 13"
    assert titles["tilted_camel"] == "Tilted camel" and len(set(titles.values())) == len(titles)
    assert not [title for title in titles.values() if "_" in title or not title[0].isupper()]
    assert surfaces.rosenbrock.replace(b=10).title == "Rosenbrock's function"
    assert surfaces.rosenbrock.framed("another_frame").title == "Another frame"
    assert surfaces.rosenbrock.framed("f", title="Seen from afar").title == "Seen from afar"
    assert title_of(lambda x, y: x) == "Lambda" and title_of(surfaces.cliff.function) == "Cliff"
    with pytest.raises(TypeError, match="title must be a string, got 3"):
        Surface(lambda x: x, box=((0, 1),), title=3)


def test_facts_are_kept_as_tuples_of_floats_and_shown():
    def parabola(x, *, k=1):
        """A curve."""
        return k * x**2

    f = surface(box=[np.array([0, 1])], starts=[[1]], levels=[1, 2], minima=[[0]], name="f")(parabola)
    assert (f.box, f.starts, f.levels, f.minima) == (((0, 1),), ((1,),), (1, 2), ((0,),))
    assert all(type(number) is float for number in (*f.box[0], *f.starts[0], *f.levels, *f.minima[0]))
    assert f.__doc__ == "A curve." and repr(f) == "<surface f(x, k=1)>"


def test_regression_is_the_mean_squared_residual_of_its_data():
    f = surfaces.linear_regression()
    x, y = f.function.data
    assert x.shape == y.shape == (1000,)
    assert f.axes == ("a", "b")
    for a, b in [(9, 2), (-2, 2), (0, 0), (-2.0001, 1.9999)]:
        assert f(a, b) == pytest.approx(np.mean((y - (a + b * x)) ** 2), rel=1e-9)
    assert f.known_minima()[0] == pytest.approx((-2, 2), abs=1e-4)
    assert surfaces.linear_regression(seed=1)(9, 2) != f(9, 2)


def test_bad_input_names_the_culprit():
    with pytest.raises(TypeError, match=r"rosenbrock takes 2 coordinates \(x, y\), got 1"):
        surfaces.rosenbrock(1.0)
    with pytest.raises(ValueError, match=r"box must hold 1 \(low, high\) pairs with low < high, got \(\(1, 1\),\)"):
        surface(box=((1, 1),), name="f")(lambda x: x)
    with pytest.raises(ValueError, match="starts of f must have 1 coordinates"):
        surface(box=((0, 1),), starts=((1, 2),), name="f")(lambda x: x)
    with pytest.raises(ValueError, match=r"name must be text that can be written as UTF-8, got 'a\\ud800'"):
        surfaces.sphere.framed("a\ud800")
    with pytest.raises(ValueError, match="shading must be"):
        surface(box=((0, 1),), shading="loud", name="f")(lambda x: x)
    for scaled in (surfaces.sphere.framed, partial(surface, box=((0, 1),) * 2)):
        with pytest.raises(ValueError, match="scale must not contain 0"):
            scaled(name="flat", scale=(0, 1))(lambda x, y: x)
        with pytest.raises(ValueError, match=r"shift must have 2 coordinates, got \(1.0,\)"):
            scaled(name="flat", shift=[1])(lambda x, y: x)
    wrong = [("box", "01"), ("box", ["01"]), ("box", [(0, 1, 2)]), ("levels", "12"), ("levels", [1, np.nan])]
    for what, value in [*wrong, ("shift", "1"), ("height", (1, 1)), ("height", (0, 1, 2)), ("starts", [None])]:
        with pytest.raises((TypeError, ValueError), match=f"^{what} must"):
            surface(**{"box": ((0, 1),), "name": "f", what: value})(lambda x: x)
    with pytest.raises(TypeError, match=r"^box must hold 2 \(low, high\) pairs of numbers"):
        surface(box=((0, 1), (0, 1, 2)), name="f")(lambda x, y: x)
    with pytest.raises(ValueError, match="lo < hi"):
        surfaces.sphere.framed("flat", height=(1, 1))
    with pytest.raises(ValueError, match="has no default start; name one: start="):
        _ = surface(box=((0, 1),), name="f")(lambda x: x).start
    with pytest.raises(ValueError, match="n must be >= 2, got 1"):
        surfaces.linear_regression(1)
    with pytest.raises(ValueError, match="noise must be >= 0, got -1"):
        surfaces.linear_regression(noise=-1)


def test_starts_are_spread_over_the_box():
    surface = surfaces.three_hump_camel
    (x0, x1), (y0, y1) = surface.box
    points = surface.sample(500)
    assert points.shape == (500, 2) and (points >= (x0, y0)).all() and (points <= (x1, y1)).all()
    np.testing.assert_array_equal(points, surface.sample(500))
    assert not (points == surface.sample(500, seed=1)).any()
    np.testing.assert_allclose(points.mean(0), ((x0 + x1) / 2, (y0 + y1) / 2), atol=0.1 * (x1 - x0))
    grid = surface.grid(5)
    assert grid.shape == (5, 5, 2) and grid[0, -1].tolist() == [x1, y0] and grid[-1, 0].tolist() == [x0, y1]
    assert surface.grid(2).shape == (2, 2, 2) and surface.sample(1).shape == (1, 2)
    assert surfaces.quadratic_1d.grid(3)[:, 0].tolist() == np.linspace(*surfaces.quadratic_1d.box[0], 3).tolist()
    for error, message, call in (
        (ValueError, "count must be >= 1, got 0", lambda: surface.sample(0)),
        (ValueError, "count must be >= 2, got 1", lambda: surface.grid(1)),
        (TypeError, r"count must be an int, got 2\.5", lambda: surface.grid(2.5)),
    ):
        with pytest.raises(error, match=message):
            call()


OTHERS = [
    surfaces.rosenbrock.replace(a=0.5, b=7),
    surfaces.rosenbrock.framed("seen", scale=(2, -2), shift=(0, 1), height=(0, 2509)),
    surfaces.linear_regression(20, seed=3),
]


@pytest.mark.parametrize("f", [*ALL, *OTHERS], ids=lambda f: f.name)
def test_pickled_and_read_again_it_is_equal_and_works(f: Surface):
    again = pickle.loads(pickle.dumps(f))
    assert again == f and hash(again) == hash(f) and again.known_minima() == f.known_minima()
    assert again(*f.start) == f(*f.start) and again.__doc__ == f.__doc__ and repr(again) == repr(f)
    assert copy.deepcopy(f) == f


def test_surfaces_are_equal_by_value():
    f = surfaces.rosenbrock
    assert f == f.replace(b=100) and {f: 1}[f.replace(b=100)] == 1
    assert f != f.replace(b=10) and f != f.framed("seen") and f != surfaces.sphere and f != "rosenbrock"
    assert surfaces.linear_regression(20) == surfaces.linear_regression(20) != surfaces.linear_regression(20, seed=1)


@pytest.mark.parametrize("many", [torch.tensor, np.array])
def test_surfaces_with_many_values_of_a_parameter_are_equal_by_value(many):
    f = surfaces.rosenbrock
    two = f.replace(b=many([1.0, 2.0]))
    assert two == f.replace(b=many([1.0, 2.0]))
    assert two not in (f, f.replace(b=1.0), f.replace(b=many([1.0, 3.0])), f.replace(b=many([1.0])))
    assert {f: 1, two: 2}[two] == 2


def test_other_processes_take_surfaces(tmp_path, monkeypatch):
    """One of a reader's own module among them. A process of joblib's takes also what is defined in a function."""
    (tmp_path / "hollows.py").write_text(
        "import optguide as og\n\n\n"
        "@og.surface(box=((-1, 1),), starts=((1,),), minima=lambda k: [(k,)])\n"
        "def own(x, *, k=0.5):\n    return (x - k) ** 2\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module("hollows").own
    taken = [own.replace(k=0.25), *OTHERS, surfaces.tilted_camel]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(surfaces.Surface.known_minima, taken) == [f.known_minima() for f in taken]

    @surface(box=((-1, 1),), minima=lambda k: [(k,)], starts=((1,),))
    def here(x, *, k=0.5):
        return (x - k) ** 2

    assert joblib.Parallel(2)(joblib.delayed(Surface.known_minima)(f) for f in (here, own)) == [((0.5,),)] * 2
    with pytest.raises((pickle.PicklingError, AttributeError), match="here"):
        pickle.dumps(here)
