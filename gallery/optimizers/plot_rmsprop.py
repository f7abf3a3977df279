r"""
RMSprop
=======

RMSprop divides each coordinate of the gradient by its recent size, so that steep gradients of the past are forgotten.
For the same reason its steps do not become shorter, and it does not come to rest.
"""

from functools import partial

import numpy as np
import torch

import optguide as og
from optguide import study

both = {"Adagrad": og.Adagrad.at(lr=0.5), "RMSprop": og.RMSprop.at(lr=0.04, alpha=0.9)}
race = og.race(both, og.surfaces.rosenbrock, start=(-1.5, -1), steps=200)
race

# %%
# The start lies on a steep wall of Rosenbrock's valley, where the gradient is :n:`wall:.0f` along x. Adagrad
# remembers that for good: in the valley, where the gradient is about :n:`valley:.0f`, its steps remain tiny. RMSprop
# forgets the wall within about a hundred steps, follows the valley, and jumps to and fro across it.

# proof: Adagrad is still divided by the gradients of the wall, RMSprop no longer: after 60 steps by
# more than 20, after 120 by less than 10
wall, valley = np.abs(race["Adagrad"].grad[[0, -1], 0])
assert race["Adagrad"].states["G"][-1, 0] ** 0.5 > wall > 500 * valley
scale = race["RMSprop"].states["v"][:, 0] ** 0.5
assert scale[-1] < wall / 100 and scale[60] > 20 and scale[120] < 10
assert race["RMSprop"].loss[-1] < race["Adagrad"].loss[-1] / 4

# %%

og.card(og.RMSprop)

# %%
# The rule
# --------
# ``v`` is an exponential moving average (EMA) of the squared gradient: one that is *n* steps old counts
# :math:`\alpha^n` times as much as the newest. The root of this mean of squares, RMS for short, gave the rule its
# name.

og.pseudocode(og.RMSprop)

# %%

og.pseudocode(og.RMSprop).hyperparameters

# %%
# What it repairs
# ---------------
# The rule can be read in two ways. The first is :ref:`Adagrad <sphx_glr_gallery_optimizers_plot_adagrad.py>` with an
# EMA in place of its sum. Shown gradients of +1 and −1 for 20 steps each, the thin line, Adagrad answers with steps
# that fade. Those of RMSprop settle at the learning rate.

inside = {"lr": 0.25, "eps": 0, "eps_root": 1e-5}
settled = og.respond(og.RMSprop, og.signals.rectangles, **inside, alpha=0.9)
adagrad = og.Adagrad.at(lr=2.5, eps=0, initial_accumulator_value=0.1)
fading = og.respond(adagrad, og.signals.rectangles)
og.plot_responses({"RMSprop": settled, "Adagrad": fading})

# %%

# proof: RMSprop's steps settle at the learning rate, with its small constant inside the root
np.testing.assert_allclose(np.abs(settled.update[-100:]), 0.25, rtol=1e-4)
assert abs(fading.update[299]) < 0.15 < 2.3 < fading.update[0]

# %%
# After an outlier, it recovers. After a single gradient of 100 among gradients of 1, Adagrad's steps stay shorter than a
# hundredth of the learning rate. RMSprop with a memory of 0.9 is back at nine tenths of it after :n:`back` steps.

# proof: after an outlier of 100 RMSprop recovers within 82 steps, Adagrad not within 300
after = {
    rule: og.respond(rule, lambda t: np.where(t == 0, 100.0, 1.0), lr=1.0).update
    for rule in (og.Adagrad, og.RMSprop.at(alpha=0.9))
}
slow, quick = after.values()
back = int(np.argmax(quick[1:] > 0.9)) + 1
assert 78 <= back <= 82 and slow[-1] < 0.01
np.testing.assert_allclose(quick[-1], 1, rtol=1e-4)

# %%
# The second reading is where it comes from, :cite:t:`tieleman2012`.
# :ref:`Rprop <sphx_glr_gallery_optimizers_plot_rprop.py>` uses the sign of the gradient, which is the gradient
# divided by its own size. On minibatches that fails, because each one divides by another number. RMSprop divides by
# one that is similar for neighbouring minibatches.
#
# Measured in the same way for every rule:

study.traits(og.RMSprop)

# %%
# One knob: the memory
# --------------------
# ``alpha`` sets how long a gradient is remembered: about :math:`1/(1-\alpha)` steps. Below are three values on two of
# :doc:`Siarshai's signals </api/signals>`; the thin line is the gradient, the bright one the step.
#
# The longer the memory, the longer the first step. The EMA starts at zero, and the first square makes up only a share
# of :math:`1-\alpha` of it, so the step is :math:`1/\sqrt{1-\alpha}` learning rates long. The teeth of the sawtooth
# become four times lower after t = 80; with a short memory that can hardly be seen.

alphas = np.array((0.25, 0.9, 0.975))
shown = {
    "rectangles": og.respond(og.RMSprop, og.signals.rectangles, **inside, alpha=alphas),
    "sawtooth": og.respond(og.RMSprop, og.signals.uneven_sawtooth, **inside, alpha=alphas),
}
og.plot_responses(shown)

# %%

# proof: the first step is :math:`1/\sqrt{1-\alpha}` learning rates long
np.testing.assert_allclose(shown["rectangles"].update[0] / 0.25, (1 - alphas) ** -0.5, rtol=1e-3)

# %%

# proof: lower teeth hardly change the steps of a short memory, and shorten those of a long one
teeth = shown["sawtooth"].update
high, low = teeth[60:80].max(axis=0), teeth[81:100].max(axis=0)
assert low[0] > 0.9 * high[0] and low[2] < 0.6 * high[2]

# %%
# The whole axis of learning rates
# --------------------------------
# As its steps do not shrink, RMSprop needs a learning rate :n:`rates.best["Adagrad"] / rates.best["RMSprop"]:.0f`
# times smaller than Adagrad's. Right of its best the loss grows with the learning rate, because the descents jump to
# and fro across the valley. They begin to diverge at :n:`rates.diverged["RMSprop"]:.0f`, all of them in the first
# step, which with the default memory is ten learning rates long.

rates = study.rates(og.RMSprop, beside=og.Adagrad)
rates

# %%

# proof: no descent diverges at 5 or less; at 10 over 30 % do, in the first step
data = rates.sweep.data.sel(optimizer="RMSprop").squeeze()
gone = (data.diverged_at >= 0).mean("start").values
assert gone[data.lr < 5].max() == 0 and gone[-1] > 0.3 and data.diverged_at[-1].max() == 1
assert 5 < rates.best["Adagrad"] / rates.best["RMSprop"] < 60
assert data.loss.median("start")[-7] > 5 * rates.loss["RMSprop"]

# %%
# Basins
# ------
# :n:`100 * came:.0f` % of the descents on Himmelblau's function come within a loss of 0.001 of a minimum. After 200
# steps only :n:`100 * basins.reached["RMSprop"]:.0f` % of all are still so near. The others, grey, jump around one.

basins = study.basins(og.RMSprop.at(lr=0.1))
basins

# %%

# proof: over 80 % of the descents come near a minimum, of which fewer than 60 % are still there
came = float((basins.sweep.data.arrived_at >= 0).mean())
assert came > 0.8 and basins.reached["RMSprop"] < 0.6 * came

# %%
# How to set it
# -------------
# The lecture takes ``alpha`` = 0.9; the default of 0.99 is PyTorch's. The learning rate decides how close the descent
# gets. In the end the gradient has the same size in every step, is divided by itself, and each step is one learning
# rate long: just enough to reach the other side. So it jumps between half a learning rate on either side of the
# minimum, whatever the curvature. The remedy is a learning rate that falls:

ravine = og.surfaces.ravine.replace(condition=100)
jumps = og.descend(og.RMSprop.at(lr=0.04, alpha=0.9), ravine, steps=300)
cosine = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=300)
rests = og.descend(og.RMSprop.at(lr=0.04, alpha=0.9), ravine, steps=300, schedule=cosine)
og.plot_loss({"constant": jumps, "cosine": rests})

# %%

# proof: in two ravines it ends up jumping by one learning rate, from half of it to half of it
for condition in (100, 3000):
    land = ravine.replace(condition=condition)
    path = og.descend(og.RMSprop.at(lr=0.04, alpha=0.9), land, steps=400).theta[-50:]
    np.testing.assert_allclose(np.abs(path), 0.02, rtol=1e-2)
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), 0.04, rtol=1e-2)

# %%

# proof: with a cosine schedule it comes to rest
assert jumps.loss[-1] > 0.015 and rests.loss[-1] < 1e-10

# %%
# Where it fails
# --------------
# The first step is too long: :math:`1 / \sqrt{1 - 0.99} = 10` learning rates with the default memory.
# :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` corrects this.
#
# Convergence does not last, either. With the long memory the loss in the ravine is :n:`quiet:.0e` after 400 steps. As
# the gradients are tiny by then, ``v`` shrinks, and what is divided by its root grows. At step :n:`thrown` the loss
# is above 0.001 again, and it climbs to :n:`worst:.2g`.

rushed = og.descend(og.RMSprop.at(lr=0.04), ravine, steps=4000)
og.plot_loss({"RMSprop": rushed})

# %%

# proof: the first step is ten learning rates long; a loss below 1e-30 grows to more than 1 again
np.testing.assert_allclose(np.abs(rushed.theta[1] - rushed.theta[0]), 0.4)
quiet, worst = rushed.loss[400], rushed.loss[400:].max()
thrown = 400 + int(np.argmax(rushed.loss[400:] > 1e-3))
assert quiet < 1e-30 and worst > 1

# %%
# Plain descent along a curvature :math:`\lambda` is stable while its learning rate times :math:`\lambda` stays below
# 2. The effective learning rate here is :math:`\eta / \sqrt v`. Across the ravine, where :math:`\lambda = 100`, the
# product passes 2 at step :n:`unstable`, and that is where the distance from the minimum is smallest.

# proof: the distance across grows from the step on at which :math:`100 \, \eta / \sqrt v` passes 2
product = 100 * 0.04 / np.sqrt(rushed.states["v"][1:600, 1])
unstable = int(np.argmax(product > 2))
assert abs(unstable - int(np.argmin(np.abs(rushed.theta[:600, 1])))) <= 1

# %%
# Provenance
# ----------
# Tijmen Tieleman's method was never published as a paper. It is known from slide 6e of a lecture,
# :cite:t:`tieleman2012`, which has no small constant at all. PyTorch puts one outside the root, many texts inside;
# here there are both, ``eps`` and ``eps_root``. Optax's RMSprop has ``eps`` and a switch ``eps_in_sqrt``. PyTorch's
# rule can also carry momentum and subtract the mean gradient; both are off by default and left out here. RMSprop with
# momentum, as in :cite:t:`graves2013`, came before Adam. The oracle by hand writes out the means over the whole past.
#
# .. oracles:: RMSprop

# proof: torch.optim.RMSprop takes the same steps
theirs = og.descend(torch.optim.RMSprop, ravine, steps=120, lr=0.04, alpha=0.9)
np.testing.assert_allclose(theirs.theta, jumps.theta[:121], atol=1e-9)
