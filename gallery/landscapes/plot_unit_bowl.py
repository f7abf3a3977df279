r"""
Bowl
====

In a plain bowl everyone arrives, and only manners differ: how soon a rule reaches the bottom and how far it runs past
it. AdaBelief without the first correction stands in the middle of both lists. AdaBC and Lion never come to rest.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np
import torch

import optguide as og

bowl = og.surfaces.unit_bowl
six = [og.SGD, og.Lion, partial(og.AdamD, eps=1e-16)]
six += [og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
race = og.race(six, bowl, steps=100, lr=0.1)
race

# %%
# The landscape
# -------------
# A paraboloid around (0, -0.4), twice as curved along y as along x, from :cite:t:`impactcrater2024`. There is nothing
# to be trapped in. AdaBC's trail covers that of AdaBeliefD for the first half of the way; the last section says why.

og.formula(bowl)

# %%
# Who fares how
# -------------

race.table()

# %%
# The loss tells little here; all but Lion end low. Three other numbers tell more: the step at which a rule first
# reaches the height of the bottom along y, how far it then runs past, and from which step on the loss stays
# below 0.01.


def manners(run):
    """First step at the bottom along y (0: never), distance run past it, first step of a loss below 0.01 for good."""
    y = run.theta[:, 1]
    return (
        int((y <= -0.4).argmax()),
        max(0.0, -0.4 - float(y.min())),
        int((run.loss >= 0.01).nonzero()[0].max()) + 1,
    )


shown = {name: manners(run) for name, run in race.items()}
rows = [
    (name, f"{first or 'never'}", f"{past:.2f}", f"{calm}")
    for name, (first, past, calm) in shown.items()
]
og.Table(
    "Arriving and overshooting",
    ("optimizer", "reaches y = -0.4 at", "runs past by", "loss < 0.01 from"),
    rows,
)

# %%
# AdaDerivative hurries most among the rules with a running mean, and overshoots most. AdamD is the most careful, and
# the latest. AdaBeliefD lies between them on both counts, and of the three it is first below 0.01. That is what the
# article calls the best balance.

steps, past, calm = (np.array(column) for column in zip(*shown.values(), strict=True))
sgd, lion, adam, belief, derivative, bc = range(6)
assert steps[derivative] < steps[belief] < steps[adam]
assert past[adam] + 0.1 < past[belief] < past[derivative] - 0.1
assert calm[belief] < calm[derivative] and calm[belief] < calm[adam]

# %%
# The balance is a matter of where you draw the line. SGD does not overshoot at all and is down almost as early, and
# below 0.001 the three are level, give or take a step or two. The *published* AdaBelief, which corrects both moments,
# is quicker than AdaBeliefD and overshoots slightly less.

assert past[sgd] == 0 and abs(calm[sgd] - calm[belief]) <= 2
below = {name: int((run.loss >= 0.001).nonzero()[0].max()) + 1 for name, run in race.items()}
published = manners(og.descend(og.AdaBelief, bowl, steps=100, lr=0.1))
print("loss < 0.001 from step", below)
print(
    "published AdaBelief: reaches y = -0.4 at step {}, runs past by {:.2f}, loss < 0.01 from {}".format(
        *published
    )
)
three = [below[name] for name in ("AdamD", "AdaBeliefD", "AdaDerivative")]
assert max(three) - min(three) <= 3
assert published[0] < steps[belief] and published[1] < past[belief] and published[2] < calm[belief]

# %%
# Two that never rest
# -------------------
# AdaBC is AdaBeliefD with every step kept between 0.1 and 2 learning rates in each coordinate. Near the bottom the
# lower bound takes over, and AdaBC walks in angles around the minimum, much as Lion does with steps ten times as long.

assert np.abs(race["AdaBC"].theta - race["AdaBeliefD"].theta)[:50].max() < 0.02
last = np.abs(np.diff(race["AdaBC"].theta[-11:], axis=0))
print(
    "smallest and largest of AdaBC's last ten moves, over both coordinates:",
    last.min(),
    last.max(),
)
assert last.min() > 0.1 * 0.1 - 1e-12
np.testing.assert_allclose(np.abs(np.diff(race["Lion"].theta, axis=0)), 0.1)
assert np.abs(np.diff(race["AdaBeliefD"].theta[-11:], axis=0)).max() < 0.01

# %%
# More steps do not help: after 1,000 it still moves by at least 0.01 in each coordinate. The remedy is a learning rate
# that falls, here along a cosine.

longer = np.abs(np.diff(og.descend(og.AdaBC, bowl, steps=1000, lr=0.1).theta[-11:], axis=0))
assert longer.min() > 0.1 * 0.1 - 1e-12
falling = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=100)
rested = np.abs(
    np.diff(
        og.descend(og.AdaBC, bowl, steps=100, lr=0.1, schedule=falling).theta[-4:],
        axis=0,
    )
)
print("largest of its last three moves with a cosine schedule:", rested.max())
assert rested.max() < 1e-3

# %%
# A bowl and one learning rate cannot rank rules: SGD does so well because 0.1 happens to suit these
# two curvatures, and in a steeper bowl it would diverge where the others would not notice.

steep = og.race(
    [og.SGD, og.AdaBeliefD],
    lambda x, y: 30 * bowl(x, y),
    start=bowl.start,
    steps=100,
    lr=0.1,
)
assert steep["SGD"].diverged_at
np.testing.assert_allclose(steep["AdaBeliefD"].theta, race["AdaBeliefD"].theta, atol=1e-6)

# %%
# How hard is it?
# ---------------
# Not at all. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random starts: all arrive, each
# time. Only their steps differ.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, bowl, bowl.sample(48), lr=rates)
study.table()

# %%
# SGD needs four, momentum eleven, Adam and Lion about twenty. RMSprop owes its three to a first step that is ten
# rates long in each coordinate: its mean has seen a single square and weighs it with 0.01. At its rate of 0.1 that is
# a whole unit, half the width of the map.

table = study.table()
assert {row[1] for row in table.rows} == {"100%"}
steps = np.array([int(row[2]) for row in table.rows])
np.testing.assert_allclose(steps, (4, 11, 3, 20, 20), atol=1.5)
first = og.descend(og.RMSprop, bowl, steps=1, lr=0.1).theta
np.testing.assert_allclose(np.abs(np.diff(first, axis=0)), 1, rtol=1e-4)
assert table.rows[2][3] == "0.1"

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_unit_six_hump_camel.py`, where some were trapped.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_unit_rastrigin.py`, a bowl full of cups.
