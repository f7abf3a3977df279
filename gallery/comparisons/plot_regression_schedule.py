r"""
A line fitted at a falling learning rate
========================================

A learning rate that falls brings a rule to rest that would swing for ever around the minimum. It also stops one that
has not got there yet.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np
from torch.optim.lr_scheduler import ExponentialLR, StepLR

import optguide as og

surface = og.surfaces.linear_regression()
short = og.RMSprop.at(lr=0.5, alpha=0.9)
falling = {"constant": None}
falling |= {f"gamma {g}": partial(ExponentialLR, gamma=g) for g in (0.97, 0.9)}
hops = {name: og.descend(short, surface, steps=300, schedule=s) for name, s in falling.items()}
og.animate(hops, panels=("map", "loss"), title="RMSprop, learning rate times gamma a step")

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and coefficient b.
#
# A rule that swings
# ------------------
# RMSprop with a short memory, ``alpha=0.9``, and a learning rate of 0.5 ends by stepping from side to side of the
# minimum, :n:`hop.max():.2f` units in each coordinate. If the learning rate falls by 3 % in each step, the swings
# shrink, and the loss ends at :n:`last[1]:.1g` instead of :n:`last[0]:.2f`. If it falls by 10 %, the steps become too
# short before the minimum is reached: the loss stops at :n:`last[2]:.0f`.

og.plot_loss(hops).set_title("The learning rate has to fall, but not too fast")

# %%

# proof: at a constant learning rate the swings are one learning rate long; falling by 3 % a step
# brings rest, by 10 % an early stop
last = [run.loss[-1] for run in hops.values()]
hop = np.abs(np.diff(hops["constant"].theta, axis=0)[-1])
np.testing.assert_allclose(hop, 0.5, rtol=0.1)
assert last[0] > 0.5 and last[1] < 2e-6 and last[2] > 10

# %%
# Rules that do not swing
# -----------------------
# The four rules of :ref:`the race <sphx_glr_gallery_comparisons_plot_regression_race.py>` were at rest or on their way
# at a constant 0.1, so a falling learning rate only holds them up. All four end higher with it. Learning rates that
# fall by 3 % a step add up to at most :math:`0.1 / (1 - 0.97)`, or 3.3, where 100 steps at a constant one make 10.

four = {
    "SGD": og.SGD,
    "momentum 0.2": og.Momentum.at(momentum=0.2),
    "RMSprop": og.RMSprop,
    "Adam": og.Adam,
}
constant = og.race(four, surface, steps=100, lr=0.1)
decayed = og.race(four, surface, steps=100, lr=0.1, schedule=falling["gamma 0.97"])
both = zip(four, constant.values(), decayed.values(), strict=True)
rows = [(name, f"{kept.loss[-1]:.2g}", f"{fell.loss[-1]:.2g}") for name, kept, fell in both]
og.Table("Loss after 100 steps", ("rule", "constant 0.1", "falling by 3 % a step"), rows)

# %%

# proof: all four end higher with the falling learning rate
ends = np.array([[run.loss[-1] for run in race.values()] for race in (constant, decayed)])
assert (ends[1] > 2 * ends[0]).all()

# %%
# :cite:t:`pascal2022` prepares another schedule and leaves it switched off: times 0.95 after every 100 epochs. In the 100
# steps of that article it would have changed nothing.

# proof: a schedule that first falls after 100 steps changes none of the first 100
prepared = partial(StepLR, step_size=100, gamma=0.95)
late = og.race(four, surface, steps=100, lr=0.1, schedule=prepared)
assert all((late[name].theta == constant[name].theta).all() for name in four)

# %%
# Adadelta sets its own
# ---------------------
# :ref:`Adadelta <sphx_glr_gallery_optimizers_plot_adadelta.py>` has a learning rate, too, but its idea knows only the
# value 1: the length of its steps comes from the steps before. The first ones have none before them, so it starts very
# slowly. After 100 steps it has moved by :n:`moved:.2f`. If its average of squared steps starts at 1 instead of 0, it
# has found the intercept by then. Along b, where it started at the best value, it swings by :n:`swing:.1f` to either side.

starts = {f"from {s}": og.Adadelta.at(initial_accumulator_value=float(s)) for s in (0, 1)}
adadelta = og.race(starts, surface, steps=100)
title = "Adadelta, its average of squared steps started at 0 and at 1"
adadelta.plot_map().set_title(title)

# %%

# proof: from zero Adadelta has moved by less than half a unit after 100 steps; from one it has
# found the intercept, and crosses the best b, at which it started, in every step
careful, bold = adadelta.values()
moved = np.abs(careful.theta[-1] - surface.start).max()
assert 0.3 < moved < 0.5
assert abs(bold.theta[-1, 0] + 2) < 0.2 and bold.loss[-1] > 1
aside = bold.theta[-20:, 1] - surface.start[1]
swing = np.abs(aside).min()
assert swing > 0.8 and (aside[1:] * aside[:-1] < 0).all()
