r"""
Why plain descent is not enough
===============================

Plain descent has six troubles: other minima, saddles, plateaus beside cliffs, rare features, the step size, and the
price of the cure that theory offers. Each is a few lines below.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

# %%
# The nearest minimum is not the lowest
# -------------------------------------
# Two valleys, the left one deeper. Which one descent finds depends only on the side it starts from.


def valleys(x):
    return x**4 / 4 - x**2 / 2 + 0.1 * x


pair = og.descend(og.SGD, valleys, start=[[-1.5], [1.5]], steps=300, lr=0.1)
print("ends:", pair.theta[-1, :, 0], "heights:", pair.loss[-1])
assert pair.theta[-1, 0, 0] < -1 and pair.theta[-1, 1, 0] > 0.8
assert pair.loss[-1, 0] < pair.loss[-1, 1] - 0.15

# %%
# A saddle looks like a minimum for a long time
# ---------------------------------------------
# On :math:`x^2 - y^2` the way down is along y. From a millionth beside the ridge descent first walks to the :term:`saddle`.
# Each step multiplies y by 1.2, and so 70 steps go by until y exceeds 0.3.

saddle = og.descend(og.SGD, lambda x, y: x**2 - y**2, start=(1, 1e-6), steps=80, lr=0.1)
away = int(np.argmax(saddle.theta[:, 1] > 0.3))
print("steps until y > 0.3:", away)
assert away == 70
np.testing.assert_allclose(saddle.theta[:, 1], 1e-6 * 1.2 ** np.arange(81), rtol=1e-9)

# %%
# Plateaus beside cliffs
# ----------------------
# A pit in a plain. Three units out the slope is 0.003; on the wall it is above 3. A rate that suits the wall hardly
# moves outside. A rate that moves outside throws the point far over the pit once it is on the wall.


def pit(x):
    return 4 * (1 - torch.exp(-(x**2)))


x = np.linspace(-4.5, 4.5, 301)
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(x, pit(torch.tensor(x)))
ax.set(title="Flat, then steep, then flat", xlabel="x", ylabel="height")

# %%

small = og.descend(og.SGD, pit, start=[3.0], steps=200, lr=0.1)
large = og.descend(og.SGD, pit, start=[[3.0], [0.7]], steps=1, lr=100)
print("from 3 at rate 0.1, 200 steps:", small.theta[-1])
print("from 3 and 0.7 at rate 100, one step:", large.theta[-1, :, 0])
assert small.theta[-1, 0] > 2.8
assert large.theta[-1, 0, 0] < 2.8 and large.theta[-1, 1, 0] < -300
assert 0.0025 < large.grad[0, 0, 0] < 0.0035 and large.grad[0, 1, 0] > 3

# %%
# Rare features learn late
# ------------------------
# A linear model with two inputs; the true weights are (1, 1). The first input is always 1, the second is 1 in every
# hundredth example and 0 otherwise. Only one example in a hundred pulls at its weight, and so its slope is a fiftieth of
# the other's at the start.

often = torch.ones(100, dtype=torch.float64)
rare = torch.zeros(100, dtype=torch.float64)
rare[0] = 1


def model_loss(a, b):
    return (((a - 1) * often + (b - 1) * rare) ** 2).mean() / 2


fit = og.descend(og.SGD, model_loss, start=(0, 0), steps=200, lr=0.5)
adapt = og.descend(og.Adam, model_loss, start=(0, 0), steps=200, lr=0.05)
print("slopes at the start:", fit.grad[0])
print("weights, SGD: ", fit.theta[-1])
print("weights, Adam:", adapt.theta[-1])
np.testing.assert_allclose(fit.grad[0], (-1.01, -0.02))
assert fit.theta[-1, 0] > 0.98 and fit.theta[-1, 1] < 0.7
assert np.abs(adapt.theta[-1] - 1).max() < 0.05

# %%
# One step size for all
# ---------------------
# In a ravine the steepest direction limits the rate, and the flattest one pays for it. Here the curvatures are 100 and
# 1. At a rate of 0.019 descent is stable, at 0.021 it explodes; at 0.019 every step takes 2 % off the flat coordinate.

rates = np.array([0.019, 0.021])
ravine = og.descend(
    og.SGD,
    lambda x, y: (100 * x**2 + y**2) / 2,
    start=(1, 1),
    steps=100,
    lr=rates,
)
print(ravine.theta[-1])
assert np.abs(ravine.theta[-1, 0, 0]) < 1e-4 < 1e3 < ravine.theta[-1, 1, 0]
np.testing.assert_allclose(ravine.theta[-1, 0, 1], 0.981**100)

# %%
# The price of the cure
# ---------------------
# Newton's method divides the slope by the curvature: in that ravine it needs one step. But the curvature is a matrix
# with a row and a column for each weight.

point = torch.ones(2, dtype=torch.float64)
hessian = torch.autograd.functional.hessian(lambda p: (100 * p[0] ** 2 + p[1] ** 2) / 2, point)
newton = point - torch.linalg.solve(hessian, hessian @ point)
np.testing.assert_allclose(newton, 0, atol=1e-12)

weights = sum(p.numel() for p in torch.nn.Linear(1000, 1000).parameters())
print(f"one layer: {weights:,} weights, {4 * weights**2 / 1e12:.1f} TB")
assert weights == 1_001_000 and 4 * weights**2 > 4e12

# %%
# One layer of a thousand units would need four terabytes. The rules in this guide keep a handful of numbers per weight
# instead.

counts = [len(getattr(og, name).state_names) for name in og.optimizers.__all__]
print("numbers per weight, at most:", max(counts))
assert max(counts) <= 5

# %%
# Before this: :ref:`what back-propagation hands over
# <sphx_glr_gallery_foundations_plot_what_backprop_hands_over.py>`.
# Next: :ref:`which rates are stable <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>`.
