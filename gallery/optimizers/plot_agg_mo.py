r"""
AggMo
=====

Aggregated momentum keeps several velocities with different friction and moves with their mean. The one with the least
friction is fast along a valley; the others damp the swings across it.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=2000)
alone = {f"Momentum, {b}": og.Momentum.at(momentum=b) for b in (0.9, 0.99)}
race = og.race({**alone, "AggMo": og.AggMo}, ravine, start=(-3.6, 0.3), lr=0.0005, steps=120)
race

# %%
# This ravine is 2,000 times as curved across as along. Momentum with 0.9 has come from -3.6 to
# :n:`race["Momentum, 0.9"].theta[-1, 0]:.1f` after 120 steps. With 0.99 it has run past the minimum by then, and swings across
# the ravine by up to :n:`swing["Momentum, 0.99"]:.2f`. AggMo, with velocities that keep 0, 0.9 and 0.99 of themselves, has
# come to :n:`race["AggMo"].theta[-1, 0]:.1f`, and does not swing.

# proof: along the ravine AggMo is faster than momentum with 0.9, and across it calmer
swing = {name: np.abs(run.theta[100:, 1]).max() for name, run in race.items()}
assert race["AggMo"].theta[-1, 0] > -0.8 > -1.9 > race["Momentum, 0.9"].theta[-1, 0]
assert 100 * swing["AggMo"] < swing["Momentum, 0.9"] < 0.01 * swing["Momentum, 0.99"]

# %%

og.card(og.AggMo)

# %%
# The rule
# --------
# Each velocity is that of :ref:`momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`, a sum of gradients that fades by
# its own factor. All see the same gradient, taken at the one point to which they lead together.

og.pseudocode(og.AggMo)

# %%

og.pseudocode(og.AggMo).hyperparameters

# %%
# While the gradient does not change, a velocity grows to :math:`1 / (1 - \beta)` gradients, so here they grow to 1, 10 and
# 100, and their mean to 37: nearly four times as far as momentum with 0.9 goes.

# proof: under a constant gradient the step grows to 37 learning rates times the gradient
plane = og.descend(og.AggMo.at(lr=0.01), lambda x, y: x + 2 * y, start=(0, 0), steps=3000)
np.testing.assert_allclose(plane.theta[-2] - plane.theta[-1], (0.37, 0.74), rtol=1e-6)

# %%
# Three equal betas are momentum. With two that are zero the mean has a plain share and one of momentum, as
# :ref:`QHM <sphx_glr_gallery_optimizers_plot_qhm.py>` has: ``betas`` = :math:`(0, 0, \beta)` is QHM with
# :math:`\nu = 1 / (3 - 2 \beta)` and :math:`\eta / (3 \nu (1 - \beta))` as its learning rate. For :math:`\beta = 1/2` that is
# :math:`\nu = 1/2` as well, which is Nesterov's method with momentum 1/2 and two thirds of the learning rate.

# proof: AggMo with equal betas is momentum, with two that are zero it is QHM,
# and with (0, 0, 0.5) Nesterov's method
hills = {"function": og.surfaces.six_hump_camel, "steps": 80}
equal = og.descend(og.AggMo, lr=0.01, betas=(0.8, 0.8, 0.8), **hills).theta
np.testing.assert_allclose(equal, og.descend(og.Momentum, lr=0.01, momentum=0.8, **hills).theta)
nu = 1 / (3 - 2 * 0.9)
one = og.descend(og.AggMo, lr=0.01, betas=(0.0, 0.0, 0.9), **hills).theta
qhm = og.descend(og.QHM, lr=0.01 / (3 * nu * 0.1), nu=nu, momentum=0.9, **hills).theta
np.testing.assert_allclose(one, qhm, atol=1e-12)
half = og.descend(og.AggMo, lr=0.03, betas=(0.0, 0.0, 0.5), **hills).theta
nesterov = og.descend(og.SimplifiedNesterov, lr=0.02, momentum=0.5, **hills).theta
np.testing.assert_allclose(half, nesterov, atol=1e-12)

# %%
# What it repairs
# ---------------
# A single velocity with 0.99 would swing across the ravine for hundreds of steps, as its swing shrinks by only half a
# percent per step. In the mean of three it does not carry the descent alone. Below are the three velocities across the
# ravine. When the descent crosses the middle, the gradient turns, and the velocity without memory turns with it; that
# brakes the point itself, so that the slow velocity, too, is fed with ever smaller gradients. :cite:t:`lucas2019` call
# this passive damping.

run = race["AggMo"]
fig, ax = plt.subplots(layout="constrained")
for name, beta in zip(("v1", "v2", "v3"), (0, 0.9, 0.99), strict=True):
    ax.plot(run.states[name][:60, 1], label=f"keeps {beta}")
ax.plot(sum(run.states[name][:60, 1] for name in ("v1", "v2", "v3")) / 3, "k--", label="mean")
ax.set(title="The velocities across the ravine", xlabel="step", ylabel="velocity")
ax.legend()

# %%

# proof: a swing across the ravine shrinks to a thousandth within 60 steps, and with 0.99 alone
# by less than half
for name, shrinks in (("AggMo", (0, 1e-3)), ("Momentum, 0.99", (0.5, 1))):
    y = np.abs(race[name].theta[:, 1])
    assert shrinks[0] < y[55:75].max() / y[:10].max() < shrinks[1]

# %%
# Measured in the same way for every rule:

study.traits(og.AggMo)

# %%
# One knob: the longest memory
# ----------------------------
# Raising the last beta from 0.99 to 0.999 makes the descent faster at first and run further past the minimum. Even so it
# stays stable, and it does not swing across the ravine.

ladder = {f"last beta {b}": og.AggMo.at(betas=(0.0, 0.9, b)) for b in (0.9, 0.99, 0.999)}
knob = og.race(ladder, ravine, start=(-3.6, 0.3), lr=0.0005, steps=300)
knob.plot()

# %%

# proof: the longer the memory, the further past the minimum; none swings across the ravine
past = [run.theta[:, 0].max() for run in knob.values()]
assert past[0] < past[1] - 0.3 < past[2] - 0.6
assert max(np.abs(run.theta[100:, 1]).max() for run in knob.values()) < 0.01

# %%
# The whole axis of learning rates
# --------------------------------
# On Rosenbrock's function 0.99 alone is of little use: its best median loss is :n:`rates.loss["Momentum"]:.1f`, that of
# AggMo :n:`rates.loss["AggMo"]:.3f`, at the same longest memory. Momentum with 0.9 has 0.037 there, at twice the learning
# rate.

rates = study.rates(og.AggMo, beside=og.Momentum.at(momentum=0.99))
rates

# %%

# proof: at its best AggMo's loss is a fiftieth of that of momentum with 0.99
assert rates.loss["AggMo"] < rates.loss["Momentum"] / 50

# %%
# Basins
# ------
# After 200 steps at a learning rate of 0.003 AggMo has come to rest in a minimum from every start, and from
# :n:`basins.changed["Momentum, 0.9"]:.0%` of them in another one than momentum with 0.9. With 0.99 momentum is still on its
# way nearly everywhere.

three = {name: rule.func.at(lr=0.003, **rule.keywords) for name, rule in alone.items()}
basins = study.basins({"AggMo": og.AggMo.at(lr=0.003), **three})
basins

# %%

# proof: AggMo reaches a minimum from every start, momentum with 0.99 from hardly any
assert basins.reached["AggMo"] > 0.999 and basins.reached["Momentum, 0.99"] < 0.01

# %%
# How to set it
# -------------
# The code of :cite:t:`lucas2019` has the betas 0, 0.9 and 0.99, that is :math:`1 - 0.1^i` for :math:`i = 0, 1, 2`, or as many
# of that form as one wants: a fourth is 0.999. The learning rate can be that of momentum with 0.9, or somewhat less: the
# mean velocity is nearly four times as large in the long run, and on Rosenbrock's function the best one is half as large.
#
# Where it fails
# --------------
# Where a short memory is enough, the long one only overshoots. In a ravine that is 50 times as curved across as along,
# momentum with 0.9 ends at a loss of :n:`easy["Momentum"]:.0e`, AggMo at :n:`easy["AggMo"]:.0e`. It also remembers three numbers for
# each weight, one more than Adam.

wide = og.race([og.Momentum, og.AggMo], og.surfaces.ravine, lr=0.01, steps=300)
wide.plot()

# %%

# proof: in a wide ravine momentum with 0.9 ends a hundred thousand times lower than AggMo
easy = {name: run.loss[-1] for name, run in wide.items()}
assert easy["Momentum"] < 1e-5 * easy["AggMo"]

# %%
# Provenance
# ----------
# :cite:t:`lucas2019`. The authors' code and its copies take any number of betas, but keep the velocities by the value of
# beta, so that two equal betas share one velocity, which is then moved twice in a step. Here each has its own. All of them
# can add weight decay to the gradient.
#
# .. oracles:: AggMo
