r"""
Momentum as an oscillator
=========================

On a parabola, momentum moves like a weight on a spring with friction. Two eigenvalues say whether it creeps to the
minimum, swings around it, or does neither.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

# %%
# A step is a matrix
# ------------------
# With curvature :math:`\lambda`, :term:`learning rate` :math:`\eta` and :term:`momentum` :math:`\beta`, one step is :math:`v' = \beta v + \lambda x` and :math:`x' = x - \eta v'`. Both
# are linear in the state (x, v), so one matrix does it:
#
# .. math:: \begin{pmatrix} x' \\ v' \end{pmatrix} =
#    \begin{pmatrix} 1 - \eta \lambda & -\eta \beta \\ \lambda & \beta \end{pmatrix}
#    \begin{pmatrix} x \\ v \end{pmatrix}
#
# Its determinant is :math:`\beta`, its trace :math:`1 + \beta - \eta \lambda`. The determinant is what friction leaves:
# each step shrinks areas in the plane of (x, v) by :math:`\beta`.

beta, curvature = 0.81, 1.0


def matrix(lr):
    return np.array([[1 - lr * curvature, -lr * beta], [curvature, beta]])


np.testing.assert_allclose(np.linalg.det(matrix(0.3)), beta)

# %%
# Three regimes
# -------------
# The larger eigenvalue says what share of the state a step leaves, in the long run. The two eigenvalues meet where
# :math:`\eta \lambda = (1 - \sqrt \beta)^2`, that is at 0.01 for :math:`\beta = 0.81`: the *critical* rate. Below it,
# both are real, and the larger one is close to 1, so x creeps: the motion is *over-damped*. Above it they are a complex
# pair of size :math:`\sqrt \beta` = 0.9, and x swings while it shrinks: *under-damped*. They become real again only
# beyond :math:`(1 + \sqrt \beta)^2`.

rates = np.array([0.002, 0.01, 0.1])
creeping, critical, swinging = (np.linalg.eigvals(matrix(r)) for r in rates)
print("over-damped: ", creeping.round(3))
print("critical:    ", critical.real.round(3))
print("under-damped:", swinging.round(3))
assert not np.imag(creeping).any() and max(creeping.real) > 0.98
np.testing.assert_allclose(critical, 0.9, atol=1e-6)
np.testing.assert_allclose(np.abs(swinging), 0.9)
assert np.abs(swinging.imag).min() > 0.2

# %%
# The runs agree
# --------------
# One call descends with all three rates. Powers of the matrix predict every x and every v.

runs = og.descend(
    og.Momentum,
    lambda x: curvature * x**2 / 2,
    start=[1.0],
    steps=120,
    lr=rates,
    momentum=beta,
)
states = np.concatenate([runs.theta, runs.states["v"]], axis=-1)
theory = np.array(
    [[np.linalg.matrix_power(matrix(r), n) @ (1, 0) for r in rates] for n in range(121)]
)
np.testing.assert_allclose(states, theory, atol=1e-12)

# %%
# The upper picture shows x for the three rates: one run creeps, one arrives without crossing zero, one swings. The lower
# one shows x and v of the swinging run together. Its dots go round the origin and inwards.

fig, (left, right) = plt.subplots(2, 1, figsize=(7, 7), layout="constrained", height_ratios=(2, 3))
names = ["over-damped", "critical", "under-damped"]
left.plot(states[..., 0], label=names)
left.axhline(0, color="gray", lw=0.5)
left.set(title="One creeps, one arrives, one swings", xlabel="step", ylabel="x")
left.legend()
right.plot(theory[:, 2, 0], theory[:, 2, 1], "-", color="gray", label="theory")
right.plot(states[:, 2, 0], states[:, 2, 1], "o", ms=4, label="the run")
right.set(
    title="The under-damped run spirals into the origin",
    xlabel="position x",
    ylabel="velocity v",
)
right.legend()

# %%
# The angle of the complex pair is the turn per step. At a rate of 0.1 a full turn takes 20 steps, and x changes its
# side twice in each.

angle = np.abs(np.angle(swinging[0]))
sides = int((np.diff(np.sign(states[:, 2, 0])) != 0).sum())
print(f"steps per turn: {2 * np.pi / angle:.1f}, changes of side: {sides}")
assert abs(sides - 120 * angle / np.pi) <= 1

# %%
# Where stability ends
# --------------------
# At large rates the pair turns real again, and one eigenvalue passes -1 where :math:`\eta \lambda = 2 (1 + \beta)`. That is the limit
# that :ref:`the page on stability <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>` met.

limit = 2 * (1 + beta) / curvature
np.testing.assert_allclose(np.linalg.eigvals(matrix(limit)).min(), -1)
assert np.abs(np.linalg.eigvals(matrix(0.99 * limit))).max() < 1
assert np.abs(np.linalg.eigvals(matrix(1.01 * limit))).max() > 1

# %%
# Before this: :ref:`running means <sphx_glr_gallery_foundations_plot_running_means.py>`.
# Next: :ref:`bias correction <sphx_glr_gallery_foundations_plot_bias_correction.py>`. The rule itself:
# :ref:`momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`. For moving pictures see :cite:t:`goh2017`.
