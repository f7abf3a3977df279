r"""
Adam-atan2
==========

Adam adds ``eps`` to the scale, so that it never divides by zero. Gradients far below ``eps`` then hardly move anything.
Adam-atan2 steps by the angle whose tangent is Adam's quotient. It needs no constant and takes the same path whatever
the size of the gradients.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study


@og.surface(box=((-4, 4), (-2, 2)), starts=((-3.6, 0.6),), minima=((0, 0),))
def faint(x, y, *, height=1e-9):
    """A ravine that is a billion times as shallow as usual."""
    return height * (x**2 + 100 * y**2) / 2


both = {"Adam": og.Adam.at(betas=(0.9, 0.99)), "AdamAtan2": og.AdamAtan2}
race = og.race(both, faint, lr=0.1, steps=150)
race

# %%
# The gradients are a billion times as small as in the ravine of other pages: near 1e-8, which is Adam's ``eps``, and
# below it. Adam slows down as they shrink and is at x = :n:`race["Adam"].theta[-1, 0]:.2f` after 150 steps. Adam-atan2
# reaches the minimum as in a ravine of ordinary height.

# proof: Adam is still on its way, Adam-atan2 is at the minimum
assert race["Adam"].theta[-1, 0] < -0.5
assert np.abs(race["AdamAtan2"].theta[-1]).max() < 0.01

# %%

og.card(og.AdamAtan2)

# %%
# The rule
# --------
# One line of :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` is changed, and weight decay added, off by
# default. :math:`\operatorname{atan2}(p, q)` is the
# angle of the point :math:`(q, p)`, which is :math:`\arctan(p / q)` for positive :math:`q`. It is defined even where both
# are zero: :math:`\operatorname{atan2}(0, 0) = 0`, so a coordinate that never had a gradient stays where it is.

og.pseudocode(og.AdamAtan2)

# %%

og.pseudocode(og.AdamAtan2).hyperparameters

# %%
# Under a steady gradient the quotient is 1 and the angle :math:`\pi/4`. Times :math:`a = 4/\pi \approx 1.27` that is one
# learning rate. No quotient has an angle above :math:`\pi/2`, so no step is longer than two.

# proof: steps of a steady gradient are 1.27 pi / 4 learning rates long; none without a gradient
steady = og.respond(og.AdamAtan2, np.ones_like, steps=50, lr=1.0).update
np.testing.assert_allclose(steady, 1.27 * np.pi / 4)
assert not og.respond(og.AdamAtan2, np.zeros_like, steps=50, lr=1.0).update.any()

# %%
# What it repairs
# ---------------
# Multiply the loss by :math:`c`: numerator and scale are multiplied by :math:`c`, and the angle is the same. Adam's
# quotient becomes :math:`c\,\hat m / (c\sqrt{\hat v} + \epsilon)`, which is the same only as long as :math:`\epsilon` is
# negligible. :cite:t:`everett2024` find that in wide networks it is not, and that ``eps`` has to be scaled with the width,
# or gradients underflow. So either every layer gets an ``eps`` of its own, or it has to go.

# proof: from the height 1 down to 1e-60 Adam-atan2 takes the same path;
# Adam's end moves back towards the start
heights = [1.0, 1e-6, 1e-9, 1e-12, 1e-60]
paths = {
    name: [og.descend(rule, faint.replace(height=h), lr=0.1, steps=150).theta for h in heights]
    for name, rule in both.items()
}
for path in paths["AdamAtan2"]:
    np.testing.assert_allclose(path, paths["AdamAtan2"][0], atol=1e-9)
moved = [np.abs(path[-1] - paths["Adam"][0][-1]).max() for path in paths["Adam"]]
assert moved[1] < 0.01 < 1 < moved[2] < 3 < moved[3]

# %%
# The ends of Adam's paths, over all heights of the loss:

ends = [[f"{h:g}", *(f"{paths[n][i][-1, 0]:.3f}" for n in paths)] for i, h in enumerate(heights)]
og.Table("x after 150 steps, from -3.6", ["height", *paths], ends)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.AdamAtan2)

# %%
# One knob: angle or quotient
# ---------------------------
# For small angles the arc tangent is the quotient itself. The larger ``b``, the smaller the angles; with ``a`` equal to
# ``b`` they are scaled back, and the rule becomes Adam without ``eps``. The difference shows after a quiet stretch, when
# Adam's quotient is large: the angle cannot be.

spike = {"signal": lambda t: 1.0 * (t >= 500), "steps": 560, "lr": 1.0}
pairs = {1.0: 1.27, 3.0: 3.0, 100.0: 100.0}
knob = {
    f"a = {a:g}, b = {b:g}": og.respond(og.AdamAtan2, betas=(0.9, 0.999), a=a, b=b, **spike)
    for b, a in pairs.items()
}
fig, ax = plt.subplots(layout="constrained")
for name, response in knob.items():
    ax.plot(response.update[495:], label=name)
ax.set(
    title="Gradients begin after 500 quiet steps",
    xlabel="t - 495",
    ylabel="step, in learning rates",
)
ax.legend()

# %%

# proof: with a = b = 1e6 it is Adam without eps; a step is never longer than two learning rates at
# the defaults, where Adam's is over 4
valley = {"function": og.surfaces.rosenbrock, "lr": 0.1, "steps": 60, "betas": (0.8, 0.95)}
ours = og.descend(og.AdamAtan2, a=1e6, b=1e6, **valley).theta
np.testing.assert_allclose(ours, og.descend(og.Adam, eps=0.0, **valley).theta, atol=1e-7)
longest = [response.update.max() for response in knob.values()]
assert longest[0] < 2 < 4 < longest[2]

# %%
# The whole axis of learning rates
# --------------------------------
# Where gradients are far above ``eps``, the two differ only in how long their steps are: short ones are longer than
# Adam's, by up to the factor ``a``, and long ones are bounded. The best learning rates are the same,
# :n:`rates.best["AdamAtan2"]:.2g`, and the losses there are :n:`rates.loss["AdamAtan2"]:.3f` and
# :n:`rates.loss["Adam"]:.3f`, with the same ``betas``.

rates = study.rates(og.AdamAtan2, beside=og.Adam.at(betas=(0.9, 0.99)))
rates

# %%

# proof: with the same betas both have the same best learning rate, and losses within a factor of 2
assert rates.best["AdamAtan2"] == rates.best["Adam"]
assert 0.5 < rates.loss["AdamAtan2"] / rates.loss["Adam"] < 2
assert rates.diverged["AdamAtan2"] is None

# %%
# Basins
# ------
# On Himmelblau's function the outcome differs from Adam's for :n:`basins.changed["Adam"]:.1%` of the starts.

basins = study.basins(og.AdamAtan2.at(lr=0.1), beside=og.Adam.at(lr=0.1))
basins

# %%

# proof: nearly every start reaches a minimum, and all but one in a hundred Adam's
assert basins.reached["AdamAtan2"] > 0.99 and basins.changed["Adam"] < 0.01

# %%
# How to set it
# -------------
# Take Adam's settings and leave ``eps`` out; :math:`a = 1.27` makes the learning rates comparable. :cite:t:`everett2024`
# find that models with Adam-atan2 train as well as with an ``eps`` that was scaled correctly for each layer, with one
# hyperparameter less.
#
# Where it fails
# --------------
# ``eps`` is also a threshold that keeps rounding errors from moving a weight. Without it any gradient counts, however
# small: a coordinate whose only gradient is a rounding error of 1e-17 moves as fast as the others.

dust = og.respond(og.AdamAtan2, lambda t: 1e-17 * np.cos(t / 30), steps=100, lr=0.1)
held = og.respond(og.Adam, lambda t: 1e-17 * np.cos(t / 30), steps=100, lr=0.1)
fig, ax = plt.subplots(layout="constrained")
for response in (held, dust):
    ax.plot(response.theta, label=response.name, color=response.color)
ax.set(title="Gradients of 1e-17", xlabel="step", ylabel="parameter")
ax.legend()

# %%

# proof: gradients of 1e-17 move Adam-atan2 by several units and Adam by less than 1e-7
assert np.abs(dust.theta).max() > 2 and np.abs(held.theta).max() < 1e-7

# %%
# Provenance
# ----------
# :cite:t:`everett2024`; ``a`` and ``b`` are those of the package ``adam_atan2_pytorch``, which
# takes the same steps. The learning rate of 1e-4 and the ``betas`` are its defaults, too.
#
# .. oracles:: AdamAtan2
