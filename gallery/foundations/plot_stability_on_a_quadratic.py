r"""
Which learning rates are stable
===============================

On a parabola with curvature :math:`\lambda`, plain descent arrives if the learning rate :math:`\eta` is below
:math:`2 / \lambda`, and explodes above. Momentum, which keeps a share :math:`\beta` of its last move, raises the limit to
:math:`2 (1 + \beta) / \lambda`.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

# %%
# Plain descent multiplies
# ------------------------
# The slope of :math:`\lambda x^2 / 2` is :math:`\lambda x`. One step gives :math:`x - \eta \lambda x`: every step
# multiplies x by the same number, :math:`1 - \eta \lambda`. We try sixty rates with one call; the rates become an axis
# of the result.

curvature = 5.0


def parabola(x):
    return curvature * x**2 / 2


rates = np.linspace(0.01, 0.6, 60)
plain = og.descend(og.SGD, parabola, start=[1.0], steps=12, lr=rates)
factor = 1 - rates * curvature
expected = factor ** np.arange(13)[:, None]
np.testing.assert_allclose(plain.theta[..., 0], expected, atol=1e-12, rtol=1e-9)

# %%
# The powers of a number die out if it lies between -1 and 1, so :math:`0 < \eta < 2 / \lambda`, which is 0.4 here.
# One percent on either side decides:

edge = 2 / curvature * np.array([0.99, 1.01])
sides = og.descend(og.SGD, parabola, start=[1.0], steps=500, lr=edge)
print("loss after 500 steps at 99 % and 101 % of the limit:")
print("{:.1e} and {:.1e}".format(*sides.loss[-1]))
assert sides.loss[-1, 0] < 1e-8 and sides.loss[-1, 1] > 1e8

# %%
# Below :math:`1 / \lambda`, which is 0.2 here, x keeps its side. Exactly there it arrives in one step. Between
# :math:`1 / \lambda` and :math:`2 / \lambda` it changes sides with every step. The rows are the rates 0.1, 0.2 and 0.3.

signs = og.descend(og.SGD, parabola, start=[1.0], steps=3, lr=np.array([0.1, 0.2, 0.3]))
print(signs.theta[..., 0].T)
assert (signs.theta[1:, 0] > 0).all()
np.testing.assert_allclose(signs.theta[1:, 1], 0, atol=1e-12)
assert (np.sign(signs.theta[1:, 2, 0]) == (-1, 1, -1)).all()

# %%
# Momentum's limit
# ----------------
# With momentum the step also remembers the last one. Theory then puts the limit at
# :math:`\eta = 2 (1 + \beta) / \lambda`: with :math:`\beta = 0.9` almost twice as high.
# :ref:`The next page but one <sphx_glr_gallery_foundations_plot_momentum_as_an_oscillator.py>` shows where it comes
# from.

beta = 0.9
edge = 2 * (1 + beta) / curvature * np.array([0.99, 1.01])
sides = og.descend(og.Momentum, parabola, start=[1.0], steps=4000, lr=edge, momentum=beta)
print("lost at step (-1: never):", sides.diverged_at)
assert sides.loss[-1, 0] < 1e-15 and sides.diverged_at[1] > 0

# %%

wide = np.linspace(0.01, 0.85, 85)
sgd = og.descend(og.SGD, parabola, start=[1.0], steps=40, lr=wide)
rolling = og.descend(og.Momentum, parabola, start=[1.0], steps=40, lr=wide, momentum=beta)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.semilogy(wide, sgd.loss[-1], color=og.SGD.color, label="SGD")
ax.semilogy(
    wide,
    rolling.loss[-1],
    color=og.Momentum.color,
    label="Momentum 0.9",
)
ax.axvline(2 / curvature, color=og.SGD.color, ls="--")
ax.axvline(2 * (1 + beta) / curvature, color=og.Momentum.color, ls="--")
ax.set(
    title="Dashed: theory. A line ends where its run is lost",
    xlabel="learning rate",
    ylabel="loss after 40 steps",
    ylim=(1e-31, 1e11),
)
ax.legend()

# %%
# Both lines blow up where theory says. SGD has a deep trough around its best rate, 0.2; the picture cuts it off.
# Momentum's line is almost level: from 0.05 to 0.7 its loss stays below :math:`0.9^{40}` times thirty. In that range,
# as the page on the oscillator shows, the pace is set by :math:`\beta` and not by the rate.

broad = (wide > 0.05) & (wide < 0.7)
excess = rolling.loss[-1, broad].max() / beta**40
print(f"largest loss, divided by 0.9^40: {excess:.1f}")
assert excess < 30

# %%
# Before this: :ref:`why plain descent is not enough
# <sphx_glr_gallery_foundations_plot_why_plain_descent_is_not_enough.py>`.
# Next: :ref:`running means <sphx_glr_gallery_foundations_plot_running_means.py>`.
