r"""
SGD
===

Gradient descent steps straight downhill, and the steeper the ground, the longer the step.
Every other optimizer in this guide mends one of its weaknesses.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np
import torch

import optguide as og

og.card(og.SGD)

# %%
# The rule
# --------
# There is nothing to remember between steps. The slope at the current point decides everything.

og.pseudocode(og.SGD)

# %%

og.pseudocode(og.SGD).hyperparameters

# %%
# What it rests on
# ----------------
# SGD has no predecessor to repair. It rests on one fact of calculus: near a point, a smooth function is almost a
# plane, and a short step against the slope ``g`` lowers it by almost ``lr`` times :math:`\lVert g \rVert^2`.
# Here are a long and a short first step in a :term:`ravine` that is a hundred times steeper across than along.

ravine = og.surfaces.ravine.replace(condition=100)
long = og.descend(og.SGD, ravine, lr=1e-2, steps=1)
short = og.descend(og.SGD, ravine, lr=1e-5, steps=1)
square = (short.grad[0] ** 2).sum()
print("drop of the loss as a share of lr * |g|^2")
print("lr = 1e-2:", (long.loss[0] - long.loss[1]) / (1e-2 * square))
print("lr = 1e-5:", (short.loss[0] - short.loss[1]) / (1e-5 * square))
assert 0.4 < (long.loss[0] - long.loss[1]) / (1e-2 * square) < 0.6
np.testing.assert_allclose(short.loss[0] - short.loss[1], 1e-5 * square, rtol=1e-3)

# %%
# The short step gains what the slope promised. The long one gains half of it, because the slope changes on the way.
#
# Watch it
# --------
# At a rate of 0.019 every step jumps across the ravine and lands a little lower on the other side. Most of the
# motion is zigzag; only a small part leads along the ravine, to the minimum.

run = og.descend(og.SGD, ravine, lr=0.019, steps=120)
og.animate({"SGD": run}, panels=("map", "loss"))

# %%
# One knob: the learning rate
# ---------------------------
# In a bowl of curvature :math:`\lambda` the slope is :math:`\lambda` times the distance from the bottom. One step
# multiplies that distance by :math:`1 - \mathrm{lr} \cdot \lambda`. It shrinks only while ``lr`` stays below
# :math:`2 / \lambda`. Across the ravine :math:`\lambda` is 100, so the limit is 0.02.

rates = {f"lr = {lr}": partial(og.SGD, lr=lr) for lr in (0.002, 0.0199, 0.0201)}
race = og.race(rates, ravine, steps=200)
race.plot()

# %%

below = race["lr = 0.0199"].theta[:, 1]
above = race["lr = 0.0201"].theta[:, 1]
print(
    "distance from the floor, first and last, just below the limit:",
    below[0],
    abs(below[-1]),
)
print(
    "distance from the floor, first and last, just above the limit:",
    above[0],
    abs(above[-1]),
)
np.testing.assert_allclose(below[1:] / below[:-1], -0.99)
np.testing.assert_allclose(above[1:] / above[:-1], -1.01)

# %%
# The sign flips at each step: that is the zigzag. One percent above the limit every jump ends a little higher,
# and sooner or later the descent is lost.
#
# The whole axis of rates
# -----------------------
# Now the same question on Rosenbrock's curved valley: 64 random starts, 200 steps, 37 rates over six powers of ten.
# Line: the median end. Band: the middle half of the starts.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep(og.SGD, valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# The median falls, stays almost level for a factor of fifty, and ends on a brink. Where it ends is the rule of the
# section before: at the minimum the valley has a curvature of 1002, and 2/1002 = 0.002 is the best rate. Some
# starts do not stand even that, for the walls above them are steeper still. At the best rate, a fifth is lost.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
lost = (rates.data.diverged_at >= 0).mean("start").squeeze().values
best = lrs[median.argmin()]
brink = lrs[lost >= 0.5].min()
curvature = np.linalg.eigvalsh([[802, -400], [-400, 200]])[-1]
print(f"best {best:.2g}, limit at the minimum {2 / curvature:.2g}")
print(f"lost at the best rate {lost[median.argmin()]:.0%}, half: {brink:.2g}")
assert 0.8 / curvature < best < 2.7 / curvature < brink < 6 / curvature
assert 0.1 < lost[median.argmin()] < 0.35

# %%
# And the whole plane of starts, on a landscape with four minima. At a rate of 0.01 every start arrives. The plane
# falls into four quarters with smooth borders. At 0.02 two minima are out of reach: their curvature exceeds
# 2/0.02 = 100.

hills = og.surfaces.himmelblau
basins = og.sweep(og.SGD, hills, hills.grid(96), lr=0.01)
og.plot_basins(basins)

# %%

fast = og.sweep(og.SGD, hills, hills.grid(96), lr=0.02)
og.plot_basins(fast)

# %%

ends = [np.bincount(s.data.minimum.values.ravel() + 1) for s in (basins, fast)]
print("none, then each minimum, at 0.01 and 0.02:", *ends)
hessian = torch.autograd.functional.hessian
bends = [hessian(lambda p: hills(*p), p) for p in torch.tensor(hills.minima)]
steep = torch.linalg.eigvalsh(torch.stack(bends))[:, -1]
print("steepest curvature at each minimum:", steep.numpy().round())
assert ends[0][0] < 20 and ends[0][1:].min() > 2000
assert len(ends[1]) == 3 and (steep > 100).tolist() == [
    False,
    False,
    True,
    True,
]

# %%
# Where it fails
# --------------
# The steepest direction limits the rate, and the gentlest one has to live with it. The best constant rate for this
# ravine is 2 / (1 + 100), at which both directions shrink equally fast, by 99 parts in 101 per step.

best = og.descend(og.SGD, ravine, lr=2 / 101, steps=600)
arrived = int(np.argmax(np.linalg.norm(best.theta, axis=1) < 1e-3))
print("steps until the distance is below 0.001:", arrived)
np.testing.assert_allclose(np.abs(best.theta[1] / best.theta[0]), 99 / 101)
assert 406 < arrived < 416

# %%
# SGD also stops wherever the ground is level. On the tilted camel that is a side valley, far from the deepest point.

trapped = og.descend(og.SGD, og.surfaces.tilted_camel, lr=0.1, steps=400)
print(trapped)
print(
    "slope there:",
    np.abs(trapped.grad[-1]).max(),
    " deepest point:",
    og.surfaces.tilted_camel.known_minima()[0],
)
np.testing.assert_allclose(trapped.theta[-1], (0.0751, 0.4088), atol=1e-3)
assert np.abs(trapped.grad[-1]).max() < 1e-4

# %%
# And where the slope is noisy, as it is on minibatches, it never comes to rest. The smaller the rate, the quieter it
# gets, which is why rates are lowered in the course of a training. The mean loss over the last 500 steps in a round
# bowl, under noise of size 1:

loud = og.descend(og.SGD, og.surfaces.sphere, lr=0.1, steps=1000, noise=1.0).loss[-500:].mean()
quiet = og.descend(og.SGD, og.surfaces.sphere, lr=0.01, steps=1000, noise=1.0).loss[-500:].mean()
print(f"lr = 0.1: {loud:.4f}   lr = 0.01: {quiet:.4f}")
assert 5 < loud / quiet < 20

# %%
# Provenance
# ----------
# :cite:t:`cauchy1847` stepped against the slope to solve systems of equations. :cite:t:`robbins1951`, equation
# (2.6), proved that a noisy slope is enough if the rates shrink suitably; the word "stochastic" comes from there.
# What this page calls SGD is the bare rule. ``torch.optim.SGD`` adds optional momentum, which in this guide is
# :py:class:`~optguide.Momentum`, and weight decay. Without them it draws the same path:

theirs = og.descend(torch.optim.SGD, ravine, lr=0.019, steps=120)
print(
    "largest difference to torch.optim.SGD:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# .. oracles:: SGD
#
# Before this: the foundations, which end with :ref:`warm-up <sphx_glr_gallery_foundations_plot_warm_up.py>`.
# Next: :ref:`Momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`, which stops the zigzag.
