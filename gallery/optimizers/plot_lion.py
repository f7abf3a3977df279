r"""
Lion
====

Lion uses only the sign of a momentum. Apart from weight decay, every coordinate that has had a gradient moves by exactly
the learning rate in every step, up or down, and one number for each parameter is all that is remembered.
"""

from functools import partial

import numpy as np
from torch.optim.lr_scheduler import LambdaLR, LinearLR

import optguide as og
from optguide import study

bowl = og.surfaces.unit_bowl
race = og.race([og.Adam, og.Lion], bowl, lr=0.04, steps=120)
race

# %%
# Since both coordinates move by the same amount, Lion's path consists of diagonals. The chart of the step length is a
# level line. Adam's steps fade at the minimum; Lion's are as long there as anywhere else, so it goes on moving around
# it. Lion's ``m`` fades, too (it can be chosen for a chart), but a tiny ``m`` has a sign like any other.

# proof: every coordinate moves by exactly one learning rate in every step
moves = np.abs(np.diff(race["Lion"].theta, axis=0))
np.testing.assert_allclose(moves, 0.04)

# %%

# proof: a coordinate that never has a gradient does not move
still = og.descend(og.Lion, lambda x, y: x**2 + 0 * y, start=(1, 1), steps=10).theta
assert (still[:, 1] == still[0, 1]).all() and still[-1, 0] < 1

# %%

og.card(og.Lion)

# %%
# The rule
# --------
# The gradient is blended with the momentum ``m`` twice. The first blend, ``c``, gives more weight to the new gradient;
# its sign is the direction of this step. The second, slower one is kept as the next ``m``. Weight decay is off by default.

og.pseudocode(og.Lion)

# %%

og.pseudocode(og.Lion).hyperparameters

# %%
# What it repairs
# ---------------
# Adam divides each coordinate by its recent size, which takes a second number for each parameter, and an ``eps`` that
# guards against a division by zero. A sign needs neither. So Lion takes the same path if the loss is multiplied by a
# millionth, while Adam, whose ``eps`` is then no longer small, ends up to :n:`np.abs(adam[1] - adam[0]).max():.2f` away.

# proof: a millionth of the loss gives Lion the same path and Adam another one
both = (bowl, lambda x, y: 1e-6 * bowl(x, y))
same = [og.descend(og.Lion, f, start=bowl.start, lr=0.01).theta for f in both]
adam = [og.descend(og.Adam, f, start=bowl.start, lr=0.01).theta for f in both]
assert np.abs(same[1] - same[0]).max() < 1e-12
assert np.abs(adam[1] - adam[0]).max() > 0.01
assert (len(og.Lion.state_names), len(og.Adam.state_names)) == (1, 2)

# %%
# Descent by signs is older than Lion. signSGD (:cite:t:`bernstein2018`) uses the sign of the newest gradient alone and
# is Lion with :math:`\beta_1 = 0`. Under noise that sign is often wrong, and a wrong step is as long as a right one.
# Lion takes the sign of an average. Here the noise is :n:`5 / np.abs(calm["Lion"].grad[0]).max():.1f` times as large as
# the largest component of the gradient at the start. signSGD has not reached the minimum after 400 steps, and its mean
# loss over the last 200 is :n:`noisy["signSGD"].loss[-200:].mean() / noisy["Lion"].loss[-200:].mean():.1f` times Lion's.

both = {"signSGD": og.Lion.at(betas=(0.0, 0.99)), "Lion": og.Lion}
noisy = og.race(both, bowl, lr=0.01, steps=400, noise=5.0)
noisy.plot()

# %%
# Without noise the average does not pay in this bowl: the momentum carries Lion past the minimum, and signSGD stays closer.

# proof: with noise Lion's loss is less than half that of signSGD, without noise it is higher
calm = og.race(both, bowl, lr=0.01, steps=400)
assert noisy["Lion"].loss[-200:].mean() < noisy["signSGD"].loss[-200:].mean() / 2
assert calm["signSGD"].loss[-200:].mean() < calm["Lion"].loss[-200:].mean()

# %%
# Measured in the same way for every rule:

study.traits(og.Lion)

# %%
# One knob: the learning rate
# ---------------------------
# Lion's learning rate is the length of its step, and so it is its precision as well: Lion cannot stay closer to the
# minimum than about one step. A shorter step takes longer to get there and stays closer.

knob = og.race({f"lr = {lr}": og.Lion.at(lr=lr) for lr in (0.1, 0.03, 0.015)}, bowl, steps=400)
knob.plot()

# %%

# proof: Lion ends up moving between one and two learning rates away from the minimum
for run in knob.values():
    away = np.linalg.norm(run.theta[-100:] - bowl.minima[0], axis=1)
    assert 1 < away.max() / run.settings["lr"] < 2

# %%
# The whole axis of learning rates
# --------------------------------
# There is little room between a step that is too short and one that is too long. In 200 steps a coordinate can move by
# at most 200 learning rates, which is why the small ones do not reach the minimum; the large ones cannot stay near it.
# Lion's good learning rates span :n:`rates.decades["Lion"]:.1f` powers of ten, Adam's
# :n:`rates.decades["Adam"]:.1f`. Its best one is :n:`rates.best["Adam"] / rates.best["Lion"]:.0f` times smaller than
# Adam's, and the median loss there :n:`rates.loss["Lion"] / rates.loss["Adam"]:.0f` times as high. Nothing diverges,
# since the steps do not grow.

rates = study.rates(og.Lion, beside=og.Adam)
rates

# %%

# proof: Lion's best learning rate is less than a tenth of Adam's, and fewer others are as good
assert rates.best["Adam"] > 10 * rates.best["Lion"]
assert rates.loss["Lion"] > 4 * rates.loss["Adam"]
assert rates.decades["Lion"] < np.log10(20) < np.log10(50) < rates.decades["Adam"]
assert rates.diverged["Lion"] is None

# %%
# Basins
# ------
# At a constant learning rate of 0.1 almost no descent on Himmelblau's function ends at a minimum: only
# :n:`basins.reached["Lion"]:.1%` are within 0.001 of its height after 200 steps. If the learning rate falls to zero over
# those steps, :n:`basins.reached["Lion, falling"]:.0%` are. The patches of another colour near the left and the lower
# edge are starts from which Lion passes a nearer minimum: its steps do not get shorter as the gradient does.

lion = og.Lion.at(lr=0.1)
falling = partial(LinearLR, start_factor=1, end_factor=0, total_iters=200)
basins = study.basins({"Lion, falling": partial(lion, schedule=falling), "Lion": lion})
basins

# %%

# proof: Lion ends at a minimum if its learning rate falls to zero, hardly ever if it is constant
assert basins.reached["Lion"] < 0.02 and basins.reached["Lion, falling"] > 0.9

# %%
# How to set it
# -------------
# :cite:t:`chen2023` advise a learning rate 3 to 10 times smaller than AdamW's, since every step is as long as it can be,
# and a weight decay larger by the same factor, so that their product stays the same. A schedule that ends near zero
# matters more than for other rules, because nothing else makes Lion's steps shorter. The weight decay does more than
# regularize: each step adds at most ``lr`` and takes away ``lr * weight_decay`` times the parameter, so that a parameter
# within 1 / ``weight_decay`` of zero cannot leave that range, however far the loss falls beyond it.

# proof: on an endless descent a weight decay of 0.5 stops Lion at 2
decaying = og.Lion.at(lr=0.1, weight_decay=0.5)
endless = og.descend(decaying, lambda x, y: -x - 100 * y, start=(0, 0), steps=400)
np.testing.assert_allclose(endless.theta[-1], (2, 2), rtol=1e-6)

# %%
# Where it fails
# --------------
# The floor of Rosenbrock's valley falls gently, and other rules slow down on it. Lion does not. At the learning rate
# 0.1, at which six others stay on the map, it leaves the map at step :n:`left`, and at 0.05 it leaves it as well. A
# schedule repairs that: 0.05 that falls as 10 / (10 + t) leads to the minimum at (0.5, 0).

valley = og.surfaces.unit_rosenbrock
slower = partial(LambdaLR, lr_lambda=lambda t: 10 / (10 + t))
lion = og.Lion.at(lr=0.05)
pair = og.race({"constant": lion, "falling": partial(lion, schedule=slower)}, valley, steps=300)
pair.plot_map()

# %%

# proof: at 0.1 Lion leaves the map, and six other rules do not
gone = og.descend(og.Lion, valley, lr=0.1, steps=100)
left = int((np.abs(gone.theta) > 1).any(axis=1).argmax())
np.testing.assert_allclose(gone.theta[-1], (1.7, -4.9), atol=0.25)
others = [og.SGD, og.Momentum, og.Adam, og.AdaBelief, og.AdamD, og.AdaDerivative]
for run in og.race(others, valley, lr=0.1, steps=100).values():
    assert np.abs(run.theta).max() <= 1

# %%

# proof: at 0.05 Lion leaves the map, and with the schedule it ends within 0.03 of the minimum
assert np.abs(pair["constant"].theta[-1]).max() > 3
np.testing.assert_allclose(pair["falling"].theta[-1], (0.5, 0), atol=0.03)

# %%
# That schedule was found by trying, and :ref:`another page <sphx_glr_gallery_comparisons_plot_lion_schedule.py>` tries
# more of them. The way that Lion can go is the sum of its learning rates: 4 / (4 + t) falls too quickly and stops on the
# way, 15 / (15 + t) is too slow and runs past. Weight decay helps, too. With 1.0 Lion cannot leave this map.

# proof: the quick schedule stops short, the slow one runs past, a weight decay of 1 keeps Lion here
quick, slow = (
    og.descend(lion, valley, steps=300, schedule=partial(LambdaLR, lr_lambda=fall))
    for fall in (lambda t: 4 / (4 + t), lambda t: 15 / (15 + t))
)
assert quick.theta[-1, 0] < 0 and slow.theta[-1, 0] > 0.7
kept = og.descend(og.Lion, valley, lr=0.1, steps=100, weight_decay=1.0)
assert np.abs(kept.theta).max() < 1

# %%
# Provenance
# ----------
# :cite:t:`chen2023`, algorithm 2, found by a search over programs. Weight decay is decoupled, as in
# :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`. Signs come from :cite:t:`riedmiller1993`, whose
# :ref:`Rprop <sphx_glr_gallery_optimizers_plot_rprop.py>` also adapts the length of each coordinate's step. With equal
# betas Lion is Signum, the momentum version of signSGD (:cite:t:`bernstein2018`). PyTorch has no Lion of its own; others
# have:
#
# .. oracles:: Lion
