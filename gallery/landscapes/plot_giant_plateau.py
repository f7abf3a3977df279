r"""
Giant plateau
=============

On a plain with almost no gradient and one basin in the middle, Nesterov's method hardly moves. Adam and Adagrad divide
by the size of the gradient, cross the plain as if it were steep, and reach the minimum.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

plateau = og.surfaces.giant_plateau
race = study.siarshai2017(plateau)
race

# %%
# Nesterov's whole path is :n:`path:.4f` units long. Adam and Adagrad stand on the minimum. RMSprop and Adadelta find it
# and do not rest there: RMSprop circles at a distance of :n:`circle.min():.2f`, and with a learning rate of 100
# Adadelta leaps from one wall of the basin to the other.

race.table()

# %%

# proof: Nesterov's path is shorter than 0.001
path = np.linalg.norm(np.diff(race["Nesterov"].theta, axis=0), axis=1).sum()
assert path < 1e-3

# %%

# proof: Adam and Adagrad end within 0.01 of the minimum
for name in ("Adam", "Adagrad"):
    np.testing.assert_allclose(race[name].theta[-1], (0, 0), atol=0.01)

# %%

# proof: RMSprop circles the minimum, and each of Adadelta's last 20 steps leads to the other side,
# at a distance from the minimum between 0.3 and 1.2
circle = np.linalg.norm(race["RMSprop"].theta[-20:], axis=1)
walls = race["Adadelta"].theta[-21:]
away = np.linalg.norm(walls, axis=1)
assert 0.1 < circle.min() and circle.max() < 0.3
assert ((walls[1:] * walls[:-1]).sum(axis=1) < 0).all() and 0.3 < away.min() < away.max() < 1.2

# %%
# The landscape
# -------------
# From :cite:t:`siarshai2017`, with that article's contour lines, one for every 0.25. Outside the basin there is hardly
# a line to draw.

og.formula(plateau)

# %%

og.plot_map(plateau, labels=True).set_title("A plain and one basin")

# %%
# With :math:`s = x^2 + y^2`, the gradient has the length :math:`8 \sqrt s\, e^{-s}`. It is positive everywhere except
# at the origin, the only minimum. At the start, (-2.8, -2.5), it is :n:`flat:.2g`.

# proof: the gradient is 8 √s exp(-s) long, which is 0.00002 at the start
flat = np.linalg.norm(race["Adam"].grad[0])
at = np.linspace(-2.9, 2.9, 30)
s = at**2 + 0.3**2
there = og.descend(og.SGD, plateau, np.stack([at, 0.3 + 0 * at], -1), steps=1).grad[0]
np.testing.assert_allclose(np.linalg.norm(there, axis=-1), 8 * np.sqrt(s) * np.exp(-s))
assert 2.2e-5 < flat < 2.4e-5

# %%
# The five methods, their settings and the 125 steps are those of the article, as
# :ref:`in the round bowl <sphx_glr_gallery_landscapes_plot_bowl_and_wobble.py>`.
#
# What the small constant does
# ----------------------------
# Adam divides by the size of the gradient, and so does RMSprop, which ought to begin with a big step, too. Here only
# Adam does: its first step is :n:`first["Adam"]:.2g` long, RMSprop's :n:`first["RMSprop"]:.2g`. RMSprop, Adagrad and
# Adadelta add 1e-6 to the squared gradient inside the root, so a gradient below :math:`\sqrt{10^{-6}} = 0.001` counts
# as zero. Adam adds 1e-8 outside the root, and 0.00002 is large compared with that. With RMSprop's constant Adam begins
# as slowly:

constants = {f"eps = {eps:g}": og.Adam.at(lr=0.25, eps=eps) for eps in (1e-8, 1e-3)}
small = og.race(constants, plateau, steps=125)
small.plot()

# %%

# proof: with eps = 1e-3 Adam's first step is below 0.01, and it enters the basin later
first = {name: np.linalg.norm(run.theta[1] - run.theta[0]) for name, run in race.items()}
quick, slow = (np.linalg.norm(run.theta, axis=1) for run in small.values())
assert first["Adam"] > 0.35 and first["RMSprop"] < 0.01 and first["Adagrad"] < 0.03
assert np.linalg.norm(np.diff(small["eps = 0.001"].theta[:2], axis=0)) < 0.01
assert 0 < (quick < 0.5).argmax() < (slow < 0.5).argmax() and slow.min() < 0.5

# %%
# The article's Adam, that of the library Lasagne, adds 1e-8 to a root that is not corrected for its bias. In the first
# step that root is :math:`\sqrt{1 - \beta_2} = 0.03` times as large, so its 1e-8 has the effect of 3e-7 here: it makes
# the first step shorter by :n:`100 * change:.0f` %.

# proof: the place of Adam's constant changes its first step on the plain by 2 %
size = abs(race["Adam"].grad[0])
steps = [size / (size + eps) for eps in (1e-8, 1e-8 / np.sqrt(1 - 0.999))]
change = (1 - steps[1] / steps[0]).max()
assert 0.015 < change < 0.025

# %%
# A larger learning rate does not help Nesterov
# ---------------------------------------------
# A learning rate with which Nesterov's method crosses the plain throws it off the map at the rim of the basin. Of 51
# learning rates from 0.01 to 1000 there is none with which it is closer to the minimum than :n:`ends.min():.1f` after
# 125 steps.

lrs = np.geomspace(0.01, 1000, 51)
bold = og.sweep(og.SimplifiedNesterov, plateau, [plateau.start], steps=125, lr=lrs)
bold.plot_rates().set_title("Nesterov on the plain: the loss stays at 4")

# %%

# proof: at no learning rate does Nesterov's method end within 2 of the minimum
ends = np.linalg.norm(bold.data.theta.values, axis=-1).ravel()
assert ends.min() > 2 and ends[:29].max() < 4 and ends[29:].min() > 10

# %%
# None of the larger ones could rest in the basin, either. On a quadratic function with curvature :math:`\lambda` the
# method is :ref:`stable <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>` up to a learning rate of
# :math:`2 (1 + \beta) / ((1 + 2 \beta) \lambda)`. At the minimum the curvature is 8, and with :math:`\beta = 0.9` the
# limit is :n:`limit:.2f`.

# proof: from 0.14 beside the minimum Nesterov's method converges below the limit and not above it
origin = torch.zeros(2, dtype=torch.float64)
curvatures = torch.autograd.functional.hessian(lambda p: plateau(*p), origin)
np.testing.assert_allclose(curvatures, 8 * np.eye(2))
limit = 2 * 1.9 / (2.8 * 8)
near = og.descend(og.SimplifiedNesterov, plateau, (0.1, 0.1), 125, lr=[0.94 * limit, 1.06 * limit])
below, above = np.linalg.norm(near.theta[-1], axis=-1)
assert below < 0.02 and above > 0.1

# %%
# How hard is it?
# ---------------
# It depends on the distance of the start, unless the rule divides by the gradient. At its best learning rate SGD
# reaches the minimum from exactly those of the 48 random starts that are closer than 3 to it, momentum from those
# closer than 3.3. RMSprop and Adam reach it from all of them, Adam at :n:`len(good)` of the 19 learning rates, from
# :n:`good[0]:.2f` to :n:`good[-1]:.0f`.

hard = study.difficulty(plateau)
hard

# %%

# proof: SGD succeeds from all starts within 3 of the minimum and from no other, momentum within 3.3
there = (hard.sweep.data.arrived_at >= 0).squeeze("seed")
distance = np.linalg.norm(plateau.sample(48), axis=1)
for name, reach in (("SGD", 3.0), ("Momentum", 3.3)):
    best = there.sel(optimizer=name, lr=hard.lr[name]).values
    assert (best == (distance < reach)).all()

# %%

# proof: RMSprop and Adam succeed from every start, Adam at every learning rate from 0.01 to 1
assert hard.success["RMSprop"] == hard.success["Adam"] == 1
all_of_them = there.sel(optimizer="Adam").all("start").values
good = there.lr.values[all_of_them]
np.testing.assert_allclose(good, np.logspace(-2, 0, 7))
