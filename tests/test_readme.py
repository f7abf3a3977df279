"""What the README shows is there, and what it tells a reader to type works."""

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from optguide import cli

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_picture_is_small_and_there_for_both_themes_in_one_size():
    pairs = re.findall(r'srcset="(\S+)-dark.webp">\s+<img alt="[^"]{20,}" src="(\S+)-light.webp"', TEXT)
    assert len(pairs) == TEXT.count("<img") == TEXT.count("<source") >= 3
    for dark, light in pairs:
        files = ROOT / f"{dark}-dark.webp", ROOT / f"{light}-light.webp"
        assert dark == light and all(file.stat().st_size < 60_000 for file in files)
        with Image.open(files[0]) as a, Image.open(files[1]) as b:
            assert a.size == b.size
            dull, bright = (image.convert("L").resize((1, 1)).getpixel((0, 0)) for image in (a, b))
        assert dull + 50 < bright, "dark and light are what they are called"


def test_every_file_that_it_leads_to_is_there():
    links = [link for link in re.findall(r"\]\(([^)#]+)", TEXT) if not link.startswith("http")]
    assert links and all((ROOT / link).exists() for link in links)


@pytest.mark.parametrize("line", [x for x in re.findall("^python -m optguide (.*)", TEXT, re.M) if ".mp4" not in x])
def test_what_it_tells_a_reader_to_type_works(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not cli.main(shlex.split(line))
    if found := re.search(r"-o (\S+)", line):
        assert (tmp_path / found[1]).stat().st_size > 10_000


def test_the_site_is_served_where_it_says():
    served = re.search(r"http\.server .* (\d+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[1]
    said = [*re.findall(r"localhost:(\d+)", TEXT)]
    assert said and {*said} == {served}
