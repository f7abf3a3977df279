from torch import sign

from .optimizer import Optimizer
from .settings import Decays, Rate, WeightDecay


class Lion(Optimizer):
    """Only the sign of a momentum: every coordinate that has had a gradient moves by ``lr`` in every step.

    Chen et al. (2023), algorithm 2, found by program search. The blend ``c`` that decides the direction weighs the
    newest gradient more than the momentum ``m`` that is remembered. Weight decay is decoupled.
    """

    year = 2023
    family = "sign"
    repairs = {
        "Signum": "the newest gradient weighs too little in its average",
        "AdamW": "it stores a scale for every weight",
    }
    cite = "chen2023"
    color = "#e8713c"

    @staticmethod
    def update(theta, grad, t, m, *, lr: Rate = 1e-4, betas: Decays = (0.9, 0.99), weight_decay: WeightDecay = 0.0):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        c = beta1 * m + (1 - beta1) * g  # blend that decides the direction
        m = beta2 * m + (1 - beta2) * g  # slower EMA, kept for the next step
        theta = theta - lr * (sign(c) + weight_decay * theta)  # a step of size lr in every coordinate
        return theta, m
