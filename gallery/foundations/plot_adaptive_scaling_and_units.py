r"""
Adaptive scaling and units
==========================

Measure the loss in other units, or a weight, and plain descent takes a different step. Adaptive rules cure the first.
Only Newton's method, and Adadelta under a condition, cure the second.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

# %%
# What a step should be measured in
# ---------------------------------
# Let the loss be in euros and the weight in metres. The slope is in euros per metre, the step should be in metres.
# Plain descent subtracts one from the other, and its learning rate must carry the unit m²/€. A slope divided by a
# typical slope has no unit. So the rate of RMSprop or Adam is in metres, whatever the loss is in.
#
# We walk down a plane, where the slope never changes and the rule alone decides. Then we express the same loss in
# thousandths (all numbers are 1000 times larger), and after that the same weight (u = 1000 x). A rule that respects
# units takes steps that are 1 and 1000 times as large.


def loss(x):
    return 3 * x


rules = {
    "SGD": og.SGD,
    "Momentum": og.Momentum,
    "Adagrad": partial(og.Adagrad, eps=1e-16),
    "RMSprop": partial(og.RMSprop, eps=1e-16),
    "Adam": partial(og.Adam, eps=1e-16),
    "Lion": og.Lion,
    "Adadelta": partial(og.Adadelta, eps=1e-16),
}
setting = {"start": [1.0], "steps": 20, "lr": 0.01}
same = og.race(rules, loss, **setting)
other_loss = og.race(rules, lambda x: 1000 * loss(x), **setting)
other_weight = og.race(rules, lambda u: loss(u / 1000), **setting)


def factors(race):
    """How many times as large as before the 20th step is, rule by rule."""
    return {
        name: float(np.diff(race[name].theta[:, 0])[-1])
        / float(np.diff(same[name].theta[:, 0])[-1])
        for name in rules
    }


by_loss, by_weight = factors(other_loss), factors(other_weight)
og.Table(
    "How the step changes",
    ("rule", "loss in thousandths", "weight in thousandths"),
    [("should be", "1", "1000")] + [(n, f"{by_loss[n]:.4g}", f"{by_weight[n]:.4g}") for n in rules],
)

# %%
# SGD and momentum fail twice, and in the wrong direction: in the finer unit their step becomes smaller. The adaptive
# rules and Lion ignore the unit of the loss. In the unit of the weight their step stays the same number, so their
# learning rate has to be converted by hand.

expected = [1000, 1000, 1, 1, 1, 1, 1]
np.testing.assert_allclose(list(by_loss.values()), expected, rtol=1e-3)
expected = [0.001, 0.001, 1, 1, 1, 1, 1]
np.testing.assert_allclose(list(by_weight.values()), expected, rtol=1e-3)

fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.semilogy(list(rules), list(by_loss.values()), "o", ms=10, label="loss: should be 1")
ax.semilogy(
    list(rules),
    list(by_weight.values()),
    "s",
    ms=6,
    label="weight: should be 1000",
)
ax.set(title="The step in thousandths, over the step", ylabel="factor")
ax.legend()

# %%
# A small eps matters here. It is added to a slope, or to its square, and so has a unit, too. With
# eps = 10 the unit of the loss is back.

blunt = partial(og.RMSprop, eps=10.0)
pair = [og.descend(blunt, lambda x, c=c: c * loss(x), **setting) for c in (1, 1000)]
ratio = np.diff(pair[1].theta[:, 0])[-1] / np.diff(pair[0].theta[:, 0])[-1]
print("RMSprop with eps = 10:", ratio)
assert ratio > 3

# %%
# Adadelta's claim
# ----------------
# Adadelta multiplies the quotient by a typical past step, which has the weight's unit :cite:p:`zeiler2012`. Yet the
# table gives it a 1. The first typical step has to come from somewhere, and it comes from eps, a plain number. If the
# memory of past steps starts from a value that is converted with the unit, the claim holds:

begun = partial(og.Adadelta, eps=1e-16)
metres = og.descend(begun, loss, initial_accumulator_value=1.0, **setting)
finer = og.descend(
    begun,
    lambda u: loss(u / 1000),
    initial_accumulator_value=1e6,
    **setting,
)
ratio = np.diff(finer.theta[:, 0]) / np.diff(metres.theta[:, 0])
print("Adadelta, its memory converted:", ratio[[0, -1]])
np.testing.assert_allclose(ratio, 1000, rtol=1e-6)

# %%
# Newton's step, slope over curvature, has the right unit by itself: (€/m) / (€/m²) = m. Here on a curved
# loss, :math:`\cosh x`, with the curvature by differentiating twice.


def newton(f, at):
    at = torch.tensor(at, dtype=torch.float64)
    return torch.func.grad(f)(at) / torch.func.grad(torch.func.grad(f))(at)


finer = newton(lambda u: torch.cosh(u / 1000), 1000.0)
print("Newton:", float(finer / newton(torch.cosh, 1.0)))
np.testing.assert_allclose(finer / newton(torch.cosh, 1.0), 1000)

# %%
# Before this: :ref:`bias correction <sphx_glr_gallery_foundations_plot_bias_correction.py>`.
# Next: :ref:`warm-up <sphx_glr_gallery_foundations_plot_warm_up.py>`. The rules:
# :ref:`RMSprop <sphx_glr_gallery_optimizers_plot_rmsprop.py>`,
# :ref:`Adadelta <sphx_glr_gallery_optimizers_plot_adadelta.py>`.
