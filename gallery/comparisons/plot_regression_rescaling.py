r"""
A line fitted with steps that rescale themselves
================================================

RMSprop and Adam divide each slope by its recent size. On the surface of a regression that trades speed in the steep
coordinate for speed in the flat one; leaving out Adam's bias corrections makes its steps too long.
"""

# sphinx_gallery_thumbnail_number = 2
import numpy as np
import torch

import optguide as og

surface = og.surfaces.linear_regression()
best = np.array(surface.find_minima()[0])
near = ((-4, 10), (0.5, 3))
plain = og.descend(og.SGD, surface, steps=100, lr=0.1)
print(surface, "from", surface.start, "to", best.round(4))

# %%
# The surface is the one of :ref:`the page before <sphx_glr_gallery_comparisons_plot_regression_surface.py>`: the mean
# squared residual of a line with intercept a and slope b. It is steep in b and flat in a.
#
# RMSprop over plain
# ------------------
# RMSprop divides each coordinate's slope by the size that it recently had. PyTorch's version remembers about a
# hundred steps. A unit of slope then counts for less in a coordinate that has been steep than in a flat one.

rms = og.descend(torch.optim.RMSprop, surface, steps=100, lr=0.1)
pair = {"SGD": plain, "RMSprop": rms}
og.animate(
    pair, panels=("map", "loss"), title="RMSprop over plain descent", box=near
)

# %%

ax = og.plot_map(surface, box=near)
og.plot_trails({"RMSprop": rms}, ax=ax)
og.plot_arrows(rms, every=5, ax=ax)
ax.set_title("RMSprop: its path, and arrows of -0.1 times the gradient")

# %%
# It is said that RMSprop moves less along the slope b and more along the intercept a. Here is how far each travels.
# From (9, 2) that is true from the third step on, but the first two spoil the sum. The memory still counts a hundred
# steps of which it has seen one, so the first step is ten times the learning rate in both coordinates. In b, which was
# right to begin with, the first step goes wrong by 1 and the second takes it back.

print(
    "first steps of RMSprop:", np.diff(rms.theta, axis=0)[:2].round(3).tolist()
)
print("travelled in (a, b), all steps:       plain", np.abs(np.diff(plain.theta, axis=0)).sum(0).round(2),
      " RMSprop", np.abs(np.diff(rms.theta, axis=0)).sum(0).round(2))  # fmt: skip
late_plain = np.abs(np.diff(plain.theta[2:], axis=0)).sum(0)
late_rms = np.abs(np.diff(rms.theta[2:], axis=0)).sum(0)
print(
    "travelled in (a, b), from the third: plain",
    late_plain.round(2),
    " RMSprop",
    late_rms.round(2),
)
np.testing.assert_allclose(np.abs(np.diff(rms.theta, axis=0)[0]), 1, rtol=1e-4)
assert (
    np.abs(np.diff(rms.theta[:, 1])).sum()
    > 2 * np.abs(np.diff(plain.theta[:, 1])).sum()
)
assert late_rms[0] > 1.2 * late_plain[0] and late_rms[1] < 0.95 * late_plain[1]

# %%
# Where the slope is wrong as well, the claim holds without that reservation. From (9, 8) plain descent throws b to and
# fro across the trough, while RMSprop takes it down once. The intercept's share of the way more than doubles.

wide = og.race(
    {"SGD": og.SGD, "RMSprop": torch.optim.RMSprop},
    surface,
    start=(9, 8),
    steps=100,
    lr=0.1,
)
ways = {
    name: np.abs(np.diff(run.theta, axis=0)).sum(0)
    for name, run in wide.items()
}
shares = {name: way[0] / way.sum() for name, way in ways.items()}
print(
    "from (9, 8):", {name: way.round(1).tolist() for name, way in ways.items()}
)
print("share of a: ", {name: f"{share:.0%}" for name, share in shares.items()})
assert ways["RMSprop"][1] < 0.3 * ways["SGD"][1]
assert shares["RMSprop"] > 2 * shares["SGD"]

# %%
# Almost Adam
# -----------
# Adam adds a running mean of the slope to RMSprop's running mean of its square. Both begin at zero and are too small
# at first. Adam corrects for that. To see what the correction does, leave it out. PyTorch has no such rule, but
# here a rule is a short class, and everything on this site works with it.


class AlmostAdam(og.Optimizer):
    """Adam without its bias corrections."""

    color = "#f5a3a5"

    @staticmethod
    def update(theta, grad, t, m, v, *, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # slope at the current point
        m = beta1 * m + (1 - beta1) * g  # running mean of the slope
        v = beta2 * v + (1 - beta2) * g**2  # running mean of its square
        theta = theta - lr * m / (
            torch.sqrt(v) + eps
        )  # both still biased towards zero
        return theta, m, v


almost = og.descend(AlmostAdam, surface, steps=100, lr=0.1)
adam = og.descend(og.Adam, surface, steps=100, lr=0.1)
og.animate(
    {"almost Adam": almost, "Adam": adam},
    panels=("map", "loss"),
    title="Without and with correction",
    box=near,
)

# %%
# The scale is the more biased of the two, and it is divided by. So the uncorrected steps are too long, not too short:
# the first by :math:`0.1 / \sqrt{0.001} = 3.16`, and later ones by up to 6.6 times. The long steps run past the
# minimum. Adam's first step is exactly the learning rate.

t = np.arange(1, 101)
excess = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
print(
    "first steps:",
    np.diff(almost.theta, axis=0)[0].round(4),
    np.diff(adam.theta, axis=0)[0].round(4),
)
print(
    f"too long by a factor of {excess[0]:.2f} at first, at most {excess.max():.2f}, at step {t[excess.argmax()]}"
)
print(
    f"almost Adam runs past the best intercept by {best[0] - almost.theta[:, 0].min():.2f}"
)
np.testing.assert_allclose(
    np.abs(np.diff(adam.theta, axis=0)[0]), 0.1, rtol=1e-6
)
np.testing.assert_allclose(
    np.abs(np.diff(almost.theta, axis=0)[0]), 0.316, atol=1e-3
)
assert best[0] - almost.theta[:, 0].min() > 1.5

# %%
# Adam over plain
# ---------------
# At 0.1 Adam's steps are about a tenth long or shorter, and it has eleven units to go. After 100 steps it is still on
# its way, at an intercept of about 1. The arrows show what plain descent would do from the same points.

print(
    "Adam after 100 steps:",
    adam.theta[-1].round(3),
    " longest step in a:",
    np.abs(np.diff(adam.theta[:, 0])).max(),
)
assert (
    np.abs(np.diff(adam.theta[:, 0])).max() < 0.101
    and 0.9 < adam.theta[-1, 0] < 1.1
)

og.animate(
    {"SGD": plain, "Adam": adam},
    panels=("map", "loss"),
    title="Adam over plain descent",
    box=near,
)

# %%

ax = og.plot_map(surface, box=near)
og.plot_trails({"Adam": adam}, ax=ax)
og.plot_arrows(adam, every=8, ax=ax)
ax.set_title("Adam: its path, and arrows of -0.1 times the gradient")

# %%
# Before this: :ref:`the surface and plain descent <sphx_glr_gallery_comparisons_plot_regression_surface.py>`.
# Next: :ref:`all four at once <sphx_glr_gallery_comparisons_plot_regression_race.py>`.
