r"""
AdEMAMix
========

AdEMAMix adds a second, far slower average of the gradient to Adam's. What all gradients have in common adds up in it
over thousands of steps, and noise does not.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
mix = og.AdEMAMix.at(betas=(0.9, 0.999, 0.99))
rules = {
    "Adam": og.Adam.at(lr=0.02),
    "Adam, six times lr": og.Adam.at(lr=0.12),
    "AdEMAMix": partial(mix, lr=0.02),
}
race = og.race(rules, ravine, steps=400, noise=20.0)
race

# %%
# The noise is :n:`20 / 3.6:.1f` times as large as the gradient along the ravine. Adam divides by the size of the noise,
# so its way along the floor takes longer than 400 steps. Six times the learning rate is fast enough, and makes the
# steps that are noise six times as long, too. AdEMAMix comes as far with the small learning rate: its mean loss over
# the last 200 steps is :n:`loss["AdEMAMix"]:.2f`, that of the fast Adam :n:`loss["Adam, six times lr"]:.2f`.

# proof: AdEMAMix gets to the end of the ravine as the faster Adam does, at a third less loss;
# Adam at AdEMAMix's learning rate does not
loss = {name: run.loss[-200:].mean() for name, run in race.items()}
assert loss["AdEMAMix"] < loss["Adam, six times lr"] / 1.5
assert race["Adam"].theta[-1, 0] < -2 < -1 < race["AdEMAMix"].theta[-1, 0]

# %%

og.card(og.AdEMAMix)

# %%
# The rule
# --------
# ``m1`` and ``v`` are :ref:`Adam's <sphx_glr_gallery_optimizers_plot_adam.py>`. The slow average ``m2`` is added with the
# weight ``alpha`` and divided by the same scale. It is not corrected for its start at zero: until it has seen about
# :math:`1 / (1 - \beta_3)` gradients it stays small, and the rule begins as Adam. Weight decay is that of
# :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`.

og.pseudocode(og.AdEMAMix)

# %%

og.pseudocode(og.AdEMAMix).hyperparameters

# %%

# proof: with alpha = 0 it is AdamW, and its first step is 1 + alpha (1 - beta3) learning rates long
hills = {"function": og.surfaces.six_hump_camel, "steps": 80, "lr": 0.02, "weight_decay": 0.1}
alone = og.descend(og.AdEMAMix, alpha=0.0, **hills)
np.testing.assert_allclose(alone.theta, og.descend(og.AdamW, **hills).theta, atol=1e-12)
first = og.descend(og.AdEMAMix, ravine, steps=1, lr=0.02, eps=0.0)
length = np.abs(np.diff(first.theta, axis=0))
np.testing.assert_allclose(length, 0.02 * (1 + 5 * (1 - 0.9999)))

# %%
# What it repairs
# ---------------
# An average has one memory. With :math:`\beta_1 = 0.9` a gradient that is a hundred steps old has no weight; with 0.9999
# the newest ten have a thousandth of it, so that the average does not notice where the descent is now. The sum of both
# has a large weight on the last ten steps and most of its weight on the distant past.

age = np.arange(30_000)
fast, slow = 0.1 * 0.9**age, 1e-4 * 0.9999**age
weights = {"EMA, 0.9": fast, "EMA, 0.9999": slow, "both, alpha = 5": (fast + 5 * slow) / 6}
fig, ax = plt.subplots(layout="constrained")
for name, weight in weights.items():
    ax.loglog(age + 1, weight, label=name)
ax.set(title="Weight of a gradient", xlabel="how many steps ago", ylim=(1e-7, 1), ylabel="weight")
ax.legend()

# %%

# proof: over a tenth of the sum's weight is on the last ten steps, over 70 % beyond 1,000 steps
sums = [(w[:10].sum(), w[1000:].sum()) for w in weights.values()]
assert sums[0][1] < 1e-40 and sums[1][0] < 0.0011
assert sums[2][0] > 0.1 and sums[2][1] > 0.7

# %%
# What that does to noise follows from the weights. A steady part of the gradient passes both averages whole, so it moves
# AdEMAMix :math:`1 + \alpha` times as far as Adam. Independent noise is multiplied by the root of the sum of the squared
# weights, :n:`ratio:.3f` times Adam's at the defaults. A six times larger learning rate would multiply it by six.

# proof: a steady gradient has six times the effect and noise less than 1.03 times;
# the same ratios are measured on a gradient of 0.1 under noise of size 1, with a beta3 of 0.999
ratio = np.sqrt(((fast + 5 * slow) ** 2).sum() / (fast**2).sum())
assert 1.01 < ratio < 1.03
drawn = 0.1 + np.random.default_rng(0).normal(size=12_000)
noisy = {"signal": lambda t: drawn[t.astype(int)], "steps": 12_000, "lr": 1.0}
sums = {"betas": (0.9, 0.999, 0.999), "alpha": np.array((0, 5))}  # an alpha of 0 is Adam
adam, mixed = og.respond(og.AdEMAMix, **sums, **noisy).update[6000:].T
assert 5.7 < mixed.mean() / adam.mean() < 6.3
assert 1.1 < mixed.std() / adam.std() < 1.4

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.AdEMAMix)

# %%
# One knob: the weight of the past
# --------------------------------
# Without noise the slow average has nothing to offer but its inertia. The more it weighs, the sooner the minimum is
# reached and the further the descent runs past it, here with a slow average of a hundred steps.

weighed = {f"alpha = {a}": partial(mix, alpha=a) for a in (0.0, 2.0, 5.0)}
knob = og.race(weighed, ravine, lr=0.05, steps=400)
knob.plot()

# %%

# proof: the larger alpha, the sooner it reaches the minimum's x and the further it runs past it
past = [run.theta[:, 0].max() for run in knob.values()]
there = [int((run.theta[:, 0] > 0).argmax()) for run in knob.values()]
assert past[0] < 0.01 < 0.7 < past[1] < past[2] - 0.5
assert there[0] > there[1] > there[2]

# %%
# The whole axis of learning rates
# --------------------------------
# In 200 steps of the defaults the slow average has collected :n:`100 * (1 - 0.9999**200):.0f` % of what it will hold, a
# tenth of a gradient where ``alpha`` is 5. So over so short a descent AdEMAMix is hardly more than Adam: the best
# learning rates are the same, and the losses there are :n:`rates.loss["AdEMAMix"]:.3f` and :n:`rates.loss["Adam"]:.3f`.

rates = study.rates(og.AdEMAMix, beside=og.Adam)
rates

# %%

# proof: with the default betas 200 steps are too few to tell AdEMAMix from Adam
assert rates.best["AdEMAMix"] == rates.best["Adam"]
assert 0.8 < rates.loss["AdEMAMix"] / rates.loss["Adam"] < 1.25
assert abs(rates.decades["AdEMAMix"] - rates.decades["Adam"]) < 0.3

# %%
# Basins
# ------
# With a slow average of a hundred steps, :n:`basins.reached["AdEMAMix"]:.0%` of the starts have come to rest in a minimum
# of Himmelblau's function after 200 steps; the others still swing. From :n:`basins.changed["Adam"]:.0%` of the starts the
# outcome is not Adam's.

basins = study.basins({"AdEMAMix": partial(mix, lr=0.1), "Adam": og.Adam.at(lr=0.1)})
basins

# %%

# proof: every descent of Adam has reached a minimum by then, and an eighth of AdEMAMix's has not
assert basins.reached["Adam"] > 0.999 and 0.8 < basins.reached["AdEMAMix"] < 0.92

# %%
# How to set it
# -------------
# The slow average needs a descent that is longer than its memory. :cite:t:`pagliardini2025` train language models for
# tens of thousands of steps and more with a ``beta3`` of 0.9999. They also raise ``alpha`` from 0 and ``beta3`` from
# ``beta1`` during the first :math:`T` steps, usually all of the training, since models with a large ``beta3`` diverged
# early without it. ``alpha_warmup`` and ``beta3_warmup`` are these :math:`T`; with 1, the default, both are constant.
# ``beta3`` does not rise in proportion to the step, but the half-life of its average does: a ``beta3`` that rose evenly
# from 0.9 to 0.9999 would remember a thousand steps only in the last hundredth of the warm-up. In the comparison of
# :cite:t:`semenov2025` AdEMAMix is among the best rules for large models and long training. A short descent wants a
# ``beta3`` whose memory is a fraction of it, as above.
#
# In a ravine without noise a warm-up over all of the descent takes away most of the swing past the minimum.

warmed = {f"{T} steps of warm-up": partial(mix, alpha_warmup=T, beta3_warmup=T) for T in (1, 400)}
warm = og.race(warmed, ravine, lr=0.05, steps=400)
warm.plot()

# %%

# proof: with the warm-up the descent runs less than half as far past the minimum
swings = [run.theta[:, 0].max() for run in warm.values()]
assert swings[1] < swings[0] / 2

# %%

# proof: half-lives rise in proportion: an even beta3 would need 99 % of the warm-up to remember
# 1,000 steps, AdEMAMix's needs a tenth
shares = np.linspace(0.01, 0.99, 99)
risen = 0.9999 ** (1 / (shares + (1 - shares) * np.log(0.9999) / np.log(0.9)))
halves = np.log(0.5) / np.log(risen)
np.testing.assert_allclose(np.diff(halves), np.diff(halves)[0], rtol=1e-6)
assert 1 / (1 - risen[10]) > 1000 > 1 / (1 - (0.9 + 0.0999 * 0.98))

# %%
# Where it fails
# --------------
# The slow average is slow to notice a turn. After 3,000 steps of one gradient and then its opposite, Adam moves for
# :n:`late["Adam"]` steps the old way and AdEMAMix for :n:`late["AdEMAMix"]`, although its fast average has long turned.

turn = {"signal": lambda t: np.where(t < 3000, 1.0, -1.0), "steps": 4000, "lr": 1.0}
turned = {rule.__name__: og.respond(rule, **turn).update for rule in (og.Adam, og.AdEMAMix)}
fig, ax = plt.subplots(layout="constrained")
for name, update in turned.items():
    ax.plot(update, label=name, color=getattr(og, name).color)
ax.set(title="The gradient turns at t = 3000", xlabel="t", ylabel="step, in learning rates")
ax.legend()

# %%

# proof: after a turn AdEMAMix goes on the old way for hundreds of steps, Adam for less than ten
late = {name: int((update[3000:] < 0).argmax()) for name, update in turned.items()}
assert late["Adam"] < 10 and late["AdEMAMix"] > 400

# %%
# Provenance
# ----------
# :cite:t:`pagliardini2025`, algorithm 1, with the schedules that it calls optional, off by default. The authors published
# it twice. Their code for PyTorch adds 1e-8 to the decay rate in the logarithm of its schedule and has an ``alpha`` of 2,
# with 8 in the example; that for Optax has no such number and an ``alpha`` of 5, like ``optax`` itself,
# ``pytorch_optimizer`` and this rule. ``pytorch_optimizer`` adds weight decay to the gradient unless ``weight_decouple``
# is set.
#
# .. oracles:: AdEMAMix
