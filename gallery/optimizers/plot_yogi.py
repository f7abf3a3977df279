r"""
Yogi
====

Yogi is Adam whose second moment comes down slowly. Where large gradients are followed by small ones, Adam forgets the
large ones exponentially and lets its steps grow; Yogi keeps them short.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
race = og.race([og.Adam, og.Yogi], ravine, steps=400, lr=0.3)
race.animate(panels=("map", "v", "loss"))

# %%
# In a ravine the gradients are large at first and small near the minimum. ``v`` goes up in the first steps. Yogi's then
# stays where it is: in 400 steps it loses :n:`100 * fallen["Yogi"].max():.1f` % of its peak. Adam's loses
# :n:`100 * fallen["Adam"].min():.0f` %. (Yogi was made for training networks, where small batches make the gradients noisy
# in millions of dimensions. That cannot be shown on a map; what its rule does can be.)

# proof: by step 400 Adam's v falls by over a quarter of its peak, Yogi's by less than a fiftieth
fallen = {name: 1 - run.states["v"][-1] / run.states["v"].max(axis=0) for name, run in race.items()}
assert (fallen["Yogi"] < 0.02).all() and (fallen["Adam"] > 0.25).all()

# %%

og.card(og.Yogi)

# %%
# The rule
# --------
# Only the line of ``v`` differs from Adam's. The sign says whether ``v`` goes up or down. How far it goes is a share of
# the squared gradient, and does not depend on how large ``v`` is.

og.pseudocode(og.Yogi)

# %%

og.pseudocode(og.Yogi).hyperparameters

# %%
# What it repairs
# ---------------
# Here both rules are given twenty gradients of 1, and then gradients of 0.01. In every step Adam's ``v`` loses a
# thousandth of itself, Yogi's a thousandth of the new squared gradient, which is next to nothing. After 4000 steps Adam
# has kept :n:`kept["Adam"]:.1%` of it, and its steps have grown to :n:`10 * adam.update[-1]:.2f` learning rates, although
# the gradient is a hundred times smaller than at the start. Yogi has kept :n:`kept["Yogi"]:.0%`, and its steps are
# :n:`10 * yogi.update[-1]:.2f` learning rates long.


def large_then_small(t):
    return np.where(np.asarray(t) < 20, 1.0, 0.01)


adam, yogi = (og.respond(r, large_then_small, steps=4000, lr=0.1) for r in (og.Adam, og.Yogi))
fig, axes = plt.subplots(2, 1, sharex=True, layout="constrained")
for answer in (adam, yogi):
    axes[0].plot(answer.states["v"], color=answer.color, label=answer.name)
    axes[1].plot(answer.update / 0.1, color=answer.color)
axes[0].set(title="Adam forgets the large gradients, Yogi does not", ylabel="v")
axes[1].set(xlabel="step", ylabel="step length / learning rate")
axes[0].legend()

# %%

# proof: Adam forgets the large gradients by a thousandth in each step, Yogi as good as not
kept = {answer.name: answer.states["v"][-1] / answer.states["v"][20] for answer in (adam, yogi)}
np.testing.assert_allclose(kept["Adam"], 0.999**3980 + 1e-4 / 0.01981, rtol=0.01)
np.testing.assert_allclose(kept["Yogi"], 1 - 3980 * 1e-3 * 1e-4 / 0.02, rtol=1e-3)
np.testing.assert_allclose(adam.update[-1], 0.0458, rtol=0.01)
np.testing.assert_allclose(yogi.update[-1], 0.0070, rtol=0.01)

# %%
# Upwards Yogi is as quick as Adam: where the squared gradient is much larger than ``v``, both add a thousandth of it.

# proof: after a thousand gradients of 0.01, ten of 1 raise both to the same v within 1 per cent
risen = [
    og.respond(rule, lambda t: np.where(t < 1000, 0.01, 1.0), steps=1010, lr=0.1).states["v"][-1]
    for rule in (og.Adam, og.Yogi)
]
np.testing.assert_allclose(risen[0], risen[1], rtol=0.01)

# %%
# Measured in the same way for every rule:

study.traits(og.Yogi)

# %%
# One knob: where ``v`` starts
# ----------------------------
# ``initial_accumulator_value`` is what both averages hold before the first gradient. With a tiny one the first step is as
# long as Adam's. A large one makes all but the first few steps short, since nothing takes it away quickly. These first
# ones are long, and they can go in the wrong direction: ``m`` starts with the same number, which no gradient supports, and
# with 100 the first leads towards smaller values in both coordinates, in x away from the minimum.

values = {f"start {v:g}": og.Yogi.at(initial_accumulator_value=v) for v in (1e-6, 0.01, 100)}
knob = og.race(values, ravine, lr=0.3, steps=100)
knob.plot()

# %%

# proof: a tiny start makes the first step one learning rate long, a large one misdirects it, and
# its fourth step is the last that is longer than a learning rate
first = {name: run.theta[1] - run.theta[0] for name, run in knob.items()}
np.testing.assert_allclose(np.abs(first["start 1e-06"]), 0.3, atol=1e-3)
lengths = np.abs(np.diff(knob["start 100"].theta[:, 0]))
assert (lengths[:4] > 0.3).all() and (lengths[4:] < 0.3).all()
assert (first["start 100"] < -0.8).all() and ravine.start[0] < 0
assert knob["start 1e-06"].loss[-1] < 1e-3 and knob["start 100"].loss[-1] > 1

# %%
# The whole axis of learning rates
# --------------------------------
# In 200 steps Yogi has no advantage over Adam, and is never far behind: its median loss is
# :n:`ratio.min():.2f` to :n:`ratio.max():.2f` times Adam's. An average over a thousand steps has no time to forget in 200,
# so there is nothing to slow down.

rates = study.rates(og.Yogi, beside=og.Adam)
rates

# %%

# proof: at every learning rate Yogi's median loss is between 0.95 and 1.5 times Adam's
ratio = np.divide(*rates.sweep.data.loss.median(("seed", "start")).values)
assert 0.4 < rates.best["Yogi"] < 1.1
assert 0.95 < ratio.min() and ratio.max() < 1.5

# %%
# Basins
# ------
# With ``betas[1]`` at 0.9, a memory of ten steps, there is something to forget. On Himmelblau's function Adam has
# forgotten the steep way down by the time it is at the minimum, its steps get longer, and only
# :n:`basins.reached["Adam"]:.0%` of its descents are at rest after 200 steps. With Yogi :n:`basins.reached["Yogi"]:.0%`
# are. Where both reach a minimum, it is nearly always the same one.

short = {"lr": 0.1, "betas": (0.9, 0.9)}
basins = study.basins(og.Yogi.at(**short), beside=og.Adam.at(**short))
basins

# %%

# proof: with a short memory Adam fails from a fifth of the starts or more, Yogi hardly ever
assert 0.5 < basins.reached["Adam"] < 0.8 and basins.reached["Yogi"] > 0.95
minimum = basins.sweep.data.minimum.squeeze().values
reached = (minimum >= 0).all(axis=0)
assert (minimum[0] == minimum[1])[reached].mean() > 0.98

# %%
# How to set it
# -------------
# On these landscapes Adam's learning rates suit Yogi as well. The defaults, a learning rate of 0.01 and an ``eps`` of
# 0.001, are what :cite:t:`zaheer2018` advise for networks. That ``eps`` is a hundred thousand times Adam's, and it sets
# the steps where gradients are small, as below: then lower it, and the start of the averages with it.
#
# Where it fails
# --------------
# A loss that is multiplied by 0.0001 makes no difference to Adam, and leaves Yogi behind. A lower ``eps`` helps, and a
# lower start of the averages cures it, since that did not shrink with the loss either.

small = {
    "Adam": og.Adam,
    "Yogi": og.Yogi,
    "Yogi, eps = 1e-8": og.Yogi.at(eps=1e-8),
    "Yogi, start 1e-20 too": og.Yogi.at(eps=1e-8, initial_accumulator_value=1e-20),
}
low = og.race(small, lambda x, y: 1e-4 * ravine(x, y), start=ravine.start, steps=400, lr=0.3)
low.plot_loss()

# %%

# proof: on a ten-thousandth of the loss Yogi succeeds only with a smaller eps and a smaller start
left = {name: run.loss[-1] / 1e-4 for name, run in low.items()}
assert max(left["Adam"], left["Yogi, start 1e-20 too"]) < 1e-9
assert 1e-5 < left["Yogi, eps = 1e-8"] < 1e-3 < left["Yogi"] < 1e-2

# %%
# In the ravine at the top of this page, too, a long memory is of little use. To come within 0.001 of the minimum Yogi
# needs :n:`needed["Yogi"]` steps and Adam :n:`needed["Adam"]`. To get a loss below a millionth Yogi needs
# :n:`race["Yogi"].arrived(1e-6)` and Adam :n:`race["Adam"].arrived(1e-6)`. Which one is faster depends on the measure.

# proof: Adam is the first within 0.001 of the minimum, Yogi the first with a loss below a millionth
needed = {
    name: int((np.linalg.norm(run.theta, axis=1) < 1e-3).argmax()) for name, run in race.items()
}
assert 85 < needed["Adam"] < 100 < needed["Yogi"] < 135
assert race["Yogi"].arrived(1e-6) < race["Adam"].arrived(1e-6) - 15

# %%
# Provenance
# ----------
# :cite:t:`zaheer2018`, algorithm 2. The listing has no bias correction. The implementations in use have Adam's, and start
# both averages at 0.000001, and so does this one. PyTorch has no Yogi; others have:
#
# .. oracles:: Yogi

# proof: ten steps written out by hand, from 0.000001 and with bias corrections, are the same
gradients = np.array([1.0, -0.5, 0.02, 0.3, 0.01, 0.2, -0.1, 0.4, 0.01, 0.03])
ours = og.respond(og.Yogi, lambda t: gradients[np.asarray(t, dtype=int)], steps=10, lr=0.1)
m = v = 1e-6
x = 0.0
for t, g in enumerate(gradients, 1):
    m = 0.9 * m + 0.1 * g
    v = v - 0.001 * np.sign(v - g * g) * g * g
    x -= 0.1 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 0.001)
np.testing.assert_allclose(ours.theta[-1], x, rtol=0, atol=1e-12)
