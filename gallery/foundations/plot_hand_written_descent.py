r"""
A descent written by hand
=========================

Gradient descent on any function of two variables takes four lines of PyTorch and no optimizer class. The same four
lines descend from many starts at once, if they differentiate the sum.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

f = og.surfaces.rosenbrock.replace(b=10)
starts = torch.tensor([(0, 4), (-0.5, 4), (-1.5, -1), (1.5, -2)], dtype=torch.float64)
runs = {
    f"from ({x:g}, {y:g})": og.descend(og.SGD, f, start=(x, y), steps=10_000, lr=0.001)
    for x, y in starts.tolist()
}
og.animate(runs, box=((-2, 2), (-3, 5)))

# %%
# All four descents fall down the wall in the first fifty steps. The rest of their 10,000 steps leads along the floor of
# the valley. The experiment is that of maskot1977 on Qiita, and the function is Rosenbrock's :cite:p:`rosenbrock1960`
# in a mild form: with ``b=10`` its walls are a tenth as steep as usual. The floor follows the parabola :math:`y = x^2`;
# the lowest point is (1, 1), where both squares vanish.

og.formula(f)

# %%

# proof: f is :math:`(1 - x)^2 + 10 (y - x^2)^2`
x, y = np.random.default_rng(0).normal(size=(2, 100))
np.testing.assert_allclose(f(x, y), (1 - x) ** 2 + 10 * (y - x**2) ** 2)

# %%
# Look everywhere first
# ---------------------
# With two variables we can afford to try every point of a fine grid. Of 400 by 800 points the best one is (1, 1).

xs = np.arange(-2, 2, 0.01)
ys = np.arange(-3, 5, 0.01)
z = f(xs, ys[:, None])
row, column = np.unravel_index(z.argmin(), z.shape)
best = (f"{xs[column]:.14f}", f"{ys[row]:.14f}", f"{z.min():.1g}")
og.Table("The lowest point of the grid", ("x", "y", "f"), [best])

# %%
# The lowest value is not 0, because 0.01 has no exact binary form. NumPy's grid misses 1 by
# :n:`abs(xs[column] - 1):.0e` in x and :n:`abs(ys[row] - 1):.0e` in y, and the formula squares what is left. In ten
# variables such a grid would have about :math:`10^{26}` points, so from here on we follow the gradient.

# proof: the lowest point of the grid is (1, 1), with a value of 8e-26
assert z.shape == (800, 400)
np.testing.assert_allclose((xs[column], ys[row]), (1, 1), atol=1e-12)
assert 7.5e-26 < z.min() < 8.5e-26

# %%
# Follow the gradient
# -------------------
# PyTorch finds the :term:`gradient`: it records how ``f(x, y)`` was computed and applies the chain rule backwards. What
# is left of gradient descent is one subtraction. ``detach`` cuts each point off from the one it was made of. Without it
# the record would grow by a step each time and fill the memory.

point = starts[0].clone().requires_grad_()
points = [point.detach()]
for _ in range(10_000):
    (gradient,) = torch.autograd.grad(f(*point), point)
    point = (point - 0.001 * gradient).detach().requires_grad_()
    points.append(point.detach())

path = torch.stack(points).numpy()
rows = [(f"{i:,}", *(f"{x:.4f}" for x in path[i])) for i in (0, 1, 10, 100, 1000, 10_000)]
og.Table("The first descent", ("step", "x", "y"), rows)

# %%

# proof: from (0, 4), 10,000 steps lead to (1.0082, 1.0167)
np.testing.assert_allclose(path[-1], (1.0082, 1.0167), atol=5e-5)

# %%
# Four starts at once
# -------------------
# Let the tensor have one row for each start. ``f`` then returns four heights, but a backward pass begins from a single
# number. So we differentiate their sum:
#
# .. math:: \frac{\partial}{\partial \theta_i} \sum_j f(\theta_j) = \frac{\partial f(\theta_i)}{\partial \theta_i}
#
# The height of one row depends on no other row, so all other terms have derivative zero, and each row receives its own
# gradient. Only ``.unbind(-1)`` and ``.sum()`` are new in the loop.

four = starts.clone().requires_grad_()
fours = [four.detach()]
for _ in range(10_000):
    (gradients,) = torch.autograd.grad(f(*four.unbind(-1)).sum(), four)
    four = (four - 0.001 * gradients).detach().requires_grad_()
    fours.append(four.detach())

paths = torch.stack(fours).numpy()
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
filled = ax.contourf(xs, ys, np.sqrt(z), levels=30, cmap="cividis")
fig.colorbar(filled, label="square root of f")
ax.plot(*paths.transpose(2, 0, 1), ".-", ms=5, lw=1, label=list(runs))
ax.plot(1, 1, "*", ms=16, mfc="white", mec="black", zorder=3)
ax.set(title="Quick down the wall, slow along the floor", xlabel="x", ylabel="y")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4, columnspacing=1)

# %%
# Every one of the 10,001 points of each descent is drawn. The first dots stand apart; on the floor they merge into a
# line. Colours show the square root of f: the far corner lies at :n:`z.max():.0f`, the floor nowhere above
# :n:`f(xs, xs**2).max():.0f`, and without the root nearly all colours would be spent on the walls.

# proof: the derivative of the sum gives each row the gradient it has alone
one, many = starts[3].clone().requires_grad_(), starts.clone().requires_grad_()
(alone,) = torch.autograd.grad(f(*one), one)
(together,) = torch.autograd.grad(f(*many.unbind(-1)).sum(), many)
torch.testing.assert_close(together[3], alone, rtol=1e-12, atol=0)

# %%

# proof: the four end at (1.0082, 1.0167), (0.9855, 0.9706), (0.9937, 0.9872) and (0.9938, 0.9875)
ends = [(1.0082, 1.0167), (0.9855, 0.9706), (0.9937, 0.9872), (0.9938, 0.9875)]
np.testing.assert_allclose(paths[-1], ends, atol=5e-5)

# %%

# proof: each of the 10,001 points that were kept of the first is the same as when it descends alone
assert paths.shape == (10_001, 4, 2)
np.testing.assert_allclose(paths[:, 0], path, atol=1e-12)

# %%

# proof: the square root gives the floor 13 % of the colours, the heights themselves would give it 2
# %
highest, floor = z.max(), f(xs, xs**2).max()
np.testing.assert_allclose((highest, floor), (499, 9))
assert 0.125 < np.sqrt(floor / highest) < 0.135 and 0.015 < floor / highest < 0.025

# %%
# How slow is it on the floor? The wall's share of the height is the term with ``b``. In the first descent it falls from
# 160 to below 0.01 in :n:`on_floor` steps. All the others are spent on the way along the floor.

# proof: after fewer than a hundred steps the wall's share has fallen from 160 to below 0.01; in
# each of the four descents less than a twentieth of it is left after fifty
wall = 10 * (path[:, 1] - path[:, 0] ** 2) ** 2
on_floor = int(np.argmax(wall < 0.01))
assert wall[0] == 160 and 0 < on_floor < 100
walls = (paths[..., 1] - paths[..., 0] ** 2) ** 2
assert (walls[50:] < walls[0] / 20).all()

# %%
# In one call
# -----------
# ``og.descend`` does exactly this, and records losses and gradients besides. It, too, takes all starts at once.

run = og.descend(og.SGD, f, start=starts, steps=10_000, lr=0.001)
run

# %%

# proof: it takes the same steps as the loop by hand
np.testing.assert_allclose(run.theta, paths, atol=1e-12)
