r"""
Walls and ripples
=================

Momentum carries Nesterov's method out of small local minima in which plain descent stays for good. Too much of it
carries it past the deepest one.
"""

import numpy as np

import optguide as og
from optguide import study

walls, ripple = og.surfaces.basins_and_walls, og.surfaces.ripple
momenta = {
    f"momentum = {m}": og.SimplifiedNesterov.at(lr=0.01, momentum=m) for m in (0.25, 0.9, 0.975)
}
rolling = og.race(momenta, walls, steps=125)
rolling

# %%
# With momentum 0.25 the descent stays in the first local minimum, as plain descent does. With 0.9 it crosses two walls more, and stops one
# valley short of the deepest. With 0.975 it is in the deepest valley after :n:`soonest` steps, almost at the minimum,
# but too fast to stay, and it ends one valley beyond.

# proof: more momentum crosses more walls, and momentum 0.975 leaves the minimum that it has reached
ends = [run.theta[-1, 0] for run in rolling.values()]
np.testing.assert_allclose(ends, (-2.2804, -0.7615, 0.7615), atol=2e-3)
fast = rolling["momentum = 0.975"]
soonest = fast.loss.argmin()
assert soonest == 17 and fast.loss[soonest] < 0.05 and fast.loss[-1] > 0.29
plain = og.descend(og.SGD.at(lr=0.01), walls, steps=125)
np.testing.assert_allclose(plain.theta[-1, 0], ends[0], atol=2e-3)

# %%
# Walls
# -----
# The landscape is from :cite:t:`siarshai2017`, and so are the heights of its contour lines. Along y it is a parabola.
# Along x the derivative is :math:`x + 4 \sin 8x`, which rises through zero at seven places on this map: the floors of
# seven valleys.

og.formula(walls)

# %%

og.plot_map(walls, labels=True).set_title("A bowl crossed by walls")

# %%

# proof: there are seven valleys, and the deepest is the middle one
fine = np.linspace(-3, 3, 60_001)
derivative = fine + 4 * np.sin(8 * fine)
floors = fine[:-1][(derivative[:-1] < 0) & (derivative[1:] >= 0)]
assert len(floors) == 7
assert np.abs(floors).argmin() == walls(floors, 0).argmin() == 3

# %%
# Five methods among walls
# ------------------------
# The methods, their settings and the 125 steps are those of the article, as
# :ref:`in the round bowl <sphx_glr_gallery_landscapes_plot_bowl_and_wobble.py>`. Only Adagrad comes to rest in the
# deepest valley: its first two steps are almost as long as its learning rate of 1 and lead over a wall each, and a
# later, shorter one leads over the last. Nesterov and Adam stop in the same valley, one short. RMSprop and Adadelta
# still jump by :n:`jumps.min():.1f` and more.

walled = study.siarshai2017(walls)
walled

# %%

walled.table()

# %%

# proof: Adagrad crosses a wall with each of its first two steps and rests in the deepest valley,
# Nesterov and Adam one valley short, RMSprop and Adadelta not at all
np.testing.assert_allclose(walled["Adagrad"].theta[-1], (0, 0), atol=1e-3)
tops = fine[:-1][(derivative[:-1] > 0) & (derivative[1:] <= 0)]
valley = np.searchsorted(tops, walled["Adagrad"].theta[:, 0])
assert (valley[:3] - valley[0]).tolist() == [0, 1, 2] and valley[-1] == valley[0] + 3
for name in ("Nesterov", "Adam"):
    np.testing.assert_allclose(walled[name].theta[-1], (-0.7615, 0), atol=5e-3)
last = [np.diff(walled[name].theta[-21:], axis=0) for name in ("RMSprop", "Adadelta")]
jumps = np.linalg.norm(last, axis=-1).max(axis=1)
assert jumps.min() > 0.3

# %%
# Ripples
# -------
# A bowl with a fine grain. The article defines it without a race; this one is ours. Each coordinate contributes by
# itself, so the local minima can be counted along one axis: :n:`len(grain)` of them, which makes :n:`len(grain) ** 2`
# on the map.

og.formula(ripple)

# %%

rippled = study.siarshai2017(ripple)
rippled

# %%

# proof: there are 625 local minima, and the deepest lies at the origin
derivative = 2 * fine / 3 + 4 / 3 * np.sin(40 * fine)
grain = fine[:-1][(derivative[:-1] < 0) & (derivative[1:] >= 0)]
assert len(grain) ** 2 == 625 and np.abs(grain).min() < 1e-3
assert np.abs(grain).argmin() == ripple(grain, 0).argmin()

# %%
# Nesterov's method runs over the ripples, whose gradients point to and fro and cancel in its velocity, and settles in
# the deepest minimum of all. Adam ends next to it, one ripple off in each coordinate. The other three still jump from
# one local minimum to another.

# proof: on ripples Nesterov ends in the deepest minimum and Adam in a neighbour of it
np.testing.assert_allclose(rippled["Nesterov"].theta[-1], (0, 0), atol=1e-6)
np.testing.assert_allclose(np.abs(rippled["Adam"].theta[-1]), grain[13], atol=0.01)
three = ("RMSprop", "Adadelta", "Adagrad")
hops = [np.diff(rippled[name].theta[-21:], axis=0) for name in three]
assert np.linalg.norm(hops, axis=-1).max(axis=1).min() > 0.08

# %%
# Plain descent and Nesterov's method with little momentum creep to (-2, -2), where for the first time the ripple is as
# steep as the bowl: :math:`2|x|/3 = 4/3`. Momentum 0.975 passes the minimum at a distance of :n:`nearest:.2f` and is on
# the opposite side of the map when the steps run out.

more = {"SGD": og.SGD.at(lr=0.01), **momenta}
grained = og.race(more, ripple, steps=125)
grained.plot()

# %%

# proof: SGD and momentum 0.25 stay at (-2, -2), momentum 0.975 runs past the minimum to the other
# side
for name in ("SGD", "momentum = 0.25"):
    np.testing.assert_allclose(grained[name].theta[-1], (-2, -2), atol=0.01)
heavy = grained["momentum = 0.975"].theta
nearest = np.linalg.norm(heavy, axis=1).min()
assert nearest < 0.15 and heavy[-1].min() > 2

# %%
# That Nesterov's method ends in the very deepest minimum is partly luck: it does so from :n:`deepest.sum()` of 41
# starts along the diagonal from (-2.9, -2.9) to (-2.5, -2.5). From the others it ends one ripple off in each
# coordinate, as Adam does.

# proof: from about seven of ten starts Nesterov ends in the deepest minimum, from the others one
# ripple off in each coordinate
starts = np.stack([np.linspace(-2.9, -2.5, 41)] * 2, axis=-1)
end = og.descend(momenta["momentum = 0.9"], ripple, start=starts, steps=125).theta[-1]
distance = np.linalg.norm(end, axis=1)
deepest = distance < 0.01
assert 24 < deepest.sum() < 34
np.testing.assert_allclose(np.abs(end[~deepest]), grain[13], atol=0.01)

# %%
# How hard are they?
# ------------------
# Five rules, each at the best of 19 learning rates, from 48 random starts. Between the walls no rule succeeds from as
# many as three quarters of the starts, on the ripples none from as many as a sixth.

hard = study.difficulty(walls)
hard

# %%

harder = study.difficulty(ripple)
harder

# %%

# proof: no rule succeeds from 3/4 of the starts between walls, or from 1/6 of them on ripples
assert max(hard.success.values()) < 3 / 4 and max(harder.success.values()) < 1 / 6

# %%
# Success means that a descent gets to the minimum, not that it stays there. With a learning rate of 0.022 SGD reaches the minimum from the :n:`trough.sum()` starts
# that lie in the deepest valley, and from no other. With 0.22 or 0.46 it leaps over the walls and meets the minimum
# from many more, but is hardly ever there when the steps run out, and the same holds for RMSprop at 0.46. Adam at 0.46
# reaches it from more than half, and stays.

# proof: with small steps SGD succeeds only from the deepest valley; with long ones it does not
# stay, and Adam does
data = hard.sweep.data.squeeze("seed")
meets = (data.arrived_at >= 0).mean("start").values
stays = (data.minimum >= 0).mean("start").values
trough = (data.arrived_at[0, 7] >= 0).values
np.testing.assert_allclose(data.lr.values[[7, 10, 11]], (0.022, 0.22, 0.46), rtol=0.03)
assert trough.sum() == 7 and (trough == (abs(walls.sample(48)[:, 0]) < 0.4)).all()
assert meets[0, 10:12].min() > 0.25 and stays[0, 10:12].max() < 0.05 and stays[2, 11] < 0.05
assert 0.5 < meets[3, 11] < 0.6 and stays[3, 11] == meets[3, 11]
