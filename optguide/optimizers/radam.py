from ..language import sqrt, where
from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class RAdam(Optimizer):
    """Adam that uses its scale only once enough gradients were seen: a warm-up that follows from the variance.

    Liu et al. (2020), algorithm 2, with the threshold 5 of the authors' code (the listing has 4) and ``eps`` beside the
    uncorrected root, as in `torch.optim.RAdam`, to which it is equal. Before the threshold it is plain momentum.
    """

    year = 2020
    family = "adaptive"
    repairs = {"Adam": "its first steps rest on a scale from too few gradients"}
    cite = "liu2020"
    color = "#489030"

    @staticmethod
    def update(theta, grad, t, m, v, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient: the direction
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square: its root is the scale
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        rho_inf = 2 / (1 - beta2) - 1  # length of a simple mean as old on average as v is in the end
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)  # and as old as v is now
        r = sqrt((rho - 4) * (rho - 2) * rho_inf) / sqrt((rho_inf - 4) * (rho_inf - 2) * rho)  # rectification, 0 to 1
        s = sqrt(1 - beta2**t) / (sqrt(v) + eps)  # one over the scale, its bias undone
        theta = theta - lr * m_hat * where(rho > 5, r * s, 1)  # adapt once enough were seen
        return theta, m, v
