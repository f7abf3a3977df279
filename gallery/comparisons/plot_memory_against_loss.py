r"""
Memory against loss
===================

What does one get for what an optimizer remembers? On a small network it matters more what is remembered than how much:
Muon with half of AdamW's memory ends lower than AdamW, Adafactor with a tenth of it somewhat higher.
"""

import matplotlib.pyplot as plt
import numpy as np
from torch import nn

import optguide as og

full = og.problems.digits_task()
images = full.inputs.view(-1, 4, 2, 4, 2).mean((2, 4)).reshape(-1, 16)
task = og.problems.Task(
    lambda: nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 10)),
    images, full.targets, validation=397, test=400, name="digits of 4 x 4 pixels",
)  # fmt: skip
vectors = og.AdamW.at(lr=0.01)
rules = {"AdamW": og.AdamW.at(), "Adafactor": og.Adafactor.at(), "Adam-mini": og.AdamMini.at()}
rules |= {"Momentum": og.Momentum.at(), "Lion": og.Lion.at()}
rules |= {rule.__name__: rule.at(otherwise=vectors) for rule in (og.Muon, og.Shampoo, og.SOAP)}
lrs = np.logspace(-2.5, 0.5, 7)
runs = og.train(rules, task, steps=150, seed=range(3), every=150, lr=lrs, dtype="float32")
reached = runs.data.held_out_loss.isel(check=-1)
best = reached.sel(part="validation").mean("seed").round(3).idxmin("lr")  # of equals the smallest
loss = reached.sel(part="test", lr=best)

kept = {}
for name, rule in rules.items():
    network = task.draw(0).problem.network
    optimizer = rule(network.parameters())
    task.loss(network(task.inputs), task.targets).backward()
    optimizer.step()
    states = optimizer.state_dict()["state"].values()
    stored = [value for state in states for key, value in state.items() if key != "step"]
    kept[name] = sum(value.nbytes for value in stored) / sum(w.nbytes for w in network.parameters())

fig, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
for name, rule in rules.items():
    seeds = loss.sel(optimizer=name)
    ax.plot([kept[name]] * 3, seeds, "o-", color=rule.func.color)
    ax.annotate(name, (kept[name], seeds.max()), xytext=(0, 6), textcoords="offset points")
ax.set(xlabel="bytes of state for each byte of weights", ylabel="loss on test images")
ax.margins(0.1)
ax.set_title("Three seeds of each rule, at its chosen learning rate")
fig

# %%
# Each rule trains a network of two layers that reads digits of 4 x 4 pixels. Downward is a lower loss, to the left less
# memory. Momentum, Lion, Adam-mini and Muon all remember about one number for each weight, and Muon's median loss is
# the lowest of them, :n:`middle["Muon"]:.2f`. AdamW remembers two and ends at :n:`middle["AdamW"]:.2f`, Adafactor
# :n:`kept["Adafactor"]:.2f` and ends at :n:`middle["Adafactor"]:.2f`. The lowest is SOAP's, :n:`middle["SOAP"]:.2f`,
# with :n:`kept["SOAP"]:.1f` numbers for each weight.

middle = {name: loss.sel(optimizer=name).median().item() for name in rules}

# %%

# proof: Adafactor keeps a tenth of AdamW's state and ends less than a quarter above it; Muon keeps
# little more than half, and ends below it; SOAP keeps the most and ends lowest
assert kept["Adafactor"] < kept["AdamW"] / 10 and middle["Adafactor"] < 1.25 * middle["AdamW"]
assert kept["Muon"] < 0.55 * kept["AdamW"] and middle["Muon"] < middle["AdamW"]
assert min(middle, key=middle.get) == max(kept, key=kept.get) == "SOAP"

# %%
# The protocol
# ------------
# - Three seeds. A seed draws the first weights, and divides the images into 1,000 for training, 397 to choose by and
#   400 to report on. The images of scikit-learn are averaged over squares of 2 x 2 pixels, so that the matrices of
#   Shampoo and SOAP stay small.
# - 150 steps on 32 images each, the same for all rules, at a constant learning rate.
# - Seven learning rates from 0.003 to 3. The one with the lowest mean loss on the 397 images is chosen; what is shown is
#   the loss on the 400. All else is at its default. Muon, Shampoo and SOAP step the two matrices, and AdamW with a
#   learning rate of 0.01 the two vectors; they take no other part in the choice.
# - Memory is counted in the optimizer's ``state_dict`` after a step: the bytes of all tensors but step counters, divided
#   by those of the weights.

og.Table(
    "Memory, learning rate and loss",
    ("optimizer", "bytes for each byte of weights", "learning rate", "loss: three seeds"),
    [
        (name, f"{kept[name]:.2f}", f"{rate:.2g}", ", ".join(f"{z:.3f}" for z in np.sort(seeds)))
        for name, rate, seeds in zip(rules, best.values, loss.values, strict=True)
    ],
)

# %%

# proof: no chosen learning rate lies at an end of the grid
assert lrs[0] < best.min() and best.max() < lrs[-1]

# %%
# Adafactor's learning rates from 1 on are all one, because its step is at most :math:`1/\sqrt{t}` of the weights.
#
# Seeds of one rule differ by up to :n:`float((loss.max("seed") - loss.min("seed")).max()):.2f`. So most of the rules in
# the middle cannot be told apart; that SOAP is below AdamW and momentum can.

# proof: SOAP is below AdamW, momentum, Adafactor and Adam-mini for each seed
others = loss.sel(optimizer=["AdamW", "Momentum", "Adafactor", "Adam-mini"])
assert (loss.sel(optimizer="SOAP") < others).all()

# %%
# What a small network cannot show
# --------------------------------
# **Where memory is short.** This network has :n:`runs.data.weights:,` weights, and memory is not short here. In a
# model of billions of weights AdamW's two numbers for each, in single precision, take four times as much as weights in
# half precision. What a rule keeps then decides how large a model fits
# (:ref:`What an optimizer remembers <sphx_glr_gallery_comparisons_plot_state_memory.py>`).
#
# **How shares change with size.** The row and the column of a matrix grow more slowly than the matrix. Adafactor's
# share falls from a fifth here to a thousandth in a matrix of 2,048 rows and columns. Shampoo's and SOAP's do not fall:
# for square matrices they stay at two and six.
#
# **What a step costs.** Roots and eigenvectors take time, on top of the gradient. Time is not counted here.
#
# **Noise and length.** There are 150 steps and ten classes. Warm-up and a falling learning rate, which matter in long
# training, are left out, and weight decay is the default of each rule.
#
# What large studies found
# ------------------------
# :cite:t:`zhao2025` compare SGD, Adafactor, Adam, Lion and Sophia on language models, over many settings. All but SGD
# do about equally well, and they conclude that memory and ease may decide. :cite:t:`zhang2025` report for Adam-mini
# that it is as good as AdamW or better, with half of the memory. :cite:t:`wen2025` find the rules that multiply by
# matrices, Muon and SOAP among them, ahead of all others, by up to 1.4 times for small language models and 1.1 times at
# 1.2 billion parameters. Here the order is the same: what multiplies by matrices is lowest.
#
# .. seealso::
#
#    The pages of the rules: :ref:`Adafactor <sphx_glr_gallery_optimizers_plot_adafactor.py>`,
#    :ref:`Adam-mini <sphx_glr_gallery_optimizers_plot_adam_mini.py>`,
#    :ref:`Muon <sphx_glr_gallery_optimizers_plot_muon.py>`, :ref:`SOAP <sphx_glr_gallery_optimizers_plot_soap.py>`.

# proof: the median losses of Muon, Shampoo and SOAP are below those of the five others
matrix = ("Muon", "Shampoo", "SOAP")
assert max(middle[name] for name in matrix) < min(middle[n] for n in rules if n not in matrix)
