r"""
A line fitted with a little momentum
====================================

Plain descent zigzags on the surface of a regression, and a little momentum calms it. It is not a damper as such:
much momentum swings for longer than none.
"""

# sphinx_gallery_thumbnail_number = 1
import numpy as np

import optguide as og

surface = og.surfaces.linear_regression()
best = np.array(surface.known_minima()[0])
near = ((-4, 10), (0.5, 3))  # the part of the trough that the descents see
print(surface, "from", surface.start, "to", best.round(4))

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and slope b, steep in b and flat in a. All descents of this series start from (9, 2), with a learning
# rate of 0.1.
#
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

og.animate({"SGD": plain}, panels=("map", "loss"), title="Plain descent", box=near)

# %%
# The curvatures explain the hops. One step multiplies the distance to the minimum by :math:`1 - 0.1 \cdot 2 = 0.8`
# along the trough, and by :math:`1 - 0.1 \cdot 16.3`, about -0.63, across it. A negative factor changes sides at every
# step. Both factors can be read off the descent, far from its start and in the two directions of the trough.

x, _ = surface.function.data
curvature = 2 * np.array([[1, x.mean()], [x.mean(), np.mean(x**2)]])
(flat, steep), axes = np.linalg.eigh(curvature)
offsets = (plain.theta - best) @ axes
factors = offsets[10] / offsets[9]
print("factors of one step:", factors)
np.testing.assert_allclose(factors, (1 - 0.1 * flat, 1 - 0.1 * steep), 1e-6)
np.testing.assert_allclose(factors, (0.8, -0.63), atol=0.02)

# %%
# Momentum over plain
# -------------------
# With momentum 0.2 a step adds a fifth of the step before. Across the trough that step pointed the other way, so the
# two partly cancel. Along it they point the same way and add up.

light = og.descend(og.Momentum, surface, steps=100, lr=0.1, momentum=0.2)
og.animate(
    {"SGD": plain, "momentum 0.2": light},
    panels=("map", "loss"),
    title="Momentum 0.2 over plain descent",
    box=near,
)

# %%

ax = og.plot_map(surface, box=near)
og.plot_trails({"momentum 0.2": light}, ax=ax)
og.plot_arrows(light, every=1, ax=ax)
ax.set_title("Momentum 0.2, and the arrows of plain descent")

# %%
# Does momentum damp the oscillation between the level lines? Measure it: how far does the slope b travel in all, and
# how often does it turn round in the first 30 steps?

heavy = og.descend(og.Momentum, surface, steps=100, lr=0.1, momentum=0.9)
moves = [np.diff(run.theta[:, 1]) for run in (plain, light, heavy)]
travelled = [float(np.abs(move).sum()) for move in moves]
turns = [int((move[1:30] * move[:29] < 0).sum()) for move in moves]
print("b travels, with momentum 0, 0.2 and 0.9:", np.round(travelled, 2))
print("b turns:", turns)
assert travelled[1] < 0.75 * travelled[0] and turns[1] < turns[0]

# %%
# It does, at 0.2. But momentum is not a damper as such. The distance across obeys a rule of second order,
# :math:`d_{t+1} = (1 + \beta - \eta \lambda) \, d_t - \beta \, d_{t-1}` with curvature :math:`\lambda`. Its
# roots say that at 0.2 the swing shrinks to :math:`\sqrt{0.2}`, about 0.45, in each step, where plain descent leaves
# 0.63. At 0.9 a step leaves :math:`\sqrt{0.9}`, about 0.95. Then the swing outlasts that of plain descent, and the
# point runs past the minimum along the trough as well.

swing = [np.roots([1, -(1 + m - 0.1 * steep), m]) for m in (0.2, 0.9)]
overshoot = [best[0] - run.theta[:, 0].min() for run in (light, heavy)]
print("past the best intercept, momentum 0.2 and 0.9:", np.round(overshoot, 6))
np.testing.assert_allclose(np.abs(swing), np.sqrt([[0.2, 0.2], [0.9, 0.9]]))
assert travelled[2] > 1.5 * travelled[0]
assert overshoot[0] < 1e-6 and overshoot[1] > 2

# %%
# Before this: :ref:`the surface <sphx_glr_gallery_comparisons_plot_regression_surface.py>`.
# Next: :ref:`RMSprop on it <sphx_glr_gallery_comparisons_plot_regression_rescaling.py>`, which rescales the slopes.
# The rule itself: :ref:`momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`.
