r"""
A line fitted with Adam, and with almost Adam
=============================================

Without its bias corrections Adam's first steps are too long and run far past the best line. With them, and a learning
rate of 0.1, the path turns into the valley and follows its floor slowly.
"""

# sphinx_gallery_thumbnail_number = 1
import numpy as np
import torch

import optguide as og

surface = og.surfaces.linear_regression()
rules = {"SGD": og.SGD, "RMSprop": og.RMSprop, "almost Adam": og.AlmostAdam, "Adam": og.Adam}
race = og.race(rules, surface, steps=100, lr=0.1)
near = ((-4, 10), (0.5, 3))
race.animate(panels=("map", "loss"), title="Adam with and without correction", box=near)

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and coefficient b, steep in b and flat in a.
#
# Without the correction
# ----------------------
# Adam divides an average of the gradient by the root of an average of its square. Both begin at zero and are too small
# at first: by the factors :math:`1 - 0.9^t` and :math:`1 - 0.999^t`. The second is by far the smaller one, and its root
# is divided by. So the uncorrected steps of :ref:`almost Adam <sphx_glr_gallery_optimizers_plot_almost_adam.py>` are too
# long, by :math:`(1 - 0.9^t) / \sqrt{1 - 0.999^t}`: by :n:`excess[0]:.2f` at first and by :n:`excess.max():.2f` at most.
# They run :n:`past:.1f` units past the best intercept, back past it, and past it again. Where the path has gone too
# far, the arrows of plain descent point back.

plain, rms, almost, adam = race.values()
ax = og.plot_map(surface, box=near)
og.plot_trails({"almost Adam": almost}, ax=ax)
og.plot_arrows(almost, every=4, ax=ax)
ax.set_title("Almost Adam: its path, and arrows of -0.1 times the gradient")

# %%

# proof: the first step is one learning rate long with the correction, 3.16 without
t = np.arange(1, 101)
excess = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
first = [np.abs(np.diff(run.theta, axis=0)[0]) for run in (adam, almost)]
np.testing.assert_allclose(first[0], 0.1, rtol=1e-6)
np.testing.assert_allclose(first[1], 0.1 * excess[0], rtol=1e-5)
np.testing.assert_allclose((excess[0], excess.max()), (3.16, 6.57), atol=0.01)

# %%

# proof: without the correction the path passes the best intercept three times in 100 steps
best = np.array(surface.known_minima()[0])
past = best[0] - almost.theta[:, 0].min()
passes = (np.diff(np.sign(almost.theta[:, 0] - best[0])) != 0).sum()
assert past > 1.5 and passes == 3

# %%
# Adam beside plain descent and RMSprop
# -------------------------------------
# At 0.1 none of Adam's steps in a is longer than :n:`longest:.3f`, and it has eleven units to go. After 100 steps it has
# come to an intercept of :n:`adam.theta[-1, 0]:.2f`. Plain descent, whose steps are as long as the gradient is large, is
# at the minimum by then.

ax = og.plot_map(surface, box=near)
og.plot_trails({"Adam": adam}, ax=ax)
og.plot_arrows(adam, every=8, ax=ax)
ax.set_title("Adam: its path, and arrows of -0.1 times the gradient")

# %%

# proof: at a learning rate of 0.1 Adam is still on its way after 100 steps, and plain descent is
# not
longest = np.abs(np.diff(adam.theta[:, 0])).max()
assert longest < 0.101 and 0.9 < adam.theta[-1, 0] < 1.1
assert plain.loss[-1] < 2e-6

# %%
# :cite:t:`pascal2022` finds that Adam's path resembles RMSprop's. In shape it does: both change b first and then follow
# the floor of the valley. Where both have the same intercept, between 5 and 2, their b differs by at most :n:`apart:.3f`.
# RMSprop gets there sooner, since its first step is ten learning rates long, and the next ones several.

# proof: on the floor of the valley Adam and RMSprop take the same path, at different times;
# RMSprop's first step is ten learning rates long, its next five more than three
a = np.linspace(5, 2, 30)
lines = [np.interp(a, run.theta[::-1, 0], run.theta[::-1, 1]) for run in (rms, adam)]
apart = np.abs(lines[0] - lines[1]).max()
assert apart < 0.05
leaps = np.abs(np.diff(rms.theta[:, 0])) / 0.1
np.testing.assert_allclose(leaps[0], 10, rtol=1e-3)
assert leaps[1:6].min() > 3

# %%

# proof: torch.optim.Adam takes the same path
theirs = og.descend(torch.optim.Adam, surface, steps=100, lr=0.1)
np.testing.assert_allclose(theirs.theta, adam.theta, rtol=0, atol=1e-9)
