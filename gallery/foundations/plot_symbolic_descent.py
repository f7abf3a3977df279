r"""
Descent on a parabola, symbolically
===================================

Gradient descent needs nothing but a slope. Here it is the derivative of a parabola, found with pencil rules, and the
descent stops a little short of the minimum, by an amount that can be predicted.
"""

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt
import numpy as np
import sympy

import optguide as og

x = sympy.Symbol("x")
f = 3 * x**2 + 2 * x
slope = sympy.diff(f, x)
print("f(x)  =", f)
print("f'(x) =", slope)
assert slope == 6 * x + 2

# %%
# Is there anything to find?
# --------------------------
# At a minimum of a smooth function the slope is zero. So before we walk, we ask whether the equation
# :math:`f'(x) = 0` has a solution at all. It has one, and there the curve bends upwards: the solution is a minimum.

solutions = sympy.solve(slope, x)
print("f'(x) = 0 at x =", solutions)
print("f''(x) =", sympy.diff(f, x, 2))
assert solutions == [sympy.Rational(-1, 3)]
assert sympy.diff(f, x, 2) > 0

# %%
# For a parabola we could stop here. For a network with a million weights nobody can solve the equation, but the
# slope at a given point is still cheap. The rest of the page uses the slope at one point at a time, and no more.
#
# The rule, by hand
# -----------------
# Where the slope is positive, downhill is to the left; where it is negative, to the right. So step against the slope,
# and in proportion to it: :math:`x \leftarrow x - \eta \, f'(x)` with a small learning rate :math:`\eta`. SymPy turns
# the formula into an ordinary Python function. We start at 0.75 with :math:`\eta = 10^{-4}`, and stop after the first
# step that is not longer than :math:`10^{-6}`.

slope_at = sympy.lambdify(x, slope)
lr, xtol = 1e-4, 1e-6

points = [0.75]
length = np.inf
while length > xtol:
    points.append(points[-1] - lr * slope_at(points[-1]))
    length = abs(points[-1] - points[-2])

print("the first points:", [round(p, 8) for p in points[:4]])
print(f"the last of {len(points) - 1} steps ends at {points[-1]:.15f}")
np.testing.assert_allclose(points[:3], [0.75, 0.74935, 0.74870039], rtol=1e-12)

# %%
# The same in one line, from the class of the rule and the parabola of this package. It takes the same steps.
# Of its 10,793 steps 10,792 are longer than :math:`10^{-6}`. The next one is not, and it is the last.

run = og.descend(og.SGD, og.surfaces.quadratic_1d, start=0.75, lr=lr, xtol=xtol)
lengths = np.abs(np.diff(run.theta[:, 0]))
print(run)
assert run.stopped_at == run.steps == 10793
assert (lengths > xtol).sum() == 10792 and lengths[-1] <= xtol
np.testing.assert_allclose(run.theta[-1], -0.331667951428822, atol=1e-12, rtol=0)
np.testing.assert_allclose(run.theta[:, 0], points, atol=1e-12, rtol=0)

# %%
# Why it stops short
# ------------------
# The minimum lies at -1/3, and the descent ends 0.0017 to the right of it. That is no rounding error. The stopping
# rule looks at the length of a step, and a step is the learning rate times the slope:
#
# .. math:: |\Delta x| = \eta \, |f'(x)| = 6 \, \eta \, \bigl|x + \tfrac{1}{3}\bigr|
#
# So steps shrink to ``xtol`` where the distance to the minimum is ``xtol / (6 * lr)``, about 0.00167. A short step
# means a small slope or a small learning rate, and the rule cannot tell which.

distance = run.theta[:, 0] + 1 / 3
print(
    f"predicted distance {xtol / (6 * lr):.6f}, before the last step {distance[-2]:.6f}, after it {distance[-1]:.6f}"
)
np.testing.assert_allclose(lengths, lr * 6 * distance[:-1], rtol=1e-6)
np.testing.assert_allclose(distance[-1], xtol / (6 * lr), rtol=1e-3)

# %%
# The chart shows both quantities. Each step shortens the distance by the same factor, :math:`1 - 6 \eta`, so both
# fall as straight lines on a log scale, until the lower one meets the tolerance.

fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ax.semilogy(distance, color=og.SGD.color, lw=2.5, label="distance to the minimum")
ax.semilogy(lengths, color="#0077a8", lw=2.5, ls="--", label="length of the step")
ax.axhline(xtol, color="#8a8f98", lw=1.5, ls=":", label="tolerance")
ax.set(
    title="The step meets the tolerance before the point meets the minimum",
    xlabel="step",
)
ax.legend()
np.testing.assert_allclose(distance[1:] / distance[:-1], 1 - 6 * lr, rtol=1e-9)

# %%
# Watch it
# --------
# One frame for each step, at ten frames per second, would last 18 minutes. A film of every hundredth step is short, but
# it never shows where the descent ends: 10,793 is no multiple of 100. The player below runs through all steps in eleven
# seconds, and you can scrub to any of them. A film saved from it spreads 109 frames evenly, the first on the start and
# the last on the final point.

film = og.animate(
    run,
    panels=("curve", "loss"),
    frames=109,
    fps=10,
    title="f(x) = 3x² + 2x, from 0.75",
)
print(f"all steps: {run.steps / 10 / 60:.1f} minutes; the film: {len(film.steps) / 10:.1f} seconds")
assert run.steps % 100 != 0
assert film.steps[0] == 0 and film.steps[-1] == run.steps
film

# %%
# The point races at first and creeps in the end, because the slope fades as it nears the minimum. The loss beside
# it, drawn as its distance to the lowest value, falls by the same factor in every step.
#
# Next: :ref:`two variables, and a slope that nobody derives by hand
# <sphx_glr_gallery_foundations_plot_hand_written_descent.py>`.
