"""Bad input. Whatever a person passes by mistake, a call works or says which argument is wrong.

A mistake is a wrong shape, sign, range, kind or name, one too many or too few, and any text for a name. Nothing hangs,
warns, leaves half a file or hides that its numbers are not finite, and no name becomes markup.
``OPTGUIDE_FUZZ=1000 pytest tests/test_fuzz.py --hypothesis-show-statistics`` tries more cases, other ones every time.
"""

from __future__ import annotations

import contextlib
import functools
import html.parser
import io
import json
import math
import operator
import os
import re
import signal
import sys
import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import optguide as og
from optguide import cli
from optguide.render import player
from optguide.render.film import SUFFIXES

MANY = os.environ.get("OPTGUIDE_FUZZ")
RULES = [getattr(og, name) for name in og.optimizers.on_landscapes]


def cases(number):
    """So many cases of a property; ``OPTGUIDE_FUZZ`` is a percentage of it."""
    return settings(
        max_examples=number * int(MANY or 100) // 100,
        derandomize=not MANY,
        phases=list(Phase) if MANY else [Phase.generate],  # shrinking a failure takes minutes
        database=None,
        deadline=None,  # `attempt` watches for hangs; how long a case takes depends on the machine
        suppress_health_check=list(HealthCheck),
    )


class Hung(BaseException):
    """A call took longer than any could."""


@contextlib.contextmanager
def watched(seconds=120):
    def stop(*_):
        raise Hung(f"no answer after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(call, *culprits):
    """What the call returns, or None if it refuses with a message that holds one of the culprits."""
    with watched():
        try:
            return call()
        except (TypeError, ValueError, RuntimeError, OSError) as error:
            if not any(culprit in str(error) for culprit in culprits):
                raise
            return None


# --- What is passed

shaped = st.builds(
    lambda value, shape, make: make(np.full(shape, value)),
    st.sampled_from([0.0, 0.5, -1.0, math.nan, math.inf, 1e30]),
    st.sampled_from([(), (1,), (2,), (3,), (0,), (2, 2)]),
    st.sampled_from([np.asarray, np.float32, torch.as_tensor, lambda a: torch.as_tensor(a).float(), np.ndarray.tolist]),
)
numbers = st.floats() | st.integers(-(2**70), 2**70) | st.sampled_from([1e308, 5e-324, 0.1, 1, 0, 1 - 2**-53])
things = st.one_of(
    numbers,
    st.floats(0, 1),
    shaped,
    st.sampled_from([None, True, "", "0.1", "auto", 1j, (), [], {}, [[1], [2, 3]], [0.1, None], print, {"lr": 1}]),
)
values = things | st.tuples(things, things) | st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).map(tuple)

#: What HTML, reStructuredText, Markdown or LaTeX would take for theirs.
MARKUP = r"""_hidden|$|$x|$x$|$\frac{$|\$x\$|名前|🚀 ✓|é́|<script>alert(1)</script>|</script><!--<script>|" onload="x|
' x|&lt;b&amp;|<img src=x onerror=y>|]]>|</title>|`code`|`a` <b>|*a* **b** _c_|[a](javascript:b)|![a](http://b)|# a|
- a|1. a|> a|---|\|.. raw:: html|.. image:: a|:raw: a|a::|::|`a`_|a_|http://a.b|a@b.c|(a) b|====|${x}|%s {x} {0}|
>>> a|+--+|* a|A. b|`` a|a $b$ `c` d|$`|`$|[1]_|__ a|<br>""".replace("\n", "").split("|")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = texts | st.sampled_from(["", " ", "|a|b|", "|a|", ".. |a| image:: b", "a\nb", "a\r\n\tb", "x" * 300, *MARKUP])


# --- Hyperparameters and signals


def check_marked(run):
    """No number of a descent is infinite or NaN unless the descent says that it diverged."""
    numbers = np.arange(len(run.theta)).reshape(-1, *(1,) * (run.loss.ndim - 1))
    lost = -1 if run.diverged_at is None else np.asarray(run.diverged_at)
    sane = (lost < 0) | (numbers < lost)
    assert np.isfinite(run.theta[sane]).all()
    assert np.isfinite(run.loss[sane]).all()
    assert np.isnan(run.loss[~sane & (numbers > lost)]).all()
    assert np.isfinite(run.grad[(sane[1:] & np.ones_like(run.loss[1:], bool))]).all()
    point = run.theta.shape[run.loss.ndim :]
    for state in run.states.values():
        assert state.shape[: run.loss.ndim] == run.loss.shape
        # One number for all; or one for each coordinate, in some for pairs of them, or for each of the last steps.
        shape = state.shape[run.loss.ndim :]
        assert shape in ((), (1,)) or shape[len(shape) - len(point) :] == point


@cases(150)
@given(st.data(), st.sampled_from(RULES), values)
def test_hyperparameters(data, cls, value):
    name = data.draw(st.sampled_from(list(cls.hyperparameters)))
    p = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    optimizer = attempt(lambda: cls([p], **{name: value}), f"{name} must")
    assert attempt(lambda: cls([{"params": [p], name: value}]), f"{name} must") is None or optimizer is not None
    for _ in range(4 if optimizer else 0):
        optimizer.step(lambda: setattr(p, "grad", 2 * p) or p.detach().square().sum())
    run = attempt(lambda: og.descend(cls, og.surfaces.sphere, steps=4, **{name: value}), name)
    assert run is not None or optimizer is None
    if run is not None:
        check_marked(run)


SIGNALS = {
    "nan": lambda t: t * np.nan,
    "inf": lambda t: t * np.inf,
    "huge": lambda t: t * 1e308,
    "short": lambda t: t[:-1],
    "complex": lambda t: t + 1j,
    "list": list,
}


@cases(90)
@given(
    st.data(),
    st.sampled_from([cls for cls in RULES if cls.rule.asks == ("grad",)]),
    values,
    st.sampled_from([og.signals.spikes, *SIGNALS.values()]),
)
def test_responses(data, cls, value, signal):
    name = data.draw(st.sampled_from(list(cls.hyperparameters)))
    given = {name: value} if signal is og.signals.spikes else {}
    with np.errstate(invalid="ignore", over="ignore"):
        response = attempt(lambda: og.respond(cls, signal, 4, **given), name, cls.__name__, "<lambda>", "list")
    if response is not None:
        assert np.isfinite(response.theta).all() and np.isfinite(response.update).all()


# --- Descents


def raising(x, y):
    raise ZeroDivisionError("the surface's own mistake")


FUNCTIONS = {
    "nan": lambda x, y: x * math.nan,
    "inf": lambda x, y: x * 0 + math.inf,
    "flat": lambda x, y: x * 0 + y * 0,
    "step": lambda x, y: torch.floor(x) + (y > 0).double(),
    "wall": lambda x, y: torch.where(x > 0.4, x**2, torch.full_like(x, math.inf)),
    "hole": lambda x, y: torch.where(x > 0.4, x**2, torch.full_like(x, math.nan)),
    "huge": lambda x, y: 1e300 * (x**2 + y**2),
    "overflow": lambda x, y: torch.exp(1e3 * x**2),
    "infinite slope": lambda x, y: torch.sqrt(torch.clamp(x - 0.5, min=0)) + y**2,
    "pole": lambda x, y: 1 / (x - 0.5) ** 3 + y,
    "half": lambda x, y: (x**2 + y**2).float(),
    "integer": lambda x, y: torch.floor(x).long(),
    "complex": lambda x, y: torch.complex(x, y),
    "detached": lambda x, y: (x + y).detach(),
    "numpy": lambda x, y: np.sin(x) + y**2,
    "vector": lambda x: (x**2).sum(),
    "three": lambda x, y, z: x * y * z,
    "extra axis": lambda x, y: torch.stack([x, y]),
    "none": lambda x, y: None,
    "list": lambda x, y: [x, y],
    "raises": raising,
}
functions = st.sampled_from(list(FUNCTIONS))
some_rules = st.sampled_from([*RULES, torch.optim.Adam, torch.optim.SGD, torch.optim.LBFGS])
some_starts = st.sampled_from([(0.5, -0.5), (0.6, 0.0), [(0.5, 0.1), (2.0, 3.0)], (1e9, -1e9), (1e300, 0.0)])


@cases(80)
@given(values | st.lists(numbers | st.lists(numbers)), st.sampled_from([og.SGD, og.Nesterov, torch.optim.Adam]))
def test_starts(start, optimizer):
    run = attempt(lambda: og.descend(optimizer, og.surfaces.rosenbrock, start, 3), "start")
    if run is not None:
        check_marked(run)


def descend_wildly(cls, which, start, **options):
    try:
        return attempt(lambda: og.descend(cls, FUNCTIONS[which], start, **options), "function", "int()")
    except ZeroDivisionError:
        assert which == "raises"


@cases(200)
@given(some_rules, functions, some_starts, st.sampled_from([{"steps": 4}, {"xtol": 1e-3, "max_steps": 4}]),
       st.sampled_from([0, 0.1]))  # fmt: skip
def test_functions(cls, which, start, length, noise):
    run = descend_wildly(cls, which, start, noise=noise, **length)
    if run is not None:
        check_marked(run)
        repr(run)


@functools.cache
def runs_on(which):
    if which == "sphere":
        wild = functools.partial(og.SGD, lr=1e12)
        return og.race({"Adam": functools.partial(og.Adam, lr=0.1), "wild": wild}, "sphere", steps=3)
    runs = {cls.__name__: descend_wildly(cls, which, (0.5, -0.5), steps=3) for cls in (og.SGD, og.Adam)}
    return runs if None not in runs.values() else None


def define(function, **facts):
    surface = og.surface(**facts)(function)
    og.descend(og.SGD, surface, steps=2)
    return repr(surface)


#: Calls that work, and which of their arguments are mistaken.
CALLS = {
    og.descend: ({"optimizer": og.Adam, "function": "sphere"}, "optimizer function steps xtol noise seed schedule"),
    og.race: ({"optimizers": og.Adam, "function": "sphere", "steps": 2}, "optimizers function steps noise seed title"),
    og.sweep: ({"optimizers": og.Adam, "function": "sphere", "steps": 2},
               "optimizers function steps noise seed tol memory jobs"),
    og.respond: ({"optimizer": og.SGD, "signal": og.signals.spikes, "steps": 3}, "optimizer signal steps"),
    og.animate: ({"runs": lambda: runs_on("sphere"), "frames": 2}, "runs panels frames fps box title"),
    og.plot_map: ({"function": og.surfaces.sphere}, "box levels function ax"),
    og.plot_surface: ({"function": og.surfaces.sphere}, "box runs elev azim ax"),
    og.plot_curve: ({"function": og.surfaces.quadratic_1d}, "function runs box"),
    og.plot_trails: ({"runs": lambda: runs_on("sphere")}, "runs"),
    og.plot_loss: ({"runs": lambda: runs_on("sphere")}, "runs ax"),
    og.plot_arrows: ({"run": lambda: runs_on("sphere")["Adam"]}, "run scale every"),
    og.plot_states: ({"run": lambda: runs_on("sphere")["Adam"]}, "run names axes"),
    og.plot_responses: ({"responses": lambda: og.respond(og.SGD, og.signals.spikes, 3)}, "responses axes"),
    define: ({"function": operator.add, "box": ((-1, 1), (-1, 1)), "starts": ((0, 0),)},
             "function box starts minima parameters scale shift height shading levels name"),
    og.pseudocode: ({}, "optimizer"),
    og.card: ({}, "optimizer"),
    og.formula: ({}, "surface"),
}  # fmt: skip


@cases(250)
@given(st.data(), st.sampled_from(list(CALLS)), things | st.lists(names, max_size=2))
def test_arguments(data, call, value):
    usual, mistaken = CALLS[call]
    name = data.draw(st.sampled_from(mistaken.split()))
    if name == "steps" and isinstance(value, int):
        value = min(value, 1000)  # to walk so many steps is no mistake
    arguments = {n: v() if getattr(v, "__name__", "") == "<lambda>" else v for n, v in usual.items()}
    culprits = name.rstrip("s"), "panel", "state", "optimizer", "surface", "update", "source", "coordinates"
    try:
        attempt(lambda: call(**{**arguments, name: value}), *culprits)
    finally:
        plt.close("all")


# --- Pictures


def draw(figure):
    """Draw as a notebook does. Fonts have their limits: what they lack is shown as a box, with matplotlib's warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.canvas.draw()


PLOTS = {
    "map": lambda runs, function: og.plot_map(function, box=((-1, 1), (-1, 1))),
    "trails": lambda runs, function: og.plot_trails(runs),
    "arrows": lambda runs, function: og.plot_arrows(next(iter(runs.values()))),
    "surface": lambda runs, function: og.plot_surface(function, runs),
    "loss": lambda runs, function: og.plot_loss(runs),
    "states": lambda runs, function: og.plot_states(runs[list(runs)[-1]]),
}


@cases(40)
@given(functions, st.sampled_from(list(PLOTS)))
def test_plots_of_any_function(which, plot):
    runs = runs_on(which)
    if runs is not None:
        try:
            ax = attempt(lambda: PLOTS[plot](runs, FUNCTIONS[which]), "height", "no state", "function")
            if ax is not None:
                draw(np.ravel(ax)[0].figure)
        finally:
            plt.close("all")


@cases(8)
@given(functions)
def test_animations_of_any_function(which):
    runs = runs_on(which)
    animation = runs and attempt(lambda: og.animate(runs, frames=2), "height", "function")
    if animation:
        with tempfile.TemporaryDirectory() as folder:
            attempt(lambda: animation.save(Path(folder, "x.png")), "height")
            assert os.listdir(folder) in ([], ["x.png"])
        attempt(animation._repr_html_, "height")
        assert "nan" not in animation.alt


# --- Names and titles


class Tags(html.parser.HTMLParser):
    """The elements and attribute names of a page: what its text cannot change."""

    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, tuple(name for name, _ in attributes)))

    def handle_endtag(self, tag):
        self.seen.append(tag)

    def handle_comment(self, data):
        self.seen.append("comment")

    handle_decl = unknown_decl = handle_pi = handle_comment


def record_with(name, title):
    run = runs_on("sphere")["Adam"]
    return player.recording({name: run}, ["loss", "m"], title=title, alt=title, settings=[name], seconds=1.0, box=None)


@cases(80)
@given(names, names)
def test_no_name_becomes_html(name, title):
    usual, odd = (record_with(*words) for words in (("Adam", "Race"), (name, title)))
    for show in (lambda r: player.fragment(r, None, ["<i>"]), lambda r: player.document(r, None, ["<i>"])):
        page = show(odd)
        assert Tags(page).seen == Tags(show(usual)).seen
        inline = page.split('<script type="application/json">')[1].split("</script>")[0]
        assert json.loads(inline)["record"]["runs"][0]["name"] == name


def race_called(name, where="sphere"):
    surface = og.Surface(og.surfaces.sphere.function, box=og.surfaces.sphere.box, name=where)
    return og.Race({name: runs_on("sphere")["Adam"]}, surface)


def site_module(name):
    folder = str(Path(__file__).parents[1] / "docs" / "_ext")
    sys.path.insert(0, folder)
    try:
        return pytest.importorskip(name, reason="needs the docs requirements")
    finally:
        sys.path.remove(folder)


def publish(rst):
    """The document that docutils reads, and what it complains about."""
    core = pytest.importorskip("docutils.core")
    complaints = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        document = core.publish_doctree(rst, settings_overrides={"warning_stream": complaints, "report_level": 2})
    return document, complaints.getvalue()


@cases(60)
@given(names)
def test_no_name_becomes_restructuredtext(name):
    scraper = site_module("scraper")
    allowed = set("document table title tgroup colspec thead tbody row entry paragraph Text literal math".split())
    for table in (og.Table(name, ("a", "b"), [(name, name)]), race_called(name).table()):
        document, complaints = publish(scraper.table_to_rst(table))
        assert not complaints
        assert {type(node).__name__ for node in document.findall()} <= allowed
    cells = [node.astext() for node in document.findall() if node.tagname == "entry"]
    # docutils takes the null character for nothing, also beside a blank.
    assert " ".join(cells[4].split()) == " ".join(name.replace("\x00", "").split())


@cases(40)
@given(names)
def test_no_name_becomes_markdown(name):
    markdown_it = pytest.importorskip("markdown_it")
    unwanted = set("html_inline html_block link_open image em_open heading_open list_item_open hr fence".split())
    for where in (name, "sphere"):
        text = race_called(name, where).table()._repr_markdown_()
        tokens = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
        kinds = [kind.type for token in tokens for kind in [token, *(token.children or [])]]
        assert not unwanted & {*kinds}
        assert kinds.count("tr_open") == 2 and kinds.count("td_open") == 4


@cases(6)
@given(names, names)
def test_any_name_can_be_drawn(name, title):
    run = runs_on("sphere")["Adam"]
    with tempfile.TemporaryDirectory() as folder, watched():
        animation = og.animate({name: run}, frames=2, title=title, panels=["loss", "map"])
        animation.save(Path(folder, "x.png"))
        animation.save(Path(folder, "x.html"))
        assert sorted(os.listdir(folder)) == ["x.html", "x.png"]
    race = race_called(name, title)
    str(race.table()), repr(race)
    try:
        for figure in (race.plot(), og.plot_responses({name: og.respond(og.SGD, og.signals.spikes, 3)})[0, 0].figure):
            draw(figure)
    finally:
        plt.close("all")


@cases(30)
@given(names)
def test_a_surface_of_any_name_has_a_formula(name):
    latex = og.formula(race_called("x", name).function).latex
    inside = re.search(r"\\operatorname\{(.*?)\}\(x, y\)", latex)[1]
    assert re.fullmatch(r"[\w-]*", inside)


# --- Files

PLACES = ["folder", "folder.png", "folder.nc", "nowhere/x.png", "file/x.png", "nowhere/x.nc", "..png", "-y.png"]
ENDINGS = [*SUFFIXES, ".PNG", ".mov", "", ".", ".png/", ".png.txt", ".nc", ".NC"]
words = st.text("abcä .-_", max_size=12) | st.sampled_from(["", " ", "名前", "<b>", "%s", "a" * 100])
paths = st.sampled_from(PLACES) | st.builds("{}{}".format, words, st.sampled_from(ENDINGS)) | things


@cases(60)
@given(paths, st.sampled_from(["film", "sweep"]))
def test_output_paths(name, what):
    if what == "film":
        thing = og.animate(runs_on("sphere"), frames=2, panels=["loss"])
    else:
        thing = og.sweep(og.SGD, og.surfaces.sphere, steps=2)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("folder.png").mkdir()
        Path("folder.nc").mkdir()
        Path("folder").mkdir()
        Path("file").write_text("")
        before = set(Path(folder).rglob("*"))
        saved = attempt(lambda: (thing.save(name), True), "path", "folder", "name")
        new = set(Path(folder).rglob("*")) - before
        assert len(new) == (saved is not None)
        assert all(path.stat().st_size for path in new)
        for path in new if what == "sweep" else ():
            assert og.Sweep.load(path).data.identical(thing.data)


# --- The command line

ARGUMENTS = """--surface --optimizer --steps --start --noise --seed --panels -o --output --help --version -- - sphere
quadratic_1d Adam sgd torch.SGD torch.LBFGS torch.SparseAdam torch.Muon lr=0.1 lr=nan lr=1e999 betas=0.9,0.9 lr= = map
loss m x.png y.html folder nowhere/x.png 0 3 -1 nan 1e5 inf lr=True weight_decay=1e400 race list momentum=0.5
nesterov=true lr=1,2 params=1 foreach=1 --title""".split()
#: A command that works, into which words are put.
COMMAND = "race --surface sphere --optimizer adam lr=0.1 --steps 2 --panels loss -o x.png".split()


@cases(100)
@given(st.data(), st.lists(st.sampled_from(ARGUMENTS) | names.filter(lambda x: "\0" not in x), max_size=4))
def test_command_lines(data, extra):
    start = data.draw(st.sampled_from([[], ["list"], ["race"], COMMAND, COMMAND, COMMAND]))
    place = data.draw(st.integers(min(1, len(start)), len(start)))
    out, err = io.StringIO(), io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), watched():
        Path("folder").mkdir()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = cli.main([*start[:place], *extra, *start[place:]])
            except SystemExit as exit:
                status = exit.code
        files = {path for path in Path(folder).rglob("*") if path.name != "folder"}
        assert status in (0, 2)
        if status == 2:
            err.seek(0)
            assert "error: " in err.read()
            assert not files
        assert len(files) <= 1 and all(file.stat().st_size for file in files)
