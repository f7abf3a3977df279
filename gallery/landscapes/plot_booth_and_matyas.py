r"""
Booth and Matyas
================

Two bowls, turned by 45 degrees, each described in full by its largest and its smallest curvature. Their ratio decides
how long a descent takes: it is 9 for Booth's function and 25 for the Matyas function, where scaling each coordinate by
itself does not help.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

booth, matyas = og.surfaces.booth, og.surfaces.matyas
tuned = {
    "SGD": og.SGD.at(lr=1.92),
    "Momentum": og.Momentum.at(lr=2.77, momentum=0.445),
    "Adam": og.Adam.at(lr=1.0),
}
race = og.race(tuned, matyas, start=(-9.0, -7.0), steps=120)
race

# %%
# SGD crosses the valley of Matyas to and fro while it creeps along it. Momentum is faster. Adam, which has a step size
# for each coordinate, runs past the minimum, comes back, and is the slowest of the three.
#
# The two functions
# -----------------
# Both are stated by :cite:t:`jamil2013`.

og.formula(booth)

# %%

og.formula(matyas)

# %%
# Heights grow with the square of the distance from the minimum, so all contour lines are ellipses. Booth's are three
# times as long as wide, those of Matyas five times.

fig, axes = plt.subplots(1, 2, figsize=(9, 4.3), layout="constrained")
og.plot_map(booth, ax=axes[0]).set_title("Booth: condition number 9")
og.plot_map(matyas, ax=axes[1]).set_title("Matyas: condition number 25")

# %%
# Curvatures
# ----------
# A function of second degree has the same second derivatives everywhere. Written as a matrix, the Hessian, they have
# two **eigenvalues**: the curvatures along two directions at right angles. Here these directions are the diagonals.
# Booth's function has the curvature 2 along (1, -1) and 18 along (1, 1); the Matyas function has 0.04 along (1, 1), its
# valley, and 1 across it. The root of their ratio is the ratio of the axes of the ellipses.

# proof: the curvatures are 2 and 18 for Booth's function, 0.04 and 1 for Matyas, along the
# diagonals
origin = torch.zeros(2, dtype=torch.float64)
hessian = torch.autograd.functional.hessian
hessians = [hessian(lambda p, f=f: f(*p), origin).numpy() for f in (booth, matyas)]
along, across = np.array([[1, 1], [1, -1]]) / 2**0.5
np.testing.assert_allclose(hessians[0] @ across, 2 * across)
np.testing.assert_allclose(hessians[0] @ along, 18 * along)
np.testing.assert_allclose(hessians[1] @ along, 0.04 * along)
np.testing.assert_allclose(hessians[1] @ across, across)
np.testing.assert_allclose(booth(*(3 * across + (1, 3))), booth(*(along + (1, 3))))
np.testing.assert_allclose(matyas(*(5 * along)), matyas(*across))

# %%
# Both curvatures are positive, so each function has one minimum. Newton's method finds it in one step: from any point
# it subtracts the gradient multiplied by the inverse of the Hessian.

# proof: Newton's method finds Booth's minimum in one step
start = np.array(booth.start)
gradient = og.descend(og.SGD, booth, steps=1).grad[0]
newton = start - np.linalg.solve(hessians[0], gradient)
np.testing.assert_allclose(newton, booth.known_minima()[0], atol=1e-12)

# %%
# The largest curvature limits the learning rate
# ----------------------------------------------
# Along an eigenvector the gradient is the curvature :math:`\lambda` times the distance from the minimum. One step of
# plain descent therefore multiplies the distance by :math:`1 - \eta \lambda`, and it shrinks only if
# :math:`\eta < 2 / \lambda`. The largest curvature sets the limit: 1/9 for Booth's function, 2 for Matyas.

# proof: one percent below 2 / 18 and 2 / 1 SGD converges, one percent above it diverges
for function, curvature in ((booth, 18), (matyas, 1)):
    lr = np.array([0.99, 1.01]) * 2 / curvature
    run = og.descend(og.SGD, function, steps=1000, lr=lr)
    assert run.loss[-1, 0] < 1e-12 and run.diverged_at[1] > 0

# %%
# The ratio sets the time
# -----------------------
# With a learning rate of 1 a single step takes SGD down the steep side of Matyas to the floor of the valley. Along the
# valley the same step covers 4 % of the way.

two = {
    name: og.descend(og.SGD.at(lr=1.0), matyas, start, 200)
    for name, start in {"across": (5, -5), "along": (5, 5)}.items()
}
og.plot_loss(two).set_title("From the same distance, across the valley and along it")

# %%

# proof: across the valley one step makes the distance a thousand times smaller, along it 170 steps
# do
share = [np.linalg.norm(run.theta, axis=1) / 50**0.5 for run in two.values()]
assert [(one > 1e-3).sum() for one in share] == [1, 170]
np.testing.assert_allclose(share[1], 0.96 ** np.arange(201))

# %%
# A unit of height does not matter: with all of Matyas multiplied by 25 and a learning rate 25 times smaller the paths
# stay the same. What matters is the ratio of the curvatures, the **condition number** :math:`\kappa`. The best learning
# rate makes the factors of both directions equally small, :math:`1 - \eta \lambda_1 = -(1 - \eta \lambda_2)`, which
# gives :math:`\eta = 2 / (\lambda_1 + \lambda_2)` and the factor :math:`(\kappa - 1) / (\kappa + 1)` in every step: 0.8
# for Booth's function and 0.923 for Matyas, which thus needs :n:`times:.1f` times as many steps.

# proof: at the best learning rate every step shrinks every distance by the factor (κ - 1) / (κ + 1)
inner = np.stack(np.meshgrid(*[np.linspace(-9.5, 9.5, 20)] * 2), -1)
for function, lr, kappa in ((booth, 2 / 20, 9), (matyas, 2 / 1.04, 25)):
    run = og.descend(og.SGD, function, inner, steps=60, lr=lr)
    distance = np.linalg.norm(run.theta - function.known_minima()[0], axis=-1)
    np.testing.assert_allclose(distance[1:] / distance[:-1], (kappa - 1) / (kappa + 1), rtol=1e-6)
times = np.log(8 / 10) / np.log(24 / 26)
assert 2.7 < times < 2.9

# %%
# Scaling the coordinates does not help
# -------------------------------------
# Matyas has the curvature 0.52 along x and along y, Booth's function 10. So there is nothing that a step size for each
# coordinate could correct. Even a rule that knew these curvatures and divided by them would find the same condition
# number.

# proof: dividing each coordinate by the root of its own curvature leaves the condition numbers at 9
# and 25
for matrix, kappa in zip(hessians, (9, 25), strict=True):
    np.testing.assert_allclose(np.diag(matrix), matrix[0, 0])
    scale = np.diag(matrix) ** -0.5
    np.testing.assert_allclose(np.linalg.cond(scale[:, None] * matrix * scale), kappa)

# %%
# The picture at the top, counted from 400 starts: SGD stays closer than 0.01 to the minimum after a median of
# :n:`medians["SGD"]:.0f` steps, momentum after :n:`medians["Momentum"]:.0f` and Adam after :n:`medians["Adam"]:.0f`.
# SGD and momentum have the settings that are best for these curvatures. Adam's learning rate is chosen by trial:
# smaller ones take more steps, and larger ones, up to ten, save hardly any.

# proof: momentum takes a third of SGD's steps, and Adam more than SGD, at any of four learning
# rates
rules = tuned | {lr: og.Adam.at(lr=lr) for lr in (0.3, 0.5, 2.0, 10.0)}
medians = {}
for name, rule in rules.items():
    off = np.linalg.norm(og.descend(rule, matyas, inner, 400).theta, axis=-1) >= 0.01
    medians[name] = np.median(401 - off[::-1].argmax(axis=0))
assert 18 < medians["Momentum"] < 26 < 76 < medians["SGD"] < 86 < 110 < medians["Adam"] < 140
assert medians[0.3] > medians[0.5] > medians["Adam"] and all(
    abs(medians[lr] - medians["Adam"]) < 15 for lr in (2.0, 10.0)
)
assert race["Adam"].theta.max() > 1

# %%
# How hard are they?
# ------------------
# Five rules, each at the best of 19 learning rates, from 48 random starts: on both functions four of the five succeed
# from every start. SGD takes :n:`on_booth.steps["SGD"]:.0f` steps on Booth's function, at the best learning rate of
# 0.1, and :n:`on_matyas.steps["SGD"]:.0f` on Matyas, at 1. Momentum, here with its default of 0.9, takes
# :n:`on_booth.steps["Momentum"] / on_booth.steps["SGD"]:.1f` times as many on Booth's function, which needs less
# momentum, and fewer than SGD on Matyas.

on_booth = study.difficulty(booth)
on_booth

# %%

on_matyas = study.difficulty(matyas)
on_matyas

# %%

# proof: all rules but Lion succeed from every start; momentum 0.9 slows Booth down and speeds
# Matyas up
easy = ("SGD", "Momentum", "RMSprop", "Adam")
assert all(found.success[name] == 1 for found in (on_booth, on_matyas) for name in easy)
assert abs(on_booth.steps["SGD"] - 28) <= 1 and abs(on_matyas.steps["SGD"] - 71) <= 1
assert 1.9 < on_booth.steps["Momentum"] / on_booth.steps["SGD"] < 2.2
assert on_matyas.steps["Momentum"] < on_matyas.steps["SGD"]
np.testing.assert_allclose([on_booth.lr["SGD"], on_matyas.lr["SGD"]], (0.1, 1))

# %%
# Lion moves by exactly one learning rate in each coordinate and has to hit the region in which the height counts as the
# lowest. For a curvature :math:`\lambda` that region is :math:`2 \sqrt{2 \cdot 0.001 / \lambda}` wide. On Booth's
# function it is an ellipse of 0.063 by 0.021. Steps of 0.021 cover four units in 200 steps, on a map of twenty, and so
# Lion succeeds from :n:`100 * on_booth.success["Lion"]:.0f` % of the starts. On Matyas the ellipse is 0.45 by 0.09, and
# it is :n:`100 * on_matyas.success["Lion"]:.0f` %.

# proof: within 0.001 of the lowest height lies an ellipse of 0.063 by 0.021 on Booth, of 0.45 by
# 0.09 on Matyas
axes = 2 * np.sqrt(2 * 1e-3 / np.array([(2, 18), (0.04, 1)]))
np.testing.assert_allclose(axes, [(0.063, 0.021), (0.45, 0.09)], rtol=0.02)
heights = booth(*(axes[0, 0] / 2 * across + (1, 3))), matyas(*(axes[1, 0] / 2 * along))
np.testing.assert_allclose(heights, 1e-3)
assert 0.065 < on_booth.success["Lion"] < 0.095 and 0.355 < on_matyas.success["Lion"] < 0.395
