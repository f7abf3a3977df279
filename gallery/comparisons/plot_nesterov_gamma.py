r"""
How much momentum for Nesterov
==============================

One number, three characters. With little momentum Nesterov's method is plain descent. With a lot it wanders, which
frees it from small hollows and makes it miss large ones.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import numpy as np

import optguide as og

og.pseudocode(og.SimplifiedNesterov)

# %%
# This is the experiment of :cite:t:`siarshai2017`: momentum 0.25, 0.9 and 0.975, a learning rate of 0.01 for all, 125
# steps from (-2.8, -2.5). The form is the simplified one, with the slope taken where we stand.

three = {
    f"momentum = {m}": partial(og.SimplifiedNesterov, lr=0.01, momentum=m)
    for m in (0.25, 0.9, 0.975)
}
little, usual, much = three

# %%
# A round bowl: who wanders
# -------------------------

bowl = og.race(three, og.surfaces.simple_quadratic, steps=125)
bowl.plot()

# %%
# All three end close to the bottom, 3.75 from the start. The lengths of their paths tell them apart: the first goes
# straight, the third makes four times the distance.

length = {name: float(np.hypot(*np.diff(run.theta, axis=0).T).sum()) for name, run in bowl.items()}
for name, path in length.items():
    print(f"{name:16s} length of the path {path:.2f}")
assert length[little] < 3.7
assert 5.5 < length[usual] < 6.5
assert length[much] > 14

# %%
# Little momentum is plain descent
# --------------------------------
# Pushes add up to :math:`1/(1 - 0.25)` slopes. So plain descent should do the same at the rate :math:`0.01/0.75`. On
# each of the seven landscapes it does: the two never part by more than 0.05, on a map six units wide.

seven = [
    "simple_quadratic",
    "wobbly",
    "basins_and_walls",
    "ripple",
    "giant_plateau",
    "hills_and_canyon",
    "two_minima",
]
parted = {}
for name in seven:
    surface = getattr(og.surfaces, name)
    plain = og.descend(og.SGD, surface, lr=0.01 / 0.75, steps=125)
    gentle = og.descend(three[little], surface, steps=125)
    parted[name] = float(np.hypot(*(plain.theta - gentle.theta).T).max())
for name, distance in parted.items():
    print(f"{name:17s} {distance:.4f}")
assert max(parted.values()) < 0.05

# %%
# Out of a hollow
# ---------------
# In :ref:`sphx_glr_gallery_landscapes_plot_hills_and_canyon.py` a hollow lies between the start and the canyon.
# Momentum 0.25 and 0.9 end in it. Momentum 0.975 rolls out and down to the minimum, where in the race of five
# methods only Adam arrived.

hills = og.race(three, og.surfaces.hills_and_canyon, steps=125)
hills

# %%

hills.table()

# %%

trap = (-2.034, -1.082)
np.testing.assert_allclose(hills[little].theta[-1], trap, atol=0.1)
np.testing.assert_allclose(hills[usual].theta[-1], trap, atol=2e-3)
np.testing.assert_allclose(hills[much].theta[-1], (0, 0), atol=0.25)
assert hills[much].loss[-1] < 0.15

# %%
# Past the minimum
# ----------------
# The same speed does harm on the ripples. Momentum 0.9 stops in the deepest hollow. Momentum 0.975 has been close to
# it after 23 steps and ends on the far side of the bowl. Momentum 0.25 never gets off the outer slope.

ripple = og.race(three, og.surfaces.ripple, steps=125)
ripple.plot()

# %%

print("lowest height with 0.975:", ripple[much].loss.min())
print("last height with 0.975:  ", ripple[much].loss[-1])
np.testing.assert_allclose(ripple[usual].theta[-1], (0, 0), atol=1e-6)
np.testing.assert_allclose(ripple[little].theta[-1], (-2, -2), atol=0.01)
assert ripple[much].loss.min() < 0.05 and ripple[much].loss[-1] > 3

# %%
# One would expect friction to bring it to rest. It does not. Its longest steps are longer than a ripple, across the
# corner, and so it meets the ripples out of turn. They keep it swinging, the same way for thousands of steps: where it stands after 2,000 of them is the mirror image of
# where it stood after 1,000. With a twentieth of the learning rate it does come to rest, though in a hollow of its own.

longer = og.descend(three[much], og.surfaces.ripple, steps=2000)
print("after 1,000 steps:", longer.theta[1000])
print("after 2,000 steps:", longer.theta[2000])
stride = np.hypot(*np.diff(longer.theta[-500:], axis=0).T).max()
print("its longest step: ", stride)
assert stride > 2**0.5 * 3.1416 / 20
assert np.abs(longer.theta[-250:]).max() > 2.3
np.testing.assert_allclose(longer.theta[2000], -longer.theta[1000], atol=1e-3)
finer = og.descend(
    og.SimplifiedNesterov,
    og.surfaces.ripple,
    lr=0.0005,
    momentum=0.975,
    steps=2000,
)
print("with lr = 0.0005:", finer.theta[-1])
assert np.hypot(*np.diff(finer.theta[-11:], axis=0).T).max() < 1e-3

# %%
# Where no momentum helps
# -----------------------
# On :ref:`the plateau <sphx_glr_gallery_landscapes_plot_giant_plateau.py>` there is nothing to gather speed from. All
# three stay where they are.

plateau = og.race(three, og.surfaces.giant_plateau, steps=125)
gone = {name: float(np.hypot(*(run.theta[-1] - run.theta[0]))) for name, run in plateau.items()}
print("distance covered:", gone, sep="\n")
assert max(gone.values()) < 1e-3

# %%
# Before this: :ref:`a line fitted at a falling rate <sphx_glr_gallery_comparisons_plot_regression_schedule.py>`.
# Next: :ref:`sphx_glr_gallery_comparisons_plot_eight_claims.py`, about six rules at once.
# More about the rule: :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>` and
# :ref:`its simplified form <sphx_glr_gallery_optimizers_plot_simplified_nesterov.py>`.
