r"""
Momentum
========

Momentum adds up past gradients. What keeps changing its sign cancels, what keeps its direction accumulates, and so it
gets through a long ravine in far fewer steps than plain descent.
"""

from functools import partial

import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
tuned = {"SGD": og.SGD.at(lr=2 / 101), "Momentum": og.Momentum.at(lr=4 / 121, momentum=81 / 121)}
race = og.race(tuned, ravine, start=(-3.6, 0.3), steps=120)
race

# %%
# Both rules have the settings that theory finds best for this ravine, a hundred times as curved across as along.
# Momentum swings further out at first. After 120 steps SGD is still zigzagging with a loss of
# :n:`race["SGD"].loss[-1]:.2f`, and momentum's is down to :n:`race["Momentum"].loss[-1]:.0e`.

og.card(og.Momentum)

# %%
# The rule
# --------
# The method is also called the heavy ball, for a ball with friction moves like this: each gradient gives it a push,
# and from step to step it keeps a share ``momentum``, or :math:`\gamma`, of its velocity ``v``.

og.pseudocode(og.Momentum)

# %%

og.pseudocode(og.Momentum).hyperparameters

# %%
# While the gradient does not change, the pushes add up to :math:`1 + \gamma + \gamma^2 + \dots = 1 / (1 - \gamma)`
# gradients. With the default of 0.9 that is ten: in the long run momentum moves ten times as fast as SGD with the
# same learning rate.

# proof: under a constant gradient the velocity grows to 10 gradients
plane = og.descend(og.Momentum.at(lr=0.01), lambda x, y: x + 2 * y, start=(0, 0))
np.testing.assert_allclose(plane.states["v"][-1], (10, 20), rtol=1e-6)

# %%
# What it repairs
# ---------------
# :ref:`SGD <sphx_glr_gallery_optimizers_plot_sgd.py>` needs a number of steps that grows with the ratio
# :math:`\kappa` of the two curvatures, since its best factor per step is :math:`(\kappa - 1) / (\kappa + 1)`. With
# the best pair of settings, :math:`\eta = 4 / (\sqrt{\lambda_1} + \sqrt{\lambda_2})^2` and
# :math:`\gamma = \left((\sqrt\kappa - 1) / (\sqrt\kappa + 1)\right)^2`, momentum's factor is about
# :math:`(\sqrt\kappa - 1) / (\sqrt\kappa + 1)` :cite:p:`polyak1964`, and :math:`\sqrt\kappa` takes the place of
# :math:`\kappa`.
#
# In this ravine that makes :n:`few[100]` steps instead of :n:`many[100]`. In a ravine with four times the curvature
# across, which is half as wide, SGD needs four times as many steps, :n:`many[400]`, and momentum about twice as many,
# :n:`few[400]`.

# proof: at four times the curvature SGD needs four times as many steps, momentum about twice
many, few = {}, {}
for condition in (100, 400):
    land, root = ravine.replace(condition=condition), condition**0.5
    ball = {"lr": 4 / (root + 1) ** 2, "momentum": ((root - 1) / (root + 1)) ** 2}
    slow = og.descend(og.SGD, land, steps=2000, lr=2 / (condition + 1))
    fast = og.descend(og.Momentum, land, steps=200, **ball)
    many[condition] = int(np.argmax(np.linalg.norm(slow.theta, axis=1) < 1e-3))
    few[condition] = int(np.argmax(np.linalg.norm(fast.theta, axis=1) < 1e-3))
assert 406 < many[100] < 416 and 53 < few[100] < 59
assert np.linalg.norm(race["Momentum"].theta[few[100] :], axis=1).max() < 1e-3
assert 3.9 < many[400] / many[100] < 4.1 and 1.9 < few[400] / few[100] < 2.4

# %%
# Measured in the same way for every rule:

study.traits(og.Momentum)

# %%
# One knob: the momentum
# ----------------------
# The nearer to 1, the less friction. With 0.5 there is hardly any speed to build up. With 0.9 the ball runs past the
# minimum by :n:`past[0.9]:.2f` and comes back. With 0.99 it still swings after 300 steps.

knob = {f"momentum = {b}": og.Momentum.at(lr=0.01, momentum=b) for b in (0.5, 0.9, 0.99)}
frictions = og.race(knob, ravine, steps=300)
frictions.plot()

# %%

# proof: with more momentum it runs further past the minimum, and 0.9 ends lowest
past = {b: float(frictions[f"momentum = {b}"].theta[:, 0].max()) for b in (0.5, 0.9, 0.99)}
low, middle, high = (run.loss[-1] for run in frictions.values())
assert past[0.5] <= 0 < 0.5 < past[0.9] < 0.6 and past[0.99] > 2.8
assert middle < 1e-8 and 1e-6 < low < 1e-4 < high

# %%
# How fast do the swings die? Along a curvature :math:`\lambda` the rule reads
# :math:`x_{t+1} = (1 + \gamma - \eta \lambda) \, x_t - \gamma \, x_{t-1}`. Its
# :ref:`characteristic roots <sphx_glr_gallery_foundations_plot_momentum_as_an_oscillator.py>` have the product
# :math:`\gamma`; where they are complex, each has the modulus :math:`\sqrt\gamma`. So a swing with momentum 0.99
# shrinks by half a percent per step, whatever the learning rate. The expression below shows it without waiting for
# two peaks: for a swing :math:`x_t = r^t \cos \omega t` it is :math:`r^{2t} \sin^2 \omega`.

# proof: :math:`x_t^2 - x_{t-1} x_{t+1}` is multiplied by :math:`\gamma` in every step
for b in (0.5, 0.9, 0.99):
    x = frictions[f"momentum = {b}"].theta[:60, 0]
    swing = x[1:-1] ** 2 - x[:-2] * x[2:]
    np.testing.assert_allclose(swing[1:], b * swing[:-1], rtol=1e-5, atol=1e-12)

# %%
# The whole axis of learning rates
# --------------------------------
# At the left end momentum's median loss is :n:`lead:.0f` times lower than SGD's, because its effective learning rate
# is ten times higher. At its best it is :n:`rates.loss["SGD"] / rates.loss["Momentum"]:.0f` times lower. But its
# descents begin to diverge sooner, at :n:`rates.diverged["Momentum"]:.2g` where SGD does so at
# :n:`rates.diverged["SGD"]:.2g`.

rates = study.rates(og.Momentum, beside=og.SGD)
rates

# %%
# In a straight ravine it would be the other way round: there the limits are :math:`2 (1 + \gamma) / \lambda` for
# momentum and :math:`2 / \lambda` for SGD. But the walls of Rosenbrock's valley rise with the fourth power of x: the
# higher a descent gets on them, the larger the curvature. At :n:`lr:.2g` momentum's speed carries
# :n:`100 * higher[0]:.0f` % of the descents above the loss they started from; with SGD none gets there.

# proof: at its best momentum is over five times lower; half of its descents diverge sooner, as it
# carries some above their start
losses = rates.sweep.data.loss.fillna(np.inf).median("start").squeeze().values
lead = losses[1, 0] / losses[0, 0]
assert lead > 4 and rates.loss["Momentum"] < rates.loss["SGD"] / 5
gone = (rates.sweep.data.diverged_at >= 0).mean("start").squeeze().values >= 0.5
assert gone[0].argmax() < gone[1].argmax()
lr, valley = rates.diverged["Momentum"], og.surfaces.rosenbrock
climbs = [
    og.descend(rule, valley, valley.sample(64), 200, lr=lr).loss for rule in (og.Momentum, og.SGD)
]
higher = [float((~(loss <= loss[0])).any(axis=0).mean()) for loss in climbs]
assert higher[0] > 0.1 and higher[1] == 0

# %%
# Basins
# ------
# On Himmelblau's function SGD divides the plane of starts into four quarters. Momentum runs through one basin into
# the next. From :n:`100 * basins.changed["SGD"]:.0f` % of the starts it ends in another minimum than SGD, and its
# borders are :n:`border[0] / border[1]:.0f` times as long.

basins = study.basins(og.Momentum.at(lr=0.01), beside=og.SGD.at(lr=0.01))
basins

# %%

# proof: momentum ends elsewhere from over a fifth of the starts; its borders are over six times as
# long
reached = basins.sweep.data.minimum.squeeze().values
border = (np.diff(reached, axis=2) != 0).mean(axis=(1, 2))
assert border[0] > 6 * border[1] and 0.2 < basins.changed["SGD"] < 0.4

# %%
# How to set it
# -------------
# The default of 0.9 is the usual first choice; :cite:t:`goodfellow2016`, section 8.3.2, name 0.5, 0.9 and 0.99 as
# common values. As the effective learning rate is :math:`\eta / (1 - \gamma)`, lower the learning rate when you raise
# the momentum: with 0.99 a tenth of it moves as fast in the long run as with 0.9.
#
# Where it fails
# --------------
# It overshoots. In the ravine, which has no bump at all, :n:`rises` of 200 steps raise the loss.

# proof: with the default momentum, between 80 and 100 of 200 steps in the ravine raise the loss
long = og.descend(og.Momentum.at(lr=0.01), ravine, steps=200)
rises = int((np.diff(long.loss) > 0).sum())
assert 80 < rises < 100

# %%
# Its speed can also carry it out of the right valley. From (-0.55, 0.25) on the tilted camel, SGD descends to the
# deepest point. Momentum, with the same learning rate, runs past it and comes to rest in a local minimum.

camel = og.surfaces.tilted_camel
pair = {"SGD": og.SGD.at(lr=0.1), "Momentum": og.Momentum.at(lr=0.1)}
both = og.race(pair, camel, start=(-0.55, 0.25), steps=200)
both

# %%
# One start proves little. Of 400 starts spread over the whole square, SGD reaches the deepest point from :n:`hits[0]`
# and momentum from :n:`hits[1]`: there speed helps more often than it hurts.

# proof: from one start SGD alone finds the deepest point; of 400, momentum does from more
deepest = camel.known_minima()[0]
np.testing.assert_allclose(both["SGD"].theta[-1], deepest, atol=1e-4)
np.testing.assert_allclose(both["Momentum"].theta[-1], (0.808, -0.633), atol=1e-3)
grid = np.linspace(-0.95, 0.95, 20)
starts = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
ends = [og.descend(rule, camel, start=starts, steps=400).theta[-1] for rule in pair.values()]
hits = [int((np.abs(end - deepest).max(axis=1) < 0.02).sum()) for end in ends]
assert hits[0] + 40 < hits[1] < 300

# %%
# Provenance
# ----------
# The heavy-ball method is that of :cite:t:`polyak1964`, equation (9). :cite:t:`rumelhart1986` train networks with it.
# :cite:t:`goh2017` explains it with interactive pictures.
#
# There are two conventions. As in PyTorch, ``v`` is here a sum of gradients, and the learning rate multiplies it as a
# whole. Many textbooks put the learning rate inside the velocity, :math:`v \leftarrow \gamma v + \eta g` and
# :math:`\theta \leftarrow \theta - v`. While the learning rate is constant, this is the same path.
#
# PyTorch has a further setting, ``dampening``, which shrinks each new gradient. By default it is 0, which is none.
#
# .. oracles:: Momentum

# proof: torch.optim.SGD with momentum=0.9 takes the same steps
run = og.descend(og.Momentum.at(lr=0.01), ravine, steps=120)
theirs = og.descend(torch.optim.SGD, ravine, steps=120, lr=0.01, momentum=0.9)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# The two part when the learning rate changes. Here a schedule divides it by ten after step 15. The form of this page
# slows down at once. The textbook's goes on with the velocity that it has.


class Textbook(og.Optimizer):
    """Momentum whose velocity contains the learning rate."""

    @staticmethod
    def update(theta, grad, t, v, *, lr=1e-3, momentum=0.9):
        v = momentum * v + lr * grad(theta)
        theta = theta - v
        return theta, v


drop = partial(torch.optim.lr_scheduler.StepLR, step_size=15, gamma=0.1)
parted = og.race([og.Momentum, Textbook], ravine, steps=60, lr=0.01, schedule=drop)
parted.plot()

# %%

# proof: with the learning rate inside the velocity a constant one gives the same path
textbook = og.descend(Textbook, ravine, steps=120, lr=0.01)
np.testing.assert_allclose(textbook.theta, run.theta, atol=1e-12)

# %%

# proof: at a tenth of the learning rate our step is a tenth at once, the textbook's nine tenths
ours, textbooks = (np.diff(each.theta[14:17, 0]) for each in parted.values())
assert ours[1] < 0.1 * ours[0] and textbooks[1] > 0.9 * textbooks[0]
