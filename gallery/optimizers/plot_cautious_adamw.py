r"""
Cautious AdamW
==============

Momentum keeps going after the gradient has turned. Cautious AdamW holds back the coordinates in which the update and the
present gradient disagree, and lets the others go the further. Without noise this saves most of the overshoot.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
plain = og.AdamW.at(lr=0.1, weight_decay=0)
cautious = og.CautiousAdamW.at(lr=0.1, weight_decay=0)
race = og.race({"AdamW": plain, "CautiousAdamW": cautious}, ravine, steps=200)
race

# %%
# Both go the same way at first. Then AdamW swings across the ravine and past the minimum: its loss rises in
# :n:`rises[0]` of the 200 steps, that of the cautious rule in :n:`rises[1]`.

# proof: the loss of the cautious rule rises in fewer than ten of 200 steps, AdamW's in
# more than 60; it ends a million times lower
rises = [(np.diff(run.loss) > 0).sum() for run in race.values()]
assert rises[1] < 10 and 60 < rises[0]
assert race["CautiousAdamW"].loss[-1] < 1e-6 * race["AdamW"].loss[-1]

# %%

og.card(og.CautiousAdamW)

# %%
# The rule
# --------
# Up to Adam's update ``u`` nothing is new. Then ``c`` marks the coordinates in which the update and the gradient have the
# same sign. What is left of the update is divided by their share, so that its mean size stays about the same.

og.pseudocode(og.CautiousAdamW)

# %%

og.pseudocode(og.CautiousAdamW).hyperparameters

# %%
# What it repairs
# ---------------
# To first order a step :math:`\Delta` changes the loss by :math:`g \cdot \Delta`. :ref:`AdamW
# <sphx_glr_gallery_optimizers_plot_adamw.py>` divides a momentum, and after a turn that momentum has the wrong sign for a
# while: the step goes uphill. With the mask every term of the sum :math:`g \cdot \Delta` is zero or negative. The loss
# may still rise, if a step is so long that the gradient turns on the way.

# proof: no cautious step goes uphill at its start; a quarter of AdamW's do
uphill = []
for run in race.values():
    moves = np.diff(run.theta, axis=0)
    uphill.append(((run.grad * moves).sum(1) > 1e-30).mean())
assert uphill[0] > 0.25 and uphill[1] == 0

# %%
# Measured in the same way as for every rule:

study.traits(og.CautiousAdamW)

# %%
# One knob: the memory of the direction
# -------------------------------------
# The longer the momentum remembers, the more there is to hold back. With ``beta1`` = 0.99 AdamW is at a loss of
# :n:`ends[0.99][0]:.1g` after 200 steps, the cautious rule at :n:`ends[0.99][1]:.1g`. Without momentum the update always
# has the sign of the gradient, and the two rules are one.

memory = {f"beta1 = {b}": og.CautiousAdamW.at(lr=0.1, betas=(b, 0.999)) for b in (0, 0.9, 0.99)}
knob = og.race(memory, ravine, steps=200)
knob.plot()

# %%

# proof: without momentum it is AdamW; the longer the memory, the larger the ratio of their losses
ends = {}
for b in (0.0, 0.9, 0.99):
    pair = [og.descend(rule, ravine, steps=200, betas=(b, 0.999)) for rule in (plain, cautious)]
    ends[b] = [run.loss[-1] for run in pair]
    if b == 0:
        np.testing.assert_allclose(pair[1].theta, pair[0].theta, rtol=0, atol=1e-12)
assert ends[0.99][0] > 0.1 and ends[0.99][1] < 1e-4 and ends[0.9][1] < 1e-6 * ends[0.9][0]

# %%
# The whole axis of learning rates
# --------------------------------
# On Rosenbrock's function the best learning rate is twice as high, :n:`rates.best["CautiousAdamW"]:.2g` instead of
# :n:`rates.best["AdamW"]:.2g`, and the median loss there is half as large.

without = {"weight_decay": 0}
rates = study.rates(og.CautiousAdamW.at(**without), beside=og.AdamW.at(**without))
rates

# %%

# proof: the best learning rate is about twice AdamW's, and the best median loss about half
assert 1.5 < rates.best["CautiousAdamW"] / rates.best["AdamW"] < 3
assert 0.35 < rates.loss["CautiousAdamW"] / rates.loss["AdamW"] < 0.7

# %%
# Basins
# ------
# Holding back moves the ends, but hardly ever to another minimum: it sets in when the gradient has turned, and by then
# the descent is in its basin.

basins = study.basins(cautious, beside=plain)
basins

# %%

# proof: every start reaches a minimum, and fewer than one in a thousand another one than AdamW
assert basins.reached["CautiousAdamW"] == basins.reached["AdamW"] == 1
assert basins.changed["AdamW"] < 0.001

# %%
# How to set it
# -------------
# :cite:t:`liang2024` keep the settings of AdamW, and report in the first versions of the paper a speed-up of training of
# up to 1.47 times. A comparison that tunes every rule alike, :cite:t:`wen2025`, finds no rule that is more than 1.4 times
# as fast as a tuned AdamW, and less the larger the model.
#
# Where it fails
# --------------
# In noise the sign of the present gradient says little. Close to the minimum it is that of the noise, and the mask lets a
# random :n:`passed:.0%` through, :n:`1 / passed:.1f` times as far. On 64 coordinates with curvatures from 1 to 100 the
# cautious rule is far ahead without noise. With noise of size 1 its mean loss is :n:`settled[1]:.3f`, AdamW's
# :n:`settled[0]:.3f`.

scales = torch.logspace(0, 2, 64, dtype=torch.float64)
many = og.Problem(lambda p: (scales * p**2).sum() / 2, (64,), starts=[np.ones(64)])
small = [og.AdamW.at(lr=0.01, **without), og.CautiousAdamW.at(lr=0.01, **without)]
og.plot_loss({rule.func.__name__: og.descend(rule, many, steps=600, noise=1.0) for rule in small})

# %%

# proof: without noise the cautious rule ends a thousand times lower; in noise it settles higher
clean = [og.descend(rule, many, steps=400).loss[-1] for rule in small]
noisy = [og.descend(rule, many, steps=1500, noise=1.0) for rule in small]
settled = [run.loss[500:].mean() for run in noisy]
assert clean[1] < clean[0] / 1000
assert 1.02 < settled[1] / settled[0] < 1.25

# %%

# proof: in noise the update and the gradient, of which it holds a tenth, have the same sign in 64 %
# of the cases
passed = (noisy[1].states["m"][501:] * noisy[1].grad[500:] > 0).mean()
np.testing.assert_allclose(passed, 0.5 + np.arcsin(np.sqrt(0.19)) / np.pi, atol=0.01)

# %%
# The scale is that of a whole tensor. If few of its coordinates agree, these jump: one of a hundred that agrees moves
# a hundred times as far as under AdamW. On a map with two coordinates the factor is only ever 1 or 2.

# proof: after 99 of 100 gradients have turned, the one that has not is moved a hundred times as far
steps = {}
for rule in (og.AdamW, og.CautiousAdamW):
    weights = torch.nn.Parameter(torch.zeros(100, dtype=torch.float64))
    optimizer = rule([weights], lr=0.01, weight_decay=0)
    for t in range(11):
        before = weights.detach().clone()
        weights.grad = torch.ones_like(weights) * (1 if t < 10 else -1)
        weights.grad[0] = 1
        optimizer.step()
    steps[rule.__name__] = (weights.detach() - before).numpy()
np.testing.assert_allclose(steps["CautiousAdamW"][0] / steps["AdamW"][0], 100)
np.testing.assert_array_equal(steps["CautiousAdamW"][1:], 0)

# %%
# Provenance
# ----------
# :cite:t:`liang2024`, with the scale of the authors' ``c_adamw.py``: divided by the share that agrees, or by 0.001. Their
# ``c_lion.py``, the first version of ``c_adamw.py`` and ``pytorch_optimizer`` multiply by :math:`n / (k + 1)` instead, if
# :math:`k` of :math:`n` coordinates agree, which makes steps shorter even if all do: by a third on a map. The authors
# add ``eps`` to the root before its bias is corrected, here it stands where PyTorch's AdamW has it; with ``eps`` of nearly
# zero the two take the same steps.
#
# .. oracles:: CautiousAdamW
