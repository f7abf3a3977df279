"""Slopes that are written out once: the same numbers as autograd finds, or none."""

import numpy as np
import pytest
import torch
from torch import abs, cos, exp, sin, sqrt

import optguide as og
from optguide.language import written_slope

SURFACES = [getattr(og.surfaces, name) for name in og.surfaces.__all__ if name != "linear_regression"]
SURFACES += [og.surfaces.linear_regression(50), og.surfaces.rosenbrock.replace(a=0.3, b=7.0)]


def found_by_autograd(function, points):
    x = points.clone().requires_grad_()
    z = function(*x)
    (slope,) = torch.autograd.grad(z.sum(), x, allow_unused=True, materialize_grads=True)
    return z.detach(), slope


def agrees(function, points):
    """Heights to the last bit; slopes to rounding, also where they are far smaller than elsewhere."""
    written = written_slope(function, len(points))
    assert written, "something in the formula has no derivative in optguide/language/vocabulary.py"
    heights, *slope = written(*points)
    expected_heights, expected = found_by_autograd(function, points)
    assert torch.equal(heights, expected_heights)
    scale = expected.abs().nan_to_num(0, 0, 0).amax().item()
    torch.testing.assert_close(torch.stack(slope), expected, rtol=1e-10, atol=1e-14 * scale, equal_nan=True)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
def test_every_surface_writes_out_its_slope(surface):
    low, high = torch.tensor(surface.box, dtype=torch.float64).T[:, :, None]
    agrees(surface, low + (high - low) * (1.5 * torch.rand(surface.dim, 400, dtype=torch.float64) - 0.25))
    agrees(surface, torch.tensor(surface.starts or surface.known_minima(), dtype=torch.float64).T)


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, y: x,
        lambda x, y: 3 * y - 2,
        lambda x, y: 3 * x + x - y,
        lambda x, y: 1 - (2 + -x) - y,
        lambda x, y: x / y,
        lambda x, y: 2 / x + y / 4 - x / y / x,
        lambda x, y: (1 + x * x) ** 0.5 * y**-3 + y**1,
        lambda x, y: sin(x) * cos(x) + exp(-x * y) + sqrt(x**2 + 1) + abs(y - x),
        # What occurs twice is written once: as a derivative first and then as a part of the formula, or the reverse.
        lambda x, y: sin(x) + cos(x) * sin(x) + 1 / y + x / y,
        lambda x, y: (x * y) * (x * y) - exp(x * y) / exp(x * y),
        lambda x, y: np.float64(0.5) * x**2 + y * np.float64(3),
        lambda x, y: x * 0 + y * float("inf"),
        lambda x, y: x.exp() + torch.log(y.abs()),
        lambda x, y: torch.maximum(x, y) * torch.minimum(x * y, y) + torch.sign(x) * y + x,
        lambda x, y: torch.where(x > y, x * y, y**2) * x + torch.where(y <= 0.5, x, y),
        lambda x, y: torch.clamp(x, -0.5, 0.5) * y + torch.clamp(x * y, -0.5, 1.0),
        lambda x, y: torch.atan2(y, x) * x + torch.atan2(x, abs(y)),
    ],
)
def test_every_operation_has_its_derivative(formula):
    agrees(formula, torch.randn(2, 200, dtype=torch.float64) + 0.1)


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, y: torch.maximum(x, y),
        lambda x, y: torch.minimum(x, y) + torch.minimum(x, -y),
        lambda x, y: torch.clamp(x, -0.5, 0.5) * y,
        lambda x, y: torch.where(x > y, x, y**2),
        lambda x, y: torch.atan2(y, x),
        lambda x, y: torch.sign(x) + abs(y),
    ],
)
def test_where_the_argument_that_counts_changes_it_is_as_in_torch(formula):
    grid = torch.tensor([-1, -0.5, 0, 0.25, 0.5, 1], dtype=torch.float64)
    agrees(formula, torch.cartesian_prod(grid, grid).T)


def test_one_coordinate_and_three():
    agrees(lambda x: x**3 - x, torch.randn(1, 20, dtype=torch.float64))
    agrees(lambda x, y, z: x * y * z + z, torch.randn(3, 20, dtype=torch.float64))


def test_where_a_slope_is_no_number_autograd_agrees():
    agrees(lambda x, y: sqrt(x**2 + y**2), torch.zeros(2, 1, dtype=torch.float64))
    agrees(og.surfaces.cliff, torch.tensor([[30.0, 36.0, 50.0], [0.0, 0.0, 0.0]], dtype=torch.float64))


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, y: x**2 if x > 0 else y,
        lambda x, y: x if x == y else y,
        lambda x, y: x and y,
        lambda x, y: torch.clamp(x, y, y + 1),
        lambda x, y: x**y,
        lambda x, y: x**0 + y,
        lambda x, y: torch.tensor(2.0) * x,
        lambda x, y: np.ones(3) * x,
        lambda x, y: x + True,
        lambda x, y: x.cumsum(0) + y,
        lambda x, y: x.sum() + y.norm(),
        lambda x, y: 2**x + y,
        lambda x, y: torch.sin(x, out=torch.empty(3)),
        lambda x, y: 3.0,
        lambda x: x,
    ],
)
def test_what_cannot_be_written_out_is_left_to_autograd(formula):
    assert written_slope(formula, 2) is None


def test_descents_use_it_and_end_where_autograd_ends(monkeypatch):
    surface, plain = og.surfaces.tilted_camel, lambda x, y: og.surfaces.tilted_camel(x, y)
    runs = [og.descend(og.Adam, f, (-0.9, 0.9), 150, lr=0.1) for f in (surface, plain)]
    for record in ("theta", "loss", "grad"):
        np.testing.assert_allclose(*(getattr(run, record) for run in runs), rtol=1e-9, atol=1e-12)
    monkeypatch.setattr("torch.autograd.grad", None)
    og.descend(og.Adam, surface, (-0.9, 0.9), 3)
    og.sweep(og.Adam, surface, steps=3)
    with pytest.raises(TypeError):
        og.descend(og.Adam, plain, (-0.9, 0.9), 3)


def test_a_surface_that_cannot_be_written_out_is_descended_all_the_same():
    @og.surface(box=((-2, 2), (-2, 2)))
    def roof(x, y):
        return torch.relu(x) + torch.relu(-x) + y**2

    run = og.descend(og.SGD, roof, (1.0, 1.0), 20, lr=0.1)
    np.testing.assert_allclose(run.grad[0], (1, 2))
