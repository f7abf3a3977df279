"""The problems themselves: gradients by hand, minima, batches, what their arguments do, what they refuse."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
import torch

import optguide as og
from optguide.problems import (
    AssociativeMemory,
    Blocks,
    LogisticRegression,
    deep_linear,
    factorization,
    half_square,
    linear_equation,
    matrix_quadratic,
    rare_features,
)

PROBLEMS = {
    "quadratic": matrix_quadratic(),
    "half square": half_square(),
    "equation": linear_equation(),
    "equation, max": linear_equation(3, 2, norm="max"),
    "equation, spectral": linear_equation(3, 2, norm="Spectral"),
    "factorization": factorization(5, 2),
    "deep": deep_linear(),
    "memory": AssociativeMemory(5),
    "logistic": LogisticRegression(),
    "rare": rare_features(),
}
every_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)


def points_of(problem, count=4):
    return problem.start + np.random.default_rng(1).normal(0, 0.5, (count, *problem.shape))


def apart(problem, aside):
    """A displacement; where a point is the blocks of a matrix, of the blocks alone."""
    return aside * (problem.known_minima()[0] != 0) if isinstance(problem, Blocks) else aside


def slope(problem, point):
    return problem.slope(torch.tensor(point))[1].numpy()


@every_problem
def test_gradients_are_those_of_differences(problem):
    point = points_of(problem)[0]
    found, step = slope(problem, point).ravel(), 1e-6
    for i in range(problem.size):
        aside = np.zeros(problem.size)
        aside[i] = step
        aside = aside.reshape(problem.shape)
        difference = (problem(point + aside) - problem(point - aside)) / (2 * step)
        assert found[i] == pytest.approx(difference, rel=1e-6, abs=1e-8)


@every_problem
def test_many_points_at_once_are_each_by_itself(problem):
    points = points_of(problem)
    values, slopes = problem.slope(torch.tensor(points).movedim(0, -1))
    for i, point in enumerate(points):
        assert values[i].item() == pytest.approx(problem(point), rel=1e-13)
        np.testing.assert_allclose(slopes[..., i], slope(problem, point), rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(problem(points), values, rtol=1e-13)


@every_problem
def test_known_minima_are_minima(problem):
    if not problem.known_minima():
        assert isinstance(problem, AssociativeMemory)
        return
    (point,) = problem.known_minima()
    low = problem(point)
    assert np.abs(slope(problem, point)).max() < 1e-14
    for size in (1e-3, 1e-2, 0.1):
        for aside in np.random.default_rng(0).normal(0, size, (20, *problem.shape)):
            assert problem(point + apart(problem, aside)) > low + 1e-12
    assert (low < 1e-28) != isinstance(problem, LogisticRegression)
    assert problem(problem.start) > low + 1e-3


@every_problem
def test_descents_run_pickle_and_are_the_same_again(problem):
    run = og.descend(og.Adam, problem, steps=30, lr=0.02)
    assert run.loss[-1] < run.loss[0]
    again = pickle.loads(pickle.dumps(run))
    assert again.function(again.theta[-1]) == pytest.approx(run.loss[-1], rel=1e-12)


def test_a_half_square_is_its_own_gradient():
    problem = half_square(5, 3, 100)
    W = points_of(problem)[0]
    np.testing.assert_array_equal(slope(problem, W), W)
    assert problem(W) == pytest.approx(0.5 * np.linalg.norm(W) ** 2, rel=1e-14)
    np.testing.assert_allclose(np.linalg.svd(problem.start)[1], [1, 0.1, 0.01], rtol=1e-12)


def test_an_equation_has_three_norms():
    def made(norm):
        return linear_equation(3, 2, 10, norm=norm, seed=4)

    rng = np.random.default_rng(4)
    solution = rng.standard_normal((3, 2))
    left, right = (np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(2))
    A = left @ np.diag(np.geomspace(1, 0.1, 3)) @ right.T
    X = np.random.default_rng(7).normal(size=(3, 2))
    R = A @ (X - solution)
    U, s, V = np.linalg.svd(R)
    largest = np.zeros_like(R)
    at = np.unravel_index(np.abs(R).argmax(), R.shape)
    largest[at] = R[at]
    expected = {
        "frobenius": (np.sum(R**2), A.T @ R),
        "max": (np.abs(R).max() ** 2, A.T @ largest),
        "spectral": (s[0] ** 2, A.T @ np.outer(s[0] * U[:, 0], V[0])),
    }
    for norm, (square, gradient) in expected.items():
        problem = made(norm)
        assert problem(X) == pytest.approx(0.5 * square, rel=1e-12) and problem.name == f"AX = B, {norm} norm"
        np.testing.assert_allclose(slope(problem, X), gradient, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(problem.known_minima()[0], solution)


def test_a_factorization_is_the_formula_and_starts_near_its_saddle():
    problem = factorization(6, 3, 20, scale=0.02, seed=5)
    P, Q = problem.blocks(problem.known_minima()[0])
    M = P @ Q.T
    np.testing.assert_allclose(np.linalg.svd(M)[1][:4], [1, 20**-0.5, 1 / 20, 0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(P.T @ P, Q.T @ Q, atol=1e-14)
    assert problem.shape == (12, 6)
    P, Q = problem.blocks(points_of(problem)[0])
    found = slope(problem, points_of(problem)[0])
    np.testing.assert_allclose(problem.blocks(found), [(P @ Q.T - M) @ Q, (P @ Q.T - M).T @ P], atol=1e-13)
    assert not found[:6, 3:].any() and not found[6:, :3].any()
    G = np.random.default_rng(2).normal(size=(3, 3)) + 3 * np.eye(3)
    other = problem.known_minima()[0].copy()
    P, Q = problem.blocks(other)
    other[:6, :3], other[6:, 3:] = P @ G, Q @ np.linalg.inv(G).T
    assert problem(other) < 1e-25
    P, Q = problem.blocks(problem.start)
    assert np.count_nonzero(problem.start) == 36 and 0.015 < np.std([P, Q]) < 0.025
    assert np.abs(slope(problem, 0 * problem.start)).max() == 0


def test_a_deep_linear_network_is_a_product_whose_layers_can_differ_in_size():
    problem, uneven = deep_linear(3, 4), deep_linear(3, 4, balance=100)
    assert problem.shape == (12, 12)
    first, second, third = problem.blocks(points_of(problem)[0])
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((4, 4)))[0] for _ in range(2))
    off = third @ second @ first - left @ np.diag(np.geomspace(1, 0.1, 4)) @ right.T
    assert problem(points_of(problem)[0]) == pytest.approx(0.5 * np.sum(off**2), rel=1e-12)
    middle = problem.blocks(slope(problem, points_of(problem)[0]))[1]
    np.testing.assert_allclose(middle, third.T @ off @ first.T, atol=1e-12)
    layers, ours = problem.blocks(problem.start), uneven.blocks(uneven.start)
    np.testing.assert_allclose(ours, [100 * layers[0], layers[1], layers[2] / 100])
    np.testing.assert_allclose(uneven.matrices(uneven.start), problem.matrices(problem.start))
    for layer in problem.blocks(problem.known_minima()[0]):
        np.testing.assert_allclose(np.linalg.svd(layer)[1], np.geomspace(1, 0.1, 4) ** (1 / 3), rtol=1e-12)
    assert deep_linear(1, 3)(deep_linear(1, 3).known_minima()[0]) < 1e-28


def test_a_memory_answers_each_key_and_counts_rare_facts_less():
    memory = AssociativeMemory(6, 1.5, seed=2)
    assert memory.frequencies.sum() == pytest.approx(1)
    assert memory.frequencies[0] / memory.frequencies[3] == pytest.approx(4**1.5)
    keys, values = memory.keys.numpy(), memory.values.numpy()
    np.testing.assert_allclose(keys.T @ keys, np.eye(6), atol=1e-14)
    assert np.abs(keys - values).max() > 0.1
    W = points_of(memory)[0]
    answers = np.exp(values.T @ W @ keys)
    losses = -np.log(np.diag(answers) / answers.sum(0))
    np.testing.assert_allclose(memory.losses(W), losses, rtol=1e-12)
    assert memory(W) == pytest.approx(memory.frequencies @ losses, rel=1e-12)
    assert memory(memory.start) == pytest.approx(math.log(6))
    probabilities = answers / answers.sum(0)
    expected = values @ ((probabilities - np.eye(6)) * memory.frequencies) @ keys.T
    np.testing.assert_allclose(slope(memory, W), expected, atol=1e-14)
    aligned = AssociativeMemory(4, 0, rotated=False)
    np.testing.assert_array_equal(aligned.keys, np.eye(4))
    np.testing.assert_allclose(aligned.frequencies, 0.25)
    assert aligned.losses(points_of(aligned, 3)).shape == (3, 4)


def test_a_logistic_regression_is_the_formula_with_its_minimum():
    problem = LogisticRegression(3, 2, 30, condition=5, decay=0.1, seed=1)
    assert problem.inputs.shape == (30, 3) and (problem.inputs[:, -1] == 1).all()
    assert np.bincount(problem.labels).tolist() == [10, 10, 10]
    W = points_of(problem)[0]
    X, labels = problem.inputs.numpy(), problem.labels.numpy()
    shares = np.exp(X @ W.T)
    shares /= shares.sum(1, keepdims=True)
    expected = -np.log(shares[np.arange(30), labels]).mean() + 0.05 * np.sum(W**2)
    assert problem(W) == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(slope(problem, W), (shares - np.eye(3)[labels]).T @ X / 30 + 0.1 * W, atol=1e-13)
    assert problem.accuracy(problem.known_minima()[0]) > problem.accuracy(problem.start) + 0.2
    sizes = LogisticRegression(features=3, examples=3000, condition=100).inputs.std(0)
    assert sizes[0] / sizes[2] == pytest.approx(100, rel=0.5)


def test_features_are_as_rare_as_they_are_said_to_be():
    problem = rare_features(4, 4000, 2.0, seed=3)
    curvature = torch.func.jacrev(torch.func.grad(problem.loss))(torch.zeros(4, dtype=torch.float64)).diagonal()
    np.testing.assert_allclose(curvature, 0.5 * np.arange(1, 5) ** -2.0, rtol=0.2)
    w = points_of(problem)[0]
    rng = np.random.default_rng(3)
    X = (rng.random((4000, 4)) < 0.5 * np.arange(1, 5) ** -2.0).astype(float)
    X[:4] = np.eye(4)
    target = rng.standard_normal(4)
    np.testing.assert_allclose(slope(problem, w), X.T @ X @ (w - target) / 4000, atol=1e-13)


def test_the_matrix_of_a_problem_is_what_its_pictures_show():
    W = points_of(matrix_quadratic())
    assert matrix_quadratic().matrix == "W − W*"
    np.testing.assert_allclose(matrix_quadratic().matrices(W), W - matrix_quadratic().known_minima()[0])
    assert AssociativeMemory(3).matrix == "W"
    np.testing.assert_array_equal(AssociativeMemory(3).matrices(np.ones((2, 3, 3))), np.ones((2, 3, 3)))
    problem = factorization(5, 2)
    points = points_of(problem)
    P, Q = problem.blocks(points)
    assert problem.matrix == "P Qᵀ"
    np.testing.assert_allclose(problem.matrices(points)[2], P[2] @ Q[2].T)
    deep = deep_linear(2, 3)
    points = points_of(deep)
    first, second = deep.blocks(points)
    np.testing.assert_allclose(deep.matrices(points)[1], second[1] @ first[1])
    assert og.surfaces.sphere.matrix is None and rare_features().matrix is None
    own = og.Problem(torch.sum, (4,), name="own", matrix=("diag w", torch.diag))
    np.testing.assert_array_equal(own.matrices(np.arange(4.0)), np.diag(np.arange(4.0)))


def test_all_that_is_offered_is_there():
    assert all(hasattr(og.problems, name) for name in og.problems.__all__)
    assert {"Task", "digits_task", "matrix_quadratic", "LogisticRegression"} <= {*og.problems.__all__}


def test_the_digits_are_divided_as_is_said():
    task = og.problems.digits_task()
    assert (task.train, task.sizes) == (1000, {"validation": 397, "test": 400})


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: half_square(0), ValueError, "rows must be >= 1, got 0"),
        (lambda: half_square(condition=0), ValueError, "condition must be >= 1, got 0"),
        (lambda: linear_equation(columns=1.5), TypeError, "columns must be an int, got 1.5"),
        (lambda: linear_equation(norm="spectrum"), ValueError, r"unknown norm 'spectrum' \(did you mean spectral"),
        (lambda: linear_equation(norm=2), TypeError, "norm must be a string, got 2"),
        (lambda: factorization(4, 5), ValueError, "rank must be >= 1 and at most 4, got 5"),
        (lambda: factorization(scale=0), ValueError, "scale must be > 0, got 0"),
        (lambda: deep_linear(depth=0), ValueError, "depth must be >= 1, got 0"),
        (lambda: deep_linear(balance=-1), ValueError, "balance must be > 0, got -1"),
        (lambda: AssociativeMemory(1), ValueError, "facts must be >= 2, got 1"),
        (lambda: AssociativeMemory(exponent=-1), ValueError, "exponent must be >= 0, got -1"),
        (lambda: AssociativeMemory(3).losses("x"), TypeError, "^points must be an array of numbers"),
        (lambda: LogisticRegression(1), ValueError, "classes must be >= 2, got 1"),
        (lambda: LogisticRegression(decay=0), ValueError, "decay must be > 0, got 0"),
        (lambda: LogisticRegression(condition=0.5), ValueError, "^condition must be >= 1, got 0.5"),
        (lambda: og.problems.Task(torch.nn.Linear, [1.0], [2], 1, 1), TypeError, "^inputs must be a tensor"),
        (lambda: rare_features(8, 7), ValueError, "examples must be >= 8, got 7"),
        (lambda: rare_features(exponent=-0.5), ValueError, "exponent must be >= 0, got -0.5"),
        (lambda: rare_features().matrices(np.ones(8)), ValueError, "points of rare features are no matrices"),
        (lambda: og.Problem(torch.sum, (4,), matrix=torch.diag), TypeError, "matrix must be a name and a function"),
        (lambda: og.Problem(torch.sum, (4,), matrix=("a", 3)), TypeError, "matrix must be callable, got 3"),
    ],
)
def test_bad_input_names_the_culprit(make, error, message):
    with pytest.raises(error, match=message):
        make()
