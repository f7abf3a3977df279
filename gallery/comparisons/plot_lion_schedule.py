r"""
Lion with a schedule
====================

At the rate of the race, held constant, Lion walks off the map of Rosenbrock's valley. A schedule can bring it to the
minimum. The shape of the schedule hardly matters: what counts is whether its rates add up to the distance.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from torch.optim import lr_scheduler as schedulers

import optguide as og

valley, lowest = og.surfaces.unit_rosenbrock, (0.5, 0.0)
shapes = {
    "constant": None,
    "exponential, 0.93": partial(schedulers.ExponentialLR, gamma=0.93),
    "linear to 0": partial(schedulers.LinearLR, start_factor=1, end_factor=0, total_iters=100),
    "cosine": partial(schedulers.CosineAnnealingLR, T_max=100),
    "one cycle": partial(schedulers.OneCycleLR, max_lr=0.1, total_steps=100, cycle_momentum=False),
}
race = og.race(
    {name: partial(og.Lion, schedule=shape) for name, shape in shapes.items()},
    valley,
    steps=100,
    lr=0.1,
)
race

# %%
# Five runs of 100 steps. The rate starts at 0.1 in four of them. One cycle begins lower, climbs to 0.1 and falls
# again. The landscape is that of :ref:`sphx_glr_gallery_landscapes_plot_unit_rosenbrock.py`; the ring marks the
# minimum.

race.table()

# %%
# Only the exponential schedule ends at the minimum. Linear, cosine and one cycle leave the map and come to rest
# further down the valley. To that extent the schedule that you would pick without thinking does not help.

away = {name: float(np.linalg.norm(run.theta[-1] - lowest)) for name, run in race.items()}
print({name: round(distance, 3) for name, distance in away.items()})
assert away["exponential, 0.93"] < 0.06
assert sorted(away.values())[1] > 3

# %%
# A rate is a travel budget
# -------------------------
# Every step of Lion moves each coordinate by exactly the current rate. So the sum of all rates is the distance that a
# coordinate travels, whatever the slope says. From x = -0.9 to x = 0.5 it is 1.4. A factor of 0.93 allows
# :math:`0.1 / (1 - 0.93) = 1.43`. The linear schedule allows more than three times that.

budget = {name: float(np.abs(np.diff(run.theta[:, 0])).sum()) for name, run in race.items()}
print({name: round(way, 2) for name, way in budget.items()})
np.testing.assert_allclose(budget["exponential, 0.93"], 1.43, atol=0.01)
assert sorted(budget.values())[1] > 4

# %%
# So 0.93 works because it was chosen with the answer in hand.
#
# Every schedule, every rate
# --------------------------
# Perhaps the others only began at the wrong rate. Ten of torch's schedules, each at the same 81 starting rates from 0.003
# to 0.3, 100 steps again. (Torch has a few more: some
# combine others, some go up and down, and one waits for the loss to stall.)

many = {
    "constant": None,
    "step": partial(schedulers.StepLR, step_size=20, gamma=0.5),
    "multi-step": partial(schedulers.MultiStepLR, milestones=[50, 75]),
    "exponential, 0.93": shapes["exponential, 0.93"],
    "exponential, 0.97": partial(schedulers.ExponentialLR, gamma=0.97),
    "linear to 0": shapes["linear to 0"],
    "polynomial": partial(schedulers.PolynomialLR, total_iters=100, power=2),
    "cosine": shapes["cosine"],
    "cosine, restarted": partial(schedulers.CosineAnnealingWarmRestarts, T_0=25),
    "10 / (10 + t)": partial(schedulers.LambdaLR, lr_lambda=lambda t: 10 / (10 + t)),
}
rates = np.logspace(-2.5, -0.5, 81)
sweep = partial(og.descend, og.Lion, valley, steps=100, lr=rates)
tracks = np.stack([sweep(schedule=kind).theta for kind in many.values()])
misses = np.linalg.norm(tracks[:, -1] - lowest, axis=-1)
budgets = np.abs(np.diff(tracks[..., 0], axis=1)).sum(axis=1)
each, best = range(len(many)), misses.argmin(axis=1)
ways, nearest = budgets[each, best], misses[each, best]
close = (misses < 0.1).sum(axis=1)
columns = zip(many, rates[best], ways, nearest, close, strict=True)
og.Table(
    "The best of 81 starting rates for each schedule",
    ("schedule", "rate", "sum of rates", "misses by", "rates within 0.1"),
    [(n, f"{r:.3f}", f"{w:.2f}", f"{d:.3f}", f"{c}") for n, r, w, d, c in columns],
)

# %%
# Each of them can be made to end near the minimum, with one or two rates out of 81 or not even that closely. The constant
# rate is no worse than the rest. And plotted over the sum of all rates, the ten curves have their dips in the same place:
# a little above 1.4. It is the distance that decides, not the shape.

ax = plt.figure(layout="constrained").add_subplot()
ax.loglog(budgets.T, misses.T, lw=1, label=list(many))
ax.axvline(1.4, ls="--", color="gray", label="from the start along x")
ax.set(
    title="Whatever the schedule: the rates must add up to the distance",
    xlabel="sum of all rates",
    ylabel="distance missed",
)
ax.legend(fontsize="small", loc="lower left")
assert (1.35 < ways).all() and (ways < 1.75).all() and nearest.max() < 0.15
assert close.max() <= 3

# %%
# Without knowing the answer
# --------------------------
# There is a way that does not need the distance: fall to a small rate early, then take your time. Here the rate drops
# to 0.001 within 20 steps and stays there. Lion now passes the minimum slowly enough to notice: it turns around 0.03
# beyond it and comes back. It has become a slow rule, though, and needs 600 steps for what took 100 above.

early = partial(schedulers.LinearLR, start_factor=1, end_factor=0.01, total_iters=20)
patient = og.descend(og.Lion, valley, steps=1500, lr=0.1, schedule=early)
misses = np.linalg.norm(patient.theta - lowest, axis=1)
print(patient, "first within 0.05 at step", int((misses < 0.05).argmax()))
print("farthest in the last 300 steps:", round(float(misses[-300:].max()), 4))
assert 550 < (misses < 0.05).argmax() < 680 and misses[-300:].max() < 0.02
assert 0.505 < patient.theta[:, 0].max() < 0.525
assert (np.abs(patient.theta) <= 1).all()

# %%
# Before this: :ref:`the eight claims <sphx_glr_gallery_comparisons_plot_eight_claims.py>`, of which this is the third.
# Next: :ref:`what an optimizer remembers <sphx_glr_gallery_comparisons_plot_state_memory.py>`, where Lion is at its best.
