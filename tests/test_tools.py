"""The commands that write what is kept in the repository: addresses, inventories, pictures."""

import importlib.util
import zlib
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1] / "tools"
pytest.importorskip("sphinx", reason="needs the docs requirements")


def load(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_new_pages_are_recorded_once(tmp_path, monkeypatch, capsys):
    tool = load("addresses")
    monkeypatch.setattr(tool.moved, "RECORD", tmp_path / "addresses.txt")
    tool.main()
    assert "gallery/optimizers/plot_adam\n" in capsys.readouterr().out
    assert set(tool.moved.read(tool.moved.RECORD.read_text())) >= tool.moved.sources() - {"404"}
    tool.main()
    assert capsys.readouterr().out == "There is no new page.\n"


def test_an_inventory_has_an_address_for_each_name_with_no_network(tmp_path):
    tool = load("inventories")
    path = tool.write(
        "torch", ["torch.Tensor", "torch.optim.Adam", "torch.sqrt"], {"torch.sqrt": "here.html#$"}, tmp_path
    )
    head, packed = path.read_bytes().split(b"compressed using zlib.\n")
    assert zlib.decompress(packed).decode().splitlines() == [
        "torch.Tensor py:class 1 tensors.html#torch.Tensor -",
        "torch.optim.Adam py:class 1 generated/torch.optim.Adam.html#torch.optim.Adam -",
        "torch.sqrt py:function 1 here.html#$ -",
    ]
    assert head.startswith(b"# Sphinx inventory version 2\n# Project: torch\n")
    with pytest.raises(SystemExit, match=r"no torch\.nope in what is installed"):
        tool.write("torch", ["torch.nope"], {}, tmp_path)


def test_without_a_site_there_is_nothing_to_photograph(tmp_path, monkeypatch, capsys):
    tool = load("pictures")
    monkeypatch.setattr(tool, "SITE", tmp_path)
    assert tool.main() == 1 and "make docs" in capsys.readouterr().out
