r"""
Adadelta
========

Adadelta does without a learning rate: its steps are as long as its recent steps were. That gives a step the unit of
the parameter, and leaves the first steps to a constant.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
starting = {
    "s starts at 0": og.Adadelta,
    "s starts at 0.01": og.Adadelta.at(initial_accumulator_value=0.01),
    "s starts at 1": og.Adadelta.at(initial_accumulator_value=1.0),
}
race = og.race(starting, ravine, steps=300)
race

# %%
# ``s`` is the average of squared steps. From 0.01, the square of 0.1, the first step is :n:`opening:.2f` long in each
# coordinate, and the descent reaches the minimum. From 0, as published, it has to work up its speed: after 300 steps it
# has come :n:`100 * way:.0f` % of the way along the ravine. From 1 it is at the end of the way after ten steps, and
# jumps across the ravine for ever.

# proof: only the start of 0.01 is near the minimum after 300 steps
way = 1 + race["s starts at 0"].theta[-1, 0] / 3.6
opening = race["s starts at 0.01"].theta[1, 0] + 3.6
np.testing.assert_allclose(opening, np.sqrt(0.01 / 0.1), rtol=1e-3)
assert race["s starts at 0.01"].loss[-1] < 0.01 < 1 < race["s starts at 0"].loss[-1] < 10
assert race["s starts at 1"].loss[-1] > 100 and 0.3 < way < 0.4

# %%

og.card(og.Adadelta)

# %%
# The rule
# --------
# Two averages are kept for each parameter: ``v`` of squared gradients, as in
# :ref:`RMSprop <sphx_glr_gallery_optimizers_plot_rmsprop.py>`, and ``s`` of squared steps; the paper calls them
# :math:`E[g^2]` and :math:`E[\Delta x^2]`. The paper has no factor ``lr``; PyTorch has it. At 1 it changes nothing.

og.pseudocode(og.Adadelta)

# %%

og.pseudocode(og.Adadelta).hyperparameters

# %%
# What it repairs
# ---------------
# Let the parameter be a length in metres and the loss an amount of money. The gradient is then money per metre. Plain
# descent subtracts such numbers from metres, so its learning rate must have the unit of metres squared per money.
# RMSprop divides the gradient by its size and gets a number without a unit; its learning rate is in metres. Newton's
# method divides the gradient by the curvature, money per metre squared, which leaves metres. Adadelta gets metres, too:
# a past step (metres) times the gradient over a past gradient (no unit).
#
# Here is what that buys. Write the ravine in millimetres instead of metres, and convert the start of ``s``, a squared
# length, along with it. Adadelta takes the same path. RMSprop, with the same learning rate of 0.1, now takes steps of a
# tenth of a millimetre: where it came within :n:`rms_left[0]:.0e` m of the minimum, it is still :n:`rms_left[1]:.1f` m
# away.

# proof: in millimetres Adadelta takes the same path as in metres, and RMSprop hardly moves
millimetres, start = lambda x, y: ravine(x / 1000, y / 1000), (-3600, 600)
exact = og.Adadelta.at(eps=1e-12)
metres = og.descend(exact, ravine, initial_accumulator_value=0.01)
finer = og.descend(exact, millimetres, start=start, initial_accumulator_value=0.01e6)
np.testing.assert_allclose(finer.theta / 1000, metres.theta, atol=1e-3)
rms = og.descend(og.RMSprop, ravine, lr=0.1).theta[-1]
rms_finer = og.descend(og.RMSprop, millimetres, start=start, lr=0.1).theta[-1] / 1000
rms_left = np.linalg.norm([rms, rms_finer], axis=1)
assert np.abs(rms).max() < 1e-3 and np.abs(rms_finer - (-3.6, 0.6)).max() < 0.1

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.Adadelta)

# %%
# Zero start and large start
# --------------------------
# From zero only ``eps`` sets the first steps in motion. Given a gradient of +1 and -1 by turns (the thin line),
# Adadelta begins with steps that can hardly be seen, and they grow. From 50 it takes long steps, which shrink
# slowly. For a ``rho`` of 0.9 they go from :n:`zero[0]:.3f` up to :n:`zero[-1]:.3f` and from :n:`big[0]:.2f` down to
# :n:`big[-1]:.2f` in 300 steps.

slow = og.Adadelta.at(lr=0.25, eps=1e-3)
rhos = {"signal": og.signals.rectangles, "rho": np.array((0.25, 0.9, 0.975))}
shown = {
    "from 0": og.respond(slow, **rhos),
    "from 50": og.respond(slow, initial_accumulator_value=50, **rhos),
}
og.plot_responses(shown)

# %%

# proof: from zero the steps are tiny and grow, from a large start they are large and shrink slowly
zero, big = (np.abs(response.update[:, 1]) for response in shown.values())
measured = zero[0], zero[-1], big[0], big[-1]
np.testing.assert_allclose(measured, (0.0249, 0.0505, 5.5625, 5.4753), rtol=2e-3)

# %%
# Weights that are seldom updated
# -------------------------------
# From zero, every step makes room for a longer one. A weight that is updated often grows its steps; one that is updated
# seldom forgets them in between. Here one weight has a gradient of 1 in every step and another in every tenth.

busy = og.respond(og.Adadelta, np.ones_like, steps=1000).update
idle = og.respond(og.Adadelta, lambda t: 1.0 * (t % 10 == 0), steps=1000).update[::10]
fig, ax = plt.subplots(layout="constrained")
ax.plot(busy[:100], label="a gradient in every step")
ax.plot(idle, label="a gradient in every tenth step")
ax.set(xlabel="number of gradients seen before", ylabel="step")
ax.set_title("From zero, Adadelta's steps grow where updates are frequent")
ax.legend()

# %%
# :ref:`Adagrad <sphx_glr_gallery_optimizers_plot_adagrad.py>`, which was made for rare updates, does the opposite. Ten
# times as many gradients carry a weight :n:`times["SGD"]:.0f` times as far with plain descent,
# :n:`times["Adagrad"]:.1f` times with Adagrad and :n:`times["Adadelta"]:.0f` times with Adadelta.

# proof: ten times as many gradients carry a weight more than twenty times as far
rules = og.SGD, og.Adagrad, og.Adadelta
often = [og.respond(rule, np.ones_like, steps=1000, lr=1.0) for rule in rules]
rarely = [og.respond(rule, lambda t: 1.0 * (t % 10 == 0), steps=1000, lr=1.0) for rule in rules]
times = {a.name: a.update.sum() / b.update.sum() for a, b in zip(often, rarely, strict=True)}
assert 23 < times["Adadelta"] < 24
np.testing.assert_allclose([times["SGD"], times["Adagrad"]], (10, 3.3), rtol=0.02)
assert busy[-1] / busy[0] > 3 and idle[-1] / idle[0] < 1.04

# %%
# One knob: the constant
# ----------------------
# From zero, ``eps`` does the work of a learning rate. At the first step ``s`` is 0 and ``v`` is :math:`(1-\rho) g^2`,
# much larger than ``eps``, so the step is :math:`\sqrt\epsilon\, g / \sqrt{(1-\rho) g^2} = \sqrt{\epsilon/(1-\rho)}`
# long. Each value below is a hundred times the one before, and makes the first step ten times as long. The two smaller
# ones are still on the way after 400 steps, and 0.01 jumps from wall to wall.

constants = {f"eps = {e:g}": og.Adadelta.at(eps=e) for e in (1e-8, 1e-6, 1e-4, 1e-2)}
knob = og.race(constants, ravine, steps=400)
knob.plot()

# %%

# proof: from zero, the first step is the root of ``eps`` over 1 - ``rho``
first = [run.theta[1, 0] + 3.6 for run in knob.values()]
end = [run.loss[-1] for run in knob.values()]
np.testing.assert_allclose(first, np.sqrt(np.array((1e-8, 1e-6, 1e-4, 1e-2)) / 0.1), rtol=1e-2)
assert end[0] > 10 and end[1] > 1 > 0.5 > end[2] and end[3] > 40

# %%
# The whole axis of a learning rate that is not one
# -------------------------------------------------
# The factor ``lr`` is meant to be 1. From zero, good values begin at :n:`rates.good["from 0"][0]:.2g`, right where the
# paper has it, and span the last power of ten. From 0.01 they span :n:`rates.decades["from 0.01"]:.1f` powers of ten:
# there the rule does set its own step length. Fewer than one descent in a thousand diverges.

both = {"from 0": og.Adadelta, "from 0.01": og.Adadelta.at(initial_accumulator_value=0.01)}
rates = study.rates(both)
rates

# %%

# proof: from zero a factor of 1 is about the smallest good one; from 0.01 good ones span more
# than two powers of ten
assert 0.6 < rates.good["from 0"][0] < 1.5 and rates.decades["from 0.01"] > 2
assert (rates.sweep.data.diverged_at >= 0).sum() < 5

# %%
# Basins
# ------
# From zero, 200 steps seldom suffice: :n:`100 * basins.reached["from 0"]:.0f` % of the starts reach a minimum, most of
# them from beside it. From 0.01, :n:`100 * came:.0f` % come that near at some time, but their steps are by then too long
# to stay there: :n:`100 * basins.reached["from 0.01"]:.0f` % end there.

basins = study.basins(both)
basins

# %%

# proof: from 0.01 most starts come near a minimum and most of them do not stay
came = float((basins.sweep.data.arrived_at.sel(optimizer="from 0.01") >= 0).mean())
never = float((basins.sweep.data.arrived_at.sel(optimizer="from 0") < 0).mean())
assert never > 0.94 and came > 0.7 and basins.reached["from 0.01"] < 0.5

# %%
# How to set it
# -------------
# Leave ``lr`` at 1. What to set is where the first steps come from: ``eps`` from zero, or better the start of ``s``,
# the square of a step that would be reasonable (the very first is :math:`1/\sqrt{1-\rho}` times that, as in RMSprop).
# ``torch.optim.Adadelta`` does not offer the second, so there ``eps`` takes the part of a learning rate; its default of
# 1e-6 makes a first step of :n:`first[1]:.4f`.

# %%
# Where it fails
# --------------
# Started from zero it spends its time getting up to speed. With the default ``eps``, 400 steps take it
# :n:`100 * share:.0f` % of the way along the ravine. Nor is that start free of units: ``eps`` is added to a squared
# length and to a squared gradient alike. In millimetres the same descent takes another path, up to :n:`gap:.1f` m away.
#
# A large start can be too large. The third run of the first picture jumps across the ravine at the same height for
# ever: the steps are :n:`across:.1f` long, and so is the root of their average square, :n:`expected:.1f`, from which
# the next one is made. The start of 0.01 ends in the same way, with jumps of :n:`jump:.3f` that slowly grow. Nothing in
# the rule makes steps shorter that go to and fro.

# proof: from zero a descent is slow and depends on units; from 1 it jumps across for ever
share = 1 + knob["eps = 1e-06"].theta[-1, 0] / 3.6
assert 0.48 < share < 0.52
published = og.descend(og.Adadelta, ravine)
scaled = og.descend(og.Adadelta, millimetres, start=start)
gap = np.abs(published.theta - scaled.theta / 1000).max()
assert gap > 0.5
stuck = og.descend(starting["s starts at 1"], ravine, steps=1000)
np.testing.assert_allclose(stuck.theta[-2:, 1], (-1.579, 1.579), atol=0.002)
across, expected = np.ptp(stuck.theta[-2:, 1]), np.sqrt(stuck.states["s"][-1, 1])
np.testing.assert_allclose(expected, across, rtol=1e-3)
jump = np.ptp(race["s starts at 0.01"].theta[-2:, 1])
later = og.descend(starting["s starts at 0.01"], ravine, steps=1000).theta[-2:, 1]
assert 0.01 < jump < 0.02 < np.ptp(later) < 0.04

# %%
# Provenance
# ----------
# :cite:t:`zeiler2012`, algorithm 1, where ``s`` starts at zero. The factor ``lr`` is PyTorch's, as it is that of older
# libraries. The start of ``s`` is a setting of this guide, for the large start that :cite:t:`siarshai2017` tries. The
# trace by hand writes out both averages over the whole past.
#
# .. oracles:: Adadelta

# proof: torch.optim.Adadelta takes the same steps
theirs = og.descend(torch.optim.Adadelta, ravine)
np.testing.assert_allclose(theirs.theta, published.theta, atol=1e-9)
