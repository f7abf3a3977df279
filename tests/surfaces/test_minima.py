"""Claimed minima are looked at once, wrong ones are refused with what lies lower, and unknown ones are found."""

import dataclasses
import re

import numpy as np
import pytest
import torch

import optguide as og
from optguide import surfaces
from optguide.surfaces import Surface, surface

ALL = [getattr(surfaces, name) for name in surfaces.__all__]
MORE = [surfaces.rosenbrock.replace(a=3), surfaces.rosenbrock.replace(b=1e4), surfaces.linear_regression()]
SQUARE = ((-2, 2), (-2, 2))


def claim(f, *minima):
    return dataclasses.replace(f, minima=minima)


def made(formula, *minima):
    return Surface(formula, SQUARE, minima=minima, name="made")


WRONG = {
    "not stationary": made(lambda x, y: x**2 + 2 * y**2, (0.5, 0.3)),
    "nearly": made(lambda x, y: x**2 + 2 * y**2, (0.003, 0)),
    "a saddle": claim(surfaces.saddle, (0, 0)),
    "a saddle with a floor": made(lambda x, y: x**2 - y**2 + 0.2 * y**4 + x, (-0.5, 0)),
    "a hilltop": claim(surfaces.himmelblau, (-0.2708445906673476, -0.9230385564799815)),
    "a higher hollow": claim(surfaces.three_hump_camel, (1.747552345830289, -0.8737761729151445)),
    "a higher hollow beside the lowest": claim(surfaces.two_minima, (0, 0), (-2.5, -2.5)),
    "one of many hollows": claim(surfaces.rastrigin, (0.9949586376539, 0)),
    "beside a tip": claim(surfaces.ackley, (0.001, 0)),
    "in a curved valley": claim(surfaces.rosenbrock, (0.9, 0.81)),
    "outside the box": claim(surfaces.rosenbrock.replace(a=3), (2.9, 2.9**2)),
    "further along the border": claim(surfaces.eggholder, (512, 402)),
    "in small numbers": made(lambda x, y: 1e-9 * (x**2 + y**2), (0.1, 0)),
    "in large numbers": made(lambda x, y: 1e9 + x**2 + y**2, (0.1, 0)),
    "no number": made(lambda x, y: torch.sqrt(x) + y**2, (-1, 0)),
}


@pytest.mark.parametrize("f", WRONG.values(), ids=WRONG)
def test_wrong_minima_are_refused_with_what_lies_lower(f):
    with pytest.raises(ValueError, match=f"^minima of {f.name} must be its lowest points") as refusal:
        f.known_minima()
    claimed, lower = (eval(point) for point in re.findall(r"\(.*?\)", str(refusal.value)))
    assert any(np.allclose(claimed, m, rtol=1e-8) for m in f.minima)
    assert not f(*lower) >= f(*claimed)
    with pytest.raises(ValueError, match="must be its lowest points"):
        og.sweep(og.SGD, f, [(1.0, 1.0)], 1)


@pytest.mark.parametrize("f", [*ALL, *MORE], ids=lambda f: f.name)
def test_right_ones_are_kept_as_they_were_given(f):
    minima = f.minima(**f.parameters) if callable(f.minima) else f.minima
    np.testing.assert_array_equal(f.known_minima(), minima if f.scale == (1, 1) or f.dim == 1 else f.known_minima())


def test_so_are_those_with_the_digits_of_a_publication():
    assert claim(surfaces.six_hump_camel, (0.0898, -0.7126), (-0.0898, 0.7126)).known_minima()
    assert claim(surfaces.styblinski_tang, (-2.9035, -2.9035)).known_minima()
    assert made(lambda x, y: 0 * x + 3, (0.7, 0.7)).known_minima(), "level ground"
    assert surface(box=((0, 1),), minima=((0,),), name="root")(lambda x: torch.sqrt(x)).known_minima()


def test_they_are_looked_at_once_and_not_before_they_are_needed():
    calls = []

    def bowl(x, y, *, k=1):
        calls.append(1)
        return k * x**2 + y**2

    f = Surface(bowl, SQUARE, starts=((1, 1),), minima=((0, 0),))
    assert not calls
    assert f.known_minima() == ((0, 0),) and calls
    before = len(calls)
    assert f.known_minima() == f.replace(k=1).known_minima() == ((0, 0),) and len(calls) == before
    f.replace(k=2).known_minima()
    assert len(calls) > before


@pytest.mark.parametrize("f", [f for f in [*ALL, *MORE[1:]] if f.minima and f is not surfaces.eggholder],
                         ids=lambda f: f.name)  # fmt: skip
def test_minima_are_found(f):
    known, found = sorted(f.known_minima()), dataclasses.replace(f, minima="find").known_minima()
    assert all(type(x) is float for point in found for x in point)
    # The digits of a height end where those of a point are half as many; only a slope tells the others.
    np.testing.assert_allclose(found, known, rtol=1e-10, atol=1e-10)


def test_they_are_found_in_a_frame_and_with_other_parameters_as_well():
    f = dataclasses.replace(surfaces.himmelblau, minima="find").framed("seen", scale=(2, -2), shift=(0, 1))
    np.testing.assert_allclose(f.known_minima(), sorted(surfaces.himmelblau.framed("seen", scale=(2, -2),
                               shift=(0, 1)).known_minima()), atol=1e-10)  # fmt: skip

    @surface(box=((-2, 2),), minima="find")
    def two(x, *, at=1):
        return (x**2 - at**2) ** 2

    np.testing.assert_allclose(two.known_minima(), [(-1,), (1,)], atol=1e-10)
    np.testing.assert_allclose(two.replace(at=0.5).known_minima(), [(-0.5,), (0.5,)], atol=1e-10)
    table = og.sweep(og.Adam, two.replace(at=0.5), [(1.0,), (-1.0,)], 200, lr=0.05).table()
    assert table.rows[0][:2] == ("Adam", "100%")


def test_tips_are_found_and_what_has_no_minimum_says_so():
    find = lambda f: dataclasses.replace(f, minima="find").known_minima()  # noqa: E731
    for f in (surfaces.saddle, surfaces.monkey_saddle, surfaces.eggholder, MORE[0]):
        with pytest.raises(ValueError, match=f"{f.name} falls further beyond its box, at"):
            find(f)
    cone = made(lambda x, y: torch.sqrt(x**2 + y**2) + abs(x - y))
    np.testing.assert_allclose(find(cone), [(0, 0)], atol=1e-12)
    level = [lambda x, y: 0 * x, lambda x, y: torch.round(x + y) ** 2]
    for lines in (*level, lambda x, y: x**2, lambda x, y: (x - 2 * y) ** 2, lambda x, y: (x**2 + y**2 - 1) ** 2):
        with pytest.raises(ValueError, match="made has a line of lowest points, or more than 32; name some"):
            find(made(lines))
    with pytest.raises(ValueError, match="minima of made cannot be found: its lowest height is inf"):
        find(made(lambda x, y: torch.sqrt(-1 - x**2 - y**2)))
    with pytest.raises(ValueError, match="minima must be points, a function of the parameters, or 'find', got 'seek'"):
        dataclasses.replace(surfaces.sphere, minima="seek")
    assert find(surface(box=((0, 1),), name="root")(lambda x: torch.sqrt(x))) == ((0.0,),), "nothing beyond the border"
