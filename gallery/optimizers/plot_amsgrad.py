r"""
AMSGrad
=======

AMSGrad divides by the largest second moment that it has seen, where Adam divides by the present one. With a short
memory, Adam's steps grow again as gradients become small: it leaves a minimum that it had reached, and may even move
uphill.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

hills = og.surfaces.himmelblau
both = [og.Adam.at(lr=0.3, betas=(0.9, 0.9)), og.AMSGrad.at(lr=0.3, betas=(0.9, 0.9))]
race = og.race(both, hills, steps=200)
race.animate(panels=("map", "loss"))

# %%
# Both scales are averages over about ten steps. As the gradients shrink, so does Adam's ``v``, and Adam's steps stay
# long: its loss is still :n:`adams:.2g` at the end. AMSGrad goes on dividing by the gradients of the way down, and its
# loss falls to :n:`ams:.0e`.

# proof: Adam with a short memory does not settle in the minimum, AMSGrad does
adams, ams = (run.loss[-1] for run in race.values())
assert race["Adam"].loss[-100:].max() > 0.01 and ams < 1e-8
v, v_max = race["AMSGrad"].states["v"], race["AMSGrad"].states["v_max"]
assert np.diff(v_max, axis=0).min() >= 0 and np.diff(v, axis=0).min() < 0

# %%

og.card(og.AMSGrad)

# %%
# The rule
# --------
# One line is new. ``v_max`` keeps the largest value that ``v`` has had, and its root, once the bias is corrected,
# divides the step.

og.pseudocode(og.AMSGrad)

# %%

og.pseudocode(og.AMSGrad).hyperparameters

# %%
# What it repairs
# ---------------
# Let the gradients come in threes: 4, -1, -1, and again. Their sum is +2, so over three steps the parameter should go
# down. :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` gets no memory of the direction (``beta1`` = 0) and a
# short one of the scale (``beta2`` = 1/17), which is the case of the paper's proof, with its C = 4. It goes up.


def threes(t):
    """A rare large gradient to one side, frequent small ones to the other."""
    return np.where(t % 3 == 0, 4.0, -1.0)


short = {"signal": threes, "lr": 0.01, "betas": (0, 1 / 17)}
adam, amsgrad = (og.respond(rule, **short) for rule in (og.Adam, og.AMSGrad))
fig, ax = plt.subplots(layout="constrained")
ax.plot(adam.theta, color=og.Adam.color, label="Adam")
ax.plot(amsgrad.theta, color=og.AMSGrad.color, label="AMSGrad")
ax.set(xlabel="step", ylabel="parameter", title="Adam goes up where the gradients say down")
ax.legend()

# %%
# Write :math:`b` for :math:`\beta_2`. After many rounds, ``v`` takes three values in turn, right after the gradients 4,
# -1 and -1:
#
# .. math::
#
#    \frac{1-b}{1-b^3}\,(16 + b + b^2),\qquad \frac{1-b}{1-b^3}\,(1 + 16b + b^2),\qquad
#    \frac{1-b}{1-b^3}\,(1 + b + 16b^2).
#
# With :math:`b = 1/17` their roots are :n:`roots[0]:.2f`, :n:`roots[1]:.2f` and :n:`roots[2]:.2f`. Adam has all but
# forgotten the 4 two steps later. So its three steps are :n:`downs[0]:.2f` learning rates down and :n:`-downs[1]:.2f`
# and :n:`-downs[2]:.2f` up, and together they lead up. AMSGrad divides all three by the first root, and the proportions
# 4 to -1 to -1 survive.

# proof: per round Adam moves 0.69 learning rates up; AMSGrad's three steps are as 4 to -1 to -1
b, signs = 1 / 17, np.array((4, -1, -1))
values = (1 - b) / (1 - b**3) * np.array((16 + b + b**2, 1 + 16 * b + b**2, 1 + b + 16 * b**2))
roots, downs = np.sqrt(values), signs / np.sqrt(values)
np.testing.assert_allclose(adam.update[-3:], 0.01 * downs, rtol=1e-6)
assert -0.7 < downs.sum() < -0.68
np.testing.assert_allclose(amsgrad.update[-3:], 0.01 * signs / roots[0], rtol=1e-6)
np.testing.assert_allclose((adam.theta[-1], amsgrad.theta[-1]), (0.687, -0.514), atol=2e-3)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.AMSGrad)

# %%
# One knob: the memory of the scale
# ---------------------------------
# With a longer memory Adam turns round. At the usual 0.999 it goes down by itself, and faster than AMSGrad did above.

memories = np.array((1 / 17, 0.5, 0.9, 0.999))
knob = og.respond(og.Adam, threes, lr=0.01, betas=(0, memories))
fig, ax = plt.subplots(layout="constrained")
lines = ax.plot(knob.theta)
ax.set(xlabel="step", ylabel="parameter", title="Adam with four memories of the scale")
ax.legend(lines, [f"beta2 = {memory:.3g}" for memory in memories])

# %%
# So a short memory fails where large gradients are rare, and short means: compared with the time between two of them.
# For any :math:`\beta_2` the paper (theorem 2) builds a problem in which they are rare enough. For 0.999, a gradient of
# 22,000 followed by 19,999 of -1 will do: their sum is positive, and Adam ends :n:`rare:,.0f` learning rates higher.

# proof: 0.999 goes down where every third gradient is large, and up where one in 20,000 is
assert knob.theta[-1, 0] > 0.6 and knob.theta[-1, 3] < knob.theta[-1, 2] < -0.6
once = og.respond(og.Adam, lambda t: np.where(t == 0, 22e3, -1), 20_000, lr=1.0, betas=(0, 0.999))
rare = once.theta[-1]
assert once.gradient.sum() > 0 and rare > 1000

# %%
# The whole axis of learning rates
# --------------------------------
# Here the memory is the usual 0.999, and the two rules can hardly be told apart at any learning rate. In 200 steps such
# a ``v`` shrinks to no less than :n:`100 * 0.999**200:.0f` %, so its maximum is nearly the same. Best is
# :n:`rates.best["AMSGrad"]:.2g`, and good values span :n:`rates.decades["AMSGrad"]:.1f` powers of ten.

rates = study.rates(og.AMSGrad, beside=og.Adam)
rates

# %%

# proof: with a memory of 0.999 AMSGrad ends within a third of Adam's loss at every learning rate,
# and never diverges
median = rates.sweep.data.loss.fillna(np.inf).median(("seed", "start"))
ratio = (median.sel(optimizer="AMSGrad") / median.sel(optimizer="Adam")).values
assert 0.8 < ratio.min() and ratio.max() < 1.3
low, high = rates.good["AMSGrad"]
assert 0.4 < rates.best["AMSGrad"] < 1.1 and 0.01 < low < 0.1 < 1 < high < 3
assert rates.diverged["AMSGrad"] is None

# %%
# Basins
# ------
# With the settings of the first picture, a memory of 0.9, they differ. From :n:`100 * came[0]:.1f` % of the starts Adam
# at some time comes within 0.001 of a minimum's loss, but only from :n:`100 * basins.reached["Adam"]:.0f` % is it there
# after 200 steps. For AMSGrad the shares are :n:`100 * came[1]:.1f` % and :n:`100 * basins.reached["AMSGrad"]:.1f` %.

basins = study.basins(both[1], beside=both[0])
basins

# %%

# proof: nearly every start comes near a minimum; Adam with a short memory leaves it again
found = basins.sweep.data.arrived_at.sel(optimizer=["Adam", "AMSGrad"])
came = (found >= 0).mean(("seed", "start_y", "start_x")).values
assert came.min() > 0.98 and basins.reached["Adam"] < 0.2 and basins.reached["AMSGrad"] > 0.98

# %%
# How to set it
# -------------
# As Adam: with 0.999 the same learning rates are good, and over a few hundred steps there is nothing to gain. It
# matters if ``beta2`` is small, or if large gradients are rare and informative; if they are outliers, see below. In
# PyTorch it is the flag ``amsgrad=True`` of ``Adam`` and ``AdamW``, and costs one more number for each parameter.

# %%
# Where it fails
# --------------
# The maximum never falls, even if it goes back to an outlier. Let the first gradient be 1000 and all others 1. Adam,
# with a ``beta2`` of 0.9, is back at full steps soon. AMSGrad's steps stay :n:`slower:.0f` times shorter for ever. They
# would be 1000 times shorter if the maximum were taken after the correction of the bias, as in ``optax``: here
# ``v_max`` is a tenth of the squared gradient, and the correction, which made up for that at first, fades.

accident = {"signal": lambda t: np.where(t == 0, 1000.0, 1.0), "lr": 0.01, "betas": (0.9, 0.9)}
after = {rule.__name__: og.respond(rule, **accident) for rule in (og.Adam, og.AMSGrad)}
fig, ax = plt.subplots(layout="constrained")
for name, response in after.items():
    ax.semilogy(response.update, color=response.color, label=name)
ax.set(xlabel="step", ylabel="length of the step", title="After one gradient of 1000")
ax.legend()

# %%

# proof: after one huge gradient Adam's steps recover, and AMSGrad's stay a three-hundredth as long
last = after["Adam"].update[-1], after["AMSGrad"].update[-1]
slower = last[0] / last[1]
np.testing.assert_allclose(last, (0.01, 0.01 / np.sqrt(1e5)), rtol=1e-3)

# %%
# Provenance
# ----------
# :cite:t:`reddi2018`, algorithm 2. The listing has no bias correction. This rule follows PyTorch, which has Adam's and
# takes the maximum before the correction, as most libraries do; ``optax`` corrects first.
#
# .. oracles:: AMSGrad

# proof: torch.optim.Adam with ``amsgrad=True`` takes the same steps
valley, setting = og.surfaces.rosenbrock, {"steps": 150, "lr": 0.05, "betas": (0.9, 0.9)}
theirs = og.descend(partial(torch.optim.Adam, amsgrad=True), valley, **setting)
ours = og.descend(og.AMSGrad, valley, **setting)
np.testing.assert_allclose(theirs.theta, ours.theta, rtol=0, atol=1e-9)
