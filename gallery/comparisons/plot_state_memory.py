r"""
What an optimizer remembers
===========================

Every running mean costs as much memory as the model itself. AdaDerivative keeps three tensors per parameter, and so
needs one and a half times the state of Adam.
"""

# sphinx_gallery_thumbnail_number = 1
import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

# %%
# Measured, not counted by hand
# -----------------------------
# A real model takes one real step with each optimizer in the guide. Then we add up the bytes of every tensor that the
# optimizer has stored, and divide by the bytes of the model's parameters.


def state_per_parameter(cls):
    """Bytes of state after one step, as a multiple of the bytes of the parameters."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(256, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10)
    )
    optimizer = cls(model.parameters(), lr=1e-3)
    x, target = torch.randn(32, 256), torch.randint(10, (32,))

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), target)
        loss.backward()
        return loss

    optimizer.step(closure)
    stored = sum(tensor.nbytes for state in optimizer.state.values() for tensor in state.values())
    return stored / sum(p.nbytes for p in model.parameters())


measured = {name: state_per_parameter(getattr(og, name)) for name in og.optimizers.__all__}
rows = [
    (
        f"`{name}`",
        ", ".join(f"`{s}`" for s in getattr(og, name).state_names) or "nothing",
        f"{size:.3f}",
    )
    for name, size in measured.items()
]
og.Table(
    "State kept between steps, relative to the model",
    ("optimizer", "remembers", "bytes / bytes of the model"),
    rows,
)

# %%
# Whole numbers, but for a step counter of eight bytes per tensor: one for every state that the rule names.

named = [len(getattr(og, name).state_names) for name in measured]
np.testing.assert_allclose(list(measured.values()), named, atol=1e-3)

fig, ax = plt.subplots(figsize=(7, 6.6), layout="constrained")
ax.barh(
    list(measured),
    measured.values(),
    color=[getattr(og, name).color for name in measured],
)
ax.set(
    title="AdaDerivative keeps three tensors for each of the model's",
    xlabel="bytes of state for each byte of parameters",
)
ax.invert_yaxis()

# %%
# The five that the article counts, and the ratio it warns of:

counted = [measured[name] for name in ("SGD", "Lion", "AdamW", "AdaBelief", "AdaDerivative")]
np.testing.assert_allclose(counted, (0, 1, 2, 2, 3), atol=1e-3)
ratio = measured["AdaDerivative"] / measured["Adam"]
print(f"AdaDerivative's state is {ratio:.3f} times Adam's")
np.testing.assert_allclose(ratio, 1.5, atol=1e-3)

# %%
# PyTorch's own Adam needs as much as ours:

theirs = state_per_parameter(torch.optim.Adam)
print(f"torch.optim.Adam: {theirs:.3f}")
np.testing.assert_allclose(theirs, measured["Adam"], atol=1e-3)

# %%
# What this leaves out
# --------------------
# The gradients, one more copy of the model, belong to everyone here and are not counted. Activations often need more
# than either, and working memory within a step comes and goes. A model whose parameters are held in half precision
# pays double: the optimizers of this guide then keep their state in single precision.

model = torch.nn.Linear(256, 256, dtype=torch.bfloat16)
optimizer = og.Adam(model.parameters())
model(torch.ones(1, 256, dtype=torch.bfloat16)).sum().backward()
optimizer.step()
stored = sum(tensor.nbytes for state in optimizer.state.values() for tensor in state.values())
print(
    f"Adam on a bfloat16 model: {stored / sum(p.nbytes for p in model.parameters()):.2f} times the model"
)
np.testing.assert_allclose(stored / sum(p.nbytes for p in model.parameters()), 4, atol=1e-2)

# %%
# Before this: :ref:`Lion with a schedule <sphx_glr_gallery_comparisons_plot_lion_schedule.py>`, the rule that gets by with
# one tensor. Next: :ref:`two settings and their border
# <sphx_glr_gallery_comparisons_plot_learning_rate_and_momentum.py>`, from single runs to thousands.
