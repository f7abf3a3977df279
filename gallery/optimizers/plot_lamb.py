r"""
LAMB
====

LAMB takes Adam's direction and makes the step as long as a fixed share of the tensor that it moves. Large and small
layers then change at the same relative speed, which allows large learning rates and very large batches.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

task = og.problems.digits(images=200)
weights = task.weights(torch.tensor(task.start))
rules = {"Adam": og.Adam.at(lr=0.01), "LAMB": og.LAMB.at(lr=0.03, eps=1e-12)}
losses, shares = {}, {}
for key in [(name, size) for name in rules for size in (1, 30)]:
    layers = [weights["0.weight"] * key[1], weights["2.weight"] / key[1]]
    layers = [torch.nn.Parameter(layer) for layer in layers]
    optimizer = rules[key[0]](layers)
    losses[key], shares[key] = [], []
    for _ in range(100):
        before = [layer.detach().clone() for layer in layers]
        scores = torch.relu(task.inputs @ layers[0].T) @ layers[1].T
        loss = cross_entropy(scores, task.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[key].append(loss.item())
        now = [layer.detach() for layer in layers]
        moved = [(p - q).norm() / q.norm() for p, q in zip(now, before, strict=True)]
        shares[key].append([share.item() for share in moved])

fig, axs = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
for (name, size), values in losses.items():
    style = {"color": getattr(og, name).color, "ls": "-" if size == 1 else (0, (4, 4))}
    axs[0].semilogy(
        values, **style, label=f"{name}, layers " + ("as usual" if size == 1 else "rescaled")
    )
for i, layer in enumerate(("large layer", "small layer")):
    for name in rules:
        share = np.array(shares[name, 30])[:, i]
        axs[1].semilogy(share, color=getattr(og, name).color, ls=":-"[i], label=f"{name}, {layer}")
axs[0].set(title="Loss", xlabel="step")
axs[1].set(title="Step, as a share of the layer", xlabel="step")
axs[0].legend()
axs[1].legend()

# %%
# A network with two layers of weights reads digits. For the dashed lines the first layer was made 30 times as large and the
# second 30 times as small, which leaves every output as it is. Adam's steps do not depend on the size of the weights: its
# first one changes the large layer by :n:`100 * shares["Adam", 30][0][0]:.1f` % and the small one by
# :n:`100 * shares["Adam", 30][0][1]:.0f` %, and it trains as another network would. LAMB changes both layers by 3 % in every
# step, and its two curves are one.

# proof: LAMB trains both networks alike, Adam does not
np.testing.assert_allclose(losses["LAMB", 30], losses["LAMB", 1], rtol=1e-4)
assert np.abs(np.log(np.divide(losses["Adam", 30], losses["Adam", 1]))).max() > 1
assert shares["Adam", 30][0][0] < 0.01 and shares["Adam", 30][0][1] > 2

# %%

# proof: each step of LAMB changes each layer by exactly the learning rate times its length
np.testing.assert_allclose(shares["LAMB", 1], 0.03, rtol=1e-9)
np.testing.assert_allclose(shares["LAMB", 30], 0.03, rtol=1e-9)

# %%

og.card(og.LAMB)

# %%
# The rule
# --------
# Up to the update ``u`` this is :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`. Then two lengths are taken, of the
# tensor and of the update, over all entries of one tensor: of a layer's weights, say, and not of the whole model. Their
# ratio, the *trust ratio*, makes the step as long as the learning rate times the tensor.

og.pseudocode(og.LAMB)

# %%

og.pseudocode(og.LAMB).hyperparameters

# %%
# The direction is that of AdamW, weight decay included. But here the decay only turns the step; it does not lengthen it.

# proof: a step of LAMB has the direction of AdamW's, and its length does not depend on the decay
point = np.array([3.0, 4.0])
for decay in (0.0, 0.1, 2.0):
    same = {"function": og.surfaces.himmelblau, "start": point, "steps": 1, "weight_decay": decay}
    pair = [og.descend(rule, lr=0.1, eps=1e-6, **same).theta for rule in (og.LAMB, og.AdamW)]
    ours, theirs = (np.diff(path, axis=0)[0] for path in pair)
    np.testing.assert_allclose(ours / np.linalg.norm(ours), theirs / np.linalg.norm(theirs))
    np.testing.assert_allclose(np.linalg.norm(ours), 0.1 * 5)

# %%
# What it repairs
# ---------------
# Adam moves each of the :math:`n` weights of a tensor by about one learning rate, and so the tensor by a share of about
# :math:`\eta \sqrt n / \lVert \theta \rVert`. The learning rate must be small enough for the tensor for which this share is
# largest, and all others then move slowly. With batches so large that a run has few steps, there is no time for that.
# :cite:t:`you2020` train BERT in 8,599 steps in place of a million, with batches of 65,536 examples, 32,768 for the
# long ones, in place of 512.
#
# Multiplying a tensor by a number and its gradient by the inverse changes nothing of what the network does. Under LAMB the
# step is multiplied by the same number, so the path is the same in every unit. That is what the dashed line above shows.
#
# On a map of two coordinates the pair is one tensor. There the steps are long far from the origin and short near it, which
# has no use on a map. Measured in the same way for every rule:

study.traits(og.LAMB)

# %%
# One knob: the learning rate, a share
# ------------------------------------
# A learning rate of 0.01 lets a tensor double in length in 70 steps at the soonest, and of 0.1 in eight. The distance from
# the origin shows it: a plane that falls forever is descended at an exponential speed.

plane = {"function": lambda x, y: -x - y, "start": (1, 1), "steps": 100}
growth = {lr: og.descend(og.LAMB, lr=lr, **plane) for lr in (0.01, 0.03, 0.1)}
fig, ax = plt.subplots(layout="constrained")
for lr, run in growth.items():
    ax.semilogy(np.linalg.norm(run.theta, axis=1), label=f"lr = {lr}")
ax.set(title="Length of the tensor", xlabel="step")
ax.legend()

# %%

# proof: along one gradient a tensor grows by the factor 1 + ``lr`` per step
for lr, run in growth.items():
    grown = np.linalg.norm(run.theta, axis=1)
    np.testing.assert_allclose(grown, 2**0.5 * (1 + lr) ** np.arange(101))
assert 1.01**69 < 2 < 1.01**70 and 1.1**7 < 2 < 1.1**8

# %%
# The whole axis of learning rates
# --------------------------------
# On Rosenbrock's function, as one tensor, the best learning rate is :n:`rates.best["LAMB"]:.2g`, and the median loss there
# is :n:`rates.loss["LAMB"] / rates.loss["Adam"]:.0f` times Adam's. From :n:`rates.diverged["LAMB"]:.2f` on some descents
# diverge, as the growth is exponential; Adam's do not.

rates = study.rates(og.LAMB, beside=og.Adam)
rates

# %%

# proof: LAMB's best learning rate is far smaller than Adam's, its loss higher, and it can diverge
assert rates.best["LAMB"] < rates.best["Adam"] / 30
assert 3 < rates.loss["LAMB"] / rates.loss["Adam"] < 10
assert rates.diverged["LAMB"] < 1 and rates.diverged["Adam"] is None

# %%
# Basins
# ------
# With learning rates that fall to zero, LAMB ends at a minimum of Himmelblau's function from
# :n:`basins.reached["LAMB"]:.0%` of the starts. Of the others :n:`near:.0%` come from within 3 of the origin, where its
# steps are short.

falling = partial(LinearLR, start_factor=1, end_factor=0, total_iters=200)
pair = {"LAMB": og.LAMB.at(lr=0.01), "Adam": og.Adam.at(lr=0.1)}
basins = study.basins({name: partial(rule, schedule=falling) for name, rule in pair.items()})
basins

# %%

# proof: LAMB ends at a minimum from three quarters of the starts or more, and Adam from more; most
# of LAMB's other starts are near the origin
assert 0.7 < basins.reached["LAMB"] < 0.85 < basins.reached["Adam"]
others = basins.sweep.data.minimum.sel(optimizer="LAMB").values.squeeze() < 0
near = (np.linalg.norm(og.surfaces.himmelblau.grid(96), axis=-1) < 3)[others].mean()
assert near > 0.6

# %%
# How to set it
# -------------
# The learning rate is a share: 0.001 changes a layer by a thousandth. It has to fall to zero in the end, since nothing
# else shortens the steps. :cite:t:`you2020` raise it linearly from zero first, multiply it by the root of two when the
# batch is doubled; their weight decay is 0.01. :cite:t:`nado2021` find that a tuned Adam or Nesterov's method does as well
# with such batches. Biases and the gains of normalization layers are usually left to plain Adam, for the reason that
# follows.
#
# Where it fails
# --------------
# A tensor of one number, such as the bias of a single output, cannot change its sign: the nearer it is to zero, the
# shorter its step. Its loss below is lowest at -1.

lone = og.Problem(lambda p: (p + 1).square().sum(), (1,), starts=[[0.5]])
alone = {rule.__name__: og.descend(rule, lone, steps=300, lr=0.05) for rule in (og.Adam, og.LAMB)}
og.plot_loss(alone)

# %%

# proof: a lone number shrinks by the factor 1 - ``lr`` per step and stays above zero;
# Adam brings it to -1
np.testing.assert_allclose(alone["LAMB"].theta[:, 0], 0.5 * 0.95 ** np.arange(301), rtol=1e-3)
assert abs(alone["Adam"].theta[-1, 0] + 1) < 0.01

# %%
# Provenance
# ----------
# :cite:t:`you2020`, algorithm 2, with :math:`\phi(z) = z`. Implementations differ. ``optax.lamb`` is this rule.
# ``torch_optimizer.Lamb`` leaves out both corrections for the start at zero, which the paper's appendix allows, and cuts
# the length of the tensor off at 10. ``pytorch_optimizer.Lamb`` divides the finished step by :math:`1 - \beta_1^t`, so
# its first is ten times as long, and ``timm`` clips the gradients first. So four rules of that name take different steps.
# See :doc:`/ledger`.
#
# .. oracles:: LAMB
