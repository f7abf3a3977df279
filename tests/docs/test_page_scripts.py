"""What the site's small scripts do to a page: tables sort and show columns, buttons filter, paper shows all."""

import html
import json
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "docs" / "_static"


def table(name, head, *rows):
    cells = [
        "".join(f"<{tag}>{text}</{tag}>" for text in row) for tag, row in (("th", head), *(("td", r) for r in rows))
    ]
    body = "".join(f"<tr>{row}</tr>" for row in cells[1:])
    return f'<table class="{name}"><thead><tr>{cells[0]}</tr></thead><tbody>{body}</tbody></table>'


MIXED = (
    ("Muon", "−3", "12.5"),
    ("Adam", "10", "never"),
    ("lion", "2", "9"),
    ("SGD", "−20", "never"),
    ("Ftrl", "0", "1e3"),
)
RULES = [
    ("SGD", "Classics", {"keeps": "nothing", "published": "before 2012"}),
    ("Momentum", "Classics", {"keeps": "one number", "published": "before 2012"}),
    ("Adam", "Adam's", {"keeps": "two numbers", "published": "2012–2017"}),
    ("Lion", "Signs", {"keeps": "one number", "published": "since 2022"}),
]
ORDER = ["nothing", "one number", "two numbers", "before 2012", "2012–2017", "since 2022"]


def cards():
    found = ""
    for family in dict.fromkeys(family for _, family, _ in RULES):
        own = [
            f'<div class="og-card" data-tags="{html.escape(json.dumps(tags))}">{name}</div>'
            for name, of, tags in reversed(RULES)  # the order of buttons is not that of cards
            if of == family
        ]
        found = f'<section id="{family}"><h2>{family}</h2><div class="og-cards">{"".join(own)}</div></section>{found}'
    order = html.escape(json.dumps(ORDER))
    form = f'<summary>Filter</summary><form data-order="{order}"></form>'
    return f'<details class="og-filters" hidden>{form}</details>{found}'


SIDE_BY_SIDE = [
    ("what", "Adam", "AdamW", "Lion", "SGD", "Rprop"),
    ("state", "m, v", "m, v", "m", "", "s"),
    ("decay", "", "λ", "", "", ""),
    ("year", "2014", "2017", "2023", "1951", "1993"),
]
PAGES = {
    "sort": table("sortable", ("<p>rule</p>", "change", "steps"), *MIXED),
    "columns": table("side-by-side", *SIDE_BY_SIDE),
    "filter": cards(),
    "paper": '<details class="code" id="a"><summary>code</summary>1</details>'
    '<details class="proof" open id="b"><summary>proof</summary>2</details>'
    '<details id="c"><summary>other</summary>3</details>'
    '<img loading="lazy" id="light" class="only-light" alt=""><img loading="lazy" id="dark" class="only-dark" alt="">',
    "matches": '<p id="search-results"><a href="plain.html">found</a></p><a href="plain.html">other</a>',
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "plain.html").write_text("<!doctype html><title>plain</title>plain")
    (folder / "favicon.ico").write_bytes(b"")
    for name, body in PAGES.items():
        (folder / f"{name}.js").write_text((STATIC / f"{name}.js").read_text(encoding="utf-8"), encoding="utf-8")
        head = f'<!doctype html><html lang="en" data-theme="dark"><meta charset="utf-8"><title>{name}</title>'
        text = f'{head}<script type="module" src="{name}.js"></script><body>{body}</body></html>'
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def visit(folder, serving, open_page):
    with serving(folder) as address:
        yield lambda name, **options: open_page(f"{address}{name}.html", **options)


def test_a_table_sorts_numbers_as_numbers_and_names_as_names(visit):
    page = visit("sort")
    shown = """() => [[...document.querySelectorAll("tbody tr")].map((row) => row.cells[0].textContent),
        [...document.querySelectorAll("th")].map((head) => head.ariaSort)]"""
    before = [row[0] for row in MIXED]
    assert page.evaluate(shown) == [before, [None] * 3]
    assert page.locator("th").all_inner_texts() == ["rule", "change", "steps"]
    up = {
        "rule": ["Adam", "Ftrl", "lion", "Muon", "SGD"],
        "change": ["SGD", "Muon", "Ftrl", "lion", "Adam"],
        "steps": ["lion", "Muon", "Ftrl", "SGD", "Adam"],  # "never" comes last, in the order that there was
    }
    for i, (name, order) in enumerate(up.items()):
        button = page.get_by_role("button", name=name, exact=True)
        button.click()
        assert page.evaluate(shown) == [order, [None] * i + ["ascending"] + [None] * (2 - i)]
        button.click()
        order = order[::-1] if name != "steps" else ["Ftrl", "Muon", "lion", "SGD", "Adam"]
        assert page.evaluate(shown) == [order, [None] * i + ["descending"] + [None] * (2 - i)]
        button.click()
        assert page.evaluate(shown)[1][i] == "ascending"


@pytest.mark.parametrize(("width", "at_first"), [(1280, ["AdamW", "Lion", "SGD"]), (600, ["AdamW"])])
def test_beside_the_first_rule_stand_those_that_are_chosen_and_rows_that_they_have(visit, width, at_first):
    page = visit("columns", viewport={"width": width, "height": 800})
    shown = """() => [...document.querySelectorAll("tr")].filter((row) => !row.hidden).map((row) =>
        [...row.cells].filter((cell) => !cell.hidden).map((cell) => cell.textContent))"""

    def wanted(chosen):
        places = [0, 1, *(i for i, name in enumerate(SIDE_BY_SIDE[0]) if name in chosen)]
        return [[row[i] for i in places] for row in SIDE_BY_SIDE if any(row[i] for i in places[1:])]

    boxes = page.locator("fieldset label")
    assert page.locator("fieldset legend").inner_text() == "Beside Adam"
    assert boxes.all_inner_texts() == ["AdamW", "Lion", "SGD", "Rprop"]
    assert boxes.evaluate_all("all => all.map((label) => label.firstChild.type)") == ["checkbox"] * 4
    chosen = set(at_first)
    assert page.evaluate(shown) == wanted(chosen)
    for name in ("Rprop", "AdamW", "SGD", "SGD", "AdamW"):
        page.get_by_role("checkbox", name=name, exact=True).click()
        chosen ^= {name}
        assert page.evaluate(shown) == wanted(chosen), name


def test_buttons_leave_the_cards_that_have_a_tag_of_every_kind_that_is_pressed(visit):
    page = visit("filter")
    shown = """() => [...[".og-card", "h2"].map((what) =>
        [...document.querySelectorAll(what)].filter((e) => e.checkVisibility()).map((e) => e.textContent)),
        document.querySelector("output").textContent, document.querySelector("[type=reset]").hidden]"""
    every = page.evaluate(shown)
    assert every == [["Lion", "Adam", "Momentum", "SGD"], ["Signs", "Adam's", "Classics"], "", True]
    assert page.locator("legend").all_inner_texts() == ["keeps", "published"]
    assert page.locator("fieldset button").all_inner_texts() == ORDER
    assert page.locator(".og-filters").evaluate("(box) => [box.hidden, box.open]") == [False, True]
    pressed = set()
    for name in ("one number", "since 2022", "before 2012", "since 2022", "one number", "before 2012"):
        button = page.get_by_role("button", name=name, exact=True)
        button.click()
        pressed ^= {name}
        assert button.get_attribute("aria-pressed") == str(name in pressed).lower()
        left = [(rule, family) for rule, family, tags in reversed(RULES)
                if all(tags[kind] in pressed for kind in tags if pressed & {t[kind] for *_, t in RULES})]  # fmt: skip
        count = f"{len(left)} of 4 pages" if pressed else ""
        families = list(dict.fromkeys(family for _, family in left))
        assert page.evaluate(shown) == [[rule for rule, _ in left], families, count, not pressed], pressed
    page.get_by_role("button", name="two numbers", exact=True).click()
    page.get_by_role("button", name="Show all", exact=True).click()
    assert page.evaluate(shown) == every and page.locator("[aria-pressed=true]").count() == 0
    assert visit("filter", viewport={"width": 390, "height": 800}).locator(".og-filters[open]").count() == 0


def test_paper_shows_what_the_page_hides_and_afterwards_the_page_is_as_it_was(visit):
    page = visit("paper")
    shown = """() => [document.documentElement.dataset.theme, ...["a", "b", "c", "light", "dark"].map((id) =>
        document.getElementById(id)).map((part) => part.open ?? part.loading)]"""
    assert page.evaluate(shown) == ["dark", False, True, False, "lazy", "lazy"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(shown) == ["light", True, True, False, "eager", "lazy"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(shown) == ["dark", False, True, False, "eager", "lazy"]


@pytest.mark.parametrize(("link", "kept"), [("found", "words"), ("other", None)])
def test_words_that_were_searched_for_are_marked_on_pages_among_the_results_alone(visit, link, kept):
    page = visit("matches")
    page.evaluate("localStorage.setItem('sphinx_highlight_terms', 'words')")
    page.get_by_role("link", name=link, exact=True).click()
    page.wait_for_url("**/plain.html")
    assert page.evaluate("localStorage.getItem('sphinx_highlight_terms')") == kept
    page = visit("matches")
    page.evaluate("localStorage.setItem('sphinx_highlight_terms', 'words')")
    page.goto(page.url.replace("matches", "plain"))
    assert page.evaluate("localStorage.getItem('sphinx_highlight_terms')") is None, (
        "who clicked nothing followed nothing"
    )
