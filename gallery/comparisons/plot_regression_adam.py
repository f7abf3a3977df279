r"""
A line fitted with Adam, and with almost Adam
=============================================

Adam joins momentum with RMSprop's scale. Without its bias corrections the first steps are too long, and run far past
the best line. With them, and a learning rate of 0.1, the walk is slow and straight.
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
# Almost Adam before Adam
# -----------------------
# Adam adds a running mean of the slope to RMSprop's running mean of its square. Both begin at zero and are too small at
# first. Adam corrects for that. :ref:`Almost Adam <sphx_glr_gallery_optimizers_plot_almost_adam.py>` is the same rule
# without the corrections.

almost = og.descend(og.AlmostAdam, surface, steps=100, lr=0.1)
adam = og.descend(og.Adam, surface, steps=100, lr=0.1)
og.animate(
    {"almost Adam": almost, "Adam": adam},
    panels=("map", "loss"),
    title="Without and with correction",
    box=near,
)

# %%
# The scale is the more biased of the two, and it is divided by. So the uncorrected steps are too long, not too short:
# the first by :math:`0.1 / \sqrt{0.001} = 3.16`, and later ones by up to 6.6 times. The long steps run past the
# minimum. Adam's first step is exactly the learning rate.

t = np.arange(1, 101)
excess = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
first = np.diff(almost.theta, axis=0)[0], np.diff(adam.theta, axis=0)[0]
past = best[0] - almost.theta[:, 0].min()
print("first step, almost Adam and Adam:", first[0].round(4), first[1].round(4))
print(f"too long by {excess[0]:.2f} at first, by {excess.max():.2f} at most")
print(f"almost Adam runs past the best intercept by {past:.2f}")
np.testing.assert_allclose(np.abs(first[1]), 0.1, rtol=1e-6)
np.testing.assert_allclose(np.abs(first[0]), 0.1 * excess[0], rtol=1e-5)
np.testing.assert_allclose((excess[0], excess.max()), (3.16, 6.57), atol=0.01)
assert past > 1.5

# %%
# It swings past the best intercept, back past it, and past it again. Where it has run too far, the arrows point back.

ax = og.plot_map(surface, box=near)
og.plot_trails({"almost Adam": almost}, ax=ax)
og.plot_arrows(almost, every=4, ax=ax)
ax.set_title("Almost Adam: its path, and arrows of -0.1 times the gradient")
passes = int((np.diff(np.sign(almost.theta[:, 0] - best[0])) != 0).sum())
print("it passes the best intercept", passes, "times in 100 steps")
assert passes == 3

# %%
# Adam over plain
# ---------------
# At 0.1 Adam's steps are about a tenth long or shorter, and it has eleven units to go. After 100 steps it is still on
# its way, at an intercept of about 1. Plain descent, whose steps are as long as the slope is steep, has long arrived.

plain = og.descend(og.SGD, surface, steps=100, lr=0.1)
og.animate(
    {"SGD": plain, "Adam": adam},
    panels=("map", "loss"),
    title="Adam over plain descent",
    box=near,
)

# %%

longest = np.abs(np.diff(adam.theta[:, 0])).max()
print("Adam after 100 steps:", adam.theta[-1].round(3))
print("its longest step in a:", longest)
assert longest < 0.101 and 0.9 < adam.theta[-1, 0] < 1.1
assert plain.loss[-1] < 2e-6

# %%

ax = og.plot_map(surface, box=near)
og.plot_trails({"Adam": adam}, ax=ax)
og.plot_arrows(adam, every=8, ax=ax)
ax.set_title("Adam: its path, and arrows of -0.1 times the gradient")

# %%
# PyTorch's own Adam draws the same path.

theirs = og.descend(torch.optim.Adam, surface, steps=100, lr=0.1)
print("largest difference:", np.abs(theirs.theta - adam.theta).max())
np.testing.assert_allclose(theirs.theta, adam.theta, rtol=0, atol=1e-9)

# %%
# Before this: :ref:`RMSprop on this surface <sphx_glr_gallery_comparisons_plot_regression_rescaling.py>`.
# Next: :ref:`all four at once <sphx_glr_gallery_comparisons_plot_regression_race.py>`.
# The rule itself: :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`.
