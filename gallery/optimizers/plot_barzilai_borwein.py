r"""
Barzilai and Borwein's step size
================================

Two points and their gradients tell how curved the loss is along the step between them. Its inverse is the next step
size: gradient descent that needs no learning rate but a first one, and is far faster than with any constant one.
"""

import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
rules = {
    "SGD, lr 0.03": og.SGD.at(lr=0.03),
    "Momentum, lr 0.01": og.Momentum.at(lr=0.01),
    "Barzilai and Borwein": og.BarzilaiBorwein,
}
race = og.race(rules, ravine, steps=40)
race

# %%
# After 10 steps the loss is :n:`run.loss[10]:.0e`, which is zero within rounding. SGD, with a learning rate near its limit
# of 0.04, is at :n:`ends[0]:.1f` after 40 steps, and momentum at :n:`ends[1]:.2f`. All three look at one gradient in each step.

# proof: it is at the minimum within rounding after ten steps, and the others are not after forty
run, ends = race["Barzilai and Borwein"], [run.loss[-1] for run in race.values()]
assert run.loss[10] < 1e-20 and min(ends[:2]) > 0.01

# %%

og.card(og.BarzilaiBorwein)

# %%
# The rule
# --------
# ``s`` is the last step and ``y`` the change of the gradient along it. In a quadratic bowl with the matrix :math:`H` of second
# derivatives :math:`y = H s`, and :math:`s \cdot y / \lVert s \rVert^2` is the curvature along the step. The long step
# size is its inverse. The short one comes from the same idea for the inverse of :math:`H`.

og.pseudocode(og.BarzilaiBorwein)

# %%

og.pseudocode(og.BarzilaiBorwein).hyperparameters

# %%
# What it repairs
# ---------------
# A constant learning rate has to be small enough for the steepest direction, and is then too small for all others. These step
# sizes are always between the inverse of the largest and that of the smallest curvature, and change from step to step.
# One that is nearly right for a direction almost removes it from the gradient, so that the next step meets another one.
# Steps that are too long for the steepest direction raise the loss, which is then repaired.

moved = np.linalg.norm(np.diff(run.theta[:9], axis=0), axis=1)
step = moved / np.linalg.norm(run.grad[:8], axis=1)
og.plot_loss(run)

# %%

# proof: in a bowl with curvatures 1 and 50 every step size but the first is between 1/50 and 1,
# and the long one is never below the short one
assert (0.02 - 1e-9 < step[1:]).all() and (step[1:] < 1 + 1e-9).all()
s, y = np.diff(run.theta[:9], axis=0), np.diff(run.grad[:9], axis=0)
along, long, short = (s * y).sum(1), (s * s).sum(1), (y * y).sum(1)
assert (along**2 <= long * short * (1 + 1e-12)).all()

# %%
# In two dimensions the method converges faster than any geometric sequence, as its authors prove. In many it is linear, and still
# far ahead of a constant step. Here are 30 curvatures from 1 to 1,000:

curvatures = np.logspace(0, 3, 30)
bowl = og.Problem(lambda p: (p**2 @ p.new_tensor(curvatures)) / 2, (30,), starts=[np.ones(30)])
best = {
    "SGD at its best": og.SGD.at(lr=2 / 1001),
    "Barzilai and Borwein, long": og.BarzilaiBorwein.at(lr=1e-3),
    "Barzilai and Borwein, short": og.BarzilaiBorwein.at(lr=1e-3, short=True),
}
many = og.race(best, bowl, steps=400)
og.plot_loss(many)

# %%

# proof: in 30 dimensions both forms end a million times lower than the best constant step size, and
# the loss of the long form rises in many steps
slow, long_run, short_run = many.values()
assert max(long_run.loss[-1], short_run.loss[-1]) < slow.loss[-1] / 1e6
assert 10 < (np.diff(long_run.loss[:100]) > 0).sum() < 50

# %%
# What follows from the formula alone. The first step has the size ``lr`` whatever the loss, so a larger loss is not the same
# path:

study.traits(og.BarzilaiBorwein)

# %%
# One knob: the first step size
# -----------------------------
# After the first step, ``lr`` is forgotten, unless the curvature is not positive. So it hardly matters: on Rosenbrock's
# function the good values span :n:`rates.decades["BarzilaiBorwein"]:.1f` powers of ten, those of SGD
# :n:`rates.decades["SGD"]:.1f`.

rates = study.rates(og.BarzilaiBorwein, beside=og.SGD)
rates

# %%

# proof: its good first step sizes span more powers of ten than the good learning rates of SGD
assert rates.decades["BarzilaiBorwein"] > rates.decades["SGD"] + 0.5

# %%
# How to set it
# -------------
# Choose a first step that is safe, as 1e-3 times the size of the point over that of the gradient. Away from quadratic
# bowls nothing bounds the step: :cite:t:`raydan1997` keeps the steps but accepts one only if the loss is lower than the
# largest of the last ten, a line search that lets the loss rise for a while. It is a method for exact gradients: full
# batches, or a problem that is no network.
#
# Where it fails
# --------------
# With noise in the gradients ``y`` is mostly noise when the steps are short, and the measured curvature is mostly
# too large. Now and then it comes out near zero, and then one step is many times too long. In the same ravine, with
# noise, the loss rises to :n:`noisy[1].loss[-200:].max():.0f` within the last 200 steps, that of SGD to
# :n:`noisy[0].loss[-200:].max():.1f`.

pair = {"SGD": og.SGD.at(lr=0.03), "Barzilai and Borwein": og.BarzilaiBorwein}
noisy = list(og.race(pair, ravine, steps=400, noise=3.0).values())
og.plot_loss(dict(zip(pair, noisy, strict=True)))

# %%

# proof: under noise most measured curvatures are above the largest of the ravine, 50, and the least
# positive one is below 10; in the last 200 of 400 steps the loss rises three times as high as SGD's
s, y = (np.diff(seen[:400], axis=0) for seen in (noisy[1].theta, noisy[1].grad))
measured = (s * y).sum(1) / (s * s).sum(1)
assert (measured > 50).mean() > 0.5 and measured[measured > 0].min() < 10
assert noisy[1].loss[-200:].max() > 3 * noisy[0].loss[-200:].max()

# %%
# Provenance
# ----------
# :cite:t:`barzilai1988`, with both step sizes. What to do where the curvature is not positive is not said there; here such a
# step has the size of the first one. Others take the absolute value, keep the last step size, or set a bound.
#
# .. oracles:: BarzilaiBorwein
