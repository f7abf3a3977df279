r"""
AdamW
=====

AdamW is Adam with the weight decay kept out of the gradient: in each step every weight shrinks by the same share,
whether its gradients are large or small.
"""

from functools import partial

import numpy as np
import torch

import optguide as og
from optguide import study


@og.surface(box=((-1, 7), (-1, 7)), starts=((0.0, 0.0),), minima=((5, 5),), shading="sqrt")
def ramps(x, y):
    """Two smooth V-shaped valleys added: the one in y is a hundred times as steep."""
    return torch.sqrt(1 + (x - 5) ** 2) + 100 * torch.sqrt(1 + (y - 5) ** 2)


penalty = partial(torch.optim.Adam, lr=0.05, weight_decay=0.3)
decoupled = og.AdamW.at(lr=0.05, weight_decay=0.3)
race = og.race({"Adam, penalty in the gradient": penalty, "AdamW": decoupled}, ramps, steps=400)
race

# %%
# The ring marks the minimum of the loss alone, at (5, 5). Both rules are told to decay by 0.3. Adam ends at
# (:n:`x:.2f`, :n:`y:.2f`): the weight with small gradients is held far back and the one with large gradients hardly at
# all. AdamW ends at (:n:`u:.2f`, :n:`v:.2f`), on the diagonal.

# proof: with the penalty in the gradient, a weight with large gradients hardly decays;
# AdamW decays both alike
x, y = race["Adam, penalty in the gradient"].theta[-1]
u, v = race["AdamW"].theta[-1]
assert x < 3 and y > 4.9
np.testing.assert_allclose(u, v, atol=1e-6)
assert u < 3.5

# %%

og.card(og.AdamW)

# %%
# The rule
# --------
# Weight decay pulls every weight towards zero, so that only those stay large which the loss needs large. Here the decay
# has a line of its own. It does not enter the gradient, nor the two averages made of gradients.

og.pseudocode(og.AdamW)

# %%

og.pseudocode(og.AdamW).hyperparameters

# %%
# What it repairs
# ---------------
# The older way adds a penalty :math:`\lambda\theta^2/2` to the loss, and with it :math:`\lambda\theta` to the gradient.
# For SGD the two are the same: its step is :math:`-\eta(g + \lambda\theta)`, which shrinks the weight by the share
# :math:`\eta\lambda`. :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` divides the sum by its recent size, about
# :math:`\sqrt{\hat v}`. The weight then shrinks by the share :math:`\eta\lambda/\sqrt{\hat v}`, which is small where
# gradients are large. That is the picture above. PyTorch's ``Adam`` still means this by ``weight_decay``.
#
# A weight that the loss does not use shows the opposite fault. Its gradient is the penalty alone, and
# :math:`\lambda\theta` divided by its own size is a sign, in which :math:`\lambda` no longer appears. So Adam takes it
# down by about one learning rate per step: from (3, 4) to (:n:`tiny[0]:.2f`, :n:`tiny[1]:.2f`) in 20 steps of 0.1,
# whether the decay is 1 or 0.001. AdamW, told to decay by 0.001, leaves (:n:`ours[0]:.3f`, :n:`ours[1]:.3f`).

# proof: Adam takes an unused weight down equally for a decay of 0.001 and of 1;
# AdamW by what was asked for
flat = {"function": lambda x, y: 0 * x, "start": (3, 4), "steps": 20, "lr": 0.1}
tiny = og.descend(torch.optim.Adam, weight_decay=0.001, **flat).theta[-1]
large = og.descend(torch.optim.Adam, weight_decay=1.0, **flat).theta[-1]
ours = og.descend(og.AdamW, weight_decay=0.001, **flat).theta[-1]
np.testing.assert_allclose(tiny, large, atol=1e-3)
np.testing.assert_allclose(ours, np.array([3, 4]) * (1 - 0.1 * 0.001) ** 20)

# %%
# What follows from the formula alone, measured for every rule in the same way, here with the default decay:

study.traits(og.AdamW)

# %%
# One knob: the weight decay
# --------------------------
# The more decay, the further from the loss's own minimum the descent ends, on the side of zero. This bowl has its
# minimum at (0, -0.4). At a decay of 0.1 AdamW ends at y = :n:`ends[1]:.3f`, at a decay of 1 at :n:`ends[2]:.3f`.

bowl = og.surfaces.unit_bowl
decays = {f"weight_decay = {w}": og.AdamW.at(lr=0.05, weight_decay=w) for w in (0.0, 0.1, 1.0)}
knob = og.race(decays, bowl, steps=200)
knob.plot()

# %%
# Where it stops, the loss still pulls and the decay pulls back. In the charts, ``m`` dies out along x, where both want
# zero. Along y it stays at :n:`m[1]:.2f`: the average gradient never vanishes.

run = knob["weight_decay = 1.0"]
og.animate({"AdamW, weight decay 1": run}, panels=("map", "m", "v"))

# %%

# proof: the decay moves the end towards zero, where the gradient of the loss is not zero
ends, m = [one.theta[-1, 1] for one in knob.values()], run.states["m"][-1]
np.testing.assert_allclose(ends, (-0.4, -0.39, -0.324), atol=2e-3)
assert abs(m[0]) < 1e-4 < 0.05 < m[1]

# %%
# The whole axis of learning rates
# --------------------------------
# The decay is the default, 0.01. At small learning rates AdamW is Adam. A larger learning rate is a larger decay, too,
# and so AdamW's best one is lower, :n:`rates.best["AdamW"]:.2g` instead of :n:`rates.best["Adam"]:.2g`. At 10 the decay
# wins: every descent ends near the origin, where the loss is 1.

rates = study.rates(og.AdamW, beside=og.Adam)
rates

# %%

# proof: at small learning rates AdamW is Adam; its best one is lower and its best loss higher,
# and at 10 it ends near zero
lr, data = rates.sweep.data.lr.values, rates.sweep.data
adamw, adam = data.loss.median(("seed", "start")).sel(optimizer=["AdamW", "Adam"]).values
np.testing.assert_allclose(adamw[:12], adam[:12], rtol=0.02)
assert lr[11] > 0.00068
assert rates.best["AdamW"] < rates.best["Adam"] / 1.5
assert rates.loss["AdamW"] > 2 * rates.loss["Adam"]
assert abs(data.theta.sel(optimizer="AdamW", lr=10)).max() < 0.1 and 0.9 < adamw[-1] < 1.05

# %%
# Basins
# ------
# A start has a colour if its descent ends within 0.001 of the lowest loss. Under AdamW only
# :n:`100 * basins.reached["AdamW"]:.0f` % do, since the decay moves where it ends. It hardly moves which minimum
# that is near: from :n:`100 * nearest:.1f` % of the starts it is the one that Adam finds, and AdamW ends a little
# closer to zero. The coloured islands are starts with a short way: a long steep one leaves ``v`` large, which weakens
# Adam's step and not the decay.

basins = study.basins(og.AdamW.at(lr=0.1), beside=og.Adam.at(lr=0.1))
basins

# %%

# proof: from nearly every start AdamW ends beside the minimum that Adam finds, on the side of zero
found = basins.sweep.data.squeeze()
minima, end = found.minima.values, found.theta.sel(optimizer="AdamW").values
near = np.linalg.norm(end[..., None, :] - minima, axis=-1).argmin(-1)
nearest = (near == found.minimum.sel(optimizer="Adam").values).mean()
inside = np.linalg.norm(end, axis=-1) < np.linalg.norm(minima, axis=-1)[near]
assert nearest > 0.99 and inside.mean() > 0.99
assert basins.reached["Adam"] > 0.99 and 0.2 < basins.reached["AdamW"] < 0.4

# %%
# How to set it
# -------------
# A step leaves the share :math:`1 - \eta\lambda` of a weight that the loss does not use, so after :math:`T` steps
# about :math:`e^{-\lambda \sum \eta}` is left. PyTorch's defaults, 0.001 and 0.01, forget such a weight in
# :math:`1/(\eta\lambda)` = 100,000 steps. In a shorter training that decay does next to nothing: to have an effect,
# :math:`\lambda \sum \eta` must be near 1 or above. So the right value depends on the number of steps.
# :cite:t:`loshchilov2019` suggest a decay in proportion to :math:`1/\sqrt T`.
#
# Only the product counts, so halve one and double the other, and the decay is the same. A schedule lowers the sum: a
# cosine from the full learning rate to zero has half of it, and :n:`half:.3f` of the decay.

# proof: the decay follows the sum of the learning rates: half of them with twice the decay
# is the same, a cosine is half
unused = partial(og.descend, og.AdamW, function=lambda x, y: 0 * x, start=(3, 4), steps=200)
cosine = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=200)
steady = unused(lr=0.1, weight_decay=0.1).theta
traded = unused(lr=0.05, weight_decay=0.2).theta
cooled = unused(lr=0.1, weight_decay=0.1, schedule=cosine).theta
np.testing.assert_allclose(steady, traded)
np.testing.assert_allclose(steady[-1] / (3, 4), np.exp(-0.1 * 0.1 * 200), rtol=0.02)
half = (np.log(cooled[-1] / (3, 4)) / np.log(steady[-1] / (3, 4)))[0]
np.testing.assert_allclose(half, 0.5, atol=0.01)

# %%
# Where it fails
# --------------
# With a penalty in the loss one can write down what is minimised. With AdamW one cannot: it rests where
# :math:`\hat m/\sqrt{\hat v} = -\lambda\theta`, and ``v`` forgets slowly. So the point above is not at rest. After 200,
# 400 and 800 steps y is :n:`drift[0]:.3f`, :n:`drift[1]:.3f` and :n:`drift[2]:.3f`.

longer = og.descend(og.AdamW.at(lr=0.05, weight_decay=1.0), bowl, steps=800)
longer.plot_loss()

# %%

# proof: as ``v`` shrinks, the point of balance keeps moving for hundreds of steps
drift = longer.theta[[200, 400, 800], 1]
assert drift[2] < drift[1] - 0.01 < drift[0] - 0.02

# %%
# Provenance
# ----------
# :cite:t:`loshchilov2019`, algorithm 2. The paper multiplies the decay by a schedule alone and not by the base
# learning rate. PyTorch and most libraries multiply it by ``lr``, and so does this rule, so a ``weight_decay`` from the
# paper is a much smaller number than one for this rule.
#
# .. oracles:: AdamW

# proof: torch.optim.AdamW takes the same steps
theirs = og.descend(torch.optim.AdamW, bowl, steps=200, lr=0.05, weight_decay=1.0)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)
