r"""
SGD
===

Gradient descent steps against the gradient, in proportion to it. The steepest direction limits how large the learning
rate may be; the flattest one decides how many steps it takes to
reach the minimum.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
three = {f"lr = {lr}": og.SGD.at(lr=lr) for lr in (0.002, 0.0195, 0.0201)}
race = og.race(three, ravine, steps=120)
race

# %%
# The ravine is a hundred times as curved across as along. With the small learning rate the descent is soon at the
# bottom of the ravine and creeps along it. With ten times as much it zigzags, and most of its motion is back and forth
# across the ravine. With 3 % more again, every jump ends a little higher than the one before.

og.card(og.SGD)

# %%
# The rule
# --------
# Nothing is remembered between steps: the gradient at the current point decides alone.

og.pseudocode(og.SGD)

# %%

og.pseudocode(og.SGD).hyperparameters

# %%
# What it rests on
# ----------------
# Every other rule of this guide repairs something in SGD. SGD itself rests on a fact of calculus. Along the step
# :math:`-\eta g`, a smooth function changes by :math:`-\eta \lVert g \rVert^2 + \frac{\eta^2}{2} g^\top H g + \dots`
# with the Hessian :math:`H`. If the learning rate :math:`\eta` is small, the first term is nearly all there is, and
# the loss falls.
#
# At the start in the ravine, a step with :math:`\eta = 0.00001` gains :n:`100 * gains[1e-5]:.2f` % of
# :math:`\eta \lVert g \rVert^2`. With 0.01 it gains :n:`100 * gains[1e-2]:.0f` %, because the gradient changes on the
# way.

# proof: in this ravine, a quadratic, one step lowers the loss by exactly
# :math:`\eta \lVert g \rVert^2 - \frac{\eta^2}{2} g^\top H g`
gains = {}
for lr in (1e-5, 1e-2):
    step = og.descend(og.SGD.at(lr=lr), ravine, steps=1)
    g = step.grad[0]
    first, second = lr * g @ g, lr**2 / 2 * g @ np.diag((1, 100)) @ g
    np.testing.assert_allclose(step.loss[0] - step.loss[1], first - second)
    gains[lr] = (step.loss[0] - step.loss[1]) / first
assert gains[1e-5] > 0.999 and 0.4 < gains[1e-2] < 0.6

# %%
# Measured in the same way for every rule:

study.traits(og.SGD)

# %%
# One knob: the learning rate
# ---------------------------
# In a bowl of curvature :math:`\lambda` the gradient is :math:`\lambda` times the distance from the minimum, so a
# step multiplies that distance by :math:`1 - \eta \lambda`. It shrinks as long as :math:`\eta < 2 / \lambda`. Across
# this ravine :math:`\lambda = 100`, and the limit is 0.02. Close to it the factor is nearly −1: that is the zigzag.

# proof: across the ravine each step multiplies the distance by 0.8, by −0.95 or by −1.01
for run, factor in zip(race.values(), (0.8, -0.95, -1.01), strict=True):
    np.testing.assert_allclose(run.theta[1:, 1], factor * run.theta[:-1, 1])

# %%
# The whole axis of learning rates
# --------------------------------
# On Rosenbrock's function the median loss changes little between 0.0001 and 0.001, and a little above that most descents
# diverge. The best learning rate is :n:`rates.best["SGD"]:.3g`, where :n:`100 * gone:.0f` % of them do so already.

rates = study.rates(og.SGD)
rates

# %%
# At the minimum the largest curvature is :n:`curvature:.0f`, which makes :n:`2 / curvature:.5f` the limit there. The
# best learning rate lies above it, since no descent has come to the minimum after 200 steps. Where they are by then,
# the valley is less curved, :n:`max(bends):.0f` at most, and learning rates up to :n:`2 / max(bends):.5f` are stable.

# proof: the best learning rate is above the limit at the minimum, and below that of every point
# at which a descent ends
best, valley = rates.best["SGD"], og.surfaces.rosenbrock
runs = og.descend(og.SGD.at(lr=best), valley, start=valley.sample(64), steps=200)
gone = float((runs.diverged_at >= 0).mean())
bent = torch.vmap(torch.func.jacrev(torch.func.grad(lambda p: valley(*p))))
ends = torch.tensor(np.vstack(([1.0, 1.0], runs.theta[-1, runs.diverged_at < 0])))
curvature, *bends = torch.linalg.eigvalsh(bent(ends))[:, -1].tolist()
assert 2 / max(bends) > best > 2 / curvature and 0.1 < gone < 0.35
level = rates.sweep.data.loss.median(("seed", "start")).squeeze().values[6:13]  # 1e-4 to 1e-3
assert level.max() < 1.3 * level.min() and np.linalg.norm(ends[1:] - 1, axis=1).min() > 0.1

# %%
# Basins
# ------
# Himmelblau's function has four minima. With a learning rate of 0.01 every start reaches one of them, and the plane
# falls into four quarters with smooth borders. With 0.02 two minima are out of reach: their largest curvatures are
# :n:`steep[2]:.0f` and :n:`steep[3]:.0f`, more than 2 / 0.02 = 100.

doubled = {"SGD at twice that": og.SGD.at(lr=0.02)}
basins = study.basins(og.SGD.at(lr=0.01), beside=doubled)
basins

# %%

# proof: with 0.02 no descent ends in a minimum whose curvature exceeds 100
hills = og.surfaces.himmelblau
bent = torch.vmap(torch.func.jacrev(torch.func.grad(lambda p: hills(*p))))
steep = torch.linalg.eigvalsh(bent(torch.tensor(hills.minima)))[:, -1].numpy()
slow, fast = basins.sweep.data.minimum.squeeze().values
assert set(fast.ravel()) == {-1, *np.flatnonzero(steep < 100)} == {-1, 0, 1}
assert basins.reached["SGD"] > 0.998 and np.bincount(slow[slow >= 0], minlength=4).min() > 2000

# %%
# How to set it
# -------------
# The best learning rate is often just below the one that diverges, so raise it by factors of three until the loss
# grows, and go back one.
#
# When the gradient is noisy, as on minibatches, the descent does not come to rest. In a bowl of curvature
# :math:`\lambda`, noise of variance :math:`\sigma^2` in each coordinate adds :math:`\eta^2 \sigma^2` to the variance
# of the iterate at every step, and the step shrinks it by :math:`(1 - \eta \lambda)^2`. The two balance at
#
# .. math:: \frac{\eta \sigma^2}{\lambda \, (2 - \eta \lambda)}.
#
# A tenth of the learning rate leaves about a tenth of the mean loss, but takes ten times as long to get there. This
# is why learning rates are lowered during training. :cite:t:`robbins1951` ask that the steps shrink, but slowly:
# their sum must be infinite and the sum of their squares finite, as it is for :math:`1 / t`.

two = {f"lr = {lr}": og.SGD.at(lr=lr) for lr in (0.1, 0.01)}
noisy = og.race(two, og.surfaces.sphere, steps=500, noise=1.0)
noisy.plot_loss()

# %%

# proof: under noise the mean loss is what that variance makes of it, at both learning rates
for lr in (0.1, 0.01):
    long = og.descend(og.SGD.at(lr=lr), og.surfaces.sphere, (0, 0), steps=5000, noise=1.0)
    variance = lr / (2 * (2 - 2 * lr))  # the curvature of x² + y² is 2
    np.testing.assert_allclose(long.loss[500:].mean(), 2 * variance, rtol=0.1)

# %%
# Where it fails
# --------------
# In a bowl with two curvatures :math:`\lambda_1 < \lambda_2`, the best constant learning rate makes both directions
# shrink equally fast: :math:`1 - \eta \lambda_1 = -(1 - \eta \lambda_2)`, hence
# :math:`\eta = 2 / (\lambda_1 + \lambda_2)`. The factor per step is then :math:`(\kappa - 1) / (\kappa + 1)`, where
# :math:`\kappa = \lambda_2 / \lambda_1`. In this ravine it is 99/101, and it takes :n:`steps` steps to come within
# 0.001 of the minimum. :ref:`Momentum <sphx_glr_gallery_optimizers_plot_momentum.py>` at its best needs :n:`few`.

# proof: at its best, SGD shrinks both distances by 99/101 per step, and needs about 411 steps;
# momentum needs about a seventh
tuned = og.descend(og.SGD.at(lr=2 / 101), ravine, steps=600)
steps = int(np.argmax(np.linalg.norm(tuned.theta, axis=1) < 1e-3))
np.testing.assert_allclose(np.abs(tuned.theta[1:100] / tuned.theta[:99]), 99 / 101)
ball = og.descend(og.Momentum.at(lr=4 / 121, momentum=81 / 121), ravine, steps=200)
few = int(np.argmax(np.linalg.norm(ball.theta, axis=1) < 1e-3))
assert 406 < steps < 416 and 6.5 < steps / few < 8

# %%
# SGD also stops wherever the gradient vanishes. On the tilted camel that is a local minimum, far from the deepest
# point.

camel = og.surfaces.tilted_camel
trapped = og.race([og.SGD.at(lr=0.1)], camel, steps=400)
trapped

# %%

# proof: it stops at (0.08, 0.41), where the gradient is zero
np.testing.assert_allclose(trapped["SGD"].theta[-1], (0.0751, 0.4088), atol=1e-3)
assert np.abs(trapped["SGD"].grad[-1]).max() < 1e-4
assert trapped["SGD"].loss[-1] > camel(*torch.tensor(camel.known_minima()[0])) + 0.1

# %%
# Provenance
# ----------
# :cite:t:`cauchy1847` stepped against the gradient to solve systems of equations. The word "stochastic" in the
# name comes from :cite:t:`robbins1951`, who do not yet descend on a loss: they look for the root of an increasing function of one
# variable that can only be measured with noise, by the steps of their equation (8), and show that these converge in
# mean square. With the derivative of a convex function as the increasing one, that is this rule.
#
# Here, SGD is the bare rule. ``torch.optim.SGD`` also offers weight decay and momentum, which in this guide is a rule
# of its own.
#
# .. oracles:: SGD

# proof: torch.optim.SGD without its options takes the same steps
theirs = og.descend(torch.optim.SGD, ravine, steps=120, lr=0.0195)
np.testing.assert_allclose(theirs.theta, race["lr = 0.0195"].theta, atol=1e-12)
