r"""
A descent written by hand
=========================

Gradient descent on any function of two variables takes four lines of PyTorch and no optimizer class. The same four
lines descend from many starts at once, if they differentiate the sum.
"""

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

f = og.surfaces.rosenbrock.replace(b=10)
og.formula(f)

# %%
# This is Rosenbrock's valley :cite:p:`rosenbrock1960`, a mild one: with ``b=10`` its walls are a tenth as steep as in
# the usual form. The floor follows the parabola :math:`y = x^2`, and the lowest point is (1, 1), where both squares
# vanish.
#
# Look everywhere first
# ---------------------
# With two variables we can afford to try every point of a fine grid. At 400 by 800 points the best one is (1, 1).

xs = np.arange(-2, 2, 0.01)
ys = np.arange(-3, 5, 0.01)
z = f(xs, ys[:, None])
row, column = np.unravel_index(z.argmin(), z.shape)
print(f"{z.size} points; the lowest is {z.min():.2g}, at ({xs[column]:.14f}, {ys[row]:.14f})")
np.testing.assert_allclose((xs[column], ys[row]), (1, 1), atol=1e-12)
assert z.shape == (800, 400) and z.min() < 1e-24

# %%
# The lowest value is about 8e-26 and not 0, because 0.01 has no exact binary form. NumPy's grid misses 1 by about
# 3e-15 in x and 9e-14 in y, and the formula squares what is left. For ten variables such a grid would have about
# :math:`10^{26}` points; from here on we follow the slope.
#
# The far corner lies at 499, the valley floor nowhere above 9. A map of the heights themselves would spend its colours
# on the walls, so this one shows their square root.

print(f"highest: {z.max():.0f}; highest on the floor: {f(xs, xs**2).max():.0f}")
np.testing.assert_allclose((z.max(), f(xs, xs**2).max()), (499, 9))

fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
filled = ax.contourf(xs, ys, np.sqrt(z), levels=30, cmap="cividis")
fig.colorbar(filled, label="square root of f")
ax.plot(1, 1, "*", ms=16, mfc="white", mec="black")
ax.set(
    title="A curved valley; the star is its lowest grid point",
    xlabel="x",
    ylabel="y",
)

# %%
# Follow the slope
# ----------------
# PyTorch finds the slope for us: it records how ``f(x, y)`` was computed and applies the chain rule backwards. What
# is left of gradient descent is one subtraction. We start at (0, 4) with a learning rate of 0.001, take 10,000 steps
# and keep every point.

point = torch.tensor([0.0, 4.0], dtype=torch.float64, requires_grad=True)
points = [point.detach()]
for _ in range(10_000):
    (slope,) = torch.autograd.grad(f(*point), point)
    point = (point - 0.001 * slope).detach().requires_grad_()
    points.append(point.detach())

path = torch.stack(points).numpy()
print("after 10,000 steps:", path[-1].round(4), f"with f = {f(*path[-1]):.2g}")
np.testing.assert_allclose(path[-1], (1.0082, 1.0167), atol=5e-5)

# %%
# ``detach()`` is housekeeping. Without it every point would stay tied to the one it was made from, and the chain would
# fill the memory.
#
# Four starts at once
# -------------------
# Let the tensor have one row for each start. ``f`` then returns four heights, but a backward pass begins from a single
# number. So we differentiate their sum:
#
# .. math:: \frac{\partial}{\partial \theta_i} \sum_j f(\theta_j) = \frac{\partial f(\theta_i)}{\partial \theta_i}
#
# The height of one row depends on no other row. All other terms have slope zero, and each row receives its own
# gradient.

starts = torch.tensor([(0, 4), (-0.5, 4), (-1.5, -1), (1.5, -2)], dtype=torch.float64)

one = starts[3].clone().requires_grad_()
four = starts.clone().requires_grad_()
(alone,) = torch.autograd.grad(f(*one), one)
(together,) = torch.autograd.grad(f(*four.unbind(-1)).sum(), four)
print(
    "the fourth start alone:",
    alone.tolist(),
    "and among four:",
    together[3].tolist(),
)
torch.testing.assert_close(together[3], alone, rtol=1e-12, atol=0)

# %%
# The loop is the same as before. Only ``.sum()`` is new.

four = starts.clone().requires_grad_()
fours = [four.detach()]
for _ in range(10_000):
    (slopes,) = torch.autograd.grad(f(*four.unbind(-1)).sum(), four)
    four = (four - 0.001 * slopes).detach().requires_grad_()
    fours.append(four.detach())

paths = torch.stack(fours).numpy()
print(paths[-1].round(4))
ends = [(1.0082, 1.0167), (0.9855, 0.9706), (0.9937, 0.9872), (0.9938, 0.9875)]
np.testing.assert_allclose(paths[-1], ends, atol=5e-5)
np.testing.assert_allclose(paths[:, 0], path, atol=1e-12)

# %%
# Every one of the 10,001 points of each descent is drawn below. All four fall down the wall first and then follow the
# floor of the valley. The first few steps are so long that their dots stand apart; on the floor the dots merge into
# a line.

fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
filled = ax.contourf(xs, ys, np.sqrt(z), levels=30, cmap="cividis")
fig.colorbar(filled, label="square root of f")
ax.plot(
    *paths.transpose(2, 0, 1),
    ".-",
    ms=5,
    lw=1,
    label=[f"from ({a:g}, {b:g})" for a, b in starts],
)
ax.plot(1, 1, "*", ms=16, mfc="white", mec="black", zorder=3)
ax.set(title="Quick down the wall, slow along the floor", xlabel="x", ylabel="y")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4, columnspacing=1)

# %%
# How slow? The wall's share of the height is the term with ``b``. In the first descent it has fallen from 160 to below
# 0.01 after fewer than a hundred steps. All the others are spent on the way along the floor.

wall = 10 * (path[:, 1] - path[:, 0] ** 2) ** 2
on_floor = int(np.argmax(wall < 0.01))
print(f"on the floor after {on_floor} steps, at {path[on_floor].round(3)}")
assert wall[0] == 160 and on_floor < 100

# %%
# In one line
# -----------
# The package does exactly this, and records losses and slopes besides. It also takes all starts at once.

run = og.descend(og.SGD, f, start=starts, steps=10_000, lr=0.001)
print(run)
np.testing.assert_allclose(run.theta, paths, atol=1e-12)

# %%
# Before this: :ref:`one variable, with a symbolic slope <sphx_glr_gallery_foundations_plot_symbolic_descent.py>`.
# Next: :ref:`what back-propagation hands over <sphx_glr_gallery_foundations_plot_what_backprop_hands_over.py>`, the
# slopes of a whole network at once. A descent on data: :ref:`sphx_glr_gallery_comparisons_plot_regression_surface.py`.
