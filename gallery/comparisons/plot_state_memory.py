r"""
What an optimizer remembers
===========================

Each exponential moving average takes as much memory as the weights. Where weights, gradients and state share one memory,
SGD leaves room for a model twice as large as Adam does.
"""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

import optguide as og

left_out = ("BFGS", "Newton", "SophiaH")
ours = {name: getattr(og, name) for name in og.optimizers.__all__ if name not in left_out}
names = ("SGD", "Adam", "LBFGS")
torchs = {f"torch.optim.{name}": getattr(torch.optim, name) for name in names}
torch.manual_seed(0)
inputs, labels = torch.rand(64, 64), torch.randint(10, (64,))
measured = {}
for name, make in {**ours, **torchs}.items():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 256, bias=False), nn.ReLU(), nn.Linear(256, 10, bias=False))
    optimizer = make(model.parameters())

    def closure(model=model, optimizer=optimizer):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    stored = [value for state in optimizer.state.values() for value in state.values()]
    parts = [part for value in stored for part in (value if isinstance(value, list) else [value])]
    kept = sum(part.nbytes for part in parts if torch.is_tensor(part))
    measured[name] = kept / sum(weight.nbytes for weight in model.parameters())

groups = {}
for name, size in measured.items():
    groups.setdefault(round(size), []).append(name)
groups = dict(sorted(groups.items())[:5])
fig, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
ax.barh([textwrap.fill(", ".join(names), 60) for names in groups.values()], list(groups))
ax.set_title("What optimizers remember between two steps")
ax.set(xlabel="bytes of state for each byte of weights", xticks=range(5), ylim=(4.5, -0.5))

# %%
# A real network, all of whose parameters are matrices, takes three real steps with each optimizer of the guide but three
# that look at curvature, BFGS, Newton and Sophia-H, and with three of PyTorch's. Then the bytes of every tensor that the
# optimizer has stored are added up and divided by those of the weights. Most results are whole numbers, but for a step
# counter of eight bytes per tensor: one copy of the weights for each state that a rule names. So
# :class:`~optguide.Adam` keeps ``m`` and ``v``. AMSGrad keeps the largest ``v`` as well, AdaDerivative an average of the
# gradient's changes, and NAdam, as it is written here, a product of its momenta for each weight; PyTorch's keeps that
# once.

# proof: each rule of ours whose states are shaped like the weights stores one copy for each state
cards = {name: og.card(rule) for name, rule in ours.items()}
cards = {n: card for n, card in cards.items() if not any(card.apart.values())}
named = [len(card.state_names) - len(card.apart) for card in cards.values()]
np.testing.assert_allclose([measured[name] for name in cards], named, atol=1e-3)

# %%
# In the article of :cite:t:`impactcrater2024` SGD counts none, Lion one, AdamW and AdaBelief two and AdaDerivative
# three. It warns that AdaDerivative costs half as much memory again as Adam. That is so.

# proof: SGD keeps none, Lion one, AdamW and AdaBelief two, AdaDerivative three
counted = [measured[name] for name in ("SGD", "Lion", "AdamW", "AdaBelief", "AdaDerivative")]
np.testing.assert_allclose(counted, (0, 1, 2, 2, 3), atol=1e-3)

# %%

# proof: AdaDerivative's state is one and a half times Adam's, and Adam's is as large as PyTorch's
np.testing.assert_allclose(measured["AdaDerivative"] / measured["Adam"], 1.5, atol=1e-3)
np.testing.assert_allclose(measured["torch.optim.Adam"], measured["Adam"], atol=1e-3)

# %%
# What follows for the size of a model
# ------------------------------------
# Training needs the weights, a gradient for each of them, and the state. With SGD that is two copies, with Lion three
# and with Adam four. So a memory that they fill holds a model with SGD that is twice as large as with Adam, and with
# Lion one a third larger.

# proof: SGD leaves room for twice as many weights as Adam, Lion for a third more
room = {name: 1 / (2 + size) for name, size in measured.items()}
np.testing.assert_allclose(room["SGD"] / room["Adam"], 2, atol=1e-3)
np.testing.assert_allclose(room["Lion"] / room["Adam"], 4 / 3, atol=1e-3)

# %%
# Activations, which the backward pass needs, come on top. They grow with the batch and often need more than all of
# this.
#
# Less than one copy, and many
# ----------------------------
# A state need not be as large as the weights. Adafactor :cite:p:`shazeer2018` keeps, of the average of squares of a
# matrix, only the means of its rows and columns, here :n:`100 * measured["Adafactor"]:.0f` % of the weights.
# L-BFGS :cite:p:`liu1989` goes the other way. It remembers pairs of steps and changes of the gradient: ten in this guide,
# which are :n:`measured["LBFGS"]:.0f` copies of the weights, and up to a hundred in PyTorch, where after three calls it
# holds :n:`measured["torch.optim.LBFGS"]:.0f` copies. BFGS would need as many as there are weights, and is not run here:
# its matrix for this network has 360 million numbers. Shampoo keeps two square
# matrices for each matrix of weights, one as wide as its rows are many and one as wide as its columns. Of this network,
# whose matrices are long and narrow, that is :n:`measured["Shampoo"]:.0f` copies. NorMuon adds one number for each row to
# Muon's single copy.

# proof: Adafactor keeps less than a twentieth of a copy, Shampoo seven, both L-BFGS more than
# twenty, NorMuon one and a number for each row
counters = 2 * 8 / (4 * 256 * 74)  # eight bytes for each of two matrices of four-byte numbers
rows, factors = 256 + 10, 2 * 256**2 + 64**2 + 10**2
np.testing.assert_allclose(measured["NorMuon"], 1 + rows / (256 * 74) + counters, rtol=1e-6)
np.testing.assert_allclose(measured["Shampoo"], factors / (256 * 74) + counters, rtol=1e-6)
assert 0 < measured["Adafactor"] < 1 / 20
assert measured["torch.optim.LBFGS"] > 20
np.testing.assert_allclose(measured["LBFGS"], 22, atol=1e-3)

# %%
# Half precision
# --------------
# A model whose weights are held in half precision pays double: the optimizers of this guide then keep their state in
# single precision, because squares of small gradients would be rounded away. Adam's state is then
# :n:`half:.0f` times as large as the model.

# proof: on a bfloat16 model Adam's state is four times as large as the model
model = nn.Linear(256, 256, dtype=torch.bfloat16)
optimizer = og.Adam(model.parameters())
model(torch.ones(1, 256, dtype=torch.bfloat16)).sum().backward()
optimizer.step()
stored = sum(part.nbytes for state in optimizer.state.values() for part in state.values())
half = stored / sum(weight.nbytes for weight in model.parameters())
np.testing.assert_allclose(half, 4, atol=1e-2)
