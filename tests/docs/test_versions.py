"""The switcher of versions: where Read the Docs keeps several sites side by side, and nowhere else."""

import json
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

versions = pytest.importorskip("versions", reason="needs the docs requirements")
import licenses  # noqa: E402

CONF = Path(__file__).parents[2] / "docs" / "conf.py"
RELEASED = "# Changelog\n\n## [0.2.0] - 2026-12-01\n\n- More.\n\n## [0.1.0] - 2026-11-01\n\n- All.\n"
HERE = "https://optguide.example/en/v0.2.0/"


def settings(monkeypatch, tmp_path, changelog, **environment):
    for name in ("OPTGUIDE_SITE_URL", "READTHEDOCS_CANONICAL_URL", "READTHEDOCS_VERSION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "CHANGELOG.md").write_text(changelog)
    monkeypatch.setattr(versions, "CHANGELOG", tmp_path / "CHANGELOG.md")
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "_static").mkdir(exist_ok=True)
    versions.write(SimpleNamespace(outdir=str(tmp_path), builder=SimpleNamespace(format="html")), None)
    return runpy.run_path(str(CONF))["html_theme_options"]


def test_read_the_docs_gets_a_switcher_whose_list_lies_in_the_site(monkeypatch, tmp_path):
    told = settings(
        monkeypatch, tmp_path, RELEASED, READTHEDOCS_CANONICAL_URL=HERE, READTHEDOCS_VERSION="v0.2.0"
    )  # fmt: skip
    assert told["switcher"] == {"json_url": "_static/versions.json", "version_match": "v0.2.0"}
    assert told["check_switcher"] is False, "it would ask for the list while the site is built"
    assert told["navbar_end"] == ["version-switcher", "theme-switcher", "navbar-icon-links"]
    file = tmp_path / told["switcher"]["json_url"]
    found = {entry["version"]: entry["url"] for entry in json.loads(file.read_text())}
    names = ["latest", "stable", "v0.2.0", "v0.1.0"]
    assert found == {name: f"https://optguide.example/en/{name}/" for name in names} and list(found) == names
    assert not licenses.uncovered(file.parent), "the list is ours"


@pytest.mark.parametrize(
    ("changelog", "environment"),
    [
        (RELEASED, {}),
        (RELEASED, {"OPTGUIDE_SITE_URL": "https://example.org/optguide/"}),
        (RELEASED, {"OPTGUIDE_SITE_URL": "https://example.org/optguide/", "READTHEDOCS_CANONICAL_URL": HERE}),
        (RELEASED.split("## [0.2")[0], {"READTHEDOCS_CANONICAL_URL": HERE}),
    ],
)
def test_a_site_that_stands_alone_has_none(monkeypatch, tmp_path, changelog, environment):
    told = settings(monkeypatch, tmp_path, changelog, **environment)
    assert not {"switcher", "check_switcher", "navbar_end"} & told.keys()
    assert not (tmp_path / "_static" / "versions.json").exists()
