r"""
NAdam
=====

NAdam is Adam with Nesterov's look-ahead. The newest slope counts once more, so the walk turns sooner and runs less far
past a minimum. The price: it needs smaller learning rates, and where slopes are noisy its steps are longer.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.NAdam)

# %%
# The rule
# --------
# The :term:`running means <running mean>` ``m`` and ``v``, of the slope and of its square, are
# :ref:`Adam's <sphx_glr_gallery_optimizers_plot_adam.py>`. New is the line for :math:`\hat m`. Adam steps along ``m``. NAdam steps along
# what ``m`` would become if the same slope came again: a share :math:`\nu` of ``m``, and the slope itself once more.

og.pseudocode(og.NAdam)

# %%

og.pseudocode(og.NAdam).hyperparameters

# %%
# The shares follow a schedule. The momentum :math:`\mu` begins at half of ``beta1`` and rises towards it, very slowly:
# half of the rise takes 4,245 steps. So at first, and for long, 55% of the direction is the newest slope alone.

t = np.array([1, 300, 4245, 20_000])
mu = 0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3))
print("momentum at steps 1, 300, 4245 and 20,000:", mu.round(3))
np.testing.assert_allclose(mu[:3], (0.450, 0.472, 0.675), atol=1e-3)
product = og.respond(og.NAdam, np.ones_like, steps=2).states["p"].ravel()
np.testing.assert_allclose(product[1:], mu[0] ** np.arange(1, 3), rtol=1e-3)

# %%
# What it repairs
# ---------------
# A mean is slow to notice that the slope has turned. Show Adam a slope of 1 for twenty steps and then of -1: five more
# steps go the old way. In the picture, NAdam's line drops below zero at the turn, Adam's only later.
#
# With ``momentum_decay=1000`` (dashed) the momentum is ``beta1`` at once. That is Nesterov's look-ahead and nothing
# else: after the turn each step is the one that Adam takes one step later.

flip = {"signal": og.signals.rectangles, "steps": 40, "lr": 1.0}
adam = og.respond(og.Adam, **flip).update.ravel()
nadam = og.respond(og.NAdam, **flip).update.ravel()
ahead = og.respond(og.NAdam, **flip, momentum_decay=1000).update.ravel()

fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(adam, "o-", ms=3, color=og.Adam.color, label="Adam")
ax.plot(nadam, "o-", ms=3, color=og.NAdam.color, label="NAdam")
ax.plot(ahead, "--", lw=1, color="gray", label="momentum_decay = 1000")
ax.set(
    title="The slope turns at t = 20: NAdam turns with it",
    xlabel="t",
    ylabel="step, in learning rates",
)
ax.legend()

# %%

print("after the turn:", adam[20:27].round(2), nadam[20:27].round(2))
assert (adam[20:25] > 0.1).all() and adam[25] < 0.01 and nadam[20] < -0.2
np.testing.assert_allclose(ahead[20:39], adam[21:40], atol=2e-3)

# %%
# On a landscape this means less overshoot. In a ravine a hundred times steeper across than along, NAdam runs an eighth
# as far past the minimum as Adam, and stays within 0.1 of it after 59 steps, where Adam needs 75.


@og.surface(box=((-10, 2), (-2, 2)), starts=[(-9, 1.5)], minima=[(0, 0)], shading="log")
def ravine(x, y, *, k=100):
    """A straight ravine: k times steeper across than along."""
    return (x**2 + k * y**2) / 2


race = og.race([og.Adam, og.NAdam], ravine, lr=0.3, steps=150)
race.plot()

# %%

past = [float(walk.theta[:, 0].max()) for walk in race.values()]
far = [np.linalg.norm(walk.theta, axis=1) > 0.1 for walk in race.values()]
last = [int(np.flatnonzero(distant)[-1]) + 1 for distant in far]
print("past the minimum, Adam and NAdam:", np.round(past, 3))
print("within 0.1 for good, from step:  ", last)
assert 0.4 < past[0] < 0.65 and 0.04 < past[1] < 0.09
assert last[0] - last[1] > 10

# %%
# Watch it
# --------
# The same walk with its means. The trail bends into the floor of the ravine and hardly crosses it.

run = og.descend(og.NAdam, ravine, lr=0.3, steps=120)
og.animate({"NAdam": run}, panels=("map", "m", "v"))

# %%
# One knob: how fast the momentum rises
# -------------------------------------
# ``momentum_decay`` sets the schedule. The faster the momentum rises, the smaller the share of the newest slope, and
# the nearer NAdam comes to Adam, and the further it runs past the minimum.

knob = {f"momentum_decay = {d}": partial(og.NAdam, momentum_decay=d) for d in (0.004, 0.1, 1, 1000)}
decays = og.race(knob, ravine, lr=0.3, steps=150)
decays.plot()

# %%

shot = [float(walk.theta[:, 0].max()) for walk in decays.values()]
print("past the minimum, in the same order:", np.round(shot, 3))
assert shot[0] < shot[1] < shot[2] < shot[3] < past[0]

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley, 64 random starts, 200 steps.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.Adam, og.NAdam], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# Up to 0.005 one cannot tell them apart. But where Adam's best rates are, around 0.7, NAdam rattles already: at
# 1 it ends more than ten times higher. Its best rate is a few times smaller than Adam's. Neither loses a descent.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
best = lrs[median.argmin(axis=1)]
print("best rates:", best, " loss at a rate of 1:", median[:, 30])
np.testing.assert_allclose(median[1, :17] / median[0, :17], 1, atol=0.15)
assert best[0] > 2 * best[1] and median[1, 30] > 10 * median[0, 30]
assert (rates.data.diverged_at < 0).all()

# %%
# The plane of starts with four minima, at a rate of 0.1, says both things at once. NAdam is quicker: half of its starts
# have arrived at step 54, Adam's at step 84. And it is restless: one start in fourteen is not within a loss of 0.001
# in the end, the grey lines along the coordinates of the minima. From nearly all of them it had been.

hills = og.surfaces.himmelblau
basins = og.sweep([og.Adam, og.NAdam], hills, hills.grid(96), lr=0.1)
og.plot_basins(basins, "NAdam")

# %%

came = basins.data.arrived_at.squeeze().values
nowhere = (basins.data.minimum < 0).mean(("start_x", "start_y")).values.ravel()
print("median arrival:", np.median(came[0]), np.median(came[1]), nowhere)
assert np.median(came[1]) < 0.8 * np.median(came[0])
assert nowhere[0] < 0.01 < 0.04 < nowhere[1] < 0.12
assert (came[1] >= 0).mean() > 0.95

# %%
# Where it fails
# --------------
# As with :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>`, looking ahead lowers the :term:`stability
# limit`. To compute it, we hold two things still: a huge ``eps`` makes Adam's divisor, the scale, a constant, and
# ``momentum_decay=0`` does the same for the momentum :math:`\mu`. Jumps that change their sign at every step must not
# grow. In a bowl of curvature 1 this holds while the rate, divided by the scale, is below :math:`2 / (1 - \mu + \mu \tfrac{1 - \beta_1}{1 + \beta_1})`. With :math:`\mu` = 0.45 it is 3.49. Adam
# still arrives at 10.

limit = 2 / (1 - 0.45 + 0.45 * 0.1 / 1.9)
frozen = {"start": [1.0], "steps": 400, "eps": 1e9}
adam = og.descend(og.Adam, lambda x: x**2 / 2, lr=10e9, **frozen)
rates = 1e9 * limit * np.array([0.97, 1.03])
still = partial(og.NAdam, lr=rates, momentum_decay=0)
pair = og.descend(still, lambda x: x**2 / 2, **frozen)
print(f"limit: {limit:.3f}; the runs below and above it:")
print("x in the end:", pair.theta[-1].ravel(), " Adam, at 10:", adam.theta[-1])
assert list(pair.diverged_at > 0) == [False, True]
assert abs(pair.theta[-1, 0, 0]) < 1e-3 and abs(adam.theta[-1, 0]) < 1e-3

# %%
# In a real walk the scale is not constant. It shrinks as the slopes do, so the rate, divided by it, grows towards the
# limit, and the walk jumps to and fro. At a rate of 1 NAdam travels five times as far across the ravine as Adam.

fast = og.race([og.Adam, og.NAdam], ravine, lr=1.0, steps=300)
way = [np.abs(np.diff(walk.theta[:, 1])).sum() for walk in fast.values()]
print("way across the ravine, Adam and NAdam:", np.round(way, 1))
assert way[1] > 3 * way[0]

# %%
# A rule that turns at once also follows the :term:`noise`. Here 400 weights stand at the minimum of a bowl; their slopes are noise.
# In the end NAdam's steps are 2.6 times as long as Adam's. At least they lead no further away.


def bowl(*weights):
    return (torch.stack(weights) ** 2).sum(0) / 2


noise = {"start": np.zeros(400), "steps": 300, "lr": 0.01, "noise": 1.0}
calm = og.descend(og.Adam, bowl, **noise).theta
restless = og.descend(og.NAdam, bowl, **noise).theta
strides = np.diff(calm[-100:], axis=0), np.diff(restless[-100:], axis=0)
ratio = np.std(strides[1]) / np.std(strides[0])
print(f"steps of NAdam over those of Adam: {ratio:.2f}")
spread = np.std([calm[-1], restless[-1]], axis=1)
print("distance from the minimum, Adam and NAdam:", spread.round(4))
assert 2.4 < ratio < 2.8
np.testing.assert_allclose(spread[1], spread[0], rtol=0.1)

# %%
# Provenance
# ----------
# :cite:t:`dozat2016`. Like PyTorch we keep ``m`` with a constant ``beta1``, and use the rising momentum for the
# look-ahead and its corrections. The two do not quite match, so on a slope that never changes the first steps are not
# one learning rate long as Adam's are, but 1.06, 0.78 and 0.73. Optax has no schedule: its momentum is ``beta1`` from
# the start.

steady = og.respond(og.NAdam, np.ones_like, steps=400, lr=1.0).update.ravel()
print("steps 1, 2, 3 and 400:", steady[[0, 1, 2, 399]].round(3))
np.testing.assert_allclose(steady[:3], (1.056, 0.784, 0.732), atol=1e-3)
np.testing.assert_allclose(steady[-1], 1, atol=1e-3)

# %%
# PyTorch's own NAdam, on the same descent. It keeps the product of the momenta in single precision, which shows in the
# ninth digit.

theirs = og.descend(torch.optim.NAdam, ravine, lr=0.3, steps=120)
gap = np.abs(theirs.theta - run.theta).max()
print("largest difference to torch.optim.NAdam:", gap)
np.testing.assert_allclose(theirs.theta, run.theta, rtol=0, atol=1e-7)

# %%
# .. oracles:: NAdam
#
# Before this: :ref:`Adamax <sphx_glr_gallery_optimizers_plot_adamax.py>`, which changed the scale.
# Next: :ref:`AMSGrad <sphx_glr_gallery_optimizers_plot_amsgrad.py>`, whose scale never shrinks.
