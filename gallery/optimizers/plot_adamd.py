r"""
AdamD
=====

AdamD is Adam without the correction of its first average, so that the first step is a tenth of a learning rate long
instead of a whole one. That makes it Adam with a short warm-up, and exactly that.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

bowl = og.surfaces.unit_bowl
resumed = og.race([og.Adam, og.AdamD], bowl, start=(0.03, -0.41), steps=60, lr=0.1)
resumed.animate(panels=("map", "loss"), box=((-0.15, 0.15), (-0.55, -0.25)))

# %%
# Both start :n:`off:.3f` from the minimum, as after a training that is taken up again with a new optimizer. Adam's
# first step moves each coordinate by the whole learning rate, 0.1, however small the gradient is, and leads
# :n:`farthest[0]:.2f` away. AdamD is never further away than at the start.

# proof: Adam leaps more than three times as far away as it began, AdamD never further than that
first = [np.abs(run.theta[1] - run.theta[0]) for run in resumed.values()]
np.testing.assert_allclose(first[0], 0.1, rtol=1e-4)
np.testing.assert_allclose(first[1], 0.1 * (1 - 0.9), rtol=1e-4)
away = [np.linalg.norm(run.theta - (0, -0.4), axis=1) for run in resumed.values()]
off, farthest = away[0][0], [distance.max() for distance in away]
assert farthest[0] > 3 * off and farthest[0] > 0.11 and farthest[1] == off < 0.032

# %%

og.card(og.AdamD)

# %%
# The rule
# --------
# Compared with :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` one line is missing. The average ``m`` starts at
# zero and is left to grow; only the scale ``v`` has its bias removed.

og.pseudocode(og.AdamD)

# %%

og.pseudocode(og.AdamD).hyperparameters

# %%
# What it repairs
# ---------------
# Adam divides ``m`` by :math:`1 - \beta_1^t`, and AdamD does not. So AdamD's step is Adam's times that number:
#
# .. math::
#
#    \eta\,\frac{m_t}{\sqrt{\hat v_t} + \epsilon}
#        = \eta\,(1 - \beta_1^t)\,\frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}.
#
# That is a warm-up from a tenth of the learning rate, nine tenths of it done after :n:`ninety` steps. PyTorch's users
# write one as a schedule: ``LinearLR`` over ten steps is similar, and a schedule with the formula is the same rule, on
# any landscape.

linear = partial(torch.optim.lr_scheduler.LinearLR, start_factor=0.1, total_iters=10)
line = {"function": lambda x: 3 * x, "start": 0.0, "steps": 40, "lr": 1.0}
own = -np.diff(og.descend(og.AdamD, **line).theta[:, 0])
scheduled = -np.diff(og.descend(og.Adam, schedule=linear, **line).theta[:, 0])
fig, ax = plt.subplots(layout="constrained")
ax.plot(np.arange(1, 41), own, color=og.AdamD.color, label="AdamD")
ax.plot(np.arange(1, 41), scheduled, "--", color=og.Adam.color, label="Adam with LinearLR")
ax.set(xlabel="step", ylabel="length of the step, in learning rates")
ax.set_title("AdamD warms up by itself")
ax.legend()

# %%

# proof: Adam with that warm-up as a schedule takes AdamD's path
exact = partial(torch.optim.lr_scheduler.LambdaLR, lr_lambda=lambda done: 1 - 0.9 ** (done + 1))
choppy = {"function": og.surfaces.choppy_swell, "steps": 100, "lr": 0.1}
adamd = og.descend(og.AdamD, **choppy)
warmed = og.descend(og.Adam, schedule=exact, **choppy)
np.testing.assert_allclose(warmed.theta, adamd.theta, atol=1e-9)

# %%

# proof: on a constant gradient step :math:`t` is :math:`1 - \beta_1^t` learning rates long;
# a linear warm-up over ten steps differs by less than a third of one
t = np.arange(1, 41)
np.testing.assert_allclose(own, 1 - 0.9**t, rtol=1e-6)
ninety = int(t[own >= 0.9][0])
assert np.abs(scheduled - own).max() < 1 / 3

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.AdamD)

# %%
# One knob: ``beta1`` is the warm-up, too
# ---------------------------------------
# The warm-up takes about :math:`1 / (1 - \beta_1)` steps, as long as a gradient is remembered. At 0 there is none, and
# AdamD is Adam. At 0.99 it takes a hundred steps.

memories = {f"beta1 = {b}": og.AdamD.at(lr=0.1, betas=(b, 0.999)) for b in (0, 0.9, 0.99)}
knob = og.race(memories, bowl, steps=200)
knob.plot()

# %%

# proof: with a ``beta1`` of 0 AdamD is Adam
plain = og.descend(og.Adam, bowl, steps=200, lr=0.1, betas=(0, 0.999))
np.testing.assert_array_equal(knob["beta1 = 0"].theta, plain.theta)

# %%
# The whole axis of learning rates
# --------------------------------
# On the left the missing correction hardly shows: ten careful steps of 200 cost little. On the right it pays. There
# Adam's first steps lead too far away, and AdamD's first is a tenth as long: good learning rates go up to
# :n:`rates.good["AdamD"][1]:.2g`, the end of this axis, instead of :n:`rates.good["Adam"][1]:.2g`, and the best median is
# :n:`rates.loss["AdamD"] / rates.loss["Adam"]:.2f` times Adam's.

rates = study.rates(og.AdamD, beside=og.Adam)
rates

# %%

# proof: up to 0.015 AdamD ends at most half as high again as Adam; its good learning rates are
# several times larger, and its best loss is lower
median = rates.sweep.data.loss.fillna(np.inf).median(("seed", "start"))
ratio = (median.sel(optimizer="AdamD") / median.sel(optimizer="Adam")).values[:20]
assert ratio.min() > 1 and ratio.max() < 1.5
assert rates.best["AdamD"] > 2 * rates.best["Adam"]
assert rates.good["AdamD"][0] > 5 * rates.good["Adam"][0]
assert rates.good["AdamD"][1] > 3 * rates.good["Adam"][1]
assert rates.loss["AdamD"] < 0.7 * rates.loss["Adam"]

# %%
# Basins
# ------
# Which minimum a start leads to hardly changes: from :n:`100 * basins.changed["Adam"]:.1f` % of the starts it is
# another one than Adam's. It is only reached later, by :n:`came[1] - came[0]:.0f` steps at the median, which is the length of the
# warm-up.

basins = study.basins(og.AdamD.at(lr=0.3), beside=og.Adam.at(lr=0.3))
basins

# %%

# proof: AdamD reaches the minimum that Adam reaches, about ten steps later
found = basins.sweep.data.arrived_at.sel(optimizer=["Adam", "AdamD"])
came = found.median(("seed", "start_y", "start_x")).values
assert basins.changed["Adam"] < 0.03 and 7 <= came[1] - came[0] <= 13

# %%
# How to set it
# -------------
# As Adam. A learning rate that is right for one is right for the other, unless Adam's first steps do harm at it.
# Without AdamD at hand, Adam with ``LinearLR(start_factor=0.1, total_iters=10)`` does nearly the same. Networks are
# usually warmed up over hundreds or thousands of steps, which no ``beta1`` in use gives; see the page on
# :ref:`warm-up <sphx_glr_gallery_foundations_plot_warm_up.py>`.

# %%
# Where it fails
# --------------
# The warm-up cannot be chosen apart from the memory: a long warm-up comes with a long memory of the direction. With
# 0.99 the run above is still far from the minimum after 200 steps, and its loss is :n:`heavier:.0f` times that of Adam
# with the same memory. And from a far start there is nothing to protect. The careful steps are then just late: with the
# default memory AdamD comes within 0.05 of the minimum at step :n:`near[1]`, Adam at step :n:`near[0]`.

# proof: with a long memory AdamD ends higher than Adam, and from a far start it is later
same = og.descend(og.Adam, bowl, steps=200, lr=0.1, betas=(0.99, 0.999))
heavier = knob["beta1 = 0.99"].loss[-1] / same.loss[-1]
assert heavier > 3 and same.loss[-1] > 0.01 / 3
runs = [og.descend(rule, bowl, lr=0.1) for rule in (og.Adam, og.AdamD)]
near = [int(np.argmax(np.linalg.norm(run.theta - (0, -0.4), axis=1) < 0.05)) for run in runs]
assert near[0] + 5 < near[1] < near[0] + 25

# %%
# Provenance
# ----------
# :cite:t:`stjohn2021`. The rule that :cite:t:`impactcrater2024` draws under the name AdamW is this one, up to a
# negligible weight decay and an ``eps`` of 1e-16 that it also adds to the second moment in every step. PyTorch has no
# AdamD. ``pytorch_optimizer`` has a switch for it, ``adam_debias=True``; its AdamP under that switch, with the
# projection off and ``eps`` close to 0, is this rule, too.
#
# .. oracles:: AdamD

# proof: torch.optim.Adam under that schedule takes the same steps
theirs = og.descend(torch.optim.Adam, schedule=exact, **choppy)
np.testing.assert_allclose(theirs.theta, adamd.theta, atol=1e-9)
