r"""
Inverse roots: what Shampoo divides by
======================================

Adagrad divides each entry of a gradient by a root of its past squares. Shampoo does that for directions: it
multiplies by inverse roots of two matrices. What these do to singular values, and what becomes of very small ones, can be
seen on matrices of two rows.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide.language import inverse_root, outer, times

angles = torch.linspace(0, 2 * torch.pi, 200, dtype=torch.float64)
circle = torch.stack([angles.cos(), angles.sin()])
G = torch.tensor([[2.0, 1.6], [0.4, 0.8]], dtype=torch.float64)
left, right = inverse_root(G @ G.mT, 4), inverse_root(G.mT @ G, 4)
images = {"the gradient G": G, "with the left root": left @ G, "with both": left @ G @ right}
fig, axes = plt.subplots(1, 3, figsize=(9, 2.1), layout="constrained", sharex=True, sharey=True)
for ax, (name, matrix) in zip(axes, images.items(), strict=True):
    ax.plot(*circle, color="gray", linewidth=0.8)
    ax.plot(*(matrix @ circle))
    ax.set(title=name, aspect="equal")
fig.suptitle("The image of the unit circle")

# %%
# A matrix turns the unit circle into an ellipse whose half axes are the singular values. Those of this gradient are
# :n:`sizes[0][0]:.2f` and :n:`sizes[0][1]:.2f`. The inverse fourth root of :math:`G G^\top`, from the left, gives
# :n:`sizes[1][0]:.2f` and :n:`sizes[1][1]:.2f`, their square roots. The one of :math:`G^\top G`, from the right, makes
# both 1: a circle, turned as the gradient turns.

sizes = [torch.linalg.svdvals(matrix) for matrix in images.values()]

# %%

# proof: one fourth root takes the square roots of singular values, both together make them 1
torch.testing.assert_close(sizes[1], sizes[0].sqrt())
torch.testing.assert_close(sizes[2], torch.ones_like(sizes[2]))

# %%
# A power of the eigenvalues
# --------------------------
# A symmetric matrix is :math:`A = V \Lambda V^\top`, with eigenvalues in :math:`\Lambda` and eigenvectors in the
# columns of :math:`V`. Its inverse p-th root has the same eigenvectors:
#
# .. math:: A^{-1/p} = V \, \Lambda^{-1/p} \, V^\top .
#
# With :math:`G = U \Sigma V^\top` the matrix :math:`G G^\top` is :math:`U \Sigma^2 U^\top`, so its inverse fourth
# root has :math:`\sigma^{-1/2}` where G has :math:`\sigma`. There are two such roots, and
# :math:`\sigma \cdot \sigma^{-1/2} \cdot \sigma^{-1/2} = 1`. A package that takes inverse square roots on both sides
# makes :math:`1/\sigma` of :math:`\sigma`: then the smallest direction gets the longest step.

# proof: the fourth power of the root is the inverse, and two square roots would invert singular
# values
A = G @ G.mT
torch.testing.assert_close(
    torch.linalg.matrix_power(inverse_root(A, 4), 4), torch.linalg.inv(A), rtol=1e-9, atol=1e-9
)
turned = torch.linalg.svdvals(inverse_root(A, 2) @ G @ inverse_root(G.mT @ G, 2))
torch.testing.assert_close(turned, 1 / sizes[0].flip(0))

# %%
# Why a root of a matrix
# ----------------------
# Take all coordinates together: Adagrad with a matrix, the sum of the products of every coordinate of the
# gradient with every other. In two dimensions it can be written down and raced. Along a diagonal valley, Adagrad's
# two scales are nearly equal and help little. The matrix knows the direction of the valley, whichever it is.


class FullAdagrad(og.Optimizer):
    """Adagrad with the products of all coordinates, instead of their squares alone."""

    mixes = "model"
    init = {"A": lambda theta: 1e-6 * torch.eye(theta.numel(), dtype=theta.dtype)}

    @staticmethod
    def update(theta, grad, t, A, *, lr=1.0):
        g = grad(theta)  # gradient
        A = A + outer(g, g)  # products of all coordinates so far
        theta = theta - lr * times(
            inverse_root(A, 2), g
        )  # shorter along directions of large gradients
        return theta, A


rules = [og.Adagrad.at(lr=1.0), FullAdagrad.at(lr=1.0)]
race = og.race(rules, og.surfaces.booth, steps=100)
race

# %%
# After 100 steps Adagrad's loss is :n:`race["Adagrad"].loss[-1]:.2f`, that with the matrix
# :n:`race["FullAdagrad"].loss[-1]:.0e`. But for a matrix of m rows and n columns the sum has mn rows and as many columns.
# Shampoo's two matrices together bound it, and have m² and n² entries
# (:ref:`sphx_glr_gallery_optimizers_plot_shampoo.py`).

# proof: with the full matrix the path turns with the map, and with the diagonal it does not
cos, sin = 0.8, 0.6
start, turn = np.array([1.0, 0.7]), np.array([[cos, -sin], [sin, cos]])
for rule, same in ((og.Adagrad, False), (FullAdagrad, True)):
    straight = og.descend(rule, lambda x, y: x**2 / 2 + 5 * y**2, start, 50, lr=0.1).theta
    tilted = lambda x, y: (cos * x + sin * y) ** 2 / 2 + 5 * (cos * y - sin * x) ** 2  # noqa: E731
    there = og.descend(rule, tilted, turn @ start, 50, lr=0.1).theta
    assert (np.abs(there @ turn - straight).max() < 1e-6) == same

# %%
# Small eigenvalues, and eps
# --------------------------
# A direction in which gradients are always small gets a large factor. If that direction is one of noise, the factor
# makes noise as large as everything else. So a small multiple of the identity is added to the matrix. Shampoo begins
# with it, ``eps`` times the identity, by default :math:`10^{-6}`. Of one gradient, a singular value :math:`\sigma` then
# becomes :math:`\sigma / (\sigma^2 + \epsilon)^{1/2}`.

before = np.geomspace(1e-8, 1, 200)
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for eps in (0, 1e-12, 1e-6, 1e-2):
    ax.loglog(before, before / np.sqrt(before**2 + eps), label=f"eps = {eps:g}")
ax.set(xlabel="singular value of the gradient", ylabel="of the update", ylim=(1e-8, 3))
ax.legend()

# %%
# What is smaller than the root of eps stays small. With the default that is a gradient of 0.001, whatever the unit of
# the loss, so eps belongs to the unit: a loss a thousand times as small needs one that is a million times smaller.

# proof: eps decides at its root, where a singular value comes out as the root of one half
eps = 1e-6
S = torch.diag(torch.tensor([1.0, eps**0.5, eps], dtype=torch.float64))
root = inverse_root(S @ S + eps * torch.eye(3, dtype=torch.float64), 4)
update = torch.linalg.svdvals(root @ S @ root)
assert abs(update[0] - 1) < 1e-6 and abs(update[1] - 0.5**0.5) < 1e-9 and update[2] < 1.1e-3

# %%
# **Without eps** a matrix may be singular: after one gradient of rank r, all but r eigenvalues are zero, or what rounding
# has left there, which may be negative. The function takes an eigenvalue below what rounding leaves of the largest one
# for as much as that, so its result is finite, and the product with the gradient is right.

# proof: of a gradient of rank one the roots are finite, and the update has one singular value, 1
thin = torch.outer(torch.tensor([3.0, 4.0, 0.0]), torch.tensor([1.0, 2.0])).double()
roots = inverse_root(thin @ thin.mT, 4), inverse_root(thin.mT @ thin, 4)
assert all(root.isfinite().all() for root in roots)
values = torch.linalg.svdvals(roots[0] @ thin @ roots[1])
assert abs(values[0] - 1) < 1e-6 and values[1] < 1e-6

# %%
# Without eigenvectors: the coupled iteration
# -------------------------------------------
# Eigenvectors are slow on a graphics processor, which multiplies best. An iteration of Newton's type needs products
# alone :cite:p:`guo2006`. Two matrices begin at :math:`X = I/c` and :math:`M = A/c^p`, and
#
# .. math:: T = \tfrac{p+1}{p} I - \tfrac{1}{p} M, \qquad X \leftarrow X T, \qquad M \leftarrow T^p M
#
# takes M to the identity and X to :math:`A^{-1/p}`. Shampoo for large models :cite:p:`anil2020` computes its roots in this
# way, with :math:`c = (2 \lVert A \rVert / (p + 1))^{1/p}`.

V = torch.linalg.qr(torch.randn(16, 16, generator=torch.Generator().manual_seed(0)).double()).Q
identity, paths = torch.eye(16, dtype=torch.float64), {}
for condition in (1e2, 1e6, 1e10):
    A = V @ torch.diag(torch.logspace(-np.log10(condition), 0, 16).double()) @ V.mT
    c = (2 * A.norm() / 5) ** 0.25
    X, M, errors = identity / c, A / c**4, []
    for _ in range(35):
        T = 1.25 * identity - 0.25 * M
        X, M = X @ T, torch.linalg.matrix_power(T, 4) @ M
        errors.append((X - inverse_root(A, 4)).norm() / inverse_root(A, 4).norm())
    paths[f"condition {condition:.0e}"] = np.array(errors)
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name, errors in paths.items():
    ax.semilogy(range(1, 36), errors, label=name)
ax.set(xlabel="steps", ylabel="error, as a share of the root", title="Inverse fourth root")
ax.legend()

# %%
# A small eigenvalue of M grows by :math:`(5/4)^4 \approx` :n:`1.25**4:.2f` in every step, so the number of steps rises with
# the logarithm of the condition number: :n:`taken[0]`, :n:`taken[1]` and :n:`taken[2]` until the error is below a
# thousandth. Each step costs four products. Close to the root convergence is quadratic. Then rounding sets the limit: with a
# condition of :math:`10^{10}` the error of the best step is :n:`paths["condition 1e+10"].min():.0e`, in double precision.

taken = [int((errors < 1e-3).argmax()) + 1 for errors in paths.values()]

# %%

# proof: the steps grow with the logarithm of the condition, and rounding leaves more error where
# it is large
assert taken[0] < 12 and 8 < taken[1] - taken[0] < 13 and 8 < taken[2] - taken[1] < 13
best = [errors.min() for errors in paths.values()]
assert best[0] < 1e-12 < best[2]

# %%
# In single precision neither way sees eigenvalues below a ten-millionth of the largest. This is another reason for eps:
# with it the condition is at most the largest eigenvalue divided by eps.

# proof: in single precision an eigenvalue of 1e-9 beside 1 is not found; with an eps of 1e-4 single
# precision agrees with double
A = V @ torch.diag(torch.logspace(-9, 0, 16).double()) @ V.mT
assert (inverse_root(A.float(), 4).double() - inverse_root(A, 4)).norm() > 0.2 * 1e9**0.25
safe = A + 1e-4 * identity
assert (inverse_root(safe.float(), 4).double() - inverse_root(safe, 4)).norm() < 1e-2
