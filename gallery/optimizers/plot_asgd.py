r"""
Averaged SGD
============

In noise SGD jumps about the minimum for as long as its learning rate stays the same. The average of the points that it
visits is far closer, and costs one more copy of the weights.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

bowl = og.surfaces.ravine.replace(condition=10)
three = {
    "SGD": og.SGD.at(lr=0.05),
    "SGD, a tenth of the learning rate": og.SGD.at(lr=0.005),
    "ASGD": og.ASGD.at(lr=0.05, t0=50),
}
race = og.race(three, bowl, steps=400, noise=3)
race

# %%
# All three have the same noise in their gradients. ASGD steps as SGD does, and from step 50 on its result is the
# average of the points since then. Over the last 200 steps its mean loss is :n:`means[2]:.3f`, that of SGD
# :n:`means[0]:.2f`. With a tenth of the learning rate SGD jumps less, but takes long to get to the bottom:
# :n:`means[1]:.3f`.

# proof: the average is better than the points by more than twenty times, and better than SGD with
# a tenth of the learning rate
means = [run.loss[-200:].mean() for run in race.values()]
assert means[2] < means[0] / 20 and means[2] < means[1] / 3

# %%

og.card(og.ASGD)

# %%
# The rule
# --------
# The average :math:`\bar\theta` takes no part in the descent: no gradient is taken there. The names are those of PyTorch,
# and so are two more parts, which are small by default: a learning rate that falls with the step, and a decay.

og.pseudocode(og.ASGD)

# %%

og.pseudocode(og.ASGD).hyperparameters

# %%
# What it repairs
# ---------------
# In a bowl of curvature :math:`\lambda` one step of SGD is
# :math:`\theta_t = (1 - \eta \lambda) \theta_{t-1} - \eta \, \xi_t`, with noise :math:`\xi_t` of variance
# :math:`\sigma^2`. Add up :math:`n` such lines: on both sides there is nearly the same sum of points, and what remains is
# :math:`\eta \lambda \sum \theta_t \approx -\eta \sum \xi_t`. So the average is :math:`-\frac{1}{\lambda}` times the mean
# of the noise, and its variance is
#
# .. math:: \frac{\sigma^2}{n \lambda^2}.
#
# It does not depend on the learning rate, and falls with every step. That the average reaches it as :math:`n` grows is
# the theorem of :cite:t:`polyak1992`. If the noise is normal, no unbiased estimate from :math:`n` gradients has a
# smaller one.

# proof: after a thousand steps the variance of the average is :math:`\sigma^2 / (n \lambda^2)`,
# at both of two learning rates
n, curvature = 1000, np.array([1, 10])
scales = torch.tensor(curvature).repeat(300)  # of 600 coordinates, half are steep
many = og.Problem(lambda p: (scales * p**2).sum() / 2, (600,), starts=[np.zeros(600)])
for lr in (0.05, 0.1):
    run = og.descend(og.ASGD.at(lr=lr, t0=0, lambd=0), many, steps=n, noise=1.0)
    variance = run.theta[-1].reshape(-1, 2).var(0)
    np.testing.assert_allclose(variance, 1 / (n * curvature**2), rtol=0.2)

# %%
# The points themselves keep the variance :math:`\eta^2 \sigma^2 / (1 - (1 - \eta \lambda)^2)`, about
# :math:`\eta \sigma^2 / (2 \lambda)`, which grows with the learning rate. That is SGD's dilemma: a large learning rate is
# fast and noisy, a small one is slow. With an average the learning rate may stay large.

# proof: the variance of the points is :math:`\eta^2 \sigma^2 / (1 - (1 - \eta \lambda)^2)`
points = run.states["ax"][200::50].reshape(-1, 2).var(0)  # where the second run steps
np.testing.assert_allclose(points, 0.1**2 / (1 - (1 - 0.1 * curvature) ** 2), rtol=0.08)

# %%
# Measured in the same way as for every rule. The default ``t0`` of a million is not over after these 1,000 steps, so there
# is no average yet, and the table shows plain SGD:

study.traits(og.ASGD)

# %%
# One knob: when the average begins
# ---------------------------------
# The average forgets nothing. If it begins at the start, the way to the minimum is part of it for ever, and its distance
# falls only as :math:`1/n`. If it begins late, few points are averaged. It should begin where the loss no longer falls.

begins = {f"t0 = {t0}": og.ASGD.at(lr=0.05, t0=t0) for t0 in (0, 50, 350)}
knob = og.race(begins, bowl, steps=400, noise=3)
og.plot_loss(knob)

# %%

# proof: an average from the start, and one of the last fifty points, both end higher
start, later, latest = (run.loss[-1] for run in knob.values())
assert later < start / 2 and later < latest / 2

# %%
# The whole axis of learning rates
# --------------------------------
# On Rosenbrock's function without noise an average only lags behind the last point. With one over the last hundred of
# 200 steps, ASGD reaches a median loss of :n:`rates.loss["ASGD"]:.2f` at its best learning rate, SGD
# :n:`rates.loss["SGD"]:.2f`.

rates = study.rates(og.ASGD.at(t0=100), beside=og.SGD)
rates

# %%

# proof: without noise the average ends higher than the last point, at the best rate of each
assert rates.loss["ASGD"] > 1.1 * rates.loss["SGD"]
assert rates.diverged["ASGD"] == rates.diverged["SGD"]

# %%
# How to set it
# -------------
# Set ``t0``. With the default the "average" is the last iterate for a million steps, and nothing tells you so. And read
# the average: ``torch.optim.ASGD`` leaves it in ``optimizer.state[p]["ax"]``, and the model keeps the last iterate. Here
# ``optimizer.eval()`` puts the average into the model, ``optimizer.train()`` puts the iterate back. Batch normalization
# needs its statistics again for the averaged weights. Leave ``lambd`` small: it is a decay towards zero, too.
#
# A schedule that falls to zero does much the same by other means. It needs to know the number of steps in advance, the
# average does not; :ref:`Schedule-Free SGD <sphx_glr_gallery_optimizers_plot_schedule_free_sgd.py>` takes its gradients
# near such an average.

# proof: before ``t0`` ASGD answers with the last iterate
waiting = og.descend(og.ASGD.at(lr=0.05), bowl, steps=400, noise=3)
np.testing.assert_allclose(waiting.theta, waiting.states["ax"], rtol=0, atol=1e-15)

# %%
# Where it fails
# --------------
# The average of two good points need not be good. In a curved valley it lies on the inner side. Here SGD has come to
# the bottom of Rosenbrock's valley and goes on along it; the average of its points is left behind and above.

valley = og.surfaces.rosenbrock
pair = {"SGD": og.SGD.at(lr=0.002), "ASGD": og.ASGD.at(lr=0.002, t0=0)}
curved = og.race(pair, valley, steps=2000)
curved

# %%

# proof: in the curved valley the average of 2,000 points is much higher than the last of them
last, average = (run.loss[-1] for run in curved.values())
assert average > 10 * last

# %%
# Provenance
# ----------
# :cite:t:`polyak1992` average from the start, with a learning rate that falls more slowly than :math:`1/t`. The form
# with ``lambd``, ``alpha`` and ``t0`` is that of ``torch.optim.ASGD``: the learning rate of step :math:`t` and the weight
# of the average are computed at the end of the step before, hence :math:`t - 1`. The average begins with
# the second point after ``t0``, which replaces the first. PyTorch keeps the learning rate of a step in
# its default dtype, float32, so its paths differ from these in the eighth digit; with float64 for default they are equal.
# In ``pytorch_optimizer`` the name ASGD stands for another algorithm, adaptive SGD.
#
# .. oracles:: ASGD

# proof: torch.optim.ASGD takes the same steps, as far as float32 goes
theirs = og.descend(torch.optim.ASGD, bowl, steps=400, noise=3, lr=0.05, t0=50)
np.testing.assert_allclose(theirs.theta, race["ASGD"].states["ax"], rtol=0, atol=1e-6)
