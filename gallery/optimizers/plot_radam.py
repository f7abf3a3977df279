r"""
RAdam
=====

Adam divides by a scale that it has to learn first. RAdam waits: its first five steps are plain momentum, and from then
on the steps start short and grow, by a factor that follows from how uncertain the scale still is.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

race = og.race([og.Adam, og.RAdam], og.surfaces.unit_bowl, lr=0.05, steps=200)
race

# %%
# The chart of step lengths tells the two apart. After five steps of momentum, RAdam brings in the scale with a factor
# of :n:`r[5, 2]:.3f`. It all but stops, and slowly gathers speed again. Adam has taken full steps from the start.

# proof: after five steps of momentum RAdam's step shrinks to a twentieth and grows again
length = np.linalg.norm(np.diff(race["RAdam"].theta, axis=0), axis=1)
assert length[:5].min() > 0.04 and length[5] < 0.003 and length[5] < length[4] / 20
assert length[5] < length[19] < length[49]

# %%

og.card(og.RAdam)

# %%
# The rule
# --------
# ``m`` and ``v`` are :ref:`Adam's <sphx_glr_gallery_optimizers_plot_adam.py>`, and the scale is the root of ``v``. The
# number :math:`\rho` says on how many gradients the scale rests by now. Up to 5 of them it is left out. From then on it
# counts, and the step is multiplied by the rectification factor ``r``, which rises from almost 0 to 1.

og.pseudocode(og.RAdam)

# %%

og.pseudocode(og.RAdam).hyperparameters

# %%
# What it repairs
# ---------------
# Early on Adam has seen few gradients. If these few are small by chance, the step is far too long. To measure it, give
# 4,000 weights gradients that are nothing but noise of size 1. The factor :math:`1/\sqrt{\hat v}`, by which Adam
# multiplies a gradient, should then be 1 for each of them. The blue line is how widely it spreads over the weights.

t, beta2 = np.arange(1, 1001)[:, None], np.array((0.9, 0.99, 0.999))
most = 2 / (1 - beta2) - 1
rho = most - 2 * t * beta2**t / (1 - beta2**t)
share = (rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)
r = np.sqrt(np.where(rho > 5, share, np.nan))

squares, weights = np.random.default_rng(0).normal(size=(1000, 4000)) ** 2, 0.999**-t
spread = np.std((np.cumsum(weights * squares, 0) / np.cumsum(weights, 0)) ** -0.5, axis=1)
fig, ax = plt.subplots(layout="constrained")
ax.loglog(t, spread, color=og.Adam.color, label="the factor of Adam")
ax.loglog(t, spread * r[:, 2], color=og.RAdam.color, label="times r: the factor of RAdam")
ax.set(xlabel="step", ylabel="spread over 4,000 weights", title="r keeps the spread constant")
ax.legend()

# %%
# ``r`` makes the green line flat, and this is how.
#
# First, how many gradients does ``v`` rest on? After :math:`t` steps its weights are proportional to
# :math:`\beta_2^{a}` for an age :math:`a` from 0 to :math:`t-1`, so a gradient in it is
# :math:`\frac{\beta_2}{1-\beta_2} - \frac{t\beta_2^t}{1-\beta_2^t}` steps old on average. In a simple mean of the last
# :math:`\rho` gradients that is :math:`(\rho-1)/2`. Setting the two equal gives
#
# .. math::
#
#    \rho_t = \rho_\infty - \frac{2t\beta_2^t}{1-\beta_2^t},\qquad \rho_\infty = \frac{2}{1-\beta_2} - 1.
#
# Second, how uncertain is one over the root of a mean of :math:`\rho` squares of noise? :math:`1/v` is then
# :math:`\rho/\chi^2_\rho`, with the mean :math:`\rho/(\rho-2)` and the variance :math:`2\rho^2/((\rho-2)^2(\rho-4))`.
# For the root of a quantity, the variance is about that of the quantity over four times its mean:
#
# .. math::
#
#    \operatorname{Var}\frac{1}{\sqrt v} \approx \frac{\rho}{2(\rho-2)(\rho-4)}.
#
# It is finite only for :math:`\rho` above 4. Third, ``r`` is the root of that variance at the end over that variance
# now. The factor times ``r`` then spreads as widely at all times as it will at last, by :n:`final:.4f`. The
# approximation is poor at first: after six gradients ``r`` is too careful. From thirty on it is right to a tenth.

# proof: ``rho`` is the length of a simple mean whose gradients are as old as those in ``v``;
# from thirty gradients on ``r`` keeps the spread within a tenth of its final value
for n in (1, 30, 1000):
    old = np.average(np.arange(n), weights=0.999 ** np.arange(n))
    np.testing.assert_allclose((rho[n - 1, 2] - 1) / 2, old, atol=1e-8)
final = np.sqrt(1999 / (2 * 1997 * 1995))
steady = (spread * r[:, 2])[[29, 99, 999]]
np.testing.assert_allclose(steady, final, rtol=0.1)
assert spread[0] > 20 and 0.35 < spread[5] < 0.5 and spread[999] < 0.03
assert 0.6 * final < spread[5] * r[5, 2] < 0.8 * final

# %%
# So noise moves the weights less at the start. Here 400 weights stand at the minimum of a bowl, and their gradients are
# noise. It is small, 0.001, but Adam divides by its size. A linear
# :ref:`warm-up <sphx_glr_gallery_foundations_plot_warm_up.py>` of Adam over 2,000 steps, which :cite:t:`ma2021` advise,
# protects them better still: after 100 steps they have spread by :n:`away[2][100]:.4f`, under RAdam by
# :n:`away[1][100]:.4f` and under Adam by :n:`away[0][100]:.3f`.


def bowl(*weights):
    return 0.001 * (torch.stack(weights) ** 2).sum(0) / 2


warm = partial(torch.optim.lr_scheduler.LinearLR, start_factor=1 / 2000, total_iters=2000)
noise = {"start": np.zeros(400), "steps": 100, "lr": 0.01, "noise": 0.001}
noisy = [og.descend(rule, bowl, **noise) for rule in (og.Adam, og.RAdam)]
noisy.append(og.descend(og.Adam, bowl, schedule=warm, **noise))
away = [np.std(run.theta, axis=1) for run in noisy]
fig, ax = plt.subplots(layout="constrained")
ax.plot(np.transpose(away), label=["Adam", "RAdam", "Adam, warmed up"])
ax.set(xlabel="step", ylabel="spread of 400 weights", title="Where pure noise leads")
ax.legend()

# %%

# proof: under noise RAdam moves the weights less than a third as far as Adam, a warm-up less still
adam, radam, warmed = away
assert adam[10] > 20 * radam[10]
assert adam[100] > 3 * radam[100] > 6 * warmed[100]

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.RAdam)

# %%
# One knob: the memory of the scale
# ---------------------------------
# ``beta2`` sets on how many gradients the scale will rest, and with it the length of the warm-up. ``r`` is one half at
# step :n:`half[0]` with 0.9, at :n:`half[1]` with 0.99 and at :n:`half[2]` with 0.999. The first five steps are
# momentum's in all three cases. Below two thirds :math:`\rho_\infty` is less than 5, and RAdam is momentum for ever.

fig, ax = plt.subplots(layout="constrained")
ax.semilogx(t, r, label=[f"beta2 = {b}" for b in beta2])
ax.set(xlabel="step", ylabel="r", title="The longer the memory, the longer the warm-up")
ax.legend()

# %%

# proof: ``r`` takes 11, 61 or 556 steps to one half; with a ``beta2`` of 0.6 RAdam is momentum
half = [int(t[line > 0.5][0, 0]) for line in r.T]
assert half == [11, 61, 556] and (np.isnan(r).sum(axis=0) == 5).all()
never = og.descend(og.RAdam, og.surfaces.unit_bowl, lr=0.05, steps=50, betas=(0.9, 0.6))
mean = never.states["m"][1:] / (1 - 0.9 ** np.arange(1, 51))[:, None]
np.testing.assert_allclose(np.diff(never.theta, axis=0), -0.05 * mean)

# %%
# The whole axis of learning rates
# --------------------------------
# RAdam's axis ends early. From :n:`edge:.2g` on more than half of the starts diverge, and they do within five steps,
# before the scale has had any say. Below that limit the careful steps that follow hardly move: its best median is
# :n:`rates.loss["RAdam"] / rates.loss["Adam"]:.0f` times Adam's.

rates = study.rates(og.RAdam, beside=og.Adam)
rates

# %%

# proof: where RAdam diverges, it is by its first five steps; its best loss is over fifty times
# Adam's
gone = rates.sweep.data.diverged_at.sel(optimizer="RAdam")
often = (gone >= 0).mean(("seed", "start")) > 0.5
edge = float(gone.lr[often][0])
assert 3e-4 < rates.best["RAdam"] < 4e-3 < edge < 0.012 and gone.max() <= 5
assert rates.loss["RAdam"] > 50 * rates.loss["Adam"]

# %%
# Basins
# ------
# At 0.03, :n:`100 * basins.reached["RAdam"]:.0f` % of the starts reach a minimum, instead of
# :n:`100 * basins.reached["Adam"]:.0f` % with Adam. The islands are starts that five steps of momentum happen to bring
# near one. From the grey ones the way is still long when ``r`` begins at :n:`r[5, 2]:.3f`; the black corners diverge.

basins = study.basins(og.RAdam.at(lr=0.03), beside=og.Adam.at(lr=0.03))
basins

# %%

# proof: on Himmelblau's function RAdam reaches a minimum from less than half as many starts as Adam
ended = (basins.sweep.data.diverged_at.sel(optimizer="RAdam") >= 0).mean()
assert basins.reached["Adam"] > 0.75 and 0.2 < basins.reached["RAdam"] < 0.35
assert 0.005 < ended < 0.03

# %%
# How to set it
# -------------
# The first five steps are in proportion to the gradient, so the learning rate has momentum's limit: start with a
# thousandth (on Rosenbrock's function :n:`rates.best["RAdam"]:.2g` was best), and lower it if the loss jumps at the
# start. If that is too small for later, leave the first steps out, as the authors' code can, or use Adam with a linear
# warm-up over :math:`2/(1-\beta_2)` steps, which :cite:t:`ma2021` find as good.

# %%
# Where it fails
# --------------
# For five steps RAdam lacks what Adam has over momentum: where gradients are large, its steps are long. In a ravine, at
# a learning rate that suits Adam, it diverges before it has divided by any scale.

ravine = og.surfaces.ravine.replace(condition=100)
thrown = og.race([og.Adam, og.RAdam], ravine, lr=0.3, steps=150)
thrown.table()

# %%
# And without noise there is nothing to be careful about. On
# :ref:`Booth's function <sphx_glr_gallery_landscapes_plot_booth_and_matyas.py>` RAdam's five steps of momentum happen
# to be good ones. Then its steps are short, and Adam overtakes it.

booth = og.race([og.Adam, og.RAdam], og.surfaces.booth, lr=0.1, steps=300)
booth.plot()

# %%

# proof: in a ravine RAdam diverges within five steps; without noise it ends a thousand times
# higher than Adam
assert thrown["Adam"].loss[-1] < 1e-4 and thrown["RAdam"].diverged_at <= 5
adam, radam = booth.values()
assert radam.loss[5] < adam.loss[5] / 3 and radam.loss[-1] > 1000 * adam.loss[-1]

# %%
# Provenance
# ----------
# :cite:t:`liu2020`, algorithm 2. The listing leaves the scale out up to :math:`\rho` = 4, the authors' code and PyTorch
# up to 5; this rule follows the code. Whether the variance of the scale is what makes a warm-up necessary is disputed:
# :cite:t:`ma2021` point to the size of the early steps instead.
#
# .. oracles:: RAdam

# proof: torch.optim.RAdam takes the same steps
theirs = og.descend(torch.optim.RAdam, og.surfaces.unit_bowl, lr=0.05, steps=200)
np.testing.assert_allclose(theirs.theta, race["RAdam"].theta, atol=1e-9)
