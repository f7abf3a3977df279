from ..language import row_mean, sqrt
from ..language.matrices import row_zeros
from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class AdamMini(Optimizer):
    """AdamW with one scale for each row of a matrix, so that its second average needs hardly any memory.

    Zhang et al. (2025), as in the authors' code for matrices, whose rows hold the weights of one output each, and for
    biases: a vector has a scale for each number, as with AdamW. The authors give the weights of queries and keys one
    scale for each attention head, by their names; here a row is a row.
    """

    year = 2024
    family = "adaptive"
    repairs = {"AdamW": "its scales take as much memory as the weights"}
    cite = "zhang2025"
    color = "#80e050"
    mixes = "tensor"
    init = {"r": row_zeros}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        r,
        *,
        lr: Rate = 1e-3,
        betas: Decays = (0.9, 0.999),
        eps: Small = 1e-8,
        weight_decay: WeightDecay = 0.0,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient of the loss alone, without any penalty
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        r = beta2 * r + (1 - beta2) * row_mean(g**2)  # EMA of the mean square of every row
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        r_hat = r / (1 - beta2**t)  # likewise
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * m_hat / (sqrt(r_hat) + eps)  # one step size for each row
        return theta, m, r
