r"""
A round bowl and a wobbly one
=============================

Here everyone finds the way; what differs is the end of it. In the round bowl four of five methods come to rest, in the
wobbly one three. The others keep moving about the minimum.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import numpy as np

import optguide as og

bowl, wobbly = og.surfaces.simple_quadratic, og.surfaces.wobbly
og.formula(bowl)

# %%
# The control
# -----------
# Whoever fails here fails everywhere. Contour lines on this page are drawn at the heights of
# :cite:t:`siarshai2017`: every 0.25 up to 7, then at 8, 9 and so on. The ring is the minimum.

og.plot_map(bowl, labels=True).set_title("A round bowl")

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
control = og.race(five, bowl, steps=125)
control

# %%

control.table()

# %%
# Four methods end within 0.01 of the bottom. RMSprop keeps circling, 0.1 to 0.25 away from it. It divides the slope by
# the slope's recent size. So its moves stay about as long as the learning rate says, however small the slope has become.

away = {name: np.hypot(*run.theta[-1]) for name, run in control.items()}
moves = {name: np.hypot(*np.diff(run.theta, axis=0).T) for name, run in control.items()}
for name, distance in away.items():
    print(f"{name:9s} ends {distance:.4f} from the bottom")
assert 0.1 < away.pop("RMSprop") < 0.3
assert max(away.values()) < 0.01
assert moves["RMSprop"][-20:].min() > 0.1
assert moves["Adam"][-20:].max() < 0.03

# %%
# The first step
# --------------
# Adam and RMSprop are said to begin with big steps. Here are the lengths of all first steps.

first = {name: float(move[0].round(3)) for name, move in moves.items()}
for name, length in first.items():
    print(f"first step of {name:9s} {length:.3f}")
np.testing.assert_allclose(first["Adam"], 0.25 * 2**0.5, atol=1e-3)
np.testing.assert_allclose(first["RMSprop"], 0.25 * 20**0.5, atol=1e-3)
np.testing.assert_allclose(first["Adagrad"], 2**0.5, atol=1e-3)
assert first["Nesterov"] < first["Adam"] < first["RMSprop"] < first["Adagrad"]

# %%
# Beside Nesterov's step that is true. But Adagrad's is the longest: its first step is one learning rate in each
# coordinate, and its learning rate is 1. Adam's is one learning rate, too. RMSprop's is :math:`1/\sqrt{0.1}` learning
# rates, because its running mean starts at zero and knows only a tenth of the first squared slope. Adam's
# bias correction exists to prevent just that.

# %%
# The wobbly bowl
# ---------------

og.formula(wobbly)

# %%
# A slanting wave bends the bowl, a crease runs along x = 0, and a hill stands in the straight way to the bottom.

og.plot_map(wobbly, labels=True).set_title("The wobbly bowl, with a hill in the way")

# %%
# Plain descent from a grid of starts finds all hollows. There are two: the stated minimum, and a higher one just beyond
# the upper edge of the map.

g = np.linspace(-2.9, 2.9, 12)
grid = np.stack(np.meshgrid(g, g), axis=-1).reshape(-1, 2)
found = og.descend(og.SGD, wobbly, start=grid, lr=0.01, steps=700).theta[-1]
hollows = np.array([wobbly.known_minima()[0], (0.896, 3.066)])
nearest = np.hypot(*(found[:, None] - hollows).T).argmin(axis=0)
print("starts that end in each:", np.bincount(nearest))
np.testing.assert_allclose(found, hollows[nearest], atol=0.01)
assert wobbly(*hollows[0]) < 0.92 < 5.1 < wobbly(*hollows[1])

# %%

bent = og.race(five, wobbly, steps=125)
bent

# %%

bent.table()

# %%
# Nobody falls for the second hollow. Nesterov, Adagrad and Adam end within 0.01 of the minimum. Adagrad's long first
# steps carry it off the map and back. RMSprop and Adadelta keep leaping about the bottom to the end.

minimum = wobbly.known_minima()[0]
for name in ("Nesterov", "Adagrad", "Adam"):
    np.testing.assert_allclose(bent[name].theta[-1], minimum, atol=0.01)
print("Adagrad's outermost coordinate:", np.abs(bent["Adagrad"].theta).max())
assert np.abs(bent["Adagrad"].theta).max() > 3.2
restless = [
    np.hypot(*np.diff(bent[name].theta[-21:], axis=0).T).min() for name in ("RMSprop", "Adadelta")
]
print("shortest of the last twenty moves:", np.round(restless, 2))
assert min(restless) > 0.2

# %%
# A smaller learning rate calms both of them. Adadelta comes to rest. RMSprop ends within 0.1 of the minimum and goes on
# moving: towards the end of 500 steps it is still up to 0.037 away.

calm = og.race(
    {
        "RMSprop": partial(five["RMSprop"], lr=0.05),
        "Adadelta": partial(five["Adadelta"], lr=30.0),
    },
    wobbly,
    steps=125,
)
calm.table()

# %%

patient = og.descend(partial(five["RMSprop"], lr=0.05), wobbly, steps=500)
swing = np.hypot(*(patient.theta[-200:] - minimum).T)
print("RMSprop, in the last 200 of 500 steps, at most", swing.max().round(4))
np.testing.assert_allclose(calm["Adadelta"].theta[-1], minimum, atol=0.01)
assert np.hypot(*(calm["RMSprop"].theta[-1] - minimum)) < 0.1
assert 0.0365 < swing.max() < 0.0375

# %%
# How hard is it?
# ---------------
# The round bowl is easy, and so is most of the wobbly one. Five rules, each at the best of 19 rates from 0.0001 to
# 100, from 48 random starts:

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
easy = og.sweep(rules, bowl, bowl.sample(48), lr=rates).table()
easy

# %%

study = og.sweep(rules, wobbly, wobbly.sample(48), lr=rates)
study.table()

# %%
# In the round bowl SGD takes two steps, for its rate of 0.46 is close to the 0.5 that would take one. RMSprop, here
# with its default memory of 0.99, takes three, at a rate of 46. The first leads far off the map, ten rates in each
# coordinate, and the second back. By then its divisor holds the slope from out there, which is the curvature times
# 464, and so the third step is nearly Newton's.

leap = og.descend(og.RMSprop, bowl, steps=3, lr=rates[17]).theta
print(leap.round(2).tolist())
assert [row[2] for row in easy.rows[:3:2]] == ["2", "3"]
assert [row[3] for row in easy.rows[:3:2]] == ["0.46", "46"]
np.testing.assert_allclose(np.abs(leap[1] - leap[0]), 464, atol=1)
assert np.abs(leap[2] - leap[0]).max() < 0.01 and np.abs(leap[3]).max() < 0.05
np.testing.assert_allclose(og.descend(og.SGD, bowl, steps=1, lr=0.5).loss[1], 0)

# %%
# On the wobbly one SGD arrives from 34 of the 48 starts, and from the fourteen others it ends in the second hollow.
# With a rate of 1 Adam wins five of these and loses one of the others. Lion, which must hit the bottom with steps of
# one length, arrives from a third.

count = (study.data.arrived_at >= 0).sum(("seed", "start"))
sgd = study.data.isel(lr=9).sel(optimizer="SGD")
second = np.hypot(*(sgd.theta.values[0] - hollows[1]).T) < 0.1
assert count[0].max() == 34 and second.sum() == 14
adam = (study.data.arrived_at[3, 12, 0] >= 0).values
assert (adam & second).sum() == 5 and (~adam & ~second).sum() == 1
assert study.table().rows[3][3] == "1"
assert 15 <= count[4].max() <= 17 and study.table().rows[0][3] == "0.1"

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_choppy_swell.py`, the last landscape of six optimizers at one rate.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_walls_and_ripples.py`.
