r"""
Signals: Adadelta from a large start
====================================

Let Adadelta believe that its past steps were large, and it takes large steps. It believes so as long as gradients
keep coming, and forgets it when they stay away.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.Adadelta,
        getattr(og.signals, name),
        lr=0.25,
        rho=[0.25, 0.9, 0.975],
        eps=1e-3,
        initial_accumulator_value=50.0,
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("Adadelta believes its start")

# %%
# Everything is as on the :ref:`page before <sphx_glr_gallery_signals_plot_signals_adadelta.py>`, but the mean of
# squared steps starts at 50 instead of 0.
#
# Large first steps
# -----------------
# The first update is the root of 50 times RMSprop's, up to 11 for a gradient of 1. From zero it was below 0.05.

rho = np.array([0.25, 0.9, 0.975])
first = responses["spikes"].update[0]
print("first update:", first)
np.testing.assert_allclose(first, 0.25 * np.sqrt((50 + 1e-3) / (1 - rho + 1e-3)), rtol=1e-9)

# %%
# Believed as long as gradients come
# ----------------------------------
# On rectangles the size of the gradient never changes. Steps of the usual size then confirm what ``s`` says, and it
# confirms them. Even with the shortest memory, the scale of the start has lost little more than a tenth after 300 steps.

rectangles = np.abs(responses["rectangles"].update)
print("size at 0 and 299:", rectangles[[0, 299]], sep="\n")
assert (rectangles[299] > 0.88 * rectangles[0]).all()

# %%
# Forgotten in the silence
# ------------------------
# Between two spikes there are 59 steps without a gradient. They multiply ``s`` by :math:`\rho^{59}`. With 0.25 and with
# 0.9 the last spike is answered as if the start had been zero. With 0.975 the memory is long enough to keep a
# seventh of the first answer to the end.

spikes = responses["spikes"].update[::60]
zero = og.respond(og.Adadelta, og.signals.spikes, lr=0.25, rho=rho, eps=1e-3).update[::60]
print("spikes, large start:", spikes, sep="\n")
print("last spike, zero start:", zero[-1])
np.testing.assert_allclose(spikes[-1, :2], zero[-1, :2], rtol=0.01)
assert 0.12 < spikes[-1, 2] / spikes[0, 2] < 0.16

# %%
# So the start is a learning rate in disguise for what is updated often, and no setting at all for what is updated
# rarely. The row of saturation shows it at 0.9: each silence of 40 steps takes away more of the scale.

bursts = responses["saturation"].update[[39, 119, 199, 279], 1]
print("end of the four bursts at 0.9:", bursts)
assert (bursts[1:] < 0.4 * bursts[:-1]).all()

# %%
# Before this: :ref:`Adadelta from zero <sphx_glr_gallery_signals_plot_signals_adadelta.py>`. Next:
# :ref:`Adam <sphx_glr_gallery_signals_plot_signals_adam.py>`.
