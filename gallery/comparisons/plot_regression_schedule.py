r"""
A line fitted at a falling rate
===============================

An exponential decay lowers the learning rate by a constant factor after each step. It brings a rule to rest that
would rattle for ever, and it stops one that has not arrived yet.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np
from torch.optim.lr_scheduler import ExponentialLR

import optguide as og

surface = og.surfaces.linear_regression()
near = ((-4, 10), (0.5, 3))
decay = partial(ExponentialLR, gamma=0.97)

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and slope b.
#
# The four, with and without
# --------------------------
# First the four of :ref:`the page before <sphx_glr_gallery_comparisons_plot_regression_race.py>`, from the same start
# and at the same rate of 0.1, which now shrinks by 3% after each step.

four = {
    "SGD": og.SGD,
    "momentum 0.2": partial(og.Momentum, momentum=0.2),
    "RMSprop": og.RMSprop,
    "Adam": og.Adam,
}
constant = og.race(four, surface, steps=100, lr=0.1)
decayed = og.race(four, surface, steps=100, lr=0.1, schedule=decay)
decayed.animate(panels=("map", "loss"), title="The rate falls by 3% a step", box=near)

# %%

decayed.table()

# %%
# Everyone is worse off than at the constant rate. The rates add up to :math:`0.1 / (1 - 0.97)` = 3.3 at most, where
# 100 steps at a constant rate make 10. Nobody was left rattling here, so there was nothing to calm.

still = np.array([run.loss[-1] for run in constant.values()])
falling = np.array([run.loss[-1] for run in decayed.values()])
print("loss at a constant rate:", [f"{loss:.2g}" for loss in still])
print("loss at a falling rate: ", [f"{loss:.2g}" for loss in falling])
assert (falling > 2 * still).all()

# %%
# A rule that rattles
# -------------------
# RMSprop with a short memory does. With ``alpha=0.9`` and a rate of 0.5 it ends up hopping from side to side of the
# minimum, half the learning rate to each side. With the decay the hops shrink. If it decays too fast, the point rests
# before it arrives.

short = partial(og.RMSprop, lr=0.5, alpha=0.9)
hops = {
    "constant": og.descend(short, surface, steps=300),
    "gamma 0.97": og.descend(short, surface, steps=300, schedule=decay),
    "gamma 0.9": og.descend(short, surface, steps=300, schedule=partial(ExponentialLR, gamma=0.9)),
}
og.plot_loss(hops).set_title("RMSprop with alpha = 0.9: the rate must fall, but not too fast")

# %%

last = [float(run.loss[-1]) for run in hops.values()]
print("final loss, constant, 0.97 and 0.9:", [f"{x:.2g}" for x in last])
hop = np.abs(np.diff(hops["constant"].theta, axis=0)[-1])
np.testing.assert_allclose(hop, 0.5, rtol=0.1)
assert last[0] > 0.5 and last[1] < 2e-6 and last[2] > 10

# %%
# Adadelta sets its own
# ---------------------
# :ref:`Adadelta <sphx_glr_gallery_optimizers_plot_adadelta.py>` has a rate, too, but 1 is the only value that its idea
# knows: the length of its steps comes from the steps before. The first come out of nothing, so it starts very
# carefully. It has hardly left after 100 steps. If it starts out with a mean of squared steps of 1, it has found the
# intercept by then.

careful = og.descend(og.Adadelta, surface, steps=100)
bold = og.descend(og.Adadelta, surface, steps=100, initial_accumulator_value=1.0)
og.plot_trails({"from 0": careful, "from 1": bold}).set_title(
    "Adadelta, with its mean of squared steps begun at 0 and at 1"
)

# %%

print("from 0:", careful, "\nfrom 1:", bold)
assert 0.3 < np.abs(careful.theta[-1] - surface.start).max() < 0.5
assert abs(bold.theta[-1, 0] + 2) < 0.2 and bold.loss[-1] > 1

# %%
# Before this: :ref:`all four at a constant rate <sphx_glr_gallery_comparisons_plot_regression_race.py>`.
# Next: :ref:`how much momentum for Nesterov <sphx_glr_gallery_comparisons_plot_nesterov_gamma.py>`, elsewhere.
# More about schedules: :ref:`Lion's <sphx_glr_gallery_comparisons_plot_lion_schedule.py>`, and
# :ref:`warm-up <sphx_glr_gallery_foundations_plot_warm_up.py>`.
