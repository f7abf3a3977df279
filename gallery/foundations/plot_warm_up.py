r"""
Warm-up
=======

A learning rate that starts low and grows lets descent survive a steep beginning, and then move on with one that suits
the end. It also delays Adam's first steps, which are too long if the gradient is mostly noise.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og


@og.surface(
    title="Steep outside, flat inside", box=((-3.5, 3.5),), starts=((3.0,),), minima=((0,),)
)
def steep(x):
    return x**4 / 4 + x**2 / 2


warm = partial(torch.optim.lr_scheduler.LinearLR, start_factor=0.01, total_iters=20)
low = og.descend(og.SGD, steep, steps=40, lr=0.19)
high = og.descend(og.SGD, steep, steps=40, lr=0.8)
warmed = og.descend(og.SGD, steep, steps=40, lr=0.8, schedule=warm)
og.animate({"lr 0.19": low, "lr 0.8 at once": high, "lr 0.8, warmed up": warmed})

# %%
# With 0.8 at once, descent diverges in step :n:`high.diverged_at`. With 0.19 throughout it reaches the minimum slowly.
# Warmed up over 20 steps, it starts as low as 0.008, uses 0.8 in the end, and is by far the closest.
#
# Steep at first, flat later
# --------------------------
# On :math:`x^4 / 4 + x^2 / 2` the :term:`curvature` is :math:`3 x^2 + 1`: 28 at the start, x = 3, and 1 at the bottom.
# A step multiplies x by :math:`1 - \eta (x^2 + 1)`. At the start this shrinks x only if :math:`\eta < 2 / 10 = 0.2`; at
# the bottom every learning rate below 2 will do.

# proof: a step multiplies x by :math:`1 - \eta (x^2 + 1)`
x = low.theta[:, 0]
np.testing.assert_allclose(x[1:], x[:-1] * (1 - 0.19 * (x[:-1] ** 2 + 1)), rtol=1e-9)

# %%

# proof: 0.8 at once diverges in fewer than ten steps; warmed up, its loss ends a million times
# below that of 0.19
assert high.diverged_at < 10
assert warmed.loss[-1] < 1e-6 * low.loss[-1]

# %%
# Adam's first steps
# ------------------
# In its first step Adam has seen one gradient. It divides it by its own size, so each weight moves by exactly one
# learning rate, however little that gradient means. Later steps can be
# :ref:`longer than that <sphx_glr_gallery_optimizers_plot_adam.py>` if the gradient grows. But if it is pure noise, the
# average in the numerator soon shrinks, and the first steps are the longest. Here 400 weights start *at* the minimum of
# a bowl, and all they see is noise.


def bowl(*weights):
    return (torch.stack(weights) ** 2).sum(0) / 2


setting = {"start": np.zeros(400), "steps": 300, "lr": 0.01, "noise": 1.0}
gentle = partial(torch.optim.lr_scheduler.LinearLR, start_factor=0.01, total_iters=100)
runs = {
    "Adam": og.descend(og.Adam, bowl, **setting),
    "Adam, warmed up": og.descend(og.Adam, bowl, schedule=gentle, **setting),
}
away = {name: np.sqrt((run.theta**2).mean(axis=1)) for name, run in runs.items()}
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
for (name, distance), ls in zip(away.items(), ("-", "--"), strict=True):
    ax.plot(distance, color=og.Adam.color, ls=ls, label=name)
ax.set(title="Started at the minimum, driven away by noise", xlabel="step", ylabel="distance")
ax.legend()

# %%
# Drawn is the root mean square over the weights. Adam's first step is :n:`length[0] / length[-100:].mean():.1f` times
# as long as its last hundred are on average. After ten steps it is :n:`away["Adam"][10]:.3f` away from the minimum;
# warmed up over a hundred steps it is only :n:`away["Adam, warmed up"][10]:.4f` away.

# proof: Adam's first step is one learning rate, and about four times as long as its last hundred
length = np.sqrt((np.diff(runs["Adam"].theta, axis=0) ** 2).mean(axis=1))
np.testing.assert_allclose(length[0], 0.01, rtol=1e-6)
assert 3.5 < length[0] / length[-100:].mean() < 5
assert length.argmax() == 0

# %%

# proof: after ten steps the warm-up has kept it ten times as close
assert away["Adam"][10] > 10 * away["Adam, warmed up"][10]

# %%
# What it does not do
# -------------------
# After 300 steps both are equally far from the minimum. The noise and the final learning rate determine that distance;
# warm-up only delays it. What it protects is a good start. To come closer, the learning rate has to fall.

# proof: after 300 steps the two differ by less than 2 %
np.testing.assert_allclose(away["Adam"][-1], away["Adam, warmed up"][-1], rtol=0.02)

# %%
# Whether Adam's early steps are the reason why large networks need a warm-up is debated. :cite:t:`liu2020` say that the
# scale is estimated from too few gradients, and build the warm-up into the rule, as :ref:`RAdam
# <sphx_glr_gallery_optimizers_plot_radam.py>`. :cite:t:`ma2021` hold that the size of the steps matters instead, and
# that a plain warm-up does as well.
