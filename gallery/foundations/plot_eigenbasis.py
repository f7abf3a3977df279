r"""
Eigenbasis: the axes along which SOAP runs Adam
===============================================

SOAP turns a gradient to the eigenvectors of two matrices, and these change in every step. Its authors do not compute them
anew, but let one product and one QR decomposition turn the old ones a little. How close that comes depends on
how far apart the eigenvalues are.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide.language import eigenbasis

rng = np.random.default_rng(0)
values = np.array([1.0, 0.5, 0.4, 0.1])
true, basis = (np.linalg.qr(rng.normal(size=(4, 4))).Q for _ in range(2))
matrix = true @ np.diag(values) @ true.T
angles = []
for _ in range(31):
    angles.append(
        np.degrees(np.arcsin(np.linalg.norm(basis - true * (true * basis).sum(0), axis=0)))
    )
    basis = np.linalg.qr(matrix @ basis).Q
angles = np.array(angles)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.semilogy(angles, label=[f"eigenvalue {value:g}" for value in values])
ax.set(xlabel="steps of QR", ylabel="angle to the eigenvector, in degrees")
ax.legend()

# %%
# Four columns that begin anywhere. In each step they are multiplied by the matrix and made orthogonal again, by a QR
# decomposition. All go to eigenvectors, in the order of the eigenvalues. The eigenvectors of 0.5 and 0.4 are slow,
# because they are hard to tell apart: after ten steps they are :n:`angles[10, 1]:.0f` degrees away, the one of 0.1
# is :n:`angles[10, 3]:.2f`.

# proof: each angle falls by the larger ratio of its eigenvalue to a neighbour
falls = (angles[16] / angles[8]) ** (1 / 8)
np.testing.assert_allclose(falls, [0.5, 0.8, 0.8, 0.25], rtol=0.02)

# %%
# One step
# --------
# Multiplication by the matrix stretches the component along each eigenvector by its eigenvalue. So of two, the larger
# gains on the smaller. In a plane with eigenvalues :math:`\lambda_1 > \lambda_2` a vector at the angle
# :math:`\varphi` to the first eigenvector has the components :math:`\cos\varphi` and :math:`\sin\varphi`, and afterwards
# :math:`\tan\varphi' = \frac{\lambda_2}{\lambda_1} \tan\varphi`. This is power iteration. With one column it finds the
# largest eigenvalue only. The QR decomposition subtracts from each column its share of those before, so that the next
# one finds the next.

# proof: one step multiplies the tangent of the angle by the ratio of the eigenvalues
angle = 0.7
turned = np.linalg.qr(np.diag([3.0, 2.0]) @ [[np.cos(angle)], [np.sin(angle)]]).Q[:, 0]
assert abs(abs(turned[1] / turned[0]) - 2 / 3 * np.tan(angle)) < 1e-12

# %%
# ``eigenbasis``, the function of this guide's rules, computes eigenvectors from scratch. Its columns are in the order
# of rising eigenvalues, those of the QR steps in that of falling ones.

# proof: the columns of eigenbasis are those to which the QR steps go, in the opposite order
found = eigenbasis(torch.from_numpy(matrix)).numpy()[:, ::-1]
np.testing.assert_allclose(np.abs(found.T @ true), np.eye(4), atol=1e-12)

# %%
# Behind a matrix that moves
# --------------------------
# In training the matrix is an average of products of gradients, and moves while the basis follows it. Here SOAP descends on
# a quadratic of 8 x 8, and three bases follow its matrix of the rows: one takes a QR step in every step, one in every
# tenth, and one is computed anew in every tenth. In its eigenvectors a matrix is diagonal. So what is measured is how
# large the entries beside the diagonal are, each divided by the roots of the two on the diagonal: 0 is a basis of
# eigenvectors, 1 one in which two directions are not told apart at all.

problem = og.problems.matrix_quadratic(8, 8)
soap = og.SOAP.at(lr=0.3, betas=(0.9, 0.95), weight_decay=0.0)
run = og.descend(soap, problem, steps=120)
L = run.states["L"][1:]
left_over = {}
for name, every, anew in (
    ("QR in each step", 1, False),
    ("QR every 10 steps", 10, False),
    ("new every 10 steps", 10, True),
):
    basis, left_over[name] = np.linalg.eigh(L[0]).eigenvectors[:, ::-1], []
    for t, average in enumerate(L):
        if t % every == 0:
            order = np.argsort(-np.diag(basis.T @ average @ basis))
            step = np.linalg.qr(average @ basis[:, order]).Q
            basis = np.linalg.eigh(average).eigenvectors if anew else step
        inside = basis.T @ average @ basis
        scales = np.sqrt(np.outer(np.diag(inside), np.diag(inside)))
        left_over[name].append(np.abs(inside / scales - np.eye(8)).sum() / 56)
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name, line in left_over.items():
    ax.plot(line, label=name)
ax.set(xlabel="step", ylabel="mean beside the diagonal")
ax.legend()
mean = {name: np.mean(line) for name, line in left_over.items()}

# %%
# On average :n:`mean["QR in each step"]:.3f` is left beside the diagonal with a QR step each time,
# :n:`mean["QR every 10 steps"]:.2f` with one every ten steps, and :n:`mean["new every 10 steps"]:.2f` with new eigenvectors every
# ten. So most of what a rare QR step leaves is not its own inexactness: the matrix has moved on since.

# proof: a QR step each time leaves less than new eigenvectors every ten steps do
assert mean["QR in each step"] < mean["new every 10 steps"] < mean["QR every 10 steps"]

# %%
# What it costs: QR is one decomposition of fixed length and one product, where eigenvectors need an iteration.
# :cite:t:`vyas2025` do it every ten steps by default, and compute eigenvectors once, at the start.
#
# What Adam makes of the columns
# ------------------------------
# Adam keeps a number ``v`` for each pair of columns. **The sign** of an eigenvector is arbitrary, and does not matter: it
# cancels, as v is even. **The order** does matter, since v belongs to a place in it. When two eigenvalues cross, columns
# that are sorted change places. The authors' code sorts v along with the columns. The rule of this guide, which is shorter,
# does not: after a crossing two scales are exchanged, until the average has forgotten that.

# proof: signs cancel, and an exchange of columns is harmless only if v is exchanged, too
g, v, P = rng.normal(size=4), rng.uniform(0.1, 1, size=4), true
plain = P @ (P.T @ g / np.sqrt(v))
flipped = P * [1, -1, 1, -1]
np.testing.assert_allclose(flipped @ (flipped.T @ g / np.sqrt(v)), plain)
swapped = P[:, [1, 0, 2, 3]]
np.testing.assert_allclose(swapped @ (swapped.T @ g / np.sqrt(v[[1, 0, 2, 3]])), plain)
assert np.abs(swapped @ (swapped.T @ g / np.sqrt(v)) - plain).max() > 0.01

# %%
# In the run above the order changes in :n:`crossings` of 119 steps.

bases = np.linalg.eigh(L).eigenvectors
overlap = np.abs(np.swapaxes(bases[:-1], 1, 2) @ bases[1:])
crossings = int((overlap.argmax(1) != np.arange(8)).any(1).sum())

# %%

# proof: eigenvalues cross now and then, in fewer than a tenth of the steps
assert 0 < crossings < 12

# %%
# **Equal eigenvalues** have no eigenvectors of their own: each basis of their plane is one. Adam's update depends on which
# it is. So a matrix with few independent gradients, in which many eigenvalues are zero, has a path that depends on the
# library that computed the basis. This is so for the first steps of a matrix that has at least two rows
# more than columns, or two columns more than rows.

# proof: in two bases of the same plane, both of eigenvectors, the first step of Adam is another
# one; of a gradient of 6 x 4, two eigenvalues are zero, of 5 x 4, one
g, eighth = np.array([3.0, 1.0]), np.sqrt(0.5) * np.array([[1, -1], [1, 1]])
both = [basis @ np.sign(basis.T @ g) for basis in (np.eye(2), eighth)]
np.testing.assert_allclose(eighth.T @ np.eye(2) @ eighth, np.eye(2), atol=1e-12)
assert np.abs(both[0] - both[1]).max() > 0.4
for rows in (6, 5):
    tall = rng.normal(size=(rows, 4))
    assert (np.linalg.eigvalsh(tall @ tall.T) < 1e-9).sum() == rows - 4
