r"""
Rosenbrock's valley
===================

Six optimizers descend into the same curved valley at the same learning rate. Lion alone leaves the map, because its
steps do not become shorter where the gradient is small.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

valley = og.surfaces.unit_rosenbrock
race = study.impactcrater2024(valley)
race

# %%
# The landscape
# -------------
# The function is that of :cite:t:`rosenbrock1960`. The frame is that of :cite:t:`impactcrater2024`: it doubles x, turns
# y around, and maps the heights to the range from 0 to 1. The minimum, at (1, 1) in the original, lies at (0.5, 0).

og.formula(valley)

# %%
# Descents find the valley soon, because its walls are steep. They follow it slowly, because its floor is almost flat.
# At x = 0, half a unit to the left of the minimum, the floor is only :n:`floor:.4f` high.

# proof: on the floor at x = 0 the height is 0.0004, where the map goes up to 1
floor = valley(0.0, 0.5)
assert (
    3.5e-4 < floor < 4.5e-4
    and 0.99 < valley(valley.grid(101)[..., 0], valley.grid(101)[..., 1]).max() < 1.01
)

# %%
# Lion leaves the map
# -------------------
# In the original coordinates the floor is the parabola :math:`y = x^2`, here :math:`1 - 2y = (2x)^2`. Lion does not
# cross a wall: it follows this floor off the map, which it leaves at step :n:`left_at`. At step :n:`nearest` it was
# :n:`distance.min():.1f` from the minimum. There the gradient is small, but Lion reads only the sign of its moving
# average, and moves on at the same speed.

ax = plt.figure(layout="constrained").add_subplot()
x = np.linspace(-1, 1.9, 100)
ax.plot(x, (1 - (2 * x) ** 2) / 2, "--", color="gray", label="valley floor")
ax.plot(*race["Lion"].theta.T, "o-", color=og.Lion.color, ms=3, lw=1, label="Lion")
ax.add_patch(plt.Rectangle((-1, -1), 2, 2, fill=False, ls=":", ec="gray", label="the map above"))
ax.set(title="Lion follows the valley off the map", xlabel="x", ylabel="y")
ax.legend()

# %%

# proof: of the six, only Lion is ever outside of the map
outside = {name: (np.abs(run.theta) > 1 + 1e-9).any(axis=1) for name, run in race.items()}
left_at = int(outside["Lion"].argmax())
assert [name for name, out in outside.items() if out.any()] == ["Lion"] and left_at == 24

# %%

# proof: it ends at (1.7, -4.9), where the floor of the valley is at y = -5.28
np.testing.assert_allclose(race["Lion"].theta[-1], (1.7, -4.9), atol=0.11)
np.testing.assert_allclose((1 - (2 * 1.7) ** 2) / 2, -5.28)

# %%

# proof: at step 13 it was 0.1 from the minimum, and never nearer
distance = np.linalg.norm(race["Lion"].theta - (0.5, 0), axis=1)
nearest = int((distance < distance.min() + 1e-9).argmax())
assert nearest == 13 and 0.09 < distance.min() < 0.11

# %%
# The others are slow
# -------------------
# SGD loses :n:`100 - 100 * kept:.0f` % of its height in the first twenty steps, on the wall. Then it creeps along the
# floor with steps in proportion to a gradient that is nearly zero. AdaDerivative is the only one near the minimum after
# 100 steps. It divides by the change of the gradient instead of its size, and along the floor the gradient hardly
# changes.

race.table()

# %%

# proof: AdaDerivative ends within 0.03 of the minimum, the four others farther than 0.25 from it
away = {name: np.linalg.norm(run.theta[-1] - (0.5, 0)) for name, run in race.items()}
assert away["AdaDerivative"] < 0.03
assert min(away[name] for name in ("SGD", "AdamD", "AdaBeliefD", "AdaBC")) > 0.25

# %%

# proof: SGD loses 99 % of its height in twenty steps, and its last ten are shorter than 0.001
kept = race["SGD"].loss[20] / race["SGD"].loss[0]
assert kept < 0.01
assert np.linalg.norm(np.diff(race["SGD"].theta[-11:], axis=0), axis=1).max() < 1e-3

# %%
# This is one start and one learning rate for six different rules. It shows how each of them moves in a curved valley,
# and not which is best: for Lion, :cite:t:`chen2023` advise a learning rate three to ten times smaller than Adam's.
# :ref:`sphx_glr_gallery_comparisons_plot_lion_schedule.py` gives it one that decreases.
#
# How hard is it?
# ---------------
# The table tells how hard it is to find the valley. On its floor, from x = -0.29 to where it leaves the map at
# x = 0.87, every height is within 0.001 of the lowest, so a descent succeeds as soon as it has found this part.

hard = study.difficulty(valley)
hard

# %%
# It is much harder to reach the minimum itself. Whatever the learning rate, no rule ends within 0.1 of it from more
# than :n:`100 * share.max():.0f` % of the starts. Lion's best learning rate is a tenth of the one at which it left the
# map.

# proof: on the floor from x = -0.29 to the edge of the map at x = 0.87, every height is within
# 0.001 of the lowest
x = np.linspace(-0.29, np.sqrt(3) / 2, 130)
np.testing.assert_allclose((1 - (2 * x[-1]) ** 2) / 2, -1)
assert (valley(x, (1 - (2 * x) ** 2) / 2) - valley(0.5, 0) < 1e-3).all()
assert valley(-0.3, 0.32) - valley(0.5, 0) > 1e-3

# %%

# proof: with Lion half of the starts take more than twenty steps to succeed, with the others seven
steps = [hard.steps[name] for name in ("SGD", "Momentum", "RMSprop", "Adam")]
assert 6 <= min(steps) <= max(steps) <= 7 and hard.steps["Lion"] > 20
np.testing.assert_allclose(hard.lr["Lion"], 0.01)

# %%

# proof: no rule ends within 0.1 of the minimum from as many as three starts in ten
near = np.linalg.norm(hard.sweep.data.theta - (0.5, 0), axis=-1) < 0.1
share = near.mean(axis=(2, 3)).max(axis=1)
assert 0.2 < share.max() < 0.3
