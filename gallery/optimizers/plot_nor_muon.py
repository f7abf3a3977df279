r"""
NorMuon
=======

Muon makes the singular values of its update nearly equal, but not its rows: in a tall matrix some of them hardly move.
NorMuon divides each row by the length that it usually has.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

tall = og.problems.matrix_quadratic(32, 4, condition=100, rotated=False)
fall = partial(LinearLR, start_factor=1, end_factor=0, total_iters=120)
pair = {"Muon": og.Muon.at(momentum=0.8, weight_decay=0.0), "NorMuon": og.NorMuon.at(momentum=0.8)}
best = {"Muon": 1.0, "NorMuon": 0.14}
runs = {name: partial(pair[name], lr=best[name], schedule=fall) for name in pair}
race = og.race(runs, tall, steps=120)
race

# %%
# Both look for a matrix :math:`W^\star` of 32 rows and 4 columns. What is missing in the last row counts a
# ten-thousandth of what is missing in the first, in the loss as in the gradient. Each rule has the best of ten learning
# rates, which falls to zero over 120 steps. Of the first loss Muon leaves :n:`left["Muon"]:.0e`, NorMuon
# :n:`left["NorMuon"]:.0e`.

left = {name: run.loss[-1] / run.loss[0] for name, run in race.items()}

# %%

# proof: NorMuon leaves less than a thousandth of what Muon leaves; what is missing in the last row
# counts a ten-thousandth of what is missing in the first
assert left["NorMuon"] < left["Muon"] / 1000
goal, missing = torch.as_tensor(tall.known_minima()[0]), torch.zeros(2, 32, 4)
missing[0, 0] = missing[1, -1] = 1
np.testing.assert_allclose(np.divide(*tall(goal + missing).tolist()), 1e4)

# %%

og.card(og.NorMuon)

# %%
# The rule
# --------
# Down to ``orthogonalize`` it is :ref:`Muon <sphx_glr_gallery_optimizers_plot_muon.py>`. Then ``r`` averages the mean
# square of every row, as Adam's ``v`` averages the square of every entry, and each row is divided by its root. Last,
# the matrix gets back the length that it had, so that a learning rate means what it means for Muon. A common factor of
# all rows cancels there, which is why no bias needs to be corrected.

og.pseudocode(og.NorMuon)

# %%

og.pseudocode(og.NorMuon).hyperparameters

# %%
# What it repairs
# ---------------
# Orthogonalizing makes the *columns* of a tall matrix orthonormal. Its rows cannot be: there are more of them than
# dimensions. Their squared lengths add up to the number of columns, and how they share it depends on the gradient. The
# longest row of Muon's first step is here :n:`longest["Muon"]:,.0f` times as long as the shortest.

lengths, steps = {}, {}
for name, rule in {**pair, "gradient": og.SGD}.items():
    first = og.descend(rule, tall, steps=1, lr=1.0).theta
    steps[name] = first[1] - first[0]
    lengths[name] = np.linalg.norm(steps[name], axis=1)
longest = {name: rows.max() / rows.min() for name, rows in lengths.items()}
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
colors = {"gradient": "gray", "Muon": og.Muon.color, "NorMuon": og.NorMuon.color}
for name, color in colors.items():
    ax.semilogy(range(1, 33), lengths[name], "o-", label=name, color=color)
ax.set(xlabel="row", ylabel="length")
ax.set_title("Rows of one gradient, and of the first steps made of it")
ax.legend()

# %%

# proof: the rows of an orthogonal factor have squares that add up to the number of columns; here
# their lengths differ more than a hundredfold
factor = np.linalg.svd(steps["gradient"], full_matrices=False)
rows = np.linalg.norm(factor.U @ factor.Vh, axis=1)
assert abs(np.sum(rows**2) - 4) < 1e-12 and rows.max() > 100 * rows.min()

# %%

# proof: NorMuon's first step has rows of one length, and all of it is as long as Muon's
np.testing.assert_allclose(lengths["NorMuon"], lengths["NorMuon"][0], rtol=1e-4)
np.testing.assert_allclose(*(np.linalg.norm(steps[name]) for name in pair), rtol=1e-9)

# %%
# **What it costs.** Here rows of one length cost the equal singular values. The exact orthogonal factor of
# this gradient has four singular values of 1. With its rows divided by their lengths, the largest is :n:`spread:.1f`
# times the smallest.

spread = np.linalg.cond(factor.U @ factor.Vh / rows[:, None])

# %%

# proof: even rows make the singular values uneven, but far less so than those of the gradient
assert 2 < spread < np.linalg.cond(steps["gradient"]) / 1000

# %%
# When it helps, and when not
# ---------------------------
# It can help where rows differ by themselves, because each belongs to one neuron. In a square or wide matrix the rows
# of an orthogonal factor have length 1 anyway. And if the directions of the loss are turned, no row is special, and the
# small gradients of some directions are spread over all rows.

versions = {"32 × 4, rows differ": tall}
versions["32 × 4, axes turned"] = og.problems.matrix_quadratic(32, 4, condition=100)
versions["4 × 32, rows differ"] = og.problems.matrix_quadratic(4, 32, 100, rotated=False)
lrs, ends = np.geomspace(0.07, 2.2, 6), {}
for version, problem in versions.items():
    for name, rule in pair.items():
        start = np.zeros((1, *problem.shape))
        runs = og.descend(rule, problem, start, 120, lr=lrs[:, None], schedule=fall)
        ends[version, name] = runs.loss[-1].min() / runs.loss[0, 0, 0]
gain = {version: ends[version, "Muon"] / ends[version, "NorMuon"] for version in versions}
og.Table(
    "What is left of the loss after 120 steps, at the best of six learning rates",
    ("problem", *pair, "Muon / NorMuon"),
    [(v, *(f"{ends[v, name]:.0e}" for name in pair), f"{gain[v]:,.1f}") for v in versions],
)

# %%

# proof: more than a hundred times less is left where rows of a tall matrix differ; turned, or with
# as many columns as the other has rows, the two are within a factor of ten
tall_gain, *others = gain.values()
assert tall_gain > 100 and all(0.1 < factor < 10 for factor in others)

# %%
# One knob: how long rows are remembered
# --------------------------------------
# With ``beta2 = 0`` every row is divided by its present length, and all steps have rows of one length. The longer the
# memory, the more a row may differ from what is usual for it. Here it changes little.

knobs = {f"beta2 = {b}": partial(pair["NorMuon"], beta2=b) for b in (0.0, 0.5, 0.95, 0.999)}
knob = og.race(knobs, tall, steps=120, lr=0.14, schedule=fall)
knob.plot_loss()

# %%

# proof: with beta2 = 0 all rows of every step have one length; with any memory tried, at least a
# hundred times less is left than with Muon
each = np.linalg.norm(np.diff(knob["beta2 = 0.0"].theta[:100], axis=0), axis=2)
np.testing.assert_allclose(each, each[:, :1] * np.ones(32), rtol=1e-4)
assert all(run.loss[-1] < left["Muon"] * run.loss[0] / 100 for run in knob.values())

# %%
# The whole axis of learning rates
# --------------------------------
# As with Muon, the lengths of steps do not depend on how large gradients are, and at the end the learning rate must
# fall.

starts = np.random.default_rng(0).normal(size=(3, 32, 4))
both = {name: partial(rule, schedule=fall) for name, rule in pair.items()}
rates = study.rates(both, surface=tall, starts=starts, lrs=np.logspace(-1.5, 0.5, 7), steps=120)
rates

# %%

# proof: at its best learning rate NorMuon's median loss is less than a hundredth of Muon's
assert rates.loss["NorMuon"] < rates.loss["Muon"] / 100

# %%
# How to set it
# -------------
# The authors take what one takes for Muon: a learning rate of 0.02 and both decay rates 0.95. Which parameters it is
# for is as with Muon, too: matrices inside the network, stored with a row for each output, as PyTorch's layers do. If
# rows and columns are exchanged, something else is made even.
#
# **What to expect.** :cite:t:`li2025` report for a language model of 1.1 billion parameters a training that is 22 % more
# efficient than with Adam and 11 % more than with Muon. These are the authors' own comparisons.
#
# Where it fails
# --------------
# Muon's path turns with the axes of rows and columns. NorMuon's turns with those of columns only, because its rows are
# those of the given axes. Where rows have no meaning of their own, that is a loss.

# proof: NorMuon's path turns with the axes of columns, not with those of rows; Muon's with both
rng = np.random.default_rng(0)
for name, turns_rows in (("Muon", True), ("NorMuon", False)):
    for turned_rows in (True, False):
        U = np.linalg.qr(rng.normal(size=(32, 32))).Q if turned_rows else np.eye(32)
        V = np.linalg.qr(rng.normal(size=(4, 4))).Q
        u, v = torch.from_numpy(U), torch.from_numpy(V)
        seen = og.Problem(lambda W, u=u, v=v: tall(u.mT @ W @ v.mT), (32, 4), [U @ tall.start @ V])
        here, there = (og.descend(pair[name], p, steps=20, lr=0.1).theta for p in (tall, seen))
        same = np.abs(U @ here @ V - there).max() < 1e-9
        assert same == (turns_rows or not turned_rows)

# %%
# Provenance
# ----------
# :cite:t:`li2025`, with the scale of the authors' code, which restores the Frobenius norm and then multiplies by Muon's
# factor for tall matrices. The algorithm in the paper gives the update the norm :math:`0.2 \sqrt{mn}` instead, for
# learning rates taken from AdamW. The constant ``eps`` is fixed in their code.
#
# The code, and ``pytorch_optimizer`` after it, orthogonalizes in bfloat16. For the comparison below that one function
# is replaced by a computation in float64, and the rest of the package's step stays as it is.
#
# .. oracles:: NorMuon
