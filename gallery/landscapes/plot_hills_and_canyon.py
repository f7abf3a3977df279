r"""
Hills and a canyon
==================

Four hills stand around a canyon, and a hollow lies before them. Four of five methods are trapped in that hollow. Adam
alone gets through, and ends near (-0.04, 0.08).
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

hills = og.surfaces.hills_and_canyon
og.formula(hills)

# %%
# The landscape
# -------------
# From :cite:t:`siarshai2017`, with that article's contour lines. The canyon runs from the upper left to the lower
# right along :math:`x + y = 0`. The ring is the minimum.

og.plot_map(hills, labels=True).set_title("Four hills and a canyon")

# %%
# Plain descent from a grid of starts finds every hollow. There are three: the minimum, one further down the canyon, and
# one at (-2.034, -1.082), between the start and the canyon. That last one is the trap.

g = np.linspace(-2.9, 2.9, 12)
grid = np.stack(np.meshgrid(g, g), axis=-1).reshape(-1, 2)
found = og.descend(og.SGD, hills, start=grid, lr=0.03, steps=800).theta[-1]
hollows = np.array([hills.known_minima()[0], (1.929, -1.921), (-2.034, -1.082)])
nearest = np.hypot(*(found[:, None] - hollows).T).argmin(axis=0)
print("their heights:          ", hills(*hollows.T).round(3))
print("starts that end in each:", np.bincount(nearest))
np.testing.assert_allclose(found, hollows[nearest], atol=0.01)
assert hills(*hollows.T).argmin() == 0

# %%
# The race
# --------
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
race = og.race(five, hills, steps=125)
race

# %%

race.table()

# %%
# Nesterov and Adagrad lie still in the trap. RMSprop and Adadelta jump about in it. Adam passes it by and goes down
# into the canyon.

trap = hollows[2]
np.testing.assert_allclose(race["Adam"].theta[-1], (-0.044, 0.075), atol=1e-3)
for name in ("Nesterov", "Adagrad"):
    np.testing.assert_allclose(race[name].theta[-1], trap, atol=2e-3)
for name in ("RMSprop", "Adadelta"):
    assert np.hypot(*(race[name].theta[-1] - trap)) < 0.6

# %%
# It is not a lucky start. Shift the start by up to 0.2 in both coordinates, 81 times, and the result stays the same.

shift = np.linspace(-0.2, 0.2, 9)
around = np.stack(np.meshgrid(shift, shift), axis=-1).reshape(-1, 2)
through = {}
for name, rule in five.items():
    ends = og.descend(rule, hills, start=hills.start + around, steps=125)
    miss = np.hypot(*(ends.theta[-1] - hollows[0]).T)
    through[name] = int((miss < 0.3).sum())
print("starts that get through, of 81:", through, sep="\n")
assert through["Adam"] > 75
assert sum(through.values()) - through["Adam"] <= 4

# %%
# It is the start's fault, though, that the others look so bad. From the whole map, the trap catches few.

for name in ("Nesterov", "RMSprop", "Adagrad", "Adam"):
    ends = og.descend(five[name], hills, start=grid, steps=125).theta[-1]
    arrived = (np.hypot(*(ends - hollows[0]).T) < 0.3).mean()
    print(f"{name:9s} reaches the minimum from {arrived:.0%} of the map")
    assert 0.6 < arrived < 0.95

# %%
# Hedgehogs
# ---------
# Look at RMSprop's trail in the trap: straight quills through one point, in many directions. Its moves stay long, since
# it divides by the slope's recent size, and it turns back at almost every step. Adagrad divides by a sum that
# only grows. Its moves shrink, and there is no hedgehog.

fig, axes = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
for ax, name in zip(axes, ("RMSprop", "Adagrad"), strict=True):
    og.plot_map(hills, box=((-2.6, -1.6), (-1.6, -0.6)), levels=16, ax=ax)
    ax.plot(*race[name].theta.T, lw=1.2, color=race[name].color)
    ax.set_title(f"{name} in the trap")

# %%

quills = {}
for name in ("RMSprop", "Adagrad"):
    moves = np.diff(race[name].theta, axis=0)
    length = np.hypot(*moves.T)
    product = length[1:] * length[:-1]
    back = (moves[1:] * moves[:-1]).sum(axis=1) < -0.5 * product
    long = np.minimum(length[1:], length[:-1]) > 0.1
    quills[name] = int((back & long).sum())
print("sharp turns between two moves longer than 0.1:", quills)
assert quills["RMSprop"] > 90
assert quills["Adagrad"] < 5

# %%
# What carries Adam through
# -------------------------
# Change one setting of Adam at a time, and count again from the 81 starts.

settings = {
    "as it is": {},
    "beta2 = 0.9": {"betas": (0.9, 0.9)},
    "beta1 = 0.5": {"betas": (0.5, 0.999)},
    "lr = 0.05": {"lr": 0.05},
}
count = {}
for name, changed in settings.items():
    ends = og.descend(
        og.Adam,
        hills,
        start=hills.start + around,
        steps=125,
        **{"lr": 0.25, **changed},
    ).theta[-1]
    count[name] = int((np.hypot(*(ends - hollows[0]).T) < 0.3).sum())
print("starts that get through, of 81:", count, sep="\n")
assert count["as it is"] > 75 and count["beta2 = 0.9"] > 75
assert count["beta1 = 0.5"] < 5 and count["lr = 0.05"] < 5

# %%
# It takes both the momentum and the long steps. How long Adam remembers the size of the slopes does not matter.

# %%
# How hard is it?
# ---------------
# Not hard from elsewhere. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random starts: Adam
# arrives from all of them, SGD from four in five.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, hills, hills.sample(48), lr=rates)
study.table()

# %%
# Of the other nine starts SGD ends in the trap from three, and from six in the hollow down the canyon. Momentum frees
# all three of the trap and three of the six. Adam does best at a rate of 1. With 0.1 it is caught as often as SGD.

share = (study.data.arrived_at >= 0).mean(("seed", "start"))
ends = study.data.theta.sel(lr=share.idxmax("lr")).squeeze("seed").values
owner = np.hypot(*(ends[:2, :, None] - hollows).T).T.argmin(axis=-1)
print("ends of SGD and momentum:", [np.bincount(o).tolist() for o in owner])
assert np.bincount(owner[0]).tolist() == [39, 6, 3]
assert np.bincount(owner[1]).tolist() == [45, 3]
assert (owner[1] == 1)[owner[0] == 1].sum() == 3
adam, sgd = share.sel(optimizer="Adam"), share.sel(optimizer="SGD")
assert adam[12] == adam.max() == 1 and abs(rates[12] - 1) < 1e-9
assert adam[9] == sgd.max() and 0.78 < sgd.max() < 0.84

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_giant_plateau.py`.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_two_minima.py`.
