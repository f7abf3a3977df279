"""Other words for what a page is about, so that a search for them finds the page."""

from __future__ import annotations

import functools

from sphinx import addnodes
from sphinx.search.en import SearchEnglish

#: By page. They enter the search as index entries of the page.
SYNONYMS = {
    "gallery/foundations/plot_warm_up": ["warmup", "warm-up", "warm up", "learning rate warmup"],
    "gallery/foundations/plot_running_means": ["ema", "exponential moving average", "running mean", "moving average"],
    "gallery/foundations/plot_stability_on_a_quadratic": [
        "convergence",
        "stability limit",
        "step size",
        "learning rate too high",
    ],
    "gallery/foundations/plot_hand_written_descent": ["gradient", "gradient descent"],
    "gallery/foundations/plot_symbolic_descent": ["derivative"],
    "gallery/foundations/plot_momentum_as_an_oscillator": ["damping", "harmonic oscillator"],
    "gallery/optimizers/plot_sgd": ["sgd", "stochastic gradient descent", "plain gradient descent"],
    "gallery/optimizers/plot_momentum": ["heavy ball", "heavy-ball method", "polyak momentum"],
    "gallery/optimizers/plot_nesterov": ["nesterov accelerated gradient", "nag"],
    "gallery/optimizers/plot_adam": ["beta1", "beta2", "what does beta2 do", "why does my adam diverge"],
    "gallery/optimizers/plot_adamw": ["weight decay", "decoupled weight decay"],
    "gallery/landscapes/plot_four_hollows": ["himmelblau", "himmelblau's function", "local minimum", "local minima"],
    "gallery/landscapes/plot_levy_and_eggholder": ["levy", "lévy function n. 13", "levy function n. 13", "eggholder"],
    "gallery/landscapes/plot_saddles": ["saddle point", "monkey saddle"],
    "gallery/landscapes/plot_unit_rosenbrock": ["rosenbrock", "banana function"],
    "gallery/comparisons/plot_saddle_to_saddle": ["matrix factorization", "saddle-to-saddle", "deep linear network"],
    "gallery/comparisons/plot_digits_conv": ["cnn", "small cnn", "which optimizer for a small cnn"],
    "gallery/comparisons/plot_lion_signum_and_decay": ["is lion better than adamw"],
    "gallery/comparisons/plot_rare_facts": ["associative memory", "zipf", "zipf's law"],
    "gallery/comparisons/plot_which_optimizer": [
        "which optimizer",
        "which optimizer should i use",
        "best optimizer",
        "adamw vs adam",
        "adam vs adamw",
        "adamw or adam",
        "adam or adamw",
        "adam vs sgd",
        "sgd vs adam",
        "lion vs adamw",
        "muon vs adamw",
    ],
    "gallery/comparisons/plot_sweeps": ["data profile", "basin of attraction"],
}


def name(app, doctree, docname):
    """Give a page its synonyms."""
    entries = [("single", word, "", "main", None) for word in SYNONYMS.get(docname, ())]
    if entries:
        doctree.append(addnodes.index(entries=entries))


class English(SearchEnglish):
    """Sphinx finds the stem of a word anew for each of the pages that it is on; this remembers it."""

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self.stem = functools.cache(super().stem)


def setup(app):
    app.add_search_language(English)
    app.connect("doctree-resolved", name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
