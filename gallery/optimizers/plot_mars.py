r"""
MARS
====

MARS corrects the gradient by its change since the step before, to take noise out of it. That works if both gradients
are of the same batch, at the cost of a second evaluation. The form that is used compares two batches, which adds noise.
"""

from functools import partial

import numpy as np
from torch import sqrt

import optguide as og
from optguide import study


class ExactMARS(og.Optimizer):
    """MARS with the gradient of the present batch at both points, and without the cut."""

    color = "#30a0f0"
    init = {"before": "theta"}

    @staticmethod
    def update(theta, grad, t, m, v, before, *, lr=3e-3, betas=(0.95, 0.99), gamma=0.025):
        beta1, beta2 = betas
        g = grad(theta)  # gradient of this batch at the current point
        c = g + gamma * beta1 / (1 - beta1) * (g - grad(before))  # and its change on the way here
        before = theta
        m = beta1 * m + (1 - beta1) * c  # EMA of what was corrected
        v = beta2 * v + (1 - beta2) * c**2  # EMA of its square
        theta = theta - lr * m / (1 - beta1**t) / sqrt(v / (1 - beta2**t))  # Adam's step
        return theta, m, v, before


@og.surface(box=((-4, 4), (-2, 2)), starts=((-3.6, 0.6),), minima=((0, 0),))
def faint_ravine(x, y, *, depth=0.01):
    """A ravine whose gradients are shorter than 1."""
    return depth * (x**2 + 100 * y**2) / 2


settings = {"lr": 0.05, "betas": (0.99, 0.99)}
rules = {
    "AdamW": og.AdamW.at(weight_decay=0.0, **settings),
    "MARS, two batches": og.MARS.at(gamma=0.5, **settings),
    "MARS, one batch": ExactMARS.at(gamma=0.5, **settings),
}
race = og.race(rules, faint_ravine, steps=600, noise=0.1)
race

# %%
# At the start the noise is :n:`0.1 / 0.036:.1f` times as large as the gradient along the ravine, and it is the same in
# both gradients of a step, as that of a batch nearly is. With a memory of a hundred steps AdamW averages the noise away
# and runs past the minimum. With the correction of one batch it does not: over the last 300 steps its mean loss is
# :n:`late["MARS, one batch"]:.1g`, AdamW's :n:`late["AdamW"]:.1g`. With that of two batches the rule is still on its way.

# proof: corrected within a batch the loss is less than half of AdamW's, between batches
# ten times AdamW's
late = {name: run.loss[300:].mean() for name, run in race.items()}
assert late["MARS, one batch"] < late["AdamW"] / 2
assert late["MARS, two batches"] > 10 * late["AdamW"]

# %%

og.card(og.MARS)

# %%
# The rule
# --------
# From ``m`` on it is :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>` with ``c`` in place of the gradient.
# ``c`` is the gradient plus its change, and if it is longer than 1 it is cut to length 1, over the whole tensor. At the
# first step the gradient before is 0, as in the authors' code.

og.pseudocode(og.MARS)

# %%

og.pseudocode(og.MARS).hyperparameters

# %%

# proof: without correction and with gradients shorter than 1 it is AdamW
calm = {"function": faint_ravine, "steps": 100, "lr": 0.05, "betas": (0.8, 0.95)}
ours = og.descend(og.MARS, gamma=0.0, weight_decay=0.1, **calm).theta
theirs = og.descend(og.AdamW, weight_decay=0.1, **calm).theta
np.testing.assert_allclose(ours, theirs, atol=1e-10)

# %%
# What it repairs
# ---------------
# An average of gradients has little noise and is late: it holds gradients of points that were left long ago. The exact
# form brings every old gradient up to date, by the difference of the same batch at two neighbouring points, in which the
# noise cancels. With :math:`\gamma = 1` it is the recursive momentum of variance reduction,
#
# .. math::
#
#    m_t = \beta_1\,\bigl(m_{t-1} + \nabla f_t(\theta_t) - \nabla f_t(\theta_{t-1})\bigr) + (1 - \beta_1)\,\nabla f_t(\theta_t),
#
# which without noise becomes the gradient itself, however long the memory. :cite:t:`yuan2025` scale the
# difference down by :math:`\gamma`, since the difference of one batch is an estimate, too.

# proof: without noise and with gamma = 1 the exact m is the gradient, up to 0.99**t times the first
# one; AdamW's lags behind it
exact = og.descend(ExactMARS.at(gamma=1.0, **settings), faint_ravine, steps=200)
forgotten = 0.99 ** np.arange(1, 201)[:, None]
known = exact.grad - forgotten * exact.grad[0]
np.testing.assert_allclose(exact.states["m"][1:], known, atol=1e-12)
plain = og.descend(rules["AdamW"], faint_ravine, steps=200)
assert np.abs(plain.states["m"][1:] / (1 - forgotten) - plain.grad)[100:].max() > 0.01

# %%
# Measured in the same way as for every rule:

study.traits(og.MARS)

# %%
# One knob: the strength of the correction
# ----------------------------------------
# Between two batches nothing cancels. Adding up the differences over the whole past shows what is left: while no
# gradient is cut,
#
# .. math::
#
#    m_t = (1 - \gamma)\,\bar m_t + \gamma\,g_t,
#
# with the plain average :math:`\bar m_t`. So the approximate form is quasi-hyperbolic momentum with the weight
# :math:`\gamma` on the newest gradient, over the scale of a noisier ``c``. Without noise that is a useful brake.

strengths = {f"gamma = {g:g}": og.MARS.at(gamma=g, **settings) for g in (0.0, 0.025, 0.1, 0.5)}
knob = og.race(strengths, faint_ravine, steps=400)
knob.plot()

# %%

# proof: m is 1 - gamma times the plain average plus gamma times the newest gradient;
# without noise a larger gamma runs less far past the minimum
fainter = faint_ravine.replace(depth=1e-4)
loose = og.descend(og.MARS.at(gamma=0.5, **settings), fainter, steps=60, noise=1e-5)
average, found = np.zeros(2), []
for g in loose.grad:
    average = 0.99 * average + 0.01 * g
    found.append(0.5 * average + 0.5 * g)
np.testing.assert_allclose(loose.states["m"][1:], found, atol=1e-15)
past = [run.theta[:, 0].max() for run in knob.values()]
assert past[0] > past[1] > past[2] > past[3] and past[0] > 1 > past[3]

# %%
# The whole axis of learning rates
# --------------------------------
# Rosenbrock's gradients are longer than 1 nearly everywhere, so that only their directions enter the averages. This
# alone, at ``gamma`` = 0, brings the loss at the best learning rate from AdamW's :n:`rates.loss["AdamW"]:.2g` down to
# :n:`rates.loss["gamma = 0"]:.2g`: a few large gradients of the beginning no longer fill the scale. The correction brings
# it down to :n:`rates.loss["MARS"]:.1g`. The best learning rate is smaller, and fewer are good.

same = {"betas": (0.95, 0.99), "weight_decay": 0.0}
settled = {"MARS": og.MARS, "gamma = 0": og.MARS.at(gamma=0.0), "AdamW": og.AdamW.at(**same)}
rates = study.rates(settled)
rates

# %%

# proof: the cut alone lowers the best loss by more than half, the correction does so again,
# and the good learning rates span at least one power of ten less than AdamW's
assert rates.loss["gamma = 0"] < rates.loss["AdamW"] / 2
assert rates.loss["MARS"] < rates.loss["gamma = 0"] / 2
assert rates.decades["MARS"] < rates.decades["AdamW"] - 1 and rates.diverged["MARS"] is None

# %%
# Basins
# ------
# On Himmelblau's function the cut does the same: after 200 steps :n:`basins.reached["MARS"]:.0%` of the starts have come
# to rest in a minimum, of AdamW's with the same ``betas`` :n:`basins.reached["AdamW"]:.0%`.

basins = study.basins({name: partial(rule, lr=0.1) for name, rule in settled.items()})
basins

# %%

# proof: MARS, with or without correction, is at rest from over 95 % of the starts,
# AdamW from less than half
assert min(basins.reached["MARS"], basins.reached["gamma = 0"]) > 0.95
assert basins.reached["AdamW"] < 0.5

# %%
# How to set it
# -------------
# :cite:t:`yuan2025` take a ``gamma`` of 0.025, betas of 0.95 and 0.99 and learning rates of 6e-3 for small models to 2e-3
# for large ones, and give vectors plain AdamW with settings of their own. They report that GPT-2 models train better with
# it than with AdamW. In the comparison of :cite:t:`semenov2025` MARS is among the best rules for large models.
#
# Where it fails
# --------------
# The bound on the length hides how far away the minimum is. Multiply a loss by a thousand, and gradients
# shorter than 1 are cut where they were not: the path is another one. (The bowl of the table above is too steep to show
# it: its gradients are cut before, too.) And in noise the approximate form has the noise of two batches in its scale: in
# the race above it has come :n:`far["MARS, two batches"]:.2f` along x after 100 steps, and AdamW :n:`far["AdamW"]:.1f`.

# proof: in its first hundred steps MARS of two batches comes less than half as far as AdamW; a
# short gradient is not cut, and a thousand times as long it is
far = {name: run.theta[100, 0] - run.theta[0, 0] for name, run in race.items()}
assert far["AdamW"] > 2 * far["MARS, two batches"]
slight = {
    k: og.descend(og.MARS, lambda x, y, k=k: 0.05 * k * (x * x + y * y), (1, 1), 30)
    for k in (1, 1000)
}
assert np.abs(slight[1].theta - slight[1000].theta).max() > 1e-4

# %%
# Provenance
# ----------
# :cite:t:`yuan2025`, MARS-AdamW, approximate form, for tensors of any shape (``optimize_1d`` in the authors' code). That
# code keeps a reference to the gradient instead of a copy: with ``zero_grad(set_to_none=False)`` the next gradient
# overwrites it, and the correction is always zero. ``timm`` and ``pytorch_optimizer`` keep copies. ``timm`` does not
# correct the first gradient, and ``pytorch_optimizer`` adds 1e-15 to the squares and ``eps`` before the bias is corrected.
#
# .. oracles:: MARS
