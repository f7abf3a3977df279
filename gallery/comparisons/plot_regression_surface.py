r"""
A landscape made of data
========================

Fitting a line to points is a descent on a surface: every pair of intercept and slope is a place, and the error of
that line is its height. Whoever trains the line, walks there.
"""

# sphinx_gallery_thumbnail_number = 1
import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

surface = og.surfaces.linear_regression()
x, y = surface.function.data
best = np.array(surface.known_minima()[0])
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

data = np.mean((y - (9 + 2 * x)) ** 2)
print("surface at (9, 2):", surface(9.0, 2.0), " data:", data)
np.testing.assert_allclose(surface(9.0, 2.0), data, rtol=1e-12)

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
trained = fit(og.Adam)
print("the layer after 100 steps of Adam:", trained[-1].round(3))

# %%
# A descent on the surface from (9, 2) takes the same steps, and PyTorch's own Adam takes them, too. What a picture of
# the surface shows is what happens to the layer.

descended = og.descend(og.Adam, surface, steps=100, lr=0.1)
print("descent and layer differ by", np.abs(trained - descended.theta).max())
np.testing.assert_allclose(trained, descended.theta, atol=1e-6, rtol=0)
np.testing.assert_allclose(fit(torch.optim.Adam), trained, atol=1e-9, rtol=0)

# %%
# Before this: :ref:`a descent written by hand <sphx_glr_gallery_foundations_plot_hand_written_descent.py>`.
# Next: :ref:`plain descent on this surface, and momentum <sphx_glr_gallery_comparisons_plot_regression_momentum.py>`,
# which calms it.
