"""What is written about links to the lab holds: examples are read, refusals are those that are named."""

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import JSEvalException, MiniRacer

import optguide as og
from optguide import programs
from optguide.render import web
from optguide.scene import scene_of

TEXT = (Path(__file__).parents[2] / "docs" / "lab-links.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[::-1])
FENCED = re.findall(r"^```\n(.*?)^```$", re.sub(r"^```\w+\n.*?^```$", "", TEXT, flags=re.M | re.S), re.M | re.S)
EXAMPLES = [
    *"\n".join(FENCED).split(),
    *(html.unescape(address) for address in re.findall(r'src="(.*?)"', BLOCKS["html"])),
    *re.findall(r'set\("(.*?)"\)', BLOCKS["js"]),
]


def rows(head):
    """The rows of the table that begins so, cell by cell, without the marks of code."""
    lines = TEXT[TEXT.index(f"| {head} |") :].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("live/scene.js"))
    found.eval(web.script("lab/hash.js", without="live/scene.js"))
    found.eval(f"var catalogue = {json.dumps(programs.catalogue())}")
    return found


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_read_written_again_and_played(v8, example):
    v8.eval(f"var scene = readHash({json.dumps(example)}, catalogue)")
    assert v8.eval("JSON.stringify(readHash(writeHash(scene, catalogue), catalogue)) === JSON.stringify(scene)")
    assert v8.eval("play(scene, catalogue).runs.every(({ loss }) => Number.isFinite(loss[0]))")


def test_there_are_examples():
    assert len(EXAMPLES) > 9


@pytest.mark.parametrize("row", rows("hash"), ids=lambda row: row[0])
def test_what_is_refused_is_refused_in_these_words(v8, row):
    text, says = row
    with pytest.raises(JSEvalException) as refused:
        v8.eval(f"readHash({json.dumps(text.strip('`'))}, catalogue)")
    assert f"Error: {says}\n" in str(refused.value)


def test_the_tables_name_every_item_control_and_limit(v8):
    with pytest.raises(JSEvalException) as refused:
        v8.eval('readHash("nothing=1", catalogue)')
    items = re.search(r"known are (.*)", str(refused.value))[1].split(", ")
    assert sorted(row[0].strip("`") for row in rows("item")) == sorted(items)
    assert [row[0].strip("`") for row in rows("name")] == json.loads(v8.eval("JSON.stringify(CONTROLS)"))
    most = json.loads(v8.eval("JSON.stringify(MOST)"))
    limits = {row[0].strip("`"): row[3] for row in rows("item")}
    assert limits["steps"] == f"1 to {most['steps']}" and limits["seed"] == f"0 to {most['seed']}"
    assert f"{most['runs']} runs" in limits["run"] and f"{most['formula']} characters" in limits["formula"]
    for what in ("hash", "name", "code"):
        assert f"{most[what]} characters" in TEXT


def test_the_defaults_are_those_of_an_empty_hash(v8):
    usual = json.loads(v8.eval('JSON.stringify(readHash("", catalogue))'))
    default = {row[0].strip("`"): row[2].strip("`") for row in rows("item")}
    assert default["surface"] == usual["surface"] and default["view"] == usual["view"]
    assert [default[name] for name in ("steps", "noise", "seed")] == [str(usual[n]) for n in ("steps", "noise", "seed")]
    assert [run["rule"] for run in usual["runs"]] == [default["run"].strip("`")]


def test_a_record_says_which_rules_and_landscapes_are_its_own():
    class Mine(og.Optimizer):
        @staticmethod
        def update(theta, grad, t, *, lr=0.1):
            theta = theta - lr * grad(theta)
            return theta

    run = og.descend(Mine, lambda x, y: x**2 + y**2, start=(1, 1), steps=2)
    own = scene_of({"Mine": run}, np.array([[-1, 1], [-1, 1]]))["own"]
    assert [entry["own"] for part in own.values() for entry in part.values()] == [True, True]
