r"""
Digits, a convolutional network
===============================

A convolutional network reads the same digits. Again six optimizers end within a few points of each other once each has a
learning rate that suits it, and again their defaults are far apart.
"""

# sphinx_gallery_thumbnail_number = 1
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.func import functional_call, vmap
from torch.nn.functional import cross_entropy
from torch.nn.utils import parameters_to_vector

import optguide as og

torch.set_num_threads(1)  # small tensors: threads get in each other's way

# %%
# The network and the protocol
# ----------------------------
# The protocol is that of :ref:`the page before this one <sphx_glr_gallery_comparisons_plot_digits_mlp.py>`: five seeds,
# one grid of rates for all, chosen on 397 images and reported on 400 others. Here the grid has nine rates from 0.0001 to
# 1, every run has 160 steps of 32 images, and there are six optimizers.
#
# The network looks at the 8 by 8 pixels through eight small windows, then through sixteen. Strides halve the picture
# twice and take the place of pooling. It has half as many weights as the network before.


def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Unflatten(-1, (1, 8, 8)),
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 2, stride=2),
        nn.ReLU(),
        nn.Flatten(-3),
        nn.Linear(64, 10),
    )


net, digits = network(0), load_digits()
flat = [parameters_to_vector(network(s).parameters()) for s in range(5)]
starts = torch.stack(flat).detach()
order = torch.stack([torch.randperm(1797) for _ in range(5)])
images = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
labels = torch.tensor(digits.target)[order]
rates = 10 ** (torch.arange(-8, 1) / 2)
print("weights:", starts.shape[1])

# %%
# Forty-five runs at once
# -----------------------
# As before, all rates and all seeds of an optimizer are one tensor.


def scores(weights, x):
    """What the network makes of the images x, with its weights taken from a vector."""
    parts = weights.split([p.numel() for p in net.parameters()])
    pairs = zip(net.named_parameters(), parts, strict=True)
    named = {name: part.view_as(p) for (name, p), part in pairs}
    return functional_call(net, named, (x,))


every_run = vmap(vmap(scores), in_dims=(0, None))  # rates, seeds


def train(cls):
    """Losses (step, rate, seed), and which held-out images are read correctly (rate, seed, image)."""
    torch.manual_seed(0)
    weights = starts.repeat(len(rates), 1, 1).requires_grad_()
    optimizer = cls([weights])
    optimizer.param_groups[0]["lr"] = rates[:, None, None]
    losses = []
    for _ in range(160):
        batch = torch.randint(1000, (32,))
        out = every_run(weights, images[:, batch]).movedim(-1, 1)
        target = labels[:, batch].expand(len(rates), -1, -1)
        loss = cross_entropy(out, target, reduction="none").mean(-1)
        optimizer.zero_grad()
        loss.sum().backward()  # no run enters the loss of another
        optimizer.step()
        losses.append(loss.detach())
    with torch.no_grad():
        read = every_run(weights, images[:, 1000:]).argmax(-1)
    return torch.stack(losses).numpy(), (read == labels[:, 1000:]).numpy()


methods = [og.SGD, og.SimplifiedNesterov, og.Adagrad]
methods += [og.RMSprop, og.Adam, og.Lion]
names = [cls.__name__ for cls in methods]
losses, right = map(np.stack, zip(*map(train, methods), strict=True))
held_out = 100 * right[..., 397:].mean(-1)  # (optimizer, rate, seed)

# %%
# Default and chosen
# ------------------

each, lr = np.arange(len(methods)), rates.numpy()
defaults = np.array([cls.hyperparameters["lr"] for cls in methods])
default = np.abs(np.log(lr / defaults[:, None])).argmin(-1)
chosen = right[..., :397].mean((-1, -2)).argmax(-1)
untuned, tuned = held_out[each, default], held_out[each, chosen]
show = "{:.2g}: {:.1f} ({:.1f} to {:.1f})".format
quantiles = np.quantile(held_out, (0.5, 0, 1), axis=-1)
cells = [map(show, lr[k], *quantiles[:, each, k]) for k in (default, chosen)]
og.Table(
    "Learning rate, and held-out accuracy in percent: median (lowest to highest) of five seeds",
    ("optimizer", "at the default rate", "at the chosen rate"),
    list(zip(names, *cells, strict=True)),
)

# %%
# The medians lie a few points apart, about as far as the seeds of a single optimizer do. At the default rates some have
# hardly begun.

apart = np.ptp(np.median(tuned, axis=-1))
apart_by_seed = np.median(np.ptp(tuned, axis=-1))
apart_by_default = np.ptp(np.median(untuned, axis=-1))
print(f"between the optimizers, at chosen rates: {apart:.1f} points")
print(f"by seed: {apart_by_seed:.1f}  by default: {apart_by_default:.1f}")
assert apart < 7 and apart < 2 * apart_by_seed
assert apart_by_default > 70 and np.median(tuned, axis=-1).min() > 88

# %%
# The loss curves
# ---------------
# The loss on the training images, averaged over ten steps at a time. A line is the median of five seeds; its band
# reaches from the lowest to the highest.

colors = [cls.color for cls in methods]
smooth = losses.reshape(len(methods), 16, 10, len(lr), 5).mean(2)
rules = {"default rates": default, "chosen rates": chosen}
step = np.arange(5, 160, 10)
fig, axs = plt.subplots(1, 2, figsize=(9, 5), sharey=True, layout="constrained")
for ax, (title, at) in zip(axs, rules.items(), strict=True):
    bundles = zip(names, colors, smooth[each, :, at], strict=True)
    for name, color, runs in bundles:
        low, line, high = np.quantile(runs, (0, 0.5, 1), axis=-1)
        ax.semilogy(step, line, color=color, label=name)
        ax.fill_between(step, low, high, color=color, alpha=0.15, lw=0)
    ax.set(title=title, xlabel="step")
axs[0].set_ylabel("training loss")
fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3)

# %%
# Plain descent is behind
# -----------------------
# Here the optimizer does make a difference, in speed. SGD needs longer than any other before its loss falls below 0.5.
# The default of Adam is slow, but one can live with it. The default of SGD does not learn to read at all in this time.

first = (np.median(smooth[each, :, chosen], axis=-1) < 0.5).argmax(-1)
print(dict(zip(names, step[first].tolist(), strict=True)))
assert names[first.argmax()] == "SGD" and first[0] > 1.3 * np.median(first)
by_default = dict(zip(names, np.median(untuned, axis=-1), strict=True))
assert by_default["Adam"] > 60 and by_default["SGD"] < 25

# %%
# So :cite:t:`siarshai2017` may well be right to keep Adam as the default and to try Nesterov next: on this network the two
# are within a few points of each other at their chosen rates.

nesterov, adam = np.median(tuned, axis=-1)[[1, 4]]
print(f"Nesterov {nesterov:.1f}, Adam {adam:.1f}")
assert abs(nesterov - adam) < 5

# %%
# Before this: :ref:`the protocol, and a plain network <sphx_glr_gallery_comparisons_plot_digits_mlp.py>`.
# Next: :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`, the rule that most people begin with.
