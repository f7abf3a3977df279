r"""
A round bowl and a wobbly one
=============================

Five methods get near the minimum of a bowl, whether it is round or wobbly. They differ in whether they come to rest: a
rule that divides the gradient by its recent size does not slow down as the gradient vanishes.
"""

import numpy as np

import optguide as og
from optguide import study

bowl, wobbly = og.surfaces.simple_quadratic, og.surfaces.wobbly
bent = study.siarshai2017(wobbly)
bent

# %%
# The hill on the right of the start stands beside the straight way to the minimum, which none of the five takes.
# Nesterov, Adagrad and Adam end within 0.01 of the minimum, Adagrad after leaving the map with its long first steps.
# RMSprop and Adadelta keep jumping about it: none of their last twenty steps is shorter than :n:`restless:.2f`.

bent.table()

# %%

# proof: in the wobbly bowl three methods come to rest in the minimum, RMSprop and Adadelta do not,
# but end within 1 of it; the straight way passes the hill at less than 0.6, and all five stray
# from it by more than 1
minimum = wobbly.known_minima()[0]
for name in ("Nesterov", "Adagrad", "Adam"):
    np.testing.assert_allclose(bent[name].theta[-1], minimum, atol=0.01)
last = [np.diff(bent[name].theta[-21:], axis=0) for name in ("RMSprop", "Adadelta")]
restless = np.linalg.norm(last, axis=-1).min()
assert restless > 0.2 and np.abs(bent["Adagrad"].theta).max() > 3.2
assert all(np.linalg.norm(run.theta[-1] - minimum) < 1 for run in bent.values())
way = np.subtract(minimum, wobbly.start)
normal = np.array([-way[1], way[0]]) / np.linalg.norm(way)
assert abs(np.subtract((-1, -2), wobbly.start) @ normal) < 0.6
assert all(np.abs((run.theta - wobbly.start) @ normal).max() > 1 for run in bent.values())

# %%
# The landscapes
# --------------
# Both are from :cite:t:`siarshai2017`. The round one is the control. In the wobbly one a slanting wave bends the bowl,
# and there is a crease along x = 0.

og.formula(wobbly)

# %%
# The contour lines are those of the article, which leaves out 6: one every 0.25 up to a height of 7, then one every 1.
# The ring is the minimum.

og.plot_map(wobbly, labels=True).set_title("The wobbly bowl and its hill")

# %%
# Besides the minimum there is one local minimum, :n:`heights[1] - heights[0]:.1f` higher and just beyond the upper edge
# of the map. None of the five ends there.

# proof: from everywhere on the map SGD ends in one of two minima, at heights below 0.92 and above
# 5.1
both = np.array([minimum, (0.896, 3.066)])
grid = og.descend(og.SGD.at(lr=0.01), wobbly, start=wobbly.grid(13), steps=700).theta[-1]
off = np.linalg.norm(grid[..., None, :] - both, axis=-1)
heights = wobbly(*both.T)
assert off.min(axis=-1).max() < 0.01 and set(off.argmin(axis=-1).flat) == {0, 1}
assert heights[0] < 0.92 < 5.1 < heights[1]

# %%
# The control
# -----------
# The methods and their settings are those of the article: Nesterov in its
# :ref:`simplified form <sphx_glr_gallery_optimizers_plot_simplified_nesterov.py>` with momentum 0.9, RMSprop with a
# memory of 0.9, Adadelta with 0.95, these two and Adagrad with 1e-6 inside the root, and Adam. Their learning rates, in
# the table below, differ by a factor of ten thousand, because each rule multiplies something else by it. All start at
# (-2.8, -2.5) and take 125 steps. The article does not race in the round bowl; this race is ours.

control = study.siarshai2017(bowl)
control

# %%

control.table()

# %%
# After 125 steps four methods are within 0.01 of the minimum. RMSprop is :n:`away["RMSprop"]:.2f` away and still moves
# by :n:`steps["RMSprop"][-20:].min():.2f` or more in every step, because the size of the gradient by which it divides has
# shrunk along with the gradient. Adam divides, too, but its memory of a thousand steps, instead of ten, still contains
# the long gradients of the beginning.

# proof: after 125 steps in the round bowl RMSprop alone is still moving by more than 0.1
away = {name: np.linalg.norm(run.theta[-1]) for name, run in control.items()}
steps = {name: np.linalg.norm(np.diff(run.theta, axis=0), axis=1) for name, run in control.items()}
assert all(away[name] < 0.01 for name in control if name != "RMSprop")
assert 0.1 < away["RMSprop"] < 0.3 and steps["RMSprop"][-20:].min() > 0.1
assert max(steps[name][-20:].max() for name in control if name != "RMSprop") < 0.03

# %%
# The first step
# --------------
# The article observes that Adam and RMSprop take big first steps. Nesterov's is indeed shorter, but Adagrad's is the
# longest.

lengths = {name: (run.settings["lr"], steps[name][0]) for name, run in control.items()}
og.Table(
    "Lengths of the first steps",
    ("method", "learning rate", "first step"),
    [(name, f"{lr:g}", f"{size:.3f}") for name, (lr, size) in lengths.items()],
)

# %%
# Adam's and Adagrad's first steps are one learning rate long in each coordinate, since both divide the first gradient
# by its own size. RMSprop's is :math:`1/\sqrt{1 - 0.9}` learning rates: its average of squares starts at zero and
# contains only a tenth of the first one. Adam's bias correction removes this factor.

# proof: RMSprop's first step is √10 learning rates in each coordinate, Adam's and Adagrad's one
lr, size = np.array([lengths[name] for name in ("Adam", "Adagrad", "RMSprop")]).T
np.testing.assert_allclose(size, lr * np.sqrt([2, 2, 20]), rtol=1e-3)
assert lengths["Nesterov"][1] < size[0] < size[2] < size[1]

# %%
# What it takes to rest
# ---------------------
# Adadelta is at the minimum of the round bowl after 125 steps, and does not stay. At rest both of its averages sink far
# below the 1e-6 that is added to them, so their ratio tends to one and the step to the learning rate times the
# gradient. That is plain descent, which is stable only for learning rates below 2 divided by the curvature: below 1 in
# this bowl. With 100 the smallest rounding error grows until the steps are a unit long again, and with 0.9 it shrinks.

rest = {f"learning rate {lr}": og.Adadelta.at(lr=lr, rho=0.95, eps=1e-6) for lr in (100, 0.9)}
long = og.race(rest, bowl, steps=1500)
long.plot_loss().set_title("Adadelta in the round bowl")

# %%

# proof: close to the minimum Adadelta is plain descent, stable for learning rates below 2 /
# curvature
near = og.descend(og.Adadelta, bowl, (1e-6, 1e-6), 2, lr=[0.99, 1.01, 100.0], rho=0.95)
np.testing.assert_allclose(near.theta[1, :, 0] / 1e-6, (-0.98, -1.02, -199), rtol=1e-5)
assert away["Adadelta"] < 1e-40 and long["learning rate 100"].loss[-125:].max() > 1
assert long["learning rate 0.9"].loss[-1] < 1e-60

# %%
# For RMSprop the learning rate sets how far from the minimum it circles. With 0.05 instead of 0.25 it is, in the wobbly
# bowl and after 300 steps, at most :n:`swing:.3f` away from it.

# proof: with a fifth of the learning rate RMSprop circles within 0.04 of the wobbly bowl's minimum
patient = og.RMSprop.at(lr=0.05, alpha=0.9, eps=0, eps_root=1e-6)
distance = np.linalg.norm(og.descend(patient, wobbly, steps=500).theta - minimum, axis=1)
swing = distance[-200:].max()
assert distance[125] < 0.1 and 0.0365 < swing < 0.0375

# %%
# How hard are they?
# ------------------
# Five rules, each at the best of 19 learning rates, from 48 random starts. In the round bowl SGD takes two steps,
# because its best learning rate of :n:`easy.lr["SGD"]:.2f` is close to 0.5, Newton's step for a curvature of 2.

easy = study.difficulty(bowl)
easy

# %%
# RMSprop, here with its default memory of 0.99, takes three steps with a learning rate of :n:`easy.lr["RMSprop"]:.0f`.
# The first is ten learning rates long in each coordinate, :n:`far:.0f`, far off the map. The gradient there is the
# curvature times that, and the root of the average is a tenth of the gradient: so it is the curvature times the learning
# rate. Divided by it, the second step is again ten learning rates long and leads back, and the third is the gradient
# divided by the curvature, nearly Newton's step.

# proof: RMSprop's first step is 464 long, its second undoes it, its third ends within 0.05 of the
# minimum, as it divides by the curvature times the learning rate
leaps = og.descend(og.RMSprop.at(lr=easy.lr["RMSprop"]), bowl, steps=3)
leap = leaps.theta
far = abs(leap[1] - leap[0]).max()
np.testing.assert_allclose(np.sqrt(leaps.states["v"][2:]), 2 * easy.lr["RMSprop"], rtol=0.02)
np.testing.assert_allclose(np.abs(leap[1] - leap[0]), 464, atol=1)
assert np.abs(leap[2] - leap[0]).max() < 0.01 and np.abs(leap[3]).max() < 0.05
assert easy.steps["SGD"] == 2 and easy.steps["RMSprop"] == 3
np.testing.assert_allclose([easy.lr["SGD"], easy.lr["RMSprop"]], (0.464, 46.4), rtol=1e-3)
np.testing.assert_allclose(og.descend(og.SGD.at(lr=0.5), bowl, steps=1).loss[1], 0)

# %%
# In the wobbly bowl SGD reaches the minimum from :n:`count["SGD"]` of the 48 starts; from the others it ends in the
# local minimum. Adam's steps of up to a whole unit reach it from :n:`gained` of those, and miss it from :n:`missed` of
# the starts from which SGD succeeds. Lion, whose steps have a fixed length, comes within 0.001 of the lowest height
# from :n:`count["Lion"]`.

hard = study.difficulty(wobbly)
hard

# %%

# proof: where SGD fails in the wobbly bowl, it ends in the local minimum; from five of these
# fourteen starts Adam succeeds
there = (hard.sweep.data.arrived_at >= 0).squeeze("seed")
count = {name: round(48 * share) for name, share in hard.success.items()}
ends = hard.sweep.data.theta.sel(optimizer="SGD", lr=hard.lr["SGD"]).squeeze("seed").values
second = np.linalg.norm(ends - both[1], axis=-1) < 0.1
adam = there.sel(optimizer="Adam", lr=hard.lr["Adam"]).values
gained, missed = (adam & second).sum(), (~adam & ~second).sum()
assert count["SGD"] == 34 and second.sum() == 14 and gained == 5 and missed == 1
assert hard.lr["Adam"] == 1 and hard.lr["SGD"] == 0.1 and 15 <= count["Lion"] <= 17
