r"""
How much momentum for Nesterov
==============================

With little momentum Nesterov's method is plain descent. With a lot of it the point travels far, which frees it from
small local minima and carries it past large ones.
"""

import numpy as np

import optguide as og

settings = {"lr": 0.01, "steps": 125}
three = {f"momentum {m}": og.SimplifiedNesterov.at(momentum=m) for m in (0.25, 0.9, 0.975)}
little, usual, much = three
hills = og.race(three, og.surfaces.hills_and_canyon, **settings)
hills

# %%
# This is the experiment of :cite:t:`siarshai2017`: momentum 0.25, 0.9 and 0.975, a learning rate of 0.01 for all, 125
# steps from (-2.8, -2.5). It uses the :ref:`simplified form <sphx_glr_gallery_optimizers_plot_simplified_nesterov.py>`,
# which takes the gradient where the point stands.
#
# On these :ref:`hills <sphx_glr_gallery_landscapes_plot_hills_and_canyon.py>` a local minimum lies between the start
# and the canyon. With momentum 0.25 and 0.9 the point ends in it. With 0.975 it rolls out and down to the global
# minimum, which of five methods with the usual settings only Adam reaches. The article says of the same graph that
# Nesterov's method, with any momentum, loses its speed in that minimum and stays. We could not confirm that for 0.975.

# proof: momentum 0.25 and 0.9 end in the local minimum at (-2.03, -1.08)
for name in (little, usual):
    np.testing.assert_allclose(hills[name].theta[-1], (-2.034, -1.082), atol=0.1)
np.testing.assert_allclose(hills[usual].theta[-1], (-2.034, -1.082), atol=2e-3)

# %%

# proof: momentum 0.975 leaves it, and ends at the global minimum
passed = np.hypot(*(hills[much].theta - (-2.034, -1.082)).T).min()
assert passed < 0.5
np.testing.assert_allclose(hills[much].theta[-1], (0, 0), atol=0.25)
assert hills[much].loss[-1] < 0.15

# %%
# On a round bowl
# ---------------
# Here all three end close to the bottom, :n:`straight:.2f` from the start. What differs is the way: the first goes
# straight, the third travels :n:`length[much] / straight:.1f` times that distance.

bowl = og.race(three, og.surfaces.simple_quadratic, **settings)
bowl

# %%

# proof: with momentum 0.25 the path is no longer than the straight way, with 0.9 half as long
# again, with 0.975 more than 14 long
straight = float(np.hypot(*bowl[little].theta[0]))
length = {name: float(np.hypot(*np.diff(run.theta, axis=0).T).sum()) for name, run in bowl.items()}
assert length[little] < 3.7 < straight
assert 5.5 < length[usual] < 6.5
assert length[much] > 14

# %%
# Little momentum is plain descent
# --------------------------------
# A constant gradient adds up to :math:`1 / (1 - 0.25)` of it in the velocity. So plain descent should do the same with
# the learning rate :math:`0.01 / 0.75`. It does, on each of the seven landscapes of the article, which are six units
# wide: the two are never more than :n:`max(parted.values()):.2f` apart.

names = "simple_quadratic wobbly basins_and_walls ripple giant_plateau hills_and_canyon two_minima"
parted = {}
for name in names.split():
    surface = getattr(og.surfaces, name)
    plain = og.descend(og.SGD.at(lr=0.01 / 0.75), surface, steps=125)
    gentle = og.descend(three[little], surface, **settings)
    parted[surface.title] = float(np.hypot(*(plain.theta - gentle.theta).T).max())
rows = [(title, f"{distance:.4f}") for title, distance in parted.items()]
og.Table(
    "Largest distance between plain descent and momentum 0.25", ("landscape", "distance"), rows
)

# %%

# proof: on seven landscapes, momentum 0.25 and plain descent are never more than 0.05 apart
assert len(parted) == 7 and max(parted.values()) < 0.05

# %%
# Past the minimum
# ----------------
# On the :ref:`ripples <sphx_glr_gallery_landscapes_plot_walls_and_ripples.py>` the same speed does harm. Momentum 0.9
# stops in the lowest minimum. Momentum 0.975 is close to it after :n:`ripple[much].loss.argmin()` steps and ends on the
# far side of the bowl. Momentum 0.25 never leaves the outer wall.

ripple = og.race(three, og.surfaces.ripple, **settings)
ripple

# %%

# proof: momentum 0.9 stops in the lowest minimum, 0.25 in one near the start
np.testing.assert_allclose(ripple[usual].theta[-1], (0, 0), atol=1e-6)
np.testing.assert_allclose(ripple[little].theta[-1], (-2, -2), atol=0.01)

# %%

# proof: momentum 0.975 comes within 0.05 of the lowest loss, and ends above 3
assert ripple[much].loss.min() < 0.05 and ripple[much].loss[-1] > 3

# %%
# One would expect friction to bring it to rest. It does not. Its longest steps, :n:`stride:.2f`, are longer than the
# diagonal of a ripple, :n:`ridge:.2f`, so it leaps over ripples, and they keep it swinging, in a cycle of
# :n:`cycle` steps. Where it is after 2,000 steps is the mirror image of where it was after 1,000. With a twentieth of
# the learning rate it does come to rest, though in another local minimum.

# proof: after 2,000 steps it still swings, in steps longer than a ripple and in a cycle of 80 steps
longer = og.descend(three[much], og.surfaces.ripple, lr=0.01, steps=2000)
stride = np.hypot(*np.diff(longer.theta[-500:], axis=0).T).max()
ridge = 2**0.5 * np.pi / 20
assert stride > ridge and np.abs(longer.theta[-250:]).max() > 2.3
np.testing.assert_allclose(longer.theta[2000], -longer.theta[1000], atol=1e-3)
cycle = 1 + int((np.hypot(*(longer.theta[1001:] - longer.theta[1000]).T) < 1e-3).argmax())
assert cycle == 80
np.testing.assert_allclose(longer.theta[1080:], longer.theta[1000:-80], atol=1e-3)

# %%

# proof: with a twentieth of the learning rate it comes to rest
finer = og.descend(three[much], og.surfaces.ripple, lr=0.0005, steps=2000)
assert np.hypot(*np.diff(finer.theta[-11:], axis=0).T).max() < 1e-3
assert np.hypot(*finer.theta[-1]) > 0.1

# %%
# Where no momentum helps
# -----------------------
# On :ref:`the plateau <sphx_glr_gallery_landscapes_plot_giant_plateau.py>` there is no gradient to gather speed from.
# All three stay where they are.

# proof: on the plateau none of the three moves by a thousandth
plateau = og.race(three, og.surfaces.giant_plateau, **settings)
gone = [np.hypot(*(run.theta[-1] - run.theta[0])) for run in plateau.values()]
assert max(gone) < 1e-3
