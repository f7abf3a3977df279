"""Export of a race: ours to MP4 against clearing and redrawing every frame into a GIF, in one run.

Six optimizers, 100 frames, map and surface side by side. The other side is the usual recipe: a `FuncAnimation`
whose callback clears both axes, draws colour map, contours, surface, wireframe and trails again, written by Pillow.
Both sides show the same heights at the same resolution and the same size.
"""

import os
import platform
import tempfile
import time
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter

import optguide as og

FRAMES = 100


def make_race() -> og.Race:
    runners = [og.SGD, og.Lion, og.AdamD, og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
    return og.race(runners, og.surfaces.tilted_camel, steps=FRAMES - 1, lr=0.1)


def ours(race: og.Race, path: Path) -> None:
    race.animate(frames=FRAMES).save(path)


def clear_and_redraw(race: og.Race, path: Path) -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 300), np.linspace(-1, 1, 300))
    log_z = np.log(np.maximum(race.function(x, y), 1e-5))
    figure = plt.figure(figsize=(9.6, 5.8), dpi=100)
    flat, deep = figure.add_subplot(121), figure.add_subplot(122, projection="3d")

    def draw(frame: int) -> None:
        flat.clear()
        deep.clear()
        flat.pcolormesh(x, y, log_z, cmap="ocean", shading="gouraud")
        flat.contour(x, y, log_z, levels=16, colors="black", linewidths=0.5)
        deep.plot_surface(x, y, log_z, rcount=72, ccount=72, cmap="ocean")
        deep.plot_wireframe(x, y, log_z, rcount=36, ccount=36, color="black", linewidth=0.2)
        deep.view_init(elev=45, azim=330)
        for name, run in race.items():
            px, py = run.theta[: frame + 1].T
            flat.plot(px, py, color=run.color, label=name)
            flat.plot(px[-1:], py[-1:], "o", color=run.color)
            deep.plot(px, py, np.log(np.maximum(run.loss[: frame + 1], 1e-5)), color=run.color, zorder=9)
        flat.legend(loc="upper right")

    FuncAnimation(figure, draw, frames=FRAMES).save(path, writer=PillowWriter(fps=20))
    plt.close(figure)


def main() -> None:
    race = make_race()
    versions = f"Python {platform.python_version()}, matplotlib {matplotlib.__version__}"
    print(f"{platform.machine()}, {os.cpu_count()} cores, {versions}")
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, export, file in (("ours", ours, "race.mp4"), ("clear and redraw", clear_and_redraw, "race.gif")):
            begin = time.perf_counter()
            export(race, Path(folder, file))
            figures[name] = time.perf_counter() - begin, Path(folder, file).stat().st_size
            print(f"{name:17s} {figures[name][0]:7.2f} s {figures[name][1] / 1000:9.0f} kB")
    ratios = np.divide(figures["clear and redraw"], figures["ours"])
    print(f"{'ratio':17s} {ratios[0]:7.1f} x {ratios[1]:9.1f} x")


if __name__ == "__main__":
    main()
