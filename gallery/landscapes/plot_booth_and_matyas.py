r"""
Booth and Matyas
================

Two tilted bowls, described in full by two numbers each: the largest and the smallest curvature. Their ratio says how
long descent takes. It is 9 for Booth's function and 25 for that of Matyas, whose valley is slow for this reason alone.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

booth, matyas = og.surfaces.booth, og.surfaces.matyas
og.formula(booth)

# %%

og.formula(matyas)

# %%
# Both as :cite:t:`jamil2013` state them. Heights grow with the square of the distance, so all contour lines are ellipses,
# about the minimum and turned by 45 degrees. Booth's are three times as long as wide. Those of Matyas are five times as
# long as wide.

fig = plt.figure(figsize=(8, 7.2), layout="constrained")
for i, surface in enumerate((booth, matyas)):
    og.plot_map(surface, ax=fig.add_subplot(2, 2, 2 * i + 1))
    og.plot_surface(surface, ax=fig.add_subplot(2, 2, 2 * i + 2, projection="3d"))

# %%

along, across = np.array([[1, 1], [1, -1]]) / 2**0.5
np.testing.assert_allclose(booth(*(3 * across + (1, 3))), booth(*(along + (1, 3))))
np.testing.assert_allclose(matyas(*(5 * along)), matyas(*across))

# %%
# Curvatures
# ----------
# A function of second degree has the same second derivatives everywhere. Written as a matrix, they have two
# **eigenvalues**: the curvatures along two directions at right angles. Here these directions are the diagonals, (1, 1)
# and (1, -1).


def hessian(surface):
    """The matrix of second derivatives at (0, 0)."""
    origin = torch.zeros(2, dtype=torch.float64)
    return torch.autograd.functional.hessian(lambda p: surface(*p), origin)


(booth_l, booth_u), (matyas_l, matyas_u) = (
    np.linalg.eigh(hessian(surface).numpy()) for surface in (booth, matyas)
)
print("Booth's curvatures: ", booth_l, " ratio", booth_l[1] / booth_l[0])
print("Matyas's curvatures:", matyas_l, " ratio", matyas_l[1] / matyas_l[0])
np.testing.assert_allclose(booth_l, (2, 18))
np.testing.assert_allclose(matyas_l, (0.04, 1))
np.testing.assert_allclose(np.abs(booth_u), 0.5**0.5)
np.testing.assert_allclose(np.abs(booth_u[:, 1] @ along), 1)
np.testing.assert_allclose(np.abs(matyas_u[:, 1] @ across), 1)

# %%
# So (1, 1) is Booth's steep direction and the valley of Matyas. Both curvatures are positive, so each function has one
# minimum. Newton's method finds it in one step: divide the slope by the matrix.

start = torch.tensor(booth.start, dtype=torch.float64)
slope = torch.autograd.functional.jacobian(lambda p: booth(*p), start)
minimum = start - torch.linalg.solve(hessian(booth), slope)
print("Booth's minimum:", minimum.tolist())
np.testing.assert_allclose(minimum, booth.known_minima()[0], atol=1e-12)

# %%
# Which rates are stable
# ----------------------
# Along an eigenvector with curvature :math:`\lambda`, one step of plain descent multiplies the distance by
# :math:`1 - \eta \lambda`. The largest curvature therefore limits the rate to :math:`2 / \lambda`: 1/9 for Booth, 2
# for Matyas. One percent on either side decides.

sides = np.array([0.99, 1.01])
for surface, curvature in ((booth, 18), (matyas, 1)):
    run = og.descend(og.SGD, surface, steps=1000, lr=sides * 2 / curvature)
    print(surface.name, "lost at step (-1: never):", run.diverged_at)
    assert run.loss[-1, 0] < 1e-12 and run.diverged_at[1] > 0

# %%
# Why Matyas's valley is slow
# ---------------------------
# At a rate of 1 one step clears the steep direction of Matyas, and takes 4 % off the flat one. Two starts at the same
# distance from the minimum, one across the valley and one along it, need 1 step and 170 to come a thousand times
# closer.

pair = og.descend(og.SGD, matyas, start=[(5, -5), (5, 5)], steps=200, lr=1.0)
share = np.linalg.norm(pair.theta, axis=-1) / 50**0.5
print("steps until a thousand times closer:", (share > 1e-3).sum(axis=0))
assert ((share > 1e-3).sum(axis=0) == (1, 170)).all()
np.testing.assert_allclose(share[:, 1], 0.96 ** np.arange(201))

# %%
# Only the ratio of the two curvatures counts, the **condition number** :math:`\kappa`. Multiply all of Matyas by 25, and
# with a rate 25 times smaller the paths stay the same. At the best rate, :math:`2 / (\lambda_1 + \lambda_2)`, both
# directions shrink equally fast, by :math:`(\kappa - 1) / (\kappa + 1)` in each step: 0.8 for Booth, 0.923 for Matyas.
# We check it for 400 starts and 60 steps.

grid = np.stack(np.meshgrid(*[np.linspace(-9.5, 9.5, 20)] * 2), axis=-1)
for surface, lr, factor in (
    (booth, 2 / 20, 8 / 10),
    (matyas, 2 / 1.04, 24 / 26),
):
    run = og.descend(og.SGD, surface, start=grid, steps=60, lr=lr)
    away = np.linalg.norm(run.theta - surface.known_minima()[0], axis=-1)
    np.testing.assert_allclose(away[1:] / away[:-1], factor, rtol=1e-6)
ratio = np.log(8 / 10) / np.log(24 / 26)
print("steps on Matyas for one on Booth:", ratio)
assert 2.7 < ratio < 2.9

# %%
# No coordinate sees it
# ---------------------
# Along x alone Matyas has the curvature 0.52, along y as well. A rule that gives each coordinate a rate of its own has
# nothing to correct here. Even if it knew these curvatures and divided by them, the condition number would stay.

for surface, kappa in ((booth, 9), (matyas, 25)):
    matrix = hessian(surface)
    scale = matrix.diagonal().rsqrt()
    print(surface.name, "curvature along x and y:", matrix.diagonal().tolist())
    divided = scale[:, None] * matrix * scale
    np.testing.assert_allclose(torch.linalg.cond(divided), kappa)

# %%
# Who fares how
# -------------
# SGD and momentum get about the rates that theory finds best for these curvatures. Adam gets a rate of 1: a smaller one
# is slower, and a larger one gains next to nothing.

tuned = {
    "SGD": partial(og.SGD, lr=1.92),
    "Momentum": partial(og.Momentum, lr=2.77, momentum=0.445),
    "Adam": partial(og.Adam, lr=1.0),
}
race = og.race(tuned, matyas, start=(-9.0, -7.0), steps=120)
race

# %%
# We count the steps from each of the 400 starts until a rule stays closer than 0.01. Momentum takes 22 in the median
# and SGD 82. Adam takes 126, because it runs past the minimum and comes back.


def steps_needed(rule):
    """For each start, the first step from which on Matyas's minimum is closer than 0.01."""
    path = og.descend(rule, matyas, start=grid, steps=400).theta
    near = np.linalg.norm(path, axis=-1) < 0.01
    return 401 - near[::-1].argmin(axis=0)


rates = np.array([0.3, 0.5, 1.0, 2.0])[:, None, None]
by_rate = np.median(steps_needed(partial(og.Adam, lr=rates)), axis=(1, 2))
print("Adam, median steps at 0.3, 0.5, 1 and 2:", by_rate)
assert by_rate[0] > by_rate[1] > by_rate[2]
assert abs(by_rate[3] - by_rate[2]) < 15
medians = {name: np.median(steps_needed(rule)) for name, rule in tuned.items()}
print({name: int(count) for name, count in medians.items()})
assert 18 < medians["Momentum"] < 26 < 76 < medians["SGD"] < 86
assert 110 < medians["Adam"] < 140 and race["Adam"].theta.max() > 1

# %%
# How hard is it?
# ---------------
# Not hard. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random starts: on both functions four
# of the five arrive from every start.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
on_booth = og.sweep(rules, booth, booth.sample(48), lr=rates).table()
on_booth

# %%

on_matyas = og.sweep(rules, matyas, matyas.sample(48), lr=rates).table()
on_matyas

# %%
# The steps follow the condition number. SGD takes 28 on Booth, at theory's rate of 0.1, and 71 on Matyas, at a rate
# of 1, the last of the 19 below the limit of 2. Momentum keeps 0.9 of its velocity on both. On Booth that is too
# much, and it takes twice as many steps as SGD. On Matyas it takes fewer.

assert {row[1] for row in (*on_booth.rows[:4], *on_matyas.rows[:4])} == {"100%"}
(sgd, momentum), (flat_sgd, flat_momentum) = (
    [int(row[2]) for row in table.rows[:2]] for table in (on_booth, on_matyas)
)
assert abs(sgd - 28) <= 1 and abs(flat_sgd - 71) <= 1
assert 1.9 < momentum / sgd < 2.2 and flat_momentum < flat_sgd
assert on_booth.rows[0][3] == "0.1" and on_matyas.rows[0][3] == "1"

# %%
# Lion has to hit the place that counts with steps of one length, its rate, in each coordinate. On Booth that place is
# an ellipse, 0.063 long and 0.021 wide. Strides of 0.021 make four units in 200 steps, on a map of twenty, and Lion
# arrives from one start in twelve. On Matyas the ellipse is 0.45 long and 0.09 wide, and it is three starts in eight.

sizes = 2 * np.sqrt(2 * 1e-3 / np.array([booth_l, matyas_l]))
print("ellipses:", sizes.round(3).tolist())
np.testing.assert_allclose(sizes, [(0.063, 0.021), (0.45, 0.09)], rtol=0.02)
assert 7 <= float(on_booth.rows[4][1][:-1]) <= 9
assert 36 <= float(on_matyas.rows[4][1][:-1]) <= 39

# %%
# The plainest bowl is thus the place to learn two things: the rate is limited by the largest curvature, and the time by
# the ratio of the two. The next page makes that ratio a parameter.
#
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_two_minima.py`, where the start decided everything.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_ravine.py`, where the condition number is a knob.
