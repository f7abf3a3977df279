"""How runs of a lab look, in V8 without a browser: which keep their colour and mark, and what new ones are given."""

import json

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from optguide.render import player, web


@pytest.fixture(scope="module")
def looks():
    v8 = MiniRacer()
    v8.eval(f"{web.script('lab/looks.js')}; const catalogue = {player.dumps(player.catalogue())}")
    return lambda runners, known: json.loads(
        v8.eval(f"JSON.stringify(looks({json.dumps(runners)}, catalogue, {json.dumps(known)}))")
    )


def far_from(color, others):
    parts = [np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)]) for c in (color, *others)]
    return min(((parts[0] - other) ** 2).sum() for other in parts[1:])


def test_a_run_keeps_its_look_and_a_new_one_has_its_own(looks):
    catalogue = player.catalogue()
    colors, shapes = {name: rule["color"] for name, rule in catalogue["rules"].items()}, catalogue["shapes"]
    known = [
        {"name": "first", "color": colors["SGD"], "shape": shapes[3]},
        {"name": "kept", "color": colors["Adam"], "shape": shapes[1]},
    ]
    runners = [{"rule": rule, "name": name} for rule, name in (
        ("Lion", "new"), ("Adam", "kept"), ("Adam", "another"), ("Lion", "third"),
    )]  # fmt: skip
    found = looks(runners, known)
    assert found[1] == {"color": colors["Adam"], "shape": shapes[1]}
    assert found[0]["color"] == colors["Lion"], "the colour of its rule is free"
    assert [look["shape"] for look in found] == [shapes[i] for i in (0, 1, 2, 3)], "marks that no other run has"
    used = [colors["Adam"], colors["Lion"]]
    for look in found[2:]:
        assert look["color"] == max(catalogue["palette"], key=lambda color: far_from(color, used))
        used.append(look["color"])
    assert len({look["color"] for look in found}) == 4
    (_, new) = looks([runners[1], runners[0]], [{"name": "kept", "color": colors["Adam"], "shape": shapes[2]}])
    assert new["shape"] == shapes[0], "the first mark that is free, wherever the run stands"


@pytest.mark.parametrize("width", [600, 601])
def test_a_part_that_folds_away_is_open_where_there_is_room(width):
    v8 = MiniRacer()
    v8.eval(f"globalThis.innerWidth = {width}; const element = {{ setAttribute() {{}}, append() {{}} }};"
            "globalThis.document = { createElement: () => ({ ...element }) }")  # fmt: skip
    v8.eval(web.script("lab/fold.js"))
    assert v8.eval('fold("a part").open') is (width > 600)
