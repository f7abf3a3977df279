"""Planes through problems in many numbers: their heights, their descents, what draws them, what they refuse."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

import optguide as og
from optguide.surfaces import slice_through


@pytest.fixture(scope="module")
def quadratic():
    return og.problems.matrix_quadratic(4, 3, 5.0)


@pytest.fixture(scope="module")
def sides():
    return np.random.default_rng(3).normal(size=(2, 4, 3))


@pytest.fixture(scope="module")
def plane(quadratic, sides):
    return slice_through(quadratic, *sides)


def test_its_heights_are_those_of_the_problem(plane, quadratic, sides):
    target = quadratic.known_minima()[0]
    for a, b in ((0.3, -0.7), (0.0, 0.0), (1.5, 2.0)):
        assert plane(a, b) == pytest.approx(quadratic(target + a * sides[0] + b * sides[1]), rel=1e-12)
    x, y = np.meshgrid([0.1, 0.2], [0.3, 0.4, 0.5])
    assert plane(x, y).shape == (3, 2) and plane(x, y)[2, 1] == pytest.approx(plane(0.2, 0.5))
    assert plane(torch.tensor(0.1), torch.tensor([0.2, 0.3])).shape == (2,)
    assert plane.known_minima() == ((0, 0),) and plane.name == "slice of matrix quadratic, rotated"
    aside = slice_through(quadratic, *sides, around=np.ones((4, 3)), box=((-2, 2), (0, 1)))
    assert aside(1, 0) == pytest.approx(quadratic(1 + sides[0])) and aside.known_minima() == ()
    assert aside.box == ((-2, 2), (0, 1))


def test_it_is_descended_and_drawn_as_any_surface(plane):
    run = og.descend(og.Adam, plane, start=(0.8, -0.6), steps=60, lr=0.05)
    assert run.loss[-1] < run.loss[0] / 50
    assert og.plot_map(plane).collections and og.animate(run).landscape["minima"] == [[0, 0]]
    assert pickle.loads(pickle.dumps(plane))(0.3, 0.2) == plane(0.3, 0.2)


def test_a_descent_on_the_problem_is_projected_on_it(plane, quadratic, sides):
    target = quadratic.known_minima()[0]
    inside = og.descend(og.SGD, quadratic, target + 0.5 * sides[0] - 0.25 * sides[1], steps=1, lr=0.1)
    seen = plane.project(inside)
    np.testing.assert_allclose(seen.theta[0], [0.5, -0.25], atol=1e-13)
    across = og.descend(og.SGD, plane, (0.5, -0.25), steps=1, lr=0.1)
    np.testing.assert_allclose(seen.grad[0], across.grad[0], rtol=1e-10)
    away = seen.theta[1, 0] * sides[0] + seen.theta[1, 1] * sides[1] + target - inside.theta[1]
    np.testing.assert_allclose([np.sum(away * side) for side in sides], 0, atol=1e-12)  # the nearest point
    np.testing.assert_array_equal(seen.loss, inside.loss)
    film = og.animate({"SGD": seen}, title="On a plane")
    assert film.recording["runs"][0]["dim"] == 2 and "og-view" in film._repr_html_()
    batch = og.descend(og.SGD, quadratic, np.zeros((5, 4, 3)), steps=2, lr=0.1)
    assert plane.project(batch).theta.shape == (3, 5, 2)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: slice_through(og.descend, 1, 2), TypeError, "problem must be a Problem, got"),
        (lambda p: slice_through(p, np.eye(3), np.ones((4, 3))), ValueError, r"first must have the shape \(4, 3\)"),
        (lambda p: slice_through(p, np.ones((4, 3)), "x"), TypeError, "second must be an array of numbers"),
        (
            lambda p: slice_through(p, np.ones((4, 3)), 2 * np.ones((4, 3))),
            ValueError,
            "one is a multiple of the other",
        ),
        (
            lambda p: slice_through(og.problems.AssociativeMemory(3), np.eye(3), np.ones((3, 3))),
            ValueError,
            "associative memory has no known minimum; name a point",
        ),
    ],
)
def test_bad_input_names_the_culprit(make, error, message, quadratic):
    with pytest.raises(error, match=message):
        make(quadratic)


def test_descents_on_something_else_are_refused(plane):
    with pytest.raises(ValueError, match="run must be a descent on matrix quadratic, rotated, got"):
        plane.project(og.descend(og.SGD, "sphere", steps=1))
