r"""
Momentum
========

Momentum lets past slopes push on. What keeps changing its sign cancels, what keeps its direction adds up, and so it
crosses a long ravine in far fewer steps than plain descent.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import numpy as np
import torch

import optguide as og

og.card(og.Momentum)

# %%
# The rule
# --------
# Think of a ball with friction. Each slope gives it a push, and each step the ball keeps a share ``momentum`` of its
# velocity ``v``.

og.pseudocode(og.Momentum)

# %%

og.pseudocode(og.Momentum).hyperparameters

# %%
# On a slope that never changes, the pushes add up to :math:`1 + 0.9 + 0.9^2 + \dots`, that is to
# :math:`1 / (1 - 0.9)` = 10 slopes. With momentum 0.9 the ball finally moves ten times as fast as SGD at the same
# rate.

plane = og.descend(og.Momentum, lambda x, y: x + 2 * y, start=(0, 0), lr=0.01)
print(
    "velocity after 1, 10 and 200 steps:",
    plane.states["v"][[1, 10, 200]],
    sep="\n",
)
np.testing.assert_allclose(plane.states["v"][-1], (10, 20), rtol=1e-6)

# %%
# What it repairs
# ---------------
# In a ravine :ref:`SGD <sphx_glr_gallery_optimizers_plot_sgd.py>` zigzags across while it creeps along. This one is
# a hundred times steeper across than along. Each rule gets the setting that theory finds best for it, and we count
# the steps until the minimum is closer than 0.001.

ravine = og.surfaces.ravine.replace(condition=100)
tuned = {
    "SGD": partial(og.SGD, lr=2 / 101),
    "Momentum": partial(og.Momentum, lr=4 / 121, momentum=81 / 121),
}
race = og.race(tuned, ravine, steps=600)
race.plot()

# %%

plain = int(np.argmax(np.linalg.norm(race["SGD"].theta, axis=1) < 1e-3))
rolling = int(np.argmax(np.linalg.norm(race["Momentum"].theta, axis=1) < 1e-3))
print("steps of SGD:", plain, "  steps of momentum:", rolling)
assert 406 < plain < 416
assert 53 < rolling < 59

# %%
# Make the ravine four times narrower. SGD's number of steps grows with the ratio of the two curvatures, momentum's
# only with the square root of that ratio. So it takes four times as many steps here, and momentum twice as many.

narrow = ravine.replace(condition=400)
slower = og.descend(og.SGD, narrow, steps=2000, lr=2 / 401)
quicker = og.descend(og.Momentum, narrow, steps=200, lr=4 / 441, momentum=361 / 441)
plain4 = int(np.argmax(np.linalg.norm(slower.theta, axis=1) < 1e-3))
rolling2 = int(np.argmax(np.linalg.norm(quicker.theta, axis=1) < 1e-3))
print("steps of SGD:", plain4, "  steps of momentum:", rolling2)
assert 3.9 < plain4 / plain < 4.1
assert 1.9 < rolling2 / rolling < 2.4

# %%
# Watch it
# --------
# Momentum at its default of 0.9. Across the ravine, ``v`` swings to and fro and dies away. Along it, ``v`` keeps
# one sign and builds up, until the ball has run past the minimum and the slope pulls it back.

run = og.descend(og.Momentum, ravine, lr=0.01, steps=120)
og.animate({"Momentum": run}, panels=("map", "v"))

# %%
# One knob: the momentum
# ----------------------
# The nearer to 1, the less friction. At 0.5 the ball hardly builds up speed. At 0.99 it swings through the minimum
# again and again.

knob = {f"momentum = {b}": partial(og.Momentum, lr=0.01, momentum=b) for b in (0.5, 0.9, 0.99)}
frictions = og.race(knob, ravine, steps=300)
frictions.plot()

# %%

overshoot = {name: round(float(swing.theta[:, 0].max()), 3) for name, swing in frictions.items()}
loss = {name: f"{swing.loss[-1]:.2g}" for name, swing in frictions.items()}
print("how far past the minimum:", overshoot, sep="\n")
print("loss after 300 steps:", loss, sep="\n")
assert overshoot["momentum = 0.5"] <= 0
assert 0.5 < overshoot["momentum = 0.9"] < 0.6
assert overshoot["momentum = 0.99"] > 2.8
assert frictions["momentum = 0.9"].loss[-1] < 1e-8
assert 1e-6 < frictions["momentum = 0.5"].loss[-1] < 1e-4 < frictions["momentum = 0.99"].loss[-1]

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley, 64 random starts, 200 steps, and every rate from 0.00001 to 10.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.SGD, og.Momentum], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# Far left, momentum is seven times lower: it lives on its tenfold speed. At its best it is ten times lower. But where
# SGD still arrives, it is thrown out. In a straight ravine it would stand a higher rate than SGD. Here a ball that
# comes down a steep wall with all its speed climbs the opposite one, which is steeper still.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
lost = (rates.data.diverged_at >= 0).mean("start").squeeze().values
brink = [lrs[share >= 0.5].min() for share in lost]
print("best median:", median.min(axis=1), " half are lost from:", brink)
assert median[1, 0] < median[0, 0] / 4
assert median[1].min() < median[0].min() / 5 and brink[1] < brink[0]

# %%
# The plane of starts on a landscape with four minima, at a rate of 0.01. SGD divides it into four quarters. Momentum
# lets the ball roll through one hollow into the next. It ends in another minimum from three starts in ten,
# and its borders are ten times as long.

hills = og.surfaces.himmelblau
basins = og.sweep([og.SGD, og.Momentum], hills, hills.grid(96), lr=0.01)
og.plot_basins(basins, "Momentum")

# %%

reached = basins.data.minimum.squeeze().values
border = (np.diff(reached, axis=2) != 0).mean(axis=(1, 2))
elsewhere = (reached[0] != reached[1]).mean()
print("neighbours that part:", border, " ends elsewhere:", elsewhere)
assert border[1] > 6 * border[0] and 0.2 < elsewhere < 0.4

# %%
# Where it fails
# --------------
# A rolling ball does not stop when it should. It overshoots, and its loss goes up almost as often as down, though
# the ravine has no bump at all.

long = og.descend(og.Momentum, ravine, lr=0.01, steps=200)
rises = int((np.diff(long.loss) > 0).sum())
print("steps that raised the loss:", rises, "of 200")
assert 80 < rises < 100

# %%
# Speed can carry it out of the right valley, too. From (-0.55, 0.25) on the tilted camel, SGD walks to the deepest
# point; momentum, with the same rate, shoots past it and comes to rest in a worse one.

camel = og.surfaces.tilted_camel
both = og.race([og.SGD, og.Momentum], camel, start=(-0.55, 0.25), steps=400, lr=0.1)
both.plot_map().set_title("Momentum runs past the deepest point")

# %%

np.testing.assert_allclose(both["SGD"].theta[-1], camel.known_minima()[0], atol=1e-4)
np.testing.assert_allclose(both["Momentum"].theta[-1], (0.808, -0.633), atol=1e-3)

# %%
# One start proves little. From 400 starts spread over the whole square, speed helps more often than it hurts:

grid = np.linspace(-0.95, 0.95, 20)
starts = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
walks = og.descend(og.SGD, camel, start=starts, steps=400, lr=0.1)
rolls = og.descend(og.Momentum, camel, start=starts, steps=400, lr=0.1)
walked = int((np.abs(walks.theta[-1] - camel.known_minima()[0]).max(axis=1) < 0.02).sum())
rolled = int((np.abs(rolls.theta[-1] - camel.known_minima()[0]).max(axis=1) < 0.02).sum())
print("starts that reach the deepest point: SGD", walked, " momentum", rolled)
assert walked + 40 < rolled < 300

# %%
# Provenance
# ----------
# :cite:t:`polyak1964`, equation (9); :cite:t:`goh2017` explains it with pictures that move. Textbooks often put the
# learning rate inside the velocity instead. At a constant rate this draws the same path.


class Textbook(og.Optimizer):
    """Momentum whose velocity contains the learning rate."""

    @staticmethod
    def update(theta, grad, t, v, *, lr=1e-3, momentum=0.9):
        v = momentum * v + lr * grad(theta)
        theta = theta - v
        return theta, v


textbook = og.descend(Textbook, ravine, lr=0.01, steps=120)
print(
    "largest difference at a constant rate:",
    np.abs(textbook.theta - run.theta).max(),
)
np.testing.assert_allclose(textbook.theta, run.theta, atol=1e-12)

# %%
# When a schedule changes the rate, the two part. Here it drops to a tenth after step 15. Our form slows down at
# once. The textbook's keeps rolling on the velocity it has.

drop = partial(torch.optim.lr_scheduler.StepLR, step_size=15, gamma=0.1)
ours = np.diff(og.descend(og.Momentum, ravine, lr=0.01, steps=16, schedule=drop).theta[:, 0])
textbooks = np.diff(og.descend(Textbook, ravine, lr=0.01, steps=16, schedule=drop).theta[:, 0])
print("step along the ravine, 15th and 16th, ours:      ", ours[-2:])
print("step along the ravine, 15th and 16th, textbook's:", textbooks[-2:])
assert ours[-1] < 0.1 * ours[-2]
assert textbooks[-1] > 0.9 * textbooks[-2]

# %%
# PyTorch uses our form. It has a further setting, ``dampening``, which multiplies each new slope; it is 0, that is
# off, by default.

theirs = og.descend(torch.optim.SGD, ravine, lr=0.01, momentum=0.9, steps=120)
print(
    "largest difference to torch.optim.SGD:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# .. oracles:: Momentum
#
# Before this: :ref:`SGD <sphx_glr_gallery_optimizers_plot_sgd.py>`, which knows only the slope where it stands.
# Next: :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>`, which brakes before it is too late.
