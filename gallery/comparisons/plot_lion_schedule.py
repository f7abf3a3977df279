r"""
Lion with a schedule
====================

At a constant learning rate of 0.1 Lion walks off the map of Rosenbrock's valley. A schedule can bring it to the
minimum. Over 100 steps its shape hardly matters: what counts is whether its learning rates add up to the distance.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from torch.optim import lr_scheduler as schedulers

import optguide as og

valley, lowest = og.surfaces.unit_rosenbrock, (0.5, 0.0)
exponential = partial(schedulers.ExponentialLR, gamma=0.93)
linear = partial(schedulers.LinearLR, start_factor=1, end_factor=0, total_iters=100)
cosine = partial(schedulers.CosineAnnealingLR, T_max=100)
cycle = partial(schedulers.OneCycleLR, max_lr=0.1, total_steps=100, cycle_momentum=False)
shapes = {
    "constant": None,
    "exponential, 0.93": exponential,
    "linear to 0": linear,
    "cosine": cosine,
    "one cycle": cycle,
}
lion = partial(og.descend, og.Lion, valley, steps=100)
race = og.Race({name: lion(lr=0.1, schedule=shape) for name, shape in shapes.items()}, valley)
race

# %%
# The learning rate starts at 0.1 in four of the five runs. One cycle begins lower, climbs to 0.1 and falls again. The
# landscape is that of :ref:`another page <sphx_glr_gallery_landscapes_plot_unit_rosenbrock.py>`; the ring marks the
# minimum. Only the exponential schedule ends there, :n:`away["exponential, 0.93"]:.2f` away. Linear, cosine and one
# cycle leave the map and come to rest further down the valley. A schedule taken without a thought to its sum does not
# help.

race.table()

# %%

# proof: the exponential schedule ends within 0.06 of the minimum, each of the others more than 3
# away
away = {name: float(np.linalg.norm(run.theta[-1] - lowest)) for name, run in race.items()}
assert away["exponential, 0.93"] < 0.06
assert sorted(away.values())[1] > 3

# %%
# The learning rates are a travel budget
# --------------------------------------
# Every step of Lion moves each coordinate by exactly the current learning rate, whatever the gradient. So the sum of
# all learning rates is the length of the way that a coordinate travels. From the start to the minimum it is 1.4 along
# x. A factor of 0.93 allows :math:`0.1 \, (1 + 0.93 + 0.93^2 + \dots)`, which is :math:`0.1 / (1 - 0.93)` or 1.43.
# The linear schedule allows :n:`budget["linear to 0"]:.2f`, more than three times as much. So 0.93 works because it
# was chosen with the answer in hand.

# proof: along x Lion travels 1.43 with the exponential schedule, with the others more than 4
budget = {name: float(np.abs(np.diff(run.theta[:, 0])).sum()) for name, run in race.items()}
np.testing.assert_allclose(budget["exponential, 0.93"], 0.1 / (1 - 0.93), atol=0.01)
assert sorted(budget.values())[1] > 4

# %%
# Every schedule, every learning rate
# -----------------------------------
# Perhaps the others only began at the wrong learning rate. Here are ten of torch's schedules, each at the same 81 first
# learning rates from 0.003 to 0.3, over 100 steps again. (Torch has a few more: some combine others, some go up and
# down, and one waits for the loss to stall.)

many = {
    "constant": None,
    "step": partial(schedulers.StepLR, step_size=20, gamma=0.5),
    "multi-step": partial(schedulers.MultiStepLR, milestones=[50, 75]),
    "exponential, 0.93": exponential,
    "exponential, 0.97": partial(schedulers.ExponentialLR, gamma=0.97),
    "linear to 0": linear,
    "polynomial": partial(schedulers.PolynomialLR, total_iters=100, power=2),
    "cosine": cosine,
    "cosine, restarted": partial(schedulers.CosineAnnealingWarmRestarts, T_0=25),
    "10 / (10 + t)": partial(schedulers.LambdaLR, lr_lambda=lambda t: 10 / (10 + t)),
}
lrs = np.logspace(-2.5, -0.5, 81)
runs = [lion(lr=lrs, schedule=kind) for kind in many.values()]
misses = np.array([np.linalg.norm(run.theta[-1] - lowest, axis=-1) for run in runs])
sums = np.array([np.abs(np.diff(run.theta[..., 0], axis=0)).sum(axis=0) for run in runs])
ax = plt.figure(layout="constrained").add_subplot()
ax.loglog(sums.T, misses.T, lw=1, label=list(many))
ax.axvline(1.4, ls="--", color="gray", label="from the start along x")
ax.set_title("Ten schedules over 100 steps: what the learning rates add up to decides")
ax.set(xlabel="sum of all learning rates", ylabel="distance missed")
ax.legend(fontsize="small", loc="lower left")

# %%
# Plotted over the sum of all learning rates, the ten curves have their dips in the same place, a little above 1.4. Each
# of the schedules can be made to end near the minimum, with one or two learning rates out of 81, or not even that
# closely. The constant learning rate is no worse than the rest. Over so few steps it is the distance that decides, not the
# shape.

best = misses.argmin(axis=1)
found = zip(many, best, sums, misses, strict=True)
og.Table(
    "The best of 81 first learning rates for each schedule",
    ("schedule", "learning rate", "sum", "misses by", "learning rates that end within 0.1"),
    [
        (name, f"{lrs[i]:.3f}", f"{sums[i]:.2f}", f"{miss[i]:.3f}", f"{(miss < 0.1).sum()}")
        for name, i, sums, miss in found
    ],
)

# %%

# proof: at its best learning rate each schedule ends within 0.15 of the minimum, and its sum is
# from 1.35 to 1.75
each = range(len(many))
assert misses[each, best].max() < 0.15
assert 1.35 < sums[each, best].min() and sums[each, best].max() < 1.75

# %%
# Without knowing the answer
# --------------------------
# There is a way that does not need the distance: fall to a small learning rate early, then take your time. Here it
# drops to 0.001 within 20 steps and stays there. The learning rates add up to more than the distance, and need not fit
# it. Lion now passes the minimum slowly enough to notice: it turns
# :n:`beyond:.3f` beyond it and comes back. It has become slow, though, and needs :n:`at_last` steps for what took 100
# above.

early = partial(schedulers.LinearLR, start_factor=1, end_factor=0.01, total_iters=20)
patient = lion(lr=0.1, schedule=early, steps=1500)
og.plot_loss({"constant": race["constant"], "falling to 0.001 in 20 steps": patient})

# %%

# proof: with an early fall Lion stays on the map, is within 0.05 after 550 to 680 steps, and ends
# within 0.02, though its learning rates add up to far more than 1.4
missed = np.linalg.norm(patient.theta - lowest, axis=1)
at_last, beyond = int((missed < 0.05).argmax()), float(patient.theta[:, 0].max() - lowest[0])
assert np.abs(np.diff(patient.theta[:, 0])).sum() > 2.5
assert 550 < at_last < 680 and missed[-300:].max() < 0.02
assert 0.005 < beyond < 0.025
assert (np.abs(patient.theta) <= 1).all()
