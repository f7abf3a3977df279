r"""
Schedule-Free, or a schedule?
=============================

A learning rate that falls to zero has to know when training ends. Schedule-Free AdamW does not. On a small network that
guesses characters one run of it is as low, wherever it is stopped, as the runs of AdamW that were planned to end there.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from torch.optim.lr_scheduler import LinearLR

import optguide as og

task = og.problems.characters_task(validation=100, test=120)
same = {"batch": 8, "seed": range(3), "lr": 0.01 * 2.0 ** np.arange(5), "dtype": "float32"}
free, steady = "Schedule-Free AdamW", "AdamW, constant"
rules = {free: og.ScheduleFreeAdamW.at(weight_decay=0.01), steady: og.AdamW}
endless = og.train(rules, task, 200, every=25, **same)
planned = {}
for end in (50, 100, 200):
    falling = partial(LinearLR, start_factor=1, end_factor=0, total_iters=end)
    rule = partial(og.AdamW.at(weight_decay=0.01), schedule=falling)
    name = f"AdamW, falling for {end} steps"
    planned[end] = og.train({name: rule}, task, end, every=50, **same)

curves = {}
for runs in (endless, *planned.values()):
    for name in runs.data.optimizer.values:
        curves[name] = runs.chosen.held_out_loss.sel(optimizer=name, part="test")
fig, ax = plt.subplots(figsize=(9, 4.4), layout="constrained")
colors = (og.ScheduleFreeAdamW.color, "k", *[og.AdamW.color] * 3)
styles = zip(("-", "-", ":o", "--o", "-.o"), colors, strict=True)
for (name, curve), (style, color) in zip(curves.items(), styles, strict=True):
    curve = curve.mean("seed")[1:]
    ax.plot(curve.check, curve, style, color=color, markevery=[-1], label=name)
ax.set(xlabel="step", ylabel="loss on test examples", title="One run, or one for every end")
ax.legend()

# %%
# Every line is the mean of three seeds, at the learning rate that was chosen for the line's last step. A dot is where a
# plan ends. The line of Schedule-Free AdamW passes all three dots on their lower side: by
# :n:`ahead[50]:.2f`, :n:`ahead[100]:.2f` and :n:`ahead[200]:.2f` nats.

# proof: with every seed one run of Schedule-Free AdamW is lower than each plan at its end; in the
# mean it is lower than a constant learning rate from step 50 on
ahead = {}
for end, name in zip(planned, list(curves)[2:], strict=True):
    apart = curves[name].sel(check=end) - curves[free].sel(check=end)
    ahead[end] = float(apart.mean())
    assert (apart > 0).all()
assert (curves[free].mean("seed") < curves[steady].mean("seed"))[2:].all()

# %%
# The protocol
# ------------
# - **The task**: to guess the next character of :func:`sentences <optguide.problems.sentences>` such as "two cats hear a
#   dog.", 16 characters at a time, with one block of a transformer of :n:`endless.data.weights:,` weights. Before it
#   has seen anything the loss is the logarithm of the size of the alphabet, :n:`float(curves[free][0, 0]):.2f`.
# - **Five learning rates** for all, from 0.01 to 0.16, three seeds, eight pieces of text in a step. A seed gives all of
#   them the same first weights and the same batches.
# - **Chosen** is the learning rate with the lowest loss on 100 validation pieces after the last step, for every plan by
#   itself. Reported is the loss on 120 others.
# - **All else** is the same: a weight decay of 0.01, no warm-up. The schedule is a straight line to zero.

rows = []
for name, curve in curves.items():
    cells = [curve.sel(check=end).values for end in (50, 100, 200) if end in curve.check]
    cells = [f"{c.mean():.2f} ({c.min():.2f} to {c.max():.2f})" for c in cells]
    rows.append((name, f"{float(curve.lr):.2g}", *cells, *("–",) * (3 - len(cells))))
columns = ("rule", "learning rate", "after 50 steps", "after 100", "after 200")
og.Table("Loss on test examples, mean (lowest to highest) of three seeds", columns, rows)

# %%
# Who gains what
# --------------
# A plan that is cut short is not the plan for that end: what it would have gained comes with its last, short steps. But
# a plan for 50 or 100 steps gains nothing here. There the network is still learning what a long step teaches as well as
# a short one, and a constant learning rate of 0.04 is as low. Only with 200 steps does falling pay. So the two short
# plans are weak opponents, and the comparison that counts is the one at the end: there the plan is
# :n:`ahead[200]:.2f` nats behind, less than the seeds lie apart.

# proof: after 50 and 100 steps the plan gains at most a twentieth of a nat over the best constant
# learning rate, after 200 steps it is ahead with at least two of the three seeds
middle = endless.data.held_out_loss.sel(optimizer=steady, part="test").mean("seed").min("lr")
for end, name in ((50, list(curves)[2]), (100, list(curves)[3])):
    assert float(curves[name].sel(check=end).mean()) > middle.sel(check=end) - 0.05
last = [curves[name].sel(check=200) for name in (steady, list(curves)[4])]
assert (last[1] < last[0]).sum() >= 2 and ahead[200] < np.ptp(last[1].values)

# %%
# Schedule-Free AdamW does not get there with AdamW's learning rate. It takes :n:`own / at[0]:.0f` times the one that
# suits AdamW where it is constant, :n:`own / at[1]:.0f` times the one from which it falls for 200 steps, and the average
# removes the noise that so long steps bring. So it replaces the schedule, not the search for a learning rate.

# proof: its chosen learning rate is at least twice that of every AdamW that runs to 200 steps, and
# no chosen learning rate lies at an end of the axis
own, *at = (float(curves[name].lr) for name in (free, steady, list(curves)[4]))
assert own > 1.9 * max(at)
assert all(0.01 < float(curve.lr) < 0.16 for curve in curves.values())

# %%
# What this cannot show
# ---------------------
# Two hundred steps on sentences of about five words are the beginning of a training. There is no warm-up, no large
# batch, and no end at which the learning rate has been low for long.
#
# In the AlgoPerf competition, on eight workloads, Schedule-Free AdamW won among the methods without any tuning, and came
# second, behind Distributed Shampoo, among those with five tries (:cite:t:`kasimbeg2025`). On language models
# :cite:t:`song2025` find that no phase of falling learning rates improves it any further, but that it depends on
# ``betas[0]`` and loses with large batches, both of which they repair. :cite:t:`defazio2026`, its first author, writes that
# strong results with large language models had been shown at small scales only, and lists what had to be changed.
