r"""
Adan
====

Adan remembers two averages: that of the gradient and that of its change from step to step. Their sum is the gradient
one change ahead, as in Nesterov's method. It brakes a long momentum, so that swings die out sooner.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
rules = {
    "Adam": og.Adam.at(betas=(0.98, 0.99)),
    "NAdamW": og.NAdamW.at(betas=(0.98, 0.99), weight_decay=0),
    "Adan": og.Adan,
}
race = og.race(rules, ravine, lr=0.3, steps=300)
race

# %%
# All three average the gradient over fifty steps. With so long a memory Adam swings back and forth. Looking one step
# ahead, as NAdamW does, helps, and Adan helps more: its loss after 300 steps is :n:`ends["Adan"]:.0e`, NAdamW's
# :n:`ends["NAdamW"]:.0e` and Adam's :n:`ends["Adam"]:.0e`.

# proof: with the same memory of fifty steps Adan ends 100 times lower than NAdamW,
# and NAdamW 30 times lower than Adam
ends = {name: run.loss[-1] for name, run in race.items()}
assert ends["Adan"] < ends["NAdamW"] / 100 and ends["NAdamW"] < ends["Adam"] / 30

# %%

og.card(og.Adan)

# %%
# The rule
# --------
# In :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` both averages are of the gradient ``g``. Here ``d``, the change
# since the step before, gets an average of its own, ``m2``, and both ``m1`` and the gradient in ``v`` have ``beta2`` times
# the change added to them. At the first step nothing is known of a change.

og.pseudocode(og.Adan)

# %%

og.pseudocode(og.Adan).hyperparameters

# %%
# Weight decay divides by :math:`1 + \eta\lambda` after the step, where AdamW multiplies by :math:`1 - \eta\lambda` before
# it. The result minimises :math:`\frac{1}{2\eta}\|\theta - \theta'\|^2 + \frac{\lambda}{2}\|\theta\|^2`, where
# :math:`\theta'` is the point after the step: it is a proximal step, which stays stable for any :math:`\lambda`.

# proof: without its second average, beta2 = 0, Adan is Adam; a decay of 0.5 divides by 1.05 at
# a learning rate of 0.1
plain = og.descend(og.Adan.at(betas=(0.98, 0, 0.99)), ravine, lr=0.3, steps=300)
np.testing.assert_allclose(plain.theta, race["Adam"].theta, rtol=0, atol=1e-10)
decayed = og.respond(og.Adan.at(weight_decay=0.5), np.ones_like, steps=1, lr=0.1).theta[-1]
np.testing.assert_allclose(decayed, -0.1 / 1.05, rtol=1e-6)

# %%
# What it repairs
# ---------------
# Nesterov takes the gradient at a point ahead, :math:`\theta_t + \beta(\theta_t - \theta_{t-1})`, and a network pays for
# that with a second pass or with shifted weights. To first order the gradient there is
#
# .. math::
#
#    \nabla f(\theta_t) + \beta\,\nabla^2 f\,(\theta_t - \theta_{t-1}) \approx g_t + \beta\,(g_t - g_{t-1}),
#
# and both gradients are known. On a quadratic function it is the same number.
# :ref:`NAdamW <sphx_glr_gallery_optimizers_plot_nadamw.py>` looks ahead with the gradient of the present point; Adan's
# ``d`` knows how the gradient changes on the way. PyTorch's :ref:`NAdam
# <sphx_glr_gallery_optimizers_plot_nadam.py>` is a third way: its schedule gives the newest gradient half of the weight at
# first. In this ravine that brakes sooner still, to a loss of :n:`early["NAdam"]:.0e` after 200 steps, where Adan's is
# :n:`early["Adan"]:.0e`.

# proof: after 200 steps NAdam with its schedule is far lower than Adan, and Adan five times
# lower than NAdamW
early = {name: run.loss[200] for name, run in race.items()}
early["NAdam"] = og.descend(og.NAdam, ravine, lr=0.3, steps=200, betas=(0.98, 0.99)).loss[-1]
assert early["NAdam"] < early["Adan"] / 1000 and early["Adan"] < early["NAdamW"] / 5

# %%

# proof: on a quadratic the gradient ahead is the gradient plus beta times its change
run = race["Adan"]
moves = np.diff(run.theta[:-1], axis=0)
ahead = run.theta[1:-1] + 0.92 * moves
np.testing.assert_allclose(
    ahead * (1, 100), run.grad[1:] + 0.92 * np.diff(run.grad, axis=0), atol=1e-10
)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.Adan)

# %%
# One knob: how far ahead
# -----------------------
# ``betas[1]`` is the weight of the change and its memory. The nearer to 1, the earlier the brake; at 0.98 the average of
# the change is itself too old.

reach = {f"beta2 = {b:g}": og.Adan.at(betas=(0.98, b, 0.99)) for b in (0.0, 0.5, 0.92, 0.98)}
knob = og.race(reach, ravine, lr=0.3, steps=300)
knob.plot()

# %%

# proof: the larger beta2, the less far Adan runs past the minimum; 0.92 ends lower than 0.5
# and 0.98
past = [run.theta[:, 0].max() for run in knob.values()]
lows = [run.loss[-1] for run in knob.values()]
assert np.all(np.diff(past) < 0)
assert lows[2] < lows[1] / 10 and lows[2] < lows[3] / 10

# %%
# The whole axis of learning rates
# --------------------------------
# At its best learning rate, :n:`rates.best["Adan"]:.2g`, Adan is about as good as Adam with its own defaults. Its good
# learning rates span :n:`rates.decades["Adan"]:.1f` powers of ten, Adam's :n:`rates.decades["Adam"]:.1f`: a memory of fifty
# steps is long for a descent of 200.

rates = study.rates(og.Adan, beside=og.Adam)
rates

# %%

# proof: at its best Adan is as good as Adam, within a quarter; fewer learning rates are good
assert 0.75 < rates.loss["Adan"] / rates.loss["Adam"] < 1.25
assert rates.decades["Adan"] < rates.decades["Adam"] - 0.5
assert rates.diverged["Adan"] is None

# %%
# Basins
# ------
# With a learning rate of 0.1 only :n:`basins.reached["Adan"]:.0%` of the starts have come to rest in a minimum of
# Himmelblau's function after 200 steps. With a memory of ten steps, as Adam's, nearly all have.

short = og.Adan.at(lr=0.1, betas=(0.9, 0.92, 0.99))
basins = study.basins(
    {"Adan": og.Adan.at(lr=0.1), "beta1 = 0.9": short, "Adam": og.Adam.at(lr=0.1)}
)
basins

# %%

# proof: with its default memory Adan is at rest from less than a third of the starts after 200
# steps, with Adam's memory from more than 95 %
assert basins.reached["Adan"] < 0.33 and basins.reached["beta1 = 0.9"] > 0.95

# %%
# How to set it
# -------------
# The authors' notes advise a learning rate five to ten times Adam's and a weight decay of 0.02, and to tune the third
# beta before the first; the second matters least. :cite:t:`xie2022` report that
# networks then train in about half as many epochs as with their usual rule.
#
# Where it fails
# --------------
# ``d`` is the difference of two batches. If the gradient is mostly noise, so is ``d``, with twice the variance, and the
# gradient ahead is noisier than the gradient. Both are divided by a scale that has grown with it, so in noise Adan takes
# steps of only :n:`slower:.2f` times Adam's length along a steady gradient of a tenth of the noise.

drawn = 0.1 + np.random.default_rng(0).normal(size=5000)
noisy = {"signal": lambda t: drawn[t.astype(int)], "steps": 5000, "lr": 0.01}
adam = og.respond(og.Adam, betas=(0.98, 0.99), **noisy)
adan = og.respond(og.Adan, **noisy)
fig, ax = plt.subplots(layout="constrained")
for response in (adam, adan):
    ax.plot(response.theta, label=response.name, color=response.color)
ax.set(title="A steady gradient of 0.1 in noise of size 1", xlabel="step", ylabel="parameter")
ax.legend()

# %%

# proof: in noise Adan goes about half as far as Adam with the same memory,
# as the variance 1 + 2 beta2 + 2 beta2 ** 2 of a gradient ahead says
slower = adan.theta[-1] / adam.theta[-1]
np.testing.assert_allclose(slower, 1 / np.sqrt(1 + 2 * 0.92 + 2 * 0.92**2), rtol=0.06)

# %%
# Provenance
# ----------
# :cite:t:`xie2022`, algorithm 1, without the restarts, as the authors' code has it. The listing has no corrections for
# the start at zero, begins with the first gradient instead, and has ``eps`` inside the root; its betas are 1 minus those
# of the code. ``optax.adan`` mixes the two: its betas are the code's, and it adds :math:`1 - \beta_2` times the change,
# 0.08 in place of 0.92 at the defaults, which is nearly Adam. ``pytorch_optimizer`` and ``timm`` have both forms of
# weight decay; the one compared here divides.
#
# .. oracles:: Adan
