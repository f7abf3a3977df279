r"""
NAdam
=====

NAdam is Adam with Nesterov's look-ahead: the newest gradient counts once more, so the descent turns sooner and runs
less far past a minimum. In return it needs smaller learning rates, and takes longer steps where gradients are noisy.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
race = og.race([og.Adam, og.NAdam], ravine, lr=0.3, steps=150)
race

# %%
# In the ravine NAdam bends into the floor and runs :n:`past[1]:.2f` past the minimum, Adam :n:`past[0]:.2f`. It stays
# within 0.1 of it after :n:`settled[1]` steps, Adam after :n:`settled[0]`. In the end Adam is nearer: NAdam has begun
# to jump to and fro across the ravine, for a reason given below.

# proof: NAdam runs a third as far past the minimum as Adam, or less, and is near it for good sooner
past = [run.theta[:, 0].max() for run in race.values()]
far = [np.linalg.norm(run.theta, axis=1) > 0.1 for run in race.values()]
settled = [int(np.flatnonzero(distant)[-1]) + 1 for distant in far]
assert past[0] > 0.8 and past[1] < past[0] / 3 and settled[0] - settled[1] > 20
assert race["NAdam"].loss[-1] > 10 * race["Adam"].loss[-1]

# %%

og.card(og.NAdam)

# %%
# The rule
# --------
# The averages ``m`` and ``v`` are :ref:`Adam's <sphx_glr_gallery_optimizers_plot_adam.py>`. New is the line for
# :math:`\hat m`. Adam steps along ``m``. NAdam steps along what ``m`` would become if the same gradient came again: the
# share :math:`\nu` of ``m``, and :math:`1 - \mu` of the gradient itself.

og.pseudocode(og.NAdam)

# %%

og.pseudocode(og.NAdam).hyperparameters

# %%
# The momentum :math:`\mu` begins at half of ``beta1`` and rises towards it, very slowly: half of the rise is done when
# :math:`0.96^{0.004\,t} = 1/2`, after :math:`\ln 2 / (0.004 \ln(1/0.96))` = :n:`rise:,.0f` steps. So for long the
# newest gradient alone has the share :math:`1 - \mu`, about :n:`100 * (1 - mu):.0f` %, of the direction.

# proof: the momentum begins at 0.45, and half of its rise takes 4,245 steps
product = og.respond(og.NAdam, np.ones_like, steps=500, lr=1.0).states["p"][1:]
momenta = product / np.append(1, product[:-1])
mu, rise = momenta[0], np.log(2) / (0.004 * np.log(1 / 0.96))
rising = 0.9 * (1 - 0.5 * 0.96 ** (0.004 * np.arange(1, 501)))
np.testing.assert_allclose(momenta, rising, rtol=1e-9)
np.testing.assert_allclose(momenta[[0, 299]], (0.450, 0.472), atol=1e-3)
np.testing.assert_allclose(rise, 4245, atol=1)

# %%
# What it repairs
# ---------------
# An average is slow to notice that the gradient has turned. Show Adam a gradient of 1 for twenty steps and then of -1:
# five more steps go the old way. NAdam's line drops below zero at the turn.
#
# With ``momentum_decay=1000`` (dashed) the momentum is ``beta1`` at once. That is Nesterov's look-ahead and nothing
# else: after the turn, each step is the one that Adam takes one step later.

turn = {"signal": og.signals.rectangles, "steps": 40, "lr": 1.0}
adam, nadam = (og.respond(rule, **turn).update for rule in (og.Adam, og.NAdam))
ahead = og.respond(og.NAdam, **turn, momentum_decay=1000).update
fig, ax = plt.subplots(layout="constrained")
ax.plot(adam, "o-", ms=3, color=og.Adam.color, label="Adam")
ax.plot(nadam, "o-", ms=3, color=og.NAdam.color, label="NAdam")
ax.plot(ahead, "--", lw=1, color="gray", label="momentum_decay = 1000")
ax.set(title="The gradient turns at t = 20: NAdam turns with it", xlabel="t")
ax.set_ylabel("step, in learning rates")
ax.legend()

# %%

# proof: after a turn Adam takes five steps the old way, NAdam none;
# with the full momentum NAdam is one step ahead of Adam
assert (adam[20:25] > 0.1).all() and adam[25] < 0.01 and nadam[20] < -0.2
np.testing.assert_allclose(ahead[20:39], adam[21:40], atol=2e-3)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.NAdam)

# %%
# One knob: how fast the momentum rises
# -------------------------------------
# The faster the momentum rises, the smaller is the share of the newest gradient, the nearer NAdam comes to Adam, and
# the further it runs past the minimum.

speeds = {f"momentum_decay = {d}": og.NAdam.at(momentum_decay=d) for d in (0.004, 0.1, 1, 1000)}
knob = og.race(speeds, ravine, lr=0.3, steps=150)
knob.plot()

# %%

# proof: the faster the momentum rises, the further NAdam runs past the minimum
shot = [run.theta[:, 0].max() for run in knob.values()]
assert shot[0] < shot[1] < shot[2] < shot[3] < past[0]

# %%
# The whole axis of learning rates
# --------------------------------
# Up to 0.005 the two can hardly be told apart. But NAdam's best learning rate is :n:`rates.best["NAdam"]:.2g` instead
# of :n:`rates.best["Adam"]:.2g`, and at 1 it ends :n:`worse:.0f` times as high as Adam. Neither ever diverges.

rates = study.rates(og.NAdam, beside=og.Adam)
rates

# %%

# proof: at small learning rates NAdam is like Adam; its best one is less than half as large
median = rates.sweep.data.loss.fillna(np.inf).median(("seed", "start"))
ratio = (median.sel(optimizer="NAdam") / median.sel(optimizer="Adam")).values
worse = ratio[30]
np.testing.assert_allclose(ratio[:17], 1, atol=0.15)
assert rates.best["Adam"] > 2 * rates.best["NAdam"] and worse > 10
assert rates.diverged["Adam"] is rates.diverged["NAdam"] is None

# %%
# Basins
# ------
# Half of NAdam's starts are near a minimum at step :n:`came[1]:.0f`, half of Adam's at step :n:`came[0]:.0f`. It does
# not come to rest as well: :n:`100 - 100 * basins.reached["NAdam"]:.0f` % of its starts, in grey lines along the
# coordinates of the minima, are not within a loss of 0.001 at the end. Of these :n:`100 * had:.0f` % had been.

basins = study.basins(og.NAdam.at(lr=0.1), beside=og.Adam.at(lr=0.1))
basins

# %%

# proof: NAdam is near a minimum sooner, and leaves some of them again: two thirds and more of those
# that are not near one at the end
steps = basins.sweep.data.arrived_at.sel(optimizer=["Adam", "NAdam"])
came = steps.median(("seed", "start_y", "start_x")).values
assert came[1] < 0.8 * came[0] and (steps[1] >= 0).mean() > 0.95
away = basins.sweep.data.minimum.sel(optimizer="NAdam").values < 0
had = (steps[1].values[away] >= 0).mean()
assert had > 2 / 3
assert basins.reached["Adam"] > 0.99 > 0.96 > basins.reached["NAdam"] > 0.88

# %%
# How to set it
# -------------
# Take a learning rate a few times smaller than one that suits Adam, and lower it towards the end. Under noise expect
# nothing from the look-ahead: it makes the steps longer and brings the descent no nearer, as measured below.
# ``momentum_decay`` of 0.004 is the paper's. In a training of 1000 steps the momentum then only rises from 0.45 to
# :n:`0.9 * (1 - 0.5 * 0.96**4):.2f`.

# %%
# Where it fails
# --------------
# As with :ref:`Nesterov's method <sphx_glr_gallery_optimizers_plot_nesterov.py>`, looking ahead lowers the
# :term:`stability limit`. Hold the scale and the momentum :math:`\mu` still, and let the gradient alternate between
# :math:`g` and :math:`-g`. The average of it is :math:`\pm a g`, and from :math:`a = -\beta_1 a + (1 - \beta_1)`
# follows :math:`a = \frac{1-\beta_1}{1+\beta_1}`. A step of NAdam is then :math:`\eta\,(1 - \mu + \mu a)\,g`. In a bowl
# of curvature 1, where :math:`g` is the distance from the minimum, a step leads to the other side at the same height if
# it is :math:`2g` long. So the descent is stable below
#
# .. math::
#
#    \eta = \frac{2}{1 - \mu + \mu\,\frac{1-\beta_1}{1+\beta_1}},
#
# which is :n:`limits[0]:.2f` for :math:`\mu = 0.45`. Adam steps along the average alone, :math:`\mu = 1`, and is stable
# up to :n:`limits[1]:.0f`.

# proof: with a scale held constant NAdam is stable up to 3.49, Adam up to 38
limits = [2 / (1 - mu + mu * 0.1 / 1.9) for mu in (0.45, 1)]
np.testing.assert_allclose(limits, (3.486, 38), rtol=1e-3)
for rule, limit in zip((og.NAdam.at(momentum_decay=0), og.Adam), limits, strict=True):
    lrs = 1e9 * limit * np.array((0.97, 1.03))
    # From so near that what the first, corrected steps do is over before it counts as diverged.
    pair = og.descend(rule, lambda x: x**2 / 2, [1e-12], 1500, lr=lrs, eps=1e9)
    assert list(pair.diverged_at > 0) == [False, True] and abs(pair.theta[-1, 0, 0]) < 1e-15

# %%
# In a real descent the scale shrinks with the gradients, so the learning rate divided by it grows towards that limit,
# and the descent jumps to and fro. At a learning rate of 1 NAdam covers :n:`way[1] / way[0]:.0f` times Adam's distance
# across the ravine.

fast = og.race([og.Adam, og.NAdam], ravine, lr=1.0, steps=300)
fast.plot()

# %%
# A rule that turns at once also follows the :term:`noise`. Under noise of size 1 the average ``m`` has the size
# :math:`\sqrt{(1-\beta_1)/(1+\beta_1)}`, :n:`old:.2f` with the defaults. NAdam adds :math:`1-\mu` of the newest
# gradient, which is not averaged at all, to :math:`\mu` of it. Its steps are :n:`ratio:.1f` times as long as Adam's.
# They lead no further away, though.

# proof: under noise NAdam's steps are 2.4 to 2.8 times as long as Adam's, and lead no further away
way = [np.abs(np.diff(run.theta[:, 1])).sum() for run in fast.values()]
assert way[1] > 20 * way[0]
noise = {"start": np.zeros(400), "steps": 300, "lr": 0.01, "noise": 1.0}
paths = [
    og.descend(rule, lambda *x: torch.stack(x).square().sum(0) / 2, **noise).theta[-101:]
    for rule in (og.Adam, og.NAdam)
]
ratio = np.divide(*(np.diff(path, axis=0).std() for path in reversed(paths)))
late, old = 0.9 * (1 - 0.5 * 0.96 ** (0.004 * 250)), np.sqrt(0.1 / 1.9)
np.testing.assert_allclose(
    ratio, np.hypot(1 - late + late * 0.1, late * 0.9 * old) / old, rtol=0.05
)
assert 2.4 < ratio < 2.8
np.testing.assert_allclose(paths[1][-1].std(), paths[0][-1].std(), rtol=0.1)

# %%
# Provenance
# ----------
# :cite:t:`dozat2016`. Like PyTorch, this rule keeps ``m`` with a constant ``beta1`` and uses the rising momentum for
# the look-ahead and its corrections, where his listing has the rising momentum throughout. The two do not quite match:
# on a gradient that never changes, the first steps are not one learning rate long as Adam's are, but
# :n:`steady[0]:.2f`, :n:`steady[1]:.2f` and :n:`steady[2]:.2f`. Optax has no schedule: its momentum is ``beta1`` from
# the start. PyTorch keeps the product of the momenta in its default dtype, usually float32, which shows in
# the ninth digit.
#
# .. oracles:: NAdam

# proof: torch.optim.NAdam takes the same steps; on a constant gradient the first three are uneven
theirs = og.descend(torch.optim.NAdam, ravine, lr=0.3, steps=120)
np.testing.assert_allclose(theirs.theta, race["NAdam"].theta[:121], rtol=0, atol=1e-7)
steady = og.respond(og.NAdam, np.ones_like, steps=400, lr=1.0).update
np.testing.assert_allclose(steady[:3], (1.056, 0.784, 0.732), atol=1e-3)
np.testing.assert_allclose(steady[-1], 1, atol=1e-3)
