"""What a reader can take away: the package as a wheel, notebooks that install it, and zips that are always the same.

The site carries the wheel that it was built with. When the site's address is known (``html_baseurl``), notebooks fetch
the wheel from there; otherwise they look for it beside themselves, where a zip puts it. When the GitHub repository that
serves the site is known, too (``site_repository``, "owner/name@branch"), pages link to Colab and Binder, which open
notebooks from such repositories only. What the cells say is the matter of ``cells.py``.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import os
import re
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from urllib.parse import quote

from cells import Site, finish_texts, fold_proofs
from docutils import nodes
from hatchling.builders.wheel import WheelBuilder
from sphinx import addnodes
from sphinx.errors import ConfigError, ExtensionError
from sphinx.util.docutils import SphinxRole

ROOT = Path(__file__).parents[2]
#: Modules that come with optguide, and what installs the others.
WITH_OPTGUIDE = {"optguide", "torch", "numpy", "matplotlib", "PIL", "tqdm", "xarray", "joblib"}
PACKAGES = {"sklearn": "scikit-learn", "sympy": "sympy"}
#: What of optguide needs a module that does not come with it.
ASKED_FOR = {"problems.digits": "sklearn"}
INSTALL = """\
# Installs the optguide that this page was made with, unless there is one.{where} For the smaller
# PyTorch without GPU support, install that first, as its start page says under "CPU".
from importlib.util import find_spec
if not all(map(find_spec, {modules})):
    %pip install --quiet {wheel}{others}"""
BESIDE = " Its wheel is in the zip of this page."


def build_wheel(folder: Path) -> Path:
    """The wheel of this tree: the same bytes for the same tree, whoever builds it."""
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(path)


def other_modules(notebook: dict) -> list[str]:
    """What a notebook needs that does not come with optguide."""
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    modules = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module.split(".")[0])
    modules |= {module for part, module in ASKED_FOR.items() if part in code}
    others = sorted(modules - WITH_OPTGUIDE - sys.stdlib_module_names)
    if unknown := set(others) - set(PACKAGES):
        names = ", ".join(sorted(unknown))
        raise ExtensionError(f"a page imports {names}: say in PACKAGES in docs/_ext/notebooks.py what installs it")
    return others


def install_cell(wheel: Path, address: str, others: list[str]) -> str:
    """The code that a notebook runs first."""
    return INSTALL.format(
        where="" if address else BESIDE,
        modules=["optguide", *others],
        wheel=f"{address.rstrip('/')}/_static/{wheel.name}" if address else wheel.name,
        others="".join(f" {PACKAGES[name]}" for name in others),
    )


def with_install_cell(notebook: dict, wheel: Path, address: str) -> None:
    """Behind the title and what the page claims."""
    source = install_cell(wheel, address, other_modules(notebook)).splitlines(keepends=True)
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].insert(1, cell)


def same_zip(data: bytes, change, more: dict[str, bytes]) -> bytes:
    """A zip with its files in order, all of one date, notebooks changed, and more files added."""
    since_1980 = max(int(os.environ.get("SOURCE_DATE_EPOCH", 0)), 315532800)  # a zip knows no day before
    date = time.gmtime(since_1980)[:6]
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        files = {name: old.read(name) for name in old.namelist()} | more
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, content in sorted(files.items()):
            if name.endswith(".ipynb"):
                content = change(content.decode(), Path(name).stem).encode()
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            new.writestr(entry, content)
    return out.getvalue()


def finish(app, exception: Exception | None) -> None:
    """Add the wheel to the built site, and let notebooks install it, alone and in zips."""
    if exception or app.builder.format != "html":
        return
    address, out = app.config.html_baseurl, Path(app.outdir)
    with tempfile.TemporaryDirectory() as folder:
        built = build_wheel(Path(folder))
        wheel = out / "_static" / built.name
        wheel.write_bytes(built.read_bytes())

    pages = {path.stem: path for path in Path(app.srcdir).glob("gallery/*/plot_*.py")}
    site = Site(app.env, address)

    @functools.cache  # each lies alone, in the zip of its page and in that of its section
    def change(text: str, name: str) -> str:
        notebook = json.loads(text)
        if "%pip" in text:  # sphinx-build without make leaves finished notebooks there
            return text
        with_install_cell(notebook, wheel, address)
        fold_proofs(notebook)
        finish_texts(notebook, pages[name], f"gallery/{pages[name].parent.name}/{name}", site)
        return json.dumps(notebook, indent=2) + "\n"

    for path in out.glob("_downloads/*/plot_*.ipynb"):
        path.write_text(change(path.read_text(encoding="utf-8"), path.stem), encoding="utf-8")
    for path in out.glob("_downloads/*/*.zip"):
        path.write_bytes(same_zip(path.read_bytes(), change, {wheel.name: wheel.read_bytes()}))


def link(app, doctree: nodes.document, docname: str) -> None:
    """Links that open a page's notebook in Colab and in Binder, if the repository of the site is known."""
    if not (app.config.site_repository and app.config.html_baseurl):
        return
    repository, _, branch = app.config.site_repository.partition("@")
    for node in list(doctree.findall(addnodes.download_reference)):
        if not re.search(r"/plot_\w+\.ipynb$", file := node.get("filename", "")):
            continue
        paragraph = nodes.paragraph("", "Open the notebook in ")
        path = f"_downloads/{file}"
        colab = f"https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"
        binder = f"https://mybinder.org/v2/gh/{repository}/{quote(branch, '')}?labpath={quote(path, '')}"
        paragraph += nodes.reference("", "Colab", refuri=colab, internal=False)
        paragraph += nodes.Text(" or ")
        paragraph += nodes.reference("", "Binder", refuri=binder, internal=False)
        container = node.parent.parent
        container.parent.insert(container.parent.index(container) + 1, nodes.container("", paragraph))


class WheelLink(SphinxRole):
    """``:wheel:`words` ``: a link to the wheel, which is there when the site is."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        name = f"_static/optguide-{self.config.release}-py3-none-any.whl"
        address = "../" * self.env.docname.count("/") + name
        return [nodes.reference("", self.text, refuri=address, internal=True)], []


def check(app, config) -> None:
    if config.site_repository and not re.fullmatch(r"[\w.-]+/[\w.-]+@[\w./-]+", config.site_repository):
        raise ConfigError(
            f"OPTGUIDE_SITE_REPOSITORY is {config.site_repository!r}: it names the GitHub repository and branch that "
            "serve the site, like owner/name@gh-pages"
        )
    if config.html_baseurl and not re.match(r"https?://", config.html_baseurl):
        raise ConfigError(
            f"OPTGUIDE_SITE_URL is {config.html_baseurl!r}: it is an address, like https://example.org/optguide/"
        )


def setup(app):
    app.add_role("wheel", WheelLink())
    app.add_config_value("site_repository", "", "html")
    app.connect("config-inited", check)
    app.connect("doctree-resolved", link)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
