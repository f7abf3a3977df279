from torch import norm

from .settings import Radius
from .wrapper import Wrapper


class SAM(Wrapper):
    """Sharpness-aware minimization: the wrapped rule is given the gradient at the worst point nearby.

    Foret et al. (2021), equation (2) and algorithm 1. A wide valley looks much the same from there, a narrow one is
    steep: steps out of narrow ones are longer. Two gradients a step. The length of the gradient is taken over all
    parameters, and 1e-12 is added to it for gradients of zero, as in the implementation davda54/sam.
    """

    year = 2021
    family = "wrapper"
    repairs = {"SGD": "it cannot tell a sharp minimum from a wide one"}
    cite = "foret2021"
    mixes = "model"

    @staticmethod
    def update(theta, grad, step, t, *, rho: Radius = 0.05):
        g = grad(theta)  # gradient at the current point
        eps_hat = rho * g / (norm(g) + 1e-12)  # a step of length rho along the gradient, uphill
        theta = step(theta, lambda x: grad(x + eps_hat))  # the wrapped rule, with gradients from there
        return theta
