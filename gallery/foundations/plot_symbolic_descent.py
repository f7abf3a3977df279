r"""
Descent on a parabola, symbolically
===================================

Gradient descent needs nothing but a derivative. On a parabola SymPy finds it as one would on paper, and the descent
stops a little short of the minimum, by an amount that can be predicted.
"""

import matplotlib.pyplot as plt
import numpy as np
import sympy

import optguide as og

lr, xtol = 1e-4, 1e-6
run = og.descend(og.SGD, og.surfaces.quadratic_1d, start=0.75, lr=lr, xtol=xtol)
film = og.animate(run, frames=109, fps=10, title="f(x) = 3x² + 2x, from 0.75")
film

# %%
# The point is fast at first and slow near the minimum, because the derivative shrinks on the way. The loss is drawn as
# its distance to the lowest value; every step shortens it by the same factor.
#
# Is there anything to find?
# --------------------------
# At a minimum of a smooth function the derivative is zero. So before we walk, we ask whether :math:`f'(x) = 0` has a
# solution at all. For :math:`f(x) = 3x^2 + 2x` the derivative is :math:`6x + 2`. It vanishes at :math:`-1/3`, and the
# curve bends upwards there, so this is a minimum.

x = sympy.Symbol("x")
f = 3 * x**2 + 2 * x
derivative = sympy.diff(f, x)
solutions = sympy.solve(derivative, x)
derivative, solutions

# %%

# proof: SymPy finds the derivative :math:`6x + 2`
assert derivative == 6 * x + 2

# %%

# proof: it is zero at :math:`-1/3` only, where the second derivative is positive
assert solutions == [sympy.Rational(-1, 3)]
assert sympy.diff(f, x, 2).subs(x, solutions[0]) > 0

# %%
# For a parabola we could stop here. For a network with a million weights this equation cannot be solved, but the
# derivative at one given point remains cheap. From here on we use nothing else.
#
# The rule, by hand
# -----------------
# Where the derivative is positive, downhill is to the left; where it is negative, to the right. So step against it,
# and in proportion to it: :math:`x \leftarrow x - \eta \, f'(x)` with a small :term:`learning rate` :math:`\eta`.
# SymPy turns the formula into an ordinary Python function. The loop stops after the first step that is not longer than
# :math:`10^{-6}`.

derivative_at = sympy.lambdify(x, derivative)

points = [0.75]
length = np.inf
while length > xtol:
    points.append(points[-1] - lr * derivative_at(points[-1]))
    length = abs(points[-1] - points[-2])
lengths = np.abs(np.diff(points))

shown = (1, 2, 3, len(lengths))
rows = [(f"{i:,}", f"{points[i]:.8f}", f"{lengths[i - 1]:.3g}") for i in shown]
og.Table("The loop", ("step", "leads to", "length"), rows)

# %%

# proof: the first points are 0.75, 0.74935 and 0.74870039
np.testing.assert_allclose(points[:3], [0.75, 0.74935, 0.74870039], rtol=1e-12)

# %%
# The film above comes from one call, ``og.descend``, which takes the rule as a class and the same parabola. It takes
# :n:`run.steps:,` steps. All but the last are longer than :math:`10^{-6}`.

# proof: the call takes the same steps as the loop
np.testing.assert_allclose(run.theta[:, 0], points, atol=1e-12, rtol=0)

# %%

# proof: 10,792 steps are longer than the tolerance, the next is not, and leads to
# -0.331667951428822
assert (lengths > xtol).sum() == 10792 and lengths[-1] <= xtol
assert run.stopped_at == run.steps == 10793
np.testing.assert_allclose(run.theta[-1], -0.331667951428822, atol=1e-12, rtol=0)

# %%
# Why it stops short
# ------------------
# The descent ends :n:`distance[-1]:.4f` to the right of the minimum. This is no rounding error. The stopping rule looks
# at the length of a step, and a step is the learning rate times the derivative:
#
# .. math:: |\Delta x| = \eta \, |f'(x)| = 6 \, \eta \, \bigl|x + \tfrac{1}{3}\bigr|
#
# So a step is as short as ``xtol`` where the distance to the minimum is ``xtol / (6 * lr)``, which is
# :n:`xtol / (6 * lr):.5f`. A short step means a small derivative or a small learning rate, and the stopping rule cannot
# tell which.

distance = run.theta[:, 0] + 1 / 3
fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ax.semilogy(distance, color=og.SGD.color, lw=2.5, label="distance to the minimum")
ax.semilogy(lengths, color="#0077a8", lw=2.5, ls="--", label="length of the step")
ax.axhline(xtol, color="#8a8f98", lw=1.5, ls=":", label="tolerance")
ax.set(title="The step is short long before the distance is", xlabel="step")
ax.legend()

# %%

# proof: it stops ``xtol / (6 * lr)`` short of the minimum
np.testing.assert_allclose(lengths, lr * 6 * distance[:-1], rtol=1e-6)
np.testing.assert_allclose(distance[-1], xtol / (6 * lr), rtol=1e-3)

# %%
# Both curves are straight lines on a logarithmic axis, because with :math:`f'(x) = 6 (x + \tfrac13)` a step leaves
# :math:`1 - 6 \eta` of the distance.

# proof: every step multiplies the distance by :math:`1 - 6\eta`
np.testing.assert_allclose(distance[1:] / distance[:-1], 1 - 6 * lr, rtol=1e-9)

# %%
# The last frame
# --------------
# One frame for each step, at ten frames per second, would last :n:`run.steps / 10 / 60:.0f` minutes. Every hundredth
# step makes a short film, but one that never shows where the descent ends: :n:`run.steps:,` is no multiple of 100.
# ``og.animate`` spreads :n:`len(film.steps)` frames evenly, the first on the start and the last on the final point,
# which takes :n:`len(film.steps) / 10:.0f` seconds. In the player above you can go to any step.

# proof: a film of every hundredth step would miss the final point, this one shows it
assert run.steps % 100 != 0
assert film.steps[0] == 0 and film.steps[-1] == run.steps

# %%

# proof: all steps at ten frames per second would last 1,079 seconds
assert int(run.steps / 10) == 1079
