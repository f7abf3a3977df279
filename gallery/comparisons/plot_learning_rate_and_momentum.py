r"""
Learning rate and momentum
==========================

The two settings share one limit. On a quadratic, more momentum allows a higher learning rate. With Nesterov's momentum
it is the other way round.
"""

import numpy as np

import optguide as og

flat, steep = 1, 9
bowl = og.surfaces.ravine.replace(condition=steep)
lrs, momenta = np.linspace(0.01, 0.6, 60), np.linspace(0, 0.98, 50)
plane = {"lr": lrs, "momentum": momenta}
ball = og.sweep(og.Momentum, bowl, [1, 1], steps=60, **plane)
limit = 2 * (1 + momenta) / steep
kappa = steep / flat
best_lr = 4 / (steep**0.5 + flat**0.5) ** 2
best_momentum = ((kappa**0.5 - 1) / (kappa**0.5 + 1)) ** 2

ax = og.plot_plane(ball, "lr", "momentum")
ax.plot(limit, momenta, color="white", ls="--")
ax.plot(best_lr, best_momentum, "*", ms=16, mfc="none", mec="white")
ax.set_title("Momentum. Theory: dashed, the limit; star, the best")

# %%
# The bowl has curvature 9 in one direction and 1 in the other. Each of the 3,000 cells is a descent of 60 steps, with
# its own learning rate and its own momentum, and shows the loss in the end. The steeper direction, with curvature
# :math:`\lambda = 9`, sets the limit :math:`\eta = 2 (1 + \beta) / \lambda`, which is :ref:`derived in "Momentum as an
# oscillator" <sphx_glr_gallery_foundations_plot_momentum_as_an_oscillator.py>` and is theorem 9 of
# :cite:t:`polyak1964`. Right behind the dashed line the loss grows so slowly that a descent does not diverge within 60
# steps, so the black begins a little later.
#
# Cell by cell
# ------------
# With 1,000 steps that gap is gone: measurement and theory agree in every cell.

# proof: after 1,000 steps, momentum has diverged in exactly those of the 3,000 cells that theory
# names
found = og.sweep(og.Momentum, bowl, [1, 1], steps=1000, **plane).data
diverged = found.diverged_at.squeeze().transpose("momentum", "lr").values >= 0
np.testing.assert_array_equal(diverged, lrs > limit[:, None])
assert diverged.size == 3000

# %%
# Nesterov's limit leans the other way
# ------------------------------------
# Nesterov's method takes the gradient where the velocity would carry it. On a quadratic this is momentum with
# :math:`\beta' = \beta (1 - \eta \lambda)` in the place of :math:`\beta`
# (:ref:`see here why <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>`). Put into
# :math:`\eta \lambda < 2 (1 + \beta')`, it gives :math:`\eta \lambda (1 + 2 \beta) < 2 (1 + \beta)`. So the limit is
#
# .. math:: \eta = \frac{2 (1 + \beta)}{(1 + 2 \beta) \lambda}
#
# Without momentum it is that of plain descent, and as :math:`\beta` nears 1 it falls to two thirds of it.

nesterov_limit = limit / (1 + 2 * momenta)
ahead = og.sweep(og.Nesterov, bowl, [1, 1], steps=60, **plane)
root = (3 * kappa + 1) ** 0.5
nesterov_lr = 4 / (3 * steep + flat)
nesterov_momentum = (root - 2) / (root + 2)

ax = og.plot_plane(ahead, "lr", "momentum")
ax.plot(nesterov_limit, momenta, color="white", ls="--")
ax.plot(nesterov_lr, nesterov_momentum, "*", ms=16, mfc="none", mec="white")
ax.set_title("Nesterov. Theory: dashed, the limit; star, the best")

# %%

# proof: so has Nesterov's method, in both of its forms, with its own limit, but for a few cells on
# the line
for rule in (og.Nesterov, og.SimplifiedNesterov):
    found = og.sweep(rule, bowl, [1, 1], steps=1000, **plane).data
    diverged = found.diverged_at.squeeze().transpose("momentum", "lr").values >= 0
    beyond = lrs - nesterov_limit[:, None]
    differ = diverged != (beyond > 0)
    assert differ.sum() < 20 and not (differ & (np.abs(beyond) > lrs[1] - lrs[0])).any()

# %%
# The best pair
# -------------
# The steep direction, with curvature :math:`L`, limits the learning rate; the flat one, with :math:`\mu`, asks for a
# high one. As long as both directions swing, both shrink by the factor :math:`\sqrt \beta` in each step. So the best
# pair is the one with the least :math:`\beta` for which neither creeps, where both are critical:
# :math:`\sqrt \beta = 1 - \sqrt{\eta \mu} = \sqrt{\eta L} - 1`. Solved for the two settings, with
# :math:`\kappa = L / \mu`,
#
# .. math:: \sqrt \eta = \frac{2}{\sqrt L + \sqrt \mu}, \qquad
#    \sqrt \beta = \frac{\sqrt \kappa - 1}{\sqrt \kappa + 1}
#
# :cite:t:`polyak1964` has this pair, too. Here :math:`\kappa = 9`, so a step leaves half of the distance. Plain descent
# has its best learning rate at :math:`2 / (L + \mu)`, where both directions shrink by the factor
# :math:`(\kappa - 1) / (\kappa + 1)`. For Nesterov's method on quadratics, :cite:t:`lessard2016` give
#
# .. math:: \eta = \frac{4}{3 L + \mu}, \qquad \beta = \frac{\sqrt{3 \kappa + 1} - 2}{\sqrt{3 \kappa + 1} + 2},
#    \qquad \text{with the factor } 1 - \frac{2}{\sqrt{3 \kappa + 1}}

best = {
    "SGD": og.SGD.at(lr=2 / (steep + flat)),
    "Nesterov": og.Nesterov.at(lr=nesterov_lr, momentum=nesterov_momentum),
    "Momentum": og.Momentum.at(lr=best_lr, momentum=best_momentum),
}
race = og.race(best, bowl, (-3.5, 1.5), 40, title="Each rule with its best settings")
race

# %%

# proof: the best momentum is where both directions are critical
both = np.array([1 - np.sqrt(best_lr * flat), np.sqrt(best_lr * steep) - 1])
np.testing.assert_allclose(both, np.sqrt(best_momentum))

# %%

# proof: the best of the 3,000 cells lies beside the star
cells = ball.data.loss.squeeze().stack(cell=("lr", "momentum"))
lr, momentum = cells.idxmin().item()
assert abs(lr - best_lr) < 1.5 * (lrs[1] - lrs[0])
assert abs(momentum - best_momentum) < 0.03

# %%

# proof: with its best settings each rule shrinks the distance by the factor of theory
theory = {"SGD": 0.8, "Nesterov": 1 - 2 / root, "Momentum": best_momentum**0.5}
for name, rule in best.items():
    run = og.descend(rule, bowl, [1.0, 1.0], 300)
    away = np.linalg.norm(run.theta, axis=1)
    np.testing.assert_allclose((away[300] / away[200]) ** 0.01, theory[name], atol=0.005)

# %%
# In each step plain descent keeps :n:`theory["SGD"]:.2f` of the distance, Nesterov's method :n:`theory["Nesterov"]:.2f`
# and momentum :n:`theory["Momentum"]:.2f`. On other landscapes the limit at a minimum follows from the largest
# curvature there in the same way. But their curvature changes from place to place, and the limit with it.

# proof: beside the minimum of Himmelblau's function at (3, 2) momentum 0.5 returns to it with a
# learning rate 3 % below the limit, and leaves it with one 3 % above
edge = 2 * (1 + 0.5) / np.linalg.eigvalsh([[74, 20], [20, 34]])[-1] * np.array([0.97, 1.03])
beside = og.descend(og.Momentum, og.surfaces.himmelblau, [3.001, 2], 1000, lr=edge, momentum=0.5)
stays = np.linalg.norm(beside.theta[-1] - (3, 2), axis=-1) < 1e-6
assert list(stays) == [True, False]
