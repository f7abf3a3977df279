r"""
Almost Adam
===========

Adam without its bias corrections. Both averages start at zero and nothing makes up for it, so the first step is more
than three times too long and the next ones are longer still.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

valley = og.surfaces.rosenbrock
race = og.race([og.AlmostAdam, og.Adam], valley, steps=300, lr=0.1)
race

# %%
# Same start, same learning rate of 0.1. Almost Adam leaps out of the valley, and its loss rises to :n:`leap:.0f` times
# that of the start. Adam's loss is never above it. In the end almost Adam is a little lower, because 0.1 is less than
# the best learning rate for Adam here (see below), and longer steps make up for it.

# proof: without corrections the loss first rises to more than five times that of the start
leap = race["AlmostAdam"].loss.max() / race["AlmostAdam"].loss[0]
assert leap > 5 and race["Adam"].loss.max() == race["Adam"].loss[0]
assert 0.5 < race["AlmostAdam"].loss[-1] / race["Adam"].loss[-1] < 1

# %%

og.card(og.AlmostAdam)

# %%
# The rule
# --------
# The name is ours. It is :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` without the two divisions by
# :math:`1 - \beta^t`: a step in an explanation, and not proposed as a rule of its own.

og.pseudocode(og.AlmostAdam)

# %%

og.pseudocode(og.AlmostAdam).hyperparameters

# %%
# What it repairs, and what it leaves
# -----------------------------------
# It joins momentum with a scale for each coordinate. Given a gradient of 1 for ever, such a rule should take steps of
# one learning rate, and Adam does. Without corrections, the averages of :math:`t` equal gradients are
# :math:`m = 1 - \beta_1^t` and :math:`v = 1 - \beta_2^t`: they still count the zeros of the start. With the defaults
# ``v`` starts a hundred times smaller than ``m``, so the step
#
# .. math::
#
#    \frac{m}{\sqrt v} = \frac{1 - \beta_1^t}{\sqrt{1 - \beta_2^t}}
#
# is too long from the beginning: :n:`first:.2f` learning rates, and :n:`longest:.2f` at step :n:`when`. At step 400 it
# is still :n:`late:.2f`.

almost = og.respond(og.AlmostAdam, np.ones_like, steps=400, lr=1).update
adam = og.respond(og.Adam, np.ones_like, steps=400, lr=1).update
fig, ax = plt.subplots(layout="constrained")
ax.plot(np.arange(1, 401), almost, color=og.AlmostAdam.color, label="almost Adam")
ax.plot(np.arange(1, 401), adam, color=og.Adam.color, label="Adam")
ax.set(xlabel="step", ylabel="length of the step, in learning rates")
ax.set_title("Without corrections the first steps are too long")
ax.legend()

# %%

# proof: on a constant gradient Adam's steps are one learning rate long; without corrections
# the first is 3.16 and the twelfth, the longest, 6.57
t = np.arange(1, 401)
np.testing.assert_allclose(almost, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-6)
np.testing.assert_allclose(adam, 1, rtol=1e-6)
first, longest, when, late = almost[0], almost.max(), almost.argmax() + 1, almost[-1]
np.testing.assert_allclose(first, 0.1 / np.sqrt(0.001), rtol=1e-6)
np.testing.assert_allclose(longest, 6.57, atol=0.01)
assert when == 12

# %%
# Another way to see the corrections: suppose that the first gradient had been there for ever. The averages would then
# be the gradient and its square. Adam's corrected averages are just that after one step; the others are a tenth and a
# thousandth of it.

# proof: after one step the corrected averages are the gradient, 3, and its square, 9;
# the others are 0.3 and 0.009
states = og.respond(og.Adam, lambda t: 3 + 0 * t, steps=1).states
m, v = states["m"][1], states["v"][1]
np.testing.assert_allclose((m, v), (0.3, 0.009), rtol=1e-9)
np.testing.assert_allclose((m / (1 - 0.9), v / (1 - 0.999)), (3, 9), rtol=1e-9)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.AlmostAdam)

# %%
# One knob: the memory of the scale
# ---------------------------------
# The first step is :math:`(1 - \beta_1) / \sqrt{1 - \beta_2}` learning rates long. With the usual ``beta1`` of 0.9 that
# is 1 for a ``beta2`` of 0.99: the first step is right, though the next ones are too long. With a shorter memory the
# first steps are too short.

betas = {f"beta2 = {b}": og.AlmostAdam.at(lr=0.1, betas=(0.9, b)) for b in (0.999, 0.99, 0.9)}
knob = og.race(betas, valley, steps=100)
knob.plot()

# %%

# proof: for a ``beta2`` of 0.999, 0.99 and 0.9 the first step is 3.16, 1 and 0.316 learning
# rates long
lengths = [np.abs(run.theta[1] - run.theta[0]) / 0.1 for run in knob.values()]
np.testing.assert_allclose(lengths, [(0.1**-0.5,) * 2, (1, 1), (0.1**0.5,) * 2], rtol=1e-6)

# %%
# The whole axis of learning rates
# --------------------------------
# Steps that are several times too long act like a larger learning rate: where that is small, the curve is Adam's, moved
# to the left. At 0.001 almost Adam is about where Adam is at 0.003, and its best learning rate is
# :n:`rates.best["AlmostAdam"]:.2g` instead of :n:`rates.best["Adam"]:.2g`, with a median loss that is
# :n:`rates.loss["AlmostAdam"] / rates.loss["Adam"]:.1f` times as high. At the right end the first leap leads so far away
# that 200 steps do not bring it back.

rates = study.rates(og.AlmostAdam, beside=og.Adam)
rates

# %%

# proof: almost Adam at 0.001 is about where Adam is at 0.003; its best learning rate is lower,
# and at 10 it ends ten times higher
median = rates.sweep.data.loss.fillna(np.inf).median(("seed", "start"))
almost, adam = median.sel(optimizer=["AlmostAdam", "Adam"]).transpose("optimizer", "lr").values
assert 0.5 < almost[12] / adam[15] < 2 and adam[12] > 5 * almost[12]
assert rates.best["AlmostAdam"] < 0.7 * rates.best["Adam"] and almost[-1] > 10 * adam[-1]

# %%
# Basins
# ------
# Nearly every start reaches a minimum, but :n:`100 * basins.changed["Adam"]:.0f` % reach another one than with Adam,
# since the leap carries them across a border.

basins = study.basins(og.AlmostAdam.at(lr=0.1), beside=og.Adam.at(lr=0.1))
basins

# %%

# proof: from about one start in eight the leap leads to another minimum
assert min(basins.reached.values()) > 0.99 and 0.08 < basins.changed["Adam"] < 0.17

# %%
# How to set it
# -------------
# Use Adam. In an implementation without corrections, a third of the learning rate makes the first step right and the
# late ones three times too short. A :ref:`warm-up <sphx_glr_gallery_foundations_plot_warm_up.py>` shortens the first
# ones alone.

# %%
# Where it fails
# --------------
# Near a minimum. From (0.9, 0.5) on a round bowl the long first steps run :n:`past:.2f` past the minimum, Adam's
# :n:`adams:.2f`. Both reach it in the end.

bowl = og.surfaces.sphere
near = og.race([og.AlmostAdam, og.Adam], bowl, start=(0.9, 0.5), steps=300, lr=0.05)
near.plot_loss()

# %%

# proof: started near the minimum of a bowl, almost Adam runs far past it
past, adams = (-run.theta.min() for run in near.values())
assert past > 0.5 and adams < 0.2
assert max(run.loss[-1] for run in near.values()) < 1e-10

# %%
# Provenance
# ----------
# :cite:t:`kingma2015`, algorithm 1, without the corrections that section 3 of the paper derives. PyTorch has nothing to
# compare it with, so it is written out by hand below; the tests do the same with other gradients.
#
# .. oracles:: AlmostAdam

# proof: six lines of NumPy take the same steps
x, m, v = np.array([0.9, 0.5]), np.zeros(2), np.zeros(2)
for _ in range(300):
    g = 2 * x
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    x = x - 0.05 * m / (np.sqrt(v) + 1e-8)
np.testing.assert_allclose(near["AlmostAdam"].theta[-1], x, rtol=0, atol=1e-9)
