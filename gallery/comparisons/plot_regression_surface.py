r"""
A landscape made of data
========================

Fitting a line to points is a descent on a surface. Every pair of intercept and coefficient is a point of the plane, and
the error of that line is its height. A layer trained in PyTorch takes the same path.
"""

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

surface = og.surfaces.linear_regression()
adam = og.descend(og.Adam.at(lr=0.1), surface, steps=100)
og.animate({"Adam": adam}, title="Fitting a line to 1,000 points with Adam")

# %%
# The line begins with an intercept of 9 and a coefficient of 2. The coefficient is right and the intercept is far off.
#
# The data and the loss
# ---------------------
# The experiment is that of :cite:t:`pascal2022`. 1,000 points lie on the line :math:`y = -2 + 2x`, with x drawn evenly
# from -5 to 5 and a little noise of standard deviation 0.001. The model is :math:`a + bx`. The loss is the mean of the
# squared residuals:
#
# .. math:: L(a, b) = \frac{1}{n} \sum_{i=1}^{n} \bigl(y_i - (a + b x_i)\bigr)^2
#
# Multiplied out, it is a quadratic function of a and b. The surface keeps its coefficients.

# proof: the minimum is the line the points were drawn from, up to the noise
x, y = surface.function.data
best = np.array(surface.known_minima()[0])
assert len(x) == 1000 and np.abs(x).max() < 5
np.testing.assert_allclose(best, (-2, 2), atol=2e-4)
np.testing.assert_allclose(np.std(y - (-2 + 2 * x)), 0.001, rtol=0.1)

# %%

# proof: the surface is the mean squared residual of the data
np.testing.assert_allclose(surface(9.0, 2.0), np.mean((y - (9 + 2 * x)) ** 2), rtol=1e-12)

# %%
# The surface
# -----------
# A long valley, with a star at the minimum. Heights are drawn as their square roots, here and on all maps of this
# surface, and rise from 0 to 1.

ax = og.plot_surface(surface, elev=55)
ax.plot(*best, 0, "*", ms=15, color="#f2d33c", mec="black", zorder=10)
ax.set_title("Mean squared residual over intercept a and coefficient b")

# %%
# Seen from above, the square root of the loss is the typical residual, in units of y. Its level lines are ellipses,
# evenly spaced.

a, b = np.linspace(-10, 10, 201), np.linspace(-10, 10, 201)
fig, ax = plt.subplots(figsize=(6, 5), layout="constrained")
height = np.sqrt(surface(a, b[:, None]))
lines = ax.contour(a, b, height, levels=10, linestyles="dashed", colors="#4f86c6")
ax.clabel(lines)
ax.plot(*best, "*", ms=15, color="#e5484d")
ax.set(title="Square root of the loss, and its minimum", aspect="equal")
ax.set(xlabel="a (intercept)", ylabel="b (coefficient of x)")

# %%

# proof: the level lines are evenly spaced in the typical residual
np.testing.assert_allclose(np.diff(lines.levels), lines.levels[1] - lines.levels[0])

# %%
# The ellipses are narrow in b, because an error in b is multiplied by x. The second derivatives of the loss are 2 for a
# and :math:`2 \cdot \frac{1}{n} \sum x_i^2` for b, and they hardly mix. So the curvature is :n:`flat:.1f` along the valley
# and :n:`steep:.1f` across it.

# proof: the valley is eight times as curved across as along
flat, steep = np.linalg.eigvalsh(2 * np.array([[1, x.mean()], [x.mean(), np.mean(x**2)]]))
assert 1.9 < flat < 2.1 and 16 < steep < 17

# %%
# Training is descending
# ----------------------
# This is how one would fit the line in PyTorch: a linear layer, the mean squared error, an optimizer and a loop.

inputs, targets = torch.tensor(x)[:, None], torch.tensor(y)[:, None]
paths = {}
for optimizer in (og.Adam, torch.optim.Adam):
    line = torch.nn.Linear(1, 1, dtype=torch.float64)
    torch.nn.init.constant_(line.bias, 9.0)
    torch.nn.init.constant_(line.weight, 2.0)
    opt = optimizer(line.parameters(), lr=0.1)
    paths[optimizer] = [(9.0, 2.0)]
    for _ in range(100):
        opt.zero_grad()
        torch.nn.functional.mse_loss(line(inputs), targets).backward()
        opt.step()
        paths[optimizer].append((line.bias.item(), line.weight.item()))

# %%
# The descent on the surface takes the same steps as the layer, and so does PyTorch's own Adam. What a picture of the
# surface shows is what happens to the layer.

# proof: a layer trained with our Adam or with PyTorch's takes the path of the descent on the
# surface
trained, theirs = paths.values()
np.testing.assert_allclose(trained, adam.theta, atol=1e-6, rtol=0)
np.testing.assert_allclose(theirs, trained, atol=1e-9, rtol=0)
