r"""
A line fitted with a little momentum
====================================

Plain descent zigzags on the surface of a regression, and a little momentum calms it. Much momentum does the opposite:
with 0.9 the line swings for longer than with none.
"""

# sphinx_gallery_thumbnail_number = 1
import numpy as np

import optguide as og

surface = og.surfaces.linear_regression()
rules = {"SGD": og.SGD, "momentum 0.2": og.Momentum.at(momentum=0.2), "momentum 0.9": og.Momentum}
race = og.race(rules, surface, steps=100, lr=0.1)
near = ((-10, 10), (0.5, 3))
race.animate(panels=("map", "loss"), title="A line, fitted with and without momentum", box=near)

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and coefficient b, steep in b and flat in a. Unless said otherwise, the descents of this series
# start from (9, 2), with a learning rate of 0.1. The maps stretch b, so that the swings can be seen.
#
# Plain descent
# -------------
# An arrow shows the next step of plain descent: 0.1 times the gradient, pointing downhill. The first one crosses the
# floor of the valley. From there on the point changes sides in every step. So the gradient does not point at the
# minimum: at the start it is off by :n:`angle:.0f` degrees.

plain, light, heavy = race.values()
ax = og.plot_map(surface, box=near)
og.plot_trails({"SGD": plain}, ax=ax)
og.plot_arrows(plain, every=1, ax=ax)
ax.set_title("Plain descent: arrows of -0.1 times the gradient")

# %%

# proof: at first the gradient does not point towards the minimum
best = np.array(surface.known_minima()[0])
away, grad = plain.theta[0] - best, plain.grad[0]
cosine = away @ grad / np.linalg.norm(away) / np.linalg.norm(grad)
angle = np.degrees(np.arccos(cosine))
assert 5 < angle < 30

# %%
# The curvatures explain the zigzag. In a direction of curvature :math:`\lambda` one step multiplies the distance to the
# minimum by :math:`1 - 0.1 \lambda`: along the valley by :n:`factors[0]:.2f`, across it by :n:`factors[1]:.2f`. A negative
# factor changes sides at every step. Both can be read off the descent.

# proof: one step multiplies the distance to the minimum by one minus the learning rate times the
# curvature
x, _ = surface.function.data
curvature = 2 * np.array([[1, x.mean()], [x.mean(), np.mean(x**2)]])
(flat, steep), axes = np.linalg.eigh(curvature)
offsets = (plain.theta - best) @ axes
factors = offsets[10] / offsets[9]
np.testing.assert_allclose(factors, (1 - 0.1 * flat, 1 - 0.1 * steep), 1e-6)

# %%
# A little momentum
# -----------------
# With a momentum of 0.2 a step adds a fifth of the step before. Across the valley that step mostly pointed the other
# way, so the two partly cancel. Along it they point the same way and add up, and the line is found faster: the loss
# falls below 0.001 after :n:`found[1]` steps instead of :n:`found[0]`.

ax = og.plot_map(surface, box=near)
og.plot_trails({"momentum 0.2": light}, ax=ax)
og.plot_arrows(light, every=1, ax=ax)
ax.set_title("Momentum 0.2, and the arrows of plain descent")

# %%

# proof: with a little momentum the line is found faster, and across the valley more than six in
# ten of its first steps point against the step before
found = [int((run.loss < 1e-3).argmax()) for run in (plain, light)]
assert 0 < found[1] < 0.9 * found[0]
across = np.diff(light.theta[:31] @ axes[:, 1])
assert (across[1:] * across[:-1] < 0).mean() > 0.6

# %%
# Does momentum damp the oscillation between the level lines? In 100 steps b covers :n:`travelled[0]:.1f` units without
# momentum, :n:`travelled[1]:.1f` with 0.2 and :n:`travelled[2]:.1f` with 0.9.

# proof: a momentum of 0.2 damps the oscillation of b, one of 0.9 makes it larger
moves = [np.diff(run.theta[:, 1]) for run in (plain, light, heavy)]
travelled = [np.abs(move).sum() for move in moves]
turns = [(move[1:30] * move[:29] < 0).sum() for move in moves]
assert travelled[1] < 0.75 * travelled[0] and turns[1] < turns[0]
assert travelled[2] > 1.5 * travelled[0]

# %%
# Why more is worse
# -----------------
# Let d be the distance to the minimum in one of the two directions. The velocity is
# :math:`v_{t+1} = \beta v_t + \eta \lambda d_t`, and :math:`d_{t+1} = d_t - v_{t+1}`. Put :math:`v_t = d_{t-1} - d_t` into
# it, and the velocity is gone:
#
# .. math:: d_{t+1} = (1 + \beta - \eta \lambda) \, d_t - \beta \, d_{t-1}
#
# Solutions are powers :math:`z^t` with :math:`z^2 - (1 + \beta - \eta \lambda) z + \beta = 0`. The product of the two
# roots is :math:`\beta`. Across the valley they are a conjugate pair here, so each has the size :math:`\sqrt\beta`, and
# that is the factor by which the swing shrinks in a step: :n:`0.2**0.5:.2f` for 0.2, :n:`0.9**0.5:.2f` for 0.9, against
# :n:`-factors[1]:.2f` for plain descent. With 0.9 the swing outlasts that of plain descent, and the point runs past the
# minimum along the valley as well. :ref:`sphx_glr_gallery_foundations_plot_momentum_as_an_oscillator.py` tells the
# whole story.

# proof: across the valley, with momentum, the swing shrinks by the root of the momentum in each
# step
swing = [np.roots([1, -(1 + m - 0.1 * steep), m]) for m in (0.2, 0.9)]
np.testing.assert_allclose(np.abs(swing), np.sqrt([[0.2, 0.2], [0.9, 0.9]]))

# %%

# proof: a momentum of 0.9 runs more than two units past the best intercept, one of 0.2 does not
overshoot = [best[0] - run.theta[:, 0].min() for run in (light, heavy)]
assert overshoot[0] < 1e-6 and overshoot[1] > 2
