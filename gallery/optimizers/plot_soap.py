r"""
SOAP
====

SOAP is Adam in other coordinates. It keeps Shampoo's two matrices of rows and columns, but uses only their eigenvectors:
along these, each of its numbers gets a scale of its own, as in Adam.
"""

from functools import partial

import numpy as np
import torch
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

turned = og.problems.matrix_quadratic(8, 8)
aligned = og.problems.matrix_quadratic(8, 8, rotated=False)
fall = partial(LinearLR, start_factor=1, end_factor=0, total_iters=200)
soap = og.SOAP.at(lr=1.0, betas=(0.9, 0.999), weight_decay=0.0)
pair = {"SOAP": soap, "Adam": og.Adam.at(lr=1.0)}
race = og.race(pair, turned, steps=200, schedule=fall)
race

# %%
# Both look for a matrix of 8 rows and 8 columns, with the same betas and the same learning rate, which falls to zero. The
# curvatures of the loss reach from 1 to 1/10,000, along directions of rows and columns that are random. Adam leaves
# :n:`left["Adam"]:.0e` of the first loss, SOAP :n:`left["SOAP"]:.0e`.

left = {name: run.loss[-1] / run.loss[0] for name, run in race.items()}

# %%

# proof: SOAP leaves less than a hundred-thousandth of what Adam leaves
assert left["SOAP"] < 1e-5 * left["Adam"]

# %%

og.card(og.SOAP)

# %%
# The rule
# --------
# ``L`` and ``R`` are averages of :math:`G G^\top` and :math:`G^\top G`, ``P`` and ``Q`` their eigenvectors. The
# gradient is turned into these coordinates, :math:`P^\top G Q`, and so is its average; Adam's quotient is formed there
# and turned back. The average itself is kept in the old coordinates, so that it stays the same when the bases change.

og.pseudocode(og.SOAP)

# %%

og.pseudocode(og.SOAP).hyperparameters

# %%
# What it repairs
# ---------------
# Adam's scales belong to the entries of a matrix. If the directions of the loss lie along rows and columns, that is as
# good as it gets. If they are turned, every entry mixes all of them. SOAP finds the directions and is as good on the
# turned problem as Adam on the straight one.

rows = []
for name, rule in pair.items():
    ends = [og.descend(rule, p, steps=200, schedule=fall).loss[[0, -1]] for p in (aligned, turned)]
    rows.append([name, *(end[1] / end[0] for end in ends)])
og.Table(
    "What is left of the loss after 200 steps",
    ("rule", "axes aligned", "axes turned"),
    [(name, f"{straight:.0e}", f"{oblique:.0e}") for name, straight, oblique in rows],
)

# %%

# proof: the turn costs SOAP less than a factor of ten, Adam more than a factor of ten thousand
cost = {name: oblique / straight for name, straight, oblique in rows}
assert cost["SOAP"] < 10 and cost["Adam"] > 1e4

# %%
# The bases turn with the axes, so the path does, too. Eigenvectors of small eigenvalues are known to fewer digits, and the
# paths agree to five.

# proof: SOAP's path turns with the axes of rows and columns, Adam's does not
rng = np.random.default_rng(0)
U, V = (np.linalg.qr(rng.normal(size=(8, 8))).Q for _ in range(2))
u, v = torch.from_numpy(U), torch.from_numpy(V)
seen = og.Problem(lambda W: turned(u.mT @ W @ v.mT), (8, 8), [U @ (turned.start + 1) @ V])
for rule, same in ((og.SOAP, True), (og.Adam, False)):
    here = og.descend(rule, turned, turned.start + 1, 30, lr=0.1).theta
    there = og.descend(rule, seen, steps=30, lr=0.1).theta
    assert (np.abs(U @ here @ V - there).max() < 1e-5) == same

# %%
# One knob: how often the bases are renewed
# -----------------------------------------
# Eigenvectors are the expensive part of a step, so they are renewed every ``precondition_frequency`` steps. On a quadratic
# the directions stay where they are, and it hardly matters how often. :cite:t:`vyas2025` report that in language models
# SOAP loses less than Shampoo if they are renewed rarely, and :ref:`turn the old ones by a QR decomposition
# <sphx_glr_gallery_foundations_plot_eigenbasis.py>`.

knobs = {f"every {n} steps": partial(soap, precondition_frequency=n) for n in (1, 10, 1000)}
knob = og.race(knobs, turned, steps=200, schedule=fall)
knob.plot_loss()

# %%

# proof: bases of every step, of every tenth and of the first alone all leave less than 1e-8
assert all(run.loss[-1] < 1e-8 * run.loss[0] for run in knob.values())

# %%
# The whole axis of learning rates
# --------------------------------
# A learning rate means what it means for Adam: about the length of a step in each coordinate, here of the turned ones.

starts = np.random.default_rng(0).normal(size=(2, 8, 8))
both = {"SOAP": partial(soap, schedule=fall), "Adam": partial(og.Adam.at(), schedule=fall)}
rates = study.rates(both, surface=turned, starts=starts, lrs=np.logspace(-1.5, 1, 6))
rates

# %%

# proof: at its best learning rate SOAP is more than ten thousand times lower than Adam
assert rates.loss["SOAP"] < 1e-4 * rates.loss["Adam"]

# %%
# How to set it
# -------------
# The authors' defaults are a learning rate of 0.003, both betas 0.95, and new bases every ten steps. Vectors, such as
# biases, are given to Adam. In the comparison of :cite:t:`wen2025` SOAP is among the three fastest; all of them multiply
# by matrices.
#
# Where it fails
# --------------
# A matrix of m rows and n columns takes :math:`2mn + 2(m^2 + n^2)` numbers, for a square one six for each weight. And
# where the first gradients have low rank, some of the eigenvectors are arbitrary: which ones a library returns decides
# the path.

# proof: for a square matrix SOAP remembers six numbers for each weight
weight = torch.nn.Parameter(torch.ones(20, 20))
optimizer = og.SOAP([weight])
weight.grad = torch.ones(20, 20)
optimizer.step()
kept = sum(optimizer.state[weight][name].numel() for name in og.SOAP.state_names)
assert kept == 6 * weight.numel()

# %%
# Provenance
# ----------
# :cite:t:`vyas2025`, with the details of the authors' code: the first gradient only fills ``L`` and ``R``, and nothing
# moves; ``eps`` stands beside the root before its bias is corrected. The authors, and ``pytorch_optimizer`` after them,
# do not compute new eigenvectors, but improve the old ones by one multiplication and a QR decomposition in single
# precision. So the comparison with that package is made with the first pair of bases, and the one by hand also with
# later ones.
#
# .. oracles:: SOAP
