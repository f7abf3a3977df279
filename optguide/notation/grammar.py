"""The closed vocabulary of rules and formulas: every name and function that may be typeset.

A name that is missing here is an error, never a guess. Adding one is one line.
"""

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

#: Comparisons, for the first argument of `where`.
RELATIONS = {"Lt": "<", "LtE": r"\le", "Gt": ">", "GtE": r"\ge"}

#: Functions: how many arguments they take, and their LaTeX template.
FUNCTIONS = {
    "grad": (1, r"\nabla f({})"),
    "sqrt": (1, r"\sqrt{{{}}}"),
    "sign": (1, r"\operatorname{{sign}}({})"),
    "abs": (1, r"\lvert {} \rvert"),
    "maximum": (2, r"\max({}, {})"),
    "where": (3, r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{otherwise}} \end{{cases}}"),
    "clamp": (3, r"\operatorname{{clip}}({}, {}, {})"),
    "exp": (1, r"\exp({})"),
    "sin": (1, r"\sin({})"),
    "cos": (1, r"\cos({})"),
}
