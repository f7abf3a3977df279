r"""
Cliff
=====

A plateau ends at a cliff. There the slope is a hundred times steeper, and at a rate that suits the plateau one step
can throw the point off the map. Clipping the gradient shortens that one step. Adam and Lion limit it, too, but they
remember the cliff.
"""

# sphinx_gallery_thumbnail_number = 3
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

cliff = og.surfaces.cliff
og.formula(cliff)

# %%
# The landscape
# -------------
# :cite:t:`goodfellow2016` describe such cliffs in section 8.2.4: where many factors are multiplied, as in a network that
# is applied to its own output again and again, the loss has regions that are almost flat and walls between them.
# The formula is ours: a shallow bowl, and a step down by 1 at x = 0, which the picture shows from above and as a surface.

fig = plt.figure(figsize=(8, 3.8), layout="constrained")
og.plot_map(cliff, ax=fig.add_subplot(121))
og.plot_surface(cliff, ax=fig.add_subplot(122, projection="3d"))

# %%
# Ten steps of Newton's method from (0.9, 0.1) lead to a point without a slope, at the foot of the cliff. Both curvatures
# are positive there, so it is a minimum.

point = torch.tensor([0.9, 0.1], dtype=torch.float64)
slope = torch.func.grad(lambda p: cliff(*p))
curvature = torch.func.jacrev(slope)
for _ in range(10):
    point = point - torch.linalg.solve(curvature(point), slope(point))
print("minimum:", point.numpy().round(4))
print("curvatures:", torch.linalg.eigvalsh(curvature(point)).numpy().round(4))
np.testing.assert_allclose(point, cliff.known_minima()[0], atol=1e-9)
np.testing.assert_allclose(torch.linalg.eigvalsh(curvature(point)), (0.02, 0.1), rtol=1e-4)

# %%
# On the plateau the slope along x is -0.04 at x = -1, and at the edge it is -5.02. The curvature there reaches 38, two
# thousand times that of the bowl along x.

across = torch.tensor([(-1, 0), (0, 0), (0.066, 0)], dtype=torch.float64)
slopes = torch.func.vmap(slope)(across)[:, 0]
edge = torch.func.vmap(curvature)(across)[2, 0, 0]
print("slopes at x = -1 and x = 0:", slopes[:2].numpy().round(2))
print(f"curvature at x = 0.066: {edge:.1f}")
np.testing.assert_allclose(slopes[:2], (-0.04, -5.02), rtol=1e-5)
assert 38 < edge < 39

# %%
# Thrown off the map
# ------------------
# The larger curvature of the bowl is 0.1, so its :term:`stability limit` is a rate of 2 / 0.1 = 20, and 5 is a good rate for it. On the edge the same rate makes a step
# of 25. We let 281 starts walk over the plateau and note how far to the right each of them comes.

x = np.linspace(-2.9, -0.1, 281)
starts = np.stack([x, np.full(281, 1.5)], axis=-1)
thrown = og.descend(og.SGD, cliff, starts, 200, lr=5.0)
far = thrown.theta[..., 0].max(axis=0)
ax = plt.figure(figsize=(7, 3.6), layout="constrained").add_subplot()
ax.plot(x, far, ".", color=og.SGD.color)
ax.axhline(3, ls="--", color="gray")
ax.set(
    title="SGD: how far it is thrown (dashed: end of the map)",
    xlabel="x of the start",
    ylabel="largest x",
)

# %%
# A walk that steps over the edge goes on as before. One that lands on it is thrown: the dots above the dashed line.
# These are more than half of the starts, and from left to right the answer changes about twenty times. From out there
# the bowl leads everyone back, within 80 steps of the start.


def arrival(run):
    """First step from which on a start is closer than 0.1; 201: none."""
    near = np.linalg.norm(run.theta - point.numpy(), axis=-1) < 0.1
    return len(near) - near[::-1].argmin(axis=0)


off = far > 3
print(f"off the map: {off.mean():.0%}, farthest: {far.max():.1f}")
print("changes:", np.diff(off).sum())
print("median arrival, in steps:", np.median(arrival(thrown)))
assert 0.5 < off.mean() < 0.56 and 24 < far.max() < 26
assert 18 <= np.diff(off).sum() <= 26 and arrival(thrown).max() < 80

# %%
# A rate fifty times smaller is safe on the edge, and useless in the bowl: after 200 steps not one start is near the
# minimum.

careful = og.descend(og.SGD, cliff, starts, 200, lr=0.1)
assert careful.theta[..., 0].max() < 1 and (arrival(careful) == 201).all()

# %%
# Clipping
# --------
# :cite:t:`pascanu2013` keep the direction of the gradient and limit its length: one that is longer than ``max_norm`` is
# shortened to it. As a rule of this package:


class Clipped(og.Optimizer):
    """Plain descent with the length of the gradient limited."""

    mixes = "tensor"  # the length belongs to all coordinates of a point

    @staticmethod
    def update(theta, grad, t, *, lr=1e-3, max_norm=0.2):
        g = grad(theta)
        length = torch.linalg.vector_norm(g)
        return theta - lr * g * torch.clamp(max_norm / (length + 1e-6), max=1)


clipped = og.descend(Clipped, cliff, starts, 200, lr=5.0)
print("clipped, median arrival, in steps:", np.median(arrival(clipped)))
moves = np.linalg.norm(np.diff(clipped.theta, axis=0), axis=-1)
assert moves.max() <= 5 * 0.2 and clipped.theta.max() < 1.6
assert arrival(clipped).max() < 35 and np.median(arrival(clipped)) < 20
long = np.linalg.norm(clipped.grad, axis=-1) > 0.2
assert long.any() and abs(clipped.theta[:-1][long][:, 0]).max() < 0.5

# %%
# Nobody is thrown any more, and half of the starts arrive within 12 steps instead of 38. Only slopes on the cliff are as
# long as 0.2, so nothing else is clipped.
#
# In PyTorch it is one line between ``backward`` and ``step``, for all parameters together. It draws the same path.

theta = torch.nn.Parameter(torch.tensor([-2.05, 1.5], dtype=torch.float64))
optimizer = torch.optim.SGD([theta], lr=5.0)
for _ in range(15):
    optimizer.zero_grad()
    cliff(*theta).backward()
    torch.nn.utils.clip_grad_norm_([theta], max_norm=0.2)
    optimizer.step()
ours = og.descend(Clipped, cliff, (-2.05, 1.5), 15, lr=5.0)
np.testing.assert_allclose(theta.detach(), ours.theta[-1], atol=1e-12)

# %%
# Rules that normalise
# --------------------
# Adam divides by the recent size of the slope and Lion takes its sign. Neither can be thrown: their steps here are about
# one learning rate long, at most.

race = og.race(
    {
        "SGD": partial(og.SGD, lr=5.0),
        "Clipped": partial(Clipped, lr=5.0),
        "Adam": partial(og.Adam, lr=0.1),
        "Lion": partial(og.Lion, lr=0.1),
    },
    cliff,
    start=(-2.05, 1.5),
    steps=150,
)
race

# %%
# But they remember the cliff. After 200 steps Adam's divisor is still far larger than the slope, which makes its steps
# tiny in the flat bowl. Lion's :term:`running mean` is still full of the cliff's slopes: from this start it goes on to
# the right for about eighty steps, and from every one of the starts it leaves the map. A clipped step leaves no trace.

adam = og.descend(og.Adam, cliff, starts, 200, lr=0.1)
lion = og.descend(og.Lion, cliff, starts, 200, lr=0.1)
for run in (adam, lion):
    share = (arrival(run) <= 200).mean()
    print(f"{run.name}: {share:.0%} arrive, largest x {run.theta.max():.1f}")
    assert np.abs(np.diff(run.theta, axis=0)).max() < 0.102
assert (lion.theta[..., 0].max(axis=0) > 3).all() and lion.theta.max() < 10
x = race["Lion"].theta[:, 0]
assert 70 < x.argmax() - (x > 0).argmax() < 90
assert adam.theta.max() < 3 and 0.7 < (arrival(adam) <= 200).mean() < 0.86
divided = adam.states["v"][-1, :, 0] ** 0.5 / abs(adam.grad[-1, :, 0])
print(f"Adam's divisor over the slope, at the end: {np.median(divided):.0f}")
assert np.median(divided) > 20

# %%
# How hard is it?
# ---------------
# Not hard, once the rate is right. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random
# starts: all arrive, each time.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, cliff, cliff.sample(48), lr=rates)
study.table()

# %%
# For SGD the right rates are three of the 19, from 1 to 4.6. At 0.1, which was safe on the edge, it arrives from one
# start in twelve. Adam arrives each time at every rate from 0.1 to 4.6. Arriving is not staying, however. At 0.22,
# its best rate, Lion has left again from two starts in five when the steps run out, Adam from none.

share = (study.data.arrived_at >= 0).mean(("seed", "start"))
sgd, adam = (rates[share.sel(optimizer=n) == 1] for n in ("SGD", "Adam"))
print("everyone arrives: SGD", sgd.round(2), " Adam", adam.round(2))
np.testing.assert_allclose(sgd, (1, 2.15, 4.64), rtol=0.01)
np.testing.assert_allclose(adam[:6], np.geomspace(0.1, 4.64, 6), rtol=0.01)
np.testing.assert_allclose(share.sel(optimizer="SGD")[9], 1 / 12, atol=0.01)
assert {row[1] for row in study.table().rows} == {"100%"}
stays = (study.data.minimum >= 0).mean(("seed", "start"))[:, 10].to_series()
print("there at last, at a rate of 0.22:", stays.round(2).to_dict())
assert {row[3] for row in study.table().rows[3:]} == {"0.22"}
assert 0.57 < stays["Lion"] < 0.63 and stays["Adam"] == 1

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_saddles.py`, where the slope vanishes instead.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_four_hollows.py`, where the start decides again.
