r"""
Walls and ripples
=================

Inertia carries Nesterov's method out of small hollows that hold plain descent for good. Too much of it carries it past
the deepest one.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import numpy as np

import optguide as og

walls, ripple = og.surfaces.basins_and_walls, og.surfaces.ripple
og.formula(walls)

# %%
# Walls
# -----
# A bowl, crossed by walls along one axis. Contour lines are drawn at the heights of :cite:t:`siarshai2017`. The
# ring is the minimum.

og.plot_map(walls, labels=True).set_title("A bowl crossed by walls")

# %%
# Along y this is a plain parabola. Along x the slope is :math:`x + 4 \sin 8x`, and it rises through zero at seven
# places between -3 and 3: one trough each, the deepest at 0.

fine = np.linspace(-3, 3, 60_001)
slope = fine + 4 * np.sin(8 * fine)
troughs = fine[:-1][(slope[:-1] < 0) & (slope[1:] >= 0)]
print("troughs at x =", troughs.round(3))
print("of height    ", walls(troughs, 0).round(3))
assert len(troughs) == 7
assert np.abs(troughs).argmin() == walls(troughs, 0).argmin() == 3

# %%
# The five methods and their settings are those of :cite:t:`siarshai2017`: Nesterov in its simplified form with
# momentum 0.9, RMSprop with a memory of 0.9, Adadelta with 0.95, each of these two with 1e-6 inside the root, Adagrad
# likewise, and Adam. Their learning rates differ widely, because the rules mean different things by that word. All start
# at (-2.8, -2.5) and get 125 steps.

five = {
    "Nesterov": partial(og.SimplifiedNesterov, lr=0.01, momentum=0.9),
    "RMSprop": partial(og.RMSprop, lr=0.25, alpha=0.9, eps=0, eps_root=1e-6),
    "Adadelta": partial(og.Adadelta, lr=100.0, rho=0.95, eps=1e-6),
    "Adagrad": partial(og.Adagrad, lr=1.0, eps=0, initial_accumulator_value=1e-6),
    "Adam": partial(og.Adam, lr=0.25),
}
walled = og.race(five, walls, steps=125)
walled

# %%

walled.table()

# %%
# Only Adagrad comes to rest in the deepest trough. Its first step is a learning rate long in each coordinate,
# here 1, and clears a wall; then the steps shrink. Nesterov and Adam, quite different otherwise, both stop one
# trough too early. RMSprop and Adadelta still jump.

np.testing.assert_allclose(walled["Adagrad"].theta[-1], (0, 0), atol=1e-3)
for name in ("Nesterov", "Adam"):
    np.testing.assert_allclose(walled[name].theta[-1], (-0.7615, 0), atol=5e-3)
jumps = [
    np.hypot(*np.diff(walled[name].theta[-21:], axis=0).T).max() for name in ("RMSprop", "Adadelta")
]
print("longest of their last twenty moves:", np.round(jumps, 2))
assert min(jumps) > 0.3

# %%
# Inertia out of a trough, and past the minimum
# ---------------------------------------------
# Now Nesterov's method alone, with three momenta at the same learning rate of 0.01.

three = {
    f"momentum = {m}": partial(og.SimplifiedNesterov, lr=0.01, momentum=m)
    for m in (0.25, 0.9, 0.975)
}
rolling = og.race(three, walls, steps=125)
rolling.plot_map().set_title("The more momentum, the more walls")

# %%
# With momentum 0.25 the point falls into the first trough and stays. With 0.9 it rolls over two walls more. With 0.975 it
# is in the deepest trough after 17 steps, nearly at the minimum, and too fast to stay. It ends on the far side.

ends = np.array([run.theta[-1, 0] for run in rolling.values()])
print("x at the end:", ends.round(4))
np.testing.assert_allclose(ends, (-2.2804, -0.7615, 0.7615), atol=2e-3)
fast = rolling["momentum = 0.975"]
print("lowest height of the fastest:", fast.loss.min(), "end:", fast.loss[-1])
assert fast.loss.min() < 0.05 and fast.loss[-1] > 0.29

# %%
# Ripples
# -------

og.formula(ripple)

# %%
# A bowl with a fine grain. Each coordinate contributes on its own, so its hollows can be counted along one axis:
# 25 of them, which makes 625 on the map.

slope = 2 * fine / 3 + 4 / 3 * np.sin(40 * fine)
hollows = fine[:-1][(slope[:-1] < 0) & (slope[1:] >= 0)]
print(
    len(hollows),
    "hollows, from",
    hollows[0].round(3),
    "to",
    hollows[-1].round(3),
)
assert len(hollows) == 25 and np.abs(hollows).min() < 1e-3
assert np.abs(hollows).argmin() == ripple(hollows, 0).argmin()

# %%

og.plot_map(ripple, labels=True).set_title("A bowl with ripples")

# %%

rippled = og.race(five, ripple, steps=125)
rippled

# %%

rippled.table()

# %%
# Nesterov glides over the ripples and settles in the deepest hollow of all. Adam ends in a neighbour of it, one hollow
# off in each coordinate. The other three are still jumping from hollow to hollow.

np.testing.assert_allclose(rippled["Nesterov"].theta[-1], (0, 0), atol=1e-6)
np.testing.assert_allclose(np.abs(rippled["Adam"].theta[-1]), hollows[13], atol=0.01)
jumps = [
    np.hypot(*np.diff(rippled[name].theta[-21:], axis=0).T).max()
    for name in ("RMSprop", "Adadelta", "Adagrad")
]
print("longest of their last twenty moves:", np.round(jumps, 2))
assert min(jumps) > 0.08

# %%
# Plain descent does not get that far, and Nesterov's method with little momentum does not either. Both creep at
# (-2, -2), where the ripple for the first time is as steep as the bowl. Momentum 0.975 passes within 0.15 of the
# minimum and is back at the edge, on the other side, when the steps run out.

light = og.descend(three["momentum = 0.25"], ripple, steps=125)
heavy = og.descend(three["momentum = 0.975"], ripple, steps=125)
plain = og.descend(og.SGD, ripple, lr=0.01, steps=125)
nearest = np.hypot(*heavy.theta.T).min()
print("plain descent ends at", plain.theta[-1])
print("momentum 0.25 ends at", light.theta[-1])
print(f"momentum 0.975 passes at {nearest:.3f}, ends at {heavy.theta[-1]}")
np.testing.assert_allclose(plain.theta[-1], (-2, -2), atol=0.01)
np.testing.assert_allclose(light.theta[-1], (-2, -2), atol=0.01)
assert nearest < 0.15 and heavy.theta[-1].min() > 2

# %%
# That Nesterov hits the very deepest hollow owes something to luck. Of 41 starts along the diagonal, 29 end there. The
# other 12 end one hollow off, where Adam does.

starts = np.stack([np.linspace(-2.9, -2.5, 41)] * 2, axis=-1)
near = og.descend(five["Nesterov"], ripple, start=starts, steps=125).theta[-1]
distance = np.hypot(*near.T)
deepest = distance < 0.01
print("starts that end in the deepest hollow:", deepest.sum(), "of 41")
assert 24 < deepest.sum() < 34
np.testing.assert_allclose(distance[~deepest], hollows[13] * 2**0.5, atol=0.01)

# %%
# How hard is it?
# ---------------
# Hard between the walls, and harder on the ripples. Five rules, each at the best of 19 rates from 0.0001 to 100, from
# 48 random starts: on the first no rule arrives from as many as three quarters of them, on the second none from as
# many as a sixth.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
starts = walls.sample(48)
study = og.sweep(rules, walls, starts, lr=rates)
study.table()

# %%

grain = og.sweep(rules, ripple, ripple.sample(48), lr=rates)
grain.table()

# %%
# Seven starts lie in the deepest trough, closer than 0.4 to its floor. From these, and no others, SGD arrives at a
# rate of 0.022. At 0.22 and 0.46 it leaps over the walls and comes by from many more, but when the steps run out it
# is hardly ever there, and so it is with RMSprop. Adam, at a rate of 0.46, arrives from more than half and is there
# to the end.

assert (grain.data.arrived_at >= 0).mean(("seed", "start")).max() < 1 / 6
share = (study.data.arrived_at >= 0).mean(("seed", "start"))
stays = (study.data.minimum >= 0).mean(("seed", "start"))
print("at 0.46:", share[:, 11].to_series().round(2).to_dict())
print("to the end:", stays[:, 11].to_series().round(2).to_dict())
assert share.max() < 3 / 4
trough = (study.data.arrived_at[0, 7, 0] >= 0).values
assert trough.sum() == 7 and (trough == (abs(starts[:, 0]) < 0.4)).all()
assert share[0, 10:12].min() > 0.25
assert stays[0, 10:12].max() < 0.05 and stays[2, 11] < 0.05
assert 0.5 < share[3, 11] < 0.6 and stays[3, 11] == share[3, 11]
np.testing.assert_allclose(rates[[7, 10, 11]], (0.022, 0.22, 0.46), rtol=0.03)

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_bowl_and_wobble.py`.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_giant_plateau.py`.
