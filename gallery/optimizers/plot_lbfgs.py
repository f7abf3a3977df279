r"""
L-BFGS
======

The inverse Hessian of a million parameters fits no memory. L-BFGS keeps the last few steps instead, with what each changed
in the gradient, and multiplies by the matrix that BFGS would make of them without ever writing it down.
"""

import numpy as np
import torch

import optguide as og
from optguide import study
from optguide.language import two_loop

problem = og.problems.matrix_quadratic(8, 8)
rules = {f"{m} pairs": og.LBFGS.at(history_size=m) for m in (2, 10, 50)}
race = og.race({"Adam": og.Adam.at(lr=0.7), **rules}, problem, steps=100)
race

# %%
# A quadratic of 64 coordinates whose curvatures reach from 1 to 1/10,000. Adam has the best of its learning rates, L-BFGS
# its default. After 100 steps Adam leaves :n:`left["Adam"]:.0e` of the first loss, two pairs leave
# :n:`left["2 pairs"]:.0e`, ten :n:`left["10 pairs"]:.0e` and fifty :n:`left["50 pairs"]:.0e`.

left = {name: run.loss[-1] / run.loss[0] for name, run in race.items()}

# %%

# proof: more pairs leave less of the loss, each by more than a factor of five, and two pairs less
# than Adam; no other of 14 learning rates from 0.1 to 2 leaves half as much of Adam's
shares = list(left.values())
assert all(5 * after < before for before, after in zip(shares, shares[1:], strict=False))
others = og.descend(og.Adam, problem, steps=100, lr=np.geomspace(0.1, 2, 14))
assert (others.loss[-1] / others.loss[0] > 0.5 * left["Adam"]).all()

# %%

og.card(og.LBFGS)

# %%
# The rule
# --------
# ``S`` holds the last steps and ``Y`` the changes of the gradient along them, the newest last. ``push`` drops the oldest. A
# pair is kept only if the gradient grew along the step, that is, if the curvature along it is positive. The sums are taken
# over all parameters of the model.

og.pseudocode(og.LBFGS)

# %%

og.pseudocode(og.LBFGS).hyperparameters

# %%
# **Two loops.** A loop has no formula, so ``two_loop`` is a function. It goes back through the pairs, from the newest
# to the oldest, and removes from the gradient what each of them explains. It divides the rest by a typical curvature. Then
# it goes through the pairs again, from the oldest to the newest, and adds their steps:
#
# .. math::
#    &\text{for } i = M, \dots, 1: & \alpha_i &= s_i^\top q / s_i^\top y_i, & q &\leftarrow q - \alpha_i \, y_i \\
#    & & q &\leftarrow \frac{s_M^\top y_M}{y_M^\top y_M} \, q \\
#    &\text{for } i = 1, \dots, M: & \beta_i &= y_i^\top q / s_i^\top y_i, & q &\leftarrow q + (\alpha_i - \beta_i) \, s_i
#
# where q begins as the gradient. For M pairs of n numbers these are 4M products of vectors, where a matrix would take
# :math:`n^2` numbers and as many multiplications. The result is the same: it is the matrix of BFGS, made of these
# pairs alone.

# proof: two loops are the matrix that BFGS makes of the pairs, times the gradient
S, Y = (torch.from_numpy(race["10 pairs"].states[name][60].reshape(10, 64)) for name in "SY")
g = torch.from_numpy(race["10 pairs"].grad[60].ravel())
B = torch.eye(64, dtype=torch.float64) * (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
for s, y in zip(S, Y, strict=True):
    turn = torch.eye(64, dtype=torch.float64) - torch.outer(y, s) / (s @ y)
    B = turn.T @ B @ turn + torch.outer(s, s) / (s @ y)
torch.testing.assert_close(two_loop(S, Y, g), B @ g, rtol=1e-9, atol=1e-12)

# %%
# What it repairs
# ---------------
# :ref:`BFGS <sphx_glr_gallery_optimizers_plot_bfgs.py>` needs n² numbers and
# :ref:`memoryless BFGS <sphx_glr_gallery_optimizers_plot_memoryless_bfgs.py>` knows one direction at a time. L-BFGS has any
# number of them, and it forgets: where the curvature changes, pairs from far away mislead, and here they are dropped.
#
# With the best step size along each line all three are the same on a quadratic. They then take the steps of the method
# of conjugate gradients, and reach the minimum of n coordinates in n steps. With other step sizes they differ, and more
# pairs help.

# proof: with exact searches on a quadratic, full memory, BFGS and one pair take the steps of
# conjugate gradients
A = torch.diag(torch.logspace(0, 2, 6, dtype=torch.float64))
for rule in (og.LBFGS.rule.bound({"history_size": 6}), og.BFGS.rule, og.MemorylessBFGS.rule):
    x = z = torch.ones(6, dtype=torch.float64)
    states, old, p = rule.initial(x, rule.defaults), 1.0, torch.zeros_like(x)
    for t in range(1, 7):
        line = rule.update(x, lambda v: A @ v, t, *states, lr=1.0)[0] - x
        best = -(line @ A @ x) / (line @ A @ line)
        x, *states = rule.update(x, lambda v: A @ v, t, *states, lr=best)
        r = -A @ z
        p, old = r + (r @ r) / old * p if t > 1 else r, r @ r
        z = z + (r @ p) / (p @ A @ p) * p
        torch.testing.assert_close(x, z, rtol=1e-7, atol=1e-8)

# %%
# Measured in the same way for every rule:

study.traits(og.LBFGS)

# %%
# One knob: the history
# ---------------------
# How many steps does the loss take to fall to a millionth? More pairs help, and each costs memory and time.

sizes = (1, 3, 10, 20, 50)
runs = {m: og.descend(og.LBFGS, problem, steps=300, history_size=m) for m in sizes}
taken = {m: int((run.loss < 1e-6 * run.loss[0]).argmax()) for m, run in runs.items()}
rows = [[str(m), str(n), f"{2 * m + 2}"] for m, n in taken.items()]
og.Table("Until a millionth of the loss is left", ("pairs", "steps", "numbers per parameter"), rows)

# %%

# proof: twenty pairs need less than half of the steps that one needs, fifty more than half of those
# of twenty
assert 0 < 2 * taken[20] < taken[1] and taken[50] > 0.5 * taken[20]

# %%
# The whole axis of learning rates
# --------------------------------
# At its best learning rate, :n:`rates.best["LBFGS"]:.2g`, half of the descents on Rosenbrock's function end at the
# minimum to the last digit; with one pair the median loss is :n:`rates.loss["MemorylessBFGS"]:.0e`. Some starts diverge
# at nearly every rate, even the smallest: at an inflection the curvature along a step is almost zero, and its inverse
# enormous. A search along the line prevents that.

rates = study.rates(og.LBFGS.at(history_size=5), beside=og.MemorylessBFGS)
rates

# %%

# proof: its best median loss is below 1e-20 at a learning rate between 0.2 and 1, and some starts
# diverge at the smallest rate and at more than seven in ten of all
assert rates.loss["LBFGS"] < 1e-20 and 0.2 < rates.best["LBFGS"] <= 1
assert rates.diverged["LBFGS"] < 2e-5
away = rates.sweep.data.diverged_at.sel(optimizer="LBFGS") >= 0
assert away.any(("seed", "start")).mean() > 0.7

# %%
# Basins
# ------
# With a learning rate of 0.5 it reaches a minimum of Himmelblau's function from :n:`basins.reached["LBFGS"]:.1%` of the
# starts, and from :n:`basins.changed["SGD"]:.0%` another one than SGD.

basins = study.basins(og.LBFGS.at(lr=0.5, history_size=3), beside=og.SGD.at(lr=0.01))
basins

# %%

# proof: nearly every start leads to a minimum, and most to SGD's
assert basins.reached["LBFGS"] > 0.98 and basins.changed["SGD"] < 0.25

# %%
# How to set it
# -------------
# A history of 10 is the default here, in SciPy and in optax; torch's is 100. The authors' Fortran code advises 3 to 7. Use
# a search along the line, which this rule leaves out: ``torch.optim.LBFGS(line_search_fn="strong_wolfe")``. A learning rate
# of 1 is then the right first try in every step. Compute the gradients on all of the data.
#
# Where it fails
# --------------
# **In noise.** Pairs are differences of gradients, and mostly noise if that does not cancel. Where noise makes a curvature
# seem small, the next step is enormous. Four descents on the quadratic above have noise of size 0.1 in each entry of the
# gradient. Once after step 50 the loss of one of them is :n:`worst["LBFGS"]:.0f` times the first one; SGD stays below
# :n:`worst["SGD"]:.1f` of it. In training with batches both gradients of a pair would have to be taken on the same batch, at
# the cost of a second one in every step.

worst = {}
for rule in (og.LBFGS, og.SGD):
    runs = [og.descend(rule, problem, steps=120, lr=1.0, noise=0.1, seed=k) for k in range(4)]
    worst[rule.__name__] = max(run.loss[50:].max() / run.loss[0] for run in runs)

# %%

# proof: in noise the loss of L-BFGS rises to more than a hundred times the first one, SGD's stays
# below a fifth of it
assert worst["LBFGS"] > 100 and worst["SGD"] < 0.2

# %%
# **In large units.** A pair counts if :math:`s^\top y > 10^{-10}`, which is no share but a number, in
# ``torch.optim.LBFGS`` as well. A loss that is measured in millions of its unit teaches the rule nothing: it takes
# gradient steps.

# proof: on a loss a million times as small the rule keeps no pair, and only takes gradient steps
small = og.Problem(lambda W: 1e-6 * problem(W), (8, 8), [problem.start])
run = og.descend(og.LBFGS, small, steps=50)
assert not run.states["S"].any()
np.testing.assert_allclose(np.diff(run.theta, axis=0), -run.grad)

# %%
# Provenance
# ----------
# :cite:t:`nocedal1980` gives the two loops, :cite:t:`liu1989` the scale, which is taken anew in every step, and tests.
# ``torch.optim.LBFGS`` does up to ``max_iter=20`` such steps in one call of ``step``, and stops early by two tolerances.
# With ``max_iter=1`` and those off it takes the steps of this rule.
# ``optax.lbfgs`` searches along the line unless told otherwise.
#
# .. oracles:: LBFGS
