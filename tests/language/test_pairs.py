"""What rules call that keep products of all coordinates, or the last few steps: against NumPy, and by hand."""

import numpy as np
import pytest
import torch

import optguide as og
from optguide.language import pseudocode, transpose
from optguide.language.pairs import history, identity, outer, push, times, two_loop


def drawn(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)
def test_products_of_all_numbers_whatever_their_shape(shape):
    x, y = drawn(*shape), drawn(*shape, seed=1)
    a, b = x.numpy().ravel(), y.numpy().ravel()
    np.testing.assert_array_equal(outer(x, y), np.outer(a, b))
    product = times(outer(x, y), x)
    assert product.shape == x.shape
    np.testing.assert_allclose(product.flatten(), np.outer(a, b) @ a, rtol=1e-14)
    assert torch.equal(times(identity(x), y), y) and identity(x).dtype == x.dtype


def test_the_newest_is_last_and_the_oldest_is_gone():
    kept = history(drawn(2, 3), 4)
    assert kept.shape == (4, 2, 3) and not kept.any() and kept.dtype == torch.float64
    for number in range(1, 7):
        kept = push(kept, torch.full((2, 3), float(number), dtype=torch.float64))
    assert kept[:, 1, 2].tolist() == [3, 4, 5, 6]


def matrix_of(pairs):
    """BFGS' matrix, by its product."""
    s, y = pairs[-1]
    inverse = s @ y / (y @ y) * np.eye(len(s))
    for s, y in pairs:
        turn = np.eye(len(s)) - np.outer(y, s) / (s @ y)
        inverse = turn.T @ inverse @ turn + np.outer(s, s) / (s @ y)
    return inverse


@pytest.mark.parametrize("shape", [(5,), (2, 3), (1,)], ids=str)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_two_loops_are_the_matrix_times_the_gradient(shape, count):
    s, y, g = drawn(count, *shape), drawn(count, *shape, seed=1), drawn(*shape, seed=2)
    flat = s.reshape(count, -1) * y.reshape(count, -1)
    y = y * flat.sum(1).sign().reshape(-1, *(1,) * len(shape))  # so that every curvature is positive
    pairs = list(zip(s.reshape(count, -1).numpy(), y.reshape(count, -1).numpy(), strict=True))
    found = two_loop(s, y, g)
    assert found.shape == g.shape
    np.testing.assert_allclose(found.flatten(), matrix_of(pairs) @ g.numpy().ravel(), rtol=1e-10, atol=1e-12)


def test_places_that_are_empty_and_pairs_of_negative_curvature_are_passed_over():
    s, y, g = drawn(3, 4), drawn(3, 4, seed=1), drawn(4, seed=2)
    y = y * (s * y).sum(1, keepdim=True).sign()
    expected = two_loop(s, y, g)
    empty = history(g, 2)
    assert torch.equal(two_loop(torch.cat([empty, s]), torch.cat([empty, y]), g), expected)
    concave = torch.cat([s[:1], s]), torch.cat([-y[:1], y])
    assert torch.equal(two_loop(*concave, g), expected)
    assert torch.equal(two_loop(empty, empty, g), g)
    assert torch.equal(two_loop(s[:1], -y[:1], g), g)


def test_what_is_not_finite_spreads_and_leaves_the_others_alone():
    s, y, g = drawn(2, 3), drawn(2, 3, seed=1), drawn(3, seed=2)
    broken = torch.where(torch.arange(3) == 1, torch.nan, g)
    together = torch.func.vmap(lambda g: two_loop(s, y, g), in_dims=-1)(torch.stack([g, broken], -1))
    torch.testing.assert_close(together[0], two_loop(s, y, g))
    assert together[1].isnan().all()


def update(theta, grad, t, B, S, *, lr=0.1):
    g = grad(theta)  # gradient
    u = 2 * times(B, g + theta) ** 2  # products
    B = B - lr * outer(g - theta, 2 * g) + transpose(outer(g, u))  # of all pairs
    S = push(S, g - u)  # the last
    theta = theta - lr * two_loop(S, S, g)  # step
    return theta, B, S


def test_products_are_typeset_with_the_parentheses_that_they_need():
    rule = type("Odd", (og.Optimizer,), {"update": staticmethod(update), "mixes": "model"})
    assert [step.latex for step in pseudocode(rule).steps[1:4]] == [
        r"u_t \leftarrow 2 \, (B_{t-1} \, (g_t + \theta_{t-1}))^{2}",
        r"B_t \leftarrow B_{t-1} - \eta \, (g_t - \theta_{t-1}) \, (2 \, g_t)^\top + (g_t \, u_t^\top)^\top",
        r"S_t \leftarrow \operatorname{push}(S_{t-1}, g_t - u_t)",
    ]
