# Written by `make signatures` from the rules. Do not edit.
from collections.abc import Callable
from functools import partial
from typing import Self

from torch.optim.optimizer import ParamsT

from .lookahead import Lookahead as Lookahead
from .optimizer import Optimizer as Optimizer
from .rule import Rule as Rule
from .sam import SAM as SAM

__all__ = [
    "SGD",
    "Momentum",
    "Nesterov",
    "SimplifiedNesterov",
    "AveragedNesterov",
    "WeightedNesterov",
    "SmoothedNesterov",
    "Rprop",
    "Adagrad",
    "AdagradAbs",
    "AdagradNoRoot",
    "AdagradExp",
    "RMSprop",
    "Adadelta",
    "AlmostAdam",
    "Adam",
    "Adamax",
    "NAdam",
    "AMSGrad",
    "RAdam",
    "Yogi",
    "AdaBound",
    "AdamW",
    "NAdamW",
    "Adan",
    "AdamD",
    "AdaBelief",
    "AdaBeliefD",
    "AdaBeliefDEMA",
    "AdaBeliefTEMA",
    "AdaDerivative",
    "AdaBC",
    "AdEMAMix",
    "LaProp",
    "ADOPT",
    "AdamAtan2",
    "StableAdamW",
    "MARS",
    "Adafactor",
    "AdamMini",
    "Signum",
    "Lion",
    "Muon",
    "NorMuon",
    "Shampoo",
    "SOAP",
    "ScheduleFreeSGD",
    "ScheduleFreeAdamW",
    "CautiousAdamW",
    "ASGD",
    "QHM",
    "LAMB",
    "AdamCWD",
    "AggMo",
    "PolyakStep",
    "DoG",
    "Prodigy",
    "DAdaptAdam",
    "BarzilaiBorwein",
    "DoWG",
    "MemorylessBFGS",
    "LBFGS",
    "BFGS",
    "SophiaH",
    "Newton",
]
on_landscapes: list[str]

class SGD(Optimizer):
    """Gradient descent: step against the gradient, in proportion to it."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Momentum(Optimizer):
    """The heavy-ball method: past gradients add up to a velocity, and fade by a constant factor."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        momentum: float = 0.9,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Nesterov(Optimizer):
    """Momentum with a look-ahead: the gradient is taken where the velocity is about to carry the parameters."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        momentum: float = 0.9,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class SimplifiedNesterov(Optimizer):
    """Nesterov's method in the coordinates of its look-ahead points: the gradient is taken at the current point."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        momentum: float = 0.9,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AveragedNesterov(Optimizer):
    """Nesterov's look-ahead made steadier: the mean gradient at one, two and three thirds of the way."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        momentum: float = 0.9,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class WeightedNesterov(Optimizer):
    """Nesterov's look-ahead with weights: gradients on the way count too, the further ahead the more."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        momentum: float = 0.9,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class SmoothedNesterov(Optimizer):
    """Nesterov's look-ahead, smoothed: the mean gradient at four points spread evenly over the way."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        momentum: float = 0.9,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Rprop(Optimizer):
    """Only the sign of the gradient counts; each coordinate keeps a step size that grows until the sign flips."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Adagrad(Optimizer):
    """Every coordinate is divided by the root of the sum of its squared gradients: rare features keep long steps."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdagradAbs(Optimizer):
    """Adagrad that sums magnitudes of gradients instead of their squares."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        eps: float = 1e-10,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        eps: float = 1e-10,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdagradNoRoot(Optimizer):
    """Adagrad without its root: updates shrink so fast that it soon hardly moves."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        eps: float = 1e-10,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        eps: float = 1e-10,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdagradExp(Optimizer):
    """Adagrad with an exponential: updates shrink by e to the power of the sum of squared gradients."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class RMSprop(Optimizer):
    """Every coordinate is divided by the recent size of its gradient: Rprop's idea, made fit for minibatches."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        eps_root: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        eps_root: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Adadelta(Optimizer):
    """RMSprop whose step has the unit of the parameter: the size of past steps takes the place of a learning rate."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        initial_accumulator_value: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        initial_accumulator_value: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AlmostAdam(Optimizer):
    """Adam without bias correction: both EMAs start at zero and nothing makes up for it."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Adam(Optimizer):
    """Momentum, divided per coordinate by the recent size of the gradient."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Adamax(Optimizer):
    """Adam that divides by the largest recent gradient instead of a mean: the limit of a power mean."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class NAdam(Optimizer):
    """Adam with Nesterov's look-ahead: the momentum that the next step will have is already applied now."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        momentum_decay: float = 4e-3,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        momentum_decay: float = 4e-3,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AMSGrad(Optimizer):
    """Adam whose second moment never shrinks: each coordinate is divided by the root of its largest so far."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class RAdam(Optimizer):
    """Adam that uses its scale only once enough gradients were seen: a warm-up that follows from the variance."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Yogi(Optimizer):
    """Adam whose second moment changes by a bounded amount: it falls slowly after large gradients."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-3,
        initial_accumulator_value: float = 1e-6,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-3,
        initial_accumulator_value: float = 1e-6,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdaBound(Optimizer):
    """Adam that turns into plain momentum: each coordinate's step size is kept between two bounds that close in."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        final_lr: float = 0.1,
        gamma: float = 1e-3,
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        final_lr: float = 0.1,
        gamma: float = 1e-3,
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdamW(Optimizer):
    """Adam with weight decay that does not pass through the adaptive scaling."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class NAdamW(Optimizer):
    """AdamW that already applies the momentum of the next step: Nesterov's look-ahead at a constant beta1."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Adan(Optimizer):
    """Adam with Nesterov's look-ahead, made of the change of the gradient since the step before."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float, float] = (0.98, 0.92, 0.99),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float, float] = (0.98, 0.92, 0.99),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdamD(Optimizer):
    """Adam that corrects the bias of the second moment only, and so begins with small steps."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdaBelief(Optimizer):
    """Adam that divides by how far the gradient is from its EMA, not by how large it is."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdaBeliefD(Optimizer):
    """AdaBelief that corrects the bias of the second moment only, as AdamD does for Adam."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdaBeliefDEMA(Optimizer):
    """AdaBelief with an average that hardly lags: twice the EMA, less the EMA of the EMA."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdaBeliefTEMA(Optimizer):
    """AdaBelief with an average that lags even less: three EMAs deep, it follows steady and curved trends."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdaDerivative(Optimizer):
    """Adam that divides by how much the gradient changed since the last step."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdaBC(Optimizer):
    """AdaBelief whose step is kept between a smallest and a largest magnitude, so that it never comes to rest."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        bounds: tuple[float, float] = (0.1, 2.0),
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        bounds: tuple[float, float] = (0.1, 2.0),
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdEMAMix(Optimizer):
    """Adam with a second, far slower average of the gradient added to the first."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float, float] = (0.9, 0.999, 0.9999),
        alpha: float = 5.0,
        alpha_warmup: float = 1,
        beta3_warmup: float = 1,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float, float] = (0.9, 0.999, 0.9999),
        alpha: float = 5.0,
        alpha_warmup: float = 1,
        beta3_warmup: float = 1,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class LaProp(Optimizer):
    """Adam that divides each gradient by its scale first and averages then."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 4e-4,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-15,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 4e-4,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-15,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class ADOPT(Optimizer):
    """Adam that divides each gradient by the scale of those before it, and averages only then."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.9999),
        eps: float = 1e-6,
        clip_value: float = 1.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.9999),
        eps: float = 1e-6,
        clip_value: float = 1.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdamAtan2(Optimizer):
    """Adam with an arc tangent in place of the division, which needs no constant against division by zero."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        a: float = 1.27,
        b: float = 1.0,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        a: float = 1.27,
        b: float = 1.0,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class StableAdamW(Optimizer):
    """AdamW with shorter steps for a tensor whose gradients have outgrown their scale."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class MARS(Optimizer):
    """AdamW on a gradient that is corrected by its change since the step before, and at most one unit long."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 3e-3,
        betas: tuple[float, float] = (0.95, 0.99),
        gamma: float = 0.025,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 3e-3,
        betas: tuple[float, float] = (0.95, 0.99),
        gamma: float = 0.025,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Adafactor(Optimizer):
    """The average of squared gradients as a product of a column and a row, which hardly need any memory."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float, float] = (1e-30, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float, float] = (1e-30, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdamMini(Optimizer):
    """AdamW with one scale for each row of a matrix, so that its second average needs hardly any memory."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Signum(Optimizer):
    """The sign of an average gradient: every coordinate that has had one moves by ``lr`` in every step."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Lion(Optimizer):
    """Only the sign of a momentum: every coordinate that has had a gradient moves by ``lr`` in every step."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Muon(Optimizer):
    """The average gradient of a matrix with its singular values made nearly equal: weak ones get long steps, too."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class NorMuon(Optimizer):
    """Muon whose update has rows of about equal length: each is divided by the length that it usually has."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 0.02,
        weight_decay: float = 0.0,
        momentum: float = 0.95,
        beta2: float = 0.95,
        nesterov: bool = True,
        eps: float = 1e-10,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 0.02,
        weight_decay: float = 0.0,
        momentum: float = 0.95,
        beta2: float = 0.95,
        nesterov: bool = True,
        eps: float = 1e-10,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Shampoo(Optimizer):
    """Adagrad for rows and columns: the gradient between inverse fourth roots of two sums of its squares."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        beta2: float = 1.0,
        eps: float = 1e-6,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        beta2: float = 1.0,
        eps: float = 1e-6,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class SOAP(Optimizer):
    """Adam along the eigenvectors of Shampoo's two matrices, instead of along the entries of the gradient."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 3e-3,
        betas: tuple[float, float] = (0.95, 0.95),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        precondition_frequency: float = 10,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 3e-3,
        betas: tuple[float, float] = (0.95, 0.95),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        precondition_frequency: float = 10,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class ScheduleFreeSGD(Optimizer):
    """Descends with ``z``, averages its path in ``x``, and takes the gradient between the two."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class ScheduleFreeAdamW(Optimizer):
    """AdamW without momentum descends, the answer is the average of its path, and gradients are taken near it."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2.5e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 2.5e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class CautiousAdamW(Optimizer):
    """AdamW that moves only those coordinates whose update agrees with the present gradient, and those the further."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class ASGD(Optimizer):
    """SGD whose result is the average of its iterates, in which their noise cancels."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class QHM(Optimizer):
    """Averages a plain gradient step with a momentum step, so that the memory can be long and the reaction quick."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        momentum: float = 0.999,
        nu: float = 0.7,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        momentum: float = 0.999,
        nu: float = 0.7,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class LAMB(Optimizer):
    """Adam whose step is made as long as a fixed share of the tensor that it moves."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AdamCWD(Optimizer):
    """AdamW that decays a weight only where Adam's update shrinks it, too: the minimum stays where it is."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class AggMo(Optimizer):
    """The mean of several momenta: slow ones are fast along a valley, quick ones damp their swings."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float, float] = (0.0, 0.9, 0.99),
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-3,
        betas: tuple[float, float, float] = (0.0, 0.9, 0.99),
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class PolyakStep(Optimizer):
    """Gradient descent whose step size is the height above the minimum over the squared length of the gradient."""

    def __init__(
        self,
        params: ParamsT,
        f_star: float = 0.0,
        c: float = 1.0,
        eta_max: float = 1e6,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        f_star: float = 0.0,
        c: float = 1.0,
        eta_max: float = 1e6,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class DoG(Optimizer):
    """The step size is the distance from the start, divided by the root of the sum of all squared gradients."""

    def __init__(
        self,
        params: ParamsT,
        reps_rel: float = 1e-6,
        eps: float = 1e-8,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        reps_rel: float = 1e-6,
        eps: float = 1e-8,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Prodigy(Optimizer):
    """Adam whose learning rate is an estimate of the distance to the minimum, which grows out of the gradients."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        d0: float = 1e-6,
        d_coef: float = 1.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        d0: float = 1e-6,
        d_coef: float = 1.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class DAdaptAdam(Optimizer):
    """Adam whose learning rate is an estimate of the distance to the minimum, which only grows."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        d0: float = 1e-6,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        d0: float = 1e-6,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class BarzilaiBorwein(Optimizer):
    """Gradient descent whose step size is the inverse of the curvature that the last step met."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        short: bool = False,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1e-2,
        short: bool = False,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class DoWG(Optimizer):
    """Distance over weighted gradients: DoG, whose early gradients, met near the start, weigh less in the sum."""

    def __init__(
        self,
        params: ParamsT,
        eps: float = 1e-4,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        eps: float = 1e-4,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class MemorylessBFGS(Optimizer):
    """Learns the curvature along its last step from the change of the gradient: L-BFGS with a history of one."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class LBFGS(Optimizer):
    """BFGS from memory: the last few steps, and what each changed in the gradient, in place of the inverse Hessian."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        history_size: float = 10,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        history_size: float = 10,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class BFGS(Optimizer):
    """Learns the inverse Hessian, entry by entry, from how each step changes the gradient."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class SophiaH(Optimizer):
    """The average gradient over the estimated curvature, clipped: its sign where that is too small or negative."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 8.5e-4,
        betas: tuple[float, float] = (0.96, 0.99),
        gamma: float = 0.01,
        eps: float = 1e-12,
        weight_decay: float = 0.1,
        update_interval: float = 10,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 8.5e-4,
        betas: tuple[float, float] = (0.96, 0.99),
        gamma: float = 0.01,
        eps: float = 1e-12,
        weight_decay: float = 0.1,
        update_interval: float = 10,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...

class Newton(Optimizer):
    """A step to where the local parabola is flat: to a minimum, but as well to a maximum or a saddle point."""

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        damping: float = 0.0,
        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
        lr: float = 1.0,
        damping: float = 0.0,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...
