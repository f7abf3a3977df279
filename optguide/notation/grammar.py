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
    "c": "c",
    "r": "r",
    "t": "t",
    # hyperparameters
    "lr": r"\eta",
    "momentum": r"\gamma",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "betas": r"\beta_1, \beta_2",
    "eps": r"\epsilon",
    "weight_decay": r"\lambda",
    "low": r"\ell",
    "high": "h",
    "bounds": r"\ell, h",
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

#: Functions: how many arguments they take, and their LaTeX template.
FUNCTIONS = {
    "grad": (1, r"\nabla f({})"),
    "sqrt": (1, r"\sqrt{{{}}}"),
    "sign": (1, r"\operatorname{{sign}}({})"),
    "abs": (1, r"\lvert {} \rvert"),
    "clamp": (3, r"\operatorname{{clip}}({}, {}, {})"),
    "exp": (1, r"\exp({})"),
    "sin": (1, r"\sin({})"),
    "cos": (1, r"\cos({})"),
}
