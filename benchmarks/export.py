"""A race as a file, and a race in a page: ours against clearing and redrawing every frame, in one run.

Six optimizers, 100 frames, map and surface side by side. The other side is the usual recipe: a `FuncAnimation`
whose callback clears both axes, draws colour map, contours, surface, wireframe and trails again. As a file, it is
written by Pillow into a GIF, ours into an MP4. In a page, it becomes jshtml, ours the player; what counts there is
what travels, compressed as a web server would. Both sides show the same heights at the same resolution and size.
"""

import gzip
import tempfile
import time
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import record
from matplotlib.animation import FuncAnimation, PillowWriter

import optguide as og

FRAMES = 100


def make_race() -> og.Race:
    runners = [og.SGD, og.Lion, og.AdamD, og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
    return og.race(runners, og.surfaces.tilted_camel, steps=FRAMES - 1, lr=0.1)


def clear_and_redraw(race: og.Race) -> FuncAnimation:
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

    return FuncAnimation(figure, draw, frames=FRAMES)


def main() -> None:
    race = make_race()
    on, rows = record.machine("matplotlib"), []
    plt.rcParams["animation.embed_limit"] = 200  # MB; jshtml leaves frames out beyond 20
    film = race.animate(frames=FRAMES)
    with tempfile.TemporaryDirectory() as folder:
        gif, mp4 = Path(folder, "race.gif"), Path(folder, "race.mp4")
        redraw = lambda: clear_and_redraw(race)  # noqa: E731
        tasks = {
            ("MP4", "GIF, redrawn"): (
                lambda: film.save(mp4).read_bytes(),
                lambda: redraw().save(gif, PillowWriter(fps=20)) or gif.read_bytes(),
            ),
            ("page", "jshtml, redrawn"): (
                lambda: gzip.compress(film._repr_html_().encode()),
                lambda: gzip.compress(redraw().to_jshtml(20).encode()),
            ),
        }
        for (what, beside), sides in tasks.items():
            measured = []
            for export in sides:
                begin = time.perf_counter()
                size = len(export()) / 1000
                measured.append((time.perf_counter() - begin, size))
                plt.close("all")
            (ours, small), (theirs, large) = measured
            row = {"written": what, "beside": beside, "seconds": ours, "beside_seconds": theirs}
            row |= {"kB": small, "beside_kB": large, "times_as_fast": theirs / ours, "times_as_small": large / small}
            rows.append(row)
    record.save(__file__, on, {"rules": len(race), "frames": FRAMES}, rows=rows)


if __name__ == "__main__":
    main()
