"""Writes the API: a page for each public name, with the pages that use it, and one for each group of names.

The pages go to ``docs/api`` before Sphinx reads anything. A public name without a docstring, or from a module
that no group covers, stops the build.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import used_by
from scraper import cell_to_rst, list_table, page_of
from sphinx.errors import ExtensionError

import optguide as og
from optguide.optimizers.wrapper import Wrapper

#: Group, title, what it is about, and the modules whose public names it covers.
PAGES = (
    ("optimizers", "Optimizers", "One pure update rule each, in the order of the guide.", ("optimizers", "groups")),
    ("surfaces", "Surfaces", "What optimizers descend on.", ("surfaces",)),
    ("problems", "Problems", "What they descend on where no picture in a plane will do.", ("problems",)),
    (
        "descents",
        "Descents, races, sweeps, trainings",
        "Run optimizers and keep what happened.",
        ("descent", "race", "sweep", "training"),
    ),
    ("signals", "Signals", "Prescribed gradients, and how a rule responds to them.", ("signals",)),
    ("studies", "Studies", "The guide's own questions, to ask of any rule.", ("study",)),
    ("notation", "Formulas and tables", "Rules and surfaces, typeset from their own source.", ("language", "table")),
    ("pictures", "Pictures", "Figures and animations of recorded descents.", ("render",)),
)


def public_names() -> dict[str, object]:
    """Every public object of the package by its full name, each under the shortest."""
    names = {f"optguide.{name}": getattr(og, name) for name in og.__all__ if not inspect.ismodule(getattr(og, name))}
    for part in (og.problems, og.surfaces, og.signals, og.language, og.render, og.study):
        names |= {f"{part.__name__}.{n}": getattr(part, n) for n in part.__all__ if n not in og.__all__}
    makers = inspect.getmembers(og.surfaces, lambda value: inspect.isfunction(value) or inspect.isclass(value))
    return names | {f"optguide.surfaces.{name}": value for name, value in makers if name not in og.__all__}


def check(names: dict[str, object]) -> None:
    """Raise unless every public name, and every public method of a public class, has a docstring of its own."""
    missing = []
    for name, value in names.items():
        if not (inspect.getdoc(value) or "").strip():
            missing.append(name)
        if inspect.isclass(value):
            own = [(n, m) for n, m in vars(value).items() if not n.startswith("_") and n != "update"]
            methods = [(n, getattr(m, "__func__", m)) for n, m in own if callable(getattr(m, "__func__", m))]
            missing += [f"{name}.{n}" for n, m in methods if not m.__doc__]
    if missing:
        raise ExtensionError(f"public names without a docstring: {', '.join(missing)}")


def page_for(name: str, value: object) -> str:
    """The group that a public name belongs to."""
    if isinstance(value, og.Surface):
        return "surfaces"
    module = value.__module__.split(".")[1]
    for page, *_, modules in PAGES:
        if module in modules:
            return page
    raise ExtensionError(f"{name} has no place in the API: add module {module!r} to PAGES in docs/_ext/api.py")


def file_of(name: str, names: dict[str, object]) -> str:
    """The file of a name's page: a class has another than a function that differs in capitals only."""
    twins = [other for other in names if other.lower() == name.lower()]
    return f"{name}-class" if len(twins) > 1 and inspect.isclass(names[name]) else name


def _summary(value: object) -> str:
    """The first sentence of a docstring, which is reStructuredText."""
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


def _entry(name: str, value: object, gallery: Path) -> str:
    if isinstance(value, og.Surface):
        return _surface_entry(name, value)
    if isinstance(value, type) and issubclass(value, Exception):
        return f".. autoexception:: {name}\n"
    if not inspect.isclass(value):
        return f".. autofunction:: {name}\n"
    if issubclass(value, (og.Optimizer, Wrapper)) and value is not og.Optimizer:
        link = page_link(gallery, "optimizers", page_of(value), "Its page in the guide")
        return f".. autoclass:: {name}\n{_indent(link)}"
    return f".. autoclass:: {name}\n   :members:\n"


def _surface_entry(name: str, surface: og.Surface) -> str:
    facts = [f"{surface.title}, shown on {_box(surface)}."]
    facts += [f"Starts: {_points(surface.starts)}."] if surface.starts else []
    facts += [f"Minima: {_points(surface.known_minima())}."] if surface.known_minima() else []
    body = f"{inspect.getdoc(surface)}\n\n.. math::\n\n{_indent(og.formula(surface).latex)}\n{' '.join(facts)}\n"
    return f".. py:data:: {name}\n\n{_indent(body)}"


def page_link(gallery: Path, section: str, page: str, text: str) -> str:
    return f"\n:doc:`{text} </gallery/{section}/{page}>`\n" if (gallery / section / f"{page}.py").exists() else ""


def _points(points) -> str:
    return ", ".join("(" + ", ".join(f"{x:.6g}" for x in point) + ")" for point in points)


def _box(surface: og.Surface) -> str:
    return " × ".join(f"[{low:g}, {high:g}]" for low, high in surface.box)


def _indent(text: str) -> str:
    return "".join(f"   {line}\n" if line else "\n" for line in text.splitlines())


def optimizer_table(gallery: Path) -> str:
    """The table of optimizers, from the facts on their cards."""
    rows = []
    for name in og.optimizers.__all__:
        cls = getattr(og, name)
        card = og.card(cls)
        link = page_link(gallery, "optimizers", page_of(cls), name).strip() or f":class:`{name} <optguide.{name}>`"
        state = ", ".join(f"``{n}``" for n in card.state_names)
        count = f"{len(card.state_names)}" + (f" ({state})" if state else "")
        paper = f":cite:t:`{card.cite}`" if card.cite else ""
        rows.append([link, str(card.year or ""), card.family or "", count, card.gradients, paper])
    columns = ("Optimizer", "Year", "Family", "State per parameter", "Gradients per step", "Paper")
    return list_table("optimizers", columns, rows)


def surface_table(gallery: Path) -> str:
    """The table of surfaces: name, formula, box."""
    rows = []
    for name in og.surfaces.__all__:
        surface = getattr(og.surfaces, name)
        link = page_link(gallery, "landscapes", f"plot_{name}", name).strip()
        link = link or f":data:`{name} <optguide.surfaces.{name}>`"
        rows.append([link, cell_to_rst(f"${og.formula(surface).latex}$"), _box(surface)])
    return list_table("surfaces", ("Surface", "Formula", "Shown on"), rows)


def write_pages(app) -> None:
    """Write the pages whose text changed, so that Sphinx reads no other again."""
    gallery, target = Path(app.srcdir).parent / "gallery", Path(app.srcdir) / "api"
    names = public_names()
    check(names)
    groups: dict[str, dict[str, object]] = {page: {} for page, *_ in PAGES}
    for name, value in names.items():
        groups[page_for(name, value)][name] = value
    tables = {"optimizers": optimizer_table(gallery), "surfaces": surface_table(gallery)}
    files = {f"{page}.inc": text for page, text in tables.items()}
    used = used_by.pages(gallery, names)
    for page, title, about, _ in PAGES:
        rows = [[f":doc:`{name} <{file_of(name, names)}>`", _summary(value)] for name, value in groups[page].items()]
        toc = "".join(f"   {file_of(name, names)}\n" for name in groups[page])
        parts = [f"{title}\n{'=' * len(title)}", about, ".. py:currentmodule:: optguide"]
        parts += [list_table("names", (), rows)]
        parts += [f".. include:: {page}.inc"] if page in tables else []
        files[f"{page}.rst"] = "\n\n".join([*parts, f".. toctree::\n   :hidden:\n\n{toc}"])
        for name, value in groups[page].items():
            parts = [f"{name}\n{'=' * len(name)}", ".. py:currentmodule:: optguide", _entry(name, value, gallery)]
            files[f"{file_of(name, names)}.rst"] = "\n\n".join([*parts, used_by.section(used, name)])
    files["index.rst"] = index(groups, names)
    target.mkdir(exist_ok=True)
    for stale in {path.name for path in target.iterdir()} - set(files):
        (target / stale).unlink()
    for file, text in files.items():
        path = target / file
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def index(groups: dict[str, dict[str, object]], names: dict[str, object]) -> str:
    """The first page of the API: every group, what it is about, and its names."""
    head = "API\n===\n\nEvery public name, from the docstrings that ``help()`` shows. All of it comes with one import: "
    parts = [f"{head}``import optguide as og``."]
    for page, title, about, _ in PAGES:
        links = [f":doc:`{name.rpartition('.')[2]} <{file_of(name, names)}>`" for name in groups[page]]
        parts += [f".. rubric:: :doc:`{title} <{page}>`", about, " · ".join(links)]
    toc = "".join(f"   {page}\n" for page, *_ in PAGES)
    return "\n\n".join([*parts, f".. toctree::\n   :hidden:\n\n{toc}"])


def _remember(app, what, name, obj, options, lines) -> None:
    app.env.temp_data["text of an attribute"] = lines[:]


def _put_back(app, what, name, obj, options, lines) -> None:
    """Napoleon takes the words before a colon in the text of an attribute or property for its type: undo it."""
    if what in ("attribute", "property"):
        lines[:] = app.env.temp_data["text of an attribute"]


def valid_listing(body: str) -> str:
    """The body of a page of sources as HTML knows it: no box within preformatted text, no list right in a list."""
    head, pre, code = body.partition("<pre>")
    if pre:
        code, end, foot = code.rpartition("</pre>")
        return head + pre + code.replace("<div class", "<span class").replace("</div>", "</span>") + end + foot
    head, ul, rows = body.partition("<ul>")
    return f"{head}{ul}{re.sub('</?ul>', '', rows)}</ul>"  # names are whole, so that one list says all


def _mend_sources(app, pagename, templatename, context, doctree) -> None:
    """Sphinx takes all names of a module for documented under one parent; ours may stand under two."""
    if not pagename.startswith("_modules/"):
        return
    objects = {name for name, entry in app.env.domaindata["py"]["objects"].items() if not entry.aliased}

    def mend(match: re.Match) -> str:
        if match[0] in objects:
            return match[0]
        (name,) = (name for name in objects if name.endswith(match[0].removeprefix("optguide")))
        return name

    context["body"] = valid_listing(re.sub(r'(?<=#)optguide\.[\w.]+(?=")', mend, context["body"]))


def _forget_unused_sources(app, env) -> None:
    """Drop modules of which nothing is shown: viewcode does so itself only where one process reads all pages."""
    modules = getattr(env, "_viewcode_modules", {})
    for name in [name for name, entry in modules.items() if entry and not entry[2]]:
        del modules[name]


def setup(app):
    app.connect("env-updated", _forget_unused_sources)
    app.connect("html-page-context", _mend_sources)
    app.connect("autodoc-process-docstring", _remember, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", _put_back, priority=600)  # after it
    app.connect("builder-inited", write_pages, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
