r"""
AdamCWD
=======

AdamCWD is AdamW with cautious weight decay: a weight decays only where Adam's update shrinks it, too. AdamW's decay
moves the point at which training ends; here it stays at the minimum of the loss.
"""

from functools import partial

import numpy as np
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

booth = og.surfaces.booth
decay = {"lr": 0.05, "weight_decay": 0.5}
rules = {"Adam": og.Adam.at(lr=0.05), "AdamW": og.AdamW.at(**decay)}
race = og.race({**rules, "AdamCWD": og.AdamCWD.at(**decay)}, booth, steps=400)
race

# %%
# The minimum lies at (1, 3). AdamW ends at (:n:`ends["AdamW"][0]:.1f`, :n:`ends["AdamW"][1]:.1f`), where decay and gradient
# hold each other. AdamCWD, with the same decay, reaches the minimum, and does so sooner than Adam without any, since the
# decay helps on the way.

# proof: after 400 steps AdamW is further than 1 from the minimum, AdamCWD nearer than Adam
ends = {name: run.theta[-1] for name, run in race.items()}
far = {name: np.linalg.norm(end - (1, 3)) for name, end in ends.items()}
assert far["AdamCWD"] < 0.05 < far["Adam"] < 0.3 and far["AdamW"] > 1

# %%

og.card(og.AdamCWD)

# %%
# The rule
# --------
# Up to the update ``u`` this is Adam. The step subtracts ``u``, so a weight that has the same sign as its ``u`` is about to
# shrink. Only such weights decay: there the decay speeds up what the gradient asks for. Where it asks for a larger
# weight, nothing works against it.

og.pseudocode(og.AdamCWD)

# %%

og.pseudocode(og.AdamCWD).hyperparameters

# %%

# proof: each coordinate of a step is AdamW's where the update shrinks the weight, else Adam's
hills = og.surfaces.himmelblau
once = {"steps": 1, "lr": 0.1, "start": [(2, 2), (-2, 2), (2, -2), (-2, -2), (5, 5)]}
plain = og.descend(og.Adam, hills, **once).theta[1]
whole, ours = (
    og.descend(r, hills, weight_decay=0.5, **once).theta[1] for r in (og.AdamW, og.AdamCWD)
)
shrinks = np.abs(plain) < np.abs(once["start"])
assert 0 < shrinks.sum() < shrinks.size
np.testing.assert_allclose(ours, np.where(shrinks, whole, plain), rtol=1e-12)

# %%
# What it repairs
# ---------------
# :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>` comes to rest where :math:`u = -\lambda \theta`. As Adam's update
# is hardly ever longer than 1, its decay holds every weight within :math:`1 / \lambda` of zero, here within 2, and the
# minimum has a coordinate of 3. Under noise the updates are shorter than 1, and the pull is felt inside these bounds as
# well.

# proof: after 2,000 steps AdamW is still below 2 in both coordinates; with the same decay AdamCWD
# is at the minimum, but for a tremor
longer = [og.descend(rule, booth, steps=2000, **decay) for rule in (og.AdamW, og.AdamCWD)]
assert longer[0].theta[400:].max() < 2
assert np.linalg.norm(longer[1].theta[-1] - (1, 3)) < 0.03

# %%
# The tremor has a reason. At the minimum ``u`` is zero or changes its sign, so now and then, here in :n:`now:.0%` of the
# steps, a weight decays by :math:`\eta \lambda` of itself and is pushed back. The tremor shrinks with the learning rate.

# proof: near the minimum a weight decays in fewer than one of ten steps; with a learning rate that
# falls to zero the tremor ends at the minimum
now = (longer[1].states["m"][401:] * longer[1].theta[400:-1] > 0).mean()
assert 0.02 < now < 0.1
falling = partial(LinearLR, start_factor=1, end_factor=0, total_iters=1000)
rest = og.descend(og.AdamCWD, booth, steps=1000, schedule=falling, **decay)
np.testing.assert_allclose(rest.theta[-1], (1, 3), atol=0.002)

# %%
# Where minima form a valley, the tremor does something useful. All points with x + y = 2 are minima of the next loss. Adam
# stops at the first that it meets, where the sizes of its two weights add up to :n:`sizes["Adam"]:.1f`. AdamCWD slides along
# the valley, since steps that shrink a weight are longer than those that let one grow, and after 1,000 steps they add up
# to :n:`sizes["AdamCWD"]:.1f`. :cite:t:`chen2025` call this a search for Pareto-optimal points: minima from which no weight
# can shrink without another one growing.


@og.surface(box=((-1, 5), (-2.5, 2.5)), starts=((4, -1),))
def valley(x, y):
    """A straight valley of minima, x + y = 2."""
    return (x + y - 2) ** 2 / 2


mild = og.AdamCWD.at(lr=0.05, weight_decay=0.1)
slide = og.race({"Adam": og.Adam.at(lr=0.05), "AdamCWD": mild}, valley, steps=1000)
slide.plot_map()

# %%

# proof: both reach the valley, and AdamCWD goes on to weights that are less than half as large
sizes = {name: np.abs(run.theta[-1]).sum() for name, run in slide.items()}
assert max(run.loss[-1] for run in slide.values()) < 1e-4
assert sizes["AdamCWD"] < sizes["Adam"] / 2

# %%
# Measured in the same way for every rule, here with the default decay:

study.traits(og.AdamCWD)

# %%
# One knob: the weight decay
# --------------------------
# With AdamW the decay decides where the descent ends. Here it decides how fast a weight that is too large comes down.

knob = og.race(
    {f"decay {w}": og.AdamCWD.at(lr=0.05, weight_decay=w) for w in (0.0, 0.1, 0.5, 2.0)},
    booth,
    steps=400,
)
knob.plot()

# %%

# proof: with any of these decays the descent comes to the minimum, the sooner the larger the decay
near = [np.linalg.norm(run.theta - (1, 3), axis=1) < 0.5 for run in knob.values()]
first = [int(close.argmax()) for close in near]
assert first == sorted(first, reverse=True) and first[0] > 1.5 * first[-1] > 0

# %%
# The whole axis of learning rates
# --------------------------------
# On Rosenbrock's function, whose minimum is at (1, 1), and with a decay of 0.5 the best median loss of AdamW is
# :n:`rates.loss["AdamW"]:.2f`, that of AdamCWD :n:`rates.loss["AdamCWD"]:.2f`.

heavy = {"weight_decay": 0.5}
rates = study.rates(og.AdamCWD.at(**heavy), beside=og.AdamW.at(**heavy))
rates

# %%

# proof: at its best AdamCWD's loss is less than a fifth of AdamW's
assert rates.loss["AdamCWD"] < rates.loss["AdamW"] / 5

# %%
# Basins
# ------
# The learning rate falls to zero over the 200 steps, and the decay is 0.1. AdamCWD then ends at a minimum of Himmelblau's
# function from :n:`basins.reached["AdamCWD"]:.0%` of the starts, AdamW from :n:`basins.reached["AdamW"]:.0%`: it comes to
# rest beside the minima.

falling = partial(LinearLR, start_factor=1, end_factor=0, total_iters=200)
some = (og.AdamCWD.at(lr=0.1, weight_decay=0.1), og.AdamW.at(lr=0.1, weight_decay=0.1))
basins = study.basins({rule.func.__name__: partial(rule, schedule=falling) for rule in some})
basins

# %%

# proof: AdamCWD ends at a minimum from most starts, AdamW from hardly any
assert basins.reached["AdamCWD"] > 0.8 and basins.reached["AdamW"] < 0.1

# %%
# How to set it
# -------------
# As AdamW: :cite:t:`chen2025` keep learning rate and decay as they are tuned for AdamW, and report lower losses for language
# models of up to two billion parameters, and a higher accuracy for images. The same mask fits Lion and Muon.
#
# Where it fails
# --------------
# In noise the sign of ``u`` is often wrong, so a part of the decay is applied after all, here in :n:`applied:.0%` of the
# steps. Under noise of size 10 the mean of the iterates is :n:`shift["AdamCWD"]:.2f` from the minimum; without decay it
# is :n:`shift["Adam"]:.2f`, and with AdamW's :n:`shift["AdamW"]:.2f`.

noisy = {"function": booth, "start": (1, 3), "steps": 2000, "noise": 10.0}
spread = {
    "Adam": og.descend(og.Adam, lr=0.01, **noisy),
    "AdamW": og.descend(og.AdamW, lr=0.01, weight_decay=0.5, **noisy),
    "AdamCWD": og.descend(og.AdamCWD, lr=0.01, weight_decay=0.5, **noisy),
}
og.plot_loss(spread)

# %%

# proof: in noise a weight decays in one to three of ten steps, and cautious decay moves the mean of
# the iterates, a fraction as far as AdamW's decay
applied = (spread["AdamCWD"].states["m"][601:] * spread["AdamCWD"].theta[600:-1] > 0).mean()
assert 0.1 < applied < 0.3
means = {name: run.theta[600:].mean(axis=0) for name, run in spread.items()}
shift = {name: np.linalg.norm(mean - (1, 3)) for name, mean in means.items()}
assert shift["Adam"] < shift["AdamCWD"] / 1.5 < shift["AdamW"] / 3

# %%
# Provenance
# ----------
# :cite:t:`chen2025`, algorithm 1, with Adam's update for :math:`u`. There is no agreed name: the authors write "Adam + CWD",
# and others have published code as ``CautiousAdamW``, which is also the name of
# :ref:`another rule <sphx_glr_gallery_optimizers_plot_cautious_adamw.py>`, one that masks Adam's step and not the decay. Some
# of that code takes the sign of the EMA ``m`` in place of that of ``u``, which is the same. The records of training GPT-2
# (modded-nanogpt) use the mask for their matrices.
#
# .. oracles:: AdamCWD
