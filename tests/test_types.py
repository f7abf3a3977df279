"""What type checkers and editors know of the package."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STUB = ROOT / "optguide" / "optimizers" / "__init__.pyi"


def test_the_stub_of_the_optimizers_is_what_their_signatures_say(tmp_path):
    copies = tmp_path / "optguide" / "optimizers"
    copies.mkdir(parents=True)
    for path in STUB.parent.glob("*.py"):
        (copies / path.name).write_bytes(path.read_bytes())
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "signatures.py"
    script.write_bytes((ROOT / "tools" / "signatures.py").read_bytes())
    subprocess.run([sys.executable, script], check=True)
    written = (copies / "__init__.pyi").read_text(encoding="utf-8")
    assert written == STUB.read_text(encoding="utf-8"), "a rule has changed: run make signatures"


#: Where a comment says so the checker must find one fault; it must find no other.
READER = """
import torch

import optguide as og
from optguide.optimizers.settings import Decay, Rate


class Mine(og.Optimizer):
    init = {"m": 0.0}

    @staticmethod
    def update(theta, grad, t, m, *, lr: Rate = 1e-3, beta: Decay = 0.9):
        m = beta * m + (1 - beta) * grad(theta)
        return theta - lr * m, m


weights = [torch.nn.Parameter(torch.zeros(3))]
Mine(weights, lr=0.1, beta=0.5).step()
og.Adam(weights, 1e-3, betas=(0.9, 0.99)).step()
og.Adam([{"params": weights, "lr": 0.1}])
og.SAM(og.Adam.at(lr=0.1))(weights, rho=0.1)
og.Muon(weights, otherwise=og.AdamW.at(lr=0.1)).step()
og.Muon(weights, lr=0.1, otherwise=og.AdamW)
og.Muon.at(lr=0.1, otherwise=Mine)(weights)
og.Muon(weights, otherwise=0.1)  # fault
og.Muon.at(otherwise=torch.optim.Adam)  # fault
og.Muon(weights, otherwize=og.AdamW)  # fault
og.Momentum([], momentun=0.9)  # fault
og.Momentum([], momentum="much")  # fault
og.Momentum.at(momentun=0.9)  # fault
og.Adam(weights, betas=0.9)  # fault
og.Adma  # fault

run = og.descend(og.Adam.at(lr=0.1), og.surfaces.rosenbrock, (-1.0, 1.0), steps=50)
og.plot_trails(run, ax=og.plot_map(og.surfaces.rosenbrock))
og.race([Mine, og.SGD, torch.optim.Adam], og.surfaces.rosenbrock, steps=20)
og.sweep(og.Adam, og.surfaces.rosenbrock, lr=[0.1, 0.2]).save("sweep.nc")
og.animate(run).save("run.gif")
og.card(Mine)
og.pseudocode(Mine)
og.animate(run).savve("run.gif")  # fault
"""


def test_a_checker_is_content_with_a_readers_file_and_finds_what_is_misspelt(tmp_path):
    if not importlib.util.find_spec("basedpyright"):
        pytest.skip("there is no type checker: make .venv/dev.stamp installs it")
    (tmp_path / "reader.py").write_text(READER, encoding="utf-8")
    settings = {"typeCheckingMode": "standard", "reportUnusedExpression": False, "extraPaths": [str(ROOT)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    said = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout)
    found = [(fault["range"]["start"]["line"], fault["message"]) for fault in said["generalDiagnostics"]]
    expected = [number for number, line in enumerate(READER.splitlines()) if line.endswith("# fault")]
    assert [number for number, _ in found] == expected, found
