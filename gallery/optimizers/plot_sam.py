r"""
SAM
===

SAM is given the gradient of another point: the one a fixed distance uphill. Along a valley of equally low points this
moves any rule to where the valley is widest. It takes two gradients per step.
"""

import numpy as np
import torch

import optguide as og
from optguide import study


@og.surface(box=((-2.6, 2.6), (-1.3, 1.3)), starts=((2.2, 1.0),), minima=((0, 0),), shading="sqrt")
def valley(x, y):
    """Every point of the line y = 0 is a minimum; the curvature across it is 1 + 4 x²."""
    return (1 + 4 * x**2) * y**2 / 2


both = {"SGD": og.SGD.at(lr=0.05), "SAM(SGD)": og.SAM(og.SGD).at(lr=0.05, rho=0.3)}
race = og.race(both, valley, steps=300)
race

# %%
# Every point on the line y = 0 is a minimum, and all are equally low. SGD stops at the first that it comes to, at
# x = :n:`stopped:.2f`, where the curvature across the valley is :n:`1 + 4 * stopped**2:.1f`. SAM goes on along the
# bottom to x = :n:`drifted:.2f`, where the curvature is 1.

# proof: SGD stops in a narrow part of the valley; SAM ends in its widest part, and not at loss zero
stopped, drifted = race["SGD"].theta[-1, 0], race["SAM(SGD)"].theta[-1, 0]
assert stopped > 1.5 and race["SGD"].loss[-1] < 1e-100
assert abs(drifted) < 0.01 and 1e-5 < race["SAM(SGD)"].loss[-1] < 1e-4

# %%

og.card(og.SAM(og.SGD))

# %%
# The rule
# --------
# SAM wraps a rule, here SGD: ``og.SAM(og.SGD)`` is an optimizer with the hyperparameters of both. Two lines find the
# point to look at, and in the third the wrapped rule takes its step from where it stands, with the gradient from there.

og.pseudocode(og.SAM(og.SGD))

# %%

og.pseudocode(og.SAM(og.SGD)).hyperparameters

# %%
# With a radius of zero nothing is left of it.

# proof: with ``rho = 0`` SAM is the wrapped rule, to the last bit
for rule in (og.SGD, og.Momentum, og.Adam, og.Lion):
    wrapped = og.descend(og.SAM(rule).at(rho=0), og.surfaces.rosenbrock, lr=0.001)
    alone = og.descend(rule, og.surfaces.rosenbrock, lr=0.001)
    np.testing.assert_array_equal(wrapped.theta, alone.theta)

# %%
# What it repairs
# ---------------
# The loss of a model with more weights than data has whole valleys of minima, and the loss alone does not say which of
# them to prefer. :cite:t:`foret2021` want one whose neighbourhood is low, too: they minimise the largest loss within a
# distance :math:`\rho`, :math:`\max_{\lVert \epsilon \rVert \le \rho} f(\theta + \epsilon)`. To first order that largest
# loss lies along the gradient, at :math:`\hat\epsilon = \rho \, g / \lVert g \rVert`. Its gradient is taken to be the
# gradient at :math:`\theta + \hat\epsilon`.
#
# In a valley this does the following. Across it, where the curvature is :math:`\lambda`, the point looked at lies
# :math:`\rho` further out, and the step is :math:`\eta \lambda (|y| + \rho)`, too long to come to rest. In the end each
# step leads to the other side, to the same distance: :math:`2 |y| = \eta \lambda (|y| + \rho)`, so
# :math:`|y| = \eta \lambda \rho / (2 - \eta \lambda)`. :cite:t:`bartlett2023` prove this for any quadratic bowl, along its
# steepest direction.

# proof: at the bottom of the valley SAM goes back and forth at the distance
# :math:`\eta \lambda \rho / (2 - \eta \lambda)`
runs = {}
for x in (0.0, 1.0):  # where the valley does not change, and where it does
    for rho in (0.1, 0.3):
        run = runs[x, rho] = og.descend(og.SAM(og.SGD).at(lr=0.05, rho=rho), valley, (x, 0.5), 400)
        turn = 0.05 * (1 + 4 * run.theta[-2:, 0] ** 2)
        np.testing.assert_allclose(np.abs(run.theta[-2:, 1]), turn * rho / (2 - turn), rtol=0.02)
        assert run.theta[-1, 1] * run.theta[-2, 1] < 0

# %%
# It looks at points where :math:`|y|` is :math:`|y| + \rho = 2 \rho / (2 - \eta \lambda)`. There the loss falls along the
# valley, too, since the valley widens: by :math:`\lambda'(x) (|y| + \rho)^2 / 2`. With a small learning rate this is
# the gradient of :math:`\rho^2 \lambda(x) / 2`: along the bottom, where the loss is constant, SAM is a slow descent on the
# curvature.

# proof: every step along the bottom is :math:`\eta \lambda' (|y| + \rho)^2 / 2`
path = race["SAM(SGD)"].theta[100:]
x, turn = path[:-1, 0], 0.05 * (1 + 4 * path[:-1, 0] ** 2)
drift = 0.05 * 8 * x / 2 * (2 * 0.3 / (2 - turn)) ** 2
np.testing.assert_allclose(path[:-1, 0] - path[1:, 0], drift, rtol=0.02)

# %%
# Measured in the same way as for every rule. A bowl has one minimum, and SAM pays for the two gradients without getting
# anything:

study.traits(og.SAM(og.SGD))

# %%
# One knob: the radius
# --------------------
# The drift grows with the square of ``rho``, the distance at which SAM keeps bouncing in proportion to it. After 300
# steps a radius of 0.1 has come from x = :n:`stopped:.2f` to :n:`reached[0]:.2f`, one of 0.2 to :n:`reached[1]:.2f`.

radii = {f"rho = {rho}": og.SAM(og.SGD).at(lr=0.05, rho=rho) for rho in (0.1, 0.2, 0.4)}
knob = og.race(radii, valley, steps=300)
knob.plot()

# %%

# proof: a larger radius gets further along the valley and ends higher
reached = [abs(run.theta[-1, 0]) for run in knob.values()]
ends = [run.loss[-1] for run in (runs[0.0, 0.1], runs[0.0, 0.3])]
assert stopped > reached[0] > reached[1] + 0.5 and reached[2] < 0.001
np.testing.assert_allclose(ends[1] / ends[0], 9, rtol=1e-6)

# %%
# The whole axis of learning rates
# --------------------------------
# Rosenbrock's function has one minimum, at the bottom of a curved valley, and there is no reason to prefer the wide
# parts of it. SAM's gradient comes from higher up the wall, so its learning rate has to be smaller: with a radius of 0.5
# the best is :n:`rates.best["rho = 0.5"]:.2g` instead of :n:`rates.best["SGD"]:.2g`, and the median loss that it reaches
# is :n:`rates.loss["rho = 0.5"]:.2f` instead of :n:`rates.loss["SGD"]:.2f`.

wide = {f"rho = {rho}": og.SAM(og.SGD).at(rho=rho) for rho in (0.05, 0.5)}
rates = study.rates({"SGD": og.SGD}, beside=wide)
rates

# %%

# proof: the larger the radius, the smaller the best learning rate and the higher the best loss
assert rates.best["SGD"] > rates.best["rho = 0.05"] > 4 * rates.best["rho = 0.5"]
assert rates.loss["SGD"] < rates.loss["rho = 0.05"] < rates.loss["rho = 0.5"]

# %%
# How to set it
# -------------
# The default of 0.05 is that of all libraries that we know of. It is a length in the space of all
# weights: of a model with many more weights it is a smaller part. Since the point bounces at a distance of
# :math:`\eta \lambda \rho / (2 - \eta \lambda)`, a learning rate that falls to zero brings it to rest. Every step calls
# the closure twice, so an epoch takes twice as long, and layers that count what passes through them, such as batch
# normalization, count twice: the widely used implementation of `davda54/sam <https://github.com/davda54/sam>`__ suggests
# to let them count in the first pass only.
#
# Where it fails
# --------------
# That SAM leaves sharp minima for flat ones is more than it does. Here are two wells: a deep narrow one at the left, a
# wide one at the right. Within a radius of 0.4 the narrow one is the worse, since there the loss rises to
# :n:`worst[0]:.2f` and in the wide one only to :n:`worst[1]:.2f`. By its own measure SAM should prefer the wide one.
# From a start on the wall of the narrow well SGD descends to its bottom. SAM does not get down into it, nor to the wide
# well: it stops on the saddle point between them.


@og.surface(box=((-2, 2.4), (-1.6, 1.6)), starts=((-0.5, 0.3),), minima="find")
def wells(x, y):
    """A narrow well of depth 1.5 and a wide one of depth 1."""
    narrow = torch.exp(-8 * ((x + 1) ** 2 + y**2))
    return -1.5 * narrow - torch.exp(-0.8 * ((x - 0.8) ** 2 + y**2))


two = {"SGD": og.SGD.at(lr=0.02), "SAM(SGD)": og.SAM(og.SGD).at(lr=0.02, rho=0.4)}
stuck = og.race(two, wells, steps=600)
stuck

# %%
# Along the line of the wells, uphill is towards the saddle point from both sides. So the point looked at lies beyond it,
# on the other side, and the step leads back. :cite:t:`monziocompagnoni2023` prove under some conditions that SAM is attracted
# by saddle points.

# proof: by the largest loss within the radius the wide well is the better one,
# and SAM stops on the saddle point instead
angle, r = np.meshgrid(np.linspace(0, 2 * np.pi, 361), np.linspace(0, 0.4, 41))
worst = [float(wells(a + r * np.cos(angle), r * np.sin(angle)).max()) for a in (-0.9908, 0.8)]
assert worst[0] > worst[1] + 0.3
np.testing.assert_allclose(stuck["SGD"].theta[-1], wells.known_minima()[0], atol=1e-3)
saddle = stuck["SAM(SGD)"].theta[-200:].mean(0)
slope = og.descend(og.SGD, wells, saddle, steps=1).grad[0]
bent = torch.func.jacrev(torch.func.grad(lambda p: wells(*p)))(torch.tensor(saddle))
low, high = torch.linalg.eigvalsh(bent)
assert np.abs(slope).max() < 0.2 and low < -0.5 < 0.5 < high

# %%
# Flatness itself depends on the units of the weights. Multiply one layer of a ReLU network by ten and divide the next by
# ten: the outputs stay the same, the curvatures do not, and :cite:t:`dinh2017` make any minimum as sharp as they like in
# this way. ASAM :cite:p:`kwon2021` measures the radius in units of each weight, which removes this dependence.

# proof: the model a b fits as well with 10 a and b / 10, at fifty times the curvature
bend = torch.func.jacrev(torch.func.grad(lambda w: (w[0] * w[1] - 1) ** 2 / 2))
one, ten = (torch.linalg.eigvalsh(bend(torch.tensor([a, 1 / a]))) for a in (1.0, 10.0))
np.testing.assert_allclose(ten[1] / one[1], 50, rtol=1e-3)

# %%
# Provenance
# ----------
# :cite:t:`foret2021`, equation (2) with the Euclidean norm, and algorithm 1. The length of the gradient is that of all
# parameters together; 1e-12 is added to it, as in `davda54/sam <https://github.com/davda54/sam>`__, which a length of zero
# needs; the authors' code divides by the bare length. On several devices the authors let each one find
# its own :math:`\hat\epsilon` from its share of the batch; one gradient for all is a different rule. The tests hold
# ``SAM(Adam)``, ``SAM(Momentum)`` and ``SAM(AdamW)`` against ``pytorch_optimizer.SAM``, with which they agree to
# :math:`10^{-11}` over 60 steps of a network, once that library keeps the length of the gradient in double precision.

# proof: the steps of SAM(SGD), written out in NumPy, are the same
theta = np.array([2.2, 1.0])
for _ in range(300):
    g = np.array([4 * theta[0] * theta[1] ** 2, (1 + 4 * theta[0] ** 2) * theta[1]])
    x, y = theta + 0.3 * g / np.linalg.norm(g)
    theta = theta - 0.05 * np.array([4 * x * y**2, (1 + 4 * x**2) * y])
np.testing.assert_allclose(theta, race["SAM(SGD)"].theta[-1], rtol=0, atol=1e-9)
