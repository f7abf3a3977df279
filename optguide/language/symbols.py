"""The names of rules and formulas, and numbers, as they are typeset.

Every name of the guide's own is in the table; adding one is one line. A reader's own name is typeset as itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Names of variables and hyperparameters, as LaTeX. Two names of one formula must not share a symbol.
NAMES = {
    # the parameters, the gradient and states
    "theta": r"\theta",
    "g": "g",
    "m": "m",
    "v": "v",
    "s": "s",
    "m1": "m^{(1)}",
    "m2": "m^{(2)}",
    "m3": "m^{(3)}",
    "v1": "v^{(1)}",
    "v2": "v^{(2)}",
    "v3": "v^{(3)}",
    "v_max": r"v^{\max}",
    "p": "p",
    "q": "q",
    "c": "c",
    "G": "G",
    "delta": r"\Delta",
    "mu": r"\mu",
    "nu": r"\nu",
    "r": "r",
    "z": "z",
    "slow": r"\phi",
    "ax": r"\bar{\theta}",
    "theta0": r"\theta_0",
    "t": "t",
    "n": "n",
    "h": "h",
    "w": "w",
    # hyperparameters
    "lr": r"\eta",
    "momentum": r"\gamma",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "beta3": r"\beta_3",
    "betas": r"\beta_1, \beta_2",
    "beta2_decay": r"\tau",
    "eps": r"\epsilon",
    "eps1": r"\epsilon_1",
    "eps2": r"\epsilon_2",
    "eps_root": r"\bar{\epsilon}",
    "weight_decay": r"\lambda",
    "lambd": r"\lambda",
    "t0": "t_0",
    "alpha": r"\alpha",
    "alpha_warmup": r"T_{\alpha}",
    "beta3_warmup": r"T_{\beta_3}",
    "clip_value": "C",
    "rho": r"\rho",
    "f_star": r"f^{\star}",
    "eta_max": r"\eta_{\max}",
    "reps_rel": r"\alpha",
    "d0": r"d_{\min}",
    "d_coef": r"\kappa",
    "rho_inf": r"\rho_{\infty}",
    "initial_accumulator_value": "a",
    "share": r"\alpha_{\phi}",
    "history_size": r"M",
    "update_interval": "k",
    "precondition_frequency": r"\tau",
    "nesterov": r"\mathrm{nesterov}",
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
    "short": r"\mathrm{short}",
    # coordinates and parameters of surfaces
    "o": "o",
    "L": "L",
    "P": "P",
    "Q": "Q",
    "R": "R",
    "C": "C",
    "B": "B",
    "S": "S",
    "Y": "Y",
    "x": "x",
    "y": "y",
    "u": "u",
    "a": "a",
    "b": "b",
    "d": "d",
    "k": "k",
    "damping": r"\mu",
    "condition": r"\kappa",
    "pi": r"\pi",
    "e": "e",
}

#: Endings that decorate a known name: ``m_hat`` is m with a hat.
ENDINGS = {"_hat": r"\hat{{{}}}"}

#: Letters that have a name.
GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)

#: Names that have a value everywhere: the step counter and the numbers.
ALWAYS = ("t", "pi", "e")


class NotationError(ValueError):
    """A rule or formula uses something that the notation lacks."""


class Symbols:
    """The symbols of one rule or formula: those given, those of the table, and names that stand for themselves.

    A name of the table's, or of ``usual``, which goes before it, keeps its symbol. Of all others a letter, in Latin or
    Greek, is itself, with a number at its end as an index; a longer name stands upright. So does a name whose symbol
    another name has already.
    """

    def __init__(self, given: Mapping[str, str] | None = None, usual: Mapping[str, str] | None = None) -> None:
        if given is not None and not (
            isinstance(given, Mapping) and all(isinstance(s, str) for pair in given.items() for s in pair)
        ):
            raise TypeError(f"symbols must be a dict from names to LaTeX, got {given!r}")
        self.given, self.known = dict(given or {}), {**NAMES, **(usual or {}), **(given or {})}
        self.names: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self.names:
            symbol = self._find(name)
            taken = symbol in self.names.values() and name not in self.given
            self.names[name] = _upright(name) if taken else symbol
        return self.names[name]

    def _find(self, name: str) -> str:
        if name in self.known:
            return self.known[name]
        for ending, template in ENDINGS.items():
            if name.endswith(ending) and name != ending:
                return template.format(self[name.removesuffix(ending)])
        letter = re.fullmatch(r"([^\W\d_]+?)_?(\d*)", name)
        if letter and (len(letter[1]) == 1 or letter[1] in GREEK):
            symbol = letter[1] if len(letter[1]) == 1 else rf"\{letter[1]}"
            return f"{symbol}_{{{letter[2]}}}" if letter[2] else symbol
        return _upright(name)

    def check_given(self) -> None:
        """Refuse symbols for names that did not occur."""
        unknown = [name for name in self.given if name not in self.names]
        if unknown:
            raise ValueError(f"symbols has {unknown[0]!r}, a name that does not occur; {', '.join(self.names)} do")


def _upright(name: str) -> str:
    return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def indexed(symbol: str, index: str) -> str:
    """The symbol at a step; one that has an index already is kept together."""
    return f"{{{symbol}}}_{index}" if re.search(r"(?<!\\)_", symbol) else f"{symbol}_{index}"


def number_latex(number: float) -> str:
    """A number as it is written by hand: 0.5, 100, 10^{-8}, 2.5 \\cdot 10^{-5}."""
    if isinstance(number, bool):
        return rf"\mathrm{{{number}}}"
    text = f"{number:g}" if float(f"{number:g}") == number else repr(number)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"
