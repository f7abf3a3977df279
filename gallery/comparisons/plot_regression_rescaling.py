r"""
A line fitted with steps that rescale themselves
================================================

RMSprop divides each coordinate of the gradient by its recent size. On the surface of a regression it moves less in the
steep coordinate and more in the flat one, once its first two steps are over.
"""

# sphinx_gallery_thumbnail_number = 1
import numpy as np
import torch

import optguide as og

surface = og.surfaces.linear_regression()
race = og.race([og.SGD, og.RMSprop], surface, steps=100, lr=0.1)
near = ((-4, 10), (0.5, 3))
race.animate(panels=("map", "loss"), title="RMSprop beside plain descent", box=near)

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and coefficient b, steep in b and flat in a. The default ``alpha`` of 0.99 averages the squared
# gradients of about a hundred steps.
#
# The arrows show what plain descent would do from the points that RMSprop visits. After its first steps RMSprop is
# near the floor of the valley, and from there even the plain gradient points along it: after ten steps b has less than
# :n:`100 * tilt:.1f` % of a's share in it.

plain, rms = race.values()
ax = og.plot_map(surface, box=near)
og.plot_trails({"RMSprop": rms}, ax=ax)
og.plot_arrows(rms, every=5, ax=ax)
ax.set_title("RMSprop: its path, and arrows of -0.1 times the gradient")

# %%

# proof: after ten steps the gradient along RMSprop's path points along the valley
tilt = np.abs(rms.grad[10:, 1] / rms.grad[10:, 0]).max()
assert tilt < 0.05

# %%

# proof: torch.optim.RMSprop takes the same path
theirs = og.descend(torch.optim.RMSprop, surface, steps=100, lr=0.1)
np.testing.assert_allclose(theirs.theta, rms.theta, rtol=0, atol=1e-9)

# %%
# Less along b, more along a
# --------------------------
# :cite:t:`pascal2022` says that RMSprop moves less along b and more along a. From (9, 2) that is true from the third
# step on: RMSprop covers :n:`late[1][0]:.1f` units in a and :n:`late[1][1]:.2f` in b, plain descent :n:`late[0][0]:.1f`
# and :n:`late[0][1]:.2f`.

# proof: from the third step on RMSprop moves less along b and more along a than plain descent
late = [np.abs(np.diff(run.theta[2:], axis=0)).sum(0) for run in (plain, rms)]
assert late[1][0] > 1.2 * late[0][0] and late[1][1] < 0.95 * late[0][1]

# %%
# The first two steps spoil the sum. After one gradient the average of squares holds a hundredth of its square, so the
# first step is :math:`1 / \sqrt{0.01}` = 10 learning rates long in both coordinates. In b, which was right to begin
# with, the first step goes wrong by 1 and the second takes it back. In all, RMSprop moves :n:`whole[1] / whole[0]:.1f`
# times as far along b as plain descent does.

# proof: RMSprop's first step is ten learning rates long in both coordinates, and in b the second
# takes it back
steps = np.diff(rms.theta, axis=0)
whole = [np.abs(np.diff(run.theta[:, 1])).sum() for run in (plain, rms)]
np.testing.assert_allclose(np.abs(steps[0]), 1, rtol=1e-4)
assert -1 < steps[1, 1] / steps[0, 1] < -0.9 and whole[1] > 2 * whole[0]

# %%
# Where b is wrong as well, the half about b holds from the first step on, and that about a from the second. From (9, 8)
# plain descent throws b to and fro across the valley, while RMSprop takes it down once. The share of a in the way rises
# from :n:`100 * shares[0]:.0f` % to :n:`100 * shares[1]:.0f` %.

wide = og.race([og.SGD, og.RMSprop], surface, start=(9, 8), steps=100, lr=0.1)
wide.plot_map().set_title("From (9, 8): RMSprop takes b down once")

# %%

# proof: from (9, 8) RMSprop covers less than a third of plain descent's way in b, and from the
# second step on more of it in a
ways = [np.abs(np.diff(run.theta, axis=0)).sum(0) for run in wide.values()]
shares = [way[0] / way.sum() for way in ways]
assert ways[1][1] < 0.3 * ways[0][1] and shares[1] > 2 * shares[0]
later = [np.abs(np.diff(run.theta[1:, 0])).sum() for run in wide.values()]
assert later[1] > 1.05 * later[0]
