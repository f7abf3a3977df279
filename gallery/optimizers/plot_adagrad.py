r"""
Adagrad
=======

Adagrad divides each coordinate's step by the root of the sum of all its squared slopes so far. Weights that are
rarely asked to move take long steps when they are, and every weight slows down for good.
"""

# sphinx_gallery_thumbnail_number = 4
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.Adagrad)

# %%
# The rule
# --------
# One number is kept for every parameter: the sum ``G`` of its squared slopes. It never shrinks.

og.pseudocode(og.Adagrad)

# %%

og.pseudocode(og.Adagrad).hyperparameters

# %%
# What it repairs
# ---------------
# With one learning rate for all, a weight that sees a slope in every tenth step only moves a tenth as far as one that
# sees it every time. Words are like that: most are rare. Here two weights are shown slopes of 1, one at
# every step, the other at every tenth.


def often(t):
    return np.ones_like(t)


def rarely(t):
    return np.where(t % 10 == 0, 1.0, 0.0)


for rule in (og.SGD, og.Adagrad):
    far = og.respond(rule, often, steps=500, lr=1.0).update.sum()
    near = og.respond(rule, rarely, steps=500, lr=1.0).update.sum()
    print(f"{rule.__name__}: moved by {far:.1f} and {near:.1f}")

# %%
# The gap of 10 has shrunk to 3.4, about the root of 10. The reason is simple: in a weight's *n*-th slope of 1, Adagrad
# steps by :math:`1/\sqrt n` learning rates. It does not matter how much time lies in between.

steady = og.respond(og.Adagrad, often, steps=500, lr=1.0).update
sparse = og.respond(og.Adagrad, rarely, steps=500, lr=1.0).update
np.testing.assert_allclose(sparse[::10], steady[:50], rtol=1e-9)
np.testing.assert_allclose(steady, np.arange(1, 501) ** -0.5, rtol=1e-9)
assert 3.3 < steady.sum() / sparse.sum() < 3.5

# %%
# Dividing by the slopes has a second effect. The first step is one learning rate in each coordinate, be the slope
# 3.6 or 60. And the loss may be multiplied by a thousand: the path stays the same.

ravine = og.surfaces.ravine.replace(condition=100)
run = og.descend(og.Adagrad, ravine, lr=1.0, steps=120)
thousand = og.descend(og.Adagrad, lambda x, y: 1000 * ravine(x, y), ravine.start, 120, lr=1.0)
print("first slopes:", run.grad[0], " step:", run.theta[1] - run.theta[0])
np.testing.assert_allclose(run.theta[1] - run.theta[0], (1, -1))
np.testing.assert_allclose(run.theta, thousand.theta, atol=1e-8)

# %%
# Watch it
# --------
# Adagrad in the ravine, with its sum ``G`` in the upper chart. The sum of the steep coordinate jumps at once, that of the
# gentle one climbs more slowly. Then both are level: near the minimum the slopes are so small that they add nothing.

og.animate({"Adagrad": run}, panels=("map", "G"))

# %%

assert (np.diff(run.states["G"], axis=0) >= 0).all()
assert run.loss[-1] < 1e-2

# %%
# Three relatives
# ---------------
# :cite:t:`siarshai2017` names three more ways to slow down. They change the sum, leave out the root, or put
# an exponential in its place.

og.pseudocode(og.AdagradAbs)

# %%

og.pseudocode(og.AdagradNoRoot)

# %%

og.pseudocode(og.AdagradExp)

# %%
# How hard they brake shows best on a slope that never changes, here 0.5. On two logarithmic axes a power of *t* is
# a straight line.


def half(t):
    return 0.5 * np.ones_like(t)


family = (og.Adagrad, og.AdagradAbs, og.AdagradNoRoot, og.AdagradExp)
steps = {rule.__name__: og.respond(rule, half, steps=100, lr=1.0).update for rule in family}
t = np.arange(1, 101)
fig, ax = plt.subplots(layout="constrained")
for rule in family:
    ax.loglog(t, steps[rule.__name__], color=rule.color, label=rule.__name__)
ax.set_title("On a constant slope every one of them slows down")
ax.set(xlabel="step t", ylabel="length of the step", ylim=(1e-6, 10))
ax.legend()

# %%
# Adagrad and the sum of magnitudes fall as :math:`1/\sqrt t`, the rule without a root as :math:`1/t`. The
# exponential one is gone before step 60.

np.testing.assert_allclose(steps["Adagrad"], t**-0.5, rtol=1e-8)
np.testing.assert_allclose(steps["AdagradAbs"], (2 * t) ** -0.5, rtol=1e-8)
np.testing.assert_allclose(steps["AdagradNoRoot"], 2 / t, rtol=1e-8)
np.testing.assert_allclose(steps["AdagradExp"], np.exp(-t / 4) / 2, atol=1e-9)
assert steps["AdagradExp"][59] < 1e-6

# %%
# Only Adagrad itself is indifferent to the scale of the loss. Make every slope ten times as large, and compare
# the first steps. The exponential rule hardly moves at all: it divides by :math:`e^{25}`.

steep = {"signal": lambda t: 10 * half(t), "steps": 1, "lr": 1.0}
firsts = [og.respond(rule, **steep).update[0] for rule in family]
ratios = np.array(firsts) / [each[0] for each in steps.values()]
expected = (1, np.sqrt(10), 0.1, 10 * np.exp(-24.75))
print("ten times the slope, first step times:", ratios)
np.testing.assert_allclose(ratios, expected, rtol=1e-6)

# %%
# One knob: where the sum starts
# ------------------------------
# The first slopes are divided by almost nothing but themselves. A sum that starts above zero tempers them. Three
# starts, on two of :doc:`Siarshai's signals </api/signals>`: the thin line is the
# slope the rule is shown, the bright one the step it takes.

starts = np.array((1e-7, 0.1, 10))
adagrad = partial(og.Adagrad, lr=2.5, eps=0)
tempered = partial(adagrad, initial_accumulator_value=starts)
shown = {
    "spikes": og.respond(tempered, og.signals.spikes),
    "rectangles": og.respond(tempered, og.signals.rectangles),
}
axes = og.plot_responses(shown)
axes[0, 0].set_title("start 1e-7")
axes[0, 1].set_title("start 0.1")
axes[0, 2].set_title("start 10")

# %%
# With a start of 10, five spikes are answered almost alike. From nearly zero, the fifth gets less than half of the
# first.

spikes = shown["spikes"].update[::60]
print("answers to spikes 1 and 5:", spikes[0], spikes[4])
np.testing.assert_allclose(spikes[0], 2.5 / np.sqrt((1, 1.1, 11)), rtol=1e-6)
np.testing.assert_allclose(spikes[4] / spikes[0], np.sqrt((1 / 5, 1.1 / 5.1, 11 / 15)), rtol=1e-6)

# %%
# A walk that calms down
# ----------------------
# Slowing down has its use. On the hills and the canyon, both Adagrad and :ref:`RMSprop <sphx_glr_gallery_optimizers_plot_rmsprop.py>` are caught in the
# same side valley. RMSprop goes on jumping to and fro and draws a hedgehog. Adagrad turns just as often, but its
# steps die away.

pair = {
    "RMSprop": partial(og.RMSprop, lr=0.25, alpha=0.9, eps=0, eps_root=1e-6),
    "Adagrad": partial(og.Adagrad, lr=1, eps=0, initial_accumulator_value=1e-6),
}
hills = og.race(pair, og.surfaces.hills_and_canyon, steps=125)
hills.plot_map().set_title("RMSprop draws a hedgehog, Adagrad comes to rest")

# %%

jumps, rest = (np.diff(walk.theta[-51:], axis=0) for walk in hills.values())
way = [np.linalg.norm(moves, axis=1).sum() for moves in (jumps, rest)]
turns = [((m[1:] * m[:-1]).sum(1) < 0).sum() for m in (jumps, rest)]
print("last 50 steps of RMSprop and Adagrad: way", way, " turns", turns)
assert way[0] > 15 and way[1] < 1e-9 and min(turns) > 40

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley, 64 random starts, 200 steps.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.SGD, og.Adagrad], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# The rate is a length now, no longer compared with a curvature, and so its axis lies far to the right: the best rate is
# hundreds of times SGD's, and even 10 loses nobody. The left end has a plain reason. On a constant
# slope 200 steps go 27 rates far. Whoever has a way of 1 before him needs 0.04 at least, and that is where the good
# rates begin.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
best = lrs[median.argmin(axis=1)]
good = lrs[median[1] < 10 * median[1].min()]
far = (np.arange(1, 201) ** -0.5).sum()
print(f"best {best}, good {good[[0, -1]]}, one over the way: {1 / far:.2g}")
assert best[1] > 50 * best[0] and 0.5 < good[0] * far < 3
assert (rates.data.diverged_at.sel(optimizer="Adagrad") < 0).all()

# %%
# The plane of starts shows it best. At a rate of 0.1 only those arrive that have a short way to one of the four minima,
# and short is measured in each coordinate by itself: the islands are squares. At a rate of 1 everyone arrives.

hills = og.surfaces.himmelblau
two = {f"lr = {lr}": partial(og.Adagrad, lr=lr) for lr in (0.1, 1)}
basins = og.sweep(two, hills, hills.grid(96))
og.plot_basins(basins, "lr = 0.1")

# %%

arrived = (basins.data.minimum.squeeze().values >= 0).mean(axis=(1, 2))
print("share that arrives:", arrived)
assert 0.15 < arrived[0] < 0.35 and arrived[1] > 0.99

# %%
# Where it fails
# --------------
# The sum cannot forget. Show the rule rectangles, +1 and -1 in turn, and its answers fade towards zero although the
# slopes do not. RMSprop, which forgets, settles at its learning rate.

tempered = partial(adagrad, initial_accumulator_value=0.1)
rmsprop = partial(og.RMSprop, lr=0.25, alpha=0.9, eps=0, eps_root=1e-5)
fading = og.respond(tempered, og.signals.rectangles)
level = og.respond(rmsprop, og.signals.rectangles)
fig, ax = plt.subplots(layout="constrained")
ax.plot(fading.t, fading.update, color=og.Adagrad.color, label="Adagrad")
ax.plot(level.t, level.update, color=og.RMSprop.color, label="RMSprop")
ax.set_title("The same slopes of ±1: one answer fades, one settles")
ax.set(xlabel="t", ylabel="step")
ax.legend()

# %%

np.testing.assert_allclose(np.abs(fading.update), 2.5 / np.sqrt(np.arange(1, 301) + 0.1), rtol=1e-8)
np.testing.assert_allclose(np.abs(level.update[-100:]), 0.25, rtol=1e-4)
longer = og.respond(og.Adagrad, og.signals.rectangles, steps=3000, lr=2.5)
print("Adagrad's step after 3,000 slopes:", abs(longer.update[-1]))
assert abs(longer.update[-1]) < 0.05

# %%
# Nor does it forgive. One slope of 100 at the very first step, and all later ones, of size 1, get steps
# a hundred times too small. 300 steps on, hardly anything has improved.


def jolt(t):
    return np.where(t == 0, 100.0, 1.0)


burnt = og.respond(og.Adagrad, jolt, steps=300, lr=1.0).update
healed = og.respond(og.RMSprop, jolt, steps=300, lr=1.0, alpha=0.9).update
print(f"step 300: Adagrad {burnt[-1]:.4f}, RMSprop {healed[-1]:.4f}")
np.testing.assert_allclose(burnt[-1], 1 / np.sqrt(100**2 + 299), rtol=1e-8)
np.testing.assert_allclose(healed[-1], 1, rtol=1e-4)

# %%
# Provenance
# ----------
# :cite:t:`duchi2011`, figure 1, the diagonal case. Their small constant stands outside the root, as here. Others put
# it inside; that is the same rule as ours with ``eps=0`` and the constant as ``initial_accumulator_value``, and the
# signals and the hills above use it so. The relatives are those of :cite:t:`siarshai2017`, who only names them.
#
# PyTorch's own Adagrad, on the same descent:

theirs = og.descend(torch.optim.Adagrad, ravine, lr=1.0, steps=120)
gap = np.abs(theirs.theta - run.theta).max()
print("largest difference to torch.optim.Adagrad:", gap)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# The traces by hand write out the sums over the whole past.
#
# .. oracles:: Adagrad AdagradAbs AdagradNoRoot AdagradExp
#
# Before this: :ref:`Rprop <sphx_glr_gallery_optimizers_plot_rprop.py>`, a pace for each coordinate, from signs alone.
# Next: :ref:`RMSprop <sphx_glr_gallery_optimizers_plot_rmsprop.py>`, which forgets.
