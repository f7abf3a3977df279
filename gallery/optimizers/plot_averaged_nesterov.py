r"""
Averaged Nesterov
=================

Three rules that look ahead several times per step and follow the mean gradient. This reduces noise that is new in every
evaluation. At equal cost it gains nothing: Nesterov with a smaller learning rate does as well.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

bowl = og.surfaces.ravine.replace(condition=10)


def noisy(x, y):
    """The same heights; each evaluation of the gradient has new noise of size 5."""
    along, across = 5 * torch.randn(2)
    return bowl(x, y) + along * (x - x.detach()) + across * (y - y.detach())


torch.manual_seed(0)
three = {
    "Nesterov": og.Nesterov.at(lr=0.01),
    "AveragedNesterov": og.AveragedNesterov.at(lr=0.01),
    "Nesterov, lr / 3": og.Nesterov.at(lr=0.01 / 3),
}
race = og.race(three, noisy, start=(-9, 3), steps=400, title="A bowl with noisy gradients")
race

# %%
# The noise of Nesterov's look-ahead keeps it moving. The mean of three looks has a third of the variance, and the
# averaged rule settles lower. But each of its steps evaluates three gradients. Nesterov with a third of the learning
# rate and three times as many steps evaluates as many, covers the same distance, and settles as low.

og.card(og.AveragedNesterov)

# %%
# The rules
# ---------
# :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>` evaluates the gradient where the velocity would lead.
# Here it is evaluated at three points on the way there.

og.pseudocode(og.AveragedNesterov)

# %%

og.pseudocode(og.AveragedNesterov).hyperparameters

# %%
# A second form gives later looks more weight, and a third form takes four looks, spread evenly.

og.pseudocode(og.WeightedNesterov)

# %%

og.pseudocode(og.SmoothedNesterov)

# %%
# What it repairs
# ---------------
# Under noise that is new in every evaluation, all three settle at less than half of Nesterov's mean loss, which is
# :n:`settled["Nesterov"]:.2f` in this bowl: the averaged rule at :n:`settled["AveragedNesterov"]:.2f`, the weighted
# one at :n:`settled["WeightedNesterov"]:.2f`, the smoothed one at :n:`settled["SmoothedNesterov"]:.2f`. Nesterov with
# a third of the learning rate and three times as many steps, so as many gradients as the averaged rule, settles at
# :n:`equal:.2f`.

# proof: AveragedNesterov settles at less than half of Nesterov's mean loss
rules = [og.Nesterov, og.AveragedNesterov, og.WeightedNesterov, og.SmoothedNesterov]
torch.manual_seed(0)
runs = og.race(rules, noisy, start=(-9, 3), steps=600, lr=0.01)
settled = {name: run.loss[200:].mean() for name, run in runs.items()}
assert settled["AveragedNesterov"] < settled["Nesterov"] / 2

# %%

# proof: WeightedNesterov and SmoothedNesterov do so, too
assert settled["WeightedNesterov"] < settled["Nesterov"] / 2
assert settled["SmoothedNesterov"] < settled["Nesterov"] / 2

# %%

# proof: with as many gradients and a third of the learning rate Nesterov settles about as low
small = og.descend(og.Nesterov, noisy, start=(-9, 3), steps=1800, lr=0.01 / 3)
equal = small.loss[600:].mean()
assert 0.6 < equal / settled["AveragedNesterov"] < 1.6

# %%
# Measured in the same way for every rule:

study.traits(og.AveragedNesterov)

# %%
# Without noise
# -------------
# In a bowl the gradient is linear, so the mean gradient at several points is the gradient at their mean. All three
# rules are then Nesterov with a shorter look-ahead: 2/3, 6/7 and 5/8 of the way. Even in Rosenbrock's curved valley
# the paths hardly differ.


class Shorter(og.Optimizer):
    """Nesterov, looking only a share of the way ahead."""

    @staticmethod
    def update(theta, grad, t, v, *, lr=1e-3, momentum=0.9, share=1.0):
        v = momentum * v + lr * grad(theta - share * momentum * v)
        theta = theta - v
        return theta, v


curved = og.race(rules, og.surfaces.rosenbrock, steps=150, lr=0.0005)
curved.table()

# %%

# proof: in a bowl the three rules are Nesterov with 2/3, 6/7 and 5/8 of its look-ahead
for rule, share in zip(rules[1:], (2 / 3, 6 / 7, 5 / 8), strict=True):
    short = og.descend(Shorter.at(share=share), bowl, start=(-9, 3), lr=0.01)
    mean = og.descend(rule, bowl, start=(-9, 3), lr=0.01)
    np.testing.assert_allclose(mean.theta, short.theta, rtol=0, atol=1e-12)

# %%

# proof: on Rosenbrock's function all four end within 0.1 of each other
assert np.ptp([run.theta[-1] for run in curved.values()], axis=0).max() < 0.1

# %%
# One knob: the momentum
# ----------------------
# The looks are spread over a distance of ``momentum`` times the velocity. Without momentum they coincide, and what is
# left is SGD at three times the cost.

knob = {f"momentum = {b}": og.AveragedNesterov.at(lr=0.01, momentum=b) for b in (0, 0.5, 0.9)}
frictions = {name: og.descend(rule, bowl, start=(-9, 3)) for name, rule in knob.items()}
og.plot_loss(frictions)

# %%

# proof: without momentum it is SGD, and more momentum ends lower
plain = og.descend(og.SGD.at(lr=0.01), bowl, start=(-9, 3))
np.testing.assert_allclose(frictions["momentum = 0"].theta, plain.theta, rtol=0, atol=1e-12)
none, some, most = (run.loss[-1] for run in frictions.values())
assert most < some < none

# %%
# The whole axis of learning rates
# --------------------------------
# Without noise, the four lines are one as far as the learning rates at which descents begin to diverge. There the
# length of the look-ahead decides: the further a rule looks, the sooner it diverges. At 0.0015 that is
# :n:`100 * gone["Nesterov"]:.0f` % of Nesterov's descents, and :n:`100 * gone["SmoothedNesterov"]:.0f` % with four
# looks, which on average see 5/8 of the way.

rates = study.rates(rules[0], beside=rules[1:])
rates

# %%

# proof: up to 0.0003 the medians agree to 0.15; at 0.0015 SmoothedNesterov diverges less often
data = rates.sweep.data.squeeze()
shares = (data.diverged_at >= 0).mean("start")[:, 13].values
gone = dict(zip(rates.best, shares.tolist(), strict=True))
assert np.ptp(data.loss.median("start").values[:, :10], axis=0).max() < 0.15
assert gone["SmoothedNesterov"] + 0.1 < gone["Nesterov"]

# %%
# Basins
# ------
# On Himmelblau's function the averaged rule ends in another minimum than Nesterov from
# :n:`100 * basins.changed["Nesterov"]:.0f` % of the starts, along borders that the shorter look-ahead makes a little
# longer: a small step back towards plain momentum.

basins = study.basins(og.AveragedNesterov.at(lr=0.003), beside=og.Nesterov.at(lr=0.003))
basins

# %%

# proof: from one to six percent of the starts it ends elsewhere, and its borders are longer
ends = basins.sweep.data.minimum.squeeze().values
border = (np.diff(ends, axis=2) != 0).mean(axis=(1, 2))
assert 0.01 < basins.changed["Nesterov"] < 0.06 and border[0] > border[1]

# %%
# How to set it
# -------------
# As Nesterov. But before you pay for three gradients per step, try Nesterov with a third of the learning rate.
#
# Where it fails
# --------------
# In training, the noise of a step comes from its batch, and all looks of one step see the same batch. The mean of
# equal errors is that error. There is nothing to average, and the shorter look-ahead damps a little less: the mean
# loss is :n:`losses[0]:.2f` with Nesterov, and with the three rules :n:`losses[1]:.2f`, :n:`losses[2]:.2f` and
# :n:`losses[3]:.2f`.

# proof: if all looks of a step see the same noise, the three rules settle higher than Nesterov
ravine = og.surfaces.ravine.replace(condition=100)
batches = {"start": (-9, 1.5), "steps": 500, "lr": 0.01, "noise": 10}  # one draw per step
losses = [og.descend(rule, ravine, **batches).loss[100:].mean() for rule in rules]
one, averaged, weighted, smoothed = losses
assert one < averaged < smoothed < 1.2 * one and one < weighted

# %%
# Provenance
# ----------
# :cite:t:`siarshai2017` sketches the first two rules for noisy gradients, and draws the third among the responses to
# noisy signals. The names are ours. PyTorch has none of them.
#
# .. oracles:: AveragedNesterov WeightedNesterov SmoothedNesterov

# proof: three steps by hand, with looks at 1/3, 2/3 and the whole of the way, give the same
ours = og.descend(og.AveragedNesterov, lambda x: x**4 / 4, start=(1,), steps=3, lr=0.1)
x, v = 1.0, 0.0
for _ in range(3):
    looks = [(x - share * 0.9 * v) ** 3 for share in (1 / 3, 2 / 3, 1)]
    v = 0.9 * v + 0.1 * sum(looks) / 3
    x -= v
np.testing.assert_allclose(ours.theta[-1], x, rtol=0, atol=1e-12)
