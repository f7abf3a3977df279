r"""
AMSGrad
=======

AMSGrad is Adam with a scale that never shrinks. It cures a case in which Adam, with a short memory, walks uphill.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.AMSGrad)

# %%
# The rule
# --------
# One line is new: ``v_max`` keeps the largest value that ``v`` has had, and the step is divided by its root.

og.pseudocode(og.AMSGrad)

# %%

og.pseudocode(og.AMSGrad).hyperparameters

# %%
# What it repairs
# ---------------
# The slopes come in threes: 4, -1, -1, and again. Their sum is +2, so over each three steps the parameter should go
# down. :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` is given no memory of the direction (``beta1`` = 0)
# and a short one of the scale (``beta2`` = 1/17). That is the setting of the paper's proof, with its C = 4.


def threes(t):
    """A rare large slope to the one side, frequent small ones to the other."""
    return np.where(np.asarray(t) % 3 == 0, 4.0, -1.0)


short = dict(steps=300, lr=0.01, betas=(0, 1 / 17))
adam = og.respond(og.Adam, threes, **short)
amsgrad = og.respond(og.AMSGrad, threes, **short)

fig, ax = plt.subplots()
ax.plot(adam.theta, color=og.Adam.color, label="Adam")
ax.plot(amsgrad.theta, color=og.AMSGrad.color, label="AMSGrad")
ax.set(
    xlabel="step",
    ylabel="parameter",
    title="Adam goes up, the slopes say down",
)
ax.legend()

# %%

print("after 300 steps: Adam", adam.theta[-1], " AMSGrad", amsgrad.theta[-1])
np.testing.assert_allclose(adam.theta[-1], 0.687, atol=2e-3)
np.testing.assert_allclose(amsgrad.theta[-1], -0.514, atol=2e-3)

# %%
# The reason is in the last three steps. Adam divides the large slope by its own size, and has all but forgotten that
# size two steps later. So 4 counts as 1, and the two small slopes together count as more. AMSGrad divides all
# three by the same number. Their proportions, 4 to -1 to -1, survive.

print("Adam's last three steps:   ", np.diff(adam.theta[-4:].ravel()))
print("AMSGrad's last three steps:", np.diff(amsgrad.theta[-4:].ravel()))
assert np.diff(adam.theta[-4:].ravel()).sum() > 0.006
np.testing.assert_allclose(
    np.diff(amsgrad.theta[-4:].ravel()) / np.diff(amsgrad.theta[-4:].ravel())[0],
    (1, -1 / 4, -1 / 4),
    rtol=1e-6,
)

# %%
# Watch it
# --------
# On Rosenbrock's valley, with a scale that remembers about ten steps. Look at ``v``: it falls as the slope does.
# ``v_max`` never falls.

rosenbrock = og.surfaces.rosenbrock
watched = dict(steps=150, lr=0.05, betas=(0.9, 0.9))
run = og.descend(og.AMSGrad, rosenbrock, **watched)
assert (np.diff(run.states["v_max"], axis=0) >= 0).all()
assert (np.diff(run.states["v"], axis=0) < 0).any()
og.animate({"AMSGrad": run}, panels=("map", "v", "v_max"))

# %%
# One knob: the memory of the scale
# ---------------------------------
# Is Adam wrong for good? No. Lengthen its memory and it turns round. At the usual 0.999 it goes down by itself,
# and faster than AMSGrad did with the short memory.

ends = {
    b: float(og.respond(og.Adam, threes, steps=300, lr=0.01, betas=(0, b)).theta.ravel()[-1])
    for b in (1 / 17, 0.5, 0.9, 0.999)
}
print("beta2: where Adam ends", ends, sep="\n")
assert ends[1 / 17] > 0.6
assert ends[0.999] < ends[0.9] < -0.6

# %%
# So this is a failure of a short memory against rare slopes. For any ``beta2`` the paper builds a rarer one.

# %%
# The whole axis of rates
# -----------------------
# From 64 random starts in the valley, at 37 rates: the line is the median loss after 200 steps, the band the middle
# half. The memory is the usual 0.999, and over all six decades the two rules can hardly be told apart. In 200 steps
# such a ``v`` barely shrinks, so its maximum says the same. What the maximum protects from is not on this axis.

sweep = og.sweep(
    [og.Adam, og.AMSGrad],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, (adam, amsgrad) = (
    sweep.data.lr.values,
    sweep.data.loss.median(("seed", "start")).values,
)
good = lr[amsgrad < 10 * amsgrad.min()]
print(
    f"best rate {lr[amsgrad.argmin()]:.2g}, within a factor 10 of its loss from {good[0]:.2g} to {good[-1]:.2g}"
)
assert 0.4 < lr[amsgrad.argmin()] < 1.1 and 0.01 < good[0] < 0.1 < 1 < good[-1] < 3
assert 0.8 < (amsgrad / adam).min() and (amsgrad / adam).max() < 1.3
assert (
    sweep.data.diverged_at < 0
).all()  # a step divided by its own size cannot grow without bound

# %%
# It is on this map. Himmelblau's function has four minima, ringed; a start has the colour of the one where AMSGrad
# stands after 200 steps, darker the longer it took to get there. The rate is 0.3, the memory 0.9. Adam comes by nearly
# as often and then leaves again: its ``v`` forgets the steep way down, and the steps stay long on flat ground.

himmelblau = og.surfaces.himmelblau
basins = og.sweep(
    [og.Adam, og.AMSGrad],
    himmelblau,
    himmelblau.grid(96),
    steps=200,
    lr=0.3,
    betas=(0.9, 0.9),
)
og.plot_basins(basins, "AMSGrad")

# %%

everywhere = ("seed", "start_y", "start_x")
came = (basins.data.arrived_at >= 0).mean(everywhere).values
stays = (basins.data.minimum >= 0).mean(everywhere).values
print(
    "share of starts that come within 0.001 of a minimum, Adam and AMSGrad:",
    came,
)
print("share that is there at the end:", stays)
assert came.min() > 0.98 and stays[0] < 0.2 and stays[1] > 0.98

# %%
# Where it fails
# --------------
# What never shrinks never forgives. Let the first slope be 1000, and every later one 1. Adam, with ``beta2`` = 0.9,
# forgets the accident. AMSGrad is slow ever after.


def accident(t):
    """One huge slope at the start."""
    return np.where(np.asarray(t) == 0, 1000.0, 1.0)


settings = dict(steps=300, lr=0.01, betas=(0.9, 0.9))
forgiving = og.respond(og.Adam, accident, **settings).theta.ravel()
bitter = og.respond(og.AMSGrad, accident, **settings).theta.ravel()
print("last step of Adam:   ", forgiving[-1] - forgiving[-2])
print("last step of AMSGrad:", bitter[-1] - bitter[-2])
np.testing.assert_allclose(forgiving[-1] - forgiving[-2], -0.01, rtol=1e-3)
np.testing.assert_allclose(bitter[-1] - bitter[-2], -0.01 / np.sqrt(1e5), rtol=1e-3)

# %%
# Provenance
# ----------
# :cite:t:`reddi2018`, algorithm 2. The listing has no bias correction. We follow PyTorch, which has Adam's, and takes
# the maximum before the correction; others correct first. PyTorch's own, on the same descent:

theirs = og.descend(partial(torch.optim.Adam, amsgrad=True), rosenbrock, **watched)
print(
    "largest difference to torch.optim.Adam(amsgrad=True):",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, rtol=0, atol=1e-9)

# %%
# .. oracles:: AMSGrad
#
# Before this: :ref:`NAdam <sphx_glr_gallery_optimizers_plot_nadam.py>`, which changed the direction.
# Next: :ref:`RAdam <sphx_glr_gallery_optimizers_plot_radam.py>`, which trusts the scale only by and by.
