"""Which engine runs the chunks of each optimizer, and where."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from .. import check
from ..problems.problem import Problem
from . import compiled, eager
from .block import why_not
from .plan import Chunk
from .request import Runner

ENGINES = ("eager", "compiled")


def read_engine(engine: Any, device: Any) -> tuple[str, str]:
    """An engine, and the device for it, which is there and can do it."""
    if not isinstance(engine, str):
        raise TypeError(f"engine must be one of {', '.join(map(repr, ENGINES))}, got {engine!r}")
    engine = check.choice("engine", engine, ENGINES)
    try:
        place = torch.device("cpu" if device is None else device)
    except (RuntimeError, TypeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"device must be 'cpu' or 'cuda', got {device!r}") from None
    if place.type not in ("cpu", "cuda"):
        raise ValueError(f"device must be 'cpu' or 'cuda', got {device!r}")
    if engine == "eager":
        if place.type != "cpu":
            raise ValueError(f"device={str(device)!r} needs engine='compiled': the reference engine runs on the CPU")
        return engine, "cpu"
    if place.type == "cpu":
        _refuse_without_compiler()
    elif (place.index or 0) >= torch.cuda.device_count():
        there = f"torch {torch.__version__} finds {torch.cuda.device_count()} CUDA devices here"
        raise ValueError(f"device={str(device)!r} is not there: {there}; leave device out to run on the CPU")
    return engine, str(place)


def _refuse_without_compiler() -> None:
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        raise ValueError(
            "engine='compiled' needs a C++ compiler, and torch finds none: install g++ (on macOS clang++, on Windows "
            "cl), or name yours in the environment variable CXX; engine='eager' needs none"
        ) from None


def appoint(engine: str, runners: list[Runner], problem: Problem) -> list[Runner]:
    """The runners, each with its engine; of those that cannot be compiled one warning tells."""
    if engine == "eager":
        return runners
    reasons = {runner.name: why_not(runner, problem) for runner in runners}
    told = [f"{name}: {reason}" for name, reason in reasons.items() if reason]
    if told:
        warnings.warn(f"not compiled, but run with engine='eager': {'; '.join(told)}", stacklevel=3)
    return [runner if reasons[runner.name] else replace(runner, engine=engine) for runner in runners]


def run(runner: Runner, chunk: Chunk, device: str) -> dict[str, np.ndarray]:
    """All results of one chunk, as a worker finds them."""
    return compiled.run(runner, chunk, device) if runner.engine == "compiled" else eager.run(runner, chunk)
