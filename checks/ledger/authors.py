"""Optimizers whose authors' code is on no package index, written out from it as far as the test bed needs it.

Each says where it was read. Scheduling, mixed precision and what depends on the names of weights are left out, but for
the last: here a matrix is a weight and a vector is a bias.
"""

from __future__ import annotations

from typing import Any

import torch


class Tiger(torch.optim.Optimizer):
    """bojone/tiger, ``tiger.py``: steps of signs, as long as the weights of their tensor are large; a bias has half."""

    def __init__(self, params: Any, lr: float, beta: float = 0.965, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "beta": beta, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["beta"])
                length, decay = p.square().mean().sqrt(), group["weight_decay"]
                if p.dim() < 2:
                    length, decay = 0.5, 0.0
                p -= group["lr"] * length * (m.sign() + decay * p)


class MARS(torch.optim.Optimizer):
    """AGI-Arena/MARS, ``MARS/optimizers/mars.py``, for matrices: the last gradient is kept by reference."""

    def __init__(self, params: Any, lr: float, betas: tuple[float, float] = (0.95, 0.99), gamma: float = 0.025) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "gamma": gamma})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            first, second = group["betas"]
            for p in group["params"]:
                state = self.state[p]
                last = state.get("last", torch.zeros_like(p))
                state["t"] = state.get("t", 0) + 1
                c = p.grad + group["gamma"] * first / (1 - first) * (p.grad - last)
                c = c / c.norm().clamp_min(1)
                m = state.setdefault("m", torch.zeros_like(p)).lerp_(c, 1 - first)
                v = state.setdefault("v", torch.zeros_like(p)).lerp_(c.square(), 1 - second)
                root = (v / (1 - second ** state["t"])).sqrt() + 1e-8
                p -= group["lr"] * m / (1 - first ** state["t"]) / root
                state["last"] = p.grad


class ASAM(torch.optim.Optimizer):
    """SamsungLabs/ASAM, ``asam.py``, around SGD: a bias is moved along its plain gradient, eta is added to a weight."""

    def __init__(self, params: Any, lr: float, rho: float = 0.5, eta: float = 0.01) -> None:
        super().__init__(params, {"lr": lr, "rho": rho, "eta": eta})

    @torch.no_grad()
    def step(self, closure: Any) -> None:
        (group,) = self.param_groups
        scales = [p.abs() + group["eta"] if p.dim() > 1 else torch.ones_like(p) for p in group["params"]]
        scaled = [p.grad * scale for p, scale in zip(group["params"], scales, strict=True)]
        length = torch.stack([part.norm() for part in scaled]).norm() + 1e-16
        home = [p.clone() for p in group["params"]]
        for p, part, scale in zip(group["params"], scaled, scales, strict=True):
            p += group["rho"] * part * scale / length
        closure()
        for p, before in zip(group["params"], home, strict=True):
            p.copy_(before - group["lr"] * p.grad)
