r"""
StableAdamW
===========

After a quiet stretch AdamW's scale is far too small for the gradients that follow, and its steps become several
learning rates long. StableAdamW measures how far the gradients of a tensor have outgrown the scale, and divides the
learning rate by it.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

wake = {"signal": lambda t: np.where(t < 500, 0.01, 1.0), "steps": 560, "lr": 1.0}
rules = {rule.__name__: partial(rule, betas=(0.9, 0.999)) for rule in (og.AdamW, og.StableAdamW)}
found = {name: og.respond(rule, weight_decay=0.0, **wake) for name, rule in rules.items()}
fig, ax = plt.subplots(layout="constrained")
for name, response in found.items():
    ax.plot(response.t[490:], response.update[490:], label=name, color=response.color)
ax.set(title="A hundredfold gradient from t = 500", xlabel="t", ylabel="step, in learning rates")
ax.legend()

# %%
# At t = 500 the gradient becomes a hundred times as large. AdamW's average follows within ten steps, its scale within a
# thousand, and in between a step is up to :n:`longest["AdamW"]:.1f` learning rates long. StableAdamW's steps become
# shorter at first and then grow to one learning rate.

# proof: AdamW's longest step is over 3 learning rates, StableAdamW's one
longest = {name: response.update.max() for name, response in found.items()}
assert longest["AdamW"] > 3 and longest["StableAdamW"] < 1.001
assert found["StableAdamW"].update[500] < 0.2

# %%

og.card(og.StableAdamW)

# %%
# The rule
# --------
# Up to the averages it is :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`, with the corrections of the bias moved
# into the decay rates: at the first step they are 0 and the averages are the gradient and its square. ``r`` is the root
# mean square of gradient over scale in the whole tensor. In a steady state it is 1. If it is larger, the learning
# rate is divided by it, and with it the weight decay.

og.pseudocode(og.StableAdamW)

# %%

og.pseudocode(og.StableAdamW).hyperparameters

# %%

# proof: while no gradient outgrows its scale it is AdamW, decay included
fading = {"signal": lambda t: 0.95**t, "steps": 100, "lr": 0.1}
same = [og.respond(rule, betas=(0.8, 0.95), **fading) for rule in (og.AdamW, og.StableAdamW)]
np.testing.assert_allclose(same[1].theta, same[0].theta, atol=1e-12)

# %%
# What it repairs
# ---------------
# For a tensor of one coordinate the quotients cancel: if :math:`r > 1`, the step is
#
# .. math::
#
#    \frac{\eta}{|g|/\sqrt{v}} \cdot \frac{m}{\sqrt{v}} = \eta\,\frac{m}{|g|},
#
# and the stale :math:`v` is gone. In a larger tensor only the mean over its coordinates is bounded.
# :cite:t:`wortsman2023` find in the training of large vision-language models that a spike of the loss follows one to
# eight steps after the gradients of some layer outgrow ``v``. The bound is that of Adafactor's update clipping.
# Clipping the gradient is no substitute: it bounds its size, and here the size that would be harmless depends on ``v``.

# proof: while r > 1, a single coordinate moves by m / abs(g)
stable = found["StableAdamW"]
v = stable.states["v"][1:]
outgrown = stable.gradient > np.sqrt(v) * (1 + 1e-6)
quotient = stable.states["m"][1:] / stable.gradient
np.testing.assert_allclose(stable.update[outgrown], quotient[outgrown], rtol=1e-4)
assert outgrown[500:].all()

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.StableAdamW)

# %%
# One knob: the memory of the scale
# ---------------------------------
# The longer ``v`` remembers the quiet, the longer AdamW's steps. This is why large models are trained with a ``betas[1]``
# of 0.95 or 0.99. StableAdamW's longest step is the same with all of them.

memories = (0.9, 0.95, 0.99, 0.999)
steps = {
    name: [
        og.respond(rule.func, betas=(0.9, b), weight_decay=0.0, **wake).update.max()
        for b in memories
    ]
    for name, rule in rules.items()
}
rows = [[f"{b}", *(f"{steps[name][i]:.2f}" for name in steps)] for i, b in enumerate(memories)]
og.Table("Longest step after the quiet, in learning rates", ["beta2", *steps], rows)

# %%

# proof: AdamW's longest step grows with beta2, StableAdamW's does not
assert np.all(np.diff(steps["AdamW"]) > 0) and steps["AdamW"][-1] > 3
np.testing.assert_allclose(steps["StableAdamW"], 1, atol=2e-3)

# %%
# The whole axis of learning rates
# --------------------------------
# On Rosenbrock's function with the same ``betas`` the two are close. The best learning rate is
# :n:`rates.best["StableAdamW"]:.2g` for both, and the losses there are
# :n:`rates.loss["StableAdamW"]:.3f` and :n:`rates.loss["AdamW"]:.3f`.

without = {"weight_decay": 0.0, "betas": (0.9, 0.99)}
rates = study.rates(og.StableAdamW.at(**without), beside=og.AdamW.at(**without))
rates

# %%

# proof: both have the same best learning rate, and losses there within a factor of 1.5
assert rates.best["StableAdamW"] == rates.best["AdamW"]
assert 1 / 1.5 < rates.loss["StableAdamW"] / rates.loss["AdamW"] < 1.5

# %%
# Basins
# ------
# A shorter step at the right time seldom leads elsewhere: from :n:`basins.changed["AdamW"]:.1%` of the starts the minimum
# is another one than AdamW's.

mild = {rule.__name__: rule.at(lr=0.1, **without) for rule in (og.StableAdamW, og.AdamW)}
basins = study.basins(mild)
basins

# %%

# proof: every start reaches a minimum, from over 99 % the one that AdamW reaches
assert basins.reached["StableAdamW"] > 0.99 and basins.changed["AdamW"] < 0.01

# %%
# How to set it
# -------------
# As AdamW. :cite:t:`wortsman2023` use it in place of clipping the gradient and find that it avoids the spikes at the
# scales that they test. Watching ``r`` of single layers tells where a spike begins.
#
# Where it fails
# --------------
# The bound holds for a tensor, not for its coordinates. One of a hundred whose gradient grows a thousandfold raises
# ``r`` to :n:`ratio:.1f`, and the other ninety-nine, whose gradients have not changed, slow down by that factor.

# proof: one coordinate's jump slows down 99 others by the root mean square
moved = {}
for name, rule in rules.items():
    weights = torch.nn.Parameter(torch.zeros(100, dtype=torch.float64))
    optimizer = rule.func([weights], lr=0.01, betas=(0.9, 0.99), weight_decay=0.0)
    for t in range(301):
        before = weights.detach().clone()
        weights.grad = torch.full_like(weights, 1.0)
        weights.grad[0] = 1000.0 if t == 300 else 1.0
        optimizer.step()
    moved[name] = (before - weights.detach()).numpy()
v = 1 + (1e6 - 1) * (1 - 0.99) / (1 - 0.99**301)
ratio = np.sqrt((1e6 / v + 99) / 100)
np.testing.assert_allclose(moved["AdamW"][1:] / moved["StableAdamW"][1:], ratio, rtol=1e-6)
assert ratio > 1.3

# %%
# Provenance
# ----------
# :cite:t:`wortsman2023`, algorithm 2. Inside ``r`` the scale is at least :math:`\epsilon`; the paper bounds its square by
# :math:`\epsilon^2`, which is the same. ``pytorch_optimizer`` has the same rule, and with ``kahan_sum`` a compensated sum
# for parameters of half precision; ``torch`` has none.
#
# .. oracles:: StableAdamW
