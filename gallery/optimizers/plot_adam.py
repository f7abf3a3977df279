r"""
Adam
====

Adam moves along an exponential moving average of the gradient, and divides each coordinate's step by the recent size
of its gradient. So every coordinate travels at about the same speed, however steep its direction is.
"""

from functools import partial

import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
both = {"Momentum": og.Momentum.at(lr=0.01), "Adam": og.Adam.at(lr=0.3)}
race = og.race(both, ravine, steps=120)
race

# %%
# The ravine is a hundred times as steep across as along. The chart shows any state of either rule. Adam's ``m`` changes
# its sign in the steep coordinate at every crossing; the crossings cancel, and what is left points along the ravine.
# ``v``, the average of squares, never changes sign, and keeps the step across small.

og.card(og.Adam)

# %%
# The rule
# --------
# Both averages start at zero, so at first they are too small. The two divisions by :math:`1 - \beta^t` undo exactly
# that. The left column is typeset from the code in the right one, and that code is what runs on this page.

og.pseudocode(og.Adam)

# %%

og.pseudocode(og.Adam).hyperparameters

# %%
# What it repairs
# ---------------
# Momentum multiplies every gradient by the same learning rate, and the steepest direction decides how large that may
# be. In a ravine ten times as steep, momentum's learning rate makes it diverge. Adam reaches the minimum in both, since
# it divides each coordinate of the gradient by its own size.

steep = og.race(both, ravine.replace(condition=1000), steps=200)
steep.table()

# %%

# proof: in the steeper ravine momentum diverges and Adam does not notice the difference
assert steep["Momentum"].diverged_at and race["Momentum"].diverged_at is None
assert steep["Adam"].loss[-1] < 1e-3

# %%
# The first step shows how. The gradient across is :n:`ratio:.0f` times the gradient along, and yet both coordinates
# move by one learning rate, since :math:`\hat m_1 / \sqrt{\hat v_1} = g_1 / |g_1|`.

# proof: the first step is one learning rate long in each coordinate
run = race["Adam"]
ratio = abs(run.grad[0, 1] / run.grad[0, 0])
np.testing.assert_allclose(np.abs(run.theta[1] - run.theta[0]), 0.3)
assert 16 < ratio < 17

# %%
# Later steps may be longer. After a long silence one gradient moves a coordinate by
# :math:`(1 - \beta_1) / \sqrt{1 - \beta_2}` learning rates, :n:`spike:.2f` with the defaults, which is the case that
# :cite:t:`kingma2015` discuss in section 2.1. It is not the largest: by the Cauchy–Schwarz inequality that is
# :math:`(1 - \beta_1) / \sqrt{(1 - \beta_2)(1 - \beta_1^2 / \beta_2)}`, or :n:`limit:.2f`, and a gradient that grows by
# the factor :math:`\beta_2 / \beta_1` in every step gets there.

# proof: a spike moves Adam by 3.16 learning rates, a gradient that keeps growing by a ninth by 7.27
b1, b2 = 0.9, 0.999
spike = (1 - b1) / np.sqrt(1 - b2)
limit = spike / np.sqrt(1 - b1**2 / b2)
after = og.respond(og.Adam, lambda t: 1.0 * (t == 20_000), lr=1.0, steps=20_001, eps=1e-30)
grown = og.respond(og.Adam, lambda t: (b2 / b1) ** (t - 3000.0), lr=1.0, steps=6001, eps=1e-150)
np.testing.assert_allclose(np.abs(after.update).max(), spike, rtol=1e-3)
np.testing.assert_allclose(np.abs(grown.update).max(), limit, rtol=2e-3)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.Adam)

# %%
# One knob: the memory of the direction
# -------------------------------------
# ``betas[0]`` sets how long a gradient is remembered: about :math:`1 / (1 - \beta_1)` steps. With 0.99 Adam remembers a
# hundred steps, runs :n:`overshoot[0.99]:.2f` past the minimum and has to come back.

memories = {f"beta1 = {b}": og.Adam.at(lr=0.04, betas=(b, 0.999)) for b in (0.5, 0.9, 0.99)}
knob = og.race(memories, ravine, steps=300)
knob.plot()

# %%

# proof: with a longer memory Adam runs further past the minimum
overshoot = {b: float(knob[f"beta1 = {b}"].theta[:, 0].max()) for b in (0.9, 0.99)}
assert overshoot[0.99] > 0.8 and overshoot[0.9] < 0.01

# %%
# The whole axis of learning rates
# --------------------------------
# Momentum's learning rates end at a brink, right beside the best one. Adam's do not: its step is limited by the
# learning rate, so too large a rate makes it worse and does not make it diverge. Within a factor of ten of its best
# loss lie :n:`rates.decades["Adam"]:.1f` powers of ten; for momentum it is :n:`rates.decades["Momentum"]:.1f`.

rates = study.rates(og.Adam, beside=og.Momentum)
rates

# %%

# proof: Adam's good learning rates span more than five times momentum's, and none diverges
assert rates.decades["Adam"] > rates.decades["Momentum"] + np.log10(5)
assert rates.diverged["Adam"] is None

# %%
# Basins
# ------
# Himmelblau's function has four minima. Nearly every start reaches one of them. From :n:`100 * basins.changed["SGD"]:.0f` %
# of the starts Adam ends in another one than SGD, because a step of equal length in both coordinates does not go straight
# downhill. :ref:`Rprop <sphx_glr_gallery_optimizers_plot_rprop.py>`, which sees only signs, agrees with Adam from
# :n:`100 - 100 * basins.changed["Rprop"]:.0f` %.

basins = study.basins(og.Adam.at(lr=0.1), beside=[og.SGD.at(lr=0.01), og.Rprop.at(lr=0.1)])
basins

# %%

# proof: Adam shares its basins with Rprop rather than with SGD
assert basins.reached["Adam"] > 0.99
assert 0.05 < basins.changed["SGD"] < 0.1 and basins.changed["Rprop"] < 0.02

# %%
# How to set it
# -------------
# The default of 0.001 was chosen for networks. From the starts above a coordinate moved by at most about
# :n:`longest:.1f` learning rates in a step, so in 200 steps it got no further than :n:`moved:.2f`. On a small landscape
# 0.1 is a better first guess. When the gradient is noisy, Adam keeps moving at a speed set by the learning rate, at the
# minimum or not, so lower the learning rate towards the end: a cosine schedule brings the mean loss of the last fifty
# steps from :n:`constant:.2g` down to :n:`falling:.2g`. Weight decay belongs in
# :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`.

cosine = og.descend(
    og.Adam.at(lr=0.3),
    ravine,
    steps=600,
    noise=1.0,
    schedule=partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=600),
)
noisy = og.descend(og.Adam.at(lr=0.3), ravine, steps=600, noise=1.0)
og.plot_loss({"constant": noisy, "cosine": cosine})

# %%

# proof: under noise a falling learning rate ends at less than a third of the loss; with the default
# no step is longer than 1.8 learning rates in a coordinate
constant, falling = noisy.loss[-50:].mean(), cosine.loss[-50:].mean()
assert falling < constant / 3
valley = og.surfaces.rosenbrock
default = og.descend(og.Adam, valley, start=valley.sample(64), steps=200)
moved = np.abs(default.theta[-1] - default.theta[0]).max()
longest = np.abs(np.diff(default.theta, axis=0)).max() / 0.001
assert moved < 0.35 and longest < 1.8

# %%
# Where it fails
# --------------
# Scaling cures ill-conditioning. It does nothing about local minima: on Rastrigin's function Adam settles in the
# nearest one.

og.race([og.Adam.at(lr=0.1)], og.surfaces.rastrigin, steps=400)

# %%

# proof: from (-3.6, 4.1) it ends in the local minimum at (-3.98, 3.98)
trapped = og.descend(og.Adam.at(lr=0.1), og.surfaces.rastrigin, steps=400)
np.testing.assert_allclose(trapped.theta[-1], (-3.98, 3.98), atol=0.01)

# %%
# Provenance
# ----------
# :cite:t:`kingma2015`, algorithm 1, with both bias corrections. ``eps`` stands where the paper has it: outside the
# root, after the correction. TensorFlow's first implementation folds the corrections into the learning rate, which makes
# its ``eps`` a different number. A step size of its own for every weight is older (:cite:t:`jacobs1988`), and so is the
# division combined with momentum: section 5 of the paper names RMSprop with momentum, as used by :cite:t:`graves2013`,
# and two differences. There the momentum averages gradients that are already divided; Adam averages the gradient, and
# divides the average. And Adam corrects the bias.
#
# .. oracles:: Adam

# proof: torch.optim.Adam takes the same steps
theirs = og.descend(torch.optim.Adam, ravine, steps=120, lr=0.3)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)
