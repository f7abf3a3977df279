r"""
Why plain descent is not enough
===============================

Plain descent has six troubles: other minima, saddle points, plateaus beside cliffs, rare features, one step size for
all directions, and the price of the cure that theory offers. Here each one is measured.
"""

import numpy as np
import torch

import optguide as og


@og.surface(title="Two valleys", box=((-1.8, 1.8),), starts=((1.5,),))
def valleys(x):
    return x**4 / 4 - x**2 / 2 + 0.1 * x


left, right = (og.descend(og.SGD, valleys, start=[x], steps=60, lr=0.1) for x in (-1.5, 1.5))
og.animate({"from the left": left, "from the right": right})

# %%
# The nearest minimum need not be the lowest
# ------------------------------------------
# The left valley is deeper by :n:`right.loss[-1] - left.loss[-1]:.1f`. With short steps it depends on the side from
# which descent starts, and on nothing else, which one it finds.

# proof: from the left descent reaches the lower minimum, from the right the higher one
assert left.theta[-1, 0] < -1 and right.theta[-1, 0] > 0.8
assert np.abs([left.grad[-1], right.grad[-1]]).max() < 1e-3
assert left.loss[-1] < right.loss[-1] - 0.15

# %%
# A saddle point looks like a minimum for a long time
# ---------------------------------------------------
# On :math:`x^2 - y^2` the way down is along y. A millionth beside the ridge, descent first walks to the :term:`saddle
# point <saddle>`, where the gradient vanishes. Each step multiplies y by 1.2, and it takes :n:`away` steps until y
# exceeds 0.3.


@og.surface(title="A saddle", box=((-1.2, 1.2), (-1.2, 1.2)), starts=((1.0, 1e-6),))
def ridge(x, y):
    return x**2 - y**2


saddle = og.descend(og.SGD, ridge, steps=76, lr=0.1)
saddle.animate()

# %%

# proof: y grows by the factor 1.2, and exceeds 0.3 after 70 steps
away = int(np.argmax(saddle.theta[:, 1] > 0.3))
assert away == 70
np.testing.assert_allclose(saddle.theta[:, 1], 1e-6 * 1.2 ** np.arange(77), rtol=1e-9)

# %%
# Plateaus beside cliffs
# ----------------------
# A pit in a plain. Three units out, the derivative is :n:`flat:.3f`; on the wall it is :n:`wall:.1f`. With a learning
# rate that suits the wall, descent hardly moves on the plain. With one a thousand times as high it moves, but a single
# step on the wall then throws it :n:`-large.theta[1, 1, 0]:.0f` units past the pit.


@og.surface(title="A pit in a plain", box=((-4.5, 4.5),), starts=((3.0,),), minima=((0.0,),))
def pit(x):
    return 4 * (1 - torch.exp(-(x**2)))


small = og.descend(og.SGD, pit, steps=200, lr=0.1)
large = og.descend(og.SGD, pit, start=[[3.0], [0.7]], steps=1, lr=100)
flat, wall = large.grad[0, :, 0]
og.plot_curve(pit, small)

# %%

# proof: 200 steps with 0.1 move the point by less than 0.2
assert small.theta[-1, 0] > 2.8

# %%

# proof: one step with 100 moves the point by more than 0.2 on the plain, and throws it more than
# 300 away on the wall
assert large.theta[-1, 0, 0] < 2.8 and large.theta[-1, 1, 0] < -300
assert 0.0025 < flat < 0.0035 and wall > 3

# %%
# Rare features are learned late
# ------------------------------
# A linear model has two inputs; the true weights are (1, 1). The first input is always 1, the second is 1 in one
# example of a hundred and 0 otherwise. At the start, 99 examples miss by 1 and the rare one by 2, so the mean gradient
# is :math:`-(99 + 2) / 100` for the first weight and :math:`-2 / 100` for the second: a fiftieth. Adam divides each by
# its own size, and learns both equally fast.


def model_loss(a, b):
    return (99 * (a - 1) ** 2 + (a - 1 + b - 1) ** 2) / 200


fits = og.race(
    {"SGD": og.SGD.at(lr=0.5), "Adam": og.Adam.at(lr=0.05)},
    model_loss,
    (0, 0),
    200,
    title="Two weights",
)
fits.table()

# %%

# proof: the first gradient is (-1.01, -0.02)
np.testing.assert_allclose(fits["SGD"].grad[0], (-1.01, -0.02))

# %%

# proof: after 200 steps plain descent knows the frequent weight and not the rare one, Adam knows
# both
assert fits["SGD"].theta[-1, 0] > 0.98 and fits["SGD"].theta[-1, 1] < 0.7
assert np.abs(fits["Adam"].theta[-1] - 1).max() < 0.05

# %%
# One step size for all directions
# --------------------------------
# In a ravine the steepest direction limits the learning rate, and progress along the flattest one is slow. Here the
# :term:`curvatures <curvature>` are 100 and 1. With 0.019 descent is stable, with 0.021 it is not, by the
# :ref:`limit <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>` of :math:`2 / 100`. And with 0.019 a step
# takes only 2 % off the flat coordinate.


ravine = og.surfaces.ravine.replace(condition=100)
og.race({f"lr = {lr}": og.SGD.at(lr=lr) for lr in (0.019, 0.021)}, ravine, (1, 1), 100).table()

# %%

# proof: at 0.019 the steep coordinate dies out, at 0.021 it explodes
ends = og.descend(og.SGD, ravine, start=(1, 1), steps=100, lr=np.array([0.019, 0.021])).theta[-1]
assert np.abs(ends[0, 1]) < 1e-4 < 1e3 < ends[1, 1]

# %%

# proof: a hundred steps with 0.019 leave :math:`0.981^{100}` of the flat coordinate
np.testing.assert_allclose(ends[0, 0], 0.981**100)

# %%
# The price of the cure
# ---------------------
# Newton's method multiplies the gradient by the inverse of the :term:`Hessian`, the matrix of second derivatives. In
# that ravine it needs one step. But the matrix has a row and a column for each weight: for one layer of a thousand
# units, that is :n:`weights:,` weights, it takes :n:`4 * weights**2 / 1e12:.1f` TB. The rules of this guide that
# keep neither matrices nor a history keep at most :n:`max(counts)` numbers for each weight.

weights = sum(p.numel() for p in torch.nn.Linear(1000, 1000).parameters())
cards = [og.card(getattr(og, name)) for name in og.optimizers.__all__]
counts = [len(c.state_names) - len(c.apart) for c in cards if "×" not in str(c.apart.values())]

# %%

# proof: Newton's method needs one step in the ravine
point = torch.ones(2, dtype=torch.float64)
gradient = torch.func.grad(lambda p: ravine(*p))
newton = point - torch.linalg.solve(torch.func.jacrev(gradient)(point), gradient(point))
np.testing.assert_allclose(newton, 0, atol=1e-12)

# %%

# proof: the Hessian of one layer takes four terabytes, and rules without matrices or a history keep
# at most four numbers for each weight
assert weights == 1_001_000 and 4 * weights**2 > 4e12
assert max(counts) <= 4

# %%
# What helps
# ----------
# :ref:`Momentum <sphx_glr_gallery_optimizers_plot_momentum.py>` rolls through shallow minima, leaves saddle points
# sooner and is faster along a ravine. :ref:`Dividing by the size of the gradient
# <sphx_glr_gallery_foundations_plot_adaptive_scaling_and_units.py>` helps on plateaus, with rare features and in
# ravines, without a matrix.
