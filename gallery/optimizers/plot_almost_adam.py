r"""
Almost Adam
===========

Adam without its bias corrections. Both means start at zero and nothing makes up for it, so the first steps are more
than three times too long, and growing.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

og.card(og.AlmostAdam)

# %%
# The rule
# --------
# Compare it with :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`: the two divisions by :math:`1 - \beta^t` are
# missing.

og.pseudocode(og.AlmostAdam)

# %%

og.pseudocode(og.AlmostAdam).hyperparameters

# %%
# What it repairs, and what it leaves
# -----------------------------------
# It joins momentum with a scale for each coordinate. On a slope that is 1 for ever, every step should be as long as
# the rate. Adam's are. These are not.


def one(t):
    """A slope of 1, always."""
    return np.ones(np.shape(t))


steps = np.arange(1, 401)
almost = np.diff(-og.respond(og.AlmostAdam, one, steps=400, lr=1).theta.ravel())
adam = np.diff(-og.respond(og.Adam, one, steps=400, lr=1).theta.ravel())

fig, ax = plt.subplots()
ax.plot(steps, almost, color=og.AlmostAdam.color, label="almost Adam")
ax.plot(steps, adam, color=og.Adam.color, label="Adam")
ax.set(
    xlabel="step",
    ylabel="length of the step, in rates",
    title="Without correction, the first steps are too long",
)
ax.legend()

# %%
# A mean that starts at zero has seen, after t equal slopes, only the share :math:`1 - \beta^t` of them. The longest
# step is the twelfth, 6.6 times the rate.

theory = (1 - 0.9**steps) / np.sqrt(1 - 0.999**steps)
np.testing.assert_allclose(almost, theory, rtol=1e-6)
np.testing.assert_allclose(adam, 1, rtol=1e-6)
print("first step:", almost[0], " longest:", almost.max())
np.testing.assert_allclose(almost[0], 0.1 / np.sqrt(0.001), rtol=1e-6)
np.testing.assert_allclose(almost.max(), 6.57, atol=0.01)
assert almost.argmax() + 1 == 12

# %%
# Another way to see the correction: pretend that the first slope had been there for ever. After an infinite history
# of equal slopes, both means would stand at the slope and its square. Adam's corrected means stand exactly there
# after one step; without correction they have a tenth and a thousandth of it.

single = og.descend(og.Adam, lambda x: 3 * x, start=(0,), steps=1)
m, v = single.states["m"][1, 0], single.states["v"][1, 0]
print("uncorrected:", m, v, " corrected:", m / (1 - 0.9), v / (1 - 0.999))
np.testing.assert_allclose((m, v), (0.3, 0.009), rtol=1e-9)
np.testing.assert_allclose((m / (1 - 0.9), v / (1 - 0.999)), (3, 9), rtol=1e-9)

# %%
# Watch it
# --------
# Both on Rosenbrock's valley at the same rate. Almost Adam leaps at the start. Its loss first rises far above where
# it began; Adam's does not.

race = og.race([og.AlmostAdam, og.Adam], og.surfaces.rosenbrock, steps=300, lr=0.1)
race.animate(panels=("map", "loss"))

# %%

start = race["Adam"].loss[0]
peaks = {name: float(run.loss.max()) for name, run in race.items()}
ends = {name: float(run.loss[-1]) for name, run in race.items()}
print("loss at the start:", start, " highest:", peaks, " last:", ends)
leap, walk = race.values()
assert leap.loss.max() > 5 * start
assert walk.loss.max() == start

# %%
# Here the leap even pays: it ends a little lower. Luck, not merit.

assert 0.5 < leap.loss[-1] / walk.loss[-1] < 1

# %%
# One knob: the memory of the scale
# ---------------------------------
# The first step is :math:`(1 - \beta_1) / \sqrt{1 - \beta_2}` rates long. Where that is 1, at ``beta2`` = 0.99,
# the first step is right, though the next ones are not. A shorter memory turns the error round.

first = {
    b: float(-og.respond(og.AlmostAdam, one, steps=1, lr=1, betas=(0.9, b)).theta.ravel()[-1])
    for b in (0.999, 0.99, 0.9)
}
print("beta2: first step in rates", first)
np.testing.assert_allclose(list(first.values()), (0.1**-0.5, 1, 0.1**0.5), rtol=1e-6)

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley again, now from 64 random starts, 200 steps each, at rates over six powers of ten.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.AlmostAdam, og.Adam], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# Adam's curve, moved to the left. Steps that are several times too long are a rate that is several times too high:
# at 0.001 almost Adam is about where Adam is at 0.003, and its best rate is smaller, too. The right end pays for
# it: there the first leap leads so far away that 200 steps do not bring it back.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
best = lrs[median.argmin(axis=1)]
print("best rates:", best, " loss at 10:", median[:, -1])
print(f"almost Adam at {lrs[12]:.2g}: {median[0, 12]:.2g}", end=", ")
print(f"Adam at {lrs[15]:.2g}: {median[1, 15]:.2g}, at {lrs[12]:.2g}: {median[1, 12]:.2g}")
assert 0.5 < median[0, 12] / median[1, 15] < 2 and median[1, 12] > 5 * median[0, 12]
assert best[0] < 0.7 * best[1] and median[0, -1] > 10 * median[1, -1]

# %%
# The plane of starts on a landscape with four minima, at a rate of 0.1. Nearly all arrive, but one in eight in
# another minimum than with Adam: the leap carries it across a border.

hills = og.surfaces.himmelblau
basins = og.sweep([og.AlmostAdam, og.Adam], hills, hills.grid(96), lr=0.1)
og.plot_basins(basins, "AlmostAdam")

# %%

reached = basins.data.minimum.squeeze().values
print("share that ends elsewhere:", (reached[0] != reached[1]).mean())
assert (reached >= 0).mean() > 0.99
assert 0.08 < (reached[0] != reached[1]).mean() < 0.17

# %%
# Where it fails
# --------------
# Start near the bottom of a bowl: the long first steps run far past it. Both get there in the end.

sphere = og.surfaces.sphere
near = dict(start=(0.9, 0.5), steps=300, lr=0.05)
far = og.descend(og.AlmostAdam, sphere, **near)
fine = og.descend(og.Adam, sphere, **near)
print("furthest past the bottom, almost Adam:", far.theta.min(axis=0))
print("furthest past the bottom, Adam:       ", fine.theta.min(axis=0))
assert far.theta.min() < -0.5
assert fine.theta.min() > -0.2
assert max(far.loss[-1], fine.loss[-1]) < 1e-10

# %%
# Provenance
# ----------
# :cite:t:`kingma2015`, algorithm 1, without the corrections that section 3 of the paper derives. It is a step in an
# explanation, not a rule anyone proposes. PyTorch has none to compare with, so here it is by hand; the tests do the
# same on other slopes.
#
# .. oracles:: AlmostAdam

x, y = np.array([0.9, 0.5]), np.zeros(2)
square = np.zeros(2)
for _ in range(300):
    y = 0.9 * y + 0.1 * 2 * x
    square = 0.999 * square + 0.001 * (2 * x) ** 2
    x = x - 0.05 * y / (np.sqrt(square) + 1e-8)
print("largest difference:", np.abs(x - far.theta[-1]).max())
np.testing.assert_allclose(far.theta[-1], x, rtol=0, atol=1e-9)

# %%
# Before this: :ref:`Adadelta <sphx_glr_gallery_optimizers_plot_adadelta.py>`, a scale without momentum.
# Next: :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`, which adds the corrections.
