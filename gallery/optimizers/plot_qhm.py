r"""
QHM
===

Quasi-hyperbolic momentum averages a plain gradient step with a momentum step. The plain share reacts at once and damps
oscillation, so that the momentum can remember a long time. One formula contains SGD, momentum and Nesterov's method.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=200)
long = og.QHM.at(lr=0.0095, momentum=0.99)
shares = {f"nu = {nu}": partial(long, nu=nu) for nu in (0.0, 0.7, 1.0)}
race = og.race(shares, ravine, steps=400, noise=10.0)
race

# %%
# The learning rate and the noise are the same for all three. With ``nu`` = 0 every step is a plain one, and the noise
# shakes the descent on the steep walls. With ``nu`` = 1 every step is one of momentum, which swings across the ravine and
# along it for hundreds of steps. The average of the two does neither: over the last 200 steps its mean loss is
# :n:`loss[0.7]:.2f`, theirs are :n:`loss[0.0]:.1f` and :n:`loss[1.0]:.1f`.

# proof: in noise the average of both steps has a quarter of the loss of either
loss = {nu: race[f"nu = {nu}"].loss[200:].mean() for nu in (0.0, 0.7, 1.0)}
assert 4 * loss[0.7] < min(loss[0.0], loss[1.0])

# %%

og.card(og.QHM)

# %%
# The rule
# --------
# ``m`` is an exponential moving average (EMA) of the gradient, which begins at zero and is not corrected for that. Its
# share of the step is ``nu``, and the newest gradient has the rest.

og.pseudocode(og.QHM)

# %%

og.pseudocode(og.QHM).hyperparameters

# %%
# :cite:t:`ma2019` take the name from economics, where quasi-hyperbolic discounting means that the present counts for
# more than a constant discount would give it. A gradient of :math:`k` steps ago has the weight
# :math:`\nu (1 - \gamma) \gamma^k`, and the newest one has :math:`1 - \nu` more. All weights together approach 1.

weights = og.respond(og.QHM, lambda t: np.where(t == 0, 1.0, 0.0), steps=40, lr=1.0, momentum=0.9)
fig, ax = plt.subplots(layout="constrained")
ax.semilogy(weights.update, "o-", ms=3, label="QHM", color=og.QHM.color)
ax.semilogy(0.1 * 0.9 ** np.arange(40), "o-", ms=3, label="momentum", color=og.Momentum.color)
ax.set(title="Weight of a gradient, momentum 0.9", xlabel="how many steps ago", ylabel="weight")
ax.legend()

# %%

# proof: the newest gradient has :math:`1 - \nu` more than its weight in the EMA, every other one
# :math:`\nu` times that weight
ages = 0.7 * 0.1 * 0.9 ** np.arange(40)
np.testing.assert_allclose(weights.update, ages + 0.3 * (np.arange(40) == 0))

# %%
# What it repairs
# ---------------
# A swing of :ref:`momentum <sphx_glr_gallery_optimizers_plot_momentum.py>` shrinks by the factor :math:`\sqrt\gamma` per
# step, whatever the learning rate and the curvature: a long memory swings long. Along a curvature :math:`\lambda` QHM is a
# linear map of :math:`(x, m)` with the determinant :math:`\gamma (1 - \eta (1 - \nu) \lambda)`, and the root of it is the
# factor where its eigenvalues are complex. So the plain share damps the more the steeper the wall is. Across this ravine
# a swing shrinks to a tenth in :n:`tenth[1.0]:.0f` steps with momentum alone and in :n:`tenth[0.9]:.0f` steps with
# ``nu`` = 0.9. With ``nu`` = 0.7 the eigenvalues are real, and there is no swing across it.

# proof: :math:`y_t^2 - y_{t-1} y_{t+1}` is multiplied by that determinant in every step, and the
# eigenvalues are complex for ``nu`` = 0.9 and 1, real for 0.7
tenth = {}
for nu in (0.7, 0.9, 1.0):
    y = og.descend(long, ravine, steps=20, nu=nu).theta[:, 1]
    swing = y[1:-1] ** 2 - y[:-2] * y[2:]
    shrinks = 0.99 * (1 - 0.0095 * (1 - nu) * 200)
    np.testing.assert_allclose(swing[1:], shrinks * swing[:-1], rtol=1e-6)
    trace = (y[2] + shrinks * y[0]) / y[1]
    assert (trace**2 < 4 * shrinks) == (nu > 0.7)
    tenth[nu] = np.log(0.1) / np.log(np.sqrt(shrinks))

# %%
# The same matrix gives the largest stable learning rate,
# :math:`2 (1 + \gamma) / \lambda / (1 + \gamma - 2 \nu \gamma)`. For ``nu`` = 0 it is SGD's :math:`2 / \lambda`. With the
# default settings it is :n:`limit / 2 * 200:.1f` times that.

# proof: one percent below this learning rate QHM converges, one percent above it diverges
limit = 2 * 1.999 / (1.999 - 2 * 0.7 * 0.999) / 200
start = {"start": (0, 1), "steps": 2000}
below = og.descend(og.QHM, ravine, lr=0.99 * limit, **start)
above = og.descend(og.QHM, ravine, lr=1.01 * limit, **start)
assert abs(below.theta[-1, 1]) < 1e-3 and above.diverged_at is not None

# %%
# Measured in the same way for every rule:

study.traits(og.QHM.at(lr=0.01))

# %%
# One formula, six methods
# ------------------------
# Six known methods are this rule with other settings. Momentum sums gradients where QHM averages them, so its learning
# rate is divided by :math:`1 - \gamma`.
#
# .. list-table::
#    :header-rows: 1
#
#    * - method
#      - :math:`\eta` of QHM
#      - :math:`\nu`
#      - :math:`\gamma` of QHM
#    * - SGD with :math:`\eta`
#      - :math:`\eta`
#      - 0
#      - any
#    * - momentum with :math:`\eta, \gamma`
#      - :math:`\eta / (1 - \gamma)`
#      - 1
#      - :math:`\gamma`
#    * - Nesterov's method with :math:`\eta, \gamma`
#      - :math:`\eta / (1 - \gamma)`
#      - :math:`\gamma`
#      - :math:`\gamma`
#    * - PID controller with :math:`k_P, k_I, k_D`
#      - :math:`k_I`
#      - :math:`k_P^2 / (k_I k_D)`
#      - :math:`k_D / (k_D - k_P)`
#    * - synthesized Nesterov with :math:`\alpha, \beta_1, \beta_2`
#      - :math:`\alpha / (1 - \beta_1)`
#      - :math:`1 - \beta_2 (1 - \beta_1) / \beta_1`
#      - :math:`\beta_1`
#    * - AccSGD with :math:`\delta, \kappa, \xi, \epsilon`
#      - :math:`\delta \epsilon (1 + \xi) / (1 + \epsilon)`
#      - :math:`(\epsilon \xi - 1) / (\epsilon (1 + \xi))`
#      - :math:`(\kappa - \epsilon^2 \xi) / (\kappa + \epsilon \xi)`
#
# The first three are rules of this guide. Nesterov's method is meant in the form that libraries implement,
# :ref:`SimplifiedNesterov <sphx_glr_gallery_optimizers_plot_simplified_nesterov.py>`.

hills = og.surfaces.six_hump_camel
ours = [og.QHM.at(lr=0.02, nu=nu, momentum=b) for nu, b in ((0.0, 0.9), (1.0, 0.8), (0.8, 0.8))]
theirs = [og.SGD.at(lr=0.02), og.Momentum.at(lr=0.004, momentum=0.8)]
theirs += [og.SimplifiedNesterov.at(lr=0.004, momentum=0.8)]
names = ("SGD", "Momentum", "Nesterov, simplified")
ours, theirs = ([og.descend(r, hills, steps=80).theta for r in some] for some in (ours, theirs))
og.Table(
    "The largest difference along 80 steps on the six-hump camel",
    ("method", "difference"),
    [(n, f"{np.abs(a - b).max():.0e}") for n, a, b in zip(names, ours, theirs, strict=True)],
)

# %%

# proof: SGD, momentum and Nesterov's method are QHM with the settings of the table
np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)

# %%
# The others can be computed from the gradients that a descent of QHM has seen. A PID controller, as :cite:t:`recht2018`
# writes it, takes the negative gradient for its error :math:`e_t`. It stands at
# :math:`\theta_0 + k_P e_t + k_I \sum_i e_i + k_D v_t`, where :math:`v_t` is an EMA of the changes of :math:`e_t`. QHM's
# :math:`k_P` is negative.

# proof: a PID controller with a filtered derivative is QHM
k_p, k_i, k_d = -0.1, 0.02, 1.0
pid = og.QHM.at(lr=k_i, nu=k_p**2 / (k_i * k_d), momentum=k_d / (k_d - k_p))
run = og.descend(pid, hills, steps=80)
e, v = -run.grad, np.zeros_like(run.theta)
for t, change in enumerate(np.diff(e, axis=0, prepend=0 * e[:1])):
    v[t + 1] = pid.keywords["momentum"] * (v[t] - change) + change
controlled = run.theta[0] + k_p * e + k_i * e.cumsum(0) + k_d * v[1:]
np.testing.assert_allclose(controlled, run.theta[1:], rtol=0, atol=1e-12)

# %%
# :cite:t:`lessard2016` let the momentum of Nesterov's method differ from the reach of its look-ahead. The point at which
# the gradient is taken is QHM's :math:`\theta`.

# proof: with a momentum of its own and a look-ahead of its own, Nesterov's method is QHM
alpha, beta1, beta2 = 0.005, 0.8, 0.5
looks = og.QHM.at(lr=alpha / (1 - beta1), nu=1 - beta2 * (1 - beta1) / beta1, momentum=beta1)
run = og.descend(looks, hills, steps=80)
before = here = run.theta[0]
for t, g in enumerate(run.grad):
    before, here = here, here + beta1 * (here - before) - alpha * g
    look = here + beta2 * (here - before)
    np.testing.assert_allclose(look, run.theta[t + 1], rtol=0, atol=1e-12)

# %%
# Among those are robust momentum :cite:p:`cyrus2018` and, for :math:`\rho = 1 - 1 / \sqrt\kappa`, the triple momentum
# method :cite:p:`vanscoy2018`. Its distance shrinks like :math:`\rho^t`, on every function that is strongly convex with
# :math:`L / \kappa` and whose gradient changes by no more than :math:`L` times the distance. No method is known to
# guarantee more on all of these.

# proof: with the settings of triple momentum QHM's distance stays below :math:`2 \rho^t` times the
# first one, and shrinks by :math:`\rho` per step in the end
kappa = L = 200
rho = 1 - kappa**-0.5
alpha = kappa * (1 - rho) ** 2 * (1 + rho) / L
beta1 = kappa * rho**3 / (kappa - 1)
beta2 = rho**3 / ((kappa - 1) * (1 - rho) ** 2 * (1 + rho))
triple = og.QHM.at(lr=alpha / (1 - beta1), nu=1 - beta2 * (1 - beta1) / beta1, momentum=beta1)
distance = np.linalg.norm(og.descend(triple, ravine, steps=300).theta, axis=1)
np.testing.assert_allclose((distance[300] / distance[200]) ** 0.01, rho, rtol=1e-4)
assert (distance < 2 * rho ** np.arange(301) * distance[0]).all()

# %%
# :cite:t:`kidambi2018` prove that momentum and Nesterov's method need not be better than SGD when gradients are noisy,
# and propose AccSGD, which is. It averages a short step with a point that takes long ones.

# proof: AccSGD is QHM
delta, kappa, xi, eps = 0.01, 50, 10, 0.7
nu, beta = (eps * xi - 1) / (eps * (1 + xi)), (kappa - eps**2 * xi) / (kappa + eps * xi)
acc = og.QHM.at(lr=delta * eps * (1 + xi) / (1 + eps), nu=nu, momentum=beta)
run = og.descend(acc, hills, steps=80)
share = eps**2 * xi / kappa
far = here = run.theta[0]
for t, g in enumerate(run.grad):
    far = (1 - share) * far + share * (here - delta * kappa / eps * g)
    here = (eps * (here - delta * g) + share * far) / (eps + share)
    np.testing.assert_allclose(here, run.theta[t + 1], rtol=0, atol=1e-12)

# %%
# One knob: the share of the momentum
# -----------------------------------
# Without noise, with a memory of a hundred steps. The more momentum, the further the descent runs past the minimum, and
# with momentum alone it also swings across the ravine.

more = {f"nu = {nu}": partial(long, nu=nu) for nu in (0.5, 0.7, 0.9, 1.0)}
knob = og.race(more, ravine, steps=400)
knob.plot()

# %%

# proof: the larger the share of momentum, the further the descent runs past the minimum
past = [run.theta[:, 0].max() for run in knob.values()]
assert 0.05 < past[0] < past[1] < past[2] < past[3] < 0.6
across = [np.abs(run.theta[150:, 1]).max() for run in knob.values()]
assert max(across[:3]) < 0.01 * across[3]

# %%
# The whole axis of learning rates
# --------------------------------
# Descents of 200 steps are too short for the default memory of a thousand. QHM is then little more than SGD with 0.3 of
# the learning rate: at its best learning rate, :n:`rates.best["QHM"]:.2g`, the median loss is
# :n:`rates.loss["QHM"]:.2f`, and momentum's is :n:`rates.loss["Momentum"]:.2f`.

rates = study.rates(og.QHM, beside=og.Momentum)
rates

# %%

# proof: on short descents the default memory is too long, and momentum's best loss is far lower
assert rates.loss["QHM"] > 5 * rates.loss["Momentum"]
assert rates.diverged["QHM"] > 3 * rates.diverged["Momentum"]

# %%
# Basins
# ------
# With a memory of twenty steps and a learning rate of 0.01, momentum alone has come to rest in a minimum from
# :n:`basins.reached["nu = 1"]:.0%` of the starts after 200 steps. The average of both has from every start, and from all
# but :n:`basins.changed["nu = 0.7"]:.1%` of them in the minimum that plain steps lead to.

remembers = og.QHM.at(lr=0.01, momentum=0.95)
basins = study.basins({f"nu = {nu}": partial(remembers, nu=nu) for nu in (0, 0.7, 1)})
basins

# %%

# proof: with ``nu`` = 0.7 every start leads to a minimum, nearly always to that of plain steps
assert basins.reached["nu = 0.7"] == 1 and basins.reached["nu = 1"] < 0.5
assert basins.changed["nu = 0.7"] < 0.005

# %%
# How to set it
# -------------
# In place of momentum or Nesterov's method with 0.9, :cite:t:`ma2019` advise ``nu`` = 0.7, a momentum of 0.999 and ten
# times the learning rate, because QHM averages where momentum adds up. The default learning rate of 1, from their examples,
# takes the place of momentum's 0.1. :cite:t:`gitman2019` analyse the whole family: where it is stable, how fast it
# converges, and how far noise spreads it.
#
# Where it fails
# --------------
# The EMA fills as slowly as it forgets. After 100 steps along one gradient it holds :n:`100 * (1 - 0.999**100):.0f` % of it,
# and when the gradient turns after 3,000 steps, QHM goes on the old way for :n:`late` steps, though every one of them sees
# the new gradient. A descent of a few hundred steps needs a shorter memory.

turn = {"signal": lambda t: np.where(t < 3000, 1.0, -1.0), "steps": 4000}
turned = {
    rule.__name__: og.respond(rule, **turn, lr=lr).update
    for rule, lr in ((og.QHM, 1.0), (og.Momentum, 0.1))
}
fig, ax = plt.subplots(layout="constrained")
for name, update in turned.items():
    ax.plot(update, label=name, color=getattr(og, name).color)
ax.set(title="The gradient turns at t = 3000", xlabel="t", ylabel="step, in gradients")
ax.legend()

# %%

# proof: after the turn QHM goes on the old way for hundreds of steps, momentum for less than ten
late = int((turned["QHM"][3000:] < 0).argmax())
assert late > 300 and turned["Momentum"][3010] < 0

# %%
# Provenance
# ----------
# :cite:t:`ma2019`, who list more relatives, and extend the same average to Adam (QHAdam). Their package ``qhoptim`` has
# the conversions of the table as functions and no defaults. ``pytorch_optimizer`` has the defaults ``momentum`` = 0 and
# ``nu`` = 1, with which its ``QHM`` is SGD. Both can add weight decay to the gradient. ``torch_optimizer.AccSGD``, written
# without QHM in mind, serves as an oracle, too, with its settings converted.
#
# .. oracles:: QHM
