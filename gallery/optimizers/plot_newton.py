r"""
Newton's method
===============

Newton's method divides the gradient by the whole curvature, the Hessian matrix. In a bowl that is one step, however narrow
the bowl is. Elsewhere every flat point attracts it, be it a minimum, a maximum or a saddle point.
"""

import numpy as np
import torch

import optguide as og
from optguide import study
from optguide.language import inverse_root


class Absolute(og.Optimizer):
    """Newton's method with the absolute values of the Hessian's eigenvalues."""

    mixes = "model"

    @staticmethod
    def update(theta, grad, hessian, t, *, lr=1.0):
        h = hessian(theta)
        theta = theta - lr * inverse_root(h @ h, 2) @ grad(theta)
        return theta


hills = og.surfaces.himmelblau
rules = {
    "SGD, lr 0.01": og.SGD.at(lr=0.01),
    "Newton": og.Newton,
    "Newton, damping 60": og.Newton.at(damping=60.0),
    "absolute eigenvalues": Absolute,
}
race = og.race(rules, hills, start=(1.0, -1.0), steps=30)
race

# %%
# The start is on top of a hill. Newton's method climbs: after :n:`up` steps it is at the maximum to a millionth of its
# height, :n:`race["Newton"].loss[-1]:.1f`. SGD, damping and the absolute value of the curvature lead down, the last in
# :n:`down` steps to a loss below a thousandth.

# proof: Newton's method ends in the maximum, the three others in a minimum
ends = [run.loss[-1] for run in race.values()]
up = int(np.argmax(np.abs(race["Newton"].loss - ends[1]) < 1e-6 * ends[1]))
down = int(np.argmax(race["absolute eigenvalues"].loss < 1e-3))
assert race["Newton"].loss[0] < ends[1] and max(ends[0], *ends[2:]) < 1e-2
assert np.abs(race["Newton"].grad[-1]).max() < 1e-9

# %%

og.card(og.Newton)

# %%
# The rule
# --------
# Near :math:`\theta` the gradient is :math:`g + H s` for a step :math:`s`, up to terms of second order. It vanishes for
# :math:`s = -H^{-1} g`. A rule of this guide asks for :math:`H` as ``hessian(theta)``, and ``solve`` finds :math:`s`
# without inverting the matrix.

og.pseudocode(og.Newton)

# %%

og.pseudocode(og.Newton).hyperparameters

# %%
# What it repairs
# ---------------
# The learning rate of SGD is limited by the largest curvature, and the smallest then sets its pace. Newton's step fits
# every direction. Its path does not depend on the units of the loss, nor of the parameters: if :math:`\theta = A u`, the
# gradient in :math:`u` is :math:`A^\top g`, the Hessian :math:`A^\top H A`, and the step :math:`A^{-1} s`.

# proof: one step ends in the minimum of a bowl whose curvatures differ by a factor of a million
turn = np.array([[0.8, -0.6], [0.6, 0.8]])
matrix = torch.from_numpy(turn @ np.diag([1e3, 1e-3]) @ turn.T)
bowl = og.Problem(lambda x: (x - 3) @ matrix @ (x - 3) / 2, (2,))
np.testing.assert_allclose(og.descend(og.Newton, bowl, (-7.0, 40.0), 1).theta[-1], 3.0, atol=1e-6)

# %%

# proof: in other units of the coordinates, sheared and stretched, Newton's path is the same
shear = torch.tensor([[2.0, 0.3], [0.0, 0.05]], dtype=torch.float64)
other = og.Problem(lambda u: hills.heights(shear @ u), (2,))
start = torch.linalg.solve(shear, torch.tensor([3.5, 3.0], dtype=torch.float64))
path = og.descend(og.Newton, other, start.numpy(), 8).theta @ shear.numpy().T
np.testing.assert_allclose(path, og.descend(og.Newton, hills, (3.5, 3.0), 8).theta, atol=1e-9)

# %%
# Close to a minimum it is faster than any factor. What is left out of the gradient is of second order in the distance,
# so each step squares the distance, up to a factor: the number of right digits doubles.

near = og.descend(og.Newton, hills, start=(3.5, 2.5), steps=6)
distance = np.linalg.norm(near.theta - np.array([3.0, 2.0]), axis=1)
og.Table(
    "Distance to the minimum",
    ("step", "distance"),
    [(str(t), f"{d:.1e}") for t, d in enumerate(distance[:6])],
)

# %%

# proof: each distance is less than the square of the one before
assert (distance[1:5] < distance[:4] ** 2).all()

# %%
# What follows from the formula alone, measured for every rule in the same way. It remembers nothing, but a step writes down
# a matrix of :math:`n^2` numbers for :math:`n` parameters, takes :math:`n` products with the Hessian to fill it, each as dear as two
# gradients, and a number of multiplications in proportion to :math:`n^3` to solve for the step.

study.traits(og.Newton)

# %%
# For the million weights of one layer of a thousand units the matrix alone would take :n:`4 * 1e6**2 / 1e12:.0f` TB. Here a
# rule that asks for a Hessian steps 1,000 parameters at most, and says so.

# proof: a Hessian of more than a thousand rows is refused
try:
    og.descend(og.Newton, og.Problem(lambda x: (x**2).sum(), (1001,)), np.ones(1001), 1)
except ValueError as error:
    assert "the Hessian of 1,001 numbers has 1,002,001 entries" in str(error)
else:
    raise AssertionError

# %%
# Saddle points
# -------------
# Along an eigenvector of the Hessian with eigenvalue :math:`\lambda` the step is :math:`-g/\lambda`. If
# :math:`\lambda` is negative it goes uphill. So a saddle point attracts from all sides, and so does a maximum. With the
# absolute value of :math:`\lambda` the step has the same length and goes down. :cite:t:`dauphin2014` call this
# saddle-free Newton; since :math:`(H^2)^{-1/2}` has the eigenvalues :math:`1/|\lambda|`, it is one line with
# ``inverse_root``. Its steps are as long as Newton's, and where an eigenvalue is nearly zero that may be far.
#
# Damping adds the same number :math:`\mu` to every eigenvalue. If it exceeds the most negative one, all become positive,
# and the step goes down; if it is large, the step is nearly :math:`-g/\mu`, SGD's.

# proof: at the start of the race the most negative eigenvalue is above -60, so that damping of 60
# makes all of them positive; Newton's step there goes up and the two others down
point = torch.tensor([1.0, -1.0], dtype=torch.float64)
hessian = torch.func.jacrev(torch.func.grad(hills.heights))(point)
assert -60 < torch.linalg.eigvalsh(hessian)[0] < torch.linalg.eigvalsh(hessian)[1] < 0
steps = {name: race[name].theta[1] - race[name].theta[0] for name in rules}
falls = {name: step @ race["Newton"].grad[0] < 0 for name, step in steps.items()}
assert [name for name, fall in falls.items() if not fall] == ["Newton"]

# %%
# From a grid of starts Newton's method reaches one of the four minima from :n:`basins.reached["Newton"]:.0%`; the rest
# end in the four saddle points and the maximum. With damping of 60 all reach one.

basins = study.basins({"Newton": og.Newton, "damped": og.Newton.at(damping=60.0)}, starts=12)
basins

# %%

# proof: less than two thirds of the starts reach a minimum without damping, all with it
assert basins.reached["Newton"] < 2 / 3 and basins.reached["damped"] == 1

# %%
# One knob: the damping
# ---------------------
# More damping is safer at the start and slower at the end: it is still there where it is not needed, and the distance no
# longer squares.

knob = og.race(
    {f"damping = {mu:g}": og.Newton.at(damping=mu) for mu in (60.0, 200.0, 1000.0)},
    hills,
    start=(1.0, -1.0),
    steps=30,
)
og.plot_loss(knob)

# %%

# proof: the more damping, the higher the loss after 30 steps
assert np.all(np.diff([run.loss[-1] for run in knob.values()]) > 0)

# %%
# Learning rates
# --------------
# ``lr`` is the share of the step that is taken. In a bowl 1 is best, and above 2 it diverges whatever the curvatures.

# proof: in a bowl the distance is multiplied by 1 - lr in every step, in all directions
for lr in (0.5, 1.5, 2.5):
    short = og.descend(og.Newton, bowl, (-7.0, 40.0), 3, lr=lr).theta - 3
    np.testing.assert_allclose(short[-1], (1 - lr) ** 3 * short[0], rtol=1e-6)

# %%
# How to set it
# -------------
# With few parameters, and a start close to a minimum, take it as it is. Otherwise something has to keep the Hessian
# positive definite and the loss falling: :cite:t:`more1982` survey line searches and trust regions, which choose share
# and damping anew in every step. That is a loop inside of a step, which does not fit a rule of this guide, whose formula
# has no branches; ``scipy.optimize.minimize(method="trust-exact")`` has it. With many parameters
# :ref:`L-BFGS <sphx_glr_gallery_optimizers_plot_lbfgs.py>` estimates what is needed from gradients, and
# :ref:`Sophia-H <sphx_glr_gallery_optimizers_plot_sophia_h.py>` keeps only the diagonal.
#
# In training, ``loss.backward(create_graph=True)`` leaves the graph that the Hessian is found from. A network nearly always
# needs damping: a weight that nothing depends on, such as that of a pixel that is always blank, makes the Hessian singular.
#
# Where it fails
# --------------
# Where the Hessian is singular there is no step at all, and near such a point the step is long: on Rosenbrock's function the
# second step raises the loss from :n:`far.loss[1]:.0f` to :n:`far.loss[2]:.0f`. The third is back in the valley.

far = og.descend(og.Newton, og.surfaces.rosenbrock, steps=7)
far.plot_map()

# %%

# proof: a step of Newton's method may raise the loss a hundredfold, and a singular Hessian gives
# none
assert far.loss[2] > 100 * far.loss[1] and far.loss[-1] < 1e-20
assert og.descend(og.Newton, lambda x, y: x**2 + 0 * y, (1.0, 1.0), 2).diverged_at == 1

# %%
# Provenance
# ----------
# Newton solved polynomials in this way, without derivatives; Simpson wrote it in 1740 for any function, and for two unknowns.
# :cite:t:`ypma1995` tells the history. SciPy's ``Newton-CG`` solves for the step by
# products with the Hessian alone. The path of the test problems is the same if the step is taken along eigenvectors, each
# by itself.
#
# .. oracles:: Newton
