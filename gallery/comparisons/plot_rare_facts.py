r"""
Rare facts
==========

A matrix learns to answer eight keys with eight values, some of which are seen eight times as often as others. How late
the rare ones come depends, with Adam, on the directions of the keys. With Muon it does not.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

memory = og.problems.AssociativeMemory()
muon = og.Muon.at(lr=0.3, momentum=0.8, weight_decay=0.0)
rules = {"SGD": og.SGD.at(lr=10), "Adam": og.Adam.at(lr=0.3), "Muon": muon}
race = og.race(rules, memory, steps=25)
race

# %%
# A key k is answered by the value whose inner product with :math:`W k` is largest; the loss of a fact is the
# cross-entropy of a softmax over these products. The i-th fact is seen in proportion to :math:`1 / i`, as words are in a
# text (Zipf's law). Keys and values are orthonormal vectors in random directions.
#
# The mean loss, on the right, hides what becomes of single facts. Here is the loss of each, for every rule at the step
# at which its mean loss has come down to 0.1.

fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
at, facts = {}, {}
for i, (name, run) in enumerate(race.items()):
    at[name] = int((run.loss < 0.1).argmax())
    facts[name] = memory.losses(run.theta[at[name]])
    ax.bar(np.arange(1, 9) + 0.27 * (i - 1), facts[name], 0.27, color=run.color, label=name)
ax.set(xlabel="fact, the most frequent first", ylabel="its loss", title="At a mean loss of 0.1")
ax.legend()

# %%
# With SGD the loss of a fact rises with its rarity, up to :n:`worst["SGD"]:.1f` times the mean. With Adam the rarest fact
# is at :n:`worst["Adam"]:.1f` times the mean, with Muon at :n:`worst["Muon"]:.1f` times.

# proof: where the mean loss is the same, the worst fact is worst with Adam and best with Muon
worst = {name: facts[name].max() / race[name].loss[at[name]] for name in race}
assert worst["Adam"] > 1.5 * worst["SGD"] and worst["SGD"] > 1.1 * worst["Muon"]
assert (np.diff(facts["SGD"]) > 0).all()

# %%
# Along the axes Adam is fairest
# ------------------------------
# If keys and values lie along the axes, every entry on the diagonal of W belongs to one fact. Its gradient is
# proportional to the fact's frequency, and Adam divides that out: all facts are learned at exactly the same speed.
# Where directions are random, every entry takes part in every fact, and there is nothing to divide out. SGD and Muon do
# not see the difference.

aligned = og.problems.AssociativeMemory(rotated=False)
along = og.race(rules, aligned, steps=25)
rows = []
for name, run in along.items():
    step = int((run.loss < 0.1).argmax())
    fair = aligned.losses(run.theta[step]).max() / run.loss[step]
    rows.append((name, f"{fair:.2f}", f"{worst[name]:.2f}"))
og.Table(
    "The highest loss of a fact, as a multiple of the mean loss, where that is 0.1",
    ("optimizer", "keys along the axes", "keys in random directions"),
    rows,
)

# %%

# proof: along the axes all facts have the same loss with Adam, to 1e-4; with SGD and Muon each has
# the loss that it has in random directions, to 1e-9
fair = aligned.losses(along["Adam"].theta[-1])
np.testing.assert_allclose(fair, fair[0], rtol=1e-4)
for name in ("SGD", "Muon"):
    theirs = memory.losses(race[name].theta)
    np.testing.assert_allclose(aligned.losses(along[name].theta), theirs, rtol=1e-9)

# %%
# Why
# ---
# The gradient is :math:`-\sum_i p_i\, (v_i - \bar v_i)\, k_i^\top`, with :math:`p_i` the frequency of a fact, :math:`k_i`
# its key, :math:`v_i` its value and :math:`\bar v_i` the mean value under the present softmax. Keys are orthonormal, so
# at the start the facts are nearly the singular directions of the gradient, and the frequencies of all but the rarest
# nearly its singular values. Later each counts by its frequency times what is left to learn of it. SGD goes along them in
# proportion. Muon makes them equal, whatever their directions are. Adam makes entries equal, and entries are facts only
# along the axes.

# proof: the singular values of the first gradient are the frequencies, but for the mean; of Muon's
# first update the seven that are not zero differ less than twofold
first = np.linalg.svd(race["SGD"].grad[0]).S
assert first[0] < memory.frequencies[0] and first[-1] < 1e-12
np.testing.assert_allclose(first[1:7], memory.frequencies[1:7], rtol=0.2)
update = np.linalg.svd(race["Muon"].theta[1]).S[:7]
assert update[0] < 2 * update[6]

# %%
# What this does and does not say
# -------------------------------
# :cite:t:`wang2025` propose this as the reason why Muon does well on language, in which most facts are rare: they prove
# for such a memory that Muon learns all classes evenly whatever the embeddings are, and that Adam can be very uneven
# depending on them. In their transformers it is the matrices that act as memories which gain most.
#
# Here keys are orthonormal, there are as many dimensions as facts, and gradients are exact. In training a batch holds
# few of the rare facts, and then a step of full length also follows the noise of the few. The multiples in the table
# depend on the step at which they are taken, too: all of these rules learn every fact in the end.
