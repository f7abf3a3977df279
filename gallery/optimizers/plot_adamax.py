r"""
Adamax
======

Adamax is Adam with another measure of size: it divides by the largest recent gradient instead of a root mean square.
That keeps every step within about one learning rate, and makes one huge gradient count for thousands of steps.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
race = og.race([og.Adam, og.Adamax], ravine, lr=0.12, steps=200)
race

# %%
# Adam runs :n:`past[0]:.2f` past the minimum of the ravine, Adamax :n:`past[1]:.3f`. Its scale ``u`` takes the first
# gradients, the largest of the whole descent, and from then on only shrinks, by a thousandth in each step. So its steps
# become short as soon as its gradients do.

# proof: in the ravine Adamax hardly runs past the minimum; its scale is the first gradient,
# and shrinks by a thousandth per step
past = [run.theta[:, 0].max() for run in race.values()]
assert past[0] > 0.2 and past[1] < 0.02
u = race["Adamax"].states["u"]
np.testing.assert_allclose(u[1], np.abs(race["Adamax"].grad[0]), rtol=1e-6)
np.testing.assert_allclose(u[2:] / u[1:-1], 0.999, rtol=1e-9)
assert np.abs(np.diff(race["Adamax"].theta, axis=0)).max() < 0.12 + 1e-6

# %%

og.card(og.Adamax)

# %%
# The rule
# --------
# The direction ``m`` is Adam's. The scale ``u`` is a maximum that slowly decays: a new gradient either exceeds it and
# takes its place, or ``u`` shrinks by the factor :math:`\beta_2`. It needs no correction of a bias, since the first
# gradient sets it in full.

og.pseudocode(og.Adamax)

# %%

og.pseudocode(og.Adamax).hyperparameters

# %%
# From a mean to a maximum
# ------------------------
# Adam's scale is the root of an average of squares. Nothing forces the power to be 2. Take the power *p*, and the decay
# :math:`\beta_2^p`, because the *p*-th root of an average that decays by :math:`\beta_2^p` decays by :math:`\beta_2`.
# After *t* gradients the scale is
#
# .. math::
#
#    u_t = \Bigl((1-\beta_2^p) \sum_{i=1}^{t} \beta_2^{p(t-i)}\,|g_i|^p\Bigr)^{1/p}
#        = (1-\beta_2^p)^{1/p} \Bigl(\sum_{i=1}^{t} \bigl(\beta_2^{t-i}\,|g_i|\bigr)^p\Bigr)^{1/p}.
#
# Let *p* grow. The first factor tends to 1. The second lies between its largest term *M* and :math:`t^{1/p} M`, because
# each of the *t* terms is at most *M*; and :math:`t^{1/p}` tends to 1. What is left is the largest term,
#
# .. math::
#
#    \lim_{p\to\infty} u_t = \max_i \beta_2^{t-i}\,|g_i|
#        = \max(\beta_2\,u_{t-1},\ |g_t|).
#
# Two numbers make it plausible. Of 10 and 9, which hardly differ, :math:`(10^{100} + 9^{100})^{1/100}` is
# :n:`largest:.6f`: the larger one wins. The same happens to a row of ten gradients.

gradients = np.array((3, -1, 0.5, 2, -4, 1, 0.1, 0.2, -0.3, 1.5))
aged = 0.9 ** np.arange(10)[::-1] * np.abs(gradients)
powers = np.array((2, 8, 32, 128))
scales = ((1 - 0.9**powers) * (aged[:, None] ** powers).sum(0)) ** (1 / powers)
rows = [*zip(map("$p = {}$".format, powers), map("{:.4f}".format, scales), strict=True)]
rows.append(("largest term", f"{aged.max():.4f}"))
og.Table("The scale of ten gradients, for a decay of 0.9", ("power", "scale"), rows)

# %%

# proof: for a large power the largest term is all that counts, and that is what Adamax computes
largest = (10**100 + 9**100) ** (1 / 100)
np.testing.assert_allclose(largest, 10, atol=3e-6)
assert largest > 10 + 2e-6 and 9**100 / 10**100 < 3e-5
times = np.arange(10)
shown = og.respond(og.Adamax, lambda t: np.interp(t, times, gradients), 10, betas=(0.9, 0.9))
np.testing.assert_allclose(shown.states["u"][-1], aged.max(), rtol=1e-6)
np.testing.assert_allclose(scales[-1], aged.max(), rtol=1e-6)

# %%
# What it repairs
# ---------------
# :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` means to step by about one learning rate. But its scale is an
# average over a thousand gradients and its direction one over ten. When gradients suddenly grow, the direction follows
# at once and the scale lags behind. Here they grow from 0.01 to 1 at t = 200, and Adam's longest step is :n:`rush:.2f`
# learning rates.

grow = {"signal": lambda t: np.where(t < 200, 0.01, 1.0), "steps": 600, "lr": 1.0}
adam, adamax = (og.respond(rule, **grow) for rule in (og.Adam, og.Adamax))
fig, ax = plt.subplots(layout="constrained")
ax.plot(adam.t, adam.update, color=og.Adam.color, label="Adam")
ax.plot(adamax.t, adamax.update, color=og.Adamax.color, label="Adamax")
ax.set(title="The gradient grows a hundredfold", xlabel="t", ylabel="step, in learning rates")
ax.legend()

# %%
# Adamax cannot do that. A gradient of age :math:`a` is at most :math:`u / \beta_2^a`, and its weight in ``m`` is
# :math:`(1-\beta_1)\beta_1^a`. Summed over all ages, the step is at most :math:`(1-\beta_1) / (1 - \beta_1/\beta_2)` =
# :n:`bound:.3f` learning rates long. A gradient that shrinks by :math:`\beta_2` in every step gets there.

# proof: no step of Adamax exceeds 1.009 learning rates, while one of Adam's is 2.9 long
rush, bound = adam.update.max(), (1 - 0.9) / (1 - 0.9 / 0.999)
assert 2.8 < rush < 2.95 and adamax.update.max() < 1 + 1e-6
shrinking = og.respond(og.Adamax, lambda t: 0.999**t, steps=300, lr=1.0).update
np.testing.assert_allclose(shrinking.max(), bound, rtol=1e-5)
random = og.respond(og.Adamax, og.signals.noisy_sine, steps=300, lr=1.0).update
assert np.abs(random).max() < bound
np.testing.assert_allclose(adamax.states["u"][1], 0.01, rtol=1e-5)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.Adamax)

# %%
# One knob: how long a gradient is remembered
# -------------------------------------------
# ``beta2`` says how fast the maximum decays. At 0.99 the descent overshoots a little. At 0.9 the maximum falls along
# with the gradients themselves: it runs :n:`over[0]:.1f` past the minimum, and does not come to rest.

memories = {f"beta2 = {b}": og.Adamax.at(lr=0.12, betas=(0.9, b)) for b in (0.9, 0.99, 0.999)}
knob = og.race(memories, ravine, steps=300)
knob.plot()

# %%

# proof: the sooner a gradient is forgotten, the further Adamax runs past the minimum
over = [run.theta[:, 0].max() for run in knob.values()]
ends = [run.loss[-1] for run in knob.values()]
assert over[0] > 0.8 > 0.2 > over[1] > 0.08 > 0.04 > over[2]
assert ends[0] > 3e-4 > 1e-9 > max(ends[1:])

# %%
# The whole axis of learning rates
# --------------------------------
# On the left, where all that counts is the way down the wall of the valley, the two are one. Then Adam's median goes on
# falling, and Adamax stays level over more than a power of ten: its good learning rates span
# :n:`rates.decades["Adamax"]:.1f` powers of ten, Adam's :n:`rates.decades["Adam"]:.1f`, but its best loss is
# :n:`rates.loss["Adamax"] / rates.loss["Adam"]:.1f` times as high. After 200 steps ``u`` still holds
# :n:`100 * 0.999**200:.0f` % of the largest gradient, so on the floor it divides gradients of the floor by one of the
# wall.

rates = study.rates(og.Adamax, beside=og.Adam)
rates

# %%

# proof: Adamax is nearly level from 0.03 to 0.6, and its best loss is more than twice Adam's
lrs, data = rates.sweep.data.lr.values, rates.sweep.data.loss.fillna(np.inf)
adamax, adam = data.median(("seed", "start")).sel(optimizer=["Adamax", "Adam"]).values
level = adamax[(lrs > 0.03) & (lrs < 0.6)]
assert level.max() < 3 * level.min() and rates.loss["Adamax"] > 2 * rates.loss["Adam"]
np.testing.assert_allclose(adamax[:12], adam[:12], rtol=0.1)
assert rates.diverged["Adamax"] is rates.diverged["Adam"] is None

# %%
# Basins
# ------
# At 0.1 every start of Adam's reaches a minimum. Of Adamax's, :n:`100 - 100 * basins.reached["Adamax"]:.0f` % do not:
# at the upper and lower edge on the right the gradients are largest, and what the descent meets there slows it down for
# the rest of the way. At 0.3 it reaches a minimum from there, too.

basins = study.basins(og.Adamax.at(lr=0.1), beside=og.Adam.at(lr=0.1))
basins

# %%

# proof: large gradients at the start keep Adamax from a minimum at 0.1, and not at 0.3
assert basins.reached["Adam"] > 0.99 and 0.85 < basins.reached["Adamax"] < 0.95
assert study.basins(og.Adamax.at(lr=0.3)).reached["Adamax"] > 0.99

# %%
# How to set it
# -------------
# The paper recommends a learning rate of 0.002, twice Adam's, for networks. Since a step is hardly ever longer than the
# learning rate, larger values do little harm: in the valley above everything from :n:`rates.good["Adamax"][0]:.1g` to
# :n:`rates.good["Adamax"][1]:.1g` is within a factor of ten of the best. If rare batches have huge gradients, lower
# ``beta2`` to 0.99, or clip.

# %%
# Where it fails
# --------------
# One gradient of 100 among gradients of 1, as a bad batch may cause. Adam's average takes it as one of many, the
# maximum takes it in full. A hundred steps later Adam's steps are :n:`adam[200]:.2f` learning rates long and Adamax's
# :n:`adamax[200]:.3f`; at the end of the chart :n:`adam[-1]:.2f` and :n:`adamax[-1]:.2f`. The maximum has to shrink
# from 100 to 1, and :math:`0.999^n = 1/100` takes :n:`recovery:,.0f` steps.

outlier = {"signal": lambda t: np.where(t == 100, 100.0, 1.0), "steps": 1500, "lr": 1.0}
adam, adamax = (og.respond(rule, **outlier).update for rule in (og.Adam, og.Adamax))
fig, ax = plt.subplots(layout="constrained")
ax.semilogy(adam, color=og.Adam.color, label="Adam")
ax.semilogy(adamax, color=og.Adamax.color, label="Adamax")
ax.set(title="After one gradient of 100", xlabel="t", ylabel="step, in learning rates")
ax.legend()

# %%

# proof: one gradient that is a hundred times as large slows Adamax down for 4,603 steps
np.testing.assert_allclose(adam[[200, 1499]], (0.1405, 0.4895), atol=1e-3)
assert adamax[200] < 0.02 and adamax[1499] < 0.05
recovery = np.log(100) / -np.log(0.999)
assert 4602 < recovery < 4604
np.testing.assert_allclose(adamax[[200, 1499]], 0.01 * 0.999 ** -np.array((100, 1399)), rtol=0.02)

# %%
# Provenance
# ----------
# :cite:t:`kingma2015`, algorithm 2, in the paper that brought Adam. The paper has no small constant in it and divides
# by zero where every gradient so far was zero. Like PyTorch, this rule adds ``eps`` to each new magnitude before the
# comparison. The trace by hand takes the maximum over the whole past.
#
# .. oracles:: Adamax

# proof: torch.optim.Adamax takes the same steps
theirs = og.descend(torch.optim.Adamax, ravine, lr=0.12, steps=200)
np.testing.assert_allclose(theirs.theta, race["Adamax"].theta, atol=1e-9)
