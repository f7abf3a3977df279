"""The names of rules and formulas, and numbers, as they are typeset.

A name that is missing here is an error, never a guess. Adding one is one line.
"""

from __future__ import annotations

from collections.abc import Callable

#: Names of variables and hyperparameters, as LaTeX. Two names of one formula must not share a symbol.
NAMES = {
    # the parameters, the slope, and running quantities
    "theta": r"\theta",
    "g": "g",
    "m": "m",
    "v": "v",
    "s": "s",
    "m1": "m^{(1)}",
    "m2": "m^{(2)}",
    "m3": "m^{(3)}",
    "v_max": r"v^{\max}",
    "p": "p",
    "c": "c",
    "G": "G",
    "delta": r"\Delta",
    "mu": r"\mu",
    "nu": r"\nu",
    "r": "r",
    "t": "t",
    # hyperparameters
    "lr": r"\eta",
    "momentum": r"\gamma",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "betas": r"\beta_1, \beta_2",
    "eps": r"\epsilon",
    "eps_root": r"\bar{\epsilon}",
    "weight_decay": r"\lambda",
    "alpha": r"\alpha",
    "rho": r"\rho",
    "rho_inf": r"\rho_{\infty}",
    "initial_accumulator_value": "a",
    "momentum_decay": r"\psi",
    "final_lr": r"\eta_{\infty}",
    "gamma": r"\gamma",
    "eta_minus": r"\eta^{-}",
    "eta_plus": r"\eta^{+}",
    "etas": r"\eta^{-}, \eta^{+}",
    "low": r"\ell",
    "high": "h",
    "bounds": r"\ell, h",
    "step_sizes": r"\ell, h",
    # coordinates and parameters of surfaces
    "x": "x",
    "y": "y",
    "u": "u",
    "a": "a",
    "b": "b",
    "d": "d",
    "k": "k",
    "condition": r"\kappa",
    "pi": r"\pi",
    "e": "e",
}

#: Endings that decorate a known name: ``m_hat`` is m with a hat.
ENDINGS = {"_hat": r"\hat{{{}}}"}

#: Names that have a value everywhere: the step counter and the numbers.
ALWAYS = ("t", "pi", "e")


class NotationError(ValueError):
    """A rule or formula uses something that the notation does not know."""


def name_latex(name: str, error: Callable[[str], Exception] = NotationError) -> str:
    """The symbol of a name of the closed table, endings included."""
    for ending, template in ENDINGS.items():
        if name.endswith(ending) and name.removesuffix(ending) in NAMES:
            return template.format(NAMES[name.removesuffix(ending)])
    if name not in NAMES:
        raise error(
            f"unknown name {name!r}; known are {', '.join(sorted(NAMES))} and their endings {', '.join(ENDINGS)}"
        )
    return NAMES[name]


def number_latex(number: float) -> str:
    """A number as it is written by hand: 0.5, 100, 10^{-8}, 2.5 \\cdot 10^{-5}."""
    text = f"{number:g}" if float(f"{number:g}") == number else repr(number)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"
