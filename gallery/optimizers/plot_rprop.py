r"""
Rprop
=====

Rprop uses only the sign of the gradient, never its size. Each coordinate has a step size of its own, which grows while
the sign stays the same and is halved when it flips.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

ravine, root = og.surfaces.ravine, np.sqrt(50)
heavy = {"lr": 4 / (root + 1) ** 2, "momentum": ((root - 1) / (root + 1)) ** 2}
tuned = {
    "SGD": og.SGD.at(lr=2 / 51),
    "Momentum": og.Momentum.at(**heavy),
    "Rprop": og.Rprop.at(lr=0.1),
}
race = og.race(tuned, ravine, steps=80)
race

# %%
# This ravine is fifty times as curved across as along. SGD and momentum have the best settings for it, Rprop just a
# first step size. In the chart of ``delta``, its step size along the ravine grows for more than ten steps. Across,
# the sign flips early, and each flip halves the step size.

# proof: along the ravine ten gradients of one sign make the step size :math:`0.1 \cdot 1.2^9`
delta = race["Rprop"].states["delta"]
np.testing.assert_allclose(delta[5], 0.1 * 1.2**4)
np.testing.assert_allclose(delta[10, 0], 0.1 * 1.2**9)
assert delta[10, 1] < 0.07 and delta[60].max() < 1e-4

# %%

og.card(og.Rprop)

# %%
# The rule
# --------
# ``c`` compares the gradient with the one before. If it is negative, a minimum was passed: the step size is halved,
# and the coordinate rests for one step. The learning rate is only the first step size.

og.pseudocode(og.Rprop)

# %%

og.pseudocode(og.Rprop).hyperparameters

# %%
# What it repairs
# ---------------
# SGD's step is proportional to the gradient, so in a ravine the steep direction limits the learning rate, and the
# flat one would need a larger one. With a step size for each coordinate, Rprop comes within 0.001 of the minimum in
# :n:`reached["Rprop"]` steps; momentum takes :n:`reached["Momentum"]`, SGD :n:`reached["SGD"]`.

# proof: Rprop needs fewer steps than momentum at its best, and less than a fifth of SGD's
reached = {}
for name, rule in tuned.items():
    path = og.descend(rule, ravine, steps=300).theta
    reached[name] = int(np.argmax(np.linalg.norm(path, axis=1) < 1e-3))
assert 195 < reached["SGD"] < 220 and 34 <= reached["Rprop"] <= 38
assert reached["Rprop"] < reached["Momentum"] < 60

# %%
# What does not change the signs of the gradient does not change the path. Multiply the curvature across by 200, which
# makes the ravine about 14 times narrower, or take the logarithm of the loss: Rprop goes through the same points.

# proof: in a narrower ravine, and down the logarithm of the loss, the path is the same
run = og.descend(og.Rprop.at(lr=0.1), ravine, steps=60)
narrow = og.descend(og.Rprop.at(lr=0.1), ravine.replace(condition=10_000), steps=60)
log = {"function": lambda x, y: torch.log(1 + ravine(x, y)), "start": ravine.start}
bent = og.descend(og.Rprop.at(lr=0.1), **log, steps=60)
np.testing.assert_array_equal(narrow.theta, run.theta)
np.testing.assert_array_equal(bent.theta, run.theta)

# %%
# Measured in the same way for every rule:

study.traits(og.Rprop)

# %%
# One knob: the first step size
# -----------------------------
# The largest first step size here is ten thousand times the smallest. The step size grows by a fifth per step, and
# :math:`1.2^{40}` is more than a thousand, so the smallest one costs only :n:`delay` steps more.

knob = {f"lr = {lr}": og.Rprop.at(lr=lr) for lr in (0.0001, 0.01, 0.1, 1.0)}
firsts = og.race(knob, ravine, steps=100)
firsts.plot()

# %%

# proof: a first step size of a ten-thousandth costs at most 40 steps more
took = [int(np.argmax(np.linalg.norm(r.theta, axis=1) < 1e-3)) for r in firsts.values()]
delay = took[0] - took[-1]
assert 1.2**40 > 1000 and delay <= 40
assert 75 > took[0] > 60 > 50 > took[1] > took[2] > took[3] > 0

# %%
# The whole axis of learning rates
# --------------------------------
# The line is nearly level, and no descent diverges. From 0.00001 to 0.3 Rprop's median loss stays between
# :n:`level.min():.2f` and :n:`level.max():.2f`; SGD's best is :n:`rates.loss["SGD"]:.2f`. Only a first step of half
# the width of the map and more does great harm: it leads out of the map, and 200 steps are not enough to come back.

rates = study.rates(og.Rprop, beside=og.SGD)
rates

# %%

# proof: up to 0.3 Rprop's median varies by less than a factor of two, below half of SGD's best; it
# is ten times as high only from 2 on
line = rates.sweep.data.sel(optimizer="Rprop").squeeze()
level = line.loss.median("start").values[line.lr < 0.3]
assert level.max() < 2 * level.min() and level.max() < rates.loss["SGD"] / 2
high = line.loss.median("start").values > 10 * level.max()
np.testing.assert_array_equal(high, line.lr > 2)
assert rates.diverged["Rprop"] is None

# %%
# Basins
# ------
# On Himmelblau's function, too, the first step size hardly matters. With 0.01 instead of 0.1 Rprop ends in another
# minimum from :n:`100 * basins.changed["Rprop from 0.01"]:.1f` % of the starts. SGD does so from
# :n:`100 * basins.changed["SGD"]:.0f` %, because steps of equal length in both coordinates lead diagonally and not
# straight downhill.

others = {"SGD": og.SGD.at(lr=0.01), "Rprop from 0.01": og.Rprop.at(lr=0.01)}
basins = study.basins(og.Rprop.at(lr=0.1), beside=others)
basins

# %%

# proof: the first step size changes the minimum from fewer than 0.3 % of the starts
assert basins.changed["Rprop from 0.01"] < 0.003 and basins.reached["Rprop"] > 0.99
assert 0.05 < basins.changed["SGD"] < 0.11

# %%
# How to set it
# -------------
# The first step size needs no tuning as long as it is well below the size of the landscape. The smallest step size
# limits the precision: with the default of :math:`10^{-6}` the loss in the ravine gets no lower than :n:`floor:.0e`,
# where momentum has no such limit. Use it with the whole batch, for the reason below.

# proof: Rprop's loss stops falling near 1e-11, with smaller steps allowed below 1e-16
floor = og.descend(og.Rprop.at(lr=0.1), ravine, steps=300).loss[-1]
finer = og.descend(og.Rprop.at(lr=0.1, step_sizes=(1e-9, 50)), ravine, steps=300).loss[-1]
ball = og.descend(og.Momentum.at(**heavy), ravine, steps=300).loss[-1]
assert 1e-14 < floor < 1e-9 and finer < 1e-16 and ball < 1e-40

# %%
# Where it fails
# --------------
# It is not made for minibatches. The example is from :cite:t:`tieleman2012`: nine minibatches give a gradient of 0.1,
# the tenth −0.9. The mean is zero, and a parameter should stay about where it is. With SGD it does. Rprop counts
# signs, and after 200 steps it is :n:`abs(votes[0.9]):.0f` away, with step sizes of at most 1. If the tenth gradient
# is −1.1, it even moves against the mean.

# proof: where nine small gradients and a large one cancel, SGD stays and Rprop leaves
means, votes = {}, {}
capped = og.Rprop.at(lr=0.01, step_sizes=(1e-6, 1))
for last in (0.9, 1.1):
    batches = {"signal": lambda t, last=last: np.where(t % 10 == 9, -last, 0.1), "steps": 200}
    means[last] = og.respond(og.SGD.at(lr=0.01), **batches).theta[-1]
    votes[last] = og.respond(capped, **batches).theta[-1]
np.testing.assert_allclose(list(means.values()), (0, 0.04), atol=1e-12)
assert max(votes.values()) < -20

# %%
# It needs a ravine that is parallel to an axis. Turned by 45 degrees, the same ravine costs Rprop :n:`later["Rprop"]`
# steps instead of :n:`reached["Rprop"]`. SGD and momentum are not affected.


def oblique(x, y):
    return ravine((x + y) / 2**0.5, (y - x) / 2**0.5)


x, y = ravine.start
turned = og.race(tuned, oblique, start=((x - y) / 2**0.5, (x + y) / 2**0.5), steps=300)
turned.plot(box=((-4, 4), (-4, 4)))

# %%

# proof: on the turned map Rprop needs more than twice as many steps, the others the same number
later = {
    name: int(np.argmax(np.linalg.norm(path.theta, axis=1) < 1e-3)) for name, path in turned.items()
}
assert later["SGD"] == reached["SGD"] and later["Momentum"] == reached["Momentum"]
assert later["Rprop"] > 2 * reached["Rprop"]

# %%
# Provenance
# ----------
# :cite:t:`riedmiller1993`, equations (4) and (5). After a flip they take the last step back. Here the coordinate
# rests and its gradient is set to zero, the variant that :cite:t:`igel2000` call iRprop−; PyTorch has the same. A
# step size for each weight that adapts to the signs of successive gradients is older: :cite:t:`jacobs1988` lengthens
# it by addition and shortens it by a factor, but still multiplies the gradient with it.
#
# .. oracles:: Rprop

# proof: torch.optim.Rprop takes the same steps
theirs = og.descend(torch.optim.Rprop, ravine, steps=60, lr=0.1)
np.testing.assert_allclose(theirs.theta, run.theta, rtol=0, atol=1e-9)
