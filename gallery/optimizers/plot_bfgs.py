r"""
BFGS
====

Every step shows how the gradient changes along it. BFGS keeps a matrix that turns each change back into its step. Step by
step the matrix comes close to the inverse Hessian, and the descent to Newton's method, though no second derivative is
ever computed.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

rules = [og.SGD.at(lr=0.002), og.Momentum.at(lr=0.002), og.Adam.at(lr=1.0), og.BFGS.at(lr=0.5)]
race = og.race(rules, og.surfaces.rosenbrock, steps=100)
race

# %%
# Rosenbrock's valley is narrow and curved. All have learning rates that are good for this start. After 70 steps Adam's
# loss is :n:`race["Adam"].loss[70]:.1f`, that of SGD :n:`race["SGD"].loss[70]:.3f` and that of BFGS
# :n:`race["BFGS"].loss[70]:.0e`.

# proof: after 70 steps the loss is less than a hundred millionth of that of the others
assert all(1e-8 * race[n].loss[70] > race["BFGS"].loss[70] for n in ("SGD", "Momentum", "Adam"))

# %%

og.card(og.BFGS)

# %%
# The rule
# --------
# ``s`` is the last step and ``y`` what it changed in the gradient. Where the curvature is the same everywhere,
# :math:`y = H s` with the Hessian :math:`H`, so an inverse Hessian would take ``y`` to ``s``. The matrix ``B`` does not do
# so yet; ``r`` is what is missing. Two products of vectors with one another, of rank two together, repair that, and
# change ``B`` as little as that allows.

og.pseudocode(og.BFGS)

# %%

og.pseudocode(og.BFGS).hyperparameters

# %%
# The condition :math:`B y = s` is called the *secant equation*. Many matrices fulfil it. Of those that are symmetric this is
# the one that is closest to the matrix before, in a norm that does not depend on the units of the parameters. It can be
# written as a product, too, which shows that it stays positive definite as long as :math:`s^\top y > 0`:
#
# .. math::
#    B_+ = \left(I - \frac{s \, y^\top}{s^\top y}\right) B \left(I - \frac{y \, s^\top}{s^\top y}\right)
#    + \frac{s \, s^\top}{s^\top y} .

# proof: the matrix takes each change of the gradient to its step, and is that product
run = og.descend(og.BFGS, og.surfaces.booth, steps=12)
before = run.states["B"][1]
for t in range(1, 8):
    s, y, B = run.states["s"][t], run.grad[t] - run.grad[t - 1], run.states["B"][t + 1]
    before = before * (s @ y) / (y @ y) if t == 1 else before
    turn = np.eye(2) - np.outer(y, s) / (s @ y)
    np.testing.assert_allclose(B @ y, s, rtol=1e-7)
    np.testing.assert_allclose(B, turn.T @ before @ turn + np.outer(s, s) / (s @ y), rtol=1e-7)
    before = B

# %%
# What it learns
# --------------
# A matrix turns the unit circle into an ellipse. The dashed one is that of the inverse Hessian of Booth's function: long
# in the direction of the valley, where curvature is low and steps should be long. The blue one is that of ``B``. It begins
# as a circle. The first pair scales it, and after the third it points along the valley.

angles = np.linspace(0, 2 * np.pi, 200)
circle = np.stack([np.cos(angles), np.sin(angles)])
inverse = np.array([[10, -8], [-8, 10]]) / 36
fig, axes = plt.subplots(1, 5, figsize=(10, 2.6), layout="constrained", sharex=True, sharey=True)
for ax, t in zip(axes, (2, 3, 4, 5, 9), strict=True):
    ax.plot(*(inverse @ circle), "--", color="gray")
    ax.plot(*(run.states["B"][t] @ circle))
    ax.set(title=f"{t - 1} pair{'s' if t > 2 else ''}", aspect="equal")
wrong = [np.linalg.norm(B - inverse) / np.linalg.norm(inverse) for B in run.states["B"]]

# %%
# After three pairs the matrix is wrong by :n:`wrong[4]:.0%`, after eight by :n:`wrong[9]:.1%`, and the gain of the steps
# grows: the loss falls to smaller and smaller shares, if not in every step. Convergence of this kind is called
# superlinear.

# proof: on a quadratic the matrix approaches the inverse Hessian, and the shares by which the loss
# falls get smaller
assert wrong[2] > 0.5 > wrong[4] and wrong[9] < 1e-2
shares = run.loss[4:11] / run.loss[3:10]
assert shares[-1] < 1e-3 < 0.01 < shares[0]

# %%
# With the best step size along each line, a quadratic of :math:`n` coordinates takes :math:`n` steps, and then
# the matrix is the inverse Hessian, exactly.

# proof: with exact searches the matrix is the inverse Hessian after n steps
A = torch.diag(torch.logspace(0, 2, 6, dtype=torch.float64))
x = torch.ones(6, dtype=torch.float64)
states = og.BFGS.rule.initial(x, {})
for t in range(1, 8):
    best = 1.0
    if t < 7:
        line = og.BFGS.update(x, lambda v: A @ v, t, *states, lr=1.0)[0] - x
        best = -(line @ A @ x) / (line @ A @ line)
    x, *states = og.BFGS.update(x, lambda v: A @ v, t, *states, lr=best)
torch.testing.assert_close(states[2], torch.linalg.inv(A), rtol=1e-4, atol=1e-6)

# %%
# What it repairs
# ---------------
# Newton's method multiplies the gradient by the inverse Hessian. That takes second derivatives, and a system of equations
# in every step. Here a step costs one gradient and a few products of the matrix with a vector.
# :ref:`Memoryless BFGS <sphx_glr_gallery_optimizers_plot_memoryless_bfgs.py>` uses one pair and forgets those before.

study.traits(og.BFGS)

# %%
# The numbers per parameter are for a model of eight parameters: ``s``, ``G`` and a row of ``B``. Only the first step knows
# the axes, as its length is measured by the sum of absolute values.
#
# One knob: the learning rate
# ---------------------------
# Near a minimum 1 is the right one: the matrix knows how far to go. Further away the curvature changes along a step, and
# shorter ones are safer.

trust = {f"lr = {lr}": og.BFGS.at(lr=lr) for lr in (1.0, 0.5, 0.1)}
knob = og.race(trust, og.surfaces.himmelblau, steps=150)
knob.plot()

# %%
# On Himmelblau's function the descent with a learning rate of 1 diverges after :n:`knob["lr = 1.0"].diverged_at` steps. With
# 0.5 the loss is :n:`knob["lr = 0.5"].loss[60]:.0e` after 60 steps, with 0.1 it is :n:`knob["lr = 0.1"].loss[60]:.2f`.

# proof: with a learning rate of 1 it diverges here, with 0.5 it is the sooner at a minimum
assert knob["lr = 1.0"].diverged_at is not None
assert knob["lr = 0.5"].loss[60] < 1e-15 and 1e-3 < knob["lr = 0.1"].loss[60]

# %%
# The whole axis of learning rates
# --------------------------------
# At its best learning rate, :n:`rates.best["BFGS"]:.2g`, half of the descents on Rosenbrock's function end at the minimum to
# the last digit. But even at the smallest, some diverge. Where a line has an inflection, the curvature along the step is
# almost zero: positive, and so the pair counts, but the inverse is enormous.

rates = study.rates(og.BFGS, beside=og.Momentum)
rates

# %%

# proof: its best median loss is below 1e-20, and some starts diverge even at the smallest
# learning rate
assert rates.loss["BFGS"] < 1e-20 < 1e-6 < rates.loss["Momentum"]
assert rates.diverged["BFGS"] < 2e-5 and 0.2 < rates.best["BFGS"] <= 1

# %%
# Basins
# ------
# With a learning rate of 0.5 it reaches a minimum of Himmelblau's function from :n:`basins.reached["BFGS"]:.1%` of the
# starts, and from :n:`basins.changed["SGD"]:.0%` another one than SGD.

basins = study.basins(og.BFGS.at(lr=0.5), beside=og.SGD.at(lr=0.01))
basins

# %%

# proof: nearly every start leads to a minimum, and most to SGD's
assert basins.reached["BFGS"] > 0.98 and basins.changed["SGD"] < 0.25

# %%
# How to set it
# -------------
# Use it with a search along the line, which this rule leaves out so that each of its lines can be seen:
# ``scipy.optimize.minimize(method="BFGS")``. It is the method of choice for a smooth function of up to a few hundred
# parameters whose gradient is exact. For more,
# :ref:`L-BFGS <sphx_glr_gallery_optimizers_plot_lbfgs.py>` replaces the matrix by the last few pairs.
#
# Where it fails
# --------------
# **In noise.** The difference of two gradients then is mostly noise, and large beside what a short step changes. The matrix
# takes that for curvature, and never forgets it. From (3, 2) on a round bowl with noise of size 1, its largest eigenvalue
# is :n:`sizes[1]:.0e` after 300 steps, instead of 1/2, and the descent has come to rest where it happened to be.

settings = {"start": (3, 2), "steps": 300, "noise": 1.0}
noisy = og.race([og.BFGS, og.SGD.at(lr=0.1)], og.surfaces.sphere, **settings)
noisy.plot()

# %%

# proof: in noise the matrix shrinks until the steps die out, where without noise it is the inverse
# Hessian
clean = og.descend(og.BFGS, og.surfaces.sphere, (3, 2), 20)
sizes = [np.linalg.norm(B, 2) for B in (clean.states["B"][-1], noisy["BFGS"].states["B"][-1])]
assert abs(sizes[0] - 0.5) < 1e-3 and sizes[1] < 1e-6
assert np.abs(np.diff(noisy["BFGS"].theta[-20:], axis=0)).max() < 1e-6

# %%
# **In memory.** A matrix of n x n numbers is kept for n parameters. The digits network of this guide, with its 2,410, needs
# :n:`2410**2 / 1e6:.1f` million numbers; one of ten million would need a hundred trillion.
#
# **In small units.** A pair counts if :math:`s^\top y > 10^{-10}`, as in ``torch.optim.LBFGS``. That is no share but a number:
# where the loss is tiny, nothing is learned any more. On a quadratic of 64 coordinates the loss stops to fall at
# :n:`stuck.loss[-1] / stuck.loss[0]:.0e` of the first.

stuck = og.descend(og.BFGS, og.problems.matrix_quadratic(8, 8), steps=200)
stuck.plot_loss()

# %%

# proof: the matrix no longer changes once the loss is small, and with it the loss no longer falls
assert 1e-9 < stuck.loss[120] / stuck.loss[0] < 1e-6
assert stuck.loss[200] > 0.5 * stuck.loss[120]
np.testing.assert_array_equal(stuck.states["B"][120], stuck.states["B"][200])

# %%
# Provenance
# ----------
# Published in 1970 by four authors independently of each other: :cite:t:`broyden1970`, :cite:t:`fletcher1970`,
# :cite:t:`goldfarb1970` and :cite:t:`shanno1970`. Before its first change the matrix is multiplied by
# :math:`s^\top y / y^\top y`, a typical inverse curvature, as ``scipy.optimize.BFGS`` does, which keeps such a matrix for
# SciPy's trust-region methods. ``scipy.optimize.minimize(method="BFGS")`` does not, and searches along the line instead.
#
# .. oracles:: BFGS
