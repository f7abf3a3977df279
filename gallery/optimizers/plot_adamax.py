r"""
Adamax
======

Adamax is Adam with another idea of size: it divides by the largest recent slope instead of a root mean square. That
keeps every step within about one learning rate, but it makes the rule slow to forgive a single huge slope.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.Adamax)

# %%
# The rule
# --------
# The direction ``m`` is Adam's. The scale ``u`` is a maximum that slowly decays: a new slope either exceeds it and
# takes its place, or ``u`` shrinks by a factor of :math:`\beta_2`.

og.pseudocode(og.Adamax)

# %%

og.pseudocode(og.Adamax).hyperparameters

# %%
# From a mean to a maximum
# ------------------------
# Adam's scale is the root of a running mean of squares. Nothing forces the power to be 2. With power *p*, and a decay
# of :math:`\beta_2^p` to match, the scale after *t* slopes is
#
# .. math::
#
#    u_t = \Bigl((1-\beta_2^p) \sum_{i=1}^{t} \beta_2^{p(t-i)}\,|g_i|^p\Bigr)^{1/p}
#        = (1-\beta_2^p)^{1/p} \Bigl(\sum_{i=1}^{t} \bigl(\beta_2^{t-i}\,|g_i|\bigr)^p\Bigr)^{1/p}.
#
# Let *p* grow. The first factor tends to 1. The second lies between its largest term *M* and
# :math:`t^{1/p} M`, because each of the *t* terms is at most *M*; and :math:`t^{1/p}` tends to 1. So what is left is
# the largest term,
#
# .. math::
#
#    \lim_{p\to\infty} u_t = \max_i \beta_2^{t-i}\,|g_i|
#        = \max(\beta_2\,u_{t-1},\ |g_t|).
#
# A number or two makes this plausible. Take 10 and 9, which hardly differ, and p = 100:

largest = (10**100 + 9**100) ** (1 / 100)
print(f"(10^100 + 9^100)^(1/100) = {largest:.9f}")
np.testing.assert_allclose(largest, 10, atol=3e-6)
assert largest > 10 + 2e-6

# %%
# The larger term wins: :math:`9^{100}` is less than three hundred-thousandths of :math:`10^{100}`. The same happens
# to a row of ten slopes:

slopes = np.array((3, -1, 0.5, 2, -4, 1, 0.1, 0.2, -0.3, 1.5))
aged = 0.9 ** np.arange(10)[::-1] * np.abs(slopes)
for p in (2, 8, 32, 128):
    scale = ((1 - 0.9**p) * (aged**p).sum()) ** (1 / p)
    print(f"p = {p:3}: u = {scale:.6f}")

shown = og.respond(
    og.Adamax,
    lambda t: np.interp(t, np.arange(10), slopes),
    steps=10,
    betas=(0.9, 0.9),
)
print(f"Adamax:  u = {shown.states['u'][-1]:.6f}")
assert 9**100 / 10**100 < 3e-5
np.testing.assert_allclose(shown.states["u"][-1], aged.max(), rtol=1e-6)
np.testing.assert_allclose(scale, aged.max(), rtol=1e-6)

# %%
# What it repairs
# ---------------
# :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` means to step by about one learning rate. But its scale is a
# mean over a thousand slopes, its direction one over ten. When slopes suddenly grow, the direction follows at once and
# the scale lags behind. Here they grow from 0.01 to 1 at t = 200.


def growing(t):
    return np.where(t < 200, 0.01, 1.0)


adam = og.respond(og.Adam, growing, steps=600, lr=1.0)
adamax = og.respond(og.Adamax, growing, steps=600, lr=1.0)
fig, ax = plt.subplots(layout="constrained")
ax.plot(adam.t, adam.update, color=og.Adam.color, label="Adam")
ax.plot(adamax.t, adamax.update, color=og.Adamax.color, label="Adamax")
ax.set(
    title="Slopes grow a hundredfold: Adam rushes, Adamax does not",
    xlabel="t",
    ylabel="step, in learning rates",
)
ax.legend()

# %%

print(f"longest step: Adam {adam.update.max():.3f}", end=", ")
print(f"Adamax {adamax.update.max():.3f}")
assert 2.8 < adam.update.max() < 2.95
assert adamax.update.max() < 1 + 1e-6

# %%
# A maximum also needs no bias correction. The first slope sets it in full, where a mean that starts at zero sees only
# a share of it.

np.testing.assert_allclose(adamax.states["u"][1], 0.01, rtol=1e-5)

# %%
# Watch it
# --------
# A straight ravine, a hundred times steeper across than along. ``u`` takes the first slopes, the steepest of the whole
# walk, and from then on only shrinks, by a thousandth at each step.

ravine = og.surfaces.ravine.replace(condition=100)
run = og.descend(og.Adamax, ravine, lr=0.12, steps=120)
og.animate({"Adamax": run}, panels=("map", "m", "u"))

# %%

moves = np.abs(np.diff(run.theta, axis=0))
print("longest move in each coordinate:", moves.max(axis=0))
assert moves.max() < 0.12 + 1e-6
decay = run.states["u"][2:] / run.states["u"][1:-1]
np.testing.assert_allclose(decay, 0.999, rtol=1e-9)

# %%
# One knob: how long a slope is remembered
# ----------------------------------------
# ``beta2`` says how fast the maximum decays. At 0.99 the walk overshoots a little. At 0.9 the maximum
# falls along with the slopes themselves: the walk runs far past the minimum, and does not come to rest.

knob = {f"beta2 = {b}": partial(og.Adamax, lr=0.12, betas=(0.9, b)) for b in (0.9, 0.99, 0.999)}
memories = og.race(knob, ravine, steps=300)
memories.plot()

# %%

past = [round(float(walk.theta[:, 0].max()), 3) for walk in memories.values()]
end = [float(walk.loss[-1]) for walk in memories.values()]
print("how far past the minimum:", past)
print("loss after 300 steps:", end)
assert past[0] > 0.8 > past[1] > 0.08 > 0.04 > past[2]
assert end[0] > 3e-4 > 1e-9 > max(end[1:])

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley, whose walls are a thousand times as steep as its floor: 64 random starts, 200 steps.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.Adam, og.Adamax], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# On the left, where the way down the wall is all that counts, the two are one. Then Adam's median goes on falling and
# Adamax stays level over a power of ten: no rate is wrong, none is very good. After 200 steps ``u`` still
# holds 82% of the steepest slope it ever saw. On the floor it divides slopes of the floor by a slope of the wall.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
level = median[1, (lrs > 0.03) & (lrs < 0.6)]
print("Adamax, 0.03 to 0.6:", level.min(), level.max(), " Adam:", median[0].min())
assert level.max() < 3 * level.min() and median[0].min() < median[1].min() / 2
np.testing.assert_allclose(median[1, :12], median[0, :12], rtol=0.1)
assert 0.81 < 0.999**200 < 0.82 and (rates.data.diverged_at < 0).all()

# %%
# The same on the plane of starts, at a rate of 0.1. Adam arrives from everywhere. Adamax does not from the
# edges above and below on the right, where the slopes are steepest: what it met there slows it down for the rest of
# the walk. At 0.3 it arrives from there, too.

hills = og.surfaces.himmelblau
basins = og.sweep([og.Adam, og.Adamax], hills, hills.grid(96), lr=0.1)
og.plot_basins(basins, "Adamax")

# %%

quick = og.sweep(og.Adamax, hills, hills.grid(96), lr=0.3)
none = (basins.data.minimum < 0).mean(("start_x", "start_y")).values.ravel()
print("arrives nowhere, Adam and Adamax:", none)
assert none[0] < 0.01 and 0.05 < none[1] < 0.15
assert (quick.data.minimum >= 0).mean() > 0.99

# %%
# Where it fails
# --------------
# One slope of 100 among slopes of 1, as a bad batch may cause. Adam's mean takes it as one of many, the maximum takes
# it at full weight. A hundred steps later, Adam's steps are a seventh of what they were, those of Adamax a hundredth.
# At the end of the run Adam is back at half of its speed, Adamax at a twenty-fifth.


def outlier(t):
    return np.where(t == 100, 100.0, 1.0)


for rule in (og.Adam, og.Adamax):
    steps = og.respond(rule, outlier, steps=1500, lr=1.0).update
    print(rule.__name__, "steps at t = 99, 200, 1499:", steps[[99, 200, 1499]])

assert steps[200] < 0.02 and steps[1499] < 0.05
adam = og.respond(og.Adam, outlier, steps=1500, lr=1.0).update
np.testing.assert_allclose(adam[[200, 1499]], (0.1405, 0.4895), atol=1e-3)

# %%
# How long? The maximum has to shrink from 100 to 1, and :math:`0.999^n = 1/100` takes n = 4,603 steps.

recovery = np.log(100) / -np.log(0.999)
print(f"steps until the outlier is forgotten: {recovery:.0f}")
assert 4602 < recovery < 4604

# %%
# Provenance
# ----------
# :cite:t:`kingma2015`, algorithm 2, in the paper that brought Adam. The paper has no small constant in it and divides
# by zero where every slope so far was zero. Like PyTorch we add ``eps`` to each new magnitude before the comparison.
#
# PyTorch's own Adamax, on the same descent:

theirs = og.descend(torch.optim.Adamax, ravine, lr=0.12, steps=120)
print(
    "largest difference to torch.optim.Adamax:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-9)

# %%
# The trace by hand takes the maximum over the whole past.
#
# .. oracles:: Adamax
#
# Before this: :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`, whose scale is a mean.
# Next: :ref:`NAdam <sphx_glr_gallery_optimizers_plot_nadam.py>`, Adam with a look-ahead.
