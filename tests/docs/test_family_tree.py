"""What each rule repairs, and the family tree that is drawn from it."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest

import optguide as og

family_tree = pytest.importorskip("family_tree", reason="needs the docs requirements")
from sphinx.errors import ExtensionError  # noqa: E402

ROOT = Path(__file__).parents[2]
TREE = family_tree.read_tree()
#: Rules that repair no other one.
ROOTS = {"SGD", "Newton"}


def rule(year, family="f", color=None, **repairs):
    return SimpleNamespace(year=year, family=family, repairs=repairs, color=color, __doc__="A claim.", __module__="a.b")


@pytest.mark.parametrize("name", TREE.rules)
def test_every_rule_says_what_it_repairs_in_a_few_words(name):
    rule = TREE.rules[name]
    where = Path(inspect.getsourcefile(rule)).name
    assert "repairs" in vars(rule), f'{where}: say below family what {name} repairs: repairs = {{"Adam": "its fault"}}'
    assert rule.repairs or name in ROOTS, f"{where}: {name} repairs nothing; if it began a branch, add it to ROOTS"
    for idea in rule.repairs.values():
        assert 15 <= len(idea) <= 62 and idea[0].islower() and idea[-1] != ".", f"{where}: {idea!r}"


def test_what_cannot_be_drawn_is_refused_by_its_name():
    with pytest.raises(ExtensionError, match=r"B\.repairs names 'C', which is no rule"):
        family_tree.Tree({"A": rule(2000), "B": rule(2001, C="its fault")})
    with pytest.raises(ExtensionError, match=r"B \(1999\) repairs A, which is of 2000"):
        family_tree.Tree({"A": rule(2000), "B": rule(1999, A="its fault")})
    with pytest.raises(ExtensionError, match="repair each other in a circle: B, C"):
        family_tree.Tree({"A": rule(2000), "B": rule(2000, C="its fault"), "C": rule(2000, B="its fault")})


def test_a_rule_stands_in_the_column_of_its_year():
    svg = family_tree.draw(TREE, lambda name: f"to-{name}.html")
    begins = [float(x) for x in re.findall(r'<text class="year" x="([\d.]+)"', svg)]
    found = re.findall(r'<circle cx="([\d.]+)".*?<a href="to-(\w+)\.html">', svg)
    for x, name in found:
        column = sum(begin <= float(x) for begin in begins) - 1
        first, words = family_tree.COLUMNS[column]
        later = [year for year, _ in family_tree.COLUMNS[column + 1 :]]
        assert first <= TREE.rules[name].year < min(later, default=9999), f"{name} stands below {words}"


def test_families_stand_together_and_siblings_follow_time():
    rules = {"A": rule(2000), "Z": rule(2009, "g", A="x"), "D": rule(2003, A="x"), "C": rule(2002, A="x")}
    tree = family_tree.Tree(rules | {"E": rule(2010, "g", C="x")})
    assert tree.walk == ["A", "C", "E", "D", "Z"] and tree.by_family == ["A", "C", "D", "E", "Z"]


def test_the_drawing_has_every_rule_once_in_a_row_of_its_own_right_of_and_below_its_parent():
    svg = family_tree.draw(TREE, lambda name: f"to-{name}.html")
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)".*?<a href="to-(\w+)\.html">', svg)
    place = {name: (float(x), float(y)) for x, y, name in found}
    assert len(found) == len(place) == len(TREE.rules) and place.keys() == TREE.rules.keys()
    assert len({y for _, y in place.values()}) == len(place)
    assert svg.count("<path d=") == sum(bool(rule.repairs) for rule in TREE.rules.values())
    for name, rule in TREE.rules.items():
        for parent in list(rule.repairs)[:1]:
            assert place[name][0] > place[parent][0] and place[name][1] > place[parent][1], name
    assert {x for x, _ in place.values() if (x - 10) % family_tree.COLUMN == 0}, "columns"
    assert 'aria-labelledby="tree-title tree-about"><title id="tree-title">' in svg and '<desc id="tree-about">' in svg
    assert f'style="--rule: {og.Adam.color}"' in svg


def test_the_list_says_the_same_and_leads_to_pages_that_exist():
    text = family_tree.list_rst(TREE)
    links = re.findall(r"^ *- :doc:`(\w+) <(/gallery/optimizers/\w+)>` \((\d+)\)", text, re.MULTILINE)
    assert [name for name, *_ in links] == TREE.walk
    assert all((ROOT / f"{page[1:]}.py").exists() for _, page, _ in links)
    assert re.search(r"^    +- :doc:`Nesterov <.*` \(1983\) repairs Momentum: it slows down", text, re.MULTILINE)
    assert "- :doc:`AlmostAdam </gallery/optimizers/plot_almost_adam>` (2015) a variation of Adam: averages" in text
    both = next(line for line in text.splitlines() if "`RMSprop <" in line)
    assert "repairs Adagrad: " in both and "; repairs :doc:`Rprop </gallery/optimizers/plot_rprop>`: " in both


def test_a_rule_stands_between_those_that_it_repairs_and_those_that_repair_it():
    html = family_tree.kin(TREE, "Adam", lambda name: f"{name}.html", "tree.html")
    above, rest = html.split('<div class="here">')
    here, below = rest.split("What others repair in Adam")
    assert re.findall(r'href="(\w+)\.html"', above) == ["RMSprop", "Momentum"] == list(og.Adam.repairs)
    assert "</i>Adam</b>" in here and 'href="tree.html"' in here
    assert re.findall(r'href="(\w+)\.html"', below) == TREE.repaired_by("Adam")
    shown, more = below.split("<details>")
    assert shown.count("<li>") == family_tree.MOST and f"and {more.count('<li>')} more" in more
    assert TREE.repaired_by("Adam")[0] == "AdamW", "the one on which most others build"
    varied = family_tree.kin(TREE, "AlmostAdam", str, "")
    assert 'href=""' not in family_tree.kin(TREE, "Adagrad", lambda name: name.replace("AdagradExp", ""), "tree.html")
    assert "It varies" in varied and "a variation" not in varied and "What others repair" not in varied
    assert "What it repairs" not in family_tree.kin(TREE, "SGD", str, "")


@pytest.mark.parametrize("page", sorted(ROOT.glob("gallery/optimizers/plot_*.py")), ids=lambda page: page.stem)
def test_the_page_of_an_optimizer_has_its_card(page):
    shown = re.findall(r"^og\.card\(og\.(\w+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in shown if family_tree.page_of(TREE.rules[name]) == page.stem]


def test_a_card_on_a_page_brings_the_rule_s_relatives(tmp_path):
    scraper = pytest.importorskip("scraper")
    plt.close("all")  # it would show the figures of other tests
    block = SimpleNamespace(content="og.card(og.Adam)")

    def shown(card):
        values = {"example_globals": {"___": card}, "image_path_iterator": iter(()), "src_file": ""}
        return scraper.scrape(block, values, {"src_dir": str(tmp_path)})

    class Own(og.Optimizer):
        """A reader's own."""

        @staticmethod
        def update(theta, grad, t, *, lr=0.1):
            return theta - lr * grad(theta)

    assert "\n.. kin:: Adam\n" in shown(og.card(og.Adam)) and "kin" not in shown(og.card(Own))
    assert "\n.. kin:: SAM\n" in shown(og.card(og.SAM(og.SGD)))
