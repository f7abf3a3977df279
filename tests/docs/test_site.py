"""The built site in a browser. Needs ``make docs`` first; skipped, or failed if a browser is required, without it."""

import functools
import html
import json
import posixpath
import re
import zipfile
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = Path(__file__).parents[2] / "docs" / "_build" / "html"
RACE, RULE = "gallery/landscapes/plot_tilted_camel.html", "gallery/optimizers/plot_adam.html"
LEADERBOARD = "gallery/comparisons/plot_leaderboard.html"
#: Bytes of what all pages share, before the server compresses them; without ``docs/_ext/lean.py`` 950,000.
BUDGET = 400_000


def _pages():
    return sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts)


@pytest.fixture(scope="module")
def site(missing, serving):
    if not (SITE / "index.html").exists():
        missing("no built site: run make docs first")
    with serving(SITE) as address:
        yield address


#: A browser that draws no relief: half of what a page with a player takes a processor is the software that plays WebGL.
FLAT = """const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
  return kind === "webgl2" ? null : getContext.call(this, kind, ...options);
};"""


@pytest.fixture
def visit(site, open_page):
    """Open a page of the site: ``visit(path, **context options)``."""
    return lambda path, script=FLAT, **options: open_page(site + path, script, **options)


#: Which pages one visitor sees: processes that run tests share the folders.
PARTS = ("foundations", "optimizers", "landscapes", "signals", "comparisons", "the rest")


def _part(path):
    folders = path.split("/")
    return folders[1] if folders[0] == "gallery" and len(folders) > 2 else "the rest"


#: Pages of one kind: how many of them, the longest, represent the others.
ALIKE = {"_modules/": 1, "api/optguide.": 12}


def _visited(part):
    """The pages of a part; of listings of code and of pages of single names the longest."""
    pages = [path for path in _pages() if _part(path) == part]
    for start, count in ALIKE.items():
        alike = [path for path in pages if path.startswith(start) and path != "_modules/index.html"]
        left_out = set(sorted(alike, key=lambda path: len(_text(path)))[:-count])
        pages = [path for path in pages if path not in left_out]
    return pages


def test_every_page_has_its_visitor():
    assert {_part(path) for path in _pages()} <= {*PARTS}
    unseen = set(_pages()) - {path for part in PARTS for path in _visited(part)}
    assert all(path.startswith(tuple(ALIKE)) for path in unseen)
    assert {path for path in _pages() if path.startswith("api/")} - unseen >= {"api/index.html", "api/optimizers.html"}


#: By how many pixels a page, or the text in it, is wider than its place; and its links that have no name.
WIDER = """() => Math.max(...[document.documentElement, document.querySelector(".bd-article-container")].map(
  (box) => box.scrollWidth - box.clientWidth))"""
# What is folded has no innerText, and neither has a part of a drawing.
UNNAMED = """() => [...document.querySelectorAll(".bd-article a[href]")].filter((link) => !(
  (link.checkVisibility() && link.innerText || link.textContent).trim()
  || link.ariaLabel || link.title || link.querySelector("img[alt]:not([alt=''])"))).map((link) => link.href)"""

#: Players that are seen draw, or say why they cannot.
SETTLED = """() => [...document.querySelectorAll(".og-player")]
  .filter((figure) => figure.checkVisibility() && figure.getBoundingClientRect().top < innerHeight)
  .every((figure) => figure.player || figure.dataset.broken !== undefined)"""


@pytest.mark.parametrize("part", PARTS)
def test_every_page_loads_only_from_this_site_without_an_error_and_fits_a_phone(site, open_page, part):
    # Pages of landscapes have a relief to draw and play. What the others show is the same without one, and at rest.
    relief = part == "landscapes"
    motion = "no-preference" if relief else "reduce"
    page = open_page(
        "about:blank", "" if relief else FLAT, viewport={"width": 390, "height": 844}, reduced_motion=motion
    )
    foreign, errors, wide, unnamed = [], [], [], []
    widths = [390, 320]
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((site, "data:")) else None)
    page.on("response", lambda r: errors.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: errors.append(f"{page.url}: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(f"{page.url}: {e}"))
    for path in _visited(part):
        page.goto(site + path)
        page.wait_for_function(SETTLED)
        errors += [f"{path}: {text}" for text in page.locator(".og-problem").all_inner_texts()]
        for width in widths:
            page.set_viewport_size({"width": width, "height": 844})
            wide += [f"{path}: {pixels} more than {width}"] if (pixels := page.evaluate(WIDER)) > 0 else []
        widths.reverse()  # every other page is opened narrow, and made wide
        unnamed += [f"{path}: {link}" for link in page.evaluate(UNNAMED)]
    assert not foreign
    assert not errors
    assert not wide
    assert not unnamed


@functools.cache
def _text(path):
    return (SITE / path).read_text(encoding="utf-8")


@functools.cache
def _links(path):
    return _Links(_text(path))


class _Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.resources, self.links, self.images, self.anchors = [], [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors |= {attrs[name] for name in ("id", "name") if attrs.get(name)}
        if tag == "a":
            self.links.append(attrs.get("href") or "")
        elif tag == "link" and attrs.get("rel") in ("search", "index", "next", "prev", "canonical"):
            return
        elif tag == "img":
            self.images.append(attrs)
        for name in ("src", "href", "poster"):
            if tag != "a" and attrs.get(name):
                self.resources.append(attrs[name])


def test_no_page_names_a_resource_elsewhere_and_no_link_is_dead(site):
    for path in _pages():
        found = _links(path)
        assert not [url for url in found.resources if re.match(r"(https?:)?//", url)], path
        for url in [*found.resources, *found.links]:
            target = re.sub(r"[?#].*", "", url)
            if target and not re.match(r"\w+:", target):
                assert (SITE / path).parent.joinpath(target.replace("%20", " ")).exists(), f"{path} links {url}"


def test_every_link_into_a_page_finds_its_place(site):
    pages = {path: _links(path) for path in _pages()}
    checked = 0
    for path, found in pages.items():
        for url in found.links:
            target, _, anchor = url.partition("#")
            if not anchor or re.match(r"\w+:", target):
                continue
            if target.endswith("lab.html") and "=" in anchor:
                continue  # a scene, no place; docs/_ext/lab_links.py writes those that readHash reads
            page = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            assert unquote(anchor) in pages[page.partition("?")[0]].anchors, f"{path} links {url}"
            checked += 1
    assert checked > 1000


def test_every_picture_has_a_description(site):
    for path in _pages():
        for image in _links(path).images:
            # A name stands beside these.
            decorative = "logo__image" in image.get("class", "") or "_thumb" in image.get("src")
            assert image.get("alt") or decorative, f"{path}: {image.get('src')}"


def test_every_gallery_page_offers_its_notebook_and_its_script(site):
    pages = [path for path in _pages() if re.match(r"gallery/\w+/plot_", path)]
    assert pages
    for path in pages:
        links = _links(path).links
        for suffix in (".ipynb", ".py"):
            assert any("_downloads/" in url and url.endswith(suffix) for url in links), f"{path}: no {suffix}"


def test_no_page_shows_a_warning_a_traceback_or_the_folder_it_was_made_in(site):
    for path in _pages():
        text = _text(path)
        assert str(SITE.parents[2]) not in text, path
        if path.startswith("gallery/"):
            found = re.search("site-packages|Warning:|Traceback", text)
            assert not found, f"{path}: {text[max(found.start() - 60, 0) : found.end() + 60]}"


def test_a_hundred_characters_of_code_fit_between_the_sidebars(visit):
    page = visit(RULE)
    code = page.locator("details[open] pre").first
    code.evaluate("code => { code.textContent = '0'.repeat(100) }")
    for width in (1280, 1366, 1920):
        page.set_viewport_size({"width": width - 15, "height": 900})  # a scroll bar takes the rest
        for name in ("primary", "secondary"):
            assert page.locator(f".bd-sidebar-{name}").is_visible()
        assert code.evaluate("code => code.scrollWidth <= code.clientWidth && code.scrollWidth > 700")
        assert page.locator(".bd-article section > p").first.bounding_box()["width"] < 750, "lines of text are shorter"


def test_the_first_screen_shows_the_picture(visit):
    page = visit(RACE)
    for width, height, lowest in ((1366, 900, 500), (390, 844, 600)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.locator(".bd-article .og-view").first.bounding_box()["y"] < lowest


def test_the_card_of_a_rule_is_a_box_of_few_lines(visit):
    page = visit(RULE)
    card = page.locator("table.card")
    for width, height in ((1366, 70), (390, 165)):
        page.set_viewport_size({"width": width, "height": 844})
        assert card.bounding_box()["height"] < height
    assert "gradients per step" in card.inner_text()


def test_every_section_has_a_card_of_every_page_with_its_claim_in_print(site):
    for section in PARTS[:-1]:
        cards = re.findall(r'<div class="og-card".*?</div>', _text(f"gallery/{section}/index.html"), re.DOTALL)
        assert len(cards) == len(list((SITE / "gallery" / section).glob("plot_*.html")))
        assert all(len(re.findall("<p>.+?</p>", card, re.DOTALL)) == 2 for card in cards)


def test_a_card_of_a_gallery_is_one_link_wherever_it_is_clicked(visit):
    page = visit("gallery/signals/index.html")
    card = page.locator(".og-card").nth(2)
    target = card.get_by_role("link").get_attribute("href")
    card.click(position={"x": 20, "y": 20})
    page.wait_for_url(f"**/{target}")


def test_every_card_has_a_small_picture_of_its_own_for_either_theme(site):
    for theme in ("", "_light"):
        cards = sorted((SITE / "_images").glob(f"sphx_glr_plot_*_thumb{theme}.*"))
        assert len(cards) == len(list(SITE.parents[2].glob("gallery/*/plot_*.py")))
        assert {card.suffix for card in cards} == {".webp"}, "sphinx-gallery's own are PNG"
        assert max(card.stat().st_size for card in cards) < 25_000
        assert len({card.read_bytes() for card in cards}) > len(cards) - 8, "a few show the same descent"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_card_shows_the_picture_of_its_theme(visit, theme):
    page = visit("gallery/signals/index.html", color_scheme=theme)
    shown = page.locator(".og-card img:visible")
    assert shown.count() == page.locator(".og-card").count()
    assert all(("_light" in image.get_attribute("src")) == (theme == "light") for image in shown.all())


def test_buttons_filter_the_cards_of_rules(visit):
    page = visit("gallery/optimizers/index.html")
    names = lambda: page.locator(".og-card:visible p:first-of-type").all_inner_texts()  # noqa: E731
    every = names()
    page.get_by_role("button", name="rows and columns", exact=True).click()
    found = names()
    assert "Muon" in found and "Adam" not in found
    assert page.locator(".og-filters output").inner_text() == f"{len(found)} of {len(every)} pages"
    assert page.get_by_role("heading", name="Momentum").count() == 0, "an empty family has no heading"
    page.get_by_role("button", name="the whole model", exact=True).press("Enter")
    assert {*found, "DoG"} < {*names()}, "of one kind any will do"
    page.get_by_role("button", name="before 2012", exact=True).click()
    assert names() and not {"DoG", "Muon"} & {*names()}, "of several kinds all count"
    page.get_by_role("button", name="Show all", exact=True).click()
    assert names() == every


def test_without_scripts_all_cards_are_there_and_no_buttons(visit):
    page = visit("gallery/optimizers/index.html", java_script_enabled=False)
    assert page.locator(".og-card:visible").count() == len(list((SITE / "gallery/optimizers").glob("plot_*.html")))
    assert page.locator(".og-filters:visible").count() == 0


#: Boxes that would cut off what they hold at the end of a sheet, or beside it.
CUT = """() => [...document.querySelectorAll("body, body :not(svg, svg *)")].filter((box) => box.checkVisibility()
  && getComputedStyle(box).overflow !== "visible" && box.textContent.trim()).map((box) => box.className)"""


@pytest.mark.parametrize("path", ["index.html", "glossary.html", "api/descents.html", RULE, RACE, LEADERBOARD])
def test_paper_shows_the_whole_page_with_its_pictures(visit, path):
    page = visit(path, viewport={"width": 718, "height": 1000})  # the width of A4 between margins
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_function("""() => [...document.images].filter((i) => i.checkVisibility())
      .every((image) => image.complete && image.naturalWidth)""")
    assert page.evaluate(CUT) == []


def test_paper_has_the_ink_of_the_light_theme(visit):
    page = visit(RULE, color_scheme="dark")
    shown = "[document.documentElement.dataset.theme, document.querySelector('img.only-light').checkVisibility()]"
    assert page.evaluate(shown) == ["dark", False]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(shown) == ["light", True]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(shown) == ["dark", False]


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_follows_the_system_and_switches_both_ways(visit, system):
    page = visit("licenses.html", color_scheme=system)
    theme = "document.documentElement.dataset.theme"
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(theme) == system
    grounds = {}
    for wanted in ("dark", "light", "dark"):
        page.locator(".theme-switch-button:visible").first.click()
        page.locator(f"[data-mode={wanted}].theme-change-button:visible").first.click()
        page.wait_for_function(f"{theme} === '{wanted}'")
        page.wait_for_timeout(400)  # the ground fades
        grounds[wanted] = page.evaluate(ground)
    assert grounds["dark"] != grounds["light"]


def test_a_figure_shows_the_file_of_the_theme(visit):
    for theme, hidden in (("light", "dark"), ("dark", "light")):
        page = visit(RULE, color_scheme=theme)
        assert page.locator(f"a > img.figure.only-{theme}").first.is_visible()
        assert not page.locator(f"a > img.figure.only-{hidden}").first.is_visible()


def test_mathematics_needs_no_script(visit):
    page = visit(RULE, java_script_enabled=False)
    formula = page.locator("math").first
    box = formula.bounding_box()
    assert box["width"] > 5 and box["height"] > 5
    assert "\\" not in formula.text_content()


def test_a_player_draws_what_was_recorded_and_plays_while_it_is_seen(visit):
    page = visit(RACE, script="")
    figure = page.locator(".og-player").first
    figure.scroll_into_view_if_needed()
    page.wait_for_function("f => f.player?.step > 2", arg=figure.element_handle())
    page.evaluate("document.querySelector('.og-player').style.marginBottom = '3000px'")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("f => !f.player.playing && !f.player.frame", arg=figure.element_handle())


def test_the_landing_page_opens_with_a_landscape_in_3d(visit):
    page = visit("index.html", script="")
    page.wait_for_function("document.querySelector('.hero .og-player').player?.depth === 1")


@pytest.mark.parametrize("path", ["index.html", RULE, "gallery/signals/plot_overview.html"])
def test_a_picture_becomes_a_lab_in_its_place(visit, path):
    page = visit(path, script="", reduced_motion="reduce")
    page.locator(".og-try").first.click()
    lab = page.locator("og-lab[data-whole]")
    lab.wait_for()
    before = page.evaluate(
        "[...document.querySelector('og-lab').lab.record.runs.at(-1).channels.step?.[0] ?? []].length"
    )
    lab.get_by_label("lr", exact=True).last.fill("0.0123")
    settings = page.evaluate("document.querySelector('og-lab').scene.runs.at(-1).settings")
    assert settings["lr"] == 0.0123 and (before > 0 or "signals" in path)
    assert lab.locator("canvas").first.bounding_box()["width"] > 200


def test_the_page_of_the_lab_follows_its_address(visit):
    page = visit("lab.html#surface=himmelblau&run=Adam;lr:0.1&steps=50", reduced_motion="reduce")
    page.locator("og-lab[data-whole]").wait_for()
    runs = page.evaluate("document.querySelector('og-lab').runs.map(({ name, theta }) => [name, theta.length])")
    assert runs == [["Adam", 102]]


#: What a page cannot compute: nothing else may stand in the way of trying a picture.
BEYOND_A_PAGE = re.compile(
    "Recorded, and not computed here: .*(no rule of optguide's with fixed settings|does more than step each coordinate|"
    "wraps another rule|only descents in one or two coordinates|differ in more than their rules|unknown function)"
)


def test_every_player_that_a_page_can_compute_can_be_tried_and_the_others_say_why(site):
    players = [player for path in _pages() for player in _players(path)]
    assert sum(lab for _, lab, _ in players) > 90
    assert [path for path, lab, text in players if not lab and not BEYOND_A_PAGE.search(html.unescape(text))] == []


def _players(path):
    """Of every player on a page: whether it can be tried, and its words."""
    text = (SITE / path).read_text(encoding="utf-8")
    for figure in re.findall(r'<figure class="og-player".*?</figure>', text, re.DOTALL):
        yield path, ' data-lab=""' in figure, figure


def test_without_scripts_there_are_stills_and_words(visit):
    page = visit(RACE, java_script_enabled=False)
    stills = page.locator(".og-player img.only-light")
    assert [stills.nth(i).is_visible() for i in range(stills.count())] == [True, True]
    assert page.locator(".og-player img.only-dark").first.is_hidden()
    page.locator(".og-words summary").first.click()
    assert "SGD ends at" in page.locator(".og-words p").first.inner_text()


def test_pages_with_the_same_landscape_share_its_file(site):
    used = {}
    for path in _pages():
        for name in re.findall(r'data-landscape="([^"]+)"', _text(path)):
            used.setdefault(name.rsplit("/", 1)[-1], set()).add(path)
    assert max(map(len, used.values())) > 2
    assert len({(SITE / "_images" / name).read_bytes() for name in used}) == len(used)


def test_a_table_sorts_by_keyboard_and_says_how(visit):
    page = visit(LEADERBOARD)
    table = page.locator("table.sortable").first
    number = 1 + [text.split()[0] for text in table.locator("th").all_inner_texts()].index("steps")
    column = lambda: table.locator(f"tbody tr td:nth-child({number})").all_inner_texts()  # noqa: E731
    head = table.locator("th", has_text="steps")
    assert head.get_attribute("aria-sort") is None
    before = column()
    for order, reverse in (("ascending", False), ("descending", True)):
        head.get_by_role("button").focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == order
        numbers = [float(text) for text in column() if text != "never"]
        assert numbers == sorted(numbers, reverse=reverse) and len(numbers) > 5
        assert set(column()[len(numbers) :]) == {"never"}
    assert sorted(column()) == sorted(before) != before
    table.locator("th button").first.click()
    assert table.locator("th[aria-sort]").count() == 1


def test_without_scripts_a_sortable_table_is_a_table_and_its_numbers_are_a_file(visit):
    page = visit(LEADERBOARD, java_script_enabled=False)
    assert page.locator("table.sortable th").first.inner_text() == "rule"
    assert page.locator("table.sortable button").count() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these numbers").click()
    assert download.value.path().read_text().startswith("rule,landscape,")


def test_only_pages_with_a_table_that_a_script_serves_load_it(site):
    served = {"sortable": "sort.js", "side-by-side": "columns.js"}
    found = set()
    for path in _pages():
        text = _text(path)
        for kind, script in served.items():
            here = bool(re.search(rf'<table class="[^"]*{kind}', text))
            assert (f'src="{"../" * path.count("/")}_static/{script}' in text) == here, (path, script)
            found |= {kind} if here else set()
    assert found == {*served}


def test_search_finds_an_optimizer(visit):
    page = visit("search.html?q=Adam")
    page.wait_for_selector("#search-results li a")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("warmup", "Warm-up"),
        ("convergence", "Which learning rates are stable"),
        ("local minimum", "Himmelblau’s function"),
        ("AdamW vs Adam", "Which optimizer?"),
        ("which optimizer", "Which optimizer?"),
        ("momentum", "Momentum"),
    ],
)
def test_a_search_leads_first_to_the_page_that_explains(visit, words, found):
    page = visit(f"search.html?q={words.replace(' ', '+')}")
    page.wait_for_selector("#search-results li .context")
    assert page.locator("#search-results li a").first.inner_text() == found
    assert "Go to the end" not in page.locator("#search-results").inner_text()


@pytest.mark.parametrize("words", ["warmup", "what does beta2 do", "heavy ball", "og.descend"])
def test_a_result_is_quoted_from_what_its_page_says(visit, words):
    page = visit(f"search.html?q={words.replace(' ', '+')}")
    page.wait_for_selector("#search-results li .context")
    for result in page.locator("#search-results li:has(.context)").all()[:5]:
        path = urlsplit(result.get_by_role("link").get_attribute("href")).path
        quote = re.sub(r"\W", "", result.locator(".context").inner_text())
        pieces = [
            quote[i : i + 12] for i in range(0, len(quote) - 11, 12)
        ]  # code and pictures between them are left out
        text = re.search('<article class="bd-article">(.*?)</article>', _text(path), re.DOTALL)[1]
        text = re.sub("<h1>.*?</h1>|<figure.*?</figure>|<nav.*?</nav>", "", text, flags=re.DOTALL)
        text = re.sub(r"\W", "", html.unescape(re.sub("<[^>]+>", "", text)))
        assert len(quote) > 30 and pieces[0] in text, f"{path}: {quote}"
        assert sum(piece in text for piece in pieces) >= 0.7 * len(pieces), f"{path}: {quote}"


def test_marked_words_can_be_read_in_the_dark(visit):
    page = visit("search.html?q=momentum", color_scheme="dark")
    page.wait_for_selector("#search-results .highlighted")
    ink, ground = page.locator(".highlighted").first.evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )

    def light(color):
        parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05

    assert light(ink) / light(ground) >= 7


FIRST_ROW = ["Learning path", "Lab", "Optimizers", "Family tree", "Landscapes", "How it is proven", "Glossary", "API"]


def test_the_first_row_of_the_navigation_is_one_row_and_on_a_phone_it_is_behind_a_button(visit):
    for width in (1366, 1024):
        page = visit("index.html", viewport={"width": width, "height": 900})
        links = page.locator(".bd-header__inner .bd-navbar-elements > li > :is(a, button)")
        assert [words.strip() for words in links.all_inner_texts()] == [*FIRST_ROW, "More"]
        heights = [link.bounding_box()["y"] for link in links.all()]
        assert max(heights) - min(heights) < 5
        assert page.locator(".bd-header").bounding_box()["height"] < 90
    page = visit("index.html", viewport={"width": 390, "height": 844}, has_touch=True)
    page.locator(".primary-toggle").tap()
    for words in (*FIRST_ROW, "Foundations", "Comparisons"):
        assert page.locator("dialog[open]").get_by_role("link", name=words, exact=True).is_visible(), words


def test_words_are_marked_on_pages_that_were_found_and_on_no_other(visit):
    page = visit("search.html?q=momentum")
    page.locator("#search-results li a").first.click()
    page.wait_for_selector(".highlighted")
    assert page.get_by_text("Hide Search Matches").is_visible()
    page.goto(page.url[: page.url.index("/", 8)] + "/search.html?q=momentum")
    page.wait_for_selector("#search-results li a")
    page.locator(".navbar-brand").first.click()
    page.wait_for_selector(".hero")
    page.wait_for_load_state()
    assert page.get_by_text("Hide Search Matches").count() == 0


def test_what_every_page_loads_is_cut_to_what_the_pages_need(site):
    resources = _links(RULE).resources
    loaded = {(SITE / RULE).parent / link.partition("?")[0] for link in resources if "_static" in link}
    loaded |= set((SITE / "_static" / "vendor").rglob("*.woff2"))  # icons, which the theme's style sheet asks for
    assert len(loaded) > 5
    assert sum(path.stat().st_size for path in loaded) < BUDGET


def test_what_others_made_comes_with_its_licence(site):
    from fontTools.ttLib import TTFont

    rows = re.findall(r"<tr.*?</tr>", (SITE / "licenses.html").read_text(encoding="utf-8"), re.DOTALL)
    terms = {}
    # What the short names stand for, in words of the licences; the first that is found counts.
    kinds = {"SIL Open Font License 1.1": "SIL OPEN FONT LICENSE", "MIT": "Permission is hereby granted"}
    kinds |= {"BSD, three clauses": "Neither the name", "BSD, two clauses": "Redistributions in binary form"}
    for row in rows[1:]:
        text = (SITE / re.search(r'href="(_static/licenses/[^"]+)"', row)[1]).read_text(encoding="utf-8")
        assert re.search(r"copyright (\(c\) )?(\d{4}|zeno)", text, re.IGNORECASE)
        assert re.search("WARRANTIES|WARRANTY", text)
        named = re.search(r'href="_static/licenses/[^>]*>(?:<[^>]*>)*([^<]+)<', row)[1]
        assert named == next(kind for kind, words in kinds.items() if words in text)
        for pattern in re.findall(r'<span class="pre">([^<]+)</span>', row):
            terms.setdefault(pattern, []).append(text)
    static = SITE / "_static"
    for path in static.rglob("*.*"):
        name = path.relative_to(static).as_posix()
        texts = [text for pattern, found in terms.items() if fnmatch(name, pattern) for text in found]
        assert texts or name.startswith("licenses/"), name
        if path.suffix == ".woff2":
            (text,) = texts
            assert "SIL OPEN FONT LICENSE Version 1.1" in text and "OTHER DEALINGS IN THE FONT SOFTWARE" in text
            names = {record.nameID: str(record) for record in TTFont(path)["name"].names}
            assert re.search(r"STIX|Awesome", names[0]), "the font says who made it"
            assert "Awesome" not in names[4], "a part must not bear a reserved name"
            assert path.name != "math.woff2" or {7, 13, 14} <= set(names)


def test_a_docstring_says_in_one_piece_what_is_returned(site):
    for path in _pages():
        if path.startswith("api/"):
            text = _text(path)
            names = re.findall(r"Returns<[^\n]*\n<dd[^>]*><p><strong>([^<]*)</strong>", text)
            assert not [name for name in names if " " in name], path


#: What is no Markdown: roles, directives, labels, references, attributes and markup that the site alone understands.
FOREIGN = (
    r"interpreted-text|sphx_glr|:[\w+:-]+:`|`_|^ *\.\. |^:\w+:|::$|^:::|\{[#.:=%]|\[?@\w+\d{4}|</?[a-z]+[ />]|&\w+;"
    r"|(?<!`)``(?!`)|\|\w+\||\\['\"*_`<>|@]"
)


def _strange(markdown):
    """What a reader of a notebook would see as source; formulas and code in backquotes are not looked into."""
    text = re.sub(r"(?s)```.*?```|(?<!`)`[^`\n]+`(?![_`])|\$\$.*?\$\$|\$[^$]+\$", "x", markdown)
    found = re.search(FOREIGN, text, re.MULTILINE)
    return text[max(found.start() - 40, 0) : found.end() + 40] if found else ""


@pytest.mark.parametrize(
    "text",
    [":ref:`a <b>`", ":py:class:`A`", "`a`{.interpreted-text role=\"ref\"}", ".. note:: a", ".. _label:", "`a <b>`_",
     "::: {.oracles}", "[@kingma2015]", "@kingma2015 say", "[]{#label}", "``code``", "as follows::", "<div class='a'>",
     "a&nbsp;b", "a\\*b", "|name|", ":alt: x"],
)  # fmt: skip
def test_the_lint_of_notebooks_sees(text):
    assert _strange(f"Words.\n\n{text}\n\nmore words")


def test_the_lint_of_notebooks_lets_markdown_be():
    assert not _strange(
        "# A `title_` of *x*\n\n$\\|a|_b\\$ **b** [c](https://d.org/e_f) `:a:` <https://d.org>\n\n```py\n@a\n::\n```"
    )


def test_notebooks_hold_plain_markdown_and_install_what_they_need_below_their_title(site):
    notebooks = {path.name: path.read_text(encoding="utf-8") for path in SITE.glob("_downloads/*/plot_*.ipynb")}
    assert len(notebooks) == len(list(SITE.parents[2].glob("gallery/*/plot_*.py")))
    for name, text in notebooks.items():
        cells = json.loads(text)["cells"]
        assert cells[0]["source"][0].startswith("# ") and "%pip install --quiet" in "".join(cells[1]["source"]), name
        assert not [line for cell in cells[2:] for line in cell["source"] if "%pip" in line], name
        assert "optguide:" not in text and "This notebook is the page" in "".join(cells[-1]["source"]), name
        strange = [_strange("".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"]
        assert not any(strange), f"{name}: {strange}"
    (wheel,) = SITE.glob("_static/*.whl")
    for path in SITE.glob("_downloads/*/*.zip"):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                if name.endswith(".ipynb"):
                    assert packed.read(name).decode() == notebooks[name], f"{path.name}: {name}"
            assert packed.read(wheel.name) == wheel.read_bytes()
