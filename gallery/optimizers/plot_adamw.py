r"""
AdamW
=====

AdamW is Adam with a weight decay of its own: at each step every weight shrinks by the same share, however large or
small its slopes are.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np
import torch

import optguide as og

og.card(og.AdamW)

# %%
# The rule
# --------
# Weight decay pulls weights towards zero, so that only those stay large that the loss insists on. Here it has a line
# of its own. The slope, and with it both running means, know nothing of it.

og.pseudocode(og.AdamW)

# %%

og.pseudocode(og.AdamW).hyperparameters

# %%
# What it repairs
# ---------------
# The older way adds the penalty to the loss, that is ``weight_decay * theta`` to the slope. With SGD both ways are
# the same. :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` divides the slope by its recent size, and then the
# penalty is divided, too: weights with large slopes hardly decay. PyTorch's Adam still offers this as ``weight_decay``.
#
# This loss treats its two weights alike, each with a minimum at 5, but the slopes in ``y`` are a hundred times those
# in ``x``.


@og.surface(
    box=((-1, 7), (-1, 7)),
    starts=((0.0, 0.0),),
    minima=((5, 5),),
    shading="sqrt",
)
def ramps(x, y):
    """Two smooth V-shaped valleys added: the one in y is a hundred times steeper."""
    return torch.sqrt(1 + (x - 5) ** 2) + 100 * torch.sqrt(1 + (y - 5) ** 2)


penalty = partial(torch.optim.Adam, lr=0.05, weight_decay=0.3)
decoupled = partial(og.AdamW, lr=0.05, weight_decay=0.3)
race = og.race(
    {"Adam, penalty in the slope": penalty, "AdamW": decoupled},
    ramps,
    steps=400,
)
race.plot_map().set_title("AdamW shrinks both weights alike")

# %%

x, y = race["Adam, penalty in the slope"].theta[-1]
u, v = race["AdamW"].theta[-1]
print(f"Adam, penalty in the slope: x = {x:.3f}, y = {y:.3f}")
print(f"AdamW:                      x = {u:.3f}, y = {v:.3f}")
assert x < 3 and y > 4.9
np.testing.assert_allclose(u, v, atol=1e-6)
assert u < 3.5

# %%
# The ring marks the minimum of the loss alone. With the penalty in the slope, ``x`` is held back and ``y`` goes
# almost all the way. AdamW stays on the diagonal.
#
# A weight that the loss does not use at all shows the opposite fault. Its slope is nothing but the penalty, and Adam
# divides that by its own size: the weight shrinks by about ``lr`` per step, no matter how small ``weight_decay`` is.


def unused(x, y):
    return 0 * x


tiny = og.descend(torch.optim.Adam, unused, start=(3, 4), steps=20, lr=0.1, weight_decay=0.001)
large = og.descend(torch.optim.Adam, unused, start=(3, 4), steps=20, lr=0.1, weight_decay=1.0)
ours = og.descend(og.AdamW, unused, start=(3, 4), steps=20, lr=0.1, weight_decay=0.001)
print("Adam,  weight_decay = 0.001:", tiny.theta[-1])
print("Adam,  weight_decay = 1:    ", large.theta[-1])
print("AdamW, weight_decay = 0.001:", ours.theta[-1])
np.testing.assert_allclose(tiny.theta[-1], large.theta[-1], atol=1e-3)
np.testing.assert_allclose(ours.theta[-1], np.array([3, 4]) * (1 - 0.1 * 0.001) ** 20)

# %%
# Watch it
# --------
# A bowl whose minimum lies at (0, -0.4), and a strong decay. Along ``x`` the mean slope ``m`` dies out. Along ``y``
# it does not: the loss pulls down, the decay pulls back to zero, and the point comes to hover between them.

run = og.descend(og.AdamW, og.surfaces.unit_bowl, steps=200, lr=0.05, weight_decay=1.0)
og.animate({"AdamW": run}, panels=("map", "m", "v"))

# %%

print("m at the end:", run.states["m"][-1])
assert abs(run.states["m"][-1, 0]) < 1e-4 < 0.05 < run.states["m"][-1, 1]

# %%
# One knob: the weight decay
# --------------------------
# The more decay, the further from the loss's own minimum it ends, on the side of zero.

knob = {f"weight_decay = {w}": partial(og.AdamW, lr=0.05, weight_decay=w) for w in (0.0, 0.1, 1.0)}
decays = og.race(knob, og.surfaces.unit_bowl, steps=200)
decays.plot()

# %%

ends = {name: round(float(descent.theta[-1, 1]), 3) for name, descent in decays.items()}
print("y after 200 steps:", ends, sep="\n")
np.testing.assert_allclose(list(ends.values()), (-0.4, -0.39, -0.324), atol=2e-3)

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley from 64 starts, default settings, so a decay of 0.01: the lines are medians of the final loss, the
# bands middle halves. At small rates AdamW is Adam. A larger rate is a larger decay, too, and that moves the best rate
# to the left. At the far right all descents end near the origin, where the loss is 1.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.Adam, og.AdamW],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, (adam, adamw) = (
    sweep.data.lr.values,
    sweep.data.loss.median(("seed", "start")).values,
)
last = sweep.data.theta.sel(optimizer="AdamW", lr=10)
print(f"best rates: Adam {lr[adam.argmin()]:.2g}, AdamW {lr[adamw.argmin()]:.2g}")
print(
    "farthest from 0 at lr = 10:",
    float(abs(last).max()),
    " median loss:",
    adamw[-1],
)
assert lr[adamw.argmin()] < lr[adam.argmin()] / 1.5 and adamw.min() > 2 * adam.min()
assert abs(last).max() < 0.1 and 0.9 < adamw[-1] < 1.05
np.testing.assert_allclose(adamw[:12], adam[:12], rtol=0.02)

# %%
# On Himmelblau's function, at 0.1, only islands of starts end within 0.001 of one of the four heights. The basins are
# there all the same: from nearly every start AdamW ends nearest to the minimum that Adam finds, only a little closer to
# zero. The steeper the way down, the larger ``v``, and the more the decay weighs against the slope. So the islands are
# starts with a short way.

basins = og.sweep([og.Adam, og.AdamW], himmelblau, himmelblau.grid(96), steps=200, lr=0.1)
og.plot_basins(basins, "AdamW")

# %%

adam, adamw = basins.data.squeeze().transpose("optimizer", ...).minimum.values
ends, minima = (
    basins.data.theta.squeeze().sel(optimizer="AdamW").values,
    basins.data.minima.values,
)
nearest = np.linalg.norm(ends[..., None, :] - minima, axis=-1).argmin(-1)
inside = np.linalg.norm(ends, axis=-1) < np.linalg.norm(minima, axis=-1)[nearest]
print(
    "share within 0.001 of the height, Adam and AdamW:",
    (adam >= 0).mean(),
    (adamw >= 0).mean(),
)
print(
    "share nearest to Adam's minimum:",
    (nearest == adam).mean(),
    " closer to zero than it:",
    inside.mean(),
)
assert (adam >= 0).mean() > 0.99 and 0.2 < (adamw >= 0).mean() < 0.4
assert (nearest == adam).mean() > 0.99 and inside.mean() > 0.99

# %%
# Where it fails
# --------------
# With a penalty in the loss one can write down what is minimised. With AdamW one cannot: where loss and decay balance
# depends on ``v``, and ``v`` forgets slowly. The hovering point above keeps drifting for hundreds of steps.

longer = og.descend(og.AdamW, og.surfaces.unit_bowl, steps=800, lr=0.05, weight_decay=1.0)
print("y after 200, 400, 800 steps:", longer.theta[[200, 400, 800], 1])
assert longer.theta[800, 1] < longer.theta[400, 1] - 0.01 < longer.theta[200, 1] - 0.02

# %%
# And the two knobs are not independent. A step shrinks a weight by ``lr * weight_decay``. Halve one and double the
# other, and the decay is the same. A schedule that lowers ``lr`` therefore lowers the decay as well: a cosine
# to zero over 200 steps leaves half of it.

cosine = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=200)
steady = og.descend(og.AdamW, unused, start=(3, 4), steps=200, lr=0.1, weight_decay=0.1)
traded = og.descend(og.AdamW, unused, start=(3, 4), steps=200, lr=0.05, weight_decay=0.2)
cooled = og.descend(
    og.AdamW,
    unused,
    start=(3, 4),
    steps=200,
    lr=0.1,
    weight_decay=0.1,
    schedule=cosine,
)
print("what is left of (3, 4)")
print("steady:", steady.theta[-1])
print("traded:", traded.theta[-1])
print("cooled:", cooled.theta[-1])
np.testing.assert_allclose(steady.theta, traded.theta)
decay = np.log(cooled.theta[-1] / (3, 4)) / np.log(steady.theta[-1] / (3, 4))
print("decay of the cooled as a share of the steady, in logarithms:", decay)
np.testing.assert_allclose(decay, 0.5, atol=0.01)

# %%
# Provenance
# ----------
# :cite:t:`loshchilov2019`, algorithm 2. The paper multiplies the decay by a schedule alone and not by the base
# learning rate; PyTorch and most libraries multiply it by ``lr``, and so do we. A ``weight_decay`` from the paper is
# therefore a much smaller number than one for this rule. PyTorch's AdamW, on the same descent:

theirs = og.descend(
    torch.optim.AdamW,
    og.surfaces.unit_bowl,
    steps=200,
    lr=0.05,
    weight_decay=1.0,
)
print(
    "largest difference to torch.optim.AdamW:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)

# %%
# .. oracles:: AdamW
#
# Before this: :ref:`AdaBound <sphx_glr_gallery_optimizers_plot_adabound.py>`, which bounds Adam's steps.
# Next: :ref:`AdamD <sphx_glr_gallery_optimizers_plot_adamd.py>`, Adam with one of its two corrections.
