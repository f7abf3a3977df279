r"""
NAdamW
======

NAdamW is AdamW that takes the step which AdamW would take one step later, were the gradient to stay as it is. It turns
sooner and runs less far past a minimum. Benchmarks of training methods use it as the rule to beat.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
both = {rule.__name__: rule.at(lr=0.3, weight_decay=0.0) for rule in (og.AdamW, og.NAdamW)}
race = og.race(both, ravine, steps=150)
race

# %%
# The weight decay is switched off here, so that only the directions differ. AdamW runs :n:`past[0]:.2f` past the minimum,
# NAdamW :n:`past[1]:.2f`. It stays within 0.1 of it after :n:`settled[1]` steps, AdamW after :n:`settled[0]`.

# proof: NAdamW runs less far past the minimum than AdamW and is near it for good sooner
past = [run.theta[:, 0].max() for run in race.values()]
far = [np.linalg.norm(run.theta, axis=1) > 0.1 for run in race.values()]
settled = [int(np.flatnonzero(distant)[-1]) + 1 for distant in far]
assert past[1] < past[0] - 0.1 and settled[1] < settled[0] - 10

# %%

og.card(og.NAdamW)

# %%
# The rule
# --------
# The averages and the decay are those of :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`. AdamW steps along
# :math:`m_t`. The line for :math:`\hat m` is what the average would become if the same gradient came once more,
# :math:`\beta_1 m_t + (1 - \beta_1) g_t`. Each of its two parts has the correction of its own age: the part with
# :math:`m_t` will have seen t + 1 gradients, the gradient itself is corrected as at step t.

og.pseudocode(og.NAdamW)

# %%

og.pseudocode(og.NAdamW).hyperparameters

# %%
# So the first step is longer than a learning rate. With :math:`m_1 = (1 - \beta_1) g_1` the two parts are
# :math:`\beta_1 (1 - \beta_1) / (1 - \beta_1^2) = \beta_1 / (1 + \beta_1)` and 1, together :n:`1 + 0.9 / 1.9:.2f`
# gradients.

# proof: the first step is 1 + beta1 / (1 + beta1) learning rates long
for beta1 in (0.5, 0.9):
    first = og.NAdamW.at(betas=(beta1, 0.999), weight_decay=0.0, eps=0.0)
    length = og.respond(first, np.ones_like, steps=1, lr=1.0).update[0]
    np.testing.assert_allclose(length, 1 + beta1 / (1 + beta1))

# %%
# What it repairs
# ---------------
# An average is late. The gradient is 1 for twenty steps and then -1: AdamW turns after five more steps, and each step of
# NAdamW after the turn is the one that AdamW takes one step later. That is a small gain. The
# :ref:`NAdam <sphx_glr_gallery_optimizers_plot_nadam.py>` of PyTorch turns at once, because its momentum begins at half
# of ``beta1`` and rises slowly; the newest gradient has half of the weight for thousands of steps. Without that schedule
# NAdam is NAdamW.

turn = {"signal": og.signals.rectangles, "steps": 40, "lr": 1.0}
rules = {"AdamW": og.AdamW.at(weight_decay=0.0), "NAdamW": og.NAdamW.at(weight_decay=0.0)}
turned = {
    name: og.respond(rule, **turn).update for name, rule in (rules | {"NAdam": og.NAdam}).items()
}
fig, ax = plt.subplots(layout="constrained")
for name, update in turned.items():
    ax.plot(update, "o-", ms=3, label=name, color=getattr(og, name).color)
ax.set(title="The gradient turns at t = 20", xlabel="t", ylabel="step, in learning rates")
ax.legend()

# %%

# proof: after a turn NAdamW is one step ahead of AdamW; NAdam with its full momentum is NAdamW,
# and with its schedule it is another rule
np.testing.assert_allclose(turned["NAdamW"][20:39], turned["AdamW"][21:40], atol=2e-3)
short = {"function": ravine, "steps": 60, "lr": 0.3}
ours = og.descend(og.NAdamW, weight_decay=0.0, **short).theta
full = og.descend(og.NAdam, momentum_decay=1e9, **short).theta
np.testing.assert_allclose(full, ours, atol=1e-12)
assert np.abs(og.descend(og.NAdam, **short).theta - ours).max() > 0.5

# %%
# What follows from the formula alone, measured for every rule in the same way, here with the default decay:

study.traits(og.NAdamW)

# %%
# One knob: the memory of the direction
# -------------------------------------
# ``betas[0]`` is the memory and the reach of the look-ahead at once. With 0.5 there is no overshoot to speak of, with
# 0.99 looking one step of a hundred ahead changes little.

memories = {
    f"beta1 = {b}": og.NAdamW.at(betas=(b, 0.999), weight_decay=0.0) for b in (0.5, 0.9, 0.99)
}
knob = og.race(memories, ravine, lr=0.1, steps=300)
knob.plot()

# %%

# proof: the longer the memory, the further NAdamW runs past the minimum
shot = [run.theta[:, 0].max() for run in knob.values()]
assert shot[0] < 0.01 < 0.05 < shot[1] < 0.2 < 1.2 < shot[2]

# %%
# The whole axis of learning rates
# --------------------------------
# The best learning rate of the two is the same, :n:`rates.best["NAdamW"]:.2g`, and NAdamW's loss there is
# :n:`100 - 100 * rates.loss["NAdamW"] / rates.loss["AdamW"]:.0f` % lower. Neither diverges.

rates = study.rates(og.NAdamW, beside=og.AdamW)
rates

# %%

# proof: NAdamW has AdamW's best learning rate and a somewhat lower loss there, and never diverges
assert rates.best["NAdamW"] == rates.best["AdamW"]
assert 0.65 < rates.loss["NAdamW"] / rates.loss["AdamW"] < 0.9
assert rates.diverged["NAdamW"] is None

# %%
# Basins
# ------
# Which minimum a start leads to is hardly touched: from :n:`basins.changed["AdamW"]:.1%` of the starts the two differ.

mild = {rule.__name__: rule.at(lr=0.1, weight_decay=0.0) for rule in (og.NAdamW, og.AdamW)}
basins = study.basins(mild)
basins

# %%

# proof: from all but one in a hundred starts NAdamW ends in AdamW's minimum
assert basins.reached["NAdamW"] > 0.99 and basins.changed["AdamW"] < 0.01

# %%
# How to set it
# -------------
# As AdamW: start from the values that suit it, and lower the learning rate towards the end. In the AlgoPerf competition
# (:cite:t:`kasimbeg2025`) NAdamW was the baseline, and the best of 18 submissions, a distributed Shampoo, was about 28 %
# faster. A rule that claims more should be compared with this one, tuned as carefully.
#
# Where it fails
# --------------
# Looking ahead lowers the :term:`stability limit`. Hold the scale still and let the gradient alternate between
# :math:`g` and :math:`-g`: the average is then :math:`\pm\frac{1-\beta_1}{1+\beta_1}\,g`. NAdamW steps along
# :math:`\beta_1` of it and :math:`1 - \beta_1` of the gradient, and in a bowl of curvature 1 the step must stay below
# :math:`2 g`, so that
#
# .. math::
#
#    \eta < \frac{2}{1 - \beta_1 + \beta_1\,\frac{1-\beta_1}{1+\beta_1}},
#
# which is :n:`limits[0]:.1f` at the defaults, where AdamW allows :n:`limits[1]:.0f`.

# proof: with a scale held constant NAdamW is stable up to 13.6, AdamW up to 38
limits = [2 / (1 - mu + mu * 0.1 / 1.9) for mu in (0.9, 1)]
np.testing.assert_allclose(limits, (13.57, 38), rtol=1e-3)
for rule, limit in zip((og.NAdamW, og.AdamW), limits, strict=True):
    lrs = 1e9 * limit * np.array((0.97, 1.03))
    # From so near that what the first, corrected steps do is over before it counts as diverged.
    slow = rule.at(eps=1e9, weight_decay=0.0)
    pair = og.descend(slow, lambda x: x**2 / 2, [1e-12], 1500, lr=lrs)
    assert list(pair.diverged_at > 0) == [False, True] and abs(pair.theta[-1, 0, 0]) < 1e-15

# %%
# Provenance
# ----------
# The look-ahead is :cite:t:`dozat2016`'s, the decay :cite:t:`loshchilov2019`'s, and the formula that of ``optax.nadamw``.
# Others mean other rules by the name: ``torch.optim.NAdam`` with ``decoupled_weight_decay`` keeps the schedule of the
# momentum, and Keras has one that rises 250 times as fast as PyTorch's.
#
# .. oracles:: NAdamW
