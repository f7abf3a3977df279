r"""
Which optimizer?
================

Rules in use today, side by side: where their formulas differ, how they do on the same map and on the same network, and
where to start with each. Tuned, they are close; what differs is how exact the tuning must be.
"""

import numpy as np

import optguide as og
from optguide import study

rules = [og.Adam, og.AdamW, og.Momentum, og.Lion, og.AdaBelief, og.NAdamW, og.ScheduleFreeAdamW]
rates = study.rates(og.Adam, beside=rules[1:])
tuned = {name: getattr(og, name).at(lr=float(f"{lr:.1g}")) for name, lr in rates.best.items()}
og.race(tuned, og.surfaces.rosenbrock, start=(-1.5, 2), steps=200)

# %%
# Each of them runs at the learning rate that suits it best on this map, found below and rounded. Press "Try it" to move
# the start, to change any setting, or to add one of the other rules of this guide.
#
# The rules side by side
# ----------------------
# "Same" is a line that a rule shares with Adam, to the letter; what is typeset differs. Choose which rules stand beside
# it. Momentum's ``v`` is a velocity, not an average of squares; Muon's ``W`` is a matrix, and it steps nothing else.

beside = study.side_by_side([*rules, og.Muon])
beside

# %%

# proof: AdamW shares five of Adam's six lines, AdaBelief three, Lion and momentum the gradient
# alone
shared = {}
for name, lines in beside.lines.items():
    pairs = zip(beside.same[name], lines, strict=True)
    shared[name] = sum(same for same, line in pairs if line is not None)
assert shared["AdamW"] == 5 and shared["AdaBelief"] == 3
assert shared["Lion"] == shared["Momentum"] == 1

# %%
# What they remember decides how large a model fits: one number for each weight with Lion and momentum, two with the
# relatives of Adam, :n:`kept["ScheduleFreeAdamW"]:.0f` with Schedule-Free AdamW as it is written here, where one of them
# is a sum that is the same for all weights. :ref:`What an optimizer remembers
# <sphx_glr_gallery_comparisons_plot_state_memory.py>` measures it on a network.

# proof: Lion and momentum keep one number for each weight, Adam and three of its relatives two
kept = {rule.__name__: len(rule.state_names) for rule in rules}
assert kept["Lion"] == kept["Momentum"] == 1
assert {kept[name] for name in ("Adam", "AdamW", "AdaBelief", "NAdamW")} == {2}

# %%
# On a map
# --------
# The final loss over the whole axis of learning rates on Rosenbrock's valley, 64 starts each, 200 steps.

rates.table()

# %%
# Momentum ends lowest, and only just below the learning rates at which some starts diverge: the good ones span
# :n:`rates.decades["Momentum"]:.1f` powers of ten. AdamW's and NAdamW's span three, because at high learning rates
# decay pulls the point to the origin, which lies on the valley's floor, at height 1. Lion's steps do not shrink, so it
# ends highest.

# proof: momentum ends lowest and has the narrowest span of good learning rates and the only
# divergence; Lion ends highest; at the highest learning rate AdamW and NAdamW end at the origin
assert min(rates.loss, key=rates.loss.get) == "Momentum"
assert min(rates.decades, key=rates.decades.get) == "Momentum"
assert [name for name, lr in rates.diverged.items() if lr] == ["Momentum"]
assert max(rates.loss, key=rates.loss.get) == "Lion"
pulled = rates.sweep.data.theta.sel(optimizer=["AdamW", "NAdamW"]).isel(lr=-1)
assert np.abs(pulled).max() < 0.1 and og.surfaces.rosenbrock(0, 0) == 1

# %%
# A map has no weights that should stay small, no noise and no held-out examples. So it says little about decay, and
# nothing about generalization.
#
# On a network
# ------------
# A network with one hidden layer reads digits: seven learning rates from 0.0001 to 3, three seeds each, 150 steps on 32
# images. The learning rate is chosen on images that are not those it is judged by.

lrs = np.logspace(-4, 0.5, 7)
task = og.problems.digits_task()
muon = og.Muon.at(otherwise=og.AdamW.at(lr=0.01))
named = {rule.__name__: rule for rule in rules} | {"Muon, AdamW for vectors": muon}
runs = og.train(named, task, steps=150, seed=range(3), lr=lrs, dtype="float32")
runs.plot_rates()

# %%

runs.table()

# %%
# Tuned, the medians of the eight lie :n:`float(best.max() - best.min()):.1f` points apart; the seeds of one of them lie
# up to :n:`float(spread.max()):.1f` points apart. At their defaults momentum, Lion and Muon have hardly begun. So the
# question of a learning rate comes before that of a rule. On many more networks :cite:t:`schmidt2021` found that trying
# several rules at their defaults helps about as much as tuning a single one.

# proof: tuned, the medians are closer together than the seeds of one rule; at their defaults
# momentum, Lion and Muon are twenty points and more behind Adam
judged = runs.judged(runs.chosen)
best, spread = judged.median("seed"), judged.max("seed") - judged.min("seed")
untuned = runs.judged(runs.default).median("seed")
late = ["Momentum", "Lion", "Muon, AdamW for vectors"]
assert best.max() - best.min() < spread.max()
assert (untuned.sel(optimizer=late) < untuned.sel(optimizer="Adam") - 20).all()

# %%
# Where to start
# --------------
# - **AdamW** if you have no reason for another: with a warm-up, and a learning rate that falls to zero at the end. Then
#   tune the learning rate, then the decay (:ref:`how <sphx_glr_gallery_optimizers_plot_adamw.py>`).
# - **SGD with momentum** where memory is short, and for convolutional networks (:ref:`a small one
#   <sphx_glr_gallery_comparisons_plot_digits_conv.py>`), if there is time to tune it: 0.9, and learning rates from 0.01
#   to 0.1 first (:ref:`why so large <sphx_glr_gallery_optimizers_plot_momentum.py>`).
# - **Lion** for half of Adam's memory: a learning rate 3 to 10 times below AdamW's, a decay as many times above it
#   (:cite:t:`chen2023`), and a schedule that ends near zero.
# - **NAdamW** with AdamW's settings: the baseline of the AlgoPerf competition :cite:p:`kasimbeg2025`.
# - **AdaBelief** with Adam's learning rate, if gradients are noisy; see what its ``eps`` does
#   :ref:`first <sphx_glr_gallery_optimizers_plot_adabelief.py>`.
# - **Schedule-Free AdamW** if you cannot say when training ends: a learning rate and a decay of its own, ``eval()``
#   before each evaluation (:cite:t:`defazio2024`).
# - **Muon** for the matrices inside a network, AdamW for everything else, as here: ``otherwise=`` divides them. What it
#   gains over a well tuned AdamW shrinks as networks grow, from 1.4 times to 1.1 (:cite:t:`wen2025`).
# - **Adam** itself where there is no decay, as with a fit of a few parameters.
#
# What this page cannot say
# -------------------------
# A small network that learns in seconds has no long training, no large batches and no scale at which memory matters.
# In larger studies the order changes with the task, and with how carefully the baseline was tuned.
