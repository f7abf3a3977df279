r"""
Learning rate and momentum
==========================

The two settings share one border. On a quadratic, more momentum allows a higher rate. For Nesterov's momentum it is the
other way round.
"""

# sphinx_gallery_thumbnail_number = 1
import numpy as np

import optguide as og

# %%
# A plane of settings
# -------------------
# A bowl with curvature 9 across and 1 along, 60 learning rates times 50 momenta, 3,000 descents of 60 steps. Colour is
# the loss in the end.

flat, steep = 1, 9


def bowl(x, y):
    return (flat * x**2 + steep * y**2) / 2


rates = np.linspace(0.01, 0.6, 60)
momenta = np.linspace(0, 0.98, 50)
plane = {"lr": rates, "momentum": momenta}
ball = og.sweep(og.Momentum, bowl, [1, 1], steps=60, **plane)
limit = 2 * (1 + momenta) / steep
root = (steep / flat) ** 0.5
best_rate = 4 / (flat * (root + 1) ** 2)
best_momentum = ((root - 1) / (root + 1)) ** 2

ax = og.plot_plane(ball, "lr", "momentum")
ax.plot(limit, momenta, color="white", ls="--")
ax.plot(best_rate, best_momentum, "*", ms=16, mfc="none", mec="white")
ax.set_title("Momentum. Theory: dashed, the limit; star, the best")

# %%
# The steeper direction, with curvature :math:`\lambda`, sets the limit: :math:`\eta < 2 (1 + \beta) / \lambda`. Right
# behind the dashed line the loss grows so slowly that 60 steps do not suffice to lose a descent, so the black begins a
# little later.
#
# Cell by cell
# ------------
# With 1,000 steps that gap is gone. A cell is lost if its descent diverged. What is measured and what theory says may
# differ within a cell of the line, and nowhere else.

cell = rates[1] - rates[0]


def compare(rule, limit):
    """How many cells differ from theory, at all and more than a cell away from the limit."""
    found = og.sweep(rule, bowl, [1, 1], steps=1000, **plane).data
    lost = found.diverged_at.squeeze().transpose("momentum", "lr").values >= 0
    beyond = rates - limit[:, None]
    differ = lost != (beyond > 0)
    return differ.sum(), (differ & (np.abs(beyond) > cell)).sum()


differ, far = compare(og.Momentum, limit)
print(f"of {limit.size * rates.size:,} cells differ {differ}, off the line {far}")
assert far == 0 and differ < 20

# %%
# Nesterov's border leans the other way
# -------------------------------------
# Nesterov takes the slope where the velocity would carry it. The iteration then has the limit
# :math:`2 (1 + \beta) / ((1 + 2 \beta) \lambda)`: that of plain descent without momentum, two thirds of it as
# :math:`\beta` nears 1. A look from too far ahead sees too steep a slope, so
# the rate has to be lower.

nesterov_limit = limit / (1 + 2 * momenta)
ahead = og.sweep(og.Nesterov, bowl, [1, 1], steps=60, **plane)
other_root = (3 * steep / flat + 1) ** 0.5
nesterov_rate = 4 / (3 * steep + flat)
nesterov_momentum = (other_root - 2) / (other_root + 2)

ax = og.plot_plane(ahead, "lr", "momentum")
ax.plot(nesterov_limit, momenta, color="white", ls="--")
ax.plot(nesterov_rate, nesterov_momentum, "*", ms=16, mfc="none", mec="white")
ax.set_title("Nesterov. Theory: dashed, the limit; star, the best")

# %%

for rule in (og.Nesterov, og.SimplifiedNesterov):
    differ, far = compare(rule, nesterov_limit)
    print(f"{rule.__name__}: {differ} cells differ, off the line {far}")
    assert far == 0 and differ < 20

# %%
# The best point
# --------------
# Two curvatures, 9 and 1, pull in opposite directions: the steep one limits the rate, the flat one wants it high.
# :cite:t:`polyak1964` found the pair of settings that shrinks both equally fast, by :math:`\sqrt \beta = (3 - 1) / (3 + 1)`
# a step, where 3 is the root of the condition number. Among our 3,000 cells the best one is next to it.

cells = ball.data.loss.squeeze().stack(cell=("lr", "momentum"))
lr, momentum = cells.idxmin().item()
print(f"lowest: {lr:.2f}, {momentum:.2f}; star: {best_rate:.2f}, {best_momentum:.2f}")
assert abs(lr - best_rate) < 1.5 * cell
assert abs(momentum - best_momentum) < 0.03

# %%
# Each rule at its own best setting, and the factor by which a step shrinks the distance, once it has settled. Plain
# descent's best rate is :math:`2 / (9 + 1)`. Nesterov's best pair is that of :cite:t:`lessard2016`.

settings = {
    og.SGD: {"lr": 2 / (steep + flat)},
    og.Nesterov: {"lr": nesterov_rate, "momentum": nesterov_momentum},
    og.Momentum: {"lr": best_rate, "momentum": best_momentum},
}
runs = [og.descend(r, bowl, [1.0, 1.0], 300, **s) for r, s in settings.items()]
away = [np.linalg.norm(run.theta, axis=1) for run in runs]
factors = [(way[300] / way[200]) ** 0.01 for way in away]
print("shrinks by", np.round(factors, 3))
theory = [(9 - 1) / (9 + 1), 1 - 2 / other_root, best_momentum**0.5]
np.testing.assert_allclose(factors, theory, atol=0.005)

# %%
# What this says about real landscapes: only that there is a border, that it moves with the momentum, and which way. Their
# curvature changes from place to place, and with it the line.
#
# Before this: :ref:`the limits on one parabola <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>`.
# Next: :ref:`thousands of descents at once <sphx_glr_gallery_comparisons_plot_sweeps.py>`, on other landscapes.
