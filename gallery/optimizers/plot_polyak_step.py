r"""
Polyak's step size
==================

If the height of the minimum is known, no learning rate is needed: the height that is left, over the squared length of the
gradient, is the step size. It never settles in a minimum that is too high.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

camel = og.surfaces.six_hump_camel
lowest = float(camel(*camel.known_minima()[0]))
rules = {
    "SGD, lr 0.02": og.SGD.at(lr=0.02),
    "Adam, lr 0.1": og.Adam.at(lr=0.1),
    "Polyak's step": og.PolyakStep.at(f_star=lowest),
}
race = og.race(rules, camel, start=(-1.8, 0.9), steps=300)
race

# %%
# SGD and Adam go down to the nearest of six minima, which is not one of the two lowest. Polyak's step size is told their
# height, :n:`lowest:.4f`. In the high minimum some height is left and the gradient is nearly zero, so the steps become
# long, and it leaves. From :n:`reached["PolyakStep"]:.1%` of a grid of starts it ends in one of the lowest minima, SGD from
# :n:`reached["SGD"]:.0%` and Adam from :n:`reached["Adam"]:.0%`.

# proof: Polyak's step ends in a lowest minimum here and from more than 99 of 100 starts, the others
# from fewer than two thirds
ends = [run.loss[-1] for run in race.values()]
assert ends[2] < lowest + 1e-6 and min(ends[:2]) > lowest + 0.5
named = [og.PolyakStep.at(f_star=lowest), og.SGD.at(lr=0.02), og.Adam.at(lr=0.1)]
reached = study.basins(named, surface=camel, starts=24).reached
assert reached["PolyakStep"] > 0.99 and max(reached["SGD"], reached["Adam"]) < 2 / 3

# %%

og.card(og.PolyakStep)

# %%
# The rule
# --------
# Were the loss a plane, a step of size :math:`a` would lower it by :math:`a \lVert g \rVert^2`. Setting this equal to what
# is left, :math:`f(\theta) - f^\star`, gives the step size. A rule of this guide can ask for the loss as it asks for the
# gradient; training it needs ``step(closure)``, and the closure returns the loss.

og.pseudocode(og.PolyakStep)

# %%

og.pseudocode(og.PolyakStep).hyperparameters

# %%
# What it repairs
# ---------------
# For a convex loss a minimum :math:`\theta^\star` lies behind the gradient:
# :math:`g \cdot (\theta - \theta^\star) \ge f(\theta) - f^\star`. So after a step of size :math:`a`
#
# .. math:: \lVert \theta - a g - \theta^\star \rVert^2 \le \lVert \theta - \theta^\star \rVert^2
#           - 2 a \, (f(\theta) - f^\star) + a^2 \lVert g \rVert^2.
#
# The right side is smallest at Polyak's :math:`a`, and is less than the squared distance before. So every step comes
# nearer, whatever the curvature. The loss may rise on the way. In the ravine SGD with a fair learning rate is at
# :n:`ravine[0].loss[-1]:.2f` after 100 steps, Polyak's step size at :n:`ravine[1].loss[-1]:.0e`.

narrow = og.surfaces.ravine
pair = {"SGD, lr 0.03": og.SGD.at(lr=0.03), "Polyak's step": og.PolyakStep}
ravine = list(og.race(pair, narrow, steps=100).values())
og.plot_loss(dict(zip(pair, ravine, strict=True)))

# %%

# proof: on a convex loss every step comes nearer to the minimum, by at least the amount of the
# formula, though the loss rises at times
run, distance = ravine[1], np.square(ravine[1].theta).sum(1)
gain = run.loss[:-1] ** 2 / np.square(run.grad).sum(1)
assert (np.diff(distance) <= -gain * (1 - 1e-9)).all() and np.diff(run.loss).max() > 0
assert run.loss[-1] < 1e-8 < ravine[0].loss[-1]

# %%
# In a parabola the step leads to the middle between where we stand and the minimum, for any curvature: the height is
# half of what the plane expects. That is what ``c`` is for: at 0.5 the step is twice as long, and in a parabola it is
# Newton's.

# proof: on a parabola of any curvature Polyak's step halves the distance, and one of twice the
# length ends in the minimum
for curvature in (0.01, 1.0, 300.0):
    parabola = og.Problem(lambda x, k=curvature: k * (x - 3).square().sum() / 2, (1,), [[-5.0]])
    half = og.descend(og.PolyakStep, parabola, steps=1).theta[-1, 0]
    full = og.descend(og.PolyakStep.at(c=0.5), parabola, steps=1).theta[-1, 0]
    np.testing.assert_allclose([half, full], [-1, 3], atol=1e-12)

# %%
# What follows from the formula alone, measured for every rule in the same way. The noise of the last row is in the
# gradients and not in the loss, which is exactly zero at the bottom: there it does not move at all.

study.traits(og.PolyakStep)

# %%
# One knob: the height of the minimum
# -----------------------------------
# All depends on ``f_star``. If it is too low, the last steps are too long, and the descent is thrown out again and
# again, the farther the nearer it has come. If it is too high, the descent stops where that height is reached; from
# below, where the step size is negative, it climbs back.

heights = {f"f_star = {f}": og.PolyakStep.at(f_star=f) for f in (-0.1, 0.0, 0.1)}
knob = og.race(heights, narrow, steps=300)
og.plot_loss(knob)

# %%

# proof: told a height that is 0.1 too large it ends at that height; told one that is 0.1 too low
# it does not come to rest: each step from within 0.02 of the minimum ends more than 0.07 away
low, right, high = knob.values()
assert abs(high.loss[-1] - 0.1) < 1e-6 and right.loss[-1] < 1e-25
assert low.loss[-100:].max() > 0.1 > low.loss[-100:].min()
away = np.linalg.norm(low.theta, axis=1)
assert (away[:-1] < 0.02).any() and (away[1:][away[:-1] < 0.02] > 0.07).all()

# %%
# No axis of learning rates
# -------------------------
# On Rosenbrock's function from 64 starts its median loss after 200 steps is :n:`rates.loss["PolyakStep"]:.4f`. Adam reaches
# :n:`rates.loss["Adam"]:.3f` at the best of 37 learning rates. This comparison favours Polyak's step size: that the minimum
# has height zero is more than a learning rate tells.

rates = study.rates(og.PolyakStep, beside=og.Adam)
rates

# %%

# proof: told the height of the minimum it ends lower than Adam at its best learning rate
assert rates.loss["PolyakStep"] < rates.loss["Adam"] / 5

# %%
# How to set it
# -------------
# Use it where the lowest loss is known. For networks that can fit all of their data, :cite:t:`loizou2021` set ``f_star``
# to 0 for every batch, divide by less, with a ``c`` of 0.2 in the code of their experiments, and bound the step size. A
# bound, ``eta_max``, matters at points where the gradient is nearly zero and the loss is not. If weight decay or noisy
# labels keep the loss above zero, zero is too low, and the steps stay too long. :cite:t:`kasimbeg2025b` tested rules
# without a learning rate on the workloads of a benchmark: at the settings of the literature they did poorly, and after a
# search for better ones the best of them still came slightly behind NAdamW, whose settings had been searched in the same
# way.
#
# Where it fails
# --------------
# It does not settle in a minimum whose height it was not told. Here it descends to a height that the surface does not
# have, and in 1,000 steps comes to no rest.

wrong = og.descend(og.PolyakStep.at(f_star=lowest - 1), camel, start=(-1.8, 0.9), steps=1000)
wrong.plot_map()

# %%

# proof: told a height that is 1 too low it still takes steps longer than 0.1 at the end
moves = np.linalg.norm(np.diff(wrong.theta[-101:], axis=0), axis=1)
assert moves.max() > 0.1

# %%
# Provenance
# ----------
# :cite:t:`polyak1969`, for losses with kinks; ``c`` and the bound are those of :cite:t:`loizou2021`, who by default let
# the step size grow no more than to its double in an epoch, which is not done here. In ``optax.polyak_sgd`` the argument
# ``scaling`` divides the step instead of multiplying it as its documentation says, since the gradient is scaled before it
# is squared; there the step is also zero if the squared gradient is below 2.2e-16.
#
# .. oracles:: PolyakStep

# proof: in training, the loss that the closure returns sets the step
point = torch.nn.Parameter(torch.tensor([3.0, -4.0]))
optimizer = og.PolyakStep([point])
optimizer.step(lambda: setattr(point, "grad", 2 * point.detach()) or point.square().sum().item())
assert torch.equal(point.detach(), torch.tensor([1.5, -2.0]))
