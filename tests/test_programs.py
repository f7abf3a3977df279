"""What a page of the site knows of rules and surfaces is what the package knows."""

import json

import numpy as np
import pytest

import optguide as og
from optguide import programs
from optguide.language.vocabulary import FUNCTIONS

CATALOGUE = programs.catalogue()
#: Rules in which the step of a coordinate depends on others: a page does not step those.
MIXING = {
    "CautiousAdamW",
    "LAMB",
    "PolyakStep",
    "DoG",
    "Prodigy",
    "DAdaptAdam",
    "BarzilaiBorwein",
    "DoWG",
    "StableAdamW",
    "MARS",
    "Adafactor",
    "AdamMini",
    "MemorylessBFGS",
    "LBFGS",
    "BFGS",
}
#: Those that ask for what only torch can tell it.
ASKING = {"SophiaH", "Newton"}


def test_a_rule_that_a_page_cannot_step_is_left_out_and_a_recording_of_it_says_why():
    assert MIXING | ASKING == set(og.optimizers.on_landscapes) - set(CATALOGUE["rules"])
    for name in MIXING | ASKING:
        record = og.race([getattr(og, name)], og.surfaces.sphere, steps=3).animate().recording
        assert f"{name} does more than step each coordinate by its gradient" in record["why"]


def test_the_catalogue_lists_all_rules_and_surfaces_in_their_order():
    assert list(CATALOGUE["rules"]) == [name for name in og.optimizers.on_landscapes if name not in MIXING | ASKING]
    assert list(CATALOGUE["surfaces"]) == og.surfaces.__all__
    assert json.loads(json.dumps(CATALOGUE, allow_nan=False))["rules"].keys() == CATALOGUE["rules"].keys()


@pytest.mark.parametrize("name", CATALOGUE["rules"])
def test_the_source_of_a_rule_is_a_function_that_takes_the_same_step(name):
    """As text that stands by itself: its signature, its lines with their comments, and nothing else."""
    import torch

    rule, entry = getattr(og, name).rule, CATALOGUE["rules"][name]
    space = {row.name: row.call for row in FUNCTIONS.values() if row.call}
    exec(entry["source"], space | (found := {}), found)
    theta = torch.tensor([1.0, -2.0], dtype=torch.float64)
    states = rule.initial(theta, rule.defaults)
    one, other = (f(theta, torch.sin, torch.tensor(3.0), *states) for f in (found["update"], rule.update))
    as_tuple = lambda result: result if isinstance(result, tuple) else (result,)  # noqa: E731
    for a, b in zip(as_tuple(one), as_tuple(other), strict=True):
        assert torch.equal(torch.as_tensor(a), torch.as_tensor(b))
    assert entry["source"].count("#") == len([s for s in og.pseudocode(getattr(og, name)).steps if s.comment])


@pytest.mark.parametrize("name", CATALOGUE["rules"])
def test_ranges_are_those_that_the_optimizer_checks(name):
    for setting, facts in CATALOGUE["rules"][name]["hyperparameters"].items():
        kind = getattr(og, name).rule.hyperparameters[setting].kind
        assert (facts["range"], facts["meaning"]) == ((kind.range, kind.meaning) if kind else ("", ""))


def test_a_claim_is_words():
    assert all("`" not in rule["claim"] for rule in programs.catalogue()["rules"].values())


def test_minima_follow_the_parameters():
    minima = CATALOGUE["surfaces"]["unit_rosenbrock"]["minima"]["program"]
    assert minima["settings"] == ["a", "b"] and len(minima["outputs"]) == 2
    assert CATALOGUE["surfaces"]["himmelblau"]["minima"] == [list(p) for p in og.surfaces.himmelblau.known_minima()]
    np.testing.assert_allclose(CATALOGUE["surfaces"]["rosenbrock"]["starts"][0], og.surfaces.rosenbrock.start)
