r"""
Rprop
=====

Rprop looks only at the sign of the slope, never at its size. Each coordinate keeps a step size of its own, which
grows while the sign stays and is halved when it flips.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import numpy as np
import torch

import optguide as og

og.card(og.Rprop)

# %%
# The rule
# --------
# ``c`` compares the slope with the one before. If it is negative, a minimum was passed: the step size is halved, and
# the coordinate rests for one step.

og.pseudocode(og.Rprop)

# %%
# The learning rate is only the first step size; what comes after is the rule's own doing.

og.pseudocode(og.Rprop).hyperparameters

# %%
# What it repairs
# ---------------
# SGD's step is as long as the slope is steep. In a ravine, the steep side forbids a large learning rate, and the flat
# side would need one. Rprop gives each coordinate its own pace. SGD gets the rate that theory finds best here,
# 2 / 51, and momentum its best pair, too.

ravine = og.surfaces.ravine
root = np.sqrt(50)
best = {"lr": 4 / (root + 1) ** 2, "momentum": ((root - 1) / (root + 1)) ** 2}
tuned = {
    "SGD": partial(og.SGD, lr=2 / 51),
    "Momentum": partial(og.Momentum, **best),
    "Rprop": partial(og.Rprop, lr=0.1),
}
race = og.race(tuned, ravine, steps=300)
race.plot()

# %%

reached = {
    name: int(np.argmax(np.linalg.norm(run.theta, axis=1) < 1e-3)) for name, run in race.items()
}
print("steps until closer than 0.001:", reached)
assert 195 < reached["SGD"] < 220
assert 34 <= reached["Rprop"] <= 38
assert reached["Rprop"] < reached["Momentum"] < 60

# %%
# In the picture Rprop's loss ends on a flat line. Its smallest step size, 0.000001, lets it come no nearer. Momentum has
# no such floor.

print("loss after 300 steps:", race["Rprop"].loss[-1])
assert 1e-14 < race["Rprop"].loss[-1] < 1e-9
assert race["Momentum"].loss[-1] < 1e-40
finer = og.descend(og.Rprop, ravine, steps=300, lr=0.1, step_sizes=(1e-9, 50))
assert finer.loss[-1] < 1e-16

# %%
# Make the ravine 200 times narrower, or bend all heights by a logarithm: the signs of the slopes stay, and so Rprop
# draws the very same path.

run = og.descend(og.Rprop, ravine, steps=60, lr=0.1)
narrow = og.descend(og.Rprop, ravine.replace(condition=10000), steps=60, lr=0.1)


def log(x, y):
    return torch.log(1 + ravine(x, y))


bent = og.descend(og.Rprop, log, start=ravine.start, steps=60, lr=0.1)
np.testing.assert_array_equal(narrow.theta, run.theta)
np.testing.assert_array_equal(bent.theta, run.theta)

# %%
# Watch it
# --------
# The step sizes ``delta`` of both coordinates. Along the ravine it grows for more than ten steps. Across, the
# minimum is near: the sign flips early, and the step is halved each time.

og.animate({"Rprop": run}, panels=("map", "delta"))

# %%

delta = run.states["delta"]
print("after 1, 5, 10 and 60 steps:", delta[[1, 5, 10, 60]], sep="\n")
np.testing.assert_allclose(delta[5], 0.1 * 1.2**4)
np.testing.assert_allclose(delta[10, 0], 0.1 * 1.2**9)
assert delta[10, 1] < 0.07
assert delta[60].max() < 1e-4

# %%
# One knob: the first step size
# -----------------------------
# Between the smallest and the largest first step here lies a factor of ten thousand. Rprop makes up for it within 40
# steps: its step size grows by a fifth each time, and :math:`1.2^{40}` is more than a thousand.

knob = {f"lr = {lr}": partial(og.Rprop, lr=lr) for lr in (0.0001, 0.01, 0.1, 1.0)}
firsts = og.race(knob, ravine, steps=100)
firsts.plot()

# %%

arrival = {
    name: int(np.argmax(np.linalg.norm(run.theta, axis=1) < 1e-3)) for name, run in firsts.items()
}
print("steps until closer than 0.001:", *arrival.items(), sep="\n")
assert 1.2**40 > 1000
assert 60 < arrival["lr = 0.0001"] < 75
assert arrival["lr = 0.0001"] - arrival["lr = 1.0"] <= 40
assert 0 < arrival["lr = 1.0"] < arrival["lr = 0.1"] < arrival["lr = 0.01"] < 50

# %%
# The whole axis of rates
# -----------------------
# The same over six powers of ten, on Rosenbrock's curved valley, from 64 random starts with 200 steps each.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.SGD, og.Rprop], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# Nearly level, and nothing is ever lost. From 0.00001 to 0.3 the median moves by less than a factor of two, always
# below the best that SGD reaches at any rate. Only a first step as long as the valley itself does harm: it
# throws the walk out of the map, and 200 steps are not enough to come back.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
level = median[1, lrs < 0.3]
print("Rprop up to 0.3:", level.min(), level.max(), " SGD:", median[0].min())
assert level.max() < 2 * level.min() and level.max() < median[0].min() / 2
assert (rates.data.diverged_at.sel(optimizer="Rprop") < 0).all()

# %%
# Nor does it matter where the walk leads. On a landscape with four minima, first steps of 0.1 and 0.01 lead to the same
# minimum from all but a handful of the 9,216 starts. The borders are not SGD's, though: equal steps in both coordinates
# go diagonally, not straight downhill. One start in thirteen ends elsewhere.

hills = og.surfaces.himmelblau
trio = {
    "SGD": partial(og.SGD, lr=0.01),
    "Rprop": partial(og.Rprop, lr=0.1),
    "Rprop, 0.01": partial(og.Rprop, lr=0.01),
}
basins = og.sweep(trio, hills, hills.grid(96))
og.plot_basins(basins, "Rprop")

# %%

sgd, rprop, small = basins.data.minimum.squeeze().values
print("ends elsewhere:", (small != rprop).sum(), (sgd != rprop).mean())
assert (small != rprop).mean() < 0.003 and (rprop >= 0).mean() > 0.99
assert 0.05 < (sgd != rprop).mean() < 0.11

# %%
# Where it fails
# --------------
# Rprop is made for the exact slope. With mini-batches the sign is itself a matter of luck. Suppose nine batches of
# ten have slope -1, and the tenth has slope 11. The mean slope is +0.2, so a descent should go down. SGD does, by
# small steps. Rprop counts votes, and walks up.


def batches(t):
    """Slope -1 nine times out of ten, 11 the tenth time."""
    return np.where(np.asarray(t) % 10 == 9, 11.0, -1.0)


mean = og.respond(og.SGD, batches, steps=200, lr=0.01)
votes = og.respond(og.Rprop, batches, steps=200, lr=0.01, step_sizes=(1e-6, 1))
print("mean slope:", batches(np.arange(200)).mean())
print("after 200 steps: SGD", mean.theta[-1], " Rprop", votes.theta[-1])
np.testing.assert_allclose(mean.theta[-1], -0.4)
assert votes.theta[-1] > 20

# %%
# Its own pace per coordinate helps only if the ravine runs along an axis. Turn an equal ravine by 45 degrees, and
# Rprop needs several times as many steps. SGD and momentum do not notice.


def turned(x, y):
    """The same ravine, turned by 45 degrees."""
    return ravine((x + y) / 2**0.5, (y - x) / 2**0.5)


x, y = ravine.start
across = og.race(tuned, turned, start=((x - y) / 2**0.5, (x + y) / 2**0.5), steps=300)
later = {
    name: int(np.argmax(np.linalg.norm(run.theta, axis=1) < 1e-3)) for name, run in across.items()
}
print("steps in the turned ravine:", later)
assert later["SGD"] == reached["SGD"]
assert later["Momentum"] == reached["Momentum"]
assert later["Rprop"] > 2 * reached["Rprop"]

# %%
# Provenance
# ----------
# :cite:t:`riedmiller1993`, equations (4) and (5). Theirs takes the last step back after a flip; ours rests there and
# forgets the slope, the variant that :cite:t:`igel2000` call iRprop-. PyTorch has the same one.

theirs = og.descend(torch.optim.Rprop, ravine, steps=60, lr=0.1)
gap = np.abs(theirs.theta - run.theta).max()
print("largest difference to torch.optim.Rprop:", gap)
np.testing.assert_allclose(theirs.theta, run.theta, rtol=0, atol=1e-9)

# %%
# The same again at other settings, and by hand:
#
# .. oracles:: Rprop
#
# Before this: :ref:`AveragedNesterov <sphx_glr_gallery_optimizers_plot_averaged_nesterov.py>`,
# one pace for all coordinates.
# Next: :ref:`Adagrad <sphx_glr_gallery_optimizers_plot_adagrad.py>`, which scales by all slopes so far.
