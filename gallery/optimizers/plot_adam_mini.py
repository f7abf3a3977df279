r"""
Adam-mini
=========

Adam-mini has one scale for all weights of a row, that is for all that lead to one neuron. If these need about the same
step, the second of Adam's two averages is hardly missed.
"""

from functools import partial

import numpy as np
import torch
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

goal, start = np.random.default_rng(0).normal(size=(2, 16, 16))
sides, target = torch.logspace(0, -4, 16).double(), torch.from_numpy(goal)
by_row, by_column = (
    og.Problem(lambda W, c=c: (c * (W - target) ** 2).sum(), (16, 16), [start], [goal], name)
    for name, c in (("different rows", sides[:, None]), ("different columns", sides[None, :]))
)
fall = partial(LinearLR, start_factor=1, end_factor=0, total_iters=150)
rules = {"AdamMini": og.AdamMini, "AdamW": og.AdamW.at(weight_decay=0.0), "Momentum": og.Momentum}
falling = {name: partial(rule, schedule=fall) for name, rule in rules.items()}
race = og.race(falling, by_row, steps=150, lr=1.0, title="Each row has a curvature of its own")
race

# %%
# The rows of a matrix have curvatures from 2 to 2/10,000, alike for all entries of a row. AdamW keeps 256 scales,
# Adam-mini 16. The learning rate falls from 1 to zero. Of the first loss momentum leaves :n:`left["Momentum"]:.0e`,
# AdamW :n:`left["AdamW"]:.0e` and Adam-mini :n:`left["AdamMini"]:.0e`.

left = {name: run.loss[-1] / run.loss[0] for name, run in race.items()}

# %%

# proof: with a sixteenth of the scales less than a hundredth of what momentum leaves is left
assert max(left["AdamMini"], left["AdamW"]) < left["Momentum"] / 100

# %%

og.card(og.AdamMini)

# %%
# The rule
# --------
# It is AdamW but for one word: the squares that are averaged are the mean squares of rows. A vector is a column, of
# which each number is a row.

og.pseudocode(og.AdamMini)

# %%

og.pseudocode(og.AdamMini).hyperparameters

# %%

# proof: if all entries of a row always have the same gradient, its path is AdamW's
same = og.Problem(lambda W: (sides[:, None] * W).sum() + W.sum(1).sin().sum(), (16, 16), [start])
pair = [og.descend(rules[name], same, steps=30, lr=0.1).theta for name in ("AdamMini", "AdamW")]
np.testing.assert_allclose(*pair, rtol=1e-9, atol=1e-12)

# %%
# What it repairs
# ---------------
# Of AdamW's two numbers for each weight it drops nearly all of the second.

rows = []
for shape in ((16, 16), (256, 1024), (4096, 4096)):
    rows.append([" × ".join(map(str, shape))])
    for rule in (og.AdamW.rule, og.AdamMini.rule, og.Adafactor.rule):
        states = rule.initial(torch.empty(shape, device="meta"), rule.defaults)
        rows[-1].append(f"{sum(state.numel() for state in states) / np.prod(shape):.4g}")
og.Table("Numbers remembered for each weight", ("weights", "AdamW", "Adam-mini", "Adafactor"), rows)

# %%

# proof: for a matrix of 4,096 rows and columns it is half of AdamW's, to a thousandth
assert abs(float(rows[2][2]) / float(rows[2][1]) - 0.5) < 1e-3

# %%
# :cite:t:`zhang2025` choose the blocks by the structure of the Hessian. They report that more than 99.9 % of Adam's step
# sizes can then be left out without harm, if each block keeps one that is well chosen. So the blocks are rows here, and
# in their code heads for the weights of queries and keys.
#
# The whole axis of learning rates
# --------------------------------
# A learning rate means what it means for AdamW.

starts = np.random.default_rng(1).normal(size=(3, 16, 16))
axis = {"starts": starts, "lrs": np.logspace(-2.5, 0.5, 7), "steps": 150}
rates = study.rates(falling, surface=by_row, **axis)
rates

# %%

# proof: Adam-mini's best learning rate is within a factor of four of AdamW's
assert 1 / 4 < rates.best["AdamMini"] / rates.best["AdamW"] < 4

# %%
# How to set it
# -------------
# :cite:t:`zhang2025` take AdamW's settings as they are, on language models of 39 million to 13 billion parameters, and
# find it as good as AdamW or better. Their code recognizes layers by their names and falls back to one scale for a
# whole tensor where it knows none; after a layer has been renamed, the optimizer is another one. Here the rows are
# always those of the tensor, and a vector has a scale for each number, as biases have in their code.
#
# Where it fails
# --------------
# Let the curvatures belong to columns instead, as when the inputs of a layer have very different sizes. But for chance
# all rows are then alike, and within a row there is one step size for all curvatures. Adam-mini ends above momentum,
# AdamW as low as before.

failing = study.rates(falling, surface=by_column, **axis)
failing

# %%

# proof: with curvatures of columns Adam-mini leaves more than momentum, and more than a thousand
# times what AdamW leaves
assert failing.loss["AdamMini"] > max(failing.loss["Momentum"], 1000 * failing.loss["AdamW"])

# %%
# In a network that reads digits, pixels differ, too: some are nearly always empty. Of the roots of the average squares
# of its first layer, nine of ten lie between :n:`low:.1g` and :n:`high:.1f` times the one of their row. For this layer
# one scale for a neuron is a coarse one.

task = og.problems.digits_task(hidden=32)
draw = task.draw(0)
network, squares = draw.problem.network.double(), 0
adam = og.Adam(network.parameters(), lr=0.01)
for batch in draw.rows[task.batches(0, 32, 200)]:
    adam.zero_grad()
    task.loss(network(task.inputs[batch]), task.targets[batch]).backward()
    squares = squares + network[0].weight.grad.numpy() ** 2 / 200
    adam.step()
ratios = np.sqrt(squares / squares.mean(1, keepdims=True))[squares > 0]
low, high = np.quantile(ratios, (0.05, 0.95))

# %%

# proof: within a row the roots differ more than a hundredfold
assert high > 100 * low

# %%
# Provenance
# ----------
# :cite:t:`zhang2025`. The formula is the one of the authors' package ``adam_mini`` 1.1.1 for the matrices inside a
# network, for embeddings and for biases; beside it, this class was equal to the last digits. ``pytorch_optimizer``
# keeps the averages in single precision and has one scale for each tensor that is neither attention nor embedding, so
# it is no oracle here.
#
# .. oracles:: AdamMini
