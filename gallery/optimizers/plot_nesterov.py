r"""
Nesterov
========

Nesterov's momentum looks where the velocity is about to carry it, and takes the slope there. It notices the far wall
of a ravine one step earlier and brakes.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np
import torch

import optguide as og

og.card(og.Nesterov)

# %%
# The rule
# --------
# The velocity will carry us by ``momentum * v`` in any case. So the slope is asked for there, not here.

og.pseudocode(og.Nesterov)

# %%
# Unlike in :ref:`Momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`, the learning rate is part of the velocity:
# ``v`` is a distance, so that subtracting it from ``theta`` is where we would land.

og.pseudocode(og.Nesterov).hyperparameters

# %%
# The slope at a point where the model is not can only be had by evaluating the model again, at that point. So a
# training loop hands ``step`` a :term:`closure` that does this. Here is a line fitted to points on y = 2x - 2.

x = torch.linspace(-1, 1, 20).reshape(-1, 1)
y = 2 * x - 2
model = torch.nn.Linear(1, 1)
optimizer = og.Nesterov(model.parameters(), lr=0.1)


def closure():
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    return loss


for _ in range(150):
    optimizer.step(closure)
print(f"slope: {model.weight.item():.4f}  intercept: {model.bias.item():.4f}")
np.testing.assert_allclose((model.weight.item(), model.bias.item()), (2, -2), atol=0.01)

# %%
# Without it, ``step`` refuses: it could only guess.

with np.testing.assert_raises(RuntimeError):
    optimizer.step()

# %%
# What it repairs
# ---------------
# Momentum notices a wall when it stands on it. In a ravine a hundred times steeper across than along, both at the
# same rate and momentum, it swings about for a long time.

ravine = og.surfaces.ravine.replace(condition=100)
race = og.race([og.Momentum, og.Nesterov], ravine, lr=0.005, steps=200)
race.plot()

# %%

swings = {
    name: round(float(np.abs(np.diff(run.theta[:, 1])).sum()), 2) for name, run in race.items()
}
past = {name: round(float(run.theta[:, 0].max()), 3) for name, run in race.items()}
print("way travelled across the ravine:", swings, sep="\n")
print("how far past the minimum:", past, sep="\n")
assert swings["Nesterov"] < swings["Momentum"] / 4
assert 0.08 < past["Nesterov"] < past["Momentum"] - 0.02

# %%
# There is an exact reason. On a bowl of curvature :math:`\lambda`, Nesterov *is* momentum, with ``momentum``
# replaced by ``momentum`` times :math:`1 - \mathrm{lr} \cdot \lambda`: more friction where it is steeper. Along the
# ravine that factor is 0.995 and hardly anything changes. Across it is 0.5.


def bowl(x):
    return 100 * x**2 / 2


ahead = og.descend(og.Nesterov, bowl, start=1.5, lr=0.005, momentum=0.9)
braked = og.descend(og.Momentum, bowl, start=1.5, lr=0.005, momentum=0.9 * (1 - 0.005 * 100))
print(
    "largest difference between the two paths:",
    np.abs(ahead.theta - braked.theta).max(),
)
np.testing.assert_allclose(ahead.theta, braked.theta, atol=1e-12)

# %%
# Watch it
# --------
# In ``v`` the swings across the ravine are gone after some ten steps. The push along it is still growing then.

run = og.descend(og.Nesterov, ravine, lr=0.005, steps=120)
og.animate({"Nesterov": run}, panels=("map", "v"))

# %%

along, across = np.abs(run.states["v"]).T
print("across, largest and after 10 steps:", across.max(), across[10])
print("along, largest at step:", along.argmax())
assert across[10] < 0.1 * across.max()
assert along.argmax() > 10

# %%
# One knob: the momentum
# ----------------------
# The look-ahead brakes only where it is steep. Along the ravine a momentum of 0.99 swings to and fro here, too.

knob = {f"momentum = {b}": partial(og.Nesterov, lr=0.005, momentum=b) for b in (0.5, 0.9, 0.99)}
frictions = og.race(knob, ravine, steps=300)
frictions.plot()

# %%

overshoot = {name: round(float(swing.theta[:, 0].max()), 3) for name, swing in frictions.items()}
print("how far past the minimum:", overshoot, sep="\n")
assert overshoot["momentum = 0.5"] <= 0
assert 0.08 < overshoot["momentum = 0.9"] < 0.11
assert overshoot["momentum = 0.99"] > 2.4

# %%
# The rate, from end to end
# -------------------------
# Rosenbrock's valley from 64 random starts, 200 steps each, at every rate.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.Momentum, og.Nesterov], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# On this axis the look-ahead buys nothing: the two are level, and Nesterov is lost a little sooner. It ends where
# theory says. For the curvature of 1002 at the minimum, the limit in the next section is 0.00135. Momentum would be
# allowed 0.0038 there, and yet is lost at half of it: not at the bottom, but by its own speed, on the walls.

lost = (rates.data.diverged_at >= 0).mean("start").squeeze().values
brink = np.array([lrs[share >= 0.5].min() for share in lost])
limit = 2 / 1002 * np.array((1.9, 1.9 / 2.8))
print("more than half are lost from:", brink, " limit at the minimum:", limit)
assert 1 < brink[1] / limit[1] < 1.7 and brink[0] / limit[0] < 0.7

# %%
# The gain shows in where descents end, and when. On four hollows at a rate of 0.003 both arrive from everywhere.
# Nesterov does so in about a third of the time. It brakes in the hollow it is in, so its borders are half as long.

hills = og.surfaces.himmelblau
plane = og.sweep([og.Momentum, og.Nesterov], hills, hills.grid(96), lr=0.003)
og.plot_basins(plane, "Nesterov")

# %%

when = plane.data.arrived_at.median(("start_x", "start_y")).values.ravel()
ends = plane.data.minimum.squeeze().values
border = (np.diff(ends, axis=2) != 0).mean(axis=(1, 2))
print("median step of arrival:", when, " neighbours that part:", border)
assert (ends >= 0).mean() > 0.99
assert when[1] < when[0] / 2 and border[1] < 0.6 * border[0]

# %%
# Where it fails
# --------------
# Looking ahead costs stability. As soon as :math:`\mathrm{lr} \cdot \lambda` exceeds 1, the friction above changes
# its sign, and the look-ahead pushes too hard. With ``momentum`` :math:`= \beta`, Nesterov stands rates up to
# :math:`\frac{2}{\lambda} \cdot \frac{1 + \beta}{1 + 2\beta}`, plain momentum up to
# :math:`\frac{2}{\lambda} (1 + \beta)`. In a bowl with :math:`\lambda = 1` and momentum 0.9 that is 1.357 against
# 3.8. The distances from the minimum after 1,000 steps from 1:

lrs = np.array([1.34, 1.37, 3.7, 3.9])
looks = og.descend(og.Nesterov, lambda x: x**2 / 2, start=[1.0], lr=lrs, steps=1000)
rolls = og.descend(og.Momentum, lambda x: x**2 / 2, start=[1.0], lr=lrs, steps=1000)
print("learning rates:", lrs)
print("Nesterov:      ", np.abs(looks.theta[-1, :, 0]))
print("Momentum:      ", np.abs(rolls.theta[-1, :, 0]))
assert list(looks.diverged_at >= 0) == [False, True, True, True]
assert list(rolls.diverged_at >= 0) == [False, False, False, True]
assert abs(looks.theta[-1, 0, 0]) < 1e-3 and np.abs(rolls.theta[-1, :3, 0]).max() < 1e-3

# %%
# "nan" stands for lost. In the ravine, too, there are rates at which momentum arrives and Nesterov is thrown out.

print(og.descend(og.Momentum, ravine, lr=0.02))
print(og.descend(og.Nesterov, ravine, lr=0.02))
assert og.descend(og.Momentum, ravine, lr=0.02).loss[-1] < 1e-6
assert og.descend(og.Nesterov, ravine, lr=0.02).diverged_at

# %%
# Provenance
# ----------
# :cite:t:`nesterov1983` proved that the look-ahead, with a momentum that grows from step to step, converges on smooth
# convex functions as fast as a method can that sees only slopes, up to a constant. We keep the momentum constant, as
# :cite:t:`sutskever2013` write it in equations (3) and (4).
#
# PyTorch records the look-ahead points instead of the iterates; the next page shows how. They are the same points as
# ours:

theirs = og.descend(torch.optim.SGD, ravine, lr=0.005, momentum=0.9, nesterov=True, steps=120)
look_ahead = run.theta - 0.9 * run.states["v"]
print(
    "largest difference to torch.optim.SGD:",
    np.abs(theirs.theta - look_ahead).max(),
)
np.testing.assert_allclose(theirs.theta, look_ahead, atol=1e-12)

# %%
# The trace by hand is Nesterov's own form, two sequences without a velocity.
#
# .. oracles:: Nesterov
#
# Before this: :ref:`Momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`, which brakes too late.
# Next: :ref:`SimplifiedNesterov <sphx_glr_gallery_optimizers_plot_simplified_nesterov.py>`, which needs no closure.
