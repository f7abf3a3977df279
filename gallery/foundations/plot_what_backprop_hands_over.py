r"""
What back-propagation hands over
================================

Back-propagation gives the optimizer one number for each weight, the gradient, and nothing else. What to make of these
numbers is all that an optimizer decides.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

rng = np.random.default_rng(0)
x = rng.normal(size=(8, 2))
target = x[:, 0] * x[:, 1]
weights = rng.normal(size=(3, 3))


def network(w):
    h = torch.tanh(torch.tensor(x) @ w[:2])
    return ((h @ w[2] - torch.tensor(target)) ** 2).mean() / 2


problem = og.Problem(network, (3, 3), starts=[weights], name="nine weights")
rules = [og.SGD.at(lr=0.1), og.Adam.at(lr=0.1), og.Lion.at(lr=0.1)]
race = og.race(rules, problem, steps=200)
race

# %%
# Three rules train the same network from the same start, all with the learning rate 0.1. What they are given is of the
# same kind, nine numbers in each step; the losses differ because the rules make different steps of it.
#
# A network small enough to differentiate by hand
# -----------------------------------------------
# Two inputs, three hidden units with tanh, one output, eight examples, no biases. The loss is half the mean squared
# error. The nine weights stand in one matrix: the first two rows lead from the inputs to the hidden units, the last row
# leads to the output.
#
# Backwards, factor by factor
# ---------------------------
# The chain rule is read from the loss back to the inputs, as :cite:t:`rumelhart1986` made known. Each line multiplies the
# derivative it was given by local derivatives.

h = np.tanh(x @ weights[:2])  # the forward pass, kept for the way back
error = (h @ weights[2] - target) / len(x)  # derivative of the loss in each output
back = np.outer(error, weights[2]) * (1 - h**2)  # ... in each sum before the tanh
gradient = np.vstack([x.T @ back, h.T @ error])  # ... in each weight: first layer, second layer
names = ("input 1", "input 2", "to the output")
rows = [(names[i], *(f"{g:.4f}" for g in gradient[i])) for i in range(3)]
og.Table(
    "The gradient, one number for each weight", ("weights", "unit 1", "unit 2", "unit 3"), rows
)

# %%
# Is it right? Move one weight a little up and down and watch the loss: the quotient must be the derivative. This takes
# two forward passes for each weight. Back-propagation needs one backward pass for all of them. PyTorch records the
# forward pass and applies the same lines.

# proof: the nine numbers are the quotients of small differences of the loss
for i, nudge in enumerate(1e-5 * np.eye(9)):
    up, down = (problem(weights + sign * nudge.reshape(3, 3)) for sign in (1, -1))
    np.testing.assert_allclose((up - down) / 2e-5, gradient.flat[i], atol=1e-9)

# %%

# proof: PyTorch finds the same nine numbers
w = torch.tensor(weights, requires_grad=True)
problem(w).backward()
np.testing.assert_allclose(w.grad, gradient, atol=1e-14)

# %%
# What the forward pass keeps
# ---------------------------
# The way back needs values from the way forward: ``h``, the outputs of the hidden units. The derivative of
# each classical activation function follows from its output. For tanh it is :math:`1 - h^2`, for the sigmoid
# :math:`h (1 - h)`, for ReLU 1 where :math:`h > 0` and 0 elsewhere. Where that factor is zero, the unit is saturated or
# switched off, and no information passes it on the way back: the weights before it get no gradient, however wrong the
# output is.

# proof: the derivatives of tanh, sigmoid and ReLU follow from their outputs
z = torch.linspace(-3, 3, 50, dtype=torch.float64, requires_grad=True)
for function, derivative in (
    (torch.tanh, lambda h: 1 - h**2),
    (torch.sigmoid, lambda h: h * (1 - h)),
    (torch.relu, lambda h: (h > 0).double()),
):
    h_torch = function(z)
    (found,) = torch.autograd.grad(h_torch.sum(), z)
    torch.testing.assert_close(found, derivative(h_torch.detach()))

# %%

# proof: with weights a thousand times as large, the units are saturated and the first layer gets no
# gradient
large = torch.tensor(weights * [[1000], [1000], [1]], requires_grad=True)
problem(large).backward()
assert large.grad[:2].abs().max() < 1e-6 < 0.01 < large.grad[2].abs().max()

# %%
# What the optimizer decides
# --------------------------
# Three rules receive this gradient, with the same learning rate. SGD steps in proportion to it. Lion, and in its first
# step also Adam, keep only the sign. None of them is given the loss, the data or the network.

moves = {name: run.theta[1] - run.theta[0] for name, run in race.items()}
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for marker, size, rule in (("o", 10, og.SGD), ("s", 9, og.Adam), ("_", 20, og.Lion)):
    move = moves[rule.__name__].ravel()
    ax.plot(move, marker, ms=size, ls="", color=rule.color, label=rule.__name__)
ax.axhline(0, color="gray", lw=0.5)
ax.set(title="One gradient, three first steps", xlabel="weight", ylabel="step")
ax.legend()

# %%

# proof: SGD's first step is the gradient times -0.1
np.testing.assert_allclose(moves["SGD"], -0.1 * gradient)

# %%

# proof: Lion's first step is the sign of the gradient times -0.1, and so is Adam's
np.testing.assert_allclose(moves["Lion"], -0.1 * np.sign(gradient))
np.testing.assert_allclose(moves["Adam"], moves["Lion"], rtol=1e-5)
