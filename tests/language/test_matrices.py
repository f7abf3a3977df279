"""Functions of matrices: against singular values and eigenvalues in float64, traced and typeset."""

import math

import numpy as np
import pytest
import torch

import optguide as og
from optguide.language import NotationError, card, matrices, pseudocode, trace
from optguide.language.matrices import (
    column_identity,
    column_mean,
    column_square,
    column_zeros,
    columns,
    eigenbasis,
    identity,
    inverse_root,
    orthogonalize,
    row_identity,
    row_mean,
    row_square,
    row_zeros,
    rows,
    solve,
    transpose,
)
from optguide.language.python import python_function
from optguide.language.vocabulary import FUNCTIONS, maximum, minimum

SHAPES = [(4, 3), (3, 4), (5, 5), (1, 6), (6, 1), (1, 1)]


def drawn(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def with_values(values, rows, columns):
    """A matrix of these singular values, with random singular vectors."""
    left, right = (torch.linalg.qr(drawn(n, n, seed=n))[0] for n in (rows, columns))
    return left[:, : len(values)] @ torch.diag(values) @ right[:, : len(values)].mT


def scalar(x):
    """What happens to one singular value of a matrix whose Frobenius norm is 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    for _ in range(5):
        x = a * x + b * x**3 + c * x**5
    return x


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("size", [1e-5, 1.0, 1e8])
def test_orthogonalize_is_a_polynomial_of_the_singular_values(shape, size):
    x = size * drawn(*shape)
    left, values, right = np.linalg.svd(x.numpy(), full_matrices=False)
    expected = left @ np.diag(scalar(values / np.linalg.norm(values))) @ right
    np.testing.assert_allclose(orthogonalize(x).numpy(), expected, rtol=0, atol=1e-12)


def test_where_singular_values_go():
    values = torch.logspace(-2, 0, 20001, dtype=torch.float64)
    through = scalar(values)
    assert 0.68 < through.min() < 0.69 and 1.13 < through.max() < 1.14
    assert scalar(0.001) == pytest.approx(0.47, abs=0.005)


def test_a_matrix_that_is_almost_nothing_is_not_blown_up():
    x = drawn(3, 3)
    assert torch.equal(orthogonalize(torch.zeros(3, 2)), torch.zeros(3, 2))
    tiny = orthogonalize(1e-14 * x / x.norm())  # divided by 1e-7, not by its norm
    torch.testing.assert_close(tiny, 3.4445**5 * 1e-7 * x / x.norm(), rtol=1e-6, atol=0)


def test_orthogonalize_keeps_the_dtype_and_computes_in_it():
    x = drawn(4, 3)
    single = orthogonalize(x.float())
    assert single.dtype == torch.float32
    assert 1e-9 < (single.double() - orthogonalize(x)).abs().max() < 1e-5


def test_orthogonalize_turns_with_its_argument():
    x, left, right = drawn(4, 3), *(torch.linalg.qr(drawn(n, n, seed=9))[0] for n in (4, 3))
    torch.testing.assert_close(orthogonalize(left @ x @ right), left @ orthogonalize(x) @ right, rtol=0, atol=1e-13)


@pytest.mark.parametrize("p", [1, 2, 4, 3.5])
def test_the_inverse_root_is_a_power_of_the_eigenvalues(p):
    values = torch.tensor([1e-6, 0.3, 2.0, 50.0], dtype=torch.float64)
    turn = torch.linalg.qr(drawn(4, 4))[0]
    expected = turn @ torch.diag(values ** (-1 / p)) @ turn.mT
    torch.testing.assert_close(inverse_root(turn @ torch.diag(values) @ turn.mT, p), expected, rtol=1e-8, atol=1e-8)


def test_a_singular_matrix_has_a_root_that_is_finite():
    x = drawn(4, 2)
    left, _, right = torch.linalg.svd(x, full_matrices=False)
    polar = inverse_root(x @ x.mT, 4) @ x @ inverse_root(x.mT @ x, 4)  # of rank two
    torch.testing.assert_close(polar, left @ right, rtol=0, atol=1e-7)
    assert inverse_root(torch.zeros(2, 2), 4).isfinite().all()
    assert (inverse_root(torch.zeros(2, 2), 4) @ torch.zeros(2, 3)).eq(0).all()


def test_the_eigenbasis_makes_a_matrix_diagonal_in_rising_order():
    x = drawn(5, 5)
    x = x @ x.mT
    basis = eigenbasis(x)
    torch.testing.assert_close(basis.mT @ basis, torch.eye(5, dtype=torch.float64), rtol=0, atol=1e-13)
    diagonal = basis.mT @ x @ basis
    torch.testing.assert_close(diagonal, torch.diag(torch.linalg.eigvalsh(x)), rtol=0, atol=1e-12)
    assert (diagonal.diag().diff() > 0).all()


@pytest.mark.parametrize(
    "function", [orthogonalize, eigenbasis, lambda x: inverse_root(x, 4), lambda x: solve(x, x[0]) + x.sum()]
)
def test_what_is_not_finite_gives_nan_and_leaves_the_others_alone(function):
    good = drawn(3, 3)
    good = good @ good.mT
    for bad in (math.nan, math.inf):
        broken = good.clone()
        broken[0, 1] = broken[1, 0] = bad
        together = torch.func.vmap(function, in_dims=-1)(torch.stack([good, broken], -1))
        torch.testing.assert_close(together[0], function(good))
        assert together[1].isnan().all()


def test_a_system_is_solved_by_numbers_in_the_shape_of_its_right_side():
    a, b = drawn(6, 6), drawn(2, 3)
    x = solve(a, b)
    assert x.shape == (2, 3)
    torch.testing.assert_close((a @ x.flatten()).view(2, 3), b, rtol=1e-12, atol=1e-12)
    shifted = solve(a + 3 * identity(a), b)
    torch.testing.assert_close(a @ shifted.flatten() + 3 * shifted.flatten(), b.flatten(), rtol=1e-12, atol=1e-12)
    together = torch.func.vmap(solve)(torch.stack([a, 0 * a]), torch.stack([b, b]))
    torch.testing.assert_close(together[0], x)
    assert together[1].isnan().all()  # a singular matrix
    assert identity(a.float()).dtype == torch.float32


def test_means_and_numbers_of_rows_and_columns():
    x = torch.arange(6.0).reshape(2, 3)
    assert row_mean(x).tolist() == [[1.0], [4.0]] and column_mean(x).tolist() == [[1.5, 2.5, 3.5]]
    vector = torch.tensor([1.0, 5.0])
    assert row_mean(vector).tolist() == [1.0, 5.0] and column_mean(vector).tolist() == [3.0]
    assert column_mean(torch.tensor(2.0)) == row_mean(torch.tensor(2.0)) == 2
    assert (rows(x), columns(x)) == (2, 3)
    assert torch.equal(transpose(x), torch.tensor([[0.0, 3], [1, 4], [2, 5]]))


def test_what_states_begin_with():
    x = torch.ones(2, 3, dtype=torch.float64)
    shapes = {row_zeros: (2, 1), column_zeros: (1, 3), row_square: (2, 2), column_square: (3, 3)}
    for start, shape in shapes.items():
        made = start(x)
        assert made.shape == shape and made.dtype == x.dtype and not made.any()
    assert torch.equal(row_identity(x, 0.5), 0.5 * torch.eye(2, dtype=torch.float64))
    assert torch.equal(column_identity(x, 0.5), 0.5 * torch.eye(3, dtype=torch.float64))


def test_the_larger_and_the_smaller_of_numbers_and_tensors():
    x = torch.tensor([1.0, 3.0], dtype=torch.float64)
    assert maximum(1, 2.5) == 2.5 and minimum(1, 2.5) == 1
    assert maximum(x, 2).tolist() == maximum(2, x).tolist() == [2, 3]
    assert minimum(x, 2).tolist() == minimum(2, x).tolist() == [1, 2]
    assert minimum(x, x.flip(0)).tolist() == [1, 1] and maximum(0.1, x).dtype == torch.float64
    assert maximum(torch.tensor(1.0, dtype=torch.float64), 1 / 3 + 1).item() == 1 / 3 + 1  # not rounded on the way
    assert maximum(torch.tensor(1), 1.5) == 1.5


def update(theta, grad, t, m, L, r, *, lr=0.1, eps=0.5):
    g = grad(theta)  # gradient
    L = L + g @ transpose(g)  # products of its rows
    r = 0.9 * r + 0.1 * row_mean(g**2)  # mean squares of its rows
    Q = eigenbasis(L)  # axes
    u = inverse_root(L, 4) @ (Q @ orthogonalize(transpose(Q) @ g))  # products
    m = m + u / (r + column_mean(g) ** 2)  # means
    s = maximum(1, rows(theta) / columns(theta))  # for tall ones
    theta = theta - lr * s * transpose(L + eps) ** 2 @ m  # step
    return theta, m, L, r


INIT = {"L": row_identity, "r": row_zeros}


def make():
    return type("Odd", (og.Optimizer,), {"update": staticmethod(update), "mixes": "matrix", "init": INIT})


def test_a_rule_of_matrices_is_traced_line_by_line():
    program, rule = trace(update), make().rule
    assert program.mixes and {"orthogonalize", "matmul", "rows"} <= {line.function for line in program.lines}
    theta = drawn(4, 3)
    states = rule.initial(theta, rule.defaults)
    expected = update(theta, torch.sin, 1, *states)
    found = python_function(program)(theta, torch.sin, 1, *states, **rule.defaults)
    assert all(map(torch.equal, found, expected))


def test_a_rule_of_matrices_is_typeset_with_capitals():
    whole = pseudocode(make())
    assert [step.latex for step in whole.steps] == [
        r"G_t \leftarrow \nabla f(W_{t-1})",
        r"L_t \leftarrow L_{t-1} + G_t \, G_t^\top",
        r"r_t \leftarrow 0.9 \, r_{t-1} + 0.1 \, \operatorname{row-mean}(G_t^{2})",
        r"Q_t \leftarrow \operatorname{eigenbasis}(L_t)",
        r"U_t \leftarrow L_t^{-1/4} \, (Q_t \, \operatorname{orthogonalize}(Q_t^\top \, G_t))",
        r"M_t \leftarrow M_{t-1} + \frac{U_t}{r_t + \operatorname{column-mean}(G_t)^{2}}",
        r"s_t \leftarrow \max(1, \frac{\operatorname{rows}(W_{t-1})}{\operatorname{columns}(W_{t-1})})",
        r"W_t \leftarrow W_{t-1} - \eta \, s_t \, ((L_t + \epsilon)^\top)^{2} \, M_t",
    ]
    assert r"\textbf{input: } W_0" in whole.latex and r"\textbf{return } W_t" in whole.latex
    assert r"\textbf{start with: } M_0 = 0, L_0 = \epsilon \, I, r_0 = 0" in whole.latex
    assert r"\theta_0" not in whole.latex and r"X_0" in pseudocode(make(), symbols={"theta": "X"}).latex


def test_a_multiple_of_a_matrix_is_kept_together_behind_another():
    def plain(theta, grad, t, *, lr=0.1):
        return theta - lr * grad(theta) @ (2 * theta)  # step

    odd = type("Odd", (og.Optimizer,), {"update": staticmethod(plain), "mixes": "matrix"})
    assert pseudocode(odd).steps[0].latex.endswith(r"W_{t-1} - \eta \, \nabla f(W_{t-1}) \, (2 \, W_{t-1})")


def test_the_card_says_the_shapes_of_states():
    facts = card(make())
    assert facts.apart == {"L": "rows × rows", "r": "rows"} and facts.kept_for == "each matrix"
    said = "1 number: $M$; for each matrix: $L$ (rows × rows), $r$ (rows)"
    assert ("state per parameter", said) in facts.table.rows


def test_matrix_words_are_no_expressions_of_a_page():
    words = {"matmul", "transpose", "rows", "columns", "row_mean", "column_mean"}
    words |= {"orthogonalize", "inverse_root", "eigenbasis", "identity", "solve"}
    assert all(FUNCTIONS[word].javascript is None and not FUNCTIONS[word].slopes for word in words)


def test_a_matrix_word_with_too_much_is_refused():
    for formula in (lambda x: torch.transpose(x, 0, 1), lambda x: inverse_root(x)):
        with pytest.raises((NotationError, TypeError), match="must have|missing"):
            trace(formula)
    assert matrices.NEWTON_SCHULZ_STEPS == 5
