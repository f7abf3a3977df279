"""The rows of the ledger. Each says what differs, between which two, who says so, and what it means for a user.

``a`` is the side that the paper has, where one has it. Settings are equal on both sides, and chosen so that the term
that differs matters: a large eps where its place is the matter, weight decay where that is. To add a row, add it here
and run ``make ledger``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

from .bed import BOTH, MATRIX
from .libraries import Line, Shapes, Side, Thread, by_keras, by_optax, by_torch, distribution, version

#: Whose the formula of the paper is.
PAPER = ("a", "b", "both", "neither", "each", "no paper", "unsettled")


@dataclass(frozen=True)
class Row:
    """One divergence.

    ``about`` is the distance that is expected, in one digit; ``rules`` names what the row belongs to, as the guide does
    where it has the rule. ``equal``: two settings at which both take the same steps. ``unequal``: the one setting that
    is not the same on both sides, as the row is about its default. ``ours``: the guide's rule.
    """

    name: str
    rules: tuple[str, ...]
    differs: str
    a: Side
    b: Side
    about: float
    paper: str
    sources: Sequence[Line | Thread]
    meaning: str
    shapes: Shapes = BOTH
    equal: tuple[Side, Side] | None = None
    unequal: str = ""
    ours: Side | None = None

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError(f"row {self.name!r} needs a source: the line, or the thread, where the difference is seen")
        if self.paper not in PAPER:
            raise ValueError(f"paper of row {self.name!r} must be one of {', '.join(PAPER)}, got {self.paper!r}")
        if self.name in ROWS:
            raise ValueError(f"there are two rows {self.name!r}")
        ROWS[self.name] = self

    @property
    def needs(self) -> tuple[str, ...]:
        """The modules of both sides."""
        return tuple(dict.fromkeys([*self.a.needs, *self.b.needs]))

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(map(distribution, self.needs))

    @property
    def versions(self) -> dict[str, str]:
        return dict(zip(self.packages, map(version, self.needs), strict=True))

    @property
    def installed(self) -> bool:
        return all(map(importlib.util.find_spec, self.needs))


ROWS: dict[str, Row] = {}
LR, EPS = 0.05, 0.05

# --- Differences that discussions call mistakes, or that are at odds with the library's own documentation.

Row(
    "adan-coefficient",
    ("Adan",),
    "the weight of the gradient's change: $β_2$, or $1 - β_2$",
    by_torch("pytorch_optimizer.Adan", lr=LR),
    by_optax("optax.adan", learning_rate=LR, eps_root=0.0),
    2e-1,
    "a",
    [
        Line("optax", "_src/transform.py", "sq = optax.tree.add_scale(g, 1 - b2, diff)"),
        Thread("google-deepmind/optax#1715", "a proposal to change it", open=True),
        Thread("sail-sg/Adan#4", "the author: the betas of the paper are one minus those of the code"),
    ],
    "With the default 0.92 the change of the gradient enters with 0.08 instead of 0.92: what makes Adan differ from"
    " Adam is nearly switched off. `optax.adan(b2=...)` cannot be set to be the paper's rule.",
    ours=by_torch("optguide.Adan", lr=LR),
)
Row(
    "rprop-late",
    ("Rprop",),
    "which step is taken: this one's, or the one before",
    by_torch("torch.optim.Rprop", lr=LR),
    by_optax("optax.rprop", learning_rate=LR),
    5e-1,
    "neither",
    [
        Line("optax", "_src/transform.py", "lambda s, g, prev_g: jnp.where(s < 0, jnp.zeros_like(prev_g), prev_g)"),
        Thread("google-deepmind/optax#1725", "a proposal to change it", open=True),
    ],
    "Every update comes one step late, and the first is zero. After a change of sign two steps are left out instead of"
    " one. The paper also takes the last step back; both leave that out.",
    ours=by_torch("optguide.Rprop", lr=LR),
)
Row(
    "schedule-free-on-torch",
    ("ScheduleFreeAdamW",),
    "whether the point z before the step is copied",
    by_keras("ScheduleFreeAdamW", learning_rate=LR, weight_decay=0.0),
    by_keras("ScheduleFreeAdamW", "torch", learning_rate=LR, weight_decay=0.0),
    5e-2,
    "a",
    [
        Line("keras", "src/optimizers/schedule_free_adamw.py", "momentum_old = momentum.value"),
        Thread("keras-team/keras#22113", "the pull request that added it; no report was found"),
    ],
    "The same class takes other steps on another backend, from the second on. With JAX the line keeps the old values,"
    " with torch it names the variable that the next lines change in place.",
    ours=by_torch("optguide.ScheduleFreeAdamW", lr=LR),
)
Row(
    "sgdw-decay",
    ("SGDW",),
    "what the decay subtracts: $ηλθ$, or $ηλ$",
    by_torch("pytorch_optimizer.SGDW", lr=LR, momentum=0.9, weight_decay=0.1),
    by_torch("torch_optimizer.SGDW", lr=LR, momentum=0.9, weight_decay=0.1),
    8e-2,
    "a",
    [
        Line("torch_optimizer", "sgdw.py", "p.data.add_(weight_decay, alpha=-group['lr'])"),
        Thread("jettify/pytorch-optimizer#454", "a report", open=True),
        Thread("jettify/pytorch-optimizer#455", "a proposal to change it", open=True),
    ],
    "A constant is subtracted from every weight, positive or negative, so weights drift instead of shrinking. The last"
    " release is of 2021.",
)
Row(
    "shampoo-exponent",
    ("Shampoo",),
    "the power of each preconditioner: -1/4, or -1/2; and the second is fed the gradient that the first has changed",
    by_torch("pytorch_optimizer.Shampoo", lr=LR, matrix_eps=1e-4),
    by_torch("torch_optimizer.Shampoo", lr=LR, epsilon=1e-4),
    1e-1,
    "a",
    [
        Line("torch_optimizer", "shampoo.py", "inv_precond.copy_(_matrix_power(precond, -1 / order))"),
        Thread("jettify/pytorch-optimizer#502", "a report", open=True),
        Thread("moskomule/shampoo.pytorch#2", "the same question about the code that it was taken from", open=True),
    ],
    "The steps have another length and another direction. A learning rate tuned for one does not carry over.",
    (MATRIX,),
)
Row(
    "lookahead-first-pull",
    ("Lookahead",),
    "where the slow weights start: at the first point, or where the first step leads",
    by_torch("torch.optim.SGD", around=("pytorch_optimizer.Lookahead", {"k": 5, "alpha": 0.5}), lr=LR),
    by_torch("torch.optim.SGD", around=("torch_optimizer.Lookahead", {"k": 5, "alpha": 0.5}), lr=LR),
    2e-1,
    "a",
    [
        Line("torch_optimizer", "lookahead.py", "param_state['slow_param'] = torch.clone(fast.data).detach()"),
    ],
    "They start at the first point but one, and pull back after steps 6, 11, 16 instead of 5, 10, 15.",
)
Row(
    "lookahead-first-pull-timm",
    ("Lookahead",),
    "where the slow weights start: at the first point, or where the first `k` steps lead",
    by_torch("torch.optim.SGD", around=("pytorch_optimizer.Lookahead", {"k": 5, "alpha": 0.5}), lr=LR),
    by_torch("torch.optim.SGD", around=("timm.optim.Lookahead", {"k": 5, "alpha": 0.5}), lr=LR),
    2e-1,
    "a",
    [Line("timm", "optim/lookahead.py", "param_state['lookahead_slow_buff'].copy_(fast_p)")],
    "The first pull back does nothing.",
)

# --- Variants: one name, several formulas, each with its reason.

Row(
    "nadam-schedule",
    ("NAdam",),
    "the momentum of the look ahead: $β_1 (1 - 0.96^{ψt}/2)$ with $ψ = 0.004$, or $β_1$",
    by_torch("torch.optim.NAdam", lr=LR),
    by_optax("optax.nadam", learning_rate=LR),
    2e-1,
    "a",
    [
        Line("torch", "optim/nadam.py", "mu = beta1 * (1.0 - 0.5 * (0.96 ** (step * momentum_decay)))"),
        Line("optax", "_src/transform.py", "optax.tree.bias_correction(mu, b1,"),
        Thread("rwth-i6/returnn#1440", "three libraries compared", open=True),
    ],
    "With the schedule, the momentum starts at half of $β_1$ and takes thousands of steps to get there. Without it,"
    " NAdam is Adam with one look ahead.",
    ours=by_torch("optguide.NAdam", lr=LR),
)
Row(
    "nadam-psi",
    ("NAdam",),
    "how fast the momentum grows: $ψ = 0.004$, or 1",
    by_torch("torch.optim.NAdam", lr=LR, eps=1e-7),
    by_keras("Nadam", learning_rate=LR),
    5e-2,
    "a",
    [
        Line("torch", "optim/nadam.py", "mu = beta1 * (1.0 - 0.5 * (0.96 ** (step * momentum_decay)))"),
        Line("keras", "src/optimizers/nadam.py", "- 0.5 * ops.power(0.96, ops.cast(self.iterations + 1, dtype))"),
        Thread("pytorch/pytorch#59009", "where the default was chosen"),
    ],
    "`torch.optim.NAdam(momentum_decay=1)` takes the steps of Keras.",
    equal=(
        by_torch("torch.optim.NAdam", lr=LR, eps=1e-7, momentum_decay=1.0),
        by_keras("Nadam", learning_rate=LR),
    ),
    ours=by_torch("optguide.NAdam", lr=LR, eps=1e-7),
)
Row(
    "nadamw-debias",
    ("NAdamW",),
    "how the look ahead is corrected: $m$ by $1 - β_1^{t+1}$ and $g$ by $1 - β_1^t$, or both by $1 - β_1^t$",
    by_optax("optax.nadamw", learning_rate=LR, weight_decay=0.01),
    by_torch("timm.optim.NAdamW", lr=LR, weight_decay=0.01),
    7e-2,
    "a",
    [
        Line("optax", "_src/transform.py", "optax.tree.bias_correction(mu, b1,"),
        Line("timm", "optim/nadamw.py", "exp_avg = exp_avg.lerp(grad, 1 - beta1)"),
    ],
    "The first step is 1.47 learning rates long with one, 1.9 with the other. timm has the code of the benchmark"
    " AlgoPerf.",
    ours=by_torch("optguide.NAdamW", lr=LR, weight_decay=0.01),
)
Row(
    "lamb-debias",
    ("LAMB",),
    "whether both averages are corrected for their start at zero",
    by_optax("optax.lamb", learning_rate=LR, weight_decay=0.1),
    by_torch("torch_optimizer.Lamb", lr=LR, weight_decay=0.1),
    6e-2,
    "both",
    [
        Line("torch_optimizer", "lamb.py", "# Paper v3 does not use debiasing."),
        Thread("stockeh/mlx-optimizers#39", "the algorithm has it, an appendix allows to leave it out"),
    ],
    "The step's length is normalised anyway. What changes is how much weight decay counts beside the gradient in the"
    " first steps.",
    ours=by_torch("optguide.LAMB", lr=LR, weight_decay=0.1),
)
Row(
    "lamb-debias-rate",
    ("LAMB",),
    "what `debias=True` scales: the averages, or the learning rate",
    by_optax("optax.lamb", learning_rate=LR, weight_decay=0.1),
    by_torch("torch_optimizer.Lamb", lr=LR, weight_decay=0.1, debias=True),
    8e-1,
    "a",
    [
        Line("torch_optimizer", "lamb.py", "step_size = group['lr'] * bias_correction"),
        Thread("jettify/pytorch-optimizer#443", "a report", open=True),
    ],
    "The correction is meant for averages inside a step that is normalised afterwards. Applied to the learning rate, it"
    " makes the first steps a third as long.",
    ours=by_torch("optguide.LAMB", lr=LR, weight_decay=0.1),
)
Row(
    "lamb-clip",
    ("LAMB",),
    "whether gradients are clipped to a total length of 1 first",
    by_optax("optax.lamb", learning_rate=LR, weight_decay=0.1),
    by_torch("timm.optim.Lamb", lr=LR, weight_decay=0.1),
    8e-2,
    "a",
    [Line("timm", "optim/lamb.py", "max_grad_norm: Optional[float] = 1.0,")],
    "With `max_grad_norm=None` both are equal.",
    equal=(
        by_optax("optax.lamb", learning_rate=LR, weight_decay=0.1),
        by_torch("timm.optim.Lamb", lr=LR, weight_decay=0.1, max_grad_norm=None),
    ),
    ours=by_torch("optguide.LAMB", lr=LR, weight_decay=0.1),
)
Row(
    "lamb-rate",
    ("LAMB",),
    "what is corrected for the start at zero: both averages, or the length of the step, by $1 - β_1^t$",
    by_optax("optax.lamb", learning_rate=LR, weight_decay=0.1),
    by_torch("pytorch_optimizer.Lamb", lr=LR, weight_decay=0.1, weight_decouple=False),
    1e0,
    "a",
    [Line("pytorch_optimizer", "optimizer/lamb.py", "adam_debias=group.get('adam_debias', False),")],
    "The step has its length already when it is divided by $1 - β_1^t$, so the first is ten times as long as the"
    " learning rate says. With `adam_debias=True` nothing is corrected: these are the steps of `torch_optimizer.Lamb`,"
    " to 1e-7. And unless `weight_decouple=False` the decay is no part of what is normalised.",
    ours=by_torch("optguide.LAMB", lr=LR, weight_decay=0.1),
)
Row(
    "schedule-free-debias",
    ("ScheduleFreeAdamW",),
    "where the second moment's correction stands: in the denominator, or in the learning rate",
    by_torch("schedulefree.AdamWScheduleFree", lr=LR),
    by_torch("schedulefree.AdamWScheduleFreePaper", lr=LR),
    1e-1,
    "b",
    [
        Line("schedulefree", "adamw_schedulefree_paper.py", "lr = group['lr']*sched*math.sqrt(bias_correction2)"),
        Line("schedulefree", "adamw_schedulefree.py", "lr = group['lr']*sched"),
    ],
    "Points are averaged with weights that grow with the learning rate. In the paper's form the correction is part of"
    " it, so early points count less. The authors' package changed its default in version 1.3 and keeps both.",
    ours=by_torch("optguide.ScheduleFreeAdamW", lr=LR),
)
Row(
    "schedule-free-warm-up",
    ("ScheduleFreeAdamW",),
    "the first warm-up step: $η/n$, or 0",
    by_torch("schedulefree.AdamWScheduleFree", lr=LR, warmup_steps=10),
    by_optax("optax.contrib.schedule_free_adamw", learning_rate=LR, warmup_steps=10),
    4e-2,
    "a",
    [
        Line("schedulefree", "adamw_schedulefree.py", "sched = (k+1) / warmup_steps"),
        Line("optax", "contrib/_schedule_free.py", "learning_rate = _schedule.warmup_constant_schedule("),
    ],
    "The whole warm-up is one step late. Without warm-up both are equal.",
    equal=(
        by_torch("schedulefree.AdamWScheduleFree", lr=LR),
        by_optax("optax.contrib.schedule_free_adamw", learning_rate=LR),
    ),
)
Row(
    "adopt-clip",
    ("ADOPT",),
    "the bound of the clip: $(t - 1)^{1/4}$, or $t^{1/4}$",
    by_optax("optax.contrib.adopt", learning_rate=LR),
    by_torch("pytorch_optimizer.ADOPT", lr=LR),
    2e-2,
    "a",
    [
        Line("pytorch_optimizer", "optimizer/adopt.py", "clip = self.clip_lambda(group['step'])"),
    ],
    "A few early steps are up to a fifth longer.",
    ours=by_torch("optguide.ADOPT", lr=LR),
)
Row(
    "adopt-exponent",
    ("ADOPT",),
    "the exponent of the clip: 1/4, or 0.333",
    by_optax("optax.contrib.adopt", learning_rate=LR),
    by_torch("timm.optim.Adopt", lr=LR),
    1e-1,
    "a",
    [Line("timm", "optim/adopt.py", "clip_exp: Optional[float] = 0.333,")],
    "`timm.optim.Adopt(clip_exp=0.25)` is the authors' rule.",
    equal=(
        by_optax("optax.contrib.adopt", learning_rate=LR),
        by_torch("timm.optim.Adopt", lr=LR, clip_exp=0.25),
    ),
    ours=by_torch("optguide.ADOPT", lr=LR),
)
Row(
    "muon-scale",
    ("Muon",),
    "the factor for a matrix that is not square: $\\sqrt{\\max(1, rows/columns)}$, or with both exchanged",
    by_torch("torch.optim.Muon", lr=LR, weight_decay=0.0),
    by_optax("optax.contrib.muon", learning_rate=LR, eps=1e-7),
    2e-1,
    "both",
    [
        Line("torch", "optim/_muon.py", "adjusted_ratio = math.sqrt(max(1, A / B))"),
        Line("optax", "contrib/_muon.py", "scale = jnp.sqrt(jnp.maximum(1, fan_out / fan_in))"),
        Thread("google-deepmind/optax#1249", "the convention explained"),
    ],
    "torch stores a layer as outputs x inputs, Flax as inputs x outputs: for a layer both mean the same. It matters for"
    " a matrix that is given to the other library as it is.",
    (MATRIX,),
)
Row(
    "muon-precision",
    ("Muon",),
    "the precision of Newton-Schulz: that of the parameter, or bfloat16",
    by_keras("Muon", learning_rate=LR, weight_decay=0.0),
    by_torch("torch.optim.Muon", lr=LR, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
    3e-3,
    "b",
    [
        Line("torch", "optim/_muon.py", "ortho_grad = grad.bfloat16()"),
        Thread("pytorch/pytorch#160213", "the review in which precision was discussed"),
    ],
    "The factor that takes the place of the singular values has two or three correct digits. That is the author's"
    " choice, for speed; it makes float64 tests of torch's Muon impossible.",
    (MATRIX,),
)
Row(
    "muon-debias",
    ("Muon",),
    "whether the look ahead corrects its average: $βm + (1 - β)g$, or each term divided by its bias",
    by_keras("Muon", learning_rate=LR, weight_decay=0.0),
    by_optax("optax.contrib.muon", learning_rate=LR, eps=1e-7, consistent_rms=0.2),
    3e-3,
    "a",
    [
        Line("keras", "src/optimizers/muon.py", "g = ops.add(gradient, self.momentum * m)"),
        Line("optax", "contrib/_muon.py", "optax.tree.bias_correction(updates, beta, count_inc),"),
    ],
    "The step's length is normalised afterwards, so only its direction changes, in the first steps. Without Nesterov"
    " both are equal to 5e-8, which is the small number that Keras adds to a norm.",
    (MATRIX,),
    equal=(
        by_keras("Muon", learning_rate=LR, weight_decay=0.0, nesterov=False),
        by_optax("optax.contrib.muon", learning_rate=LR, eps=1e-7, consistent_rms=0.2, nesterov=False),
    ),
)
Row(
    "rmsprop-eps",
    ("RMSprop",),
    "where eps stands: $\\sqrt{v} + ε$, or $\\sqrt{v + ε}$",
    by_torch("torch.optim.RMSprop", lr=LR, alpha=0.9, eps=EPS),
    by_optax("optax.rmsprop", learning_rate=LR, decay=0.9, eps=EPS),
    1e-1,
    "no paper",
    [
        Line("optax", "_src/transform.py", "scaling = jax.tree.map(lambda n: jax.lax.rsqrt(n + eps), nu_hat)"),
        Thread("pytorch/pytorch#23796", "models that some could not carry over"),
        Thread("jax-ml/jax#1427", "why JAX changed sides: reinforcement learning uses a very large eps"),
    ],
    "An eps of 1e-8 in the root is one of 1e-4 outside. With `eps_in_sqrt=False` optax takes torch's steps; Keras and"
    " TensorFlow have eps in the root.",
    equal=(
        by_torch("torch.optim.RMSprop", lr=LR, alpha=0.9, eps=EPS),
        by_optax("optax.rmsprop", learning_rate=LR, decay=0.9, eps=EPS, eps_in_sqrt=False),
    ),
    ours=by_torch("optguide.RMSprop", lr=LR, alpha=0.9, eps=EPS),
)
Row(
    "rmsprop-start",
    ("RMSprop",),
    "where the average of squares starts: 0, or 1",
    by_optax("optax.rmsprop", learning_rate=LR, decay=0.9, eps=EPS),
    by_torch("timm.optim.RMSpropTF", lr=LR, alpha=0.9, eps=EPS),
    3e-1,
    "no paper",
    [
        Line("timm", "optim/rmsprop_tf.py", "torch.ones_like(p"),
    ],
    "From 0 the first step is $1/\\sqrt{1 - α}$ learning rates long, about 3; from 1 it is short. timm has"
    " the start at 1 from TensorFlow, for models whose training was first published there.",
)
Row(
    "rmsprop-centered",
    ("RMSprop",),
    "where eps stands in the centered form: $\\sqrt{v - m^2} + ε$, or $\\sqrt{v - m^2 + ε}$",
    by_torch("torch.optim.RMSprop", lr=LR, alpha=0.9, eps=EPS, centered=True),
    by_optax("optax.rmsprop", learning_rate=LR, decay=0.9, eps=EPS, centered=True),
    2e-1,
    "b",
    [
        Line("optax", "_src/transform.py", "lambda m, n: jax.lax.rsqrt(n - abs_sq(m) + eps),"),
        Line("torch", "optim/rmsprop.py", "avg = square_avg.addcmul(grad_avg, grad_avg, value=-1).sqrt_()"),
    ],
    "Under a steady gradient the variance goes to zero and eps alone bounds the step: at $ηg/ε$ or at $ηg/\\sqrt{ε}$.",
)
Row(
    "adam-eps",
    ("Adam",),
    "beside which root eps stands: that of the corrected average, or of the raw one",
    by_torch("torch.optim.Adam", lr=LR, eps=EPS),
    by_keras("Adam", learning_rate=LR, epsilon=EPS),
    4e-1,
    "a",
    [
        Line("keras", "src/optimizers/adam.py", "alpha = lr * ops.sqrt(1 - beta_2_power) / (1 - beta_1_power)"),
        Thread("google-deepmind/optax#571", "found when a training run was to be repeated elsewhere", open=True),
        Thread("tensorflow/tensorflow#9047", "the same in TensorFlow, and the reply"),
    ],
    'The paper has both: algorithm 1 and, as a faster form, the other with an "epsilon hat". Keras documents that it'
    " means the second. In the first step eps counts $1/\\sqrt{1 - β_2}$, about 32 times as much. With a tiny eps"
    " nothing changes.",
    ours=by_torch("optguide.Adam", lr=LR, eps=EPS),
)
Row(
    "asgd-name",
    ("ASGD",),
    "the algorithm: SGD whose iterates are averaged, or SGD whose learning rate follows the local curvature",
    by_torch("torch.optim.ASGD", lr=LR),
    by_torch("pytorch_optimizer.ASGD", lr=LR),
    8e-2,
    "each",
    [
        Line("pytorch_optimizer", "optimizer/sgd.py", "Adaptive SGD with estimation of the local smoothness"),
        Line("torch", "optim/asgd.py", "Implements Averaged Stochastic Gradient Descent"),
    ],
    "Two algorithms share a name. Both are what their own documentation says.",
    ours=by_torch("optguide.ASGD", lr=LR),
)
Row(
    "dowg-variant",
    ("DoWG",),
    "one distance for all parameters, or one for each coordinate with gradients clipped to 0.5",
    by_optax("optax.contrib.dowg"),
    by_torch("dowg.CoordinateDoWG"),
    2e0,
    "a",
    [Line("dowg", "CoordinateDoWG.py", "gt_hat = rt2 * grad.clamp(-group['clip'], group['clip'])")],
    "The package of this name on PyPI holds a variant by others, in float32; the authors' own is called `dowgopt`.",
    ours=by_torch("optguide.DoWG"),
)
Row(
    "mechanic-start",
    ("Mechanic",),
    "what the scale starts from, and whether the measured gain is clipped",
    by_torch("torch.optim.SGD", made="mechanic_pytorch.mechanize", lr=1.0),
    by_optax("optax.sgd", learning_rate=1.0, around=("optax.contrib.mechanize", {"weight_decay": 0.01})),
    1e-1,
    "a",
    [Line("optax", "contrib/_mechanic.py", "clipped_h = jax.lax.clamp(-state.m, jnp.ones_like(state.m) * h, state.m)")],
    "optax notes in its code that the clip was added after the paper.",
    unequal="wrapper's s_init",
)
Row(
    "lars-denominator",
    ("LARS",),
    "the length that the trust ratio divides by: $|g| + λ|θ|$, or $|g + λθ|$",
    by_torch("timm.optim.Lars", lr=LR, momentum=0.9, weight_decay=0.1, trust_coeff=1.0, eps=0.0, always_adapt=True),
    by_optax("optax.lars", learning_rate=LR, momentum=0.9, weight_decay=0.1, trust_coefficient=1.0),
    2e-1,
    "a",
    [
        Line("timm", "optim/lars.py", "g_norm + w_norm * weight_decay"),
        Line("optax", "_src/alias.py", "transform.add_decayed_weights(weight_decay, mask=weight_decay_mask)"),
    ],
    "Without weight decay both are equal.",
    equal=(
        by_torch("timm.optim.Lars", lr=LR, momentum=0.9, trust_coeff=1.0, eps=0.0, always_adapt=True),
        by_optax("optax.lars", learning_rate=LR, momentum=0.9, trust_coefficient=1.0),
    ),
)
Row(
    "lars-vectors",
    ("LARS",),
    "whether vectors are scaled like matrices",
    by_torch("timm.optim.Lars", lr=LR, momentum=0.9, weight_decay=0.1, trust_coeff=1.0, eps=0.0, always_adapt=True),
    by_torch("pytorch_optimizer.LARS", lr=LR, momentum=0.9, weight_decay=0.1, trust_coefficient=1.0),
    3e-1,
    "unsettled",
    [Line("pytorch_optimizer", "optimizer/lars.py", "if p.ndim > 1:")],
    "In `pytorch_optimizer` biases and gains take plain momentum steps without decay, at the same learning rate: with"
    " the large rates that LARS is run at, these are the steps to look at.",
)
Row(
    "momentum-rate",
    ("Momentum",),
    "where the learning rate stands: outside the velocity, or in it",
    by_torch("torch.optim.SGD", schedule="linear", lr=LR, momentum=0.9),
    by_keras("SGD", schedule="linear", learning_rate=LR, momentum=0.9),
    4e-1,
    "b",
    [
        Line("keras", "src/optimizers/sgd.py", "ops.multiply(gradient, learning_rate),"),
        Thread("pytorch/pytorch#1099", "torch documents the difference since then"),
        Thread("cjlin1/simpleNN#7", "the same between two optimizers of TensorFlow", open=True),
    ],
    "With a constant learning rate both take the same path. When it falls, here in a straight line to zero, steps that"
    " were already under way keep their size in Keras, and shrink at once in torch.",
    equal=(
        by_torch("torch.optim.SGD", lr=LR, momentum=0.9),
        by_keras("SGD", learning_rate=LR, momentum=0.9),
    ),
    ours=by_torch("optguide.Momentum", schedule="linear", lr=LR, momentum=0.9),
)
Row(
    "adafactor-factored",
    ("Adafactor",),
    "from which size on a matrix's second moment is factored: always, or from 128 rows and columns",
    by_torch("torch.optim.Adafactor", lr=LR),
    by_optax("optax.adafactor", learning_rate=LR),
    2e-1,
    "a",
    [
        Line("optax", "_src/alias.py", "min_dim_size_to_factor: int = 128,"),
        Thread("huggingface/transformers#14830", "another library without the threshold", open=True),
    ],
    "Small matrices keep a second moment for each entry in optax, as in a later library of its author's company, Mesh"
    " TensorFlow; the code that the paper names factors every matrix. With"
    " `min_dim_size_to_factor=1` both are equal to 5e-9.",
    equal=(
        by_torch("torch.optim.Adafactor", lr=LR),
        by_optax("optax.adafactor", learning_rate=LR, min_dim_size_to_factor=1),
    ),
    ours=by_torch("optguide.Adafactor", lr=LR),
)
Row(
    "adagrad-eps",
    ("Adagrad",),
    "where eps stands: $\\sqrt{s} + ε$, or $\\sqrt{s + ε}$",
    by_torch("torch.optim.Adagrad", lr=LR, eps=EPS),
    by_optax("optax.adagrad", learning_rate=LR, eps=EPS, initial_accumulator_value=0.0),
    1e-2,
    "a",
    [
        Line("optax", "_src/transform.py", "lambda t: jnp.where(t > 0, jax.lax.rsqrt(t + eps), 0.0), sum_of_squares"),
        Thread("keras-team/tf-keras#315", "the same asked of Keras"),
    ],
    "The paper adds a constant to the root. optax and Keras also start the sum at 0.1; here both start at 0. With a"
    " tiny eps only the start remains.",
    ours=by_torch("optguide.Adagrad", lr=LR, eps=EPS),
)
Row(
    "amsgrad-order",
    ("AMSGrad",),
    "what the maximum is taken of: the raw average, or the corrected one",
    by_torch("torch.optim.Adam", lr=LR, amsgrad=True),
    by_optax("optax.amsgrad", learning_rate=LR),
    3e-1,
    "neither",
    [
        Line("torch", "optim/adam.py", "torch.maximum(max_exp_avg_sqs[i], exp_avg_sq, out=max_exp_avg_sqs[i])"),
        Line("optax", "_src/transform.py", "nu_max = jax.tree.map(jnp.maximum, state.nu_max, nu_eff)"),
        Thread("google-deepmind/optax#1389", "a report: models train a little worse than with torch"),
        Thread("pytorch/pytorch#142323", "until 2024 torch's documentation said what optax does"),
    ],
    "The corrected average is largest at the very start, where it is one gradient squared: the maximum of optax may"
    " stay there for good. The paper corrects nothing. With `bias_correction_nu=False` the maximum is of raw"
    " averages, too.",
    ours=by_torch("optguide.AMSGrad", lr=LR),
)
Row(
    "prodigy-correction",
    ("Prodigy",),
    "whether averages are corrected for their start at zero",
    by_torch("prodigyopt.Prodigy"),
    by_optax("optax.contrib.prodigy"),
    2e0,
    "a",
    [
        Line("prodigyopt", "prodigy.py", "use_bias_correction=False, safeguard_warmup=False,"),
        Line("optax", "contrib/_prodigy.py", "bc = "),
    ],
    "In the authors' package the correction is an option, off by default and advised for diffusion models; in optax"
    " it is always on. It makes the early steps a third as long, so the estimate of the distance grows later: after"
    " 30 steps one has moved by 2.4, the other by 0.08. With `use_bias_correction=True` both are equal.",
    equal=(by_torch("prodigyopt.Prodigy", use_bias_correction=True), by_optax("optax.contrib.prodigy")),
    ours=by_torch("optguide.Prodigy"),
)
Row(
    "d-adaptation-correction",
    ("DAdaptAdam",),
    "whether averages are corrected for their start at zero",
    by_torch("dadaptation.DAdaptAdam", decouple=True),
    by_optax("optax.contrib.dadapt_adamw"),
    2e0,
    "a",
    [
        Line("dadaptation", "dadapt_adam.py", "use_bias_correction=False"),
        Line("optax", "contrib/_dadapt_adamw.py", "bc = "),
    ],
    "As with Prodigy. With `use_bias_correction=True` both are equal.",
    equal=(
        by_torch("dadaptation.DAdaptAdam", decouple=True, use_bias_correction=True),
        by_optax("optax.contrib.dadapt_adamw"),
    ),
    ours=by_torch("optguide.DAdaptAdam"),
)
Row(
    "radam-first-steps",
    ("RAdam",),
    "the first steps, while the variance cannot be told: momentum, or none",
    by_torch("torch.optim.RAdam", lr=LR),
    by_torch("pytorch_optimizer.RAdam", lr=LR),
    4e-1,
    "a",
    [
        Line("pytorch_optimizer", "optimizer/radam.py", "degenerated_to_sgd: bool = False,"),
        Thread("juntang-zhuang/Adabelief-Optimizer#25", "what the setting is for"),
    ],
    "With the default $β_2$ the first five steps are left out. With `degenerated_to_sgd=True` both are equal.",
    equal=(
        by_torch("torch.optim.RAdam", lr=LR),
        by_torch("pytorch_optimizer.RAdam", lr=LR, degenerated_to_sgd=True),
    ),
    ours=by_torch("optguide.RAdam", lr=LR),
)
Row(
    "adabelief-rectify",
    ("AdaBelief",),
    "whether the step is rectified as in RAdam",
    by_optax("optax.adabelief", learning_rate=LR),
    by_torch("adabelief_pytorch.AdaBelief", lr=LR, print_change_log=False),
    1e0,
    "a",
    [Line("adabelief_pytorch", "AdaBelief.py", "rectify=True")],
    "The authors' package rectifies unless it is told not to; the algorithm of their paper does not. With"
    " `rectify=False` both are equal.",
    equal=(
        by_optax("optax.adabelief", learning_rate=LR),
        by_torch("adabelief_pytorch.AdaBelief", lr=LR, rectify=False, print_change_log=False),
    ),
    ours=by_torch("optguide.AdaBelief", lr=LR),
)
Row(
    "cautious-scale",
    ("CautiousAdamW", "Lion"),
    "what the masked step is multiplied by: $n/k$, or $n/(k + 1)$, where $k$ of $n$ entries are kept",
    by_torch("timm.optim.Lion", lr=LR, caution=True),
    by_torch("pytorch_optimizer.Lion", lr=LR, cautious=True),
    3e-1,
    "both",
    [
        Line("timm", "optim/lion.py", "mask.div_(mask.mean().clamp_(min=1e-3))"),
        Line("pytorch_optimizer", "base/optimizer.py", "mask.mul_(mask.numel() / (mask.sum() + 1))"),
    ],
    "The authors' repository has both. For a tensor of millions of entries they are the same; for a bias of five"
    " they are not, and for a point in a plane one step is 1 and the other 2/3 of Lion's.",
)
Row(
    "mars-reference",
    ("MARS",),
    "whether the last gradient is copied, or kept by reference",
    by_torch("pytorch_optimizer.MARS", lr=LR, gamma=0.5, weight_decay=0.0, eps=1e-30, cleared=False),
    by_torch("ledger.authors.MARS", lr=LR, gamma=0.5, cleared=False),
    1e0,
    "a",
    [
        Line("pytorch_optimizer", "optimizer/mars.py", "torch._foreach_copy_(state['last_grad'], grads)"),
        Thread("huggingface/pytorch-image-models#2786", "the same in timm, which copies since then"),
    ],
    "`zero_grad(set_to_none=False)` clears a gradient in place, and the next is written into the same tensor: then the"
    " last gradient is the present one, and the correction that MARS is about is zero. With torch's default, which"
    " lets go of the gradient, both agree.",
    (MATRIX,),
    equal=(
        by_torch("ledger.authors.MARS", lr=LR, gamma=0.5, cleared=False),
        by_torch("ledger.authors.MARS", lr=LR, gamma=0.0),
    ),
    ours=by_torch("optguide.MARS", lr=LR, gamma=0.5, eps=1e-30, cleared=False),
)
Row(
    "mars-first-step",
    ("MARS",),
    "the first step's correction: $g - 0$ weighted by $γβ_1/(1 - β_1)$, or none",
    by_torch("ledger.authors.MARS", lr=LR, scale=0.1),
    by_torch("timm.optim.Mars", lr=LR, betas=(0.95, 0.99), weight_decay=0.0, scale=0.1),
    6e-2,
    "unsettled",
    [Line("timm", "optim/mars.py", "this is a timm addition, making first step more consistent")],
    "The authors' code takes zero for the gradient before the first, so the first correction is the gradient itself,"
    " times 0.475 by default. Adam's first step is as long either way; its averages differ. Gradients that are longer"
    " than 1, which both cut to that length, hide the difference: then both are equal.",
    (MATRIX,),
    equal=(
        by_torch("ledger.authors.MARS", lr=LR),
        by_torch("timm.optim.Mars", lr=LR, betas=(0.95, 0.99), weight_decay=0.0),
    ),
    ours=by_torch("optguide.MARS", lr=LR, scale=0.1),
)
Row(
    "mars-eps",
    ("MARS",),
    "beside which root eps stands: that of the corrected average, or of the raw one",
    by_torch("optguide.MARS", lr=LR, weight_decay=0.0, eps=EPS),
    by_torch("pytorch_optimizer.MARS", lr=LR, weight_decay=0.0, eps=EPS),
    2e-1,
    "a",
    [Line("pytorch_optimizer", "optimizer/mars.py", "de_nom.div_(bias_correction2_sq).mul_(bias_correction1)")],
    "In the first step eps counts $1/\\sqrt{1 - β_2}$, ten times as much. With a tiny eps nothing changes. The guide's"
    " rule has the authors' place.",
    (MATRIX,),
    ours=by_torch("optguide.MARS", lr=LR, weight_decay=0.0, eps=EPS),
)
Row(
    "asam-scale",
    ("SAM",),
    "the scale of a weight in adaptive SAM: $|θ| + 0.01$ and 1 for a bias, or $|θ|$ for all",
    by_torch("ledger.authors.ASAM", lr=LR, rho=0.5),
    by_torch("pytorch_optimizer.SAM", base_optimizer="torch.optim.SGD", lr=LR, rho=0.5, adaptive=True),
    1e-1,
    "unsettled",
    [
        Line("pytorch_optimizer", "optimizer/sam.py", "torch.pow(p, 2) if group['adaptive'] else 1.0"),
        Thread("davda54/sam#81", "the same asked of the code that many versions follow"),
    ],
    "Biases are looked at further away in the authors' code, and a weight of zero is moved a little instead of not at"
    " all. For a matrix alone, and without the 0.01, both are equal to 2e-9.",
)
Row(
    "tiger-length",
    ("Tiger",),
    "how long a step is: $η$ times the root mean square of the tensor, half of $η$ for a bias; or $η$",
    by_torch("ledger.authors.Tiger", lr=LR, weight_decay=0.1),
    by_torch("pytorch_optimizer.Tiger", lr=LR, weight_decay=0.1),
    8e-1,
    "no paper",
    [Line("pytorch_optimizer", "optimizer/tiger.py", "updates = torch._foreach_sign(exp_avgs)")],
    "The author describes both lengths in his code, by the names of the weights, and leaves biases without decay."
    " `pytorch_optimizer` has one length for all: the steps of Signum with its momentum.",
    equal=(
        by_torch("pytorch_optimizer.Tiger", lr=LR, weight_decay=0.0),
        by_torch("optguide.Signum", lr=LR, weight_decay=0.0, momentum=0.965),
    ),
)
Row(
    "soap-bases",
    ("SOAP",),
    "the next bases: eigenvectors computed anew, or the old ones multiplied by the matrix once and made orthogonal",
    by_torch("optguide.SOAP", lr=LR),
    by_torch("pytorch_optimizer.SOAP", lr=LR),
    8e-2,
    "b",
    [Line("pytorch_optimizer", "optimizer/soap.py", "q, _ = torch.linalg.qr(power_iter.to(torch.float32))")],
    "One multiplication and one QR decomposition are cheaper than an eigendecomposition, and enough where the matrix"
    " changes slowly. They also run in float32, whatever the weights have. Until the bases change for the second time"
    " both are equal.",
    (MATRIX,),
    equal=(
        by_torch("optguide.SOAP", lr=LR, precondition_frequency=1000),
        by_torch("pytorch_optimizer.SOAP", lr=LR, precondition_frequency=1000),
    ),
    ours=by_torch("optguide.SOAP", lr=LR),
)
Row(
    "d-adaptation-first-length",
    ("DAdaptSGD",),
    "whether the length of the first gradient, by which all steps are divided, has the weight decay in it",
    by_torch("dadaptation.DAdaptSGD", momentum=0.9, penalty=0.5),
    by_torch("dadaptation.DAdaptSGD", momentum=0.9, weight_decay=0.5),
    1e0,
    "unsettled",
    [Line("dadaptation", "dadapt_sgd.py", "grad.add(p.data, alpha=decay)")],
    "The line makes a sum that is not kept; `add_` would keep it. All later steps have the decay. One side here is"
    " given the sum as its gradient instead. The estimate of the distance grows exponentially at first, so the"
    " difference does, too. `pytorch_optimizer.DAdaptSGD` takes the steps of the package, to 2e-7.",
    unequal="weight_decay",
)
Row(
    "ademamix-alpha",
    ("AdEMAMix",),
    "the weight of the slow average by default: 5, or 2",
    by_optax("optax.contrib.ademamix", learning_rate=LR),
    by_optax("optax.contrib.ademamix", learning_rate=LR, alpha=2.0),
    5e-3,
    "unsettled",
    [Line("optax", "contrib/_ademamix.py", "alpha: base.ScalarOrSchedule = 5.0,")],
    "optax and pytorch_optimizer have 5, as the authors' code for Optax; their code for PyTorch has 2 and its example"
    " 8. At one value they agree. The slow average has hardly begun within 30 steps: later the difference is that of"
    " its weights.",
    equal=(
        by_torch("optguide.AdEMAMix", lr=LR),
        by_optax("optax.contrib.ademamix", learning_rate=LR),
    ),
    unequal="alpha",
    ours=by_torch("optguide.AdEMAMix", lr=LR),
)
Row(
    "normuon-precision",
    ("NorMuon",),
    "the precision of Newton-Schulz: that of the parameter, or bfloat16",
    by_torch("optguide.NorMuon", lr=LR, weight_decay=0.0),
    by_torch("pytorch_optimizer.NorMuon", lr=LR, weight_decay=0.0, flags={"use_muon": True}),
    6e-3,
    "b",
    [Line("pytorch_optimizer", "optimizer/utils/matrix.py", "dtype: torch.dtype = torch.bfloat16,")],
    "As with Muon, and as in its authors' code: the factor in place of the singular values has two or three"
    " correct digits, for speed. With the precision of the parameters both are equal to 1e-9, as the test of the rule"
    " shows. `pytorch_optimizer` must be told of each group whether its parameters are matrices.",
    (MATRIX,),
    ours=by_torch("optguide.NorMuon", lr=LR, weight_decay=0.0),
)
