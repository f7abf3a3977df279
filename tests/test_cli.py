"""The command line: one real race in a process of its own, and every mistake it should explain."""

from __future__ import annotations

import argparse
import inspect
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import optguide as og
from optguide import cli, load
from optguide.render import film

BOWL = ["race", "--surface", "unit_bowl", "--steps", "5"]


def race_to(folder: Path, *more: str, name: str = "race.mp4") -> list[str]:
    return [*BOWL, "-o", str(folder / name), *more]


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Run a command that must be refused before any descent, with nothing written; returns what it says."""

    def refuse(arguments: list[str]) -> str:
        monkeypatch.setattr(og, "race", lambda *_, **__: pytest.fail("a descent was begun"))
        try:
            status = cli.main(arguments)
        except SystemExit as exit:  # argparse refuses by itself
            status = exit.code
        printed = capsys.readouterr()
        assert status == 2
        assert printed.out == ""
        assert "Traceback" not in printed.err
        assert list(tmp_path.iterdir()) == []
        return printed.err

    return refuse


def test_race_writes_a_film_and_says_where_everyone_ended(tmp_path):
    command = [sys.executable, "-m", "optguide", *race_to(tmp_path, "--start", "-0.9", "0.9")]
    command += ["--optimizer", "ADAM", "lr=0.1", "betas=0.8,0.99"]
    command += ["--optimizer", "adam", "lr=0.2", "--optimizer", "torch.sgd", "lr=1e6", "momentum=0.5", "nesterov=true"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""  # no progress bar where nobody watches
    first, second, third, last = result.stdout.splitlines()
    run = og.descend(og.Adam, og.surfaces.unit_bowl, (-0.9, 0.9), 5, lr=0.1, betas=(0.8, 0.99))
    end = ", ".join(f"{x:.6g}" for x in run.theta[-1])
    assert first.split(maxsplit=3) == ["Adam", "lr=0.1", "betas=0.8,0.99", f"ends at ({end}), loss {run.loss[-1]:.6g}"]
    assert second.startswith("Adam lr=0.2 ")
    assert third.startswith("torch.SGD ") and "diverged at step" in third
    film = tmp_path / "race.mp4"
    assert last == f"{film}: {film.stat().st_size / 1000:.0f} KB"
    assert film.read_bytes()[4:8] == b"ftyp"
    assert list(tmp_path.iterdir()) == [film]


def test_a_curve_has_panels_of_its_own(tmp_path):
    film = tmp_path / "race.png"
    assert cli.main(["race", "--surface", "quadratic_1d", "--optimizer", "sgd", "--steps", "3", "-o", str(film)]) == 0
    assert film.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--optimizer", "addam"], ["unknown optimizer 'addam'", "did you mean", "Adam", "optguide list"]),
        (["--optimizer", "torch.adm"], ["unknown optimizer 'torch.adm'", "torch.Adam"]),
        (["--optimizer", "optimizer"], ["unknown optimizer"]),
        (["--surface", "unit_bowel", "--optimizer", "sgd"], ["unknown surface 'unit_bowel'", "unit_bowl"]),
        (["--surface", "tilt", "--optimizer", "sgd"], ["unknown surface 'tilt'"]),
        (["--optimizer", "sgd", "0.1"], ["a setting of SGD must look like lr=0.1", "got '0.1'"]),
        (["--optimizer", "sgd", "lr="], ["got 'lr='"]),
        (["--optimizer", "sgd", "lr=fast"], ["SGD", "'lr=fast'", "number"]),
        (["--optimizer", "sgd", "lr=1", "lr=2"], ["lr of SGD is given twice"]),
        (["--optimizer", "adam", "beta=0.9"], ["Adam has no hyperparameter 'beta'", "did you mean betas?"]),
        (["--optimizer", "torch.adam", "beta=0.9"], ["torch.Adam has no hyperparameter 'beta'", "betas"]),
        (["--optimizer", "adam", "lr=-1"], ["Adam: lr must be > 0, got -1"]),
        (["--optimizer", "adam", "betas=0.9"], ["betas must be a tuple of 2 numbers"]),
        (["--optimizer", "torch.adam", "lr=-1"], ["torch.Adam", "learning rate"]),
        (["--optimizer", "adam", "lr=1", "--optimizer", "Adam", "lr=1"], ["'Adam lr=1' is given twice"]),
        (["--optimizer", "sgd", "--panels", "mop"], ["panel must be map, surface or loss", "got 'mop'", "map?"]),
        (["--optimizer", "adam", "--optimizer", "lion", "--panels", "v"], ["map, surface, loss or m", "got 'v'"]),
        (["--optimizer", "sgd", "--panels", *["map"] * 6], ["a film has room for 5 panels, got 6"]),
        (["--optimizer", "sgd", "--steps", "1" + 20 * "0"], ["steps must be at most 100,000", "og.descend"]),
        (["--optimizer", "sgd", "--steps", "100001"], ["steps must be at most 100,000, got 100,001"]),
        ([], ["--optimizer"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("--") else "",
)
def test_mistakes_are_explained_before_any_descent(tmp_path, refused, more, says):
    message = refused(race_to(tmp_path, *more))
    for part in says:
        assert part in message


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--steps", "0"], "steps must be >= 1"),
        (["--start", "1", "2", "3"], "start must have 2 coordinates"),
        (["--start", "nan", "0"], "start must be finite"),
        (["--start", "0", "-inf"], "start must be finite"),
        (["--noise", "-1"], "noise must be >= 0"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_the_package_s_own_complaints_are_passed_on(tmp_path, capsys, more, says):
    assert cli.main(race_to(tmp_path, "--optimizer", "sgd", *more)) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def options_of(command: str | None = None) -> dict[str, argparse.Action]:
    """What the parser, or one of its commands, takes, by its longest name."""
    parser = cli.parser()
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    actions = commands.choices[command]._actions if command else [a for a in parser._actions if a is not commands]
    return {max(a.option_strings, key=len, default=a.dest): a for a in actions if a.dest != "help"}


#: What each option of a race adds to a command, and what it changes of `heard`; with ``...`` only that it does.
HEARD = {
    "--surface": (["--surface", "simple_quadratic"], {"surface": "simple_quadratic", "ends": ...}),
    "--optimizer": (["--optimizer", "adam", "lr=0.5"], {"optimizers": {"SGD": {"lr": 0.25}, "Adam": {"lr": 0.5}}}),
    "--steps": (["--steps", "7"], {"steps": 7, "ends": ...}),
    "--start": (["--start", "0.5", "-0.25"], {"start": [0.5, -0.25], "ends": ...}),
    "--noise": (["--noise", "0.5"], {"noise": 0.5, "ends": ...}),
    "--seed": (["--seed", "3"], {"seed": 3, "ends": ...}),
    "--panels": (["--panels", "loss", "map"], {"panels": ("loss", "map")}),
    "--title": (["--title", "A race"], {"title": "A race"}),
    "--output": (["--output", "other.gif"], {"output": Path("other.gif")}),
}


@pytest.fixture
def heard(tmp_path, monkeypatch):
    """Run a race without its film; returns all that was asked for, and where the first optimizer ended."""
    race = inspect.unwrap(og.race)
    monkeypatch.chdir(tmp_path)

    def hear(more: list[str], base=(*BOWL, "--noise", "0.1", "--optimizer", "sgd", "lr=0.25", "-o", "race.png")):
        facts: dict = {}

        def listen(*given, **named):
            facts.update(inspect.signature(race).bind(*given, **named).arguments)
            facts.update(facts.pop("options"))
            return (ran := race(*given, **named), facts.update(ends=next(iter(ran.values())).theta[-1].tolist()))[0]

        class Film:
            def __init__(self, panels):
                facts["panels"] = panels

            def save(self, path):
                facts["output"] = path
                path.write_text("a film")

        monkeypatch.setattr(og, "race", listen)
        monkeypatch.setattr(og.Race, "animate", lambda self, *, panels: Film(panels))
        assert cli.main([*base, *more]) == 0
        facts["surface"] = facts.pop("function").name
        facts["optimizers"] = {name: made.keywords for name, made in facts["optimizers"].items()}
        return facts

    return hear


def test_every_option_of_every_command_is_tried():
    assert set(options_of()) == {"--version"}
    assert set(options_of("race")) == set(HEARD)
    assert set(options_of("report")) == {"optimizer", "--output"}  # test_a_report_is_written
    assert set(options_of("list")) == set()


@pytest.mark.parametrize("option", HEARD)
def test_an_option_of_a_race_changes_what_it_says_and_nothing_else(heard, option):
    more, changes = HEARD[option]
    before, after = heard([]), heard(more)
    assert set(before) == set(after) and {key for key in before if before[key] != after[key]} == set(changes)
    assert all(after[key] == value for key, value in changes.items() if value is not ...)


def test_what_the_help_calls_a_default_is_the_default(heard, capsys):
    for action in options_of("race").values():
        if action.default is not None:
            with pytest.raises(SystemExit):
                cli.main(["race", "--help"])
            said = " ".join(capsys.readouterr().out.split())
            assert f"{action.metavar or action.dest.upper()} {action.help % {'default': action.default}}" in said
            assert action.help.endswith(("; default %(default)s", "; default %(default)g", "default %(default)s"))
    told = heard([], base=["race", "--surface", "unit_bowl", "--optimizer", "sgd", "-o", "race.png"])
    usual = og.descend(og.SGD, og.surfaces.unit_bowl)
    assert told["steps"] == usual.steps and (told["start"], told["title"]) == (None, None)
    own = inspect.signature(og.descend).parameters
    assert (told["noise"], told["seed"]) == (own["noise"].default, own["seed"].default)
    assert told["panels"] == ("map", "surface") and told["ends"] == usual.theta[-1].tolist()


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("sgd", "lr=0.1", 0.1),
        ("sgd", "lr=1e-3", 0.001),
        ("sgd", "lr=2", 2),
        ("adam", "betas=0,0.99", (0, 0.99)),
        ("barzilaiborwein", "short=false", False),
        ("barzilaiborwein", "short=True", True),
        ("torch.sgd", "nesterov=false", False),
        ("torch.adam", "amsgrad=TRUE", True),
        ("lbfgs", "history_size=4", 4),
        ("torch.lbfgs", "history_size=4", 4),
    ],
)
def test_a_setting_is_read_as_what_it_says(heard, name, setting, value):
    ((said, read),) = heard([], base=[*BOWL, "--optimizer", name, setting, "-o", "a.png"])["optimizers"].items()
    assert said.lower() == name and read == {setting.partition("=")[0]: value}
    assert type(*read.values()) is type(value)


@pytest.mark.parametrize("text", ["nesterov=yes", "lr=0.1.2", "lr=1,", "momentum=,", "lr=none", "lr=strong_wolfe"])
def test_what_is_no_setting_is_refused_by_its_text(tmp_path, refused, text):
    says = f"torch.SGD: {text!r} is not a number, numbers separated by commas, true or false"
    assert says in refused(race_to(tmp_path, "--optimizer", "torch.sgd", text))


def test_a_film_reports_its_progress_in_a_terminal_only(tmp_path, monkeypatch, capsys):
    assert cli.main(race_to(tmp_path, "--optimizer", "sgd", name="race.gif")) == 0
    silent = capsys.readouterr()
    assert silent.err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert cli.main(race_to(tmp_path, "--optimizer", "sgd", name="race.gif")) == 0
    watched = capsys.readouterr()
    assert "frames:" in watched.err and watched.out == silent.out


@pytest.mark.parametrize("start", [("-1e-1", "0.5"), ("-.5", "-5E-1"), ("0.25", "-1."), ("-1", "1e-1")])
def test_a_start_may_have_any_sign_and_exponent(tmp_path, capsys, start):
    assert cli.main(race_to(tmp_path, "--start", *start, "--optimizer", "sgd", "lr=1e-9", name="race.png")) == 0
    end = ", ".join(f"{float(x):.6g}" for x in start)
    assert f"ends at ({end})" in capsys.readouterr().out


def run(*command, **options):
    """Run the command line in a process of its own."""
    return subprocess.run([sys.executable, "-m", "optguide", *command], text=True, stderr=subprocess.PIPE, **options)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_under_the_printed_lines_is_said_in_one(tmp_path):
    for command in (["list"], race_to(tmp_path, "--optimizer", "sgd", name="race.png")):
        with open("/dev/full", "w") as full:
            result = run(*command, stdout=full)
        assert result.returncode == 1
        assert result.stderr.startswith("optguide: error: cannot print")
        assert len(result.stderr.splitlines()) == 1
    assert (tmp_path / "race.png").exists()


def test_what_a_terminal_cannot_write_is_escaped(tmp_path):
    command = race_to(tmp_path, "--optimizer", "sgd", name="\xfc.png")
    ascii = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = run(*command, stdout=subprocess.PIPE, env=ascii)
    assert result.returncode == 0, result.stderr
    assert "\\xfc.png: " in result.stdout and (tmp_path / "\xfc.png").exists()
    more = """if True:
        from optguide import cli
        for command in (["list"], ["--help"], ["race", "--help"]):
            try:
                status = cli.main(command)
            except SystemExit as exit:
                status = exit.code
            assert not status"""
    result = subprocess.run([sys.executable, "-c", more], text=True, capture_output=True, env=ascii)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("usage: ") == 2


OWN = """
import torch
import optguide as og

class Mine(og.Optimizer):
    @staticmethod
    def update(theta, grad, t, *, lr=1e-3):
        theta = theta - lr * torch.sign(grad(theta))
        return theta

class Adam(torch.optim.Adam):
    pass

def valley(x, y):
    return x**2 + 10 * y**2
"""


@pytest.fixture
def own(tmp_path_factory, monkeypatch):
    """A folder with a module of the reader's, from which the command is started."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_rules.py").write_text(OWN)
    (folder / "broken_rules.py").write_text("import not_there_either\n")
    (folder / "raising_rules.py").write_text("1 / 0\n")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield folder
    for name in ("own_rules", "broken_rules", "raising_rules"):
        sys.modules.pop(name, None)


def test_a_module_in_the_current_folder_comes_before_others_of_its_name(own, tmp_path):
    (tmp_path / "own_rules.py").write_text("def valley(x, y):\n    raise AssertionError('the other module')\n")
    sys.path.insert(0, str(tmp_path))
    assert load.load("own_rules:valley")(1, 0) == 1


def test_rules_and_surfaces_of_one_s_own_race(own, capsys):
    command = ["race", "--surface", "own_rules:valley", "--start", "1", "-1", "--steps", "4", "-o", "race.png"]
    command += ["--optimizer", "own_rules:Mine", "lr=0.25", "--optimizer", "own_rules.py:Adam", "--optimizer", "adam"]
    assert cli.main(command) == 0
    mine, theirs, ours, _ = capsys.readouterr().out.splitlines()
    assert mine.startswith("Mine ") and mine.endswith("ends at (0, 0), loss 0")
    assert theirs.startswith("own_rules.py:Adam ") and ours.startswith("Adam ")
    assert (own / "race.png").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--optimizer", "own_rules:Mne"], "'own_rules' has no 'Mne' (did you mean Mine?)"),
        (["--optimizer", "nowhere_rules:Mine"], "there is no module 'nowhere_rules'; looked in"),
        (["--optimizer", "nowhere.py:Mine"], "there is no file 'nowhere.py'"),
        (["--optimizer", "broken_rules:Mine"], "no module 'not_there_either', which 'broken_rules' imports"),
        (["--optimizer", "raising_rules:Mine"], "cannot be loaded: ZeroDivisionError: division by zero"),
        (["--optimizer", "own_rules:valley"], "optimizer must be a class of optimizers, got <function"),
        (["--optimizer", "own_rules:Mine", "rate=1"], "Mine has no hyperparameter 'rate'"),
        (["--optimizer", "sgd", "--surface", "own_rules:valey"], "has no 'valey' (did you mean valley?)"),
        (["--optimizer", "sgd", "--surface", "own_rules:valley"], "--start must be given"),
        (["--optimizer", "sgd", "--surface", "own_rules:Mine"], "surface must be a function, got <class"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_what_is_not_there_or_no_optimizer_is_named(tmp_path, own, refused, more, says):
    assert says in refused(race_to(tmp_path, *more))


def test_a_report_is_written(own, monkeypatch, capsys):
    asked = []

    class Made:
        def save(self, path):
            path.write_bytes(bytes(123_456))

    monkeypatch.setattr(og, "report", lambda runner: asked.append(runner) or Made())
    assert cli.main(["report", "own_rules:Mine", "lr=0.5", "-o", "page.html"]) == 0
    assert asked[0].func.__name__ == "Mine" and asked[0].keywords == {"lr": 0.5}
    assert capsys.readouterr().out == "page.html: 123 KB\n"


def test_a_report_is_refused_before_it_is_measured(own, monkeypatch, capsys):
    monkeypatch.setattr(og, "report", lambda runner: pytest.fail("measured"))
    for arguments, says in (
        (["adamm", "-o", "page.html"], "did you mean"),
        (["adam", "-o", "page.pdf"], "output must end in .html"),
        (["own_rules:valley", "-o", "page.html"], "optimizer must be a class of optimizers"),
    ):
        assert cli.main(["report", *arguments]) == 2
        assert says in capsys.readouterr().err
    assert not list(own.glob("page*"))


def test_help_loads_no_pictures_and_knows_their_suffixes():
    assert film.SUFFIXES == cli.SUFFIXES
    code = "import sys; from optguide import cli\n"
    code += "try: cli.main(['race', '--help'])\nexcept SystemExit: print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True)
    assert result.returncode == 0, result.stderr
    assert "default 200" in result.stdout
    assert not {"matplotlib", "xarray", "PIL", "jinja2"} & set(result.stdout.split())


def test_bad_suffix(tmp_path, refused):
    for name in ("race.mov", "race"):
        message = refused(race_to(tmp_path, "--optimizer", "sgd", name=name))
        assert "output must end in" in message and ".mp4" in message and name in message


def test_missing_directory(tmp_path, refused):
    message = refused(race_to(tmp_path / "nowhere", "--optimizer", "sgd"))
    assert "there is no folder" in message and "nowhere" in message


def test_output_is_a_directory(tmp_path, capsys):
    (tmp_path / "race.mp4").mkdir()
    assert cli.main(race_to(tmp_path, "--optimizer", "sgd")) == 2
    assert "output must be a file, got the folder" in capsys.readouterr().err


def test_unwritable_directory(tmp_path, refused, monkeypatch):
    # Permissions do not stop a superuser, so the refusal is staged.
    monkeypatch.setattr(os, "access", lambda *args, **kwargs: False)
    assert "cannot be written to" in refused(race_to(tmp_path, "--optimizer", "sgd"))


@pytest.mark.parametrize("moment", ["descending", "filming"])
def test_ctrl_c_leaves_no_file(tmp_path, monkeypatch, capsys, moment):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    if moment == "descending":
        monkeypatch.setattr(og, "race", interrupt)
    else:
        monkeypatch.setattr("os.replace", interrupt)  # the film is complete, but has not got its name yet
    assert cli.main(race_to(tmp_path, "--optimizer", "sgd")) == 130
    assert "interrupted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_list_names_everything_with_defaults_and_claims(capsys):
    assert cli.main(["list"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "Adam lr=0.001 betas=0.9,0.999 eps=1e-08" in lines
    assert {"torch.Adam", "torch.RMSprop", "torch.LBFGS"} <= {*lines}
    for names, family in ((og.optimizers.__all__, og.optimizers), (og.surfaces.__all__, og.surfaces)):
        for name in names:
            claim = getattr(family, name).__doc__.strip().split("\n")[0]
            assert any(line.split(" ")[0] == name and lines[i + 1] == claim for i, line in enumerate(lines))


def test_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as exit:
        cli.main(["--version"])
    assert exit.value.code == 0
    assert capsys.readouterr().out == f"optguide {og.__version__}\n"


def test_console_script_points_here():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"optguide": f"{cli.__name__}:{cli.main.__name__}"}
