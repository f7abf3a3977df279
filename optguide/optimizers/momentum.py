from .optimizer import Optimizer
from .settings import Inertia, Rate


class Momentum(Optimizer):
    """The heavy-ball method: past gradients add up to a velocity, and fade by a constant factor.

    Polyak (1964), equation (9), in the parametrisation of `torch.optim.SGD`: the velocity is a sum of gradients and the
    learning rate multiplies it as a whole, so changing ``lr`` takes effect at once. With a constant ``lr`` it draws the
    same path as the textbook's ``v = momentum * v + lr * g``.
    """

    year = 1964
    family = "momentum"
    repairs = {"SGD": "it zigzags across a ravine and creeps along it"}
    cite = "polyak1964"
    color = "#e8a33d"

    @staticmethod
    def update(theta, grad, t, v, *, lr: Rate = 1e-3, momentum: Inertia = 0.9):
        g = grad(theta)  # gradient at the current point
        v = momentum * v + g  # velocity: friction on the old one, a push by the gradient
        theta = theta - lr * v  # move with the velocity, not with the gradient
        return theta, v
