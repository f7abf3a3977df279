r"""
Yogi
====

Yogi is Adam whose scale comes down slowly. When steep slopes are followed by gentle ones, Adam forgets the steep ones
exponentially and lets its steps grow; Yogi keeps them short.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

og.card(og.Yogi)

# %%
# The rule
# --------
# Only the line of ``v`` differs from Adam's. The sign says whether the scale goes up or down; how far it goes is a
# share of the squared slope, and does not depend on how large ``v`` has become.

og.pseudocode(og.Yogi)

# %%

og.pseudocode(og.Yogi).hyperparameters

# %%
# What it repairs
# ---------------
# Show both rules twenty steep slopes of 1, and then nothing but gentle ones of 0.01. Adam's ``v`` loses a thousandth
# of itself at every step. Yogi's loses a thousandth of the new squared slope, which is next to nothing.


def steep_then_gentle(t):
    """Slope 1 for twenty steps, then 0.01."""
    return np.where(np.asarray(t) < 20, 1.0, 0.01)


adam = og.respond(og.Adam, steep_then_gentle, steps=4000, lr=0.1)
yogi = og.respond(og.Yogi, steep_then_gentle, steps=4000, lr=0.1)
fig, axes = plt.subplots(2, 1, sharex=True)
for answer in (adam, yogi):
    axes[0].plot(answer.states["v"], color=answer.color, label=answer.name)
    axes[1].plot(answer.update, color=answer.color, label=answer.name)
axes[0].set(title="Adam forgets the steep start, Yogi does not", ylabel="v")
axes[1].set(ylabel="step", xlabel="time")
axes[0].legend()

# %%
# At the end Adam takes steps of almost half the learning rate, over a slope a hundred times gentler than at the
# beginning. Yogi's have grown to a fourteenth of it.

kept = {a.name: a.states["v"][-1] / a.states["v"][20] for a in (adam, yogi)}
print("share of v that is left:", *kept.items(), sep="\n")
print("last step: Adam", adam.update[-1], " Yogi", yogi.update[-1])
np.testing.assert_allclose(kept["Adam"], 0.999**3980 + 1e-4 / 0.01981, rtol=0.01)
np.testing.assert_allclose(kept["Yogi"], 1 - 3980 * 1e-3 * 1e-4 / 0.02, rtol=1e-3)
np.testing.assert_allclose(adam.update[-1], 0.0458, rtol=0.01)
np.testing.assert_allclose(yogi.update[-1], 0.0070, rtol=0.01)

# %%
# Upwards Yogi is as quick as Adam. After a thousand gentle slopes of 0.01, ten slopes of 1 raise ``v`` to the same
# height within one percent.


def gentle_then_steep(t):
    """Slope 0.01 for a thousand steps, then 1."""
    return np.where(np.asarray(t) < 1000, 0.01, 1.0)


risen = [
    og.respond(rule, gentle_then_steep, steps=1010, lr=0.1).states["v"][-1]
    for rule in (og.Adam, og.Yogi)
]
print("v after ten steep slopes:", risen)
np.testing.assert_allclose(risen[0], risen[1], rtol=0.01)

# %%
# Watch it
# --------
# In a ravine the slopes are steep at first and gentle near the minimum. Watch ``v``: it goes up in the first steps and
# then stays where it is.

ravine = og.surfaces.ravine
run = og.descend(og.Yogi, ravine, steps=120, lr=0.3)
og.animate({"Yogi": run}, panels=("map", "m", "v"))

# %%

both = og.race([og.Adam, og.Yogi], ravine, steps=400, lr=0.3)
fallen = {name: 1 - run.states["v"][-1] / run.states["v"].max(axis=0) for name, run in both.items()}
print("share of its peak that v has lost by step 400:", *fallen.items(), sep="\n")
assert (fallen["Yogi"] < 0.02).all()
assert (fallen["Adam"] > 0.25).all()

# %%
# One knob: where ``v`` starts
# ----------------------------
# ``initial_accumulator_value`` is what both means hold before the first slope. A tiny one makes the first step as long
# as Adam's, that is ``lr``. A large one acts as a warm-up by caution: nothing ever takes it away quickly.

knob = {
    f"start {v}": partial(og.Yogi, lr=0.3, initial_accumulator_value=v) for v in (1e-6, 0.01, 100)
}
begun = og.race(knob, ravine, steps=100)
begun.plot()

# %%

first = {name: np.round(run.theta[1] - run.theta[0], 3) for name, run in begun.items()}
loss = {name: f"{run.loss[-1]:.2g}" for name, run in begun.items()}
print("first step:", *first.items(), sep="\n")
print("loss after 100 steps:", loss, sep="\n")
np.testing.assert_allclose(np.abs(first["start 1e-06"]), 0.3, atol=1e-3)
assert begun["start 1e-06"].loss[-1] < 1e-3
assert begun["start 100"].loss[-1] > 1

# %%
# With 100 the first step even goes astray, since ``m`` starts with the same number, and no slope is behind it: the
# ball is sent towards smaller values in both coordinates, away from the minimum in one of them.

assert (first["start 100"] < -0.8).all()
assert ravine.start[0] < 0

# %%
# The whole axis of rates
# -----------------------
# 37 rates, 64 starts on Rosenbrock's valley, 200 steps: median loss, and the middle half as a band. Yogi never has the
# advantage of Adam here, and never falls far behind. A ``v`` that remembers a thousand steps has no time to forget
# in 200, so there is nothing to slow down.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.Adam, og.Yogi],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, (adam, yogi) = (
    sweep.data.lr.values,
    sweep.data.loss.median(("seed", "start")).values,
)
print(
    f"best rate {lr[yogi.argmin()]:.2g}; Yogi's loss / Adam's: {(yogi / adam).min():.3f} to {(yogi / adam).max():.3f}"
)
assert 0.4 < lr[yogi.argmin()] < 1.1
assert 0.95 < (yogi / adam).min() and (yogi / adam).max() < 1.5

# %%
# With a memory of ten steps there is. This is Himmelblau's function, whose four minima are ringed, at a rate of 0.1:
# each start has the colour of the minimum where Yogi ends. A third of Adam's descents are not at rest, because the
# steep way down is forgotten by the time the minimum is reached. Those that arrive with both end in the same place.

basins = og.sweep(
    [og.Adam, og.Yogi],
    himmelblau,
    himmelblau.grid(96),
    steps=200,
    lr=0.1,
    betas=(0.9, 0.9),
)
og.plot_basins(basins, "Yogi")

# %%

minimum = basins.data.minimum.squeeze().values
arrived, same = (minimum >= 0).mean(axis=(1, 2)), minimum[0] == minimum[1]
print("share at a minimum after 200 steps, Adam and Yogi:", arrived)
assert 0.5 < arrived[0] < 0.8 and arrived[1] > 0.95
assert same[(minimum >= 0).all(axis=0)].mean() > 0.98

# %%
# Where it fails
# --------------
# In this ravine Yogi's memory is of little use. To come within 0.001 of the minimum it needs more steps than Adam at
# the same rate. Ask for a loss below a millionth instead, and it needs fewer: which one is faster is a question of the
# measure.

needed = {
    name: int(np.argmax(np.linalg.norm(run.theta, axis=1) < 1e-3)) for name, run in both.items()
}
print("steps until closer than 0.001:", needed)
print(
    "steps until the loss is 1e-6:",
    {k: r.arrived(1e-6) for k, r in both.items()},
)
assert 85 < needed["Adam"] < 100 < needed["Yogi"] < 135
assert both["Yogi"].arrived(1e-6) < both["Adam"].arrived(1e-6) - 15

# %%
# Its ``eps`` of 0.001 is a hundred thousand times Adam's, and where slopes are small it rules. Multiply the
# function by 0.0001: Adam still arrives, while Yogi is left behind. A lower ``eps`` helps it, and a lower start of the
# means cures it, since that did not shrink with the function either.

small = {
    name: og.descend(rule, lambda x, y: 1e-4 * ravine(x, y), start=ravine.start, steps=400).loss[-1]
    / 1e-4
    for name, rule in {
        "Adam": partial(og.Adam, lr=0.3),
        "Yogi": partial(og.Yogi, lr=0.3),
        "Yogi, eps = 1e-8": partial(og.Yogi, lr=0.3, eps=1e-8),
        "Yogi, start 1e-20 too": partial(
            og.Yogi, lr=0.3, eps=1e-8, initial_accumulator_value=1e-20
        ),
    }.items()
}
print("loss after 400 steps, in units of the function:", *small.items(), sep="\n")
assert max(small["Adam"], small["Yogi, start 1e-20 too"]) < 1e-9
assert 1e-5 < small["Yogi, eps = 1e-8"] < 1e-3 < small["Yogi"] < 1e-2

# %%
# The case it was made for, a sum of noisy slopes in many dimensions, cannot be shown on a picture with two.
#
# Provenance
# ----------
# :cite:t:`zaheer2018`, algorithm 2. The listing has no bias correction; the implementations in use have Adam's, and
# start both means at 0.000001, and so do we. Here are the first ten steps by hand, on a single coordinate.

slope = [1.0, -0.5, 0.02, 0.3, 0.01, 0.2, -0.1, 0.4, 0.01, 0.03]
ours = og.respond(
    og.Yogi,
    lambda t: np.array(slope)[np.asarray(t, dtype=int)],
    steps=10,
    lr=0.1,
)
m = v = 1e-6
x = 0.0
for t, g in enumerate(slope, 1):
    m = 0.9 * m + 0.1 * g
    v = v - 0.001 * np.sign(v - g * g) * g * g
    x -= 0.1 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 0.001)
print("largest difference:", abs(ours.theta[-1] - x))
np.testing.assert_allclose(ours.theta[-1], x, rtol=0, atol=1e-12)

# %%
# PyTorch has no Yogi. Others have:
#
# .. oracles:: Yogi
#
# Before this: :ref:`RAdam <sphx_glr_gallery_optimizers_plot_radam.py>`, which distrusts a young scale.
# Next: :ref:`AdaBound <sphx_glr_gallery_optimizers_plot_adabound.py>`, which keeps the scale within bounds.
