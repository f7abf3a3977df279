r"""
A line fitted with steps that rescale themselves
================================================

RMSprop divides each slope by its recent size. On the surface of a regression that trades movement in the steep
coordinate for movement in the flat one, once its first two steps are over.
"""

# sphinx_gallery_thumbnail_number = 1
import numpy as np
import torch

import optguide as og

surface = og.surfaces.linear_regression()
best = np.array(surface.known_minima()[0])
near = ((-4, 10), (0.5, 3))
print(surface, "from", surface.start, "to", best.round(4))

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and slope b, steep in b and flat in a.
#
# RMSprop over plain
# ------------------
# RMSprop divides each coordinate's slope by the size that it recently had. At its default ``alpha`` it remembers about
# a hundred steps. A unit of slope then counts for less in a coordinate that has been steep than in a flat one.

plain = og.descend(og.SGD, surface, steps=100, lr=0.1)
rms = og.descend(og.RMSprop, surface, steps=100, lr=0.1)
og.animate(
    {"SGD": plain, "RMSprop": rms},
    panels=("map", "loss"),
    title="RMSprop over plain descent",
    box=near,
)

# %%
# The arrows show what plain descent would do from the points where RMSprop stands. After its first steps RMSprop stands
# near the floor of the trough, and from there even the bare slope points along it.

ax = og.plot_map(surface, box=near)
og.plot_trails({"RMSprop": rms}, ax=ax)
og.plot_arrows(rms, every=5, ax=ax)
ax.set_title("RMSprop: its path, and arrows of -0.1 times the gradient")

# %%

tilt = np.abs(rms.grad[10:, 1] / rms.grad[10:, 0]).max()
print("largest share of b in an arrow after ten steps:", tilt)
assert tilt < 0.05

# %%
# PyTorch's own RMSprop draws the same path.

theirs = og.descend(torch.optim.RMSprop, surface, steps=100, lr=0.1)
print("largest difference:", np.abs(theirs.theta - rms.theta).max())
np.testing.assert_allclose(theirs.theta, rms.theta, rtol=0, atol=1e-9)

# %%
# Less along the slope, more along the intercept
# ----------------------------------------------
# It is said that RMSprop moves less along the slope b and more along the intercept a. Here is how far each travels.
# From (9, 2) that is true from the third step on.

ways = [np.abs(np.diff(run.theta[2:], axis=0)).sum(0) for run in (plain, rms)]
print("travelled in (a, b) from the third step on:")
print("plain", ways[0].round(2), " RMSprop", ways[1].round(2))
assert ways[1][0] > 1.2 * ways[0][0] and ways[1][1] < 0.95 * ways[0][1]

# %%
# The first two steps spoil the sum. The memory still counts a hundred steps of which it has seen one, so the first step
# is ten times the learning rate in both coordinates. In b, which was right to begin with, the first step goes wrong by
# 1 and the second takes it back. In all, RMSprop moves more than twice as far along b as plain descent does.

steps = np.diff(rms.theta, axis=0)
print("first two steps of RMSprop:", steps[:2].round(3).tolist())
whole = [np.abs(np.diff(run.theta[:, 1])).sum() for run in (plain, rms)]
print("travelled in b, all steps: plain and RMSprop", np.round(whole, 2))
np.testing.assert_allclose(np.abs(steps[0]), 1, rtol=1e-4)
assert -1 < steps[1, 1] / steps[0, 1] < -0.9
assert whole[1] > 2 * whole[0]

# %%
# Where the slope is wrong as well, the claim holds without that reservation. From (9, 8) plain descent throws b to and
# fro across the trough, while RMSprop takes it down once. The intercept's share of the way more than doubles.

wide = og.race([og.SGD, og.RMSprop], surface, start=(9, 8), steps=100, lr=0.1)
wide.plot_map().set_title("From (9, 8): RMSprop takes b down once")

# %%

ways = [np.abs(np.diff(run.theta, axis=0)).sum(0) for run in wide.values()]
shares = [way[0] / way.sum() for way in ways]
print("travelled in (a, b): plain", ways[0].round(1), " RMSprop", ways[1].round(1))
print(f"share of a: plain {shares[0]:.0%}, RMSprop {shares[1]:.0%}")
assert ways[1][1] < 0.3 * ways[0][1]
assert shares[1] > 2 * shares[0]

# %%
# Before this: :ref:`momentum on this surface <sphx_glr_gallery_comparisons_plot_regression_momentum.py>`.
# Next: :ref:`almost Adam, and Adam <sphx_glr_gallery_comparisons_plot_regression_adam.py>`, which join the two ideas.
# The rule itself: :ref:`RMSprop <sphx_glr_gallery_optimizers_plot_rmsprop.py>`.
