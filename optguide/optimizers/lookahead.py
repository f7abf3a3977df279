from typing import Annotated

from ..language import where
from .settings import Count, Share
from .wrapper import Wrapper


class Lookahead(Wrapper):
    """The wrapped rule takes k steps; then the slow weights go part of the way, and it starts again from there.

    Zhang et al. (2019), algorithm 1. The states of the wrapped rule are kept when its weights are set back. The answer
    is the slow weights.
    """

    year = 2019
    family = "wrapper"
    repairs = {"ASGD": "its average comes afterwards and steers nothing"}
    cite = "zhang2019"
    init = {"slow": "theta"}
    answer = "slow"

    @staticmethod
    def update(
        theta,
        grad,
        step,
        t,
        slow,
        *,
        k: Annotated[Count, "steps of the wrapped rule between two synchronizations"] = 5,
        share: Annotated[Share, "share of the way that the slow weights go"] = 0.5,
    ):
        theta = step(theta, grad)  # the fast weights: a step of the wrapped rule
        slow = where(t % k == 0, slow + share * (theta - slow), slow)  # every k steps the slow ones follow
        theta = where(t % k == 0, slow, theta)  # and the fast ones start again from there
        return theta, slow
