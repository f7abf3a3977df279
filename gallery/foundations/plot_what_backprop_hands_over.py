r"""
What back-propagation hands over
================================

Back-propagation gives the optimizer one slope for each weight, and nothing else. What to make of those slopes is all
that an optimizer decides.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

# %%
# A network small enough to differentiate by hand
# -----------------------------------------------
# Two inputs, three hidden units with tanh, one output, eight examples. The loss is half the mean squared error. Nine
# weights, no biases.

rng = np.random.default_rng(0)
x = rng.normal(size=(8, 2))
target = x[:, :1] * x[:, 1:]
w1 = rng.normal(size=(2, 3))
w2 = rng.normal(size=(3, 1))


def loss(w1, w2):
    """Forward only: half the mean squared error."""
    return ((np.tanh(x @ w1) @ w2 - target) ** 2).mean() / 2


print("loss:", loss(w1, w2))

# %%
# Backwards, factor by factor
# ---------------------------
# The chain rule, read from the loss back to the inputs. Each line multiplies the slope it was given by one local
# derivative. For tanh that derivative is :math:`1 - h^2`, which the forward pass has already computed.

h = np.tanh(x @ w1)
error = (h @ w2 - target) / len(x)  # slope of the loss in each output
slope2 = h.T @ error  # ... in each weight of the second layer
back = error @ w2.T * (1 - h**2)  # ... in each sum before the tanh
slope1 = x.T @ back  # ... in each weight of the first layer
print(slope1, slope2, sep="\n")
assert slope1.shape == w1.shape and slope2.shape == w2.shape

# %%
# Two witnesses
# -------------
# Nudge one weight up and down and watch the loss: the quotient must be the slope. This costs two forward passes for
# each weight. Back-propagation needed one backward pass for all nine.

nudges = 1e-5 * np.eye(6).reshape(6, 2, 3)
quotients = [(loss(w1 + d, w2) - loss(w1 - d, w2)) / 2e-5 for d in nudges]
np.testing.assert_allclose(np.reshape(quotients, (2, 3)), slope1, atol=1e-9)

# %%
# And PyTorch, which records the forward pass and applies the same lines.

weights = [torch.tensor(w, requires_grad=True) for w in (w1, w2)]
output = torch.tanh(torch.tensor(x) @ weights[0]) @ weights[1]
((output - torch.tensor(target)) ** 2).mean().div(2).backward()
print(weights[0].grad, weights[1].grad, sep="\n")
np.testing.assert_allclose(weights[0].grad, slope1, atol=1e-14)
np.testing.assert_allclose(weights[1].grad, slope2, atol=1e-14)

# %%
# What the optimizer decides
# --------------------------
# Three rules receive the same slopes, at the same rate. SGD steps in proportion to the slope. Lion and, on its first
# step, Adam keep only the sign. None of them sees the loss, the data or the network.

moves = {}
for rule in (og.SGD, og.Adam, og.Lion):
    weight = torch.nn.Parameter(torch.tensor(w1))
    weight.grad = torch.tensor(slope1)
    rule([weight], lr=0.1).step()
    moves[rule.__name__] = weight.detach().numpy() - w1
    print(rule.__name__, moves[rule.__name__].round(4).tolist())

np.testing.assert_allclose(moves["SGD"], -0.1 * slope1)
np.testing.assert_allclose(moves["Lion"], -0.1 * np.sign(slope1))
np.testing.assert_allclose(moves["Adam"], moves["Lion"], rtol=1e-5)

fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(moves["SGD"].ravel(), "o", ms=10, color=og.SGD.color, label="SGD")
ax.plot(moves["Adam"].ravel(), "s", ms=9, color=og.Adam.color, label="Adam")
ax.plot(moves["Lion"].ravel(), "_", ms=20, color=og.Lion.color, label="Lion")
ax.axhline(0, color="gray", lw=0.5)
ax.set(
    title="The same six slopes, three first steps",
    xlabel="weight of the first layer",
    ylabel="step",
)
ax.legend()

# %%
# Before this: :ref:`a descent written by hand <sphx_glr_gallery_foundations_plot_hand_written_descent.py>`.
# Next: :ref:`why plain descent is not enough <sphx_glr_gallery_foundations_plot_why_plain_descent_is_not_enough.py>`.
