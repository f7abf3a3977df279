r"""
Muon
====

Muon averages the gradient of a matrix and makes the singular values of the average nearly equal, down to about a
hundredth of the largest. So a direction in which the gradient is small gets as long a step as one in which it is large,
whichever way the axes lie.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study
from optguide.language import orthogonalize

turned = og.problems.matrix_quadratic(8, 8)
fall = partial(LinearLR, start_factor=1, end_factor=0, total_iters=200)
muon = og.Muon.at(momentum=0.8, weight_decay=0.0)
rules = {"Muon": muon, "Adam": og.Adam, "Signum": og.Signum, "Momentum": og.Momentum}
best = {"Muon": 0.18, "Adam": 0.56, "Signum": 0.05, "Momentum": 3.2}
runs = {name: partial(rule, lr=best[name], schedule=fall) for name, rule in rules.items()}
race = og.race(runs, turned, steps=200)
race

# %%
# Four rules look for a matrix :math:`W^\star` of 8 rows and 8 columns. The loss is
# :math:`\tfrac12 \lVert A (W - W^\star) B \rVert^2`. A and B weaken some directions of rows and columns tenfold, so that
# curvatures reach from 1 down to 1/10,000, and the directions are random: no axis is one of them. Each rule has the best
# of ten learning rates, which falls to zero over 200 steps. What is left of the first loss is :n:`left["Muon"]:.0e` with
# Muon, :n:`left["Signum"]:.0e` with Signum and :n:`left["Adam"]:.0e` with Adam.

left = {name: run.loss[-1] / run.loss[0] for name, run in race.items()}

# %%

# proof: on the turned problem less than a fiftieth is left with Muon of what is left with any other
assert left["Muon"] < min(left[name] for name in ("Adam", "Signum", "Momentum")) / 50

# %%

og.card(og.Muon)

# %%
# The rule
# --------
# Every matrix can be written as :math:`U \Sigma V^\top`: orthonormal directions of its rows and columns, and singular
# values that say how much there is of each pair. ``orthogonalize`` keeps the directions and brings the singular values
# near 1, by :ref:`five steps of Newton and Schulz <sphx_glr_gallery_foundations_plot_orthogonalize.py>`, which are
# nothing but matrix products.

og.pseudocode(og.Muon)

# %%

og.pseudocode(og.Muon).hyperparameters

# %%
# What it repairs
# ---------------
# The gradient of a matrix is often dominated by a few directions. Here its largest singular value is
# :n:`values["gradient"][0] / values["gradient"][-1]:,.0f` times its smallest. A step along the gradient hardly moves in
# the other directions. Adam's first step is the sign of the gradient, entry by entry. That makes all entries equal, but
# not all directions: here the sign has rank three. Muon's step has eight singular values, the largest
# :n:`values["Muon"][0] / values["Muon"][-1]:.0f` times the smallest.

values = {}
for name, rule in {"Muon": muon, "Adam": og.Adam}.items():
    first = og.descend(rule, turned, steps=1, lr=1.0)
    values[name] = np.linalg.svd(first.theta[1] - first.theta[0]).S
values = {"gradient": np.linalg.svd(first.grad[0]).S, **values}
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
colors = {"gradient": "gray", "Muon": og.Muon.color, "Adam": og.Adam.color}
for name, found in values.items():
    ax.semilogy(range(1, 9), found, "o-", label=name, color=colors[name])
ax.set(xlabel="singular value, from the largest", ylabel="size", ylim=(1e-4, 20))
ax.set_title("One gradient, and the first steps made of it")
ax.legend()

# %%

# proof: the singular values of the gradient differ five-thousandfold, those of Muon's step
# thirteenfold, and those of Adam's are zero from the fourth on
assert values["gradient"][0] > 5000 * values["gradient"][-1]
assert values["Muon"][0] < 13 * values["Muon"][-1]
assert values["Adam"][2] > 1 and values["Adam"][3] < 1e-6

# %%
# Among all matrices whose largest singular value is 1, :math:`U V^\top` is the one along which the loss falls most
# steeply. :cite:t:`bernstein2024` derive the rule so: sign descent is steepest descent if a step is measured by its
# largest entry, Muon without momentum if it is measured by its largest singular value.

# proof: of a thousand matrices with no singular value above 1, none goes as steeply down as U V'
gradient = torch.from_numpy(first.grad[0])
bound = torch.linalg.svdvals(gradient).sum()
others = torch.linalg.qr(torch.from_numpy(np.random.default_rng(0).normal(size=(1000, 8, 8)))).Q
assert ((others * gradient).sum((1, 2)) < bound).all()

# %%
# **When the axes turn**, Muon's path turns with them. If the problem is seen from other axes of rows and columns,
# :math:`f(U^\top W V^\top)`, then every point of the path is seen from them, to the rounding of the last digits. Adam's
# and Signum's paths change, because each of their numbers belongs to one entry.

rng = np.random.default_rng(1)
U, V = (np.linalg.qr(rng.normal(size=(8, 8))).Q for _ in range(2))
u, v = torch.from_numpy(U), torch.from_numpy(V)
seen = og.Problem(lambda W: turned(u.mT @ W @ v.mT), (8, 8), [U @ (turned.start + 1) @ V])

# %%

# proof: Muon's path turns with the axes, to 1e-12 over 30 steps; Adam's and Signum's do not
for rule, same in ((og.Muon, True), (og.Adam, False), (og.Signum, False)):
    here = og.descend(rule, turned, turned.start + 1, 30, lr=0.1).theta
    there = og.descend(rule, seen, steps=30, lr=0.1).theta
    assert (np.abs(U @ here @ V - there).max() < 1e-12) == same

# %%
# **Why no map shows it.** A landscape has two coordinates, and two numbers are no matrix with directions of its own. As
# one row, Muon is momentum divided by its length and multiplied by 0.6964, which is what the five steps make of 1. As
# the diagonal of a matrix it is Signum, except that the size varies between 0.68 and 1.14, as long as
# neither entry is below a hundredth of the other. Films of Muon on such a map
# show one of these two, so here all landscapes refuse it.

# proof: a row becomes 0.6964 of its direction, a diagonal its signs times 0.68 to 1.14
row = orthogonalize(torch.tensor([[3.0, 4.0]]).double())
np.testing.assert_allclose(row, [[0.6964 * 0.6, 0.6964 * 0.8]], atol=1e-4)
diagonal = orthogonalize(torch.diag(torch.tensor([3.0, -0.04])).double()).diagonal()
assert 0.68 < diagonal[0] < 1.14 and -1.14 < diagonal[1] < -0.68

# %%
# One knob: the momentum
# ----------------------
# Where gradients are exact, an average of past ones only delays: with a momentum of 0.95 the loss ends more than tenfold
# above that of no momentum or 0.8, and with 0.99 more than a hundredfold above that. The default of 0.95 is meant for
# the noise of small batches.

four = (0.0, 0.8, 0.95, 0.99)
memories = {f"momentum = {m}": og.Muon.at(momentum=m, weight_decay=0.0) for m in four}
knob = og.race(memories, turned, steps=200, lr=0.18, schedule=fall)
knob.plot_loss()

# %%

# proof: without noise a long memory ends higher; between 0 and 0.8 the last digits of the start
# decide
ends = [run.loss[-1] for run in knob.values()]
assert max(ends[:2]) < ends[2] / 10 and ends[2] < ends[3] / 100

# %%
# The whole axis of learning rates
# --------------------------------
# All of Muon's steps have about the same length, so at a constant learning rate it hovers around the minimum at a
# distance that the learning rate sets. The lowest median loss is :n:`rates.loss["Muon"]:.0e`, and it is
# :n:`rates.loss["Muon, falling"]:.0e` where the learning rate falls to zero. Adam, whose steps shrink as the gradients
# of nearby steps disagree, needs the schedule less.

starts = np.random.default_rng(0).normal(size=(4, 8, 8))
both = {"Muon": muon, "Muon, falling": partial(muon, schedule=fall)}
both |= {"Adam": og.Adam, "Adam, falling": partial(og.Adam.at(), schedule=fall)}
rates = study.rates(both, surface=turned, starts=starts, lrs=np.logspace(-2, 0.5, 9))
rates

# %%

# proof: the schedule lowers Muon's best loss a thousandfold, and Muon's is then the lowest
assert rates.loss["Muon"] > 1000 * rates.loss["Muon, falling"]
assert min(rates.loss, key=rates.loss.get) == "Muon, falling"

# %%
# How to set it
# -------------
# **Which parameters.** Muon is for the matrices inside a network. :cite:t:`jordan2024` leave embeddings, the last layer,
# gains and biases to AdamW; kernels of convolutions are flattened to matrices first. A grouping that is wrong raises no
# error in most libraries. This class refuses what is no matrix.
#
# **Learning rate.** The authors take 0.02, and let it fall. Their scale, :math:`\sqrt{\max(1, \text{rows}/\text{columns})}`,
# is the one used here. :cite:t:`liu2025` scale by :math:`0.2 \sqrt{\max(\text{rows}, \text{columns})}` instead. Then an
# entry of the step is about as large as one of Adam's, and learning rate and weight decay can be taken from AdamW.
#
# **Weight decay.** The first version had none; :cite:t:`liu2025` found that training at scale needs it, and in the
# comparison of :cite:t:`semenov2025` Muon with decay is well ahead of Muon without.
#
# **What to expect.** :cite:t:`wen2025` tuned many optimizers with equal care. Against a well-tuned AdamW none was more
# than 1.4 times as fast, and at 1.2 billion parameters 1.1 times. The fastest, Muon among them, all multiply by
# matrices.
#
# Where it fails
# --------------
# On :math:`\tfrac12 \lVert W \rVert^2`, the roundest bowl there is, Muon with a constant learning rate does not come to
# rest: a step moves every singular value by roughly one learning rate, whether that much is missing or not. The
# smallest ones grow until they are as large as the others.

bowl = og.problems.half_square(8, 8)
rest = og.descend(og.Muon.at(momentum=0.0, weight_decay=0.0), bowl, steps=200, lr=0.1)
sizes = np.linalg.svd(rest.theta).S
fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
ax.semilogy(sizes)
ax.set(xlabel="step", ylabel="singular values of W")
ax.set_title("Muon on a round bowl, learning rate 0.1")

# %%

# proof: after 200 steps no singular value is below a tenth of the learning rate
assert sizes[-1].min() > 0.01 and sizes[-1].max() < 0.1

# %%
# Provenance
# ----------
# :cite:t:`jordan2024`; the idea that orthogonalizing is steepest descent is older. The average is an EMA, as in the
# authors' code and in PyTorch's; its docstring writes a sum, which orthogonalizing cannot tell from it.
#
# **Precision.** PyTorch, ``pytorch_optimizer`` and the authors' code orthogonalize in bfloat16, whatever the dtype of
# the parameters. So ``torch.optim.Muon`` on float64 parameters is no oracle: after 30 steps at a learning rate of 0.02
# it is :n:`apart:.1g` away. ``optax`` keeps the dtype, and is equal.
#
# **Scale.** ``optax`` has rows and columns exchanged, because layers in JAX store their weights transposed; with
# Nesterov's momentum it corrects the bias of both parts of the average, others correct none. The authors add 1e-7 to the
# norm by which they divide. PyTorch and this class divide by 1e-7 if the norm is smaller, and so the size of a larger
# gradient does not matter at all.
#
# .. oracles:: Muon

# %%

# proof: torch's Muon, which rounds to bfloat16, is between 0.001 and 0.02 away after 30 steps
pair = [og.descend(rule, turned, steps=30, lr=0.02) for rule in (og.Muon, torch.optim.Muon)]
apart = np.abs(pair[0].theta - pair[1].theta).max()
assert 1e-3 < apart < 2e-2
