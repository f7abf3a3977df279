"""A reader's tour through the lab, in a real Chromium: by mouse, by keyboard alone, and by touch on a phone."""

import json

import numpy as np
import pytest

import optguide as og

LINK = "lab.html#surface=rosenbrock&run=SGD;lr:0.002&run=Adam;lr:0.1&steps=120"

#: What takes the focus, as the reader meets it.
CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex='0']"


class Mouse:
    """Takes hold of what a page shows."""

    options = {}

    def __init__(self, page):
        self.page = page

    def press(self, target):
        target.click()

    def drag_start(self):
        x, y = middle(self.page.locator(".og-start"))
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 30, y + 20, steps=4)
        self.page.mouse.up()

    def slide(self, slider):
        box = slider.bounding_box()
        self.page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)

    def choose(self, select, text):
        select.select_option(label=text)  # the browser's own list is no part of the page

    def write(self, field, text):
        self.press(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)


class Finger(Mouse):
    """Taps, and drags with one finger."""

    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

    def press(self, target):
        target.tap()

    def drag_start(self):
        handle = self.page.locator(".og-start")
        handle.scroll_into_view_if_needed()
        x, y = middle(handle)
        touch = self.page.context.new_cdp_session(self.page)
        for kind, dx in (("touchStart", 0), ("touchMove", 15), ("touchMove", 30), ("touchEnd", None)):
            points = [] if dx is None else [{"x": x + dx, "y": y + dx / 2}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def slide(self, slider):
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        self.page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)


class Keys(Mouse):
    """Nothing but the keyboard: whatever is wanted is gone to with the Tab key."""

    def reach(self, target):
        key = "Tab"
        if target.evaluate("(e) => Boolean(document.activeElement.compareDocumentPosition(e) & 2)"):
            key = "Shift+Tab"
        for _ in range(60):
            if target.evaluate("(e) => e === document.activeElement"):
                break
            self.page.keyboard.press(key)
        assert self.page.evaluate(SEEN), f"the focus is not seen at {target}"

    def press(self, target):
        self.reach(target)
        self.page.keyboard.press("Enter")

    def drag_start(self):
        self.reach(self.page.locator(".og-start"))
        for key in ("Shift+ArrowRight", "Shift+ArrowDown", "ArrowDown"):
            self.page.keyboard.press(key)

    def slide(self, slider):
        self.reach(slider)
        for _ in range(5):
            self.page.keyboard.press("ArrowLeft")

    def choose(self, select, text):
        self.reach(select)
        self.page.keyboard.type(text)

    def write(self, field, text):
        self.reach(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)


#: Whether what has the focus, or the frame drawn around it, is outlined and on the screen.
SEEN = """() => {
    const e = document.activeElement, framed = e.closest(".og-code") ?? e;
    const { outlineStyle, outlineWidth } = getComputedStyle(framed), { top, bottom } = e.getBoundingClientRect();
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 && bottom > 0 && top < innerHeight;
}"""


def middle(target):
    box = target.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def lab(page, what):
    return page.evaluate(f"() => {{ const el = document.querySelector('og-lab'), {{ lab }} = el; return {what}; }}")


def ends(page):
    """The last point of every run, digit for digit."""
    runs = lab(page, "el.runs.map(({ name, theta }) => [name, [...theta.slice(-2)].map(String)])")
    return dict(map(tuple, runs))


def copied(page):
    page.locator(".og-said[role=status]").filter(has_text="is copied").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("hand", [Mouse, Keys, Finger])
def test_a_reader_takes_hold(show, open_page, hand):
    page = show(LINK, permissions=["clipboard-read", "clipboard-write"], **hand.options)
    errors = []
    page.on("pageerror", lambda error: errors.append(error.message))
    by = hand(page)

    first = ends(page)
    by.drag_start()
    start = lab(page, "lab.scene.start")
    assert start[0] > -1.5 and start[1] < 2, "the start follows the hand"
    race = og.race({"SGD": og.SGD.at(lr=0.002)}, og.surfaces.rosenbrock, start=start, steps=120)
    assert [float(x) for x in ends(page)["SGD"]] == race["SGD"].theta[-1].tolist() != first["SGD"]

    card = page.locator(".og-card").filter(has_text="Adam")
    by.slide(card.get_by_role("slider", name="lr", exact=True))
    lr = lab(page, "lab.scene.runs[1].settings.lr")
    assert 0 < lr < 0.1 and card.get_by_role("textbox", name="lr", exact=True).input_value() == json.dumps(lr)

    before = ends(page)
    by.press(page.locator(".og-rule summary"))
    code = page.get_by_role("textbox", name="Edit the rule", exact=True)
    fault = page.locator(".og-rule .og-fault")
    by.press(code) if hand is not Keys else by.reach(code)
    for key in ("ControlOrMeta+Home", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.type("@")
    assert (
        fault.inner_text().startswith("line 3: ") and fault.evaluate("(e) => e.style.getPropertyValue('--line')") == "2"
    )
    assert ends(page) == before, "the last rule that could be read runs"
    page.keyboard.press("Backspace")
    assert fault.inner_text() == "" and ends(page) == before
    page.keyboard.type("    g = 0.5 * g\n")
    assert fault.inner_text() == "" and ends(page)["SGD"] != before["SGD"] == ends(page)["SGD as published"]

    by.choose(page.get_by_label("Landscape", exact=True), "type your own …")
    by.write(page.locator(".og-formula"), "x**2 + 3*sin(2*y) + x*y/4")
    assert lab(page, "lab.scene.formula") == "x**2 + 3*sin(2*y) + x*y/4"
    assert list(ends(page)) == ["SGD", "SGD as published", "Adam"]

    share = page.locator(".og-share details")
    if not share.evaluate("(e) => e.open"):
        by.press(share.locator("summary"))
    by.press(page.get_by_role("button", name="Copy link", exact=True))
    other = open_page(copied(page), reduced_motion="reduce")
    other.wait_for_selector("og-lab[data-whole]")
    assert ends(other) == ends(page)
    other.close()

    page.evaluate("navigator.clipboard.writeText('')")
    by.press(page.get_by_role("button", name="Copy as Python", exact=True))
    page.locator(".og-said").filter(has_text="Python").wait_for()
    space = {}
    exec(copied(page), space)
    for name, end in ends(page).items():
        np.testing.assert_allclose(space["race"][name].theta[-1], np.array(end, float), rtol=1e-12, err_msg=name)
    assert not errors


def test_the_tab_key_comes_to_every_control_once_in_order_and_leaves(show):
    page = show(LINK)
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
    page.locator(".og-rule th").filter(has_text="step 120, x").wait_for(timeout=5_000)  # before anything was changed
    page.get_by_role("button", name="Embed", exact=True).click()
    page.evaluate(
        """(controls) => {
            window.all = [...document.querySelectorAll(controls)].filter((e) => !e.disabled && e.tabIndex >= 0
                && e.checkVisibility({ visibilityProperty: true }));
            all[0].focus();
        }""",
        CONTROLS,
    )
    count = page.evaluate("all.length")
    assert count > 50
    came = [0]
    for _ in range(count - 1):
        page.keyboard.press("Tab")
        came.append(page.evaluate("() => all.indexOf(document.activeElement)"))
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
    assert came == list(range(count))
    page.keyboard.press("Tab")
    assert page.evaluate("all.indexOf(document.activeElement)") <= 0, "the focus leaves the page, or begins again"


def test_a_phone_is_not_scrolled_aside_and_fingers_find_what_they_want(show):
    page = show(LINK, **Finger.options)
    assert page.locator(".og-fold[open]").count() == 0, "what is asked for unfolds"
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
    page.get_by_role("button", name="Embed", exact=True).tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        """(controls) => [...document.querySelectorAll(controls)].filter((e) => e.checkVisibility())
            .map((e) => [e.outerHTML.slice(0, 90), e.closest("label, .og-code") ?? e])
            .map(([text, e]) => [text, e.getBoundingClientRect()])
            .filter(([, { width, height }]) => width && Math.min(width, height) < 24).map(([text]) => text)""",
        CONTROLS,
    )
    assert not small


def test_the_box_of_a_snippet_opens_when_it_is_asked_for(show):
    page = show(LINK)
    box = page.locator(".og-embed")
    assert not box.is_visible()
    page.get_by_role("button", name="Embed", exact=True).click()
    assert box.is_visible()
    page.get_by_role("button", name="Embed", exact=True).click()
    assert not box.is_visible()
