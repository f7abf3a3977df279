r"""
Adaptive scaling and units
==========================

If the loss, or a weight, is measured in another unit, plain descent takes another step. Rules that divide by the size
of the gradient ignore the unit of the loss. Of the rules tried here, only Newton's method, and under a condition
Adadelta, follow the unit of the weight.
"""

import numpy as np
import torch

import optguide as og


class Newton(og.Optimizer):
    """Newton's method, coordinate by coordinate: the gradient over the curvature."""

    @staticmethod
    def update(theta, grad, hvp, t, *, lr=0.1):
        g = grad(theta)  # in € / m
        h = hvp(theta, g) / g  # the curvature, in € / m²
        theta = theta - lr * g / h  # in m
        return theta


@og.surface(
    title="A round bowl, one axis in tenths", box=((-4, 4), (-40, 40)), starts=((3.0, 30.0),)
)
def bowl(x, u):
    return (x**2 + (u / 10) ** 2) / 2


rules = {"SGD": og.SGD, "Adam": og.Adam, "Newton": Newton}
race = og.race(rules, bowl, steps=60, lr=0.1)
race

# %%
# A round bowl, drawn as such, but its second weight u is given in decimetres and the first in metres. SGD moves along x,
# hardly along u: in the finer unit the gradient is ten times smaller, where the step should be ten times larger. Adam's
# first steps are the same number in both coordinates, so along u it needs ten times as many. Newton's method goes
# straight to the minimum.

# proof: Newton's method goes straight to the minimum, the others have gone most of the way along x
# and less than a quarter of it along u, SGD less than a tenth; Adam's first five steps are the same
# in both coordinates, to two percent
np.testing.assert_allclose(race["Newton"].theta[:, 1], 10 * race["Newton"].theta[:, 0])
assert race["Newton"].loss[-1] < 1e-4
for name in ("SGD", "Adam"):
    x, u = race[name].theta[-1] / (3, 30)
    assert abs(x) < 0.1 and u > 0.75
assert race["SGD"].theta[-1, 1] > 0.9 * 30
first = np.diff(race["Adam"].theta[:6], axis=0)
np.testing.assert_allclose(first[:, 0], first[:, 1], rtol=0.02)

# %%
# What a step should be measured in
# ---------------------------------
# Let the loss be in euros and the weight in metres. The gradient is in euros per metre, the step should be in metres.
# Plain descent subtracts one from the other, so its learning rate has to carry the unit m²/€. A gradient divided by a
# typical gradient has no unit. So the learning rate of RMSprop or Adam is in metres, whatever the unit of the loss.
#
# This can be tested. On a straight line the derivative never changes, and the rule alone decides. We give the same loss
# in thousandths, so that all its numbers are 1,000 times as large, and then the same weight in thousandths,
# :math:`u = 1000 x`. A rule that respects units takes steps that are 1 and 1,000 times as large.

small = {"eps": 1e-16}
tried = {"SGD": og.SGD, "Momentum": og.Momentum, "Lion": og.Lion}
tried |= {r.__name__: r.at(**small) for r in (og.Adagrad, og.RMSprop, og.Adam, og.Adadelta)}
line = {"start": [1.0], "steps": 20, "lr": 0.01}
same = og.race(tried, lambda x: 3 * x, **line)
loss = og.race(tried, lambda x: 3000 * x, **line)
weight = og.race(tried, lambda u: 3 * u / 1000, **line)
last = {k: [np.diff(race[k].theta[:, 0])[-1] for race in (same, loss, weight)] for k in tried}
rows = [(k, f"{b / a:.4g}", f"{c / a:.4g}") for k, (a, b, c) in last.items()]
og.Table(
    "How many times as large the twentieth step is",
    ("rule", "loss in thousandths", "weight in thousandths"),
    [("should be", "1", "1000"), *rows],
)

# %%
# SGD and momentum fail twice, and in the finer unit of the weight their steps even become smaller. The adaptive rules
# and Lion ignore the unit of the loss. In the unit of the weight their step stays the same number, so their learning
# rate has to be converted by hand. :ref:`Traits of the rules <sphx_glr_gallery_comparisons_plot_traits.py>` has the
# same test for every rule.

# proof: in thousandths of the loss, SGD and momentum step 1,000 times as far, the others equally
# far
ratios = {k: b / a for k, (a, b, c) in last.items()}
np.testing.assert_allclose([ratios.pop("SGD"), ratios.pop("Momentum")], 1000, rtol=1e-3)
np.testing.assert_allclose(list(ratios.values()), 1, rtol=1e-3)

# %%

# proof: in thousandths of the weight, SGD and momentum step a thousandth as far, the others equally
# far, and none 1,000 times as far
ratios = {k: c / a for k, (a, b, c) in last.items()}
np.testing.assert_allclose([ratios.pop("SGD"), ratios.pop("Momentum")], 0.001, rtol=1e-3)
np.testing.assert_allclose(list(ratios.values()), 1, rtol=1e-3)

# %%
# A small ``eps`` matters here. It is added to a gradient, or to its square, and so it has a unit, too. With a large one
# the unit of the loss is back.

# proof: with ``eps=10`` RMSprop's step depends on the unit of the loss
blunt = [og.descend(og.RMSprop, lambda x, c=c: c * x, eps=10.0, **line) for c in (3, 3000)]
steps = [np.diff(run.theta[:, 0])[-1] for run in blunt]
assert steps[1] / steps[0] > 3

# %%
# Adadelta's claim
# ----------------
# Adadelta multiplies the quotient by a typical past step, which has the unit of the weight :cite:p:`zeiler2012`. Yet
# the table gives it a 1. The first typical step has to come from somewhere, and it comes from ``eps``, which is a plain
# number. If the memory of past steps starts from a value that is converted with the unit, the claim holds.

# proof: Adadelta steps 1,000 times as far if its memory of squared steps is converted by a million
begun = og.Adadelta.at(**small)
metres = og.descend(begun, lambda x: 3 * x, initial_accumulator_value=1.0, **line)
finer = og.descend(begun, lambda u: 3 * u / 1000, initial_accumulator_value=1e6, **line)
ratio = np.diff(finer.theta[:, 0]) / np.diff(metres.theta[:, 0])
np.testing.assert_allclose(ratio, 1000, rtol=1e-6)

# %%
# Newton's step
# -------------
# The gradient divided by the curvature has the right unit by itself: (€/m) / (€/m²) = m. For a loss without mixed
# terms, this is the rule of the first picture.

og.pseudocode(Newton)

# %%
# Other methods that estimate the curvature from gradients have the right unit for the same reason: the steps of
# :cite:t:`barzilai1988`, L-BFGS :cite:p:`liu1989`, and the diagonal Newton method of :cite:t:`becker1988`, which Zeiler
# names as a forerunner of Adadelta.

# proof: on :math:`\cosh x`, Newton's method ignores the unit of the loss and follows that of the
# weight
there = og.descend(Newton, lambda x: torch.cosh(x), start=[1.0], steps=20)
other_loss = og.descend(Newton, lambda x: 1000 * torch.cosh(x), start=[1.0], steps=20)
other_weight = og.descend(Newton, lambda u: torch.cosh(u / 1000), start=[1000.0], steps=20)
np.testing.assert_allclose(other_loss.theta, there.theta)
np.testing.assert_allclose(other_weight.theta, 1000 * there.theta)
