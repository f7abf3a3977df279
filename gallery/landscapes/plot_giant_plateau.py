r"""
Giant plateau
=============

A plain without slope, with one hole in it. Nesterov's method hardly moves. Adam and Adagrad divide by the size of the
slope, walk as if it were steep, and arrive.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import numpy as np

import optguide as og

plateau = og.surfaces.giant_plateau
og.formula(plateau)

# %%
# The landscape
# -------------
# From :cite:t:`siarshai2017`, with that article's contour lines, one for every 0.25. Outside the hole there is
# hardly any line to draw. The ring is the minimum.

og.plot_map(plateau, labels=True).set_title("A plain and a hole")

# %%
# The height depends only on the distance from the origin and grows with it all the way, so the origin is the only minimum.
# Where we start, the slope is down to about two hundred-thousandths.

radius = np.linspace(0, 4, 401)
assert (np.diff(plateau(radius, 0)) > 0).all() and plateau(0.0, 0.0) == 0
slope = np.hypot(*og.descend(og.SGD, plateau, steps=1).grad[0])
print("slope at the start:", slope)
assert 2.2e-5 < slope < 2.4e-5

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
race = og.race(five, plateau, steps=125)
race

# %%

race.table()

# %%
# Nesterov's whole journey is shorter than 0.001. Adam and Adagrad stand on the minimum.

journey = np.hypot(*np.diff(race["Nesterov"].theta, axis=0).T).sum()
print("length of Nesterov's path:", journey)
assert journey < 1e-3
for name in ("Adam", "Adagrad"):
    np.testing.assert_allclose(race[name].theta[-1], (0, 0), atol=0.01)

# %%
# RMSprop and Adadelta find the hole, too, but do not rest in it. RMSprop ends circling, at 0.18 from the middle.
# Adadelta, with its factor of 100, takes steps longer than the hole is wide.

circling = np.hypot(*race["RMSprop"].theta[-20:].T)
leaps = np.hypot(*np.diff(race["Adadelta"].theta[-21:], axis=0).T)
print("RMSprop's distance:", circling.min(), "to", circling.max())
print("shortest of Adadelta's last twenty moves:", leaps.min())
assert 0.1 < circling.min() and circling.max() < 0.3
assert leaps.min() > 0.5

# %%
# What the small number does
# --------------------------
# Adam and RMSprop are known for big first steps. Here only Adam's is one.

first = {name: float(np.hypot(*(run.theta[1] - run.theta[0]))) for name, run in race.items()}
for name, step in first.items():
    print(f"first step of {name:9s} {step:.2g}")
assert first["Adam"] > 0.35
assert first["RMSprop"] < 0.01 and first["Adagrad"] < 0.03

# %%
# The others add 1e-6 to the squared slope inside the root, and so anything flatter than :math:`\sqrt{10^{-6}}` =
# 0.001 counts as flat. Adam adds 1e-8 outside the root, and 0.00002 is still steep compared with that. Give Adam the
# number of the others, and it starts as slowly as they do.

humble = partial(og.Adam, lr=0.25, eps=1e-3)
slow = og.descend(humble, plateau, steps=125)
step = np.hypot(*(slow.theta[1] - slow.theta[0]))
inside = np.hypot(*slow.theta.T) < 0.5
print("Adam with eps = 1e-3 begins with a step of", step)
print("and is in the hole at step", inside.argmax())
quick = np.hypot(*race["Adam"].theta.T) < 0.5
print("with eps = 1e-8 at step", quick.argmax())
assert step < 0.01
assert quick.argmax() < inside.argmax()

# %%
# A larger rate is no remedy for Nesterov
# ---------------------------------------
# A rate that makes it walk on the plain throws it off the map at the rim of the hole. Of 51 rates from 0.01 to
# 1000, none gets it there within 125 steps.

rates = np.geomspace(0.01, 1000, 51)
bold = og.descend(og.SimplifiedNesterov, plateau, lr=rates, steps=125)
distance = np.hypot(*bold.theta[-1].T)
for i in (0, 20, 30, 40, 50):
    print(f"lr {rates[i]:<6g} ends", distance[i].round(2), "from the minimum")
assert distance.min() > 2
assert distance[:29].max() < 4 and distance[29:].min() > 10

# %%
# Nor could any of the larger ones rest in the hole. The curvature there is 8, and theory lets the method be stable up to
# a rate of :math:`2 \cdot 1.9 / (2.8 \cdot 8)`, that is 0.17. Begin at the very bottom, a tenth off in both
# coordinates:

small = og.descend(
    og.SimplifiedNesterov,
    plateau,
    start=(0.1, 0.1),
    lr=[0.16, 0.18],
    steps=125,
)
print("at a rate of 0.16 and of 0.18:", np.hypot(*small.theta[-1].T))
assert np.hypot(*small.theta[-1, 0]) < 0.02 < 0.1 < np.hypot(*small.theta[-1, 1])

# %%
# How hard is it?
# ---------------
# As hard as the start is far away, unless the rule divides by the slope. Five rules, each at the best of 19 rates
# from 0.0001 to 100, from 48 random starts: RMSprop and Adam arrive each time.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
starts = plateau.sample(48)
study = og.sweep(rules, plateau, starts, lr=rates)
study.table()

# %%
# At its best rate SGD arrives from every start that is within 3 of the hole, and from none further off. With momentum
# it is 3.3. Adam arrives each time at seven of the 19 rates, from 0.01 to 1.

share = (study.data.arrived_at >= 0).mean(("seed", "start"))
far = np.hypot(*starts.T)
for name, reach in (("SGD", 3.0), ("Momentum", 3.3)):
    best = share.sel(optimizer=name).idxmax()
    there = study.data.arrived_at.sel(optimizer=name, lr=best) >= 0
    assert (there.squeeze("seed").values == (far < reach)).all()
assert [row[1] for row in study.table().rows[2:4]] == ["100%"] * 2
everyone = rates[share.sel(optimizer="Adam") == 1]
print("Adam arrives each time at", everyone.round(2))
np.testing.assert_allclose(everyone, np.logspace(-2, 0, 7))

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_walls_and_ripples.py`.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_hills_and_canyon.py`.
