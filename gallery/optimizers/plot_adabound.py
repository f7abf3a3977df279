r"""
AdaBound
========

AdaBound begins as Adam and ends as momentum. Each coordinate's step size is kept between two bounds, which are far
apart at first and close in on one final learning rate.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
settings = {"lr": 0.3, "final_lr": 0.01, "gamma": 0.01}
# Momentum sums up ten gradients, of which AdaBound takes the average: its 0.001 is AdaBound's 0.01.
rules = {
    "Adam": og.Adam.at(lr=0.3),
    "Momentum": og.Momentum.at(lr=0.001),
    "AdaBound": og.AdaBound.at(**settings),
}
race = og.race(rules, ravine, steps=150, noise=1.0)
race

# %%
# Every gradient here has noise of standard deviation 1 added. Adam and AdaBound reach the valley floor in a few steps.
# Then Adam keeps jumping about the minimum, while AdaBound becomes calm. Momentum, with the step size in which AdaBound
# ends, is as calm in the end, but takes far longer to get there. Over 600 steps:

long = og.race(rules, ravine, steps=600, noise=1.0)
og.plot_loss(long)

# %%

# proof: AdaBound is as quick as Adam at the start and as calm as momentum at the end
late = {name: run.loss[-200:].mean() for name, run in long.items()}
assert long["AdaBound"].loss[50] < 0.1 < 0.5 < long["Momentum"].loss[50]
assert late["AdaBound"] < late["Adam"] / 8
np.testing.assert_allclose(late["AdaBound"], late["Momentum"], rtol=0.2)

# %%

# proof: with five other seeds AdaBound is calmer than Adam every time
for seed in range(1, 6):
    pair = [
        og.descend(rules[n], ravine, steps=300, noise=1.0, seed=seed) for n in ("Adam", "AdaBound")
    ]
    assert pair[1].loss[-100:].mean() < pair[0].loss[-100:].mean() / 2

# %%

og.card(og.AdaBound)

# %%
# The rule
# --------
# ``r`` is what Adam multiplies ``m`` by, its step size for this coordinate. It is cut off at ``low`` below and at
# ``high`` above. ``low`` rises from nearly zero to ``final_lr``, and ``high`` falls to it from far above.

og.pseudocode(og.AdaBound)

# %%

og.pseudocode(og.AdaBound).hyperparameters

# %%
# What it repairs
# ---------------
# Adam's step sizes depend on what each coordinate has seen, and under noise they do not shrink. Here are those of both
# coordinates in the descent above, and the band that the bounds leave. Only the first one along the ravine is cut. The
# next ones lie in the band, where the rule is Adam. In the end both are cut off at the upper bound, so that both
# coordinates have one step size, and that is momentum.

run = long["AdaBound"]
t = np.arange(1, 601)
low, high = 0.01 * (1 - 1 / (0.01 * t + 1)), 0.01 * (1 + 1 / (0.01 * t))
scale = np.sqrt(run.states["v"][1:] / (1 - 0.999 ** t[:, None]))
sizes = 0.3 / (1 - 0.9 ** t[:, None]) / (scale + 1e-8)
fig, ax = plt.subplots(layout="constrained")
ax.fill_between(t, low, high, alpha=0.3, label="allowed by the bounds")
ax.loglog(t, sizes, label=["Adam's step size along the ravine", "across"])
ax.set(title="The bounds take over from Adam's step sizes", xlabel="step", ylabel="step size")
ax.legend()

# %%

# proof: every step is Adam's, kept within the bounds: whole at first, cut off above at the end
cut = np.clip(sizes, low[:, None], high[:, None])
np.testing.assert_allclose(run.theta[:-1] - cut * run.states["m"][1:], run.theta[1:], atol=1e-9)
np.testing.assert_array_equal(cut[1:5], sizes[1:5])
assert (sizes[-200:] > high[-200:, None]).all()

# %%

study.traits(og.AdaBound)

# %%
# One knob: how fast the bounds close in
# --------------------------------------
# ``gamma`` sets the pace. With 0.001 the path is Adam's for fifty steps, and it has not calmed down by the end. With
# 0.1 it becomes momentum before Adam's quick start is done.

paces = {f"gamma = {g}": og.AdaBound.at(**{**settings, "gamma": g}) for g in (0.001, 0.01, 0.1)}
knob = og.race(paces, ravine, steps=600, noise=1.0)
knob.plot()

# %%

# proof: with 0.1 the start is slow; with 0.001 the first fifty steps are Adam's, to a millionth,
# and the end is restless
early = {name: run.loss[50] for name, run in knob.items()}
calm = {name: run.loss[-200:].mean() for name, run in knob.items()}
assert early["gamma = 0.1"] > 1 > 0.1 > early["gamma = 0.01"]
same = knob["gamma = 0.001"].theta[:51], long["Adam"].theta[:51]
np.testing.assert_allclose(*same, rtol=0, atol=1e-6)
assert calm["gamma = 0.001"] > 2 * calm["gamma = 0.01"]

# %%
# The whole axis of learning rates
# --------------------------------
# For more than five powers of ten ``lr`` makes no difference. The lower bound lifts every small step size, to
# :n:`lifted:.4f` by the last of 200 steps. The learning rate that needs care is now ``final_lr``. With the default of 0.1
# nothing diverges up to ``lr = 1``. With 0.3 :n:`gone:.0%` of the starts do at the smallest ``lr`` of all.

rates = study.rates(og.AdaBound, beside=og.Adam)
rates

# %%

# proof: from 1e-5 to 1 lr changes the loss by less than a factor of three, and final_lr decides
bound, adam = rates.sweep.data.loss.fillna(np.inf).median(("seed", "start")).values
assert bound[:31].max() < 3 * bound.min() and adam[0] > 1000 * bound[0]
assert rates.diverged["AdaBound"] is None or rates.diverged["AdaBound"] > 1
lifted = 0.1 * (1 - 1 / (0.001 * 200 + 1))
valley = og.surfaces.rosenbrock
daring = og.sweep(og.AdaBound, valley, valley.sample(64), steps=200, lr=1e-5, final_lr=0.3)
gone = float((daring.data.diverged_at >= 0).mean())
assert gone > 0.5

# %%
# Basins
# ------
# So AdaBound reaches the minima of Himmelblau's function even with ``lr = 0.001``, at which Adam gets nowhere. From
# :n:`basins.changed["SGD"]:.1%` of the starts it ends elsewhere than SGD, from :n:`basins.changed["Adam"]:.1%` elsewhere
# than Adam, both at learning rates that suit them. Once the lower bound is every coordinate's step size, the rule is
# descent along an average of gradients.

beside = [og.SGD.at(lr=0.01), og.Adam.at(lr=0.1)]
basins = study.basins(og.AdaBound.at(lr=0.001), beside=beside)
basins

# %%

# proof: AdaBound shares its basins with SGD rather than with Adam
assert basins.reached["AdaBound"] > 0.98
assert basins.changed["SGD"] < 0.06 < 0.08 < basins.changed["Adam"]

# %%
# How to set it
# -------------
# ``lr`` matters at the start only, and Adam's will do. ``final_lr`` has to be found as for momentum: it is ten times
# momentum's learning rate with :math:`\beta_1 = 0.9`, since ``m`` is an average and not a sum. ``gamma`` should leave the
# bounds wide for as long as Adam is needed; they are within a factor of two of ``final_lr`` after :math:`1 / \gamma` steps.
# A schedule calms Adam down as well. AdaBound has its schedule built in.
#
# Where it fails
# --------------
# Adam does not depend on how steep the ravine is, but ``final_lr`` does. With 1.0 AdaBound is closer to the minimum than
# 0.001 after :n:`near` steps, as if all were well. Then the lower bound rises above what the steep direction bears, and
# at step :n:`risky.diverged_at` it diverges.
#
# The limit can be derived. Suppose that on a parabola of curvature :math:`\lambda` the point changes its sign at every
# step, :math:`\theta_t = (-1)^t c`. The gradient is :math:`(-1)^t \lambda c`, and its average is
# :math:`(1 - \beta_1) / (1 + \beta_1)` times that. To go on like this, a step has to be :math:`2c` long, and it is if the
# step size is :math:`2 (1 + \beta_1) / ((1 - \beta_1) \lambda)`; with a larger one the oscillation grows. Here the
# curvature is 50 and the limit :n:`limit:.2f`. The lower bound passes it at step :n:`passes`.

risky = og.descend(og.AdaBound, ravine, steps=600, lr=0.3, final_lr=1.0, gamma=0.01)
safe = og.descend(og.AdaBound, ravine, steps=600, lr=0.3, final_lr=0.7, gamma=0.01)
og.plot_loss({"final_lr = 1.0": risky, "final_lr = 0.7": safe})

# %%

# proof: with a final_lr above the limit it diverges, though the minimum was near; below it does not
limit = 2 * (1 + 0.9) / ((1 - 0.9) * 50)
near = int((np.linalg.norm(risky.theta, axis=1) < 1e-3).argmax())
passes = int((1 - 1 / (0.01 * t + 1) > limit).argmax()) + 1
assert 0.7 < limit < 1 and 120 < near < 160 and passes == 317
assert 380 < risky.diverged_at < 440
assert safe.diverged_at is None and safe.loss[-1] < 1e-3

# %%
# For the same reason the path depends on the height of the function. With a thousand times the loss Adam takes the same
# path, and AdaBound diverges at step :n:`tall["AdaBound"].diverged_at`.

# proof: where the loss is multiplied by a thousand Adam reaches the minimum and AdaBound diverges
pair = {name: rules[name] for name in ("Adam", "AdaBound")}
tall = og.race(pair, lambda x, y: 1000 * ravine(x, y), start=ravine.start, steps=200)
assert tall["Adam"].loss[-1] / 1000 < 1e-5
assert 10 < tall["AdaBound"].diverged_at < 20

# %%
# Provenance
# ----------
# :cite:t:`luo2019`, algorithm 2, as in the authors' code. It has Adam's bias corrections and ``eps``, which the listing
# lacks; it does not divide by the root of :math:`t`, as the listing does; and ``gamma`` sets the bounds, where the paper
# has :math:`1 - \beta_2`. Their code also lets a schedule scale ``final_lr``; here it is a constant. PyTorch has no
# AdaBound; others have:
#
# .. oracles:: AdaBound
