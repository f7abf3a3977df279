r"""
Adafactor
=========

Of the squares of a matrix's gradients Adafactor remembers one number for each row and one for each column. Where the
squares are about products of the two, it needs no more to scale every entry.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

goal, start = np.random.default_rng(0).normal(size=(2, 16, 16))
sides, target = torch.logspace(0, -2, 16).double(), torch.from_numpy(goal)
curvature = torch.outer(sides, sides)
matrix = (16, 16), [start], [goal]
product = og.Problem(lambda W: (curvature * (W - target) ** 2).sum() / 2, *matrix, "products")
rules = {"Adafactor": og.Adafactor.at(), "RMSprop": og.RMSprop.at(alpha=0.9), "SGD": og.SGD.at()}
best = {"Adafactor": 0.28, "RMSprop": 0.1, "SGD": 1.0}
fall = partial(LinearLR, start_factor=1, end_factor=0, total_iters=150)
falling = {name: partial(rule, schedule=fall) for name, rule in rules.items()}
runs = {name: partial(rule, lr=best[name]) for name, rule in falling.items()}
race = og.race(runs, product, steps=150, title="Curvatures that are products")
race

# %%
# Each of the 256 entries of a matrix has a curvature of its own, from 1 to 1/10,000: a number of its row times a number
# of its column. RMSprop keeps an average square for each entry, Adafactor 16 of rows and 16 of columns. Learning rates
# fall to zero. Of the first loss SGD leaves :n:`left["SGD"]:.0e`, RMSprop :n:`left["RMSprop"]:.0e` and Adafactor
# :n:`left["Adafactor"]:.0e`.

left = {name: run.loss[-1] / run.loss[0] for name, run in race.items()}

# %%

# proof: with an eighth of RMSprop's memory Adafactor ends below it, and both a trillion times
# below SGD
assert left["Adafactor"] < left["RMSprop"] < 1e-12 * left["SGD"]

# %%

og.card(og.Adafactor)

# %%
# The rule
# --------
# ``R`` and ``C`` average the mean squares of rows and columns. Their product, divided by the mean of ``R``, stands for
# the average square of each entry. There is no average of the gradient itself. The newest square weighs
# :math:`t^{-0.8}`, so that the first gradient counts in full and no bias has to be corrected. The step is a share of
# the weights: of their root mean square, or of :math:`\epsilon_2` if that is larger.

og.pseudocode(og.Adafactor)

# %%

og.pseudocode(og.Adafactor).hyperparameters

# %%
# **Vectors** keep a number for each entry. In the formula a vector is a matrix of one column: its rows are its entries,
# and their product with the one number of the column, divided by the mean of the rows, is again the row's own.

# proof: a vector and the same numbers as a matrix of one column take the same path
column = og.Problem(lambda W: product(W.reshape(16, 16)), (256, 1), [start.reshape(256, 1)])
vector = og.Problem(lambda w: product(w.reshape(16, 16)), (256,), [start.ravel()])
paths = [og.descend(og.Adafactor, p, steps=20, lr=0.1).theta for p in (column, vector)]
np.testing.assert_allclose(paths[0][..., 0], paths[1], rtol=1e-12)

# %%
# What it repairs
# ---------------
# Adam remembers two numbers for each weight. Adafactor drops the average of the gradient, and of the squares it keeps
# :math:`m + n` numbers for :math:`mn` weights.

rows = []
for shape in ((16, 16), (256, 1024), (2048, 2048), (1000,)):
    rows.append([" × ".join(map(str, shape))])
    for rule in (og.Adam.rule, og.RMSprop.rule, og.Adafactor.rule):
        states = rule.initial(torch.zeros(shape), rule.defaults)
        rows[-1].append(f"{sum(state.numel() for state in states) / np.prod(shape):.3g}")
og.Table("Numbers remembered for each weight", ("weights", "Adam", "RMSprop", "Adafactor"), rows)

# %%

# proof: for a matrix of 2,048 rows and columns it remembers less than a thousandth of a number
assert float(rows[2][3]) < 1e-3 and float(rows[2][1]) == 2

# %%
# A product in place of all squares
# ---------------------------------
# At the top stand the average squares of a real gradient: the first layer of a network that reads handwritten digits,
# over 200 steps. Below stands what Adafactor would make of their rows and columns. White is a square of zero: that pixel
# was empty whenever that neuron was active.

task = og.problems.digits_task(hidden=32)
draw = task.draw(0)
network, squares = draw.problem.network.double(), 0
adam = og.Adam(network.parameters(), lr=0.01)
for batch in draw.rows[task.batches(0, 32, 200)]:
    adam.zero_grad()
    task.loss(network(task.inputs[batch]), task.targets[batch]).backward()
    squares = squares + network[0].weight.grad.numpy() ** 2 / 200
    adam.step()
factored = np.outer(squares.mean(1), squares.mean(0)) / squares.mean()
fig, axes = plt.subplots(2, 1, figsize=(8, 6.6), layout="constrained")
for ax, seen, title in zip(axes, (squares, factored), ("entries", "products"), strict=True):
    image = ax.imshow(np.log10(np.where(seen > 0, seen, np.nan)), vmin=-12, vmax=-3)
    ax.set(title=f"Average squares: {title}", xlabel="pixel", ylabel="neuron")
fig.colorbar(image, ax=axes, label="power of ten")

# %%
# A step is divided by the root. For nine of ten entries the root of the product is between :n:`low:.1f` and
# :n:`high:.1f` times that of the square itself. Had all entries of the layer one common number instead, it would be up
# to :n:`common:.0f` times.

used = squares > 0
low, high = np.quantile(np.sqrt(factored[used] / squares[used]), (0.05, 0.95))
common = np.quantile(np.sqrt(squares.mean() / squares[used]), 0.95)

# %%

# proof: nine of ten entries are off by less than a factor of three, with one number for the layer
# by more than a hundred; means of rows and columns are kept
assert 1 / 3 < low < high < 3 and common > 100
np.testing.assert_allclose(factored.mean(1), squares.mean(1))
np.testing.assert_allclose(factored.mean(0), squares.mean(0))

# %%
# One knob: clipping the update
# -----------------------------
# A long memory of squares is a danger when gradients grow at once: they are divided by what was usual before. Here a
# gradient of 0.01 becomes 1 after a hundred steps. Without clipping, here with a ``d`` of a million, the next step is
# :n:`jump[1]:.1f` times as long as before. With ``d = 1`` an update whose root mean square is above 1 is scaled down to
# 1. Clipping the *gradient* would need a bound in the unit of the loss; this bound has none.

fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
jump = []
for d in (1.0, 1e6):
    rule = og.Adafactor.at(lr=1e-3, eps=(1e-30, 1.0), d=d)
    lengths = np.abs(og.respond(rule, lambda t: np.where(t < 100, 0.01, 1.0), steps=140).update)
    jump.append(lengths.max() / lengths[:90].max())
    ax.plot(lengths / 1e-3, label=f"d = {d:,.0f}")
ax.set(xlabel="step", ylabel="length in learning rates", title="A gradient grows a hundredfold")
ax.legend()

# %%

# proof: without clipping the step jumps more than fivefold, with d = 1 by less than a tenth
assert jump[1] > 5 and jump[0] < 1.1

# %%
# The whole axis of learning rates
# --------------------------------
# The learning rate has no unit: it is the largest step as a share of the weights, both in their root mean squares. At 1
# a step may be as large as the weights.

starts = np.random.default_rng(1).normal(size=(3, 16, 16))
axis = {"starts": starts, "lrs": np.logspace(-2.5, 0.5, 7), "steps": 150}
rates = study.rates(falling, surface=product, **axis)
rates

# %%

# proof: Adafactor's best learning rate lies between a hundredth and 1; at 0.28 no step is a larger
# share of the weights than that, in root mean squares
assert 0.01 < rates.best["Adafactor"] < 1
walk = og.descend(og.Adafactor, product, steps=50, lr=0.28).theta
strides = np.sqrt((np.diff(walk, axis=0) ** 2).mean((1, 2)))
assert (strides < 0.28 * np.sqrt((walk[:-1] ** 2).mean((1, 2))) * (1 + 1e-6)).all()

# %%
# How to set it
# -------------
# :cite:t:`shazeer2018` give no learning rate: the step is :math:`\min(0.01, 1/\sqrt{t})` times the size of the weights,
# and these are the defaults. So the schedule is built in, and it begins to fall after 10,000 steps. In PyTorch and here
# ``lr`` stands in place of 0.01, and may follow a schedule of its own.
#
# Where the memory of squares is long, updates can be larger than wanted. Against that the authors have clipping, and a
# memory that grows from nothing. With both, and without momentum, they report results like those of Adam on machine
# translation.
#
# Where it fails
# --------------
# **Where the squares are no product.** Let the two diagonal blocks of the matrix have a curvature of 1 and the other
# two of 1/10,000. But for chance every row then has the same mean square, and so has every column. Their products
# tell nothing of the blocks, so that Adafactor is no better than SGD. RMSprop sees every entry.

halves = np.arange(16) // 8
chess = torch.from_numpy(np.where(halves[:, None] == halves, 1.0, 1e-4))
blocks = og.Problem(lambda W: (chess * (W - target) ** 2).sum() / 2, *matrix, "two blocks")
failing = study.rates(falling, surface=blocks, **axis)
failing

# %%

# proof: at their best learning rates Adafactor leaves as much as SGD, to a factor of three, RMSprop
# less than a trillionth of it
assert 1 / 3 < failing.loss["Adafactor"] / failing.loss["SGD"] < 3
assert failing.loss["RMSprop"] < 1e-12 * failing.loss["SGD"]

# %%
# **Where weights begin at zero**, the share is one of :math:`\epsilon_2 = 0.001`. At the default learning rate a step
# then is 0.00001 long, and the weights have to grow as they would with interest.

# proof: from zero, after 100 steps at the default, no entry has moved by more than 0.005
zero = og.descend(og.Adafactor, product, np.zeros((16, 16)), steps=100)
assert 0.0005 < np.abs(zero.theta[-1]).max() < 0.005

# %%
# Provenance
# ----------
# :cite:t:`shazeer2018`, with their hyperparameters and PyTorch's names. They leave momentum out; some implementations
# offer it.
#
# **The first eps.** The paper adds it to every square. PyTorch and this class bound the two denominators by it. At
# 1e-30 both are nothing but a protection from zero; PyTorch's default is the precision of the numbers.
#
# **What is factored.** PyTorch and ``pytorch_optimizer`` factor every matrix. ``optax`` factors only if both sides have
# at least 128 entries, unless told otherwise, and keeps all squares of smaller ones.
#
# .. oracles:: Adafactor
