r"""
Memoryless BFGS
===============

A step and the change of the gradient along it tell the curvature in that direction. Memoryless BFGS, which is L-BFGS with
a history of one step, divides by it, and so needs no learning rate that fits the curvature.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=1000)
root = 1000**0.5
tuned = og.Momentum.at(lr=4 / (root + 1) ** 2, momentum=((root - 1) / (root + 1)) ** 2)
rules = [og.SGD.at(lr=2 / 1001), tuned, og.Adam.at(lr=0.3), og.MemorylessBFGS]
race = og.race(rules, ravine, start=(-3.6, 0.3), steps=200)
race

# %%
# The curvature across this ravine is 1,000 times that along it. SGD and momentum have the settings that theory finds best
# for it, and Adam a good learning rate. Memoryless BFGS, with its default learning rate of 1, comes within 0.001 of the
# minimum in :n:`first["MemorylessBFGS"]` steps, Adam in :n:`first["Adam"]`, momentum in :n:`first["Momentum"]`, and SGD not
# in 200.

# proof: it is at the minimum in a third of Adam's steps and a sixth of momentum's
near = {name: np.linalg.norm(run.theta, axis=1) < 1e-3 for name, run in race.items()}
first = {name: int(close.argmax()) for name, close in near.items()}
assert first["SGD"] == 0 and 0 < 3 * first["MemorylessBFGS"] < first["Adam"]
assert 6 * first["MemorylessBFGS"] < first["Momentum"]

# %%

og.card(og.MemorylessBFGS)

# %%
# The rule
# --------
# ``s`` is a step, and ``y`` what it changed in the gradient. If the curvature were the same everywhere, :math:`y = H s` with
# the Hessian :math:`H`. The pair stands in for :math:`H^{-1}`: four sums of products turn the gradient ``g`` into ``u``.
# A pair is kept only if the gradient grew along the step, which is a positive curvature; until there is one, the step
# follows the gradient. The sums are taken over all parameters of the model.

og.pseudocode(og.MemorylessBFGS)

# %%

og.pseudocode(og.MemorylessBFGS).hyperparameters

# %%
# Written as a matrix, the inverse Hessian that the rule uses is
#
# .. math::
#    B = \frac{s^\top y}{y^\top y} \left(I - \frac{s \, y^\top}{s^\top y}\right) \left(I - \frac{y \, s^\top}{s^\top y}\right)
#    + \frac{s \, s^\top}{s^\top y} .
#
# Applied to :math:`y` the first term vanishes and the second gives :math:`s`. So the curvature along the last step is right,
# and across it the inverse curvature is a typical one, :math:`s^\top y / y^\top y`.

# proof: the rule's step is that matrix times the gradient, and the matrix takes y to s
run = og.descend(og.MemorylessBFGS, og.surfaces.booth, steps=8)
for t in range(1, 8):
    s, y = (run.states[name][t + 1] for name in "sy")
    turn = np.eye(2) - np.outer(y, s) / (s @ y)
    B = (s @ y) / (y @ y) * turn.T @ turn + np.outer(s, s) / (s @ y)
    np.testing.assert_allclose(B @ y, s)
    np.testing.assert_allclose(run.theta[t + 1] - run.theta[t], -B @ run.grad[t], atol=1e-12)

# %%
# What it repairs
# ---------------
# SGD needs a learning rate below two over the largest curvature, which is unknown. The Hessian has a number for
# each pair of weights, too many to compute or to keep. But two gradients are at hand in every step, and their difference
# is one product of the Hessian with a vector, at no cost.
#
# How good can it be? Let the learning rate of each step be the best one along its line. On a quadratic the rule then takes
# the steps of the method of conjugate gradients, which reaches the minimum of :math:`n` coordinates in :math:`n` steps
# :cite:p:`shanno1978`. So does L-BFGS with any longer history, and BFGS, which keeps the whole matrix.

# proof: with exact searches it takes the steps of conjugate gradients, and is done after n of them
A = torch.diag(torch.logspace(0, 2, 6, dtype=torch.float64))
x = z = torch.ones(6, dtype=torch.float64)
states, old, p = [torch.zeros_like(x)] * 4, 1.0, torch.zeros_like(x)
for t in range(1, 7):
    line = og.MemorylessBFGS.update(x, lambda v: A @ v, t, *states, lr=1.0)[0] - x
    best = -(line @ A @ x) / (line @ A @ line)
    x, *states = og.MemorylessBFGS.update(x, lambda v: A @ v, t, *states, lr=best)
    r = -A @ z
    p, old = r + (r @ r) / old * p if t > 1 else r, r @ r
    z = z + (r @ p) / (p @ A @ p) * p
    torch.testing.assert_close(x, z, rtol=1e-8, atol=1e-9)
assert x.norm() < 1e-9

# %%
# Measured in the same way for every rule:

study.traits(og.MemorylessBFGS)

# %%
# Neither the unit of the loss nor the direction of the axes matters to the pair. It is only the first step that knows the
# axes, as its length is measured by the sum of absolute values, which is what PyTorch does.
#
# One knob: the learning rate
# ---------------------------
# A learning rate of 1 trusts the pair. On Himmelblau's function that is too much: from its default start the descent
# diverges. With one half the loss is :n:`knob["lr = 0.5"].loss[60]:.0e` after 60 steps, and with one tenth it is
# :n:`knob["lr = 0.1"].loss[200]:.0e` after 200.

hills = og.surfaces.himmelblau
trust = {f"lr = {lr}": og.MemorylessBFGS.at(lr=lr) for lr in (1.0, 0.5, 0.1)}
knob = og.race(trust, hills, steps=200)
knob.plot()

# %%

# proof: with a learning rate of 1 it diverges here, with 0.5 it is the sooner at a minimum
assert knob["lr = 1.0"].diverged_at is not None
assert knob["lr = 0.5"].loss[60] < 1e-20 and 1e-20 < knob["lr = 0.1"].loss[200] < 1e-10

# %%
# The whole axis of learning rates
# --------------------------------
# At its best learning rate, :n:`rates.best["MemorylessBFGS"]:.2g`, the median loss on Rosenbrock's function is
# :n:`rates.loss["MemorylessBFGS"]:.0e` after 200 steps, and momentum's is :n:`rates.loss["Momentum"]:.2f`. But a few
# descents diverge, one of 64 already at :n:`rates.diverged["MemorylessBFGS"]:.2g`, and from 2 on most do: where no pair
# is kept, a step is the bare gradient, and where the curvature falls along a step, the next one is too long. That is why
# the method is nearly always used with a search along the line.

rates = study.rates(og.MemorylessBFGS, beside=og.Momentum)
rates

# %%

# proof: at its best the median loss is a millionth of a millionth of momentum's; up to a learning
# rate of 1 some descents diverge, but no more than five of 64, above 2 more than half
assert rates.loss["MemorylessBFGS"] < 1e-12 * rates.loss["Momentum"]
assert 0.1 < rates.best["MemorylessBFGS"] < 1
gone = (rates.sweep.data.diverged_at.sel(optimizer="MemorylessBFGS") >= 0).sum(("seed", "start"))
assert 0 < gone[gone.lr < 1.2].max() <= 5 and gone[gone.lr > 2].min() > 32

# %%
# Basins
# ------
# With a learning rate of 0.5 it ends at a minimum of Himmelblau's function from :n:`basins.reached["MemorylessBFGS"]:.1%` of
# the starts, and from :n:`basins.changed["SGD"]:.0%` in another one than SGD.

basins = study.basins(og.MemorylessBFGS.at(lr=0.5), beside=og.SGD.at(lr=0.01))
basins

# %%

# proof: nearly every start leads to a minimum, and most to SGD's
assert basins.reached["MemorylessBFGS"] > 0.99 and basins.changed["SGD"] < 0.25

# %%
# How to set it
# -------------
# The gradients must be exact: on all of the data, or on the same batch before and after the step. Then use a longer history
# and a search, ``torch.optim.LBFGS(history_size=10, line_search_fn="strong_wolfe")``; :cite:t:`liu1989` measure what longer
# histories gain. This rule has one pair and no search so that each line of it can be seen.
#
# Where it fails
# --------------
# In noise the difference of two gradients is mostly noise. It is divided by a short step, so the curvature seems large, the
# next step is shorter still, and the descent stops wherever it is. From (3, 2) on a round bowl with noise of size 1 it
# takes a step of :n:`stops[-1]:.0e` after 300 steps, and its loss is :n:`noisy["MemorylessBFGS"].loss[-1]:.1g`.

noisy = og.race(
    [og.MemorylessBFGS.at(lr=1.0), og.SGD.at(lr=0.1)],
    og.surfaces.sphere,
    start=(3, 2),
    steps=300,
    noise=1.0,
)
noisy.plot()

# %%

# proof: in noise the steps of memoryless BFGS die out, those of SGD do not
stops = [np.abs(np.diff(noisy[n].theta[-20:], axis=0)).max() for n in ("SGD", "MemorylessBFGS")]
assert stops[1] < 1e-3 < 1e-2 < stops[0]

# %%
# Provenance
# ----------
# :cite:t:`shanno1978` derives the direction as that of BFGS with the matrix forgotten in every step; :cite:t:`nocedal1980`
# keeps several pairs and gives the recursion that is used here. Broyden, Fletcher, Goldfarb and Shanno, after whom BFGS is
# named, published it independently in 1970. ``torch.optim.LBFGS`` takes the same steps with ``max_iter=1``,
# ``history_size=1`` and its tolerances off. By default it takes 20 steps per call, with a history of 100 and no search.
#
# .. oracles:: MemorylessBFGS
