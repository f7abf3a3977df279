r"""
A landscape made of data
========================

Fitting a line to points is a descent on a surface: every pair of intercept and slope is a place, and the error of
that line is its height. Plain descent zigzags down this one, and a little momentum calms it.
"""

# sphinx_gallery_thumbnail_number = 4
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

surface = og.surfaces.linear_regression()
x, y = surface.function.data
best = np.array(surface.find_minima()[0])
near = ((-4, 10), (0.5, 3))  # the part of the trough that the descents see
print(f"{len(x)} points; best line: y = {best[0]:.4f} + {best[1]:.4f} x")
assert len(x) == 1000 and np.abs(x).max() < 5
np.testing.assert_allclose(best, (-2, 2), atol=2e-4)
np.testing.assert_allclose(np.std(y - (-2 + 2 * x)), 0.001, rtol=0.1)

# %%
# The 1,000 points lie on the line :math:`y = -2 + 2x`, with x drawn evenly from -5 to 5 and a little noise of standard
# deviation 0.001. The model is :math:`a + bx`, with intercept a and slope b. The loss is the mean of the squared
# residuals:
#
# .. math:: L(a, b) = \frac{1}{n} \sum_{i=1}^{n} \bigl(y_i - (a + b x_i)\bigr)^2
#
# Multiplied out, the sum is a quadratic function of a and b. The surface keeps its coefficients, and agrees with the
# data.

print(
    "surface at (9, 2):",
    surface(9.0, 2.0),
    " data:",
    np.mean((y - (9 + 2 * x)) ** 2),
)
np.testing.assert_allclose(
    surface(9.0, 2.0), np.mean((y - (9 + 2 * x)) ** 2), rtol=1e-12
)

# %%
# The surface
# -----------
# A long trough, with a star at the minimum. Heights are drawn as their square roots, here and on all maps, and rise
# from 0 to 1.

ax = og.plot_surface(surface, elev=55)
ax.plot(*best, 0, "*", ms=15, color="#f2d33c", mec="black", zorder=10)
ax.set_title("Mean squared residual over intercept a and slope b")

# %%
# Seen from above, the square root of the loss is the typical residual, in units of y. Its level lines are ellipses,
# evenly spaced.

a, b = np.linspace(-10, 10, 201), np.linspace(-10, 10, 201)
fig, ax = plt.subplots(figsize=(6, 5), layout="constrained")
lines = ax.contour(
    a,
    b,
    np.sqrt(surface(a, b[:, None])),
    levels=10,
    linestyles="dashed",
    colors="#4f86c6",
)
ax.clabel(lines)
ax.plot(*best, "*", ms=15, color="#e5484d")
ax.set(
    title="Square root of the loss, and its minimum",
    xlabel="a (intercept)",
    ylabel="b (slope)",
    aspect="equal",
)

# %%
# The ellipses are narrow in b, because a wrong slope costs more than a wrong intercept: it is multiplied by x. The
# two curvatures say how much more. Along the trough it is about 2, across it about 16.

curvature = 2 * np.array([[1, x.mean()], [x.mean(), np.mean(x**2)]])
flat, steep = np.linalg.eigvalsh(curvature)
print(f"curvatures: {flat:.2f} along, {steep:.2f} across")
assert 1.9 < flat < 2.1 and 16 < steep < 17

# %%
# Training is descending
# ----------------------
# This is how one would fit the line in PyTorch: a linear layer, the mean squared error, an optimizer and a loop. The
# layer begins at intercept 9 and slope 2, so the slope is right and the intercept is far off.


def fit(optimizer):
    """Train a line for 100 steps; return its intercept and slope before the first step and after each."""
    line = torch.nn.Linear(1, 1, dtype=torch.float64)
    torch.nn.init.constant_(line.bias, 9.0)
    torch.nn.init.constant_(line.weight, 2.0)
    opt = optimizer(line.parameters(), lr=0.1)
    points = [(9.0, 2.0)]
    for _ in range(100):
        opt.zero_grad()
        torch.nn.functional.mse_loss(line(inputs), targets).backward()
        opt.step()
        points.append((line.bias.item(), line.weight.item()))
    return np.array(points)


inputs, targets = torch.tensor(x)[:, None], torch.tensor(y)[:, None]
light = partial(torch.optim.SGD, momentum=0.2)

# %%
# A descent on the surface from (9, 2) takes the same steps, whichever of PyTorch's optimizers does the training. What a
# picture of the surface shows is what happens to the layer.

for optimizer in (
    torch.optim.SGD,
    light,
    torch.optim.RMSprop,
    torch.optim.Adam,
):
    trained, descended = (
        fit(optimizer),
        og.descend(optimizer, surface, steps=100, lr=0.1),
    )
    print(
        f"{descended.name}: largest difference {np.abs(trained - descended.theta).max():.1g}"
    )
    np.testing.assert_allclose(trained, descended.theta, atol=1e-6, rtol=0)

# %%
# Plain descent
# -------------
# An arrow shows the next step of plain descent: the learning rate 0.1 times the slope, pointing downhill. The first
# one shoots across the floor of the trough. From there on the point hops from side to side. The maps stretch b, so the
# hops can be seen.

plain = og.descend(og.SGD, surface, steps=100, lr=0.1)
ax = og.plot_map(surface, box=near)
og.plot_trails({"SGD": plain}, ax=ax)
og.plot_arrows(plain, every=1, ax=ax)
ax.set_title("Plain descent: arrows of -0.1 times the gradient")

# %%
# The curvatures explain the hops. One step multiplies the distance to the minimum by :math:`1 - 0.1 \cdot 2 = 0.8`
# along the trough, and by :math:`1 - 0.1 \cdot 16.3`, about -0.63, across it. A negative factor changes sides at every
# step. Both factors can be read off the descent, far from its start and in the two directions of the trough.

_, axes = np.linalg.eigh(curvature)
offsets = (plain.theta - best) @ axes
print("factors of one step:", offsets[10] / offsets[9])
np.testing.assert_allclose(
    offsets[10] / offsets[9], (1 - 0.1 * flat, 1 - 0.1 * steep), rtol=1e-6
)

# %%

og.animate(
    {"SGD": plain}, panels=("map", "loss"), title="Plain descent", box=near
)

# %%
# Momentum over plain
# -------------------
# With momentum 0.2 a step adds a fifth of the step before. Across the trough that step pointed the other way, so the
# two partly cancel. Along it they point the same way and add up.

rivals = {
    "SGD": partial(og.SGD, lr=0.1),
    "momentum 0.2": partial(og.Momentum, lr=0.1, momentum=0.2),
}
race = og.race(rivals, surface, steps=100)
race.animate(
    panels=("map", "loss"), title="Momentum 0.2 over plain descent", box=near
)

# %%

ax = og.plot_map(surface, box=near)
og.plot_trails({"momentum 0.2": race["momentum 0.2"]}, ax=ax)
og.plot_arrows(race["momentum 0.2"], every=1, ax=ax)
ax.set_title("Momentum 0.2, and the arrows of plain descent")

# %%
# Does momentum damp the oscillation between the level lines? Measure it: how far does the slope b travel in all, and
# how often does it turn round in the first 30 steps?

travelled, turns = {}, {}
heavy = og.descend(og.Momentum, surface, steps=100, lr=0.1, momentum=0.9)
for name, run in {**race, "momentum 0.9": heavy}.items():
    moves = np.diff(run.theta[:, 1])
    travelled[name] = round(float(np.abs(moves).sum()), 2)
    turns[name] = int((moves[1:30] * moves[:29] < 0).sum())
print("distance travelled by b:", travelled)
print("turns:", turns)
assert travelled["momentum 0.2"] < 0.75 * travelled["SGD"]
assert turns["momentum 0.2"] < turns["SGD"]

# %%
# It does, at 0.2. But momentum is not a damper as such. The distance across obeys a rule of second order,
# :math:`d_{t+1} = (1 + \beta - \eta \lambda) \, d_t - \beta \, d_{t-1}` with curvature :math:`\lambda`. Its
# roots say that at 0.2 the swing shrinks to :math:`\sqrt{0.2}`, about 0.45, in each step, where plain descent leaves
# 0.63. At 0.9 a step leaves :math:`\sqrt{0.9}`, about 0.95. Then the swing outlasts that of plain descent, and the
# point runs past the minimum along the trough as well.

swing = np.abs(
    [np.roots([1, -(1 + beta - 0.1 * steep), beta]) for beta in (0.2, 0.9)]
)
overshoot = best[0] - heavy.theta[:, 0].min()
print(f"momentum 0.9 runs past the best intercept by {overshoot:.2f}")
np.testing.assert_allclose(swing, np.sqrt([[0.2, 0.2], [0.9, 0.9]]))
assert travelled["momentum 0.9"] > 1.5 * travelled["SGD"]
assert overshoot > 2
assert best[0] - race["momentum 0.2"].theta[:, 0].min() < 1e-6

# %%
# Before this: :ref:`a descent written by hand <sphx_glr_gallery_foundations_plot_hand_written_descent.py>`.
# Next: :ref:`RMSprop and Adam on the same surface <sphx_glr_gallery_comparisons_plot_regression_race.py>`.
