r"""
Nesterov
========

Nesterov's momentum takes the gradient where the velocity is about to lead. So the far wall of a ravine slows it down one
step earlier.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
race = og.race([og.Momentum, og.Nesterov], ravine, lr=0.005, steps=120)
race

# %%
# Both have the same learning rate and the same momentum. In the chart of ``v`` the swings across the ravine are gone
# after some ten steps of Nesterov's, while its push along the ravine is still growing. Over the whole descent
# momentum travels :n:`across["Momentum"]:.1f` across the ravine, Nesterov :n:`across["Nesterov"]:.1f`.

# proof: across, Nesterov moves less than a quarter as far, and its velocity is spent in ten steps
across = {name: float(np.abs(np.diff(run.theta[:, 1])).sum()) for name, run in race.items()}
along, sideways = np.abs(race["Nesterov"].states["v"]).T
assert across["Nesterov"] < across["Momentum"] / 4
assert sideways[10] < 0.1 * sideways.max() and along.argmax() > 10

# %%

og.card(og.Nesterov)

# %%
# The rule
# --------
# Whatever the gradient is, the velocity will move the parameters by ``momentum * v``. So the gradient is evaluated
# there. Unlike in :ref:`Momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`, the learning rate is part of the
# velocity: ``v`` is a distance, and ``theta - momentum * v`` a point.

og.pseudocode(og.Nesterov)

# %%

og.pseudocode(og.Nesterov).hyperparameters

# %%
# For the gradient at another point the model must be evaluated again, so a training loop hands ``step`` a
# :term:`closure` that does this. Here it fits a line to points on :math:`y = 2x - 2`.

x = torch.linspace(-1, 1, 20).reshape(-1, 1)
y = 2 * x - 2
model = torch.nn.Linear(1, 1)
optimizer = og.Nesterov(model.parameters(), lr=0.1)


def closure():
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    return loss


for _ in range(150):
    optimizer.step(closure)

# %%

# proof: the line is found, and without a closure a step is refused
np.testing.assert_allclose((model.weight.item(), model.bias.item()), (2, -2), atol=0.01)
with np.testing.assert_raises(RuntimeError):
    optimizer.step()

# %%
# What it repairs
# ---------------
# A wall slows momentum down only once the point is on it. How much earlier it slows Nesterov down has an exact form.
# Along a curvature :math:`\lambda` the gradient at the look-ahead is :math:`\lambda (x - \gamma v)`, and so
#
# .. math:: v \leftarrow \gamma v + \eta \lambda (x - \gamma v) = \gamma (1 - \eta \lambda) \, v + \eta \lambda x.
#
# This is momentum with :math:`\gamma (1 - \eta \lambda)` in place of :math:`\gamma`: the larger the curvature, the more
# friction. Along the ravine above :math:`1 - \eta \lambda` is 0.995, and hardly anything changes. Across it is 0.5.

# proof: along a curvature of 100 Nesterov is momentum with :math:`\gamma (1 - 100 \eta)`
bowl = {"function": lambda x: 100 * x**2 / 2, "start": 1.5, "lr": 0.005}
ahead = og.descend(og.Nesterov, **bowl, momentum=0.9)
braked = og.descend(og.Momentum, **bowl, momentum=0.9 * (1 - 0.005 * 100))
np.testing.assert_allclose(ahead.theta, braked.theta, atol=1e-12)

# %%
# Measured in the same way for every rule:

study.traits(og.Nesterov)

# %%
# One knob: the momentum
# ----------------------
# Friction is added only where the curvature is large. Along the ravine Nesterov overshoots like momentum: with 0.9 by
# :n:`past[0.9]:.2f`, with 0.99 by :n:`past[0.99]:.1f`, after which it swings to and fro.

knob = {f"momentum = {b}": og.Nesterov.at(lr=0.005, momentum=b) for b in (0.5, 0.9, 0.99)}
frictions = og.race(knob, ravine, steps=300)
frictions.plot()

# %%

# proof: more momentum overshoots further, and with 0.9 Nesterov overshoots less than momentum
past = {b: float(frictions[f"momentum = {b}"].theta[:, 0].max()) for b in (0.5, 0.9, 0.99)}
assert past[0.5] <= 0 < 0.08 < past[0.9] < 0.11 and past[0.99] > 2.4
assert past[0.9] < race["Momentum"].theta[:, 0].max() - 0.02

# %%
# The whole axis of learning rates
# --------------------------------
# On this axis the look-ahead gains nothing. Nesterov's best median loss is :n:`rates.loss["Nesterov"]:.2g`,
# momentum's :n:`rates.loss["Momentum"]:.2g`, and Nesterov diverges sooner, first at
# :n:`rates.diverged["Nesterov"]:.2g`.

rates = study.rates(og.Nesterov, beside=og.Momentum)
rates

# %%
# More than half of its descents diverge from :n:`brink[0]:.2g` on. That is close to :n:`limit[0]:.2g`, the limit
# derived below for the curvature of 1002 at the minimum. For momentum the limit would be :n:`limit[1]:.2g`, and yet
# more than half diverge from :n:`brink[1]:.2g` on, since the walls around are more curved.

# proof: Nesterov diverges near its limit at the minimum, momentum far below its own
gone = (rates.sweep.data.diverged_at >= 0).mean("start").squeeze().values
brink = rates.sweep.data.lr.values[(gone >= 0.5).argmax(axis=1)]
limit = 2 / 1002 * np.array((1.9 / 2.8, 1.9))
assert 1 < brink[0] / limit[0] < 1.7 and brink[1] / limit[1] < 0.7

# %%
# Basins
# ------
# The gain shows in where descents end, and when. On Himmelblau's function both rules reach a minimum from every
# start. Half of Nesterov's descents are there after :n:`when[0]:.0f` steps, half of momentum's after
# :n:`when[1]:.0f`. Nesterov more often stays in the basin it is in: its borders are
# :n:`100 * border[0] / border[1]:.0f` % as long.

basins = study.basins(og.Nesterov.at(lr=0.003), beside=og.Momentum.at(lr=0.003))
basins

# %%

# proof: Nesterov takes less than half the time, and its borders are less than 0.6 times as long
when = basins.sweep.data.arrived_at.median(("start_x", "start_y")).values.ravel()
ends = basins.sweep.data.minimum.squeeze().values
border = (np.diff(ends, axis=2) != 0).mean(axis=(1, 2))
assert min(basins.reached.values()) > 0.99
assert when[0] < when[1] / 2 and border[0] < 0.6 * border[1]

# %%
# How to set it
# -------------
# As momentum: 0.9 first, and a lower learning rate when you raise it. For convex functions :cite:t:`nesterov1983`
# lets the momentum grow towards 1, and :cite:t:`sutskever2013` do so up to 0.99 or 0.999 when training deep networks.
# If a learning rate that suited SGD or momentum diverges, the next section tells why.
#
# Where it fails
# --------------
# The look-ahead costs stability. Momentum is
# :ref:`stable <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>` for :math:`\eta \lambda < 2 (1 + \gamma)`. With
# :math:`\gamma (1 - \eta \lambda)` in place of :math:`\gamma`, this becomes
#
# .. math:: \eta < \frac{2}{\lambda} \cdot \frac{1 + \gamma}{1 + 2 \gamma},
#
# which is less than even SGD's :math:`2 / \lambda`. For :math:`\lambda = 1` and momentum 0.9 that is 1.357, against
# 3.8 for momentum.

# proof: on :math:`x^2 / 2` Nesterov diverges between 1.34 and 1.37, momentum between 3.7 and 3.9
lrs = np.array([1.34, 1.37, 3.7, 3.9])
round_bowl = {"function": lambda x: x**2 / 2, "start": [1.0], "lr": lrs, "steps": 1000}
looks, rolls = (og.descend(rule, **round_bowl) for rule in (og.Nesterov, og.Momentum))
assert list(looks.diverged_at >= 0) == [False, True, True, True]
assert list(rolls.diverged_at >= 0) == [False, False, False, True]
assert abs(looks.theta[-1, 0, 0]) < 1e-3 and np.abs(rolls.theta[-1, :3, 0]).max() < 1e-3

# %%
# So there are learning rates at which momentum reaches the minimum of the ravine and Nesterov diverges:

fast = og.race([og.Momentum, og.Nesterov], ravine, lr=0.02, steps=200)
fast.table()

# %%

# proof: with 0.02 momentum reaches the minimum of the ravine and Nesterov diverges
assert fast["Momentum"].loss[-1] < 1e-6 and fast["Nesterov"].diverged_at

# %%
# Provenance
# ----------
# :cite:t:`nesterov1983` proved that the loss falls as :math:`O(1/k^2)` on smooth convex functions, with a momentum
# that grows from step to step. A method that sees only gradients cannot do better, up to a constant: the matching
# lower bound is in :cite:t:`nemirovski1983`. Here the momentum is constant, as :cite:t:`sutskever2013` write the rule
# in equations (3) and (4). The oracle by hand is Nesterov's own form, two sequences without a velocity.
#
# PyTorch records the look-ahead points instead of the iterates; the
# :ref:`simplified form <sphx_glr_gallery_optimizers_plot_simplified_nesterov.py>` is about that. The optimizer called
# Lookahead :cite:p:`zhang2019` is another one, which wraps any rule.
#
# .. oracles:: Nesterov

# proof: torch.optim.SGD with nesterov=True goes through the points where Nesterov looks
run = race["Nesterov"]
settings = {"lr": 0.005, "momentum": 0.9, "nesterov": True}
theirs = og.descend(torch.optim.SGD, ravine, steps=120, **settings)
np.testing.assert_allclose(theirs.theta, run.theta - 0.9 * run.states["v"], atol=1e-12)
