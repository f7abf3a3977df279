r"""
Matrices by one rule, the rest by another
=========================================

Muon steps matrices and nothing else. In a network AdamW steps the rest, within the same optimizer. On a small network
that reads digits the two together still learn at a learning rate at which AdamW alone does not.
"""

import copy

import numpy as np
import torch
from torch.nn.functional import cross_entropy

import optguide as og

task = og.problems.digits_task()
pair = og.Muon.at(weight_decay=0.0, otherwise=og.AdamW.at(lr=0.003))
lrs = np.logspace(-4, 0.5, 10)
rules = {"Muon and AdamW": pair, "AdamW alone": og.AdamW}
runs = og.train(rules, task, 150, seed=range(5), every=150, lr=lrs, dtype="float32")

runs.plot_rates()

# %%
# The learning rate on the axis is Muon's for the one and AdamW's for the other; the AdamW that stands beside Muon keeps
# 0.003. The :ref:`protocol is that of the digits <sphx_glr_gallery_comparisons_plot_digits_mlp.py>`: stars mark the
# learning rates chosen on validation examples, rings those nearest to the defaults. At 0.32 the pair reads
# :n:`read["Muon and AdamW"]:.0f` % of the test images and AdamW alone :n:`read["AdamW alone"]:.0f` %, which is guessing.
# That is one small network: it does not say which of the two is better for another.

# proof: at a learning rate of 0.32 the pair reads more than 80 % of the images in the median, AdamW
# alone fewer than 30 %
read = runs.judged().isel(lr=7).median("seed").to_series()
assert read["Muon and AdamW"] > 80 and read["AdamW alone"] < 30

# %%
# What goes where
# ---------------
# A bias is a vector. It has no singular values that could be made equal, so Muon leaves it alone. The authors of Muon
# also give embeddings and the last layer to AdamW, although both are matrices :cite:p:`jordan2024`. That is a matter of
# names, not of shapes, so it is asked for by name:

network = task.draw(0).problem.network
groups = og.parameter_groups(network, og.Muon, otherwise=["2"])
groups.table

# %%
# The loop
# --------
# One optimizer, one scheduler, one saved state. Each group has the hyperparameters of the rule that steps it.

optimizer = og.Muon(groups, lr=0.05, otherwise=og.AdamW.at(lr=0.01))
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=150)
examples, losses = task.draw(0).problem, []
for rows in task.batches(seed=0, size=32, steps=150):
    optimizer.zero_grad()
    loss = cross_entropy(network(examples.inputs[rows]), examples.labels[rows])
    loss.backward()
    optimizer.step()
    scheduler.step()
    losses.append(loss.item())
kept = ["lr", "momentum", "betas", "weight_decay"]
table = [[name, *(str(group.get(name, "–")) for group in optimizer.param_groups)] for name in kept]
og.Table("The two groups after 150 steps", ("hyperparameter", "Muon", "AdamW"), table)

# %%

# proof: the loss on the last batches is less than a quarter of that on the first
assert np.mean(losses[-10:]) < np.mean(losses[:10]) / 4

# %%

# proof: a run that is saved and resumed takes the same step as one that goes on
again = copy.deepcopy(network)
resumed = og.Muon(og.parameter_groups(again, og.Muon, ["2"]), otherwise=og.AdamW)
resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
for module, stepped in ((network, optimizer), (again, resumed)):
    stepped.zero_grad()
    cross_entropy(module(examples.inputs), examples.labels).backward()
    stepped.step()
pairs = zip(network.parameters(), again.parameters(), strict=True)
assert all(torch.equal(p, q) for p, q in pairs)

# %%
# In :func:`optguide.train` all runs of such a pair are stepped at once, too: the weights of a run are a vector, of which
# each tensor is stepped by its own rule.
