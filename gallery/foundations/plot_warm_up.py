r"""
Warm-up
=======

A schedule that starts low lets descent survive a steep beginning at a rate that suits the end. It also tames Adam's
first steps, which are its longest.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

# %%
# Steep at first, flat later
# --------------------------
# On :math:`x^4 / 4 + x^2 / 2` the :term:`curvature` is :math:`3 x^2 + 1`: 28 at the start, x = 3, and 1 at the bottom. A
# step multiplies x by :math:`1 - \eta (x^2 + 1)`. At the start that shrinks x only for :math:`\eta < 0.2`; at the bottom
# any rate below 2 will do.


def steep(x):
    return x**4 / 4 + x**2 / 2


warm = partial(torch.optim.lr_scheduler.LinearLR, start_factor=0.01, total_iters=20)
low = og.descend(og.SGD, steep, start=[3.0], steps=40, lr=0.19)
high = og.descend(og.SGD, steep, start=[3.0], steps=40, lr=0.8)
warmed = og.descend(og.SGD, steep, start=[3.0], steps=40, lr=0.8, schedule=warm)
print("0.8 at once diverges at step", high.diverged_at)
print("loss, 0.19 throughout:     ", low.loss[-1])
print("loss, up to 0.8 in 20 steps:", warmed.loss[-1])
assert high.diverged_at < 10
assert warmed.loss[-1] < 1e-6 * low.loss[-1]

# %%

fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.semilogy(low.loss, label="0.19 throughout")
ax.semilogy(high.loss[:4], label="0.8 at once")
ax.semilogy(warmed.loss, label="0.8, warmed up over 20 steps")
ax.set(
    title="Warm-up reaches a rate that the start would not survive",
    xlabel="step",
    ylabel="loss",
    ylim=(1e-25, 1e16),
)
ax.legend()

# %%
# Adam's first steps are its longest
# ----------------------------------
# On its first step Adam has seen one slope. It divides that slope by its own size, and so moves every weight by one full
# learning rate, however little the slope means. Here 400 weights start *at* the minimum of a bowl, and their slopes are
# noise.


def bowl(*weights):
    return (torch.stack(weights) ** 2).sum(0) / 2


setting = {
    "start": np.zeros(400),
    "steps": 300,
    "lr": 0.01,
    "noise": 1.0,
}
cold = og.descend(og.Adam, bowl, **setting)
length = np.sqrt((np.diff(cold.theta, axis=0) ** 2).mean(axis=1))
print("typical step, the first and the last 100:", length[0], length[-100:].mean())
np.testing.assert_allclose(length[0], 0.01, rtol=1e-6)
assert 3.5 < length[0] / length[-100:].mean() < 5

# %%
# With a warm-up over 100 steps, these first steps hardly move.

gentle = partial(torch.optim.lr_scheduler.LinearLR, start_factor=0.01, total_iters=100)
slow = og.descend(og.Adam, bowl, schedule=gentle, **setting)
away = [np.sqrt((run.theta**2).mean(axis=1)) for run in (cold, slow)]
print("distance from the minimum after 10 steps: ", away[0][10], away[1][10])
print("distance from the minimum after 300 steps:", away[0][-1], away[1][-1])
assert away[0][10] > 10 * away[1][10]

# %%
# What it does not do
# -------------------
# After 300 steps both stand equally far from the minimum. Noise and the final rate settle that; warm-up only delays it.
# What it protects is a good start. To come closer, the rate must fall.

np.testing.assert_allclose(away[0][-1], away[1][-1], rtol=0.02)

# %%
# Whether Adam's early steps are the reason why large networks need warm-up is debated. :cite:t:`liu2020` say so and
# build the warm-up into the rule, as :ref:`RAdam <sphx_glr_gallery_optimizers_plot_radam.py>`.
#
# Before this: :ref:`adaptive scaling and units <sphx_glr_gallery_foundations_plot_adaptive_scaling_and_units.py>`.
# Next: the rules one by one, beginning with :ref:`SGD <sphx_glr_gallery_optimizers_plot_sgd.py>`.
