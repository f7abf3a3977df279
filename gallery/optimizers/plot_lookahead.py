r"""
Lookahead
=========

Lookahead lets any rule run for a few steps and then goes only part of the way. This damps noise and oscillation. Around
SGD it does about what a smaller learning rate would do.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

bowl = og.surfaces.ravine.replace(condition=10)
three = {
    "SGD": og.SGD.at(lr=0.15),
    "Lookahead(SGD)": og.Lookahead(og.SGD).at(lr=0.15),
    "SGD, half the learning rate": og.SGD.at(lr=0.075),
}
race = og.race(three, bowl, steps=300, noise=3)
race

# %%
# Every gradient has noise of size 3. SGD keeps jumping about the minimum. Lookahead moves at every fifth step, half of
# the way to where SGD has got meanwhile, and stays closer: its mean loss after the first hundred steps is
# :n:`calm[1]:.2f` instead of :n:`calm[0]:.2f`. SGD with half the learning rate is at :n:`calm[2]:.2f`.

# proof: Lookahead, and SGD with half the learning rate, settle at less than half of SGD's loss
calm = [run.loss[100:].mean() for run in race.values()]
assert calm[1] < calm[0] / 2 and calm[2] < calm[0] / 2

# %%

og.card(og.Lookahead(og.SGD))

# %%
# The rule
# --------
# The wrapped rule, here SGD, moves the fast weights :math:`\theta`. Every ``k`` steps the slow weights :math:`\phi` go a
# share of the way to them, and the fast ones start again from there. What the wrapped rule remembers is kept. The result
# is the slow weights.

og.pseudocode(og.Lookahead(og.SGD))

# %%

og.pseudocode(og.Lookahead(og.SGD)).hyperparameters

# %%
# With ``k = 1`` and the whole way nothing is left of it.

# proof: with ``k = 1`` and ``share = 1`` Lookahead is the wrapped rule, to rounding
for rule in (og.SGD, og.Momentum, og.Adam, og.Lion):
    wrapped = og.descend(og.Lookahead(rule).at(k=1, share=1.0), og.surfaces.rosenbrock, lr=0.001)
    alone = og.descend(rule, og.surfaces.rosenbrock, lr=0.001)
    np.testing.assert_allclose(wrapped.theta, alone.theta, rtol=0, atol=1e-15)

# %%
# What it repairs
# ---------------
# In a bowl of curvature :math:`\lambda`, a step of SGD multiplies the distance by :math:`1 - \eta \lambda`. Noise of
# variance :math:`\sigma^2` in every gradient keeps it moving, with a
# variance :math:`V = \eta^2 \sigma^2 / (1 - (1 - \eta \lambda)^2)`. Now let :math:`q = (1 - \eta \lambda)^k`, what ``k`` steps
# leave of the distance, and :math:`\alpha` the share. Such steps from the slow weights end at :math:`q \phi` and noise of
# variance :math:`(1 - q^2) V`. So the slow weights become :math:`(1 - \alpha + \alpha q) \phi` and :math:`\alpha` times
# that noise, and their variance settles where
# :math:`W = (1 - \alpha + \alpha q)^2 W + \alpha^2 (1 - q^2) V`, which is
#
# .. math:: W = \frac{\alpha (1 + q)}{2 - \alpha (1 - q)} \, V.
#
# With :math:`\alpha = 1/2` and :math:`\eta \lambda \le 1` that is between a third and a half of SGD's variance. It is
# the result of :cite:t:`zhang2019` for a noisy quadratic, in fewer symbols.

# proof: the slow weights have :math:`\alpha (1 + q) / (2 - \alpha (1 - q))` of SGD's variance,
# a third to a half of it where :math:`\eta \lambda` is 0.1 and 1
lr, curvature = 0.1, np.array([1, 10])
scales = torch.tensor(curvature).repeat(300)  # 600 coordinates: each of the two is seen 300 times
many = og.Problem(lambda p: (scales * p**2).sum() / 2, (600,), starts=[np.zeros(600)])
long = og.descend(og.Lookahead(og.SGD).at(lr=lr), many, steps=500, noise=1.0)
V = lr**2 / (1 - (1 - lr * curvature) ** 2)
q = (1 - lr * curvature) ** 5
predicted = 0.5 * (1 + q) / (2 - 0.5 * (1 - q))
np.testing.assert_allclose(long.theta[100::5].reshape(-1, 2).var(0) / V, predicted, rtol=0.04)
assert (predicted > 1 / 3 - 1e-9).all() and (predicted < 0.5).all()

# %%
# The price is speed. In ``k`` steps SGD multiplies the distance by :math:`q` and Lookahead by
# :math:`1 - \alpha + \alpha q`. Where :math:`\eta \lambda` is small, this is :math:`1 - \alpha k \eta \lambda`, the same
# as for SGD with the learning rate :math:`\alpha \eta`. So is the variance, :math:`\alpha \eta \sigma^2 / (2 \lambda)`.
# Along the flat direction of such a bowl, Lookahead is SGD with a smaller learning rate.

# proof: in a flat direction SGD with half the learning rate has the same speed and variance
small = 0.001 * 1.0  # learning rate times curvature
q = (1 - small) ** 5
np.testing.assert_allclose(0.5 + 0.5 * q, (1 - small / 2) ** 5, rtol=1e-5)
ours = 0.5 * (1 + q) / (2 - 0.5 * (1 - q)) * small**2 / (1 - (1 - small) ** 2)
theirs = (small / 2) ** 2 / (1 - (1 - small / 2) ** 2)
np.testing.assert_allclose(ours, theirs, rtol=2e-3)

# %%
# Measured in the same way as for every rule:

study.traits(og.Lookahead(og.SGD))

# %%
# Oscillation
# -----------
# There is more to gain where a rule oscillates. With a momentum of 0.99 the velocity decays in a hundred steps, and the
# descent swings across a ravine for twice as long. Half of a swing, taken back every five steps, damps it: after 300
# steps the point lies :n:`across[1]:.1g` from the bottom instead of :n:`across[0]:.1g`.

ravine = og.surfaces.ravine.replace(condition=100)
swing = og.Momentum.at(lr=0.01, momentum=0.99)
damped = og.race({"Momentum": swing, "Lookahead(Momentum)": og.Lookahead(swing)}, ravine, steps=300)
damped

# %%

# proof: after 200 steps momentum still swings across the ravine, by a third to a half of the first
# distance; Lookahead damps the swing by more than a million, and ends lower
across = [abs(run.theta[-1, 1]) for run in damped.values()]
wide = np.abs(damped["Momentum"].theta[:, 1])
assert 1 / 3 < wide[200:].max() / wide[0] < 1 / 2 and across[1] < 1e-6 * across[0]
assert damped["Lookahead(Momentum)"].loss[-1] < damped["Momentum"].loss[-1] / 3

# %%
# One knob: the share
# -------------------
# The smaller the share, the calmer and the slower: with 0.2 of the way the mean loss of the last 1,000 steps in the noisy
# bowl is :n:`means[0]:.2f`, with 0.5 it is :n:`means[1]:.2f`, and with the whole way, which is SGD,
# :n:`means[2]:.2f`.

shares = {f"share = {a}": og.Lookahead(og.SGD).at(lr=0.15, share=a) for a in (0.2, 0.5, 1.0)}
knob = og.race(shares, bowl, steps=1200, noise=3)
og.plot_loss(knob)

# %%

# proof: a smaller share settles lower and takes longer to get there
means = [run.loss[-1000:].mean() for run in knob.values()]
assert means[0] < 0.6 * means[1] < 0.6 * 0.6 * means[2]
early = [og.descend(rule, bowl, steps=20).loss[-1] for rule in shares.values()]
assert early[0] > 5 * early[1] > 5 * early[2]

# %%
# The whole axis of learning rates
# --------------------------------
# Where nothing is noisy and Adam's momentum is moderate, what remains is the price. On Rosenbrock's function the best
# learning rate for Lookahead around Adam is higher, :n:`rates.best["Lookahead(Adam)"]:.2g` instead of
# :n:`rates.best["Adam"]:.2g`, and the median loss there is :n:`rates.loss["Lookahead(Adam)"]:.2f` instead of
# :n:`rates.loss["Adam"]:.2f`.

rates = study.rates(og.Lookahead(og.Adam), beside=og.Adam)
rates

# %%

# proof: around Adam it wants a higher learning rate and ends at twice the loss
assert rates.best["Lookahead(Adam)"] > 1.3 * rates.best["Adam"]
assert 1.5 < rates.loss["Lookahead(Adam)"] / rates.loss["Adam"] < 3

# %%
# Above SGD's stability limit of :math:`2 / \lambda` the fast weights run away, but only for ``k`` steps. The slow ones
# are stable as long as :math:`|1 - \alpha + \alpha q| < 1`. If ``k`` is odd, that is :math:`q > 1 - 2 / \alpha`, and with
# the defaults :math:`\eta \lambda < 1 + 3^{1/5}`, about :n:`limit:.2f`. If ``k`` is even, the limit stays at 2.

# proof: in a bowl of curvature 1, learning rates up to :math:`1 + 3^{1/5}` are stable
# with ``k = 5``, and not with ``k = 4``
limit = 1 + 3 ** (1 / 5)
for k, lr, stable in ((5, 0.995 * limit, True), (5, 1.005 * limit, False), (4, 2.02, False)):
    wrapped = og.Lookahead(og.SGD).at(k=k, lr=lr)
    end = og.descend(wrapped, lambda x: x**2 / 2, (1,), 1000)
    assert (abs(end.theta[-1, 0]) < 1) == stable  # NaN where it has diverged

# %%
# Basins
# ------
# On Himmelblau's function Lookahead around momentum ends in another minimum than momentum alone from
# :n:`100 * basins.changed["Momentum"]:.0f` % of the starts. The borders are smoother: a start that would have swung into
# the next basin is held back.

basins = study.basins(og.Lookahead(og.Momentum).at(lr=0.003), beside=og.Momentum.at(lr=0.003))
basins

# %%

# proof: from a sixth to a quarter of the starts another minimum is reached;
# the borders are shorter
ends = basins.sweep.data.minimum.squeeze().values
border = (np.diff(ends, axis=2) != 0).mean(axis=(1, 2))
assert 0.16 < basins.changed["Momentum"] < 0.25 and border[0] < 0.7 * border[1]

# %%
# How to set it
# -------------
# Keep the settings of the wrapped rule, and ``k = 5``. The authors' code has a share of 0.8, other libraries have 0.5. If
# a smaller learning rate or a schedule that ends low is possible, try that first: it damps the noise as well, and costs no
# copy of the weights.
#
# Evaluate at the slow weights. In a training loop, ``optimizer.eval()`` puts them into the model, ``optimizer.train()``
# puts the fast ones back.
#
# Where it fails
# --------------
# Who evaluates the model as it is between two synchronizations evaluates the fast weights. Averaged over all steps, their
# variance is :n:`shares_of[0]:.0%` of SGD's along the flat direction and :n:`shares_of[1]:.0%` along the steep one,
# where five steps are enough for the noise to come back.

# proof: between synchronizations little of the damping is left along the steep direction
shares_of = long.states["slow"][100:].reshape(-1, 2).var(0) / V
assert 0.5 < shares_of[0] < 0.7 and 0.8 < shares_of[1] < 0.95

# %%
# Provenance
# ----------
# :cite:t:`zhang2019`, algorithm 1, with the states of the wrapped rule kept; the authors also try to reset them, or to
# pull them back with the weights. The slow weights start where the fast ones do, as in the authors' code. The versions
# in ``timm`` and ``torch_optimizer`` copy them only at the first synchronization, which therefore does nothing. The tests
# hold ``Lookahead(Adam)`` against ``pytorch_optimizer.Lookahead``, with which it agrees to :math:`10^{-12}` over 32 steps
# of a network. Nesterov's :term:`look-ahead` is something else.

# proof: the steps of Lookahead(Momentum), written out in NumPy, are the same
theta, v = np.array(ravine.start), np.zeros(2)
slow = theta
for t in range(1, 301):
    v = 0.99 * v + np.array([1, 100]) * theta
    theta = theta - 0.01 * v
    if t % 5 == 0:
        theta = slow = slow + 0.5 * (theta - slow)
np.testing.assert_allclose(slow, damped["Lookahead(Momentum)"].theta[-1], rtol=0, atol=1e-12)
