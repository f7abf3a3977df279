r"""
Which learning rates are stable
===============================

On a parabola with curvature :math:`\lambda`, plain descent reaches the minimum if the learning rate :math:`\eta` is
below :math:`2 / \lambda`, and diverges above. Momentum raises the limit, Nesterov's momentum lowers it.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

curvature = 5.0


@og.surface(title="Parabola of curvature 5", box=((-3.0, 3.0),), starts=((1.0,),), minima=((0.0,),))
def parabola(x):
    return curvature * x**2 / 2


race = og.race(
    {f"lr = {lr}": og.SGD.at(lr=lr) for lr in (0.1, 0.2, 0.39, 0.42)}, parabola, steps=20
)
race

# %%
# Here the limit :math:`2 / \lambda` is 0.4. At 0.1 the point stays on its side of the minimum, at 0.2 one step reaches
# it. At 0.39 and at 0.42 the point changes sides with every step; at 0.39 it comes closer, at 0.42 it moves away.
#
# Plain descent multiplies
# ------------------------
# The derivative of :math:`\lambda x^2 / 2` is :math:`\lambda x`. So a step leads to :math:`x - \eta \lambda x`: every
# step multiplies x by the same number, :math:`1 - \eta \lambda`. The powers of a number vanish if it lies between -1
# and 1, that is, for :math:`0 < \eta < 2 / \lambda`. It is negative above :math:`1 / \lambda`, and x changes sides.

# proof: with any of sixty learning rates, x is the start times a power of :math:`1 - \eta\lambda`
lrs = np.linspace(0.01, 0.6, 60)
plain = og.descend(og.SGD, parabola, start=[1.0], steps=12, lr=lrs)
powers = (1 - lrs * curvature) ** np.arange(13)[:, None]
np.testing.assert_allclose(plain.theta[..., 0], powers, atol=1e-12, rtol=1e-9)

# %%

# proof: one percent below :math:`2/\lambda` descent reaches the minimum, one percent above it
# diverges
edge = 2 / curvature * np.array([0.99, 1.01])
sides = og.descend(og.SGD, parabola, start=[1.0], steps=1500, lr=edge)
assert sides.loss[-1, 0] < 1e-8 and sides.diverged_at[0] < 0 < sides.diverged_at[1]

# %%

# proof: below :math:`1/\lambda` x keeps its side, at :math:`1/\lambda` one step is enough, above it
# x changes sides
assert (race["lr = 0.1"].theta > 0).all()
np.testing.assert_allclose(race["lr = 0.2"].theta[1:], 0, atol=1e-12)
for name in ("lr = 0.39", "lr = 0.42"):
    assert (np.sign(race[name].theta[:, 0]) == (-1.0) ** np.arange(21)).all()

# %%
# Momentum's limit
# ----------------
# Momentum remembers its last step, so its motion has two factors, the roots of
# :math:`z^2 - (1 + \beta - \eta \lambda) z + \beta = 0`
# (:ref:`derived in "Momentum as an oscillator" <sphx_glr_gallery_foundations_plot_momentum_as_an_oscillator.py>`). It
# diverges when the smaller one falls below -1. At :math:`z = -1` the equation reads
# :math:`1 + (1 + \beta - \eta \lambda) + \beta = 0`, so the limit is
#
# .. math:: \eta = \frac{2 (1 + \beta)}{\lambda}
#
# This is theorem 9 of :cite:t:`polyak1964`. With :math:`\beta = 0.9` it is almost twice that of plain descent.
#
# Nesterov's limit
# ----------------
# Nesterov's method takes the derivative where the velocity would carry the point, at :math:`x - \eta \beta v`. There it
# is :math:`\lambda (x - \eta \beta v)`, so :math:`v' = \beta v + \lambda (x - \eta \beta v) = \beta (1 - \eta \lambda)
# v + \lambda x`. This is momentum with :math:`\beta' = \beta (1 - \eta \lambda)`. Put into :math:`\eta \lambda < 2 (1 +
# \beta')`, it gives :math:`\eta \lambda (1 + 2 \beta) < 2 (1 + \beta)`, or
#
# .. math:: \eta < \frac{2 (1 + \beta)}{(1 + 2 \beta) \lambda}
#
# This is less than :math:`2 / \lambda`: at large learning rates :math:`\beta'` is negative, and the velocity pushes
# back.

beta = 0.9
limits = {
    og.SGD: 2 / curvature,
    og.Momentum: 2 * (1 + beta) / curvature,
    og.Nesterov: 2 * (1 + beta) / (1 + 2 * beta) / curvature,
}
given = {og.SGD: {}, og.Momentum: {"momentum": beta}, og.Nesterov: {"momentum": beta}}
wide = np.linspace(0.01, 0.85, 85)
losses = {r: og.descend(r, parabola, [1.0], 40, lr=wide, **given[r]).loss[-1] for r in limits}
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for rule, limit in limits.items():
    ax.semilogy(wide, losses[rule], color=rule.color, label=rule.__name__)
    ax.axvline(limit, color=rule.color, ls="--")
ax.set(
    title="Dashed: the limits. A line ends where 40 steps suffice to diverge",
    xlabel="learning rate",
    ylabel="loss after 40 steps",
    ylim=(1e-31, 1e11),
)
ax.legend()

# %%

# proof: momentum and Nesterov's method reach the minimum one percent below their limits, and
# diverge one percent above
for rule in (og.Momentum, og.Nesterov):
    edge = limits[rule] * np.array([0.99, 1.01])
    sides = og.descend(rule, parabola, start=[1.0], steps=4000, lr=edge, momentum=beta)
    assert sides.loss[-1, 0] < 1e-15 and sides.diverged_at[0] < 0 < sides.diverged_at[1]

# %%
# Plain descent has a sharp minimum at its best learning rate, :math:`1 / \lambda`; the picture cuts it off. Momentum's
# line is almost level. Its roots are complex over most of the axis and then have the size :math:`\sqrt \beta`, so the
# loss shrinks by :math:`\beta` in each step, whatever the learning rate. From 0.05 to 0.7 the loss is at most
# :n:`excess:.0f` times :math:`0.9^{40}`.

# proof: from 0.05 to 0.7 momentum's loss is less than thirty times :math:`0.9^{40}`
broad = (wide > 0.05) & (wide < 0.7)
excess = losses[og.Momentum][broad].max() / beta**40
assert excess < 30
