"""What runs the tests elsewhere: the browser, and the workflows of the repository."""

from __future__ import annotations

import runpy
import shutil
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("named, installed, expected", [
    (None, ["own", "/bin/chromium"], "own"),
    (None, ["/bin/google-chrome"], "/bin/google-chrome"),
    (None, [], None),
    ("/opt/chrome", ["own", "/bin/chromium", "/opt/chrome"], "/opt/chrome"),
    ("/opt/chrome", ["own", "/bin/chromium"], None),
])
def test_the_browser_is_the_named_one_or_playwrights_own_or_any(monkeypatch, named, installed, expected):
    monkeypatch.delenv("OPTGUIDE_CHROMIUM", raising=False)
    if named:
        monkeypatch.setenv("OPTGUIDE_CHROMIUM", named)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if f"/bin/{name}" in installed else None)

    def start(executable_path, args):
        if (executable_path or "own") not in installed:
            raise OSError
        return executable_path or "own"

    launch = runpy.run_path(str(ROOT / "tests" / "conftest.py"))["_launch"]
    assert launch(SimpleNamespace(launch=start), OSError) == expected


def test_what_torch_says_on_the_first_python_3_13_fails_no_test():
    message = "Guards may run slower on Python 3.13.0. Consider upgrading to Python 3.13.1+."
    warnings.warn(message, RuntimeWarning, stacklevel=1)
    with pytest.raises(RuntimeWarning):
        warnings.warn(message.replace("3.13.0", "3.14.0"), RuntimeWarning, stacklevel=1)
