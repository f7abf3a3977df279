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
    moved = [
        float(og.respond(rule, signal, steps=500, lr=1.0).update.sum())
        for signal in (often, rarely)
    ]
    print(f"{rule.__name__}: moved by {moved[0]:.1f} and {moved[1]:.1f}")

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
thousand = og.descend(
    og.Adagrad,
    lambda x, y: 1000 * ravine(x, y),
    start=ravine.start,
    lr=1.0,
    steps=120,
)
print(
    "first slopes:", run.grad[0], " first step:", np.diff(run.theta[:2].T).T[0]
)
print(
    "largest gap between the paths:", np.abs(run.theta - thousand.theta).max()
)
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
steps = {
    rule.__name__: og.respond(rule, half, steps=100, lr=1.0).update
    for rule in family
}
t = np.arange(1, 101)
fig, ax = plt.subplots(layout="constrained")
for rule in family:
    ax.loglog(t, steps[rule.__name__], color=rule.color, label=rule.__name__)
ax.set(
    title="On a constant slope every one of them slows down",
    xlabel="step t",
    ylabel="length of the step",
    ylim=(1e-6, 10),
)
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

ratios = {
    rule.__name__: float(
        og.respond(rule, lambda t: 10 * half(t), steps=1, lr=1.0).update[0]
        / steps[rule.__name__][0]
    )
    for rule in family
}
print("ten times the slope, first step times:", ratios, sep="\n")
np.testing.assert_allclose(
    list(ratios.values()),
    (1, np.sqrt(10), 0.1, 10 * np.exp(-24.75)),
    rtol=1e-6,
)

# %%
# One knob: where the sum starts
# ------------------------------
# The first slopes are divided by almost nothing but themselves. A sum that starts above zero tempers them. Three
# starts, on two of :doc:`Siarshai's signals </api/signals>`: the thin line is the
# slope the rule is shown, the bright one the step it takes.

tempered = partial(
    og.Adagrad,
    lr=2.5,
    eps=0,
    initial_accumulator_value=np.array((1e-7, 0.1, 10)),
)
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
print("answers to spikes 1 and 5:", spikes[0], spikes[4], sep="\n")
np.testing.assert_allclose(spikes[0], 2.5 / np.sqrt((1, 1.1, 11)), rtol=1e-6)
np.testing.assert_allclose(
    spikes[4] / spikes[0], np.sqrt((1 / 5, 1.1 / 5.1, 11 / 15)), rtol=1e-6
)

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

for name, walk in hills.items():
    moves = np.diff(walk.theta[-51:], axis=0)
    turns = int(((moves[1:] * moves[:-1]).sum(axis=1) < 0).sum())
    way = np.linalg.norm(moves, axis=1).sum()
    print(f"{name}: {turns} turns in the last 50 steps, {way:.2g} of way")

rest = np.diff(hills["Adagrad"].theta[-51:], axis=0)
jumps = np.diff(hills["RMSprop"].theta[-51:], axis=0)
assert np.linalg.norm(rest, axis=1).sum() < 1e-9
assert np.linalg.norm(jumps, axis=1).sum() > 15
assert ((jumps[1:] * jumps[:-1]).sum(axis=1) < 0).all()

# %%
# Where it fails
# --------------
# The sum cannot forget. Show the rule rectangles, +1 and -1 in turn, and its answers fade towards zero although the
# slopes do not. RMSprop, which forgets, settles at its learning rate.

fading = og.respond(
    partial(og.Adagrad, lr=2.5, eps=0, initial_accumulator_value=0.1),
    og.signals.rectangles,
)
level = og.respond(
    partial(og.RMSprop, lr=0.25, alpha=0.9, eps=0, eps_root=1e-5),
    og.signals.rectangles,
)
fig, ax = plt.subplots(layout="constrained")
ax.plot(fading.t, fading.update, color=og.Adagrad.color, label="Adagrad")
ax.plot(level.t, level.update, color=og.RMSprop.color, label="RMSprop")
ax.set(
    title="The same slopes of ±1: one answer fades, one settles",
    xlabel="t",
    ylabel="step",
)
ax.legend()

# %%

np.testing.assert_allclose(
    np.abs(fading.update), 2.5 / np.sqrt(np.arange(1, 301) + 0.1), rtol=1e-8
)
np.testing.assert_allclose(np.abs(level.update[-100:]), 0.25, rtol=1e-4)
longer = og.respond(og.Adagrad, og.signals.rectangles, steps=3000, lr=2.5)
print("Adagrad's step after 300 and 3,000 slopes:", fading.update[-1], end=" ")
print(abs(longer.update[-1]))
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
print(
    "largest difference to torch.optim.Adagrad:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# The traces by hand write out the sums over the whole past.
#
# .. oracles:: Adagrad AdagradAbs AdagradNoRoot AdagradExp
#
# Before this: :ref:`Rprop <sphx_glr_gallery_optimizers_plot_rprop.py>`, a pace for each coordinate, from signs alone.
# Next: :ref:`RMSprop <sphx_glr_gallery_optimizers_plot_rmsprop.py>`, which forgets.
