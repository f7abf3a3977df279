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
print("velocity after 200 steps:", plane.states["v"][-1])
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
quicker = og.descend(
    og.Momentum, narrow, steps=200, lr=4 / 441, momentum=361 / 441
)
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

knob = {
    f"momentum = {b}": partial(og.Momentum, lr=0.01, momentum=b)
    for b in (0.5, 0.9, 0.99)
}
frictions = og.race(knob, ravine, steps=300)
frictions.plot()

# %%

overshoot = {
    name: round(float(swing.theta[:, 0].max()), 3)
    for name, swing in frictions.items()
}
loss = {name: f"{swing.loss[-1]:.2g}" for name, swing in frictions.items()}
print("how far past the minimum:", overshoot, sep="\n")
print("loss after 300 steps:", loss, sep="\n")
assert overshoot["momentum = 0.5"] <= 0
assert 0.5 < overshoot["momentum = 0.9"] < 0.6
assert overshoot["momentum = 0.99"] > 2.8
assert frictions["momentum = 0.9"].loss[-1] < 1e-8
assert (
    1e-6
    < frictions["momentum = 0.5"].loss[-1]
    < 1e-4
    < frictions["momentum = 0.99"].loss[-1]
)

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
rules = [og.SGD, og.Momentum]
both = og.race(rules, camel, start=(-0.55, 0.25), steps=400, lr=0.1)
both.plot_map().set_title("Momentum runs past the deepest point")

# %%

ends = [run.theta[-1] for run in both.values()]
np.testing.assert_allclose(ends[0], camel.find_minima()[0], atol=1e-4)
np.testing.assert_allclose(ends[1], (0.808, -0.633), atol=1e-3)

# %%
# One start proves little. From 400 starts spread over the whole square, speed helps more often than it hurts:

starts = og.sweep(rules, camel, camel.grid(20), 400, lr=0.1)
deepest = (starts.data.minimum >= 0).sum(("start_x", "start_y")).values.ravel()
print("starts that reach the deepest point, SGD and momentum:", deepest)
assert deepest[0] + 40 < deepest[1] < 300

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
gap = np.abs(textbook.theta - run.theta).max()
print("largest difference at a constant rate:", gap)
np.testing.assert_allclose(textbook.theta, run.theta, atol=1e-12)

# %%
# When a schedule changes the rate, the two part. Here it drops to a tenth after step 15. Our form slows down at
# once. The textbook's keeps rolling on the velocity it has.

drop = partial(torch.optim.lr_scheduler.StepLR, step_size=15, gamma=0.1)
settings = {"lr": 0.01, "steps": 16, "schedule": drop}
ours = np.diff(og.descend(og.Momentum, ravine, **settings).theta[:, 0])
textbooks = np.diff(og.descend(Textbook, ravine, **settings).theta[:, 0])
print("15th and 16th step along:", ours[-2:], textbooks[-2:])
assert ours[-1] < 0.1 * ours[-2] and textbooks[-1] > 0.9 * textbooks[-2]

# %%
# PyTorch uses our form. It has a further setting, ``dampening``, which multiplies each new slope; it is 0, that is
# off, by default.

theirs = og.descend(torch.optim.SGD, ravine, lr=0.01, momentum=0.9, steps=120)
gap = np.abs(theirs.theta - run.theta).max()
print("largest difference to torch.optim.SGD:", gap)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# .. oracles:: Momentum
#
# Before this: :ref:`SGD <sphx_glr_gallery_optimizers_plot_sgd.py>`, which knows only the slope where it stands.
# Next: :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>`, which brakes before it is too late.
