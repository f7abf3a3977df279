r"""
Momentum as an oscillator
=========================

On a parabola, momentum moves like a weight on a spring with friction. The two roots of one quadratic equation say
whether it creeps to the minimum, swings around it, or does neither.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

beta, curvature = 0.81, 1.0
lrs = {"over-damped": 0.002, "critical": 0.01, "under-damped": 0.1}


@og.surface(title="Parabola of curvature 1", box=((-0.9, 1.1),), starts=((1.0,),), minima=((0.0,),))
def parabola(x):
    return curvature * x**2 / 2


race = og.race(
    {k: og.Momentum.at(lr=v, momentum=beta) for k, v in lrs.items()}, parabola, steps=120
)
race.animate(panels=("curve", "v"))

# %%
# The heavy-ball method of :cite:t:`polyak1964`, here called momentum, runs three times with the same :math:`\beta =
# 0.81` and different learning rates. The first run has still not reached the minimum after 120 steps. The second gets
# there without crossing it, the third crosses it again and again.
#
# A weight on a spring
# --------------------
# With :term:`curvature` :math:`\lambda`, :term:`learning rate` :math:`\eta` and :term:`momentum` :math:`\beta`, a step
# is :math:`v_{t+1} = \beta v_t + \lambda x_t` and :math:`x_{t+1} = x_t - \eta v_{t+1}`. The second equation says
# :math:`v_{t+1} = (x_t - x_{t+1}) / \eta`. Put into the first, the velocity is gone:
#
# .. math:: x_{t+1} = (1 + \beta - \eta \lambda) \, x_t - \beta \, x_{t-1}
#
# Sorted by differences, this is the law of a weight on a spring with friction:
#
# .. math:: \underbrace{x_{t+1} - 2 x_t + x_{t-1}}_{\text{acceleration}} =
#    - \underbrace{(1 - \beta) (x_t - x_{t-1})}_{\text{friction}} - \underbrace{\eta \lambda \, x_t}_{\text{spring}}
#
# A higher :math:`\beta` means less friction, a higher learning rate a stiffer spring.

# proof: all three runs obey the law of the spring
for name, lr in lrs.items():
    x = race[name].theta[:, 0]
    forces = -(1 - beta) * (x[1:-1] - x[:-2]) - lr * curvature * x[1:-1]
    np.testing.assert_allclose(x[2:] - 2 * x[1:-1] + x[:-2], forces, atol=1e-12)

# %%
# The characteristic polynomial
# -----------------------------
# Which sequences :math:`x_t = z^t` solve that equation? Those with
#
# .. math:: z^2 - (1 + \beta - \eta \lambda) \, z + \beta = 0
#
# Every run is a sum of the two solutions (at a double root, of :math:`z^t` and :math:`t z^t`), so the larger root
# decides how fast it dies out. The same two numbers are the eigenvalues of the matrix that makes a step out of
# :math:`(x, v)`. Its determinant is :math:`\beta` and its trace :math:`1 + \beta - \eta \lambda`:
#
# .. math:: \begin{pmatrix} x_{t+1} \\ v_{t+1} \end{pmatrix} =
#    \begin{pmatrix} 1 - \eta \lambda & -\eta \beta \\ \lambda & \beta \end{pmatrix}
#    \begin{pmatrix} x_t \\ v_t \end{pmatrix}

matrices = {
    k: np.array([[1 - lr * curvature, -lr * beta], [curvature, beta]]) for k, lr in lrs.items()
}
roots = {k: np.roots([1, -(1 + beta - lr * curvature), beta]) for k, lr in lrs.items()}

# %%

# proof: the roots of the polynomial are the eigenvalues of the matrix
for name in lrs:
    eigenvalues = np.linalg.eigvals(matrices[name])
    np.testing.assert_allclose(np.sort(eigenvalues), np.sort(roots[name]), atol=1e-7)
    np.testing.assert_allclose(np.linalg.det(matrices[name]), beta)

# %%

# proof: powers of the matrix predict every position and every velocity of the three runs
for name, run in race.items():
    theory = [np.linalg.matrix_power(matrices[name], n) @ (1, 0) for n in range(121)]
    np.testing.assert_allclose(np.hstack([run.theta, run.states["v"]]), theory, atol=1e-12)

# %%
# Three regimes
# -------------
# The product of the roots is :math:`\beta`. A complex pair is conjugate, so both have the size :math:`\sqrt \beta`. The
# pair becomes real where the discriminant vanishes, :math:`(1 + \beta - \eta \lambda)^2 = 4 \beta`, and that is at
#
# .. math:: \eta \lambda = (1 - \sqrt \beta)^2 \quad\text{and}\quad \eta \lambda = (1 + \sqrt \beta)^2
#
# With :math:`\beta = 0.81` the first is 0.01, the *critical* learning rate. Below it the motion is *over-damped*: both
# roots are real, and the larger one is the closer to 1 the smaller the learning rate. Between the two the motion is
# *under-damped*: it swings, and the size of the swings shrinks by the factor :math:`\sqrt \beta = 0.9` in each step,
# whatever the learning rate.

axis = np.geomspace(1e-3, 5, 600)
sizes = [np.sort(np.abs(np.roots([1, -(1 + beta - lr * curvature), beta]))) for lr in axis]
fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ax.semilogx(axis, sizes, label=["smaller root", "larger root"])
ax.plot(
    list(lrs.values()), [abs(z).max() for z in roots.values()], "o", ms=8, label="the three runs"
)
ax.axhline(1, color="gray", ls="--", label="above: diverges")
ax.set(
    title="Between two learning rates, both roots have size 0.9",
    xlabel="ηλ",
    ylabel="size",
    ylim=(0.6, 1.2),
)
ax.legend(loc="lower left")

# %%

# proof: below 0.01 the larger root falls from nearly 1, at 0.01 both are 0.9, and from there to 3.6
# both have size 0.9
assert np.isreal(roots["over-damped"]).all() and roots["over-damped"].max() > 0.98
np.testing.assert_allclose(roots["critical"], 0.9, atol=1e-6)
np.testing.assert_allclose(np.abs(roots["under-damped"]), 0.9)
assert np.abs(roots["under-damped"].imag).min() > 0.2
larger = np.max(sizes, axis=1)
np.testing.assert_allclose(np.array(sizes)[(axis > 0.0101) & (axis < 3.6)], 0.9)
assert larger[0] > 0.99 and (np.diff(larger[axis < 0.0099]) < 0).all()

# %%

# proof: the runs die out as fast as the larger root says
creep = race["over-damped"].theta[:, 0]
np.testing.assert_allclose(creep[120] / creep[119], roots["over-damped"].max(), rtol=1e-6)
swing = np.hypot(race["under-damped"].theta, race["under-damped"].states["v"])[:, 0]
np.testing.assert_allclose((swing[109] / swing[10]) ** (1 / 99), 0.9, rtol=1e-3)

# %%
# Position and velocity together
# ------------------------------
# Drawn in the plane of :math:`x` and :math:`v`, the under-damped run is a spiral. Its turn per step is, on average, the
# angle of the complex root. At a learning rate of 0.1 a full turn takes :n:`2 * np.pi / angle:.1f` steps, and x changes
# its sign twice in each.

angle = np.abs(np.angle(roots["under-damped"][0]))
fig, ax = plt.subplots(figsize=(7, 4.6), layout="constrained")
for name, run in race.items():
    ax.plot(run.theta[:, 0], run.states["v"][:, 0], ".-", lw=0.8, label=name)
ax.set(title="Only the under-damped run goes round", xlabel="position x", ylabel="velocity v")
ax.legend()

# %%

# proof: the sign changes as often as the angle of the root says
sides = int((np.diff(np.sign(race["under-damped"].theta[:, 0])) != 0).sum())
assert abs(sides - 120 * angle / np.pi) <= 1 and sides > 10

# %%
# Where stability ends
# --------------------
# Beyond :math:`(1 + \sqrt \beta)^2` the roots are real again, and negative. One of them moves outwards. It gets to
# :math:`-1` where :math:`1 + (1 + \beta - \eta \lambda) + \beta = 0`, which is the polynomial at :math:`z = -1`:
#
# .. math:: \eta \lambda = 2 (1 + \beta)
#
# :cite:t:`polyak1964` proves this limit near a minimum of a smooth function (theorem 9), with the largest eigenvalue of
# the Hessian as :math:`\lambda`, if all eigenvalues are positive there. :ref:`The page on stability
# <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>` shows what happens on its two sides, and
# :cite:t:`goh2017` has more moving pictures of this oscillator.

# proof: at :math:`2(1 + \beta)` a root is -1; just below none is that large, just above one is
# larger
limit = 2 * (1 + beta) / curvature
at, below, above = ([1, -(1 + beta - r * limit * curvature), beta] for r in (1, 0.99, 1.01))
np.testing.assert_allclose(np.roots(at).min(), -1)
assert np.abs(np.roots(below)).max() < 1 < np.abs(np.roots(above)).max()
