"""Problems: points of any shape are descended, raced, swept and shown as points of the plane are."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
import torch

import optguide as og
from optguide.problems import NetworkProblem, Problem, digits, matrix_quadratic

RULES = [og.SGD, og.Adam, og.SAM(og.Adam), og.Lookahead(og.Momentum)]
by_name = pytest.mark.parametrize("optimizer", RULES, ids=lambda cls: cls.__name__)


@pytest.fixture(scope="module")
def small():
    return digits(hidden=6, images=20)


def starts_of(problem, count=3):
    return problem.start + np.random.default_rng(1).normal(0, 0.3, (count, *problem.shape))


# --- What a problem says of itself


def test_a_matrix_quadratic_is_the_formula():
    problem = matrix_quadratic(4, 3, condition=10, seed=3)
    (target,) = problem.known_minima()
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(target, rng.standard_normal((4, 3)))
    A, B = (_side(rng, n) for n in (4, 3))
    W = np.random.default_rng(9).normal(size=(4, 3))
    assert problem(W) == pytest.approx(0.5 * np.linalg.norm(A @ (W - target) @ B) ** 2, rel=1e-13)
    hessian = torch.autograd.functional.hessian(problem.loss, torch.zeros(4, 3, dtype=torch.float64))
    curvatures = np.linalg.eigvalsh(hessian.reshape(12, 12).numpy())
    assert curvatures[[0, -1]] == pytest.approx([1e-4, 1], rel=1e-9)
    aligned = matrix_quadratic(4, 3, rotated=False)
    hessian = torch.autograd.functional.hessian(aligned.loss, torch.zeros(4, 3, dtype=torch.float64)).reshape(12, 12)
    torch.testing.assert_close(hessian, hessian.diag().diag())
    assert aligned.name == "matrix quadratic, aligned" and problem.name == "matrix quadratic, rotated"


def _side(rng, size):
    turn = np.linalg.qr(rng.standard_normal((size, size)))[0]
    return turn @ np.diag(np.geomspace(1, 0.1, size)) @ turn.T


@pytest.mark.parametrize("problem", [matrix_quadratic(), matrix_quadratic(1, 5, 100.0, rotated=False, seed=4)])
def test_known_minima_are_minima(problem):
    for point in problem.known_minima():
        z, slope = problem.slope(torch.tensor(point))
        assert z == 0 and slope.abs().max() == 0
        assert all(problem(point + off) > 0 for off in np.random.default_rng(0).normal(0, 1e-2, (20, *problem.shape)))


def test_digits_is_the_network_with_its_weights_in_one_vector(small):
    theta = torch.from_numpy(small.start)
    assert small.shape == (64 * 6 + 6 + 6 * 10 + 10,) and small.size == 460
    assert {name: tuple(w.shape) for name, w in small.weights(theta).items()} == small.shapes
    with torch.no_grad():
        expected = torch.nn.functional.cross_entropy(small.network(small.inputs), small.labels)
    assert small(theta).item() == pytest.approx(expected.item(), rel=1e-14)
    assert small(small.start) == pytest.approx(math.log(10), rel=0.1)  # it knows nothing yet
    run = og.descend(og.Adam, small, steps=100, lr=0.03)
    assert run.loss[-1] < 0.5 < run.loss[0]
    before, after = (small.accuracy(theta, small.inputs, small.labels) for theta in run.theta[[0, -1]])
    assert before < 0.5 and after > 0.9


def test_the_same_seed_gives_the_same_problem_and_leaves_the_random_numbers_alone():
    state = torch.random.get_rng_state()
    same, other = digits(3, 20, seed=5), digits(3, 20, seed=6)
    assert torch.equal(state, torch.random.get_rng_state())
    np.testing.assert_array_equal(same.start, digits(3, 20, seed=5).start)
    assert torch.equal(same.inputs, digits(3, 20, seed=5).inputs) and not torch.equal(same.inputs, other.inputs)
    assert (same.start != other.start).all()


def test_ones_own_network_is_left_as_it_was():
    network = torch.nn.Linear(2, 2)
    before = network.weight.detach().clone()
    problem = NetworkProblem(network, torch.eye(2), torch.tensor([0, 1]))
    run = og.descend(og.SGD, problem, steps=5, lr=1.0)
    assert run.loss[-1] < run.loss[0] and network.weight.dtype == torch.float32
    assert torch.equal(network.weight, before)


def test_descents_on_problems_pickle(small):
    for problem in (matrix_quadratic(), small):
        run = pickle.loads(pickle.dumps(og.descend(og.SAM(og.Adam), problem, steps=3)))
        assert run.function(run.theta[-1]) == pytest.approx(run.loss[-1], rel=1e-14)


def test_calling_a_problem_takes_points_ahead_of_their_shape():
    problem = matrix_quadratic(2, 3)
    points = np.random.default_rng(0).normal(size=(5, 4, 2, 3))
    values = problem(points)
    assert isinstance(values, np.ndarray) and values.shape == (5, 4)
    assert values[3, 2] == pytest.approx(problem(points[3, 2]), rel=1e-14) and isinstance(problem(points[0, 0]), float)
    assert isinstance(problem(torch.tensor(points)), torch.Tensor)
    assert problem(torch.tensor(points[0, 0], requires_grad=True)).requires_grad


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: matrix_quadratic(0), ValueError, "rows must be >= 1, got 0"),
        (lambda: matrix_quadratic(2, True), TypeError, "columns must be an int, got True"),
        (lambda: matrix_quadratic(condition=0.5), ValueError, "condition must be >= 1, got 0.5"),
        (lambda: matrix_quadratic(condition=math.inf), ValueError, "condition must be >= 1, got inf"),
        (lambda: digits(images=0), ValueError, "images must be >= 1, got 0"),
        (lambda: digits(images=2000), ValueError, "images must be >= 1 and at most 1797, got 2000"),
        (lambda: digits(hidden=0), ValueError, "hidden must be >= 1, got 0"),
        (lambda: Problem(3, (2,)), TypeError, "loss must be callable, got 3"),
        (lambda: Problem(torch.sum, 2), TypeError, "shape must be a tuple of whole numbers > 0, got 2"),
        (lambda: Problem(torch.sum, (2, 0)), ValueError, "shape must be >= 1, got 0"),
        (lambda: Problem(torch.sum, (2, 1.5)), TypeError, "shape must be an int, got 1.5"),
        (lambda: Problem(torch.sum, (1,), [["a"]]), TypeError, "starts of sum must be an array of numbers"),
        (lambda: Problem(torch.sum, (2,), [(1, 2, 3)]), ValueError, r"starts of sum must have the shape \(2,\), got"),
        (lambda: Problem(torch.sum, (2,), minima=[(0, math.nan)]), ValueError, "minima of sum must be finite"),
        (lambda: Problem(torch.sum, (2,)).start, ValueError, r"sum has no default start; name one of shape \(2,\)"),
        (lambda: matrix_quadratic()(np.ones((3, 4))), ValueError, r"takes points of shape \(4, 3\), got shape"),
        (lambda: og.descend(og.SGD, matrix_quadratic(), np.ones(3)), ValueError, r"start must have points of shape"),
    ],
)
def test_bad_input_names_the_culprit(make, error, message):
    with pytest.raises(error, match=message):
        make()


# --- Descended, raced, swept


@by_name
@pytest.mark.parametrize("which", ["matrix", "digits", "scalar"])
def test_a_batch_equals_its_single_descents(optimizer, which, small):
    problem = {
        "matrix": matrix_quadratic(),
        "digits": small,
        "scalar": Problem(lambda x: (x - 2) ** 2, (), [0.5], [2.0]),
    }[which]
    starts = starts_of(problem)
    together = og.descend(optimizer, problem, starts, 8, lr=0.05)
    assert together.theta.shape == (9, 3, *problem.shape) and together.loss.shape == (9, 3)
    for i, start in enumerate(starts):
        alone = og.descend(optimizer, problem, start, 8, lr=0.05)
        assert alone.theta.shape == (9, *problem.shape)
        np.testing.assert_allclose(together.theta[:, i], alone.theta, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(together.loss[:, i], alone.loss, rtol=1e-10)
        for name, state in alone.states.items():
            np.testing.assert_allclose(together.states[name][:, i], state, rtol=1e-9, atol=1e-12)
    assert (together.loss[-1] < together.loss[0]).all()


@pytest.mark.parametrize("which", ["matrix", "digits"])
def test_a_sweep_ends_where_the_descents_do(which, small):
    problem = {"matrix": matrix_quadratic(), "digits": small}[which]
    starts = starts_of(problem)
    found = og.sweep([og.SGD, og.SAM(og.Adam)], problem, starts, 6, lr=[0.01, 0.1]).data
    assert dict(found.theta.sizes) == {"optimizer": 2, "lr": 2, "seed": 1, "start": 3, "coordinate": problem.size}
    assert ("minimum" in found) == (which == "matrix")
    for name, cls in {"SGD": og.SGD, "SAM(Adam)": og.SAM(og.Adam)}.items():
        run = og.descend(cls, problem, starts, 6, lr=np.array([0.01, 0.1])[:, None])
        there = found.sel(optimizer=name).isel(seed=0)
        np.testing.assert_allclose(there.theta, run.theta[-1].reshape(2, 3, -1), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(there.loss, run.loss[-1], rtol=1e-9)


def test_a_matrix_arrives_at_its_minimum():
    problem = matrix_quadratic(condition=2.0)
    run = og.descend(og.Adam, problem, steps=600, lr=0.05)
    assert run.arrived(1e-6) < 600 and run.arrived(0) is None
    np.testing.assert_allclose(run.theta[-1], problem.known_minima()[0], atol=1e-2)


# --- Shown


def test_a_race_of_matrices_shows_itself():
    """What a notebook shows: singular values, losses, and the lengths of states, in a page of modest size."""
    problem = matrix_quadratic()
    race = og.race([og.SGD, og.Adam, og.Lookahead(og.SAM(og.Adam))], problem, steps=30, lr=0.1)
    page = race._repr_html_()
    assert "SGD" in page and 'class="og-view"' in page
    vectors = og.race([og.SGD, og.Adam], og.problems.rare_features(), steps=5)
    assert 'class="og-view"' not in vectors._repr_html_()
    assert "ends at (0.0" in page or "… 12 numbers)" in page
    assert race.animate().landscape is None
    rows = race.table().rows
    assert all(row[2].endswith(", … 12 numbers)") and row[2].count(",") == 3 for row in rows)
    assert "… 12 numbers) with loss" in repr(race["SGD"])
    figure = race.plot_loss()
    line = next(line for line in figure.lines if line.get_label() == "Adam")
    np.testing.assert_allclose(line.get_ydata(), race["Adam"].loss)
    assert figure.get_yscale() == "log"


def test_the_player_holds_lengths_of_what_has_no_place_in_a_plane(small):
    run = og.descend(og.Adam, small, steps=30, lr=0.01)
    film = og.animate(run, panels=("loss", "m"))
    (shown,) = film.recording["runs"]
    assert set(shown["lengths"]) == {"theta", "gradient", "step", "m", "v"}
    for name, record in {"m": run.states["m"], "theta": run.theta}.items():
        drawn = _unpacked(shown["channels"][name])
        np.testing.assert_allclose(drawn, np.linalg.norm(record, axis=1), rtol=1e-3)
    assert len(film._repr_html_()) < 150_000
    plane = og.animate(og.descend(og.Adam, og.surfaces.sphere, steps=3)).recording["runs"][0]
    assert plane["lengths"] == [] and len(_unpacked(plane["channels"]["m"])) == 8


def _unpacked(text):
    import base64
    import zlib

    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    return np.ascontiguousarray(planes.reshape(4, -1).T).view("<f4").ravel()


def test_states_of_a_matrix_are_drawn_by_their_length():
    run = og.descend(og.Adam, matrix_quadratic(), steps=12, lr=0.1)
    axes = og.plot_states(run)
    for ax, name in zip(axes, ("m", "v"), strict=True):
        (line,) = ax.lines
        np.testing.assert_allclose(line.get_ydata(), np.linalg.norm(run.states[name], axis=(1, 2)))
        assert ax.get_ylabel() == f"length of {name}" and ax.get_legend() is None


def test_a_problem_of_two_numbers_has_a_map():
    problem = Problem(lambda W: (W**2).sum(), (1, 2), [((1, 2),)], [((0, 0),)], "row")
    race = og.race([og.SGD, og.Adam], problem, steps=20, lr=0.1)
    ax = race.plot_map(box=((-3, 3), (-3, 3)))
    trail = next(line for line in ax.lines if line.get_label() == "SGD")
    np.testing.assert_allclose(trail.get_xydata(), race["SGD"].theta[:, 0])
    assert race.animate().landscape["minima"] == [[0, 0]]
    assert len(og.plot_states(race["Adam"])[0].lines) == 2


def test_a_point_without_axes_is_a_curve():
    problem = Problem(lambda x: (x - 2) ** 2, (), [0.5], [2.0], "number")
    run = og.descend(og.Adam, problem, steps=5, lr=0.1)
    ax = og.plot_curve(problem, run, box=((-1, 3),))
    trail = next(line for line in ax.lines if line.get_label() == "Adam")
    np.testing.assert_allclose(trail.get_ydata(), run.loss)
    assert repr(run).startswith("<descent of Adam: 5 steps, ends at (")
    assert og.animate(run, box=((-1, 3),)).landscape["minima"] == [[2, 0]]
