"""What a validator, a reader's screen reader and Lighthouse would find in the HTML of the built site, on every page."""

import functools
import gzip
import posixpath
import re
from html.parser import HTMLParser

import pytest
from reading import SITE, page, pages

#: Bytes that the HTML of a page may ask for at once, compressed; what players fetch comes on top of it.
FIRST_VIEW = 250_000
PACKED = (".webp", ".woff2", ".png")
CONTROLS = ("input", "select", "textarea", "button")


@pytest.fixture(scope="module", autouse=True)
def site(missing):
    if not (SITE / "index.html").exists():
        missing("no built site: run make docs first")


class Markup(HTMLParser):
    """The ids, headings, pictures, controls and files of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.levels, self.images, self.controls, self.files, self.viewports = [], [], [], [], [], 0
        self.labelled, self.label, self.button = set(), 0, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.viewports += tag == "meta" and found.get("name") == "viewport"
        if tag == "label":
            self.label += 1
            self.labelled.add(found.get("for"))
        if tag in CONTROLS and found.get("type") not in ("hidden", "submit"):
            named = found.get("aria-label") or found.get("title") or found.get("aria-labelledby") or self.label
            self.controls.append([found, bool(named)])
            self.button = self.controls[-1] if tag == "button" else None
        if tag == "img":
            self.images.append(found)
            if self.button and found.get("alt"):
                self.button[1] = True
        if self.button and found.get("aria-label"):  # a picture in a button names it
            self.button[1] = True
        if tag == "script" or (tag == "img" and found.get("loading") != "lazy"):
            self.files += [found["src"]] if found.get("src") else []
        if tag == "link" and found.get("rel") in ("stylesheet", "preload", "icon"):
            self.files.append(found["href"])

    def handle_endtag(self, tag):
        self.label -= tag == "label"
        self.button = None if tag == "button" else self.button

    def handle_data(self, text):
        if self.button and text.strip():
            self.button[1] = True


@functools.cache
def markup(path):
    # Formulas, and most parts of listings, are none of these.
    return Markup(re.sub(r"<math.*?</math>|<span(?![^>]* id=)[^>]*>|</span>", "", page(path), flags=re.DOTALL))


@functools.cache
def weight(path):
    """Bytes that a file takes on its way, with what a style sheet imports; fonts are loaded where they are used."""
    data = (SITE / path).read_bytes()
    size = len(data if path.endswith(PACKED) else gzip.compress(data))
    imports = re.findall(r'@import (?:url\()?"?([^")]+)', data.decode()) if path.endswith(".css") else []
    return size + sum(weight(posixpath.normpath(posixpath.join(posixpath.dirname(path), name))) for name in imports)


def first_view(path):
    names = {re.sub("[?#].*", "", name) for name in markup(path).files if not name.startswith("data:")}
    files = {posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in names}
    files |= {"_static/math.woff2"} if "<math" in page(path) else set()
    return sum(map(weight, {path} | {file for file in files if (SITE / file).exists()}))


def test_an_id_is_on_a_page_once():
    for path in pages():
        ids = markup(path).ids
        assert len(set(ids)) == len(ids), f"{path}: {sorted({name for name in ids if ids.count(name) > 1})}"


def test_headings_begin_with_the_title_and_leave_no_level_out():
    for path in pages():
        levels = markup(path).levels
        assert levels.count(1) == 1 and levels[0] == 1, f"{path}: {levels}"
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), f"{path}: {levels}"


def test_every_control_has_a_name():
    for path in pages():
        found = markup(path)
        nameless = [shown for shown, named in found.controls if not named and shown.get("id") not in found.labelled]
        assert not nameless, f"{path}: {nameless}"


def test_every_picture_has_a_size_and_a_description():
    seen = 0
    for path in pages():
        for image in markup(path).images:
            assert "alt" in image, f"{path}: {image}"
            if "logo__image" not in image.get("class", ""):  # which the theme makes as high as its bar
                assert image.get("width", "").isdigit() and image.get("height", "").isdigit(), f"{path}: {image}"
                seen += 1
    assert seen > 500


def test_a_page_tells_a_phone_its_width_once():
    assert {path: markup(path).viewports for path in pages()} == dict.fromkeys(pages(), 1)


def test_what_the_html_asks_for_at_once_is_light():
    weights = {path: first_view(path) for path in pages()}
    assert min(weights.values()) > 50_000, "the style sheets alone weigh more: something is not counted"
    assert not {path: size for path, size in weights.items() if size > FIRST_VIEW}
