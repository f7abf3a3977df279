"""Plant faults in the player, one at a time, and see which its tests notice: ``python checks/player_faults.py [words]``.

Each changes one place of one module, in a copy of the package beside its tests; nothing is changed here. Words choose
the faults whose name holds one of them.
"""

# ruff: noqa: E501
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ["test_player_modules.py", "test_player_shows.py", "test_player_in_a_browser.py"]
FAULTS = {
    "axis names swapped": ("axes.js", "pen.fillText(axes[1], 0, 0)", "pen.fillText(axes[0], 0, 0)"),
    "ticks shifted by one": ("axes.js", "pen.fillText(digits(x), px", "pen.fillText(digits(x + 1), px"),
    "every contour has the first level": ("axes.js", "const [, text] = crossed", "const [, text] = levels[0]"),
    "edges of the relief swapped": ("axes.js", "digits(box[j][0]), axes[j]", "digits(box[j][0]), axes[1 - j]"),
    "tip shows (y, x)": ("words.js", "run.channels.theta.map((values) =>", "[...run.channels.theta].reverse().map((values) =>"),
    "tip of the wrong run": ("stage.js", 'make("b", {}, run.name)', 'make("b", {}, this.runs[0].name)'),
    "tip of a hidden run": ("stage.js", "for (const run of this.runs.filter(({ shown }) => shown)) {", "for (const run of this.runs) {"),
    "legend one step late": ("controls.js", "standing(run, step)", "standing(run, Math.max(step - 1, 0))"),
    "legend shows the position": ("words.js", '[run.told ?? "loss"][0]', '["theta"][0]'),
    "left and diverged swapped": ("words.js", "`left at ${run.left}`", "`diverged at ${run.left}`"),
    "state of another run in the chart": ("series.js", "(!run || one === run)", "(!run || one !== run)"),
    "coordinates of a chart swapped": ("series.js", "one.channels[channel];", "[...one.channels[channel] ?? []].reverse();"),
    "hidden run still in the chart": ("series.js", "one.shown && (!run", "(!run"),
    "loss without its offset": ("series.js", '["loss", loss.label]', '["loss", "loss"]'),
    "power of ten one too high": ("series.js", "power(exponent)", "power(exponent + 1)"),
    "steps of a chart off by one": ("chart.js", "this.x(run.at[i]), y) : path.lineTo(this.x(run.at[i])", "this.x(run.at[i] + 1), y) : path.lineTo(this.x(run.at[i] + 1)"),
    "map upside down without WebGL": ("relief.js", "((n - 1 - Math.floor(k / n)) * n", "(Math.floor(k / n) * n"),
    "minima at (y, x)": ("map.js", "const [x, y] = this.project(point);", "const [x, y] = this.project([point[1], point[0]]);"),
    "start ring at the second record": ("stage.js", "const start = position(run, 0);", "const start = position(run, 1);"),
    "colours of two runs swapped": ("stage.js", "color: run.color, alpha: strength(run), trail", "color: this.runs[(this.runs.indexOf(run) + 1) % this.runs.length].color, alpha: strength(run), trail"),
    "mark of a divergence one step late": ("stage.js", "?? Infinity) <= step", "?? Infinity) < step"),
    "slider ends one step early": ("controls.js", "max: String(this.steps)", "max: String(this.steps - 1)"),
    "twice as fast is half as fast": ("player.js", "this.clock.speed = speed", "this.clock.speed = 1 / speed"),
    "zoom in and out swapped": ("controls.js", 'key === "+" ? 1.2', 'key === "-" ? 1.2'),
    "spoken step off by one": ("controls.js", "`step ${step} of", "`step ${step + 1} of"),
    "End goes to the last step but one": ("controls.js", "player.stopAt(player.record.steps)", "player.stopAt(player.record.steps - 1)"),
}  # fmt: skip


def noticed(folder, file, right, wrong):
    """The first test that fails of a player with a fault, or None."""
    path = folder / "optguide/render/web" / file
    source = path.read_text(encoding="utf-8")
    if source.count(right) != 1:
        sys.exit(f"{file} holds {right!r} {source.count(right)} times: the fault needs another place")
    path.write_text(source.replace(right, wrong), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", *(f"tests/render/{name}" for name in TESTS)]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    said = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True).stdout
    path.write_text(source, encoding="utf-8")
    return next((line.split("::")[1].split(" - ")[0] for line in said.splitlines() if line.startswith("FAILED")), None)


def main(words):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("optguide", "tests"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        chosen = {fault: what for fault, what in FAULTS.items() if not words or any(word in fault for word in words)}
        missed = 0
        for fault, what in chosen.items():
            test = noticed(folder, *what)
            missed += test is None
            print(f"{fault}: {test or 'NOT NOTICED'}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} noticed")
    return missed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
