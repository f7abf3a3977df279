r"""
Adam
====

Adam moves with a running mean of the slope, and divides each coordinate's step by the recent size of its slope.
So every coordinate travels at about the same speed, however steep or flat its direction is.
"""

from functools import partial

import numpy as np
import torch

import optguide as og

og.card(og.Adam)

# %%
# The rule
# --------
# Two running means are kept for every parameter. One remembers where the slope points, the other how large it is.
# Both start at zero, so early on they are too small; the two divisions by :math:`1 - \beta^t` undo exactly that.

og.pseudocode(og.Adam)

# %%
# The left column is typeset from the code in the right one, and that code is what runs on this page.

og.pseudocode(og.Adam).hyperparameters

# %%
# What it repairs
# ---------------
# Momentum multiplies every slope by the same learning rate. How large that rate may be depends on the steepest
# direction, and nobody tells you how steep that is. Here is a ravine, a hundred times steeper across than along, and
# another that is a thousand times steeper.

ravine = og.surfaces.ravine.replace(condition=100)
gentle, steep = ravine, ravine.replace(condition=1000)
print(og.descend(og.Momentum, gentle, lr=0.01))
print(og.descend(og.Momentum, steep, lr=0.01))
print(og.descend(og.Adam, gentle, lr=0.3))
print(og.descend(og.Adam, steep, lr=0.3))
assert og.descend(og.Momentum, steep, lr=0.01).diverged_at
assert og.descend(og.Adam, steep, lr=0.3).loss[-1] < 1e-3

# %%
# A rate that suits momentum in one ravine blows it up in one ten times as steep. Adam does not notice the
# difference, because it divides each slope by its own size. Its very first step shows how: the slope across is
# almost seventeen times the slope along, and yet both coordinates move by exactly the learning rate.

slopes = og.descend(og.Adam, gentle, steps=1).grad[0]
first = np.diff(og.descend(og.Adam, gentle, steps=1, lr=0.3).theta, axis=0)[0]
print("slopes along and across:", slopes)
print("displacements:          ", first)
np.testing.assert_allclose(np.abs(first), 0.3)
assert 16 < abs(slopes[1] / slopes[0]) < 17

# %%
# Multiply the whole function by a thousand, and Adam still draws the same path: numerator and denominator grow alike.

one = og.descend(og.Adam, gentle, lr=0.3)
thousand = og.descend(og.Adam, lambda x, y: 1000 * gentle(x, y), start=gentle.start, lr=0.3)
print(
    "largest distance between the two paths:",
    np.abs(one.theta - thousand.theta).max(),
)
assert np.abs(one.theta - thousand.theta).max() < 1e-6

# %%
# Watch it
# --------
# Adam in the ravine, with its two running means. In ``m`` the steep coordinate changes its sign at every crossing of
# the ravine; the crossings cancel, and what is left points along it. ``v`` never changes sign. It remembers the
# steep first steps for hundreds more, and that is what keeps the step across small.

run = og.descend(og.Adam, gentle, steps=120, lr=0.3)
og.animate({"Adam": run}, panels=("map", "m", "v"))

# %%
# One knob: the memory of the direction
# -------------------------------------
# ``beta1`` sets how long a slope is remembered: about :math:`1 / (1 - \beta_1)` steps. With 0.5 Adam hardly
# remembers. With 0.99 it remembers a hundred steps, runs past the minimum and has to come back.

knob = {f"beta1 = {b}": partial(og.Adam, lr=0.04, betas=(b, 0.999)) for b in (0.5, 0.9, 0.99)}
memories = og.race(knob, gentle, steps=300)
memories.plot()

# %%

overshoot = {name: round(float(run.theta[:, 0].max()), 3) for name, run in memories.items()}
print("how far past the minimum:", overshoot)
assert overshoot["beta1 = 0.99"] > 0.8
assert overshoot["beta1 = 0.9"] < 0.01

# %%
# The whole axis of rates
# -----------------------
# How much depends on the learning rate? Rosenbrock's valley, 64 random starts, 200 steps, 37 rates from 0.00001 to 10.
# Line: the median end. Band: the middle half.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.Momentum, og.Adam], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# Momentum's rates end at a brink, beside the best one. Adam has none: a step is about as long as the rate and no
# longer, so it gets worse on the right, but is not lost. Good rates, within a factor of ten of the best, span about two
# powers of ten. What limits it on the left is the way: at the default of 0.001, no coordinate got further than 0.3 in
# 200 steps. On a small landscape, 0.1 is a better first guess.

data = rates.data.squeeze()
median = data.loss.fillna(np.inf).median("start").values
good = [lrs[line < 10 * line.min()] for line in median]
print("good rates of momentum and Adam:", *(ends[[0, -1]] for ends in good))
moved = np.abs(data.theta[1, 12].values - valley.sample(64)).max()
print(f"farthest at {lrs[12]:.1g}: {moved:.2f}")
assert good[1][-1] / good[1][0] > 5 * good[0][-1] / good[0][0]
assert moved < 0.35 and (data.diverged_at.sel(optimizer="Adam") < 0).all()

# %%
# The plane of starts, with four minima to choose from, at a rate of 0.1. Everyone arrives, and the borders are smooth.
# They are tilted against those of SGD: 7% of the starts change sides, because a step that is equally long in both
# coordinates does not go straight downhill. :ref:`Rprop <sphx_glr_gallery_optimizers_plot_rprop.py>`,
# which sees only signs, agrees with Adam from 99% of them.

hills = og.surfaces.himmelblau
three = {
    "SGD": partial(og.SGD, lr=0.01),
    "Rprop": partial(og.Rprop, lr=0.1),
    "Adam": partial(og.Adam, lr=0.1),
}
basins = og.sweep(three, hills, hills.grid(96))
og.plot_basins(basins, "Adam")

# %%

sgd, rprop, adam = basins.data.minimum.squeeze().values
print("not as SGD:", (adam != sgd).mean(), " as Rprop:", (adam == rprop).mean())
assert (adam >= 0).mean() > 0.99
assert 0.05 < (adam != sgd).mean() < 0.1 and (adam == rprop).mean() > 0.98

# %%
# Where it fails
# --------------
# Scaling cures ill-conditioning. It does nothing about local minima. On Rastrigin's function, from (-3.6, 4.1),
# Adam takes the first egg cup it meets and stays.

trapped = og.descend(og.Adam, og.surfaces.rastrigin, steps=400, lr=0.1)
print(trapped)
np.testing.assert_allclose(trapped.theta[-1], (-3.98, 3.98), atol=0.01)

# %%
# Adam also needs its learning rate lowered in the end when the slope is noisy: it keeps moving at a speed set by
# ``lr``, minimum or not. A schedule from torch brings it to rest. Averaged over the last fifty steps:

noisy = og.descend(og.Adam, gentle, steps=600, lr=0.3, noise=1.0)
cosine = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=600)
cooled = og.descend(og.Adam, gentle, steps=600, lr=0.3, noise=1.0, schedule=cosine)
constant, falling = noisy.loss[-50:].mean(), cooled.loss[-50:].mean()
print(f"mean loss at a constant rate: {constant:.2g}, with a cosine schedule: {falling:.2g}")
assert falling < constant / 3

# %%
# Provenance
# ----------
# :cite:t:`kingma2015`, algorithm 1, with both bias corrections. The placement of ``eps`` is the paper's: outside the
# root, after the correction. TensorFlow's classic implementation instead folds the corrections into the learning
# rate, which makes its ``eps`` a different number. Weight decay is left to :py:class:`~optguide.AdamW`.
#
# PyTorch's own Adam, on the same descent:

theirs = og.descend(torch.optim.Adam, gentle, steps=120, lr=0.3)
print(
    "largest difference to torch.optim.Adam:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# .. oracles:: Adam
#
# Before this: :ref:`Almost Adam <sphx_glr_gallery_optimizers_plot_almost_adam.py>`, the same without corrections.
# Next: :ref:`Adamax <sphx_glr_gallery_optimizers_plot_adamax.py>`, which measures size by the largest slope.
