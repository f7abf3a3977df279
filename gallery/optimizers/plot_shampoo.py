r"""
Shampoo
=======

Shampoo keeps two sums of squares of a matrix's gradients, one for its rows and one for its columns, and multiplies the
gradient by an inverse root of each, from the left and from the right. What Adagrad does for single entries it does for
directions.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

turned = og.problems.matrix_quadratic(8, 8)
aligned = og.problems.matrix_quadratic(8, 8, rotated=False)
three = {"Shampoo": og.Shampoo.at(lr=10.0), "Adagrad": og.Adagrad.at(lr=0.56)}
three |= {"SGD": og.SGD.at(lr=1.9)}
race = og.race(three, turned, steps=200)
race

# %%
# The rules look for a matrix of 8 rows and 8 columns, each at a constant learning rate that suits it. The curvatures of
# the loss reach from 1 to 1/10,000, and the directions that belong to them are random. Of the first loss Adagrad leaves
# :n:`left["Adagrad"]:.0e` after 200 steps, Shampoo :n:`left["Shampoo"]:.0e`.

left = {name: run.loss[-1] / run.loss[0] for name, run in race.items()}

# %%

# proof: Shampoo leaves less than a billionth of what Adagrad and plain descent leave, and those two
# leave more with half and with twice their learning rates
assert left["Shampoo"] < 1e-9 * min(left["Adagrad"], left["SGD"])
for rule, lr in ((og.Adagrad, 0.28), (og.Adagrad, 1.12), (og.SGD, 0.95), (og.SGD, 3.8)):
    other = og.descend(rule, turned, steps=200, lr=lr).loss
    assert not other[-1] / other[0] < left[rule.__name__]  # NaN where it has diverged

# %%

og.card(og.Shampoo)

# %%
# The rule
# --------
# ``L`` adds up :math:`G G^\top`: its entries are the inner products of the rows of all gradients so far. ``R`` adds up
# :math:`G^\top G`, those of the columns. The roots are fourth ones because there are two of them: together they divide
# by a square root, as Adagrad does (:ref:`what such a root does to a gradient
# <sphx_glr_gallery_foundations_plot_inverse_root.py>`).

og.pseudocode(og.Shampoo)

# %%

og.pseudocode(og.Shampoo).hyperparameters

# %%
# Adagrad for all entries together would need the inner products of all 64 entries with one another, a matrix of
# 64 x 64, and its inverse square root. :cite:t:`gupta2018` show that the two small matrices bound it from above: for
# one gradient of rank r, :math:`\operatorname{vec}(G) \operatorname{vec}(G)^\top` is at most
# :math:`r \, L^{1/2} \otimes R^{1/2}`.

# proof: the full matrix of one gradient is at most r times the product of the two square roots
rng = np.random.default_rng(0)
g = rng.normal(size=(4, 3))
left_vectors, values, right_vectors = np.linalg.svd(g, full_matrices=False)
roots = [vectors @ np.diag(values) @ vectors.T for vectors in (left_vectors, right_vectors.T)]
gap = 3 * np.kron(*roots) - np.outer(g.ravel(), g.ravel())
assert np.linalg.eigvalsh(gap).min() > -1e-9

# %%
# What it repairs
# ---------------
# Adagrad's scale belongs to an entry. Where each direction is one entry, nothing is better. Where the directions are
# turned, its sums mix them. Shampoo's roots turn with the directions, so the two problems are the same for it.

rows = []
for name, rule in three.items():
    ends = [og.descend(rule, p, steps=200).loss[[0, -1]] for p in (aligned, turned)]
    rows.append([name, *(f"{end[1] / end[0]:.0e}" for end in ends)])
og.Table("What is left of the loss after 200 steps", ("rule", "axes aligned", "axes turned"), rows)

# %%

# proof: Shampoo's path turns with the axes of rows and columns, Adagrad's does not
U, V = (np.linalg.qr(rng.normal(size=(8, 8))).Q for _ in range(2))
u, v = torch.from_numpy(U), torch.from_numpy(V)
seen = og.Problem(lambda W: turned(u.mT @ W @ v.mT), (8, 8), [U @ (turned.start + 1) @ V])
for rule, same in ((og.Shampoo, True), (og.Adagrad, False)):
    here = og.descend(rule, turned, turned.start + 1, 30, lr=0.5).theta
    there = og.descend(rule, seen, steps=30, lr=0.5).theta
    assert (np.abs(U @ here @ V - there).max() < 1e-9) == same

# %%
# **Without memory it is spectral descent.** With ``beta2 = 0`` both matrices hold the newest gradient alone. Its singular
# value :math:`\sigma` is then divided by :math:`\sigma^{1/2}` twice, and what is left is :math:`U V^\top`, the step that
# :ref:`Muon <sphx_glr_gallery_optimizers_plot_muon.py>` approximates. :cite:t:`bernstein2024` read Shampoo this way.

# proof: with beta2 = 0 and eps = 0 every step is lr times the orthogonal factor of the gradient
forgetful = og.descend(og.Shampoo.at(beta2=0.0, eps=0.0), turned, turned.start + 1, 20, lr=0.1)
factors = np.linalg.svd(forgetful.grad)
error = np.abs(np.diff(forgetful.theta, axis=0) + 0.1 * factors.U @ factors.Vh).max((1, 2))
condition = factors.S[:, 0] / factors.S[:, -1]  # L and R have its square
assert (error < 1e-16 * condition**2).all()

# %%
# One knob: the memory
# --------------------
# With sums, the default, steps become shorter on their own, as Adagrad's do, and no schedule is needed. Averages
# forget: with 0.9 the steps soon stop becoming shorter, and at a constant learning rate the loss stops falling.

lrs = {1.0: 10.0, 0.99: 0.05, 0.9: 0.05}
memories = {f"beta2 = {b}": og.Shampoo.at(beta2=b, lr=lr) for b, lr in lrs.items()}
knob = og.race(memories, turned, steps=200)
knob.plot_loss()

# %%

# proof: with sums the loss falls more than a billion times further than with averages; with 0.9 the
# steps from the hundredth to the last do not become shorter, and the last ten losses are alike
ends = [run.loss[-1] for run in knob.values()]
assert ends[0] < 1e-9 * min(ends[1:])
calm = knob["beta2 = 0.9"]
lengths = np.linalg.norm(np.diff(calm.theta, axis=0), axis=(1, 2))
assert lengths[-1] > lengths[99] and np.ptp(calm.loss[-10:]) < 0.2 * calm.loss[-1]

# %%
# The whole axis of learning rates
# --------------------------------
# The learning rate has another scale than Adam's. Sums over many steps are large, so their roots divide by much, and
# the best learning rate is far above 1 here. It does not carry over from one problem to another, or to another length
# of training.

starts = np.random.default_rng(0).normal(size=(3, 8, 8))
rates = study.rates(
    og.Shampoo, og.Adagrad, surface=turned, starts=starts, lrs=np.logspace(-1, 2, 7)
)
rates

# %%

# proof: Shampoo's best learning rate is above 1, and its loss there far below Adagrad's
assert rates.best["Shampoo"] > 1
assert rates.loss["Shampoo"] < 1e-6 * rates.loss["Adagrad"]

# %%
# How to set it
# -------------
# In large models Shampoo is used with three additions that this rule leaves out, so that its formula can be seen: the
# roots are computed anew only every ten to a hundred steps, because they cost more than the rest; large matrices are
# cut into blocks; and the length of the step is *grafted*, that is taken from SGD's or Adam's, so that a tuned learning
# rate can stay. With those, it won the first AlgoPerf competition, about 28 % faster than NAdamW
# :cite:p:`kasimbeg2025`.
#
# Where it fails
# --------------
# A matrix of m rows and n columns needs :math:`m^2 + n^2` numbers. For a square one that is as much as Adam's two, for a
# layer of ten rows and a thousand columns it is :n:`(10**2 + 1000**2) / 10**4:.0f` times the weights. And the two inverse
# roots cost on the order of :math:`m^3 + n^3` operations in every step.

# proof: for a square matrix it remembers two numbers a weight, for one of 10 x 1000 a hundred
for shape, expected in (((50, 50), 2), ((10, 1000), 100)):
    weight = torch.nn.Parameter(torch.ones(shape))
    optimizer = og.Shampoo([weight])
    weight.grad = torch.zeros(shape)
    optimizer.step()
    kept = sum(optimizer.state[weight][name].numel() for name in ("L", "R"))
    assert round(kept / weight.numel()) == expected

# %%
# Provenance
# ----------
# :cite:t:`gupta2018`, for tensors with any number of axes; here for matrices. ``torch_optimizer.Shampoo`` takes inverse
# square roots instead of fourth ones, and collects the columns' sums from a gradient that is already multiplied. This
# has been reported and the package is no longer developed. ``pytorch_optimizer.Shampoo`` is equal to ours.
#
# .. oracles:: Shampoo
