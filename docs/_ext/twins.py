"""Pages as plain Markdown, for programs that read: beside ``x.html`` stands ``x.html.md``, and ``llms.txt`` lists all.

A gallery page is what its notebook says, code and numbers included; another page is its source.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urljoin

from benchmark_page import PAGE, filled, read
from share import SITE, summary
from sphinx.application import Sphinx

HEAD = """\
# optguide

> {site}

Every page below is also there as a web page, without the ending `.md`.
"""
#: The first words of the cell that notebooks begin with.
INSTALLS = "# Installs the optguide"
FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def from_notebook(notebook: dict) -> str:
    parts = []
    for cell in notebook["cells"]:
        text = "".join(cell["source"]).strip()
        if cell["cell_type"] == "code" and not text.startswith(INSTALLS):
            parts.append(f"```python\n{text}\n```")
        elif cell["cell_type"] == "markdown":
            parts.append(text)
    return "\n\n".join(parts) + "\n"


def has_twin(app: Sphinx, name: str) -> bool:
    return name in app.env.found_docs and (
        re.fullmatch(r"gallery/\w+/plot_\w+", name) is not None or Path(app.srcdir, f"{name}.md").exists()
    )


def link(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    if has_twin(app, pagename):
        file = f"{pagename.rpartition('/')[2]}.html.md"
        context["metatags"] = (
            f'{context.get("metatags", "")}<link rel="alternate" type="text/markdown" href="{file}">\n'
        )


def write(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    notebooks = {path.stem: path for path in out.glob("_downloads/*/plot_*.ipynb")}
    lines: dict[str, list[str]] = {}
    names = [name for name in app.env.found_docs if has_twin(app, name)]
    for name in sorted(names, key=lambda name: (name.startswith("gallery/"), name)):
        title = app.env.titles[name].astext()
        if name.startswith("gallery/"):
            text = from_notebook(json.loads(notebooks[Path(name).name].read_text(encoding="utf-8")))
            claim = " ".join(text.split("\n\n")[1].split())
            part = app.env.titles[f"{name.rpartition('/')[0]}/index"].astext()
        else:
            text = FRONT.sub("", Path(app.srcdir, f"{name}.md").read_text(encoding="utf-8")).lstrip()
            text = filled(text, read()) if name == PAGE else text
            claim, part = summary(app.env.get_doctree(name)), "The guide"
        file = f"{name}.html.md"
        Path(out, file).write_text(text, encoding="utf-8")
        lines.setdefault(part, []).append(f"- [{title}]({urljoin(app.config.html_baseurl, file)}): {claim}")
    text = HEAD.format(site=SITE) + "".join(f"\n## {part}\n\n" + "\n".join(rows) + "\n" for part, rows in lines.items())
    (out / "llms.txt").write_text(text, encoding="utf-8")


def setup(app: Sphinx):
    app.connect("html-page-context", link, priority=600)
    app.connect("build-finished", write, priority=600)  # when the notebooks are finished
    return {"parallel_read_safe": True, "parallel_write_safe": True}
