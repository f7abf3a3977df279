r"""
Tilted camel
============

On this landscape plain gradient descent is caught in the first hollow it meets. Rules that carry momentum and choose
their own step size roll on, to the deepest one.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np

import optguide as og

camel = og.surfaces.tilted_camel
six = [og.SGD, og.Lion, partial(og.AdamD, eps=1e-16)]
six += [og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
race = og.race(six, camel, steps=100, lr=0.1)
race

# %%
# The button "3-D" turns the map up into the landscape. A ring marks the global minimum.
#
# The landscape
# -------------
# Half of it is the six-hump camel of :cite:t:`dixon1978`, squeezed into the unit square. The other half is a bowl
# around the corner (1, -1), which tilts it. The tilt breaks the camel's symmetry: of its two equally deep hollows,
# only one remains the deepest. The mixture is from :cite:t:`impactcrater2024`.

og.formula(camel)

# %%
# Who fares how
# -------------

race.table()

# %%
# SGD ends at (0.075, 0.411) and stays there, however long it runs on: the slope has faded, and the ground rises in
# every direction. It is a local minimum, 0.16 above the global one. A rule that only ever looks at the slope has no
# reason to leave.

trapped = og.descend(og.SGD, camel, steps=1000, lr=0.1)
print(trapped)
np.testing.assert_allclose(race["SGD"].theta[-1], (0.075, 0.411), atol=1e-3)
around = trapped.theta[-1] + 0.05 * np.array(
    [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)]
)
np.testing.assert_allclose(trapped.theta[-1], (0.075, 0.409), atol=2e-3)
assert np.abs(trapped.grad[-1]).max() < 1e-6
assert (camel(*around.T) > trapped.loss[-1]).all()
assert 0.15 < trapped.loss[-1] - camel(*camel.known_minima()[0]) < 0.17

# %%
# The three adaptive rules pass this place and end within 0.01 of the global minimum (0.0056, -0.7326). AdaBC does,
# too. Lion ends near it, but only roughly: both coordinates move by exactly 0.1 in every step, so it cannot come
# closer than its own stride allows.

lowest = camel.known_minima()[0]
away = {name: float(np.linalg.norm(run.theta[-1] - lowest)) for name, run in race.items()}
print({name: round(distance, 4) for name, distance in away.items()})
arrived = [race[name].theta[-1] for name in ("AdamD", "AdaBeliefD", "AdaDerivative")]
np.testing.assert_allclose(arrived, [(0.009, -0.728), (-0.002, -0.736), (0.012, -0.735)], atol=5e-4)
assert max(away["AdamD"], away["AdaBeliefD"], away["AdaDerivative"], away["AdaBC"]) < 0.015
assert 0.05 < away["Lion"] < 0.15
np.testing.assert_allclose(np.abs(np.diff(race["Lion"].theta, axis=0)), 0.1)

# %%
# What one start cannot show
# --------------------------
# Six runs from one point show what can happen, not how often. From 400 starts spread evenly over the square, SGD finds
# the deepest hollow in about four cases of ten and AdaBeliefD in about three of four.

grid = np.stack(np.meshgrid(*[np.linspace(-0.95, 0.95, 20)] * 2), axis=-1).reshape(-1, 2)
sgd = og.descend(og.SGD, camel, start=grid, steps=100, lr=0.1).theta[-1]
belief = og.descend(og.AdaBeliefD, camel, start=grid, steps=100, lr=0.1).theta[-1]
found = [(np.linalg.norm(ends - lowest, axis=1) < 0.1).mean() for ends in (sgd, belief)]
print(
    "share of starts that end within 0.1 of the minimum: SGD {:.2f}, AdaBeliefD {:.2f}".format(
        *found
    )
)
assert 0.40 < found[0] < 0.47 and 0.73 < found[1] < 0.80

# %%
# How hard is it?
# ---------------
# Hard for plain descent, easy for Adam. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random
# starts: SGD gets into the right hollow from half of them, Adam from nearly all.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, camel, camel.sample(48), lr=rates)
study.table()

# %%
# The tilt helps those who are fast enough to feel it. Momentum and Lion arrive from three starts in four. RMSprop
# comes by from five in eight, and at the last step it is there from one in five.

share = (study.data.arrived_at >= 0).mean(("seed", "start"))
stays = (study.data.minimum >= 0).mean(("seed", "start"))
best = share.max("lr").to_series()
assert 0.46 < best["SGD"] < 0.54 and best["Adam"] > 0.95
np.testing.assert_allclose(best[["Momentum", "Lion"]], 0.75, atol=0.03)
passing = share.sel(optimizer="RMSprop")
there = stays.sel(optimizer="RMSprop", lr=passing.idxmax()).item()
print(f"RMSprop: {passing.max():.0%} come by, {there:.0%} are there at last")
assert 0.6 < passing.max() < 0.65 and 0.17 < there < 0.23

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_unit_rastrigin.py`, where the rate decided.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_swell.py`, with troughs instead of hollows.
