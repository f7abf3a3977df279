r"""
Cliff
=====

At the edge of a cliff the gradient is dozens of times as long as on the plateau, and a learning rate that suits the
plateau throws a descent off the map. Clipping the gradient shortens that one step. Adam and Lion limit it, too, but the
cliff's gradient stays in their moving averages.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study


class Clipped(og.Optimizer):
    """Plain descent with the length of the gradient limited."""

    mixes = "tensor"  # the length belongs to all coordinates of a point

    @staticmethod
    def update(theta, grad, t, *, lr=1e-3, max_norm=0.2):
        g = grad(theta)
        g = g * torch.clamp(max_norm / (torch.norm(g) + 1e-6), 0, 1)
        return theta - lr * g


cliff = og.surfaces.cliff
rules = [og.SGD.at(lr=5.0), Clipped.at(lr=5.0), og.Adam.at(lr=0.1), og.Lion.at(lr=0.1)]
race = og.race(rules, cliff, start=(-2.05, 1.5), steps=150)
race

# %%
# SGD steps on the edge and is thrown far off the map. With its gradient clipped, it comes down gently. Adam comes down,
# too, and then hardly moves; Lion runs past the minimum for :n:`past` steps.
#
# The landscape
# -------------
# :cite:t:`goodfellow2016` describe such cliffs in section 8.2.4: where many factors are multiplied, as in a network that
# is applied to its own output again and again, the loss has regions that are almost flat and walls between them.
# The formula is ours: a shallow bowl, and a step down by 1 at x = 0.

og.formula(cliff)

# %%

fig = plt.figure(figsize=(8, 3.8), layout="constrained")
og.plot_map(cliff, ax=fig.add_subplot(121))
og.plot_surface(cliff, ax=fig.add_subplot(122, projection="3d"))

# %%
# On the plateau, at x = -1, the x component of the gradient is :n:`along[0]:.2f`; at the edge it is :n:`along[1]:.2f`.
# The curvature there reaches :n:`edge:.0f`, two thousand times that of the bowl along x.

# proof: at the edge, at (0, 0), the gradient is 125 times as long as at (-1, 0), and 25 to 40 times
# as long as in the median over the plateau; the curvature is over 38
gradient = torch.func.grad(lambda p: cliff(*p))
across = torch.tensor([(-1, 0), (0, 0), (0.066, 0)], dtype=torch.float64)
along = torch.func.vmap(gradient)(across)[:2, 0].numpy()
edge = float(torch.func.jacrev(gradient)(across[2])[0, 0])
np.testing.assert_allclose(along, (-0.04, -5.02), rtol=1e-5)
assert 38 < edge < 39
plateau = torch.cartesian_prod(torch.linspace(-3, -0.5, 26), torch.linspace(-3, 3, 61)).double()
assert 25 < -along[1] / torch.func.vmap(gradient)(plateau).norm(dim=1).median() < 40

# %%
# Newton's method, which divides the gradient by the Hessian, leads from (0.9, 0.1) to a point at the foot of the cliff
# where the gradient vanishes. Both eigenvalues of the Hessian are positive there, so it is a minimum.

# proof: ten steps of Newton's method lead to the minimum, where the curvatures are 0.02 and 0.1
point = torch.tensor([0.9, 0.1], dtype=torch.float64)
for _ in range(10):
    point = point - torch.linalg.solve(torch.func.jacrev(gradient)(point), gradient(point))
curvatures = torch.linalg.eigvalsh(torch.func.jacrev(gradient)(point))
np.testing.assert_allclose(point, cliff.known_minima()[0], atol=1e-9)
np.testing.assert_allclose(curvatures, (0.02, 0.1), rtol=1e-4)

# %%
# Thrown off the map
# ------------------
# The larger curvature of the bowl is 0.1, so its :term:`stability limit` is a learning rate of 2 / 0.1 = 20, and 5 is a
# good one for it. On the edge it makes a step of 25. We let 281 starts descend over the plateau and note how far to the
# right each of them comes.

x = np.linspace(-2.9, -0.1, 281)
starts = np.stack([x, np.full(281, 1.5)], axis=-1)
thrown = og.descend(og.SGD.at(lr=5.0), cliff, starts, 200)
far = thrown.theta[..., 0].max(axis=0)
ax = plt.figure(figsize=(7, 3.6), layout="constrained").add_subplot()
ax.plot(x, far, ".", color=og.SGD.color)
ax.axhline(3, ls="--", color="gray")
title = "SGD: how far it is thrown (dashed: end of the map)"
ax.set(title=title, xlabel="x of the start", ylabel="largest x")

# %%
# A descent that steps over the edge goes on as before. One that steps on it is thrown: the dots above the dashed line.
# These are :n:`100 * off.mean():.0f` % of the starts, and from left to right the outcome changes
# :n:`np.diff(off).sum()` times. From out there the bowl leads all of them back, within 80 steps of the start.

# proof: more than half of the starts are thrown off the map, up to x = 25
off = far > 3
assert 0.5 < off.mean() < 0.56 and 24 < far.max() < 26
assert 18 <= np.diff(off).sum() <= 26

# %%

# proof: within 80 steps all of them are within 0.1 of the minimum, for good
away = np.linalg.norm(thrown.theta - point.numpy(), axis=-1) > 0.1
unclipped = len(away) - away[::-1].argmax(axis=0)
assert unclipped.max() < 80 and not away[-1].any()

# %%
# A learning rate fifty times smaller is safe on the edge, and useless in the bowl: after 200 steps not one start has come
# near the minimum.

# proof: with a learning rate of 0.1 no start leaves the map or comes within 0.1 of the minimum
careful = og.descend(og.SGD.at(lr=0.1), cliff, starts, 200)
assert careful.theta[..., 0].max() < 1
assert (np.linalg.norm(careful.theta - point.numpy(), axis=-1) >= 0.1).all()

# %%
# Clipping
# --------
# :cite:t:`pascanu2013` keep the direction of the gradient and limit its length: one that is longer than ``max_norm`` is
# shortened to it. Here is the rule that ran in the race. From these starts the gradient is as long as 0.2 only on the
# cliff, so nothing else is clipped. No start is thrown any more, and half of them come within 0.1 of the minimum within
# :n:`np.median(gentle):.0f` steps instead of :n:`np.median(unclipped):.0f`.

og.pseudocode(Clipped)

# %%

# proof: with clipping no move is longer than 1, and all starts are near the minimum within 35 steps
clipped = og.descend(Clipped.at(lr=5.0), cliff, starts, 200)
assert np.linalg.norm(np.diff(clipped.theta, axis=0), axis=-1).max() <= 5 * 0.2
away = np.linalg.norm(clipped.theta - point.numpy(), axis=-1) > 0.1
gentle = len(away) - away[::-1].argmax(axis=0)
assert clipped.theta[..., 0].max() < 1.6 and not away[-1].any()
assert gentle.max() < 35 and np.median(gentle) < 20

# %%

# proof: only where x is between -0.5 and 0.5 is a gradient longer than 0.2
long = np.linalg.norm(clipped.grad, axis=-1) > 0.2
assert long.any() and np.abs(clipped.theta[:-1][long][:, 0]).max() < 0.5

# %%
# In PyTorch it is one line between ``backward`` and ``step``, for all parameters together.

theta = torch.nn.Parameter(torch.tensor([-2.05, 1.5], dtype=torch.float64))
optimizer = torch.optim.SGD([theta], lr=5.0)
for _ in range(15):
    optimizer.zero_grad()
    cliff(*theta).backward()
    torch.nn.utils.clip_grad_norm_([theta], max_norm=0.2)
    optimizer.step()

# %%

# proof: it takes the same steps
np.testing.assert_allclose(theta.detach(), race["Clipped"].theta[15], atol=1e-12)

# %%
# Rules that normalise
# --------------------
# Adam divides by the root of an average of squared gradients, and Lion takes a sign. Neither can be thrown: here their
# steps are at most about one learning rate long in each coordinate. But the cliff's gradient stays in their averages.
# After 200 steps Adam's divisor is still :n:`ratio:.0f` times the gradient, which makes its steps tiny in the flat
# bowl. Lion's moving average is still full of the cliff's gradients, and leads every one of the starts off the map. A
# clipped step leaves no trace.

# proof: no step of Adam or Lion is longer than 0.102 in a coordinate
adam, lion = (og.descend(rule, cliff, starts, 200) for rule in rules[2:])
assert max(np.abs(np.diff(run.theta, axis=0)).max() for run in (adam, lion)) < 0.102

# %%

# proof: 70 to 86 % of Adam's descents end near the minimum, the divisor over 20 times the gradient
near = np.linalg.norm(adam.theta[-1] - point.numpy(), axis=-1) < 0.1
ratio = np.median(adam.states["v"][-1, :, 0] ** 0.5 / np.abs(adam.grad[-1, :, 0]))
assert adam.theta.max() < 3 and 0.7 < near.mean() < 0.86 and ratio > 20

# %%

# proof: Lion leaves the map from every start; in the race it moves right for 55 to 80 steps
# beyond the minimum
assert (lion.theta[..., 0].max(axis=0) > 3).all() and lion.theta.max() < 10
right = race["Lion"].theta[:, 0]
past = int(right.argmax() - (right > float(point[0])).argmax())
assert 55 < past < 80

# %%
# How hard is it?
# ---------------
# Not hard with the right learning rate: each of the five rules succeeds from all 48 starts.

hard = study.difficulty(cliff)
hard

# %%
# For SGD the right learning rates are three of the 19, from 1 to 4.6; at 0.1, which was safe on the edge, it succeeds
# from one start in twelve. Adam always succeeds at every learning rate from 0.1 to 4.6. To reach the minimum is not to
# stay there: at 0.22, the best for both, Lion has left it again from :n:`100 - 100 * stays["Lion"]:.0f` % of the
# starts when the steps run out, Adam from none.

# proof: SGD always succeeds at 1, 2.2 and 4.6, Adam at the six learning rates from 0.1 to 4.6
share = (hard.sweep.data.arrived_at >= 0).mean(("seed", "start"))
sgd, always = (share.lr[share.sel(optimizer=name) == 1] for name in ("SGD", "Adam"))
np.testing.assert_allclose(sgd, (1, 2.15, 4.64), rtol=0.01)
np.testing.assert_allclose(always[:6], np.geomspace(0.1, 4.64, 6), rtol=0.01)
np.testing.assert_allclose(share.sel(optimizer="SGD")[9], 1 / 12, atol=0.01)
assert set(hard.success.values()) == {1}

# %%

# proof: at 0.22 Lion is there in the end from 57 to 63 % of the starts, Adam from all
stays = (hard.sweep.data.minimum >= 0).mean(("seed", "start"))[:, 10].to_series()
np.testing.assert_allclose([hard.lr["Adam"], hard.lr["Lion"]], share.lr[10])
assert 0.57 < stays["Lion"] < 0.63 and stays["Adam"] == 1
