r"""
Orthogonalize: what five steps do to singular values
====================================================

Muon wants a matrix with the singular vectors of its gradient and all singular values 1. Five steps of a polynomial bring
those from 0.01 on to between 0.68 and 1.14, with nothing but matrix products. More steps would bring these no closer.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide.language import inverse_root, orthogonalize, transpose
from optguide.language.matrices import NEWTON_SCHULZ

polar_express = [
    (8.28721201814563, -23.595886519098837, 17.300387312530933),
    (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
    (3.3184196573706015, -2.488488024314874, 0.51004894012372),
    (2.300652019954817, -1.6689039845747493, 0.4188073119525673),
]
safe = [(a / 1.01, b / 1.01**3, c / 1.01**5) for a, b, c in polar_express]
methods = {
    "Muon's quintic": [NEWTON_SCHULZ] * 5,
    "Polar Express": safe,
    "cubic": [(1.5, -0.5, 0)] * 5,
}
before = np.geomspace(1e-4, 1, 2001)
after = dict.fromkeys(methods, before)
for name, coefficients in methods.items():
    for a, b, c in coefficients:
        x = after[name]
        after[name] = a * x + b * x**3 + c * x**5
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for name, values in after.items():
    ax.semilogx(before, values, label=name)
ax.axhline(1, color="gray", linewidth=0.8)
ax.set(xlabel="singular value before", ylabel="after five steps", ylim=(0, 1.3))
ax.legend()

# %%
# Three polynomials, five steps each. The cubic of Newton and Schulz goes to 1 and stays there, but what begins at 0.01
# is at :n:`after["cubic"][at]:.3f` after five steps. The quintic of Muon :cite:p:`jordan2024` has brought it to
# :n:`after["Muon's quintic"][at]:.2f` by then, and everything above it to between
# :n:`after["Muon's quintic"][at:].min():.2f` and :n:`after["Muon's quintic"][at:].max():.2f`.

at = np.searchsorted(before, 0.01)

# %%

# proof: five quintic steps bring singular values from 0.01 to 1 to between 0.68 and 1.14,
# and five cubic ones leave 0.01 below 0.08
quintic = after["Muon's quintic"][at:]
assert 0.68 < quintic.min() < 0.69 and 1.13 < quintic.max() < 1.14
assert after["cubic"][at] < 0.08

# %%
# A polynomial of singular values
# -------------------------------
# Write :math:`X = U \Sigma V^\top`. Then :math:`A = X X^\top = U \Sigma^2 U^\top`, so in
#
# .. math:: a X + (b A + c A^2) X = U \, (a \Sigma + b \Sigma^3 + c \Sigma^5) \, V^\top
#
# the singular vectors stay as they are, and every singular value goes through the polynomial
# :math:`p(x) = a x + b x^3 + c x^5` by itself. A graphics processor multiplies matrices much faster than it decomposes
# them, and also in half precision.
#
# At first the matrix is divided by its Frobenius norm, the root of the sum of the squares of its singular values. So
# the largest is at most 1. Of a matrix with n equal singular values each then begins at :math:`1/\sqrt n`.

# proof: orthogonalize keeps singular vectors and sends singular values through the polynomial
matrix = torch.from_numpy(np.random.default_rng(0).normal(size=(6, 4)))
left, values, right = torch.linalg.svd(matrix, full_matrices=False)
x = values / values.norm()
for _ in range(5):
    x = sum(c * x**k for c, k in zip(NEWTON_SCHULZ, (1, 3, 5), strict=True))
np.testing.assert_allclose(orthogonalize(matrix), left @ torch.diag(x) @ right, atol=1e-12)

# %%
# Why it does not converge
# ------------------------
# For steps that go to 1, 1 has to stay where it is: :math:`a + b + c = 1`. Muon's coefficients add up to
# :n:`sum(NEWTON_SCHULZ):.3f`. They were chosen for something else. A small singular value is multiplied by about a in
# every step, 3.4445 instead of the cubic's 1.5, so five steps multiply it by :n:`NEWTON_SCHULZ[0] ** 5:.0f` instead of
# :n:`1.5**5:.1f`. A polynomial of this form that is so steep at zero either overshoots 1 or turns back on the way. This
# one overshoots, and is chosen such that what overshoots comes back into a band around 1. There the values go on moving.

steps = 40
orbits = np.array([[0.002, 0.02, 0.2, 1.0]])
for _ in range(steps):
    x = orbits[-1]
    a, b, c = NEWTON_SCHULZ
    orbits = np.vstack([orbits, a * x + b * x**3 + c * x**5])
fig, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
ax.plot(orbits, ".-", linewidth=0.7)
ax.legend([f"from {x:g}" for x in orbits[0]], loc="lower right")
ax.axvline(5, color="gray", linewidth=0.8)
ax.set(xlabel="steps", ylabel="singular value", title="Forty steps with Muon's coefficients")

# %%

# proof: 1 is no fixed point, after forty steps the values still move by more than a tenth, and
# after any number of steps from six to forty the farthest of those from 0.01 is 0.25 or more from 1
assert abs(sum(NEWTON_SCHULZ) - 1) > 0.29
assert (np.abs(np.diff(orbits[-10:], axis=0)).max(0) > 0.1).all()
further = quintic
for _ in range(5, steps):
    further = a * further + b * further**3 + c * further**5
    assert np.abs(further - 1).max() > 0.25

# %%
# What it costs
# -------------
# A rule that takes the exact orthogonal factor :math:`(G G^\top)^{-1/2} G = U V^\top` differs from Muon in nothing else.
# On a quadratic of an 8 x 8 matrix, with exact gradients and without momentum, at a learning rate that falls from 0.1 to
# zero, the two end at about the same loss. Below 0.1 the difference shows: the singular values of the smallest part of a
# gradient do not come near 1 in five steps, so that Muon's steps there are shorter, and it has further to go.


class Exact(og.Optimizer):
    """Steps along the nearest orthogonal matrix to the gradient."""

    mixes = "matrix"

    @staticmethod
    def update(theta, grad, t, *, lr=0.1):
        g = grad(theta)  # gradient
        return theta - lr * inverse_root(g @ transpose(g), 2) @ g  # its orthogonal factor


problem = og.problems.matrix_quadratic(8, 8)
fall = lambda o: torch.optim.lr_scheduler.LinearLR(o, 1, 0, 200)  # noqa: E731
five = og.Muon.at(momentum=0.0, weight_decay=0.0)
pair = og.race({"five steps": five, "exact": Exact}, problem, steps=200, lr=0.1, schedule=fall)
pair.plot_loss()

# %%

# proof: with five steps the loss ends within a factor of ten of the one with the exact factor
ratio = pair["five steps"].loss[-1] / pair["exact"].loss[-1]
assert 1 / 10 < ratio < 10

# %%
# Polar Express
# -------------
# :cite:t:`amsel2026` take another polynomial in every step, each the best one for the interval in which the values are
# by then. Early ones are steep, later ones accurate. With the five that they give for values from 0.001 to 1, and their
# safety factor of 1.01, everything from 0.005 upwards ends between :n:`express.min():.2f` and :n:`express.max():.2f`. It
# costs as many products as Muon's five steps. Unlike those it goes to 1 if there are more of them.

express = after["Polar Express"][np.searchsorted(before, 0.005) :]

# %%

# proof: Polar Express is closer to 1 from 0.005 upwards than Muon's five steps are from 0.01
assert 0.86 < express.min() and express.max() < 1.13
assert np.abs(express - 1).max() < np.abs(quintic - 1).max() / 2
