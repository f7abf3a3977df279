r"""
Schedule-Free SGD
=================

Under noise SGD needs a learning rate that falls, and a schedule has to know when training ends. Schedule-Free SGD keeps
its learning rate, averages its path instead, and takes the gradients near that average.
"""

from functools import partial

import numpy as np
import torch
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
falling = partial(LinearLR, start_factor=1, end_factor=0)
sgd = og.SGD.at(lr=0.03)
rules = {
    "SGD": sgd,
    "SGD, falling for 150 steps": partial(sgd, schedule=partial(falling, total_iters=150)),
    "SGD, falling for 400 steps": partial(sgd, schedule=partial(falling, total_iters=400)),
    "Schedule-Free SGD": og.ScheduleFreeSGD.at(lr=0.03),
}
race = og.race(rules, ravine, steps=400, noise=3.0)
race

# %%
# At a constant learning rate SGD keeps jumping between the walls of the ravine. A schedule for 150 steps ends this and
# leaves it where it is, at a loss of :n:`ends[1]:.3f`; one for 400 steps gets further, and is no better than SGD for the
# first fifty of them. Schedule-Free SGD was told neither number. After 400 steps its loss is :n:`ends[3]:.3f`.

# proof: over the last hundred steps Schedule-Free SGD has the lowest mean loss, SGD twenty times
# it; over the first fifty the mean losses of SGD and of the schedule for 400 differ by less than a
# tenth
ends = [run.loss[-1] for run in race.values()]
means = [run.loss[-100:].mean() for run in race.values()]
assert means[3] < min(means[:3]) and means[0] > 20 * means[3]
assert ends[3] < ends[1] / 2
begun = [run.loss[:50].mean() for run in race.values()]
assert 0.9 < begun[2] / begun[0] < 1.1

# %%

og.card(og.ScheduleFreeSGD)

# %%
# The rule
# --------
# There are three points. ``z`` takes the steps of SGD. ``x`` is the average of all ``z`` so far, and the answer. The
# gradient is taken at ``theta`` between the two, near the average: there the noise of ``z`` is mostly gone, and still a
# tenth of each step is seen by the next gradient.

og.pseudocode(og.ScheduleFreeSGD)

# %%

og.pseudocode(og.ScheduleFreeSGD).hyperparameters

# %%
# At a constant learning rate every ``z`` has the same weight in the average. During a warm-up it is the square of the
# learning rate, so that the first, short steps count little.

# proof: the answer is the mean of all z, weighted by the squares of the learning rates
run = race["Schedule-Free SGD"]
mean = np.cumsum(run.states["z"][1:], axis=0) / np.arange(1, 401)[:, None]
np.testing.assert_allclose(run.theta[1:], mean, atol=1e-12)
warm = {"steps": 60, "schedule": partial(LinearLR, start_factor=0.1, total_iters=20)}
warmed = og.descend(og.ScheduleFreeSGD, ravine, lr=0.03, noise=3.0, **warm)
weight = (0.1 + 0.9 * np.minimum(np.arange(60) / 20, 1))[:, None] ** 2
mean = np.cumsum(weight * warmed.states["z"][1:], axis=0) / np.cumsum(weight, axis=0)
np.testing.assert_allclose(warmed.theta[1:], mean, atol=1e-12)

# %%
# The ends of ``momentum`` are two older methods. At 0 the gradient is taken at ``z``, which is then SGD, and ``x`` is the
# average of :cite:t:`polyak1992`. At 1 it is taken at the average itself, which is called primal averaging.

# proof: with momentum 0 it takes the steps of SGD and answers with their mean;
# with momentum 1 the next z lies a step from the last one, along the gradient at the average
same = {"function": ravine, "lr": 0.01, "steps": 60}
free = og.descend(og.ScheduleFreeSGD, noise=3.0, momentum=0.0, **same)
walk = og.descend(og.SGD, noise=3.0, **same)
np.testing.assert_allclose(free.states["z"], walk.theta, atol=1e-12)
primal = og.descend(og.ScheduleFreeSGD, momentum=1.0, **same)
slopes = primal.theta[:-1] * np.array([1, 50])
np.testing.assert_allclose(np.diff(primal.states["z"], axis=0), -0.01 * slopes, atol=1e-12)

# %%
# What it repairs
# ---------------
# The mean of SGD's path is an old remedy for noise, and in theory as good as any. In practice it lags, since its first
# terms never leave it. It lags less if the gradient is taken near it. On this ravine without noise, plain
# averaging is at :n:`past[0.0].loss[-1]:.3f` after 400 steps, and with a gradient near the average the loss is
# :n:`past[0.0].loss[-1] / past[0.9].loss[-1]:.0f` times lower: as long as the average is off the minimum, its gradient
# pushes ``z`` on to the far side.

shares = {m: og.ScheduleFreeSGD.at(momentum=m) for m in (0.0, 0.5, 0.9, 1.0)}
knob = og.race({f"momentum = {m}": rule for m, rule in shares.items()}, ravine, lr=0.03, steps=400)
knob.plot()

# %%

# proof: plain averaging ends more than ten times as high as Schedule-Free with a momentum of 0.9
past = dict(zip(shares, knob.values(), strict=True))
assert past[0.0].loss[-1] > 10 * past[0.9].loss[-1]

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.ScheduleFreeSGD)

# %%
# One knob: how near the average the gradient is taken
# ----------------------------------------------------
# SGD is stable up to the learning rate 2 divided by the largest curvature, 0.04 in this ravine. A gradient near the
# average answers to a step of ``z`` with a tenth of it, and allows much larger learning rates: at six times that limit
# plain averaging diverges, and Schedule-Free SGD with a momentum of 0.9 ends at :n:`far.loss[-1]:.1g`.

far = og.descend(og.ScheduleFreeSGD, ravine, lr=0.24, steps=400)
plain = og.descend(og.ScheduleFreeSGD, ravine, lr=0.24, steps=400, momentum=0.0)
og.plot_loss({"momentum = 0.9": far, "momentum = 0": plain})

# %%

# proof: at six times SGD's limit the momentum of 0.9 converges and plain averaging diverges
assert far.loss[-1] < 0.1 and plain.diverged_at is not None

# %%
# The whole axis of learning rates
# --------------------------------
# Rosenbrock's function without noise gives an average nothing to do. Schedule-Free SGD has the best learning rate and
# nearly the loss of SGD, and the first of their descents diverge at the same one.

rates = study.rates(og.ScheduleFreeSGD, beside=og.SGD)
rates

# %%

# proof: without noise it has SGD's best learning rate, about its loss, and its first divergence
assert rates.best["ScheduleFreeSGD"] == rates.best["SGD"]
assert 0.9 < rates.loss["ScheduleFreeSGD"] / rates.loss["SGD"] < 1.15
assert rates.diverged["ScheduleFreeSGD"] == rates.diverged["SGD"]

# %%
# Basins
# ------
# After 200 steps the answer is within 0.001 of the height of a minimum from
# :n:`basins.reached["ScheduleFreeSGD"]:.0%` of the starts; from the others the average still holds too much of the way.

basins = study.basins(og.ScheduleFreeSGD.at(lr=0.01), beside=og.SGD.at(lr=0.01))
basins

# %%

# proof: SGD has reached a minimum from every start, Schedule-Free SGD from all but one in twenty
assert basins.reached["SGD"] > 0.999 and 0.92 < basins.reached["ScheduleFreeSGD"] < 0.97

# %%
# How to set it
# -------------
# The answer is not where the gradients are taken. Call ``optimizer.eval()`` before a model is evaluated or saved, and
# ``optimizer.train()`` before training goes on; without it, one measures the wrong point. The statistics of batch
# normalization belong to the wrong point as well, and have to be computed anew at the average. :cite:t:`defazio2024`
# keep 0.9 for ``momentum``, and 0.95 or 0.98 for long training; they warm the learning rate up, and tune it together
# with the weight decay. It is larger than SGD's with momentum, often ten times and more, and the default here is
# theirs, 1.0, which is far too large for a ravine.

# proof: eval() goes to the average, which lies lower than the last look, and train() goes back
point = torch.nn.Parameter(torch.tensor([-3.6, 0.6], dtype=torch.float64))
optimizer = og.ScheduleFreeSGD([point], lr=0.03)
noise = torch.Generator().manual_seed(0)
for _ in range(400):
    drawn = torch.randn(2, generator=noise, dtype=torch.float64)
    point.grad = point.detach() * torch.tensor([1.0, 50.0]) + 3 * drawn
    optimizer.step()
trained = point.detach().clone()
optimizer.eval()
assert ravine(*point.detach()) < ravine(*trained)
optimizer.train()
assert torch.equal(point, trained)

# %%
# Where it fails
# --------------
# Nothing that is averaged is forgotten. Without noise SGD's distance shrinks by the same factor in every step; an
# average approaches the minimum only as its first terms lose weight. After 400 steps SGD is at
# :n:`exact.loss[-1]:.0e`, Schedule-Free SGD at :n:`past[0.9].loss[-1]:.0e`.

exact = og.descend(og.SGD, ravine, lr=0.03, steps=400)
og.plot_loss({"SGD": exact, "Schedule-Free SGD": past[0.9]})

# %%

# proof: without noise SGD ends a million times lower
assert exact.loss[-1] < past[0.9].loss[-1] / 1e6

# %%
# Provenance
# ----------
# :cite:t:`defazio2024`, the method of section 1 with the weights of algorithm 1, whose first one is 1: the start itself
# has no part in the average. The authors' package weighs with the largest learning rate so far, which is the same
# during a warm-up, and so do ``pytorch_optimizer`` and ``optax``. With a warm-up ``optax`` counts one step differently.
#
# .. oracles:: ScheduleFreeSGD
