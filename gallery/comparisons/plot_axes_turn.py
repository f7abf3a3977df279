r"""
When the axes turn
==================

Adam ends almost a thousand times higher when the directions of a matrix problem no longer lie along its rows and
columns. Muon, which steps directions instead of entries, ends no higher.
"""

from functools import partial

import numpy as np
import torch
from torch.optim.lr_scheduler import LinearLR

import optguide as og

fall = partial(LinearLR, start_factor=1, end_factor=0, total_iters=120)
muon = og.Muon.at(momentum=0.8, weight_decay=0.0)
rules = {"SGD": og.SGD, "Signum": og.Signum, "Adam": og.Adam, "Muon": muon}
lrs = np.geomspace(0.02, 4, 8)
turned = og.problems.matrix_quadratic(8, 8)
best = zip(rules, lrs[[6, 1, 4, 3]], strict=True)
runs = {name: partial(rules[name], lr=lr, schedule=fall) for name, lr in best}
race = og.race(runs, turned, steps=120, title="A matrix problem with turned axes")
race

# %%
# Four rules look for a matrix :math:`W^\star` with 8 rows and 8 columns. The bars on the left are the singular values of
# what is missing, :math:`W - W^\star`, and below them those of the present update. In the median of the first fifty
# updates, Muon's go more than a tenth as far in the smallest of the eight directions as in the largest, the others less
# than a twenty-fifth.

# proof: in the median of the first fifty steps Muon's smallest singular value is more than a tenth
# of its largest, that of the others less than a twenty-fifth
flat = {}
for name, run in race.items():
    values = np.linalg.svd(np.diff(run.theta[:51], axis=0)).S
    flat[name] = np.median(values[:, -1] / values[:, 0])
assert flat["Muon"] > 0.1 and max(flat[name] for name in ("SGD", "Signum", "Adam")) < 0.04

# %%
# The problem
# -----------
# The loss is :math:`\tfrac12 \lVert A (W - W^\star) B \rVert^2`. A weakens some directions of the rows up to tenfold, B
# some directions of the columns, so that curvatures reach from 1 down to 1/10,000. The problem comes in two versions.
# In the *aligned* one A and B are diagonal. Then every entry :math:`W_{ij}` has a curvature of its own,
# :math:`a_i^2 b_j^2`, and no influence on the others: the 64 numbers are 64 problems, and a rule that finds a step size
# for each number, as Adam does, has found the right one. In the *turned* version the same curvatures belong to
# directions at random angles, and every entry takes part in all of them.

# proof: aligned, the Hessian is diagonal; turned, it has the same eigenvalues, and more than
# two thirds of its squares lie off the diagonal
aligned = og.problems.matrix_quadratic(8, 8, rotated=False)
hessians = []
for problem in (aligned, turned):
    second = torch.func.jacrev(torch.func.grad(problem.loss))
    hessians.append(second(torch.zeros(8, 8).double()).reshape(64, 64).numpy())
off = [1 - np.sum(np.diag(H) ** 2) / np.sum(H**2) for H in hessians]
np.testing.assert_allclose(*map(np.linalg.eigvalsh, hessians), atol=1e-12)
assert abs(off[0]) < 1e-12 and off[1] > 2 / 3

# %%
# Aligned and turned, by one protocol
# -----------------------------------
# Each rule has eight learning rates from 0.02 to 4, each of which falls to zero over 120 steps, on three problems of
# either version, made from three seeds. The best learning rate counts, for each problem by itself. Everything else is at
# its default, except that Muon and SOAP have no weight decay, which would pull W away from :math:`W^\star`, Muon a
# momentum of 0.8 for gradients without noise, SOAP the betas of Adam, and Shampoo averages of ten steps in place of sums.
# The table gives what is left of the first loss: the median of the three seeds, and the lowest and the highest.

rules["Shampoo"] = og.Shampoo.at(beta2=0.9)
rules["SOAP"] = og.SOAP.at(betas=(0.9, 0.999), weight_decay=0.0)
left, chosen = {}, []
for name, rule in rules.items():
    for version in ("aligned", "turned"):
        ends = left[name, version] = []
        for seed in range(3):
            problem = og.problems.matrix_quadratic(8, 8, rotated=version == "turned", seed=seed)
            start = np.zeros((1, 8, 8))
            run = og.descend(rule, problem, start, 120, lr=lrs[:, None], schedule=fall)
            ends.append(np.nanmin(run.loss[-1]) / run.loss[0, 0, 0])
            chosen.append(np.nanargmin(run.loss[-1]))
show = "{:.0e} ({:.0e} to {:.0e})".format
cells = {key: show(np.median(ends), min(ends), max(ends)) for key, ends in left.items()}
price = {n: np.median(left[n, "turned"]) / np.median(left[n, "aligned"]) for n in rules}
og.Table(
    "What is left of the first loss after 120 steps",
    ("optimizer", "aligned", "turned", "turned / aligned"),
    [(n, cells[n, "aligned"], cells[n, "turned"], f"{price[n]:.3g}") for n in rules],
)

# %%
# Turned axes cost Adam a factor of :n:`price["Adam"]:.0f`. Signum, which has a step of the same size for every entry
# at all times and so does not gain as much from aligned axes, loses a factor of :n:`price["Signum"]:.1f`. SGD and the
# three rules of matrices lose nothing: their paths turn with the axes, as is proved on the pages of
# :ref:`Muon <sphx_glr_gallery_optimizers_plot_muon.py>`, :ref:`Shampoo <sphx_glr_gallery_optimizers_plot_shampoo.py>`
# and :ref:`SOAP <sphx_glr_gallery_optimizers_plot_soap.py>`, so what is left differs only by where :math:`W^\star`
# happens to lie. SOAP is Adam in coordinates that turn, and leaves, whichever way they lie, about what Adam leaves where
# they are aligned. Shampoo, without momentum and with a memory of ten steps, ends lowest here, where there is no noise.

# proof: Adam's median rises more than two hundredfold, those of SGD and the rules of matrices do
# not double; turned, every seed leaves less than a hundredth with any of these three of what it
# leaves with any other; SOAP, turned, leaves what Adam leaves aligned, to a factor of five
assert price["Adam"] > 200 and 2 < price["Signum"] < 20
assert max(price[name] for name in ("SGD", "Muon", "Shampoo", "SOAP")) < 2
others = [left[name, "turned"] for name in ("SGD", "Signum", "Adam")]
assert max(max(left[n, "turned"]) for n in ("Muon", "Shampoo", "SOAP")) < np.min(others) / 100
assert 0.2 < np.median(left["SOAP", "turned"]) / np.median(left["Adam", "aligned"]) < 5
assert 0.2 < np.median(left["Adam", "aligned"]) / np.median(left["Muon", "aligned"]) < 5

# %%
# No chosen learning rate lies at an end of the grid, so the grid was wide enough for all six.

# proof: every chosen learning rate has lower and higher ones beside it
assert 0 < min(chosen) and max(chosen) < len(lrs) - 1

# %%
# What this does and does not say
# -------------------------------
# It says where a rule of matrices can gain: where curvature belongs to directions that mix entries, as it does in the
# layers of a network. It says nothing of how much. The problem has no noise, no depth, and one curvature for all times.
#
# Large studies find the same order and smaller ratios. :cite:t:`wen2025` give AdamW and ten others the same care in
# tuning: the fastest, among them Muon and SOAP, all multiply gradients by matrices, but their gain over AdamW falls from
# 1.4 times at 0.1 billion parameters to 1.1 times at 1.2 billion. In the comparison of :cite:t:`semenov2025` AdEMAMix,
# MARS and Muon with weight decay are ahead; without decay Muon is not. :cite:t:`jordan2026` count steps to a fixed loss,
# with model, data and batches the same for all: in May 2026 Muon needed 3,325, Shampoo 4,100, and the orthogonal factor of
# the gradient without any momentum 8,225. There momentum matters more than it does here.
