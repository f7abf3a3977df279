r"""
Two minima
==========

A shallow minimum around the start, a deep one far away, a plain between them. All five methods end in the shallow one:
from a bad start no method escapes.
"""

import numpy as np

import optguide as og
from optguide import study

pair = og.surfaces.two_minima
race = study.siarshai2017(pair)
race

# %%
# Nesterov, Adagrad and Adam come to rest in the shallow minimum at (-2.5, -2.5). RMSprop jumps to and fro across it,
# :n:`away["RMSprop"][-1]:.2f` away on either side. Adadelta swings the widest, :n:`away["Adadelta"][-1]:.2f` at the
# end. Adagrad has been farther away than that: its second step takes it off the map, below the lower edge, and the
# third brings it back.

race.table()

# %%

# proof: no method escapes the shallow minimum, and three come to rest in it; each of RMSprop's last
# steps leads to the other side; Adagrad is below the lower edge after its second step alone
away = {name: np.linalg.norm(run.theta + 2.5, axis=1) for name, run in race.items()}
assert max(away[name][-1] for name in ("Nesterov", "Adagrad", "Adam")) < 1e-3
assert 0.1 < away["RMSprop"][-1] < 0.25 and 0.4 < away["Adadelta"][-1] < 0.5
assert ((race["RMSprop"].theta[-20:-1] + 2.5) * (race["RMSprop"].theta[-19:] + 2.5) < 0).all()
assert away["Adagrad"].max() > 0.9 and race["Adagrad"].theta[:, 0].min() > -2.9
assert np.flatnonzero(race["Adagrad"].theta[:, 1] < -3).tolist() == [2]

# %%
# The landscape
# -------------
# From :cite:t:`siarshai2017`, with that article's contour lines, one for every 0.25. The deep minimum fills the middle,
# with a ring at its lowest point. The shallow one, half a unit deep, lies in the lower left corner.

og.formula(pair)

# %%

og.plot_map(pair, labels=True).set_title("A deep minimum and a shallow one")

# %%
# The five methods, their settings, the start at (-2.8, -2.5) and the 125 steps are those of the article, as
# :ref:`in the round bowl <sphx_glr_gallery_landscapes_plot_bowl_and_wobble.py>`.

# proof: the minima lie at the origin, at height 1, and at (-2.5, -2.5), at height 3.5
both = og.descend(og.SGD, pair, [(0.6, -0.4), (-2.2, -2.8)], lr=0.1, steps=400)
np.testing.assert_allclose(both.theta[-1], [(0, 0), (-2.5, -2.5)], atol=1e-3)
np.testing.assert_allclose(both.loss[-1], (1, 3.5), atol=1e-3)
np.testing.assert_allclose(both.theta[-1, 0], pair.known_minima()[0], atol=1e-6)

# %%
# Does Adadelta's swing grow until it gets out? It grows, for the reason that
# :ref:`the round bowl <sphx_glr_gallery_landscapes_plot_bowl_and_wobble.py>` gives, to :n:`swing.max():.2f` within 3000
# steps, where the sides of the basin become flatter and hold it. It does not get out.

# proof: Adadelta's swing around the shallow minimum widens from below 0.5 to above 1, and never
# beyond 1.2
patient = og.descend(study.SIARSHAI2017["Adadelta"], pair, steps=3000)
swing = np.linalg.norm(patient.theta + 2.5, axis=1)[50:]
assert swing[:75].max() < 0.5 and swing[-1000:].max() > 1 and swing.max() < 1.2

# %%
# A better start
# --------------
# From (-1.2, -1.2), on the near side of the plain, the same five methods go to the deep minimum. Nesterov, Adagrad and
# Adam rest in it, RMSprop and Adadelta jump about it.

nearer = study.siarshai2017(pair, (-1.2, -1.2))
nearer.plot_map().set_title("From (-1.2, -1.2) all five go to the deep minimum")

# %%

# proof: from (-1.2, -1.2) all five methods end in the deep minimum
assert max(np.linalg.norm(run.theta[-1]) for run in nearer.values()) < 0.8
for name in ("Nesterov", "Adagrad", "Adam"):
    np.testing.assert_allclose(nearer[name].theta[-1], (0, 0), atol=2e-3)

# %%
# Over the whole map the methods differ. On the plain, the gradient is too small for Nesterov, and those that divide by
# its size still move. Adadelta's count is low for another reason: it leaps around the deep minimum and is seldom within
# 0.3 of it.

g = np.linspace(-2.9, 2.9, 15)
field = og.sweep(study.SIARSHAI2017, pair, np.stack(np.meshgrid(g, g), -1), steps=125)
near = (field.data.theta**2).sum("coordinate") < 0.3**2
reached = near.sum(("seed", "start_y", "start_x")).to_series()
og.Table(
    "Descents that end within 0.3 of the deep minimum",
    ("method", "of 225 starts"),
    [(name, str(int(count))) for name, count in reached.items()],
)

# %%

# proof: Adam ends in the deep minimum from more than 185 of 225 starts, Nesterov from fewer than
# 130
assert reached["Nesterov"] < 130 < 185 < reached["Adam"] and reached["Adadelta"] < 30

# %%
# How hard is it?
# ---------------
# It is not hard, unless the start is bad. Five rules, each at the best of 19 learning rates, from 48 random starts: RMSprop
# and Adam reach the deep minimum from all but :n:`bad.sum()`.

hard = study.difficulty(pair)
hard

# %%
# Those :n:`bad.sum()` are the starts within 2 of the shallow minimum, and from them every rule fails at every one of the
# learning rates. SGD fails from at least :n:`missed["SGD"]` more and momentum from :n:`missed["Momentum"]`. Those lie on
# the plain, where the gradient is almost zero.

# proof: from within 2 of the shallow minimum no rule succeeds at any learning rate; from elsewhere
# RMSprop and Adam always do
bad = np.linalg.norm(pair.sample(48) + 2.5, axis=1) < 2
there = (hard.sweep.data.arrived_at >= 0).squeeze("seed")
assert bad.sum() == 5 and not there.values[..., bad].any()
missed = (~there[..., ~bad]).sum("start").min("lr").to_series()
assert missed[["RMSprop", "Adam"]].max() == 0
assert abs(missed["SGD"] - 12) <= 1 and abs(missed["Momentum"] - 7) <= 1
