r"""
Signum
======

Signum keeps an exponential moving average of the gradient and uses only its sign. Apart from weight decay, every coordinate
that has had a gradient moves by exactly the learning rate in every step. The average makes the sign reliable where single gradients are noisy.
"""

import math
from functools import partial

import numpy as np
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
both = {"signSGD": og.Signum.at(momentum=0.0), "Signum": og.Signum}
race = og.race(both, ravine, lr=0.03, steps=200, noise=10.0)
race

# %%
# Signum without momentum is signSGD, which moves by the sign of the newest gradient. Along this ravine the noise is
# :n:`10 / abs(calm.grad[0, 0]):.1f` times as large as the gradient at the start, so that its sign is nearly a coin flip.
# After 200 steps signSGD is at x = :n:`race["signSGD"].theta[-1, 0]:.2f`, and Signum has come from -3.6 to
# :n:`race["Signum"].theta[-1, 0]:.2f`.

# proof: under this noise Signum comes within 1 of the minimum along x, and signSGD does not
calm = og.descend(og.Signum, ravine, steps=1)
ends = {name: run.theta[-1, 0] for name, run in race.items()}
assert abs(ends["Signum"]) < 1 < -ends["signSGD"]

# %%

og.card(og.Signum)

# %%
# The rule
# --------
# ``m`` is an average of the gradient that begins at zero. Other rules correct it for that beginning; here it would change
# nothing, since the correction is a positive factor. Weight decay is off by default.

og.pseudocode(og.Signum)

# %%

og.pseudocode(og.Signum).hyperparameters

# %%

# proof: every coordinate moves by exactly one learning rate in every step
for run in race.values():
    np.testing.assert_allclose(np.abs(np.diff(run.theta, axis=0)), 0.03)

# %%
# A sign is the direction of steepest descent, too, if a step is measured by its largest coordinate. Among all steps whose
# coordinates are at most :math:`\eta`, the one along :math:`-\operatorname{sign}(g)` makes :math:`g \cdot \Delta\theta`
# smallest: each coordinate contributes :math:`g_i \Delta\theta_i \geq -\eta |g_i|`, with equality at the sign.

# proof: of a thousand steps no longer in any coordinate none goes down as far as the sign's
g = calm.grad[0]
others = np.random.default_rng(0).uniform(-0.03, 0.03, (1000, 2))
assert ((others @ g) > -0.03 * np.abs(g).sum()).all()
assert (others @ g).min() < -0.9 * 0.03 * np.abs(g).sum()

# %%
# Two other rules contain it. :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` without either memory divides each
# gradient by its own size, and what is left is the sign; :cite:t:`balles2018` read all of Adam as a sign with a
# magnitude. :ref:`Lion <sphx_glr_gallery_optimizers_plot_lion.py>` with two equal betas is Signum.

# proof: signSGD is a step along the sign of the gradient, which Adam without memory takes as well;
# Lion with equal betas is Signum
hills = {"function": og.surfaces.six_hump_camel, "lr": 0.02, "steps": 80}
plain = og.descend(og.Signum, momentum=0.0, **hills)
np.testing.assert_array_equal(plain.theta[1:], plain.theta[:-1] - 0.02 * np.sign(plain.grad))
forgetful = og.descend(og.Adam, betas=(0.0, 0.0), eps=0.0, **hills)
np.testing.assert_allclose(forgetful.theta, plain.theta, atol=1e-12)
lion = og.descend(og.Lion, betas=(0.8, 0.8), **hills)
np.testing.assert_array_equal(lion.theta, og.descend(og.Signum, momentum=0.8, **hills).theta)

# %%
# What it repairs
# ---------------
# The sign of a noisy gradient tells where its median lies, not its mean. Suppose that three of four batches have the
# gradient -1 and every fourth has 4. The mean is 1/4, so the loss falls where the parameter falls. signSGD goes up three
# times of four. This is a counterexample of :cite:t:`karimireddy2019`. Signum averages before it takes the sign, and its
# average stays above zero.

skewed = {"signal": lambda t: np.where(t % 4 == 0, 4.0, -1.0), "steps": 80}
walks = {m: og.respond(og.Signum, **skewed, lr=1.0, momentum=m) for m in (0.0, 0.5, 0.9)}
og.Table(
    "80 steps of one learning rate",
    ("momentum", "steps down", "ends at"),
    [(f"{m}", f"{(w.update > 0).sum()}", f"{0.0 - w.update.sum():.0f}") for m, w in walks.items()],
)

# %%

# proof: signSGD climbs where the mean gradient points down; Signum takes every step down
np.testing.assert_allclose(walks[0.0].update.sum(), -40)
np.testing.assert_allclose(walks[0.9].update, 1)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.Signum)

# %%
# One knob: the momentum
# ----------------------
# A longer memory needs longer to notice that the gradient has turned, and every step until then is a full one. Without
# noise the momentum of 0.9 carries Signum :n:`past[0.9] / 0.037:.0f` learning rates past the minimum, 0.99 carries it
# :n:`past[0.99] / 0.037:.0f`.

memories = {f"momentum = {m}": og.Signum.at(momentum=m) for m in (0.0, 0.9, 0.99)}
knob = og.race(memories, ravine, lr=0.037, steps=400)
knob.plot()

# %%

# proof: without noise, the longer the memory, the further Signum runs past the minimum
past = {m: knob[f"momentum = {m}"].theta[:, 0].max() for m in (0.0, 0.9, 0.99)}
assert past[0.0] < 0.037 and 0.2 < past[0.9] < 0.4 and past[0.99] > 1.5

# %%
# The whole axis of learning rates
# --------------------------------
# A coordinate moves by 200 learning rates in 200 steps, no more and no less, so small ones do not get there and large
# ones cannot stay. Signum's best learning rate leaves a median loss of :n:`rates.loss["Signum"]:.2f`, five times that of
# momentum's. In return no learning rate makes it diverge, and within a factor of ten of that loss lie
# :n:`rates.decades["Signum"]:.1f` powers of ten; for momentum it is :n:`rates.decades["Momentum"]:.1f`, and the good ones
# end where it diverges.

rates = study.rates(og.Signum, beside=og.Momentum)
rates

# %%

# proof: Signum never diverges and has more good learning rates, momentum has the lower loss
assert rates.diverged["Signum"] is None and rates.diverged["Momentum"] < 0.001
assert rates.decades["Signum"] > rates.decades["Momentum"] + 0.3
assert 4 < rates.loss["Signum"] / rates.loss["Momentum"] < 6

# %%
# Basins
# ------
# The learning rate falls from 0.1 to zero over the 200 steps. signSGD then ends at a minimum from every start, Signum
# from :n:`basins.reached["Signum"]:.0%`: near the minimum its average still points to where it came from, and it swings
# around the minimum as long as the learning rate lasts. From :n:`basins.changed["signSGD"]:.0%` of the starts the two do
# not end in the same minimum, those that end in none included.

falling = partial(LinearLR, start_factor=1, end_factor=0, total_iters=200)
ours = {n: partial(og.Signum.at(lr=0.1, momentum=m), schedule=falling)
        for n, m in (("Signum", 0.9), ("signSGD", 0.0))}  # fmt: skip
basins = study.basins(ours)
basins

# %%

# proof: without noise signSGD ends at a minimum from every start, Signum from about half
assert basins.reached["signSGD"] > 0.999 and 0.4 < basins.reached["Signum"] < 0.6

# %%
# How to set it
# -------------
# Nothing but the learning rate shortens Signum's steps, so it has to fall towards zero, and a step of one learning rate
# in every coordinate is longer than most of Adam's: begin well below Adam's learning rate, as is advised for
# :ref:`Lion <sphx_glr_gallery_optimizers_plot_lion.py>`. In the language models of :cite:t:`semenov2025` Signum profits
# from a weight decay as large as 0.5 where training is short, and does better with larger batches, whose gradients have
# less noise. Weight decay also bounds the weights: a step adds at most ``lr`` and takes away ``lr * weight_decay`` times
# the weight, so that none can leave the range of 1 / ``weight_decay`` around zero.

# proof: on an endless descent a weight decay of 0.5 stops Signum at 2
decaying = og.Signum.at(lr=0.1, weight_decay=0.5)
endless = og.descend(decaying, lambda x, y: -x - 100 * y, start=(0, 0), steps=400)
np.testing.assert_allclose(endless.theta[-1], (2, 2), rtol=1e-6)

# %%
# Where it fails
# --------------
# A sign belongs to an axis. If the ravine is turned by 30 degrees, both coordinates of the gradient are governed by the
# steep walls and their signs say little about the direction of its floor. With a learning rate that falls to zero,
# signSGD ends :n:`turned_loss / straight_loss:,.0f` times as high in the turned ravine as in the straight one.

c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)


@og.surface(box=((-4, 4), (-4, 4)), starts=((-3.4, -1.3),), minima=((0, 0),))
def turned(x, y):
    """A ravine a hundred times as steep across as along, turned by 30 degrees."""
    return ((c * x + s * y) ** 2 + 100 * (c * y - s * x) ** 2) / 2


slow = {"steps": 300, "schedule": partial(LinearLR, start_factor=1, end_factor=0, total_iters=300)}
pair = {"signSGD": og.Signum.at(lr=0.05, momentum=0.0), "Momentum": og.Momentum.at(lr=0.01)}
oblique = og.race(pair, turned, **slow)
oblique.plot_map()

# %%

# proof: the turn makes signSGD's loss a thousand times higher and leaves momentum's as it is
start = np.array([[c, s], [-s, c]]) @ turned.starts[0]
straight = og.race(pair, ravine.replace(condition=100), start=start, **slow)
turned_loss, straight_loss = (runs["signSGD"].loss[-1] for runs in (oblique, straight))
assert turned_loss > 1000 * straight_loss
np.testing.assert_allclose(oblique["Momentum"].loss, straight["Momentum"].loss, atol=1e-9)

# %%
# Provenance
# ----------
# :cite:t:`bernstein2018`, who also let many workers vote on each sign, so that one bit per coordinate is all that they
# send. The paper has no weight decay; here it is decoupled, as in the implementation for MXNet on which an author
# worked. ``optax.signum`` has none, and PyTorch no Signum of its own. ``pytorch_optimizer`` calls the rule ``SignSGD``, and
# its default momentum is 0.9, too. Tiger, as that package has it, is the same rule once more; as its author wrote it, it
# multiplies the step by the size of the parameters.
#
# .. oracles:: Signum
