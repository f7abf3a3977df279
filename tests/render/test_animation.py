"""Animations: what is drawn is what was recorded, and files are whole or absent."""

import subprocess
import sys
import warnings
from functools import partial

import imageio_ffmpeg
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from optguide import optimizers, surfaces
from optguide.descent import descend
from optguide.race import race
from optguide.render import animate
from optguide.render.film import encode, scene
from optguide.render.film.scene import PANEL


@pytest.fixture(scope="module")
def camel():
    runners = {"SGD": optimizers.SGD, "Lion": optimizers.Lion, "Adam": optimizers.Adam}
    return race(runners, surfaces.tilted_camel, steps=40, lr=0.1)


def decode(path, size):
    """All frames of a file as an array (frames, height, width, 3), by ffmpeg."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-loglevel",
        "error",
        "-i",
        path,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, size[1], size[0], 3)


def test_tracks_are_the_recorded_points(camel):
    film = animate(camel, panels=("map", "loss", "surface"))
    tracks = film._scene.tracks
    assert len(tracks) == 9
    for track, run in zip(tracks[:3], camel.values(), strict=True):
        # Pixels are an affine image of the map, whose box is [-1, 1]²: recover its scale from the clip rectangle.
        box = track.clip
        expected = np.array([box.x0, box.y0]) + (run.theta + 1) / 2 * [box.width, box.height]
        np.testing.assert_allclose(track.points, expected, atol=1e-6)
    for track, run in zip(tracks[3:6], camel.values(), strict=True):
        pixels = track.points
        assert (np.diff(pixels[:, 0]) > 0).all()
        height = np.log(run.loss)  # all positive here, so the axis shows the loss itself
        slope = np.polyfit(height, pixels[:, 1], 1)
        np.testing.assert_allclose(pixels[:, 1], np.polyval(slope, height), atol=1e-6)
        assert slope[0] > 0


def test_frames_keep_the_first_and_the_final_step(camel):
    film = animate(camel, frames=7)
    assert film.steps[0] == 0 and film.steps[-1] == 40 and len(film.steps) == 7
    assert len(animate(camel, frames=1000).steps) == 41
    long = descend(optimizers.SGD, surfaces.quadratic_1d, lr=1e-4, steps=5003)
    assert animate(long).steps[-1] == 5003


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".gif", ".webp"])
def test_a_film_has_its_frames_and_its_size(camel, tmp_path, suffix):
    film = animate(camel, frames=5, fps=4)
    path = film.save(tmp_path / f"race{suffix}")
    if suffix == ".webp":
        with Image.open(path) as image:
            # Equal frames at the end are one long frame in this format.
            assert image.n_frames >= 5 and image.size == film.size
    else:
        frames = decode(path, film.size)
        assert frames.shape == (5 + 4, film.size[1], film.size[0], 3)
        assert np.abs(frames[0].astype(int) - frames[4]).max() > 100, "nothing moves"
    assert [p.name for p in tmp_path.iterdir()] == [f"race{suffix}"]


def test_heads_stand_where_the_descents_ended(tmp_path, camel):
    film = animate({"Adam": camel["Adam"]}, panels=("map",))
    with Image.open(film.save(tmp_path / "end.png")) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape == (film.size[1], film.size[0], 3) and film.size[0] == PANEL
    x, y = film._scene.tracks[0].points[-1]
    found = pixels[round(film.size[1] - y) - 1, round(x)] / 255
    np.testing.assert_allclose(found, to_rgb(optimizers.Adam.color), atol=0.02)
    blank = pixels[round(film.size[1] - y) - 1 - 60, round(x) + 60] / 255
    assert np.abs(blank - to_rgb(optimizers.Adam.color)).max() > 0.1


def test_a_frame_shows_only_the_past(camel):
    film = animate({"SGD": camel["SGD"]}, panels=("map",), frames=41)
    shape = (film.size[1], film.size[0], 4)
    frames = [np.frombuffer(frame, np.uint8).reshape(shape) for frame in film._scene.frames([0, 20, 40])]
    blue = np.array(to_rgb(optimizers.SGD.color)) * 255
    counts = [(np.abs(frame[..., :3] - blue).max(-1) < 12)[40:500].sum() for frame in frames]
    assert counts[0] < counts[1] < counts[2]
    # Drawn in one go, the last frame differs from the one drawn bit by bit in the smoothing of edges only.
    again = np.frombuffer(next(film._scene.frames([40])), np.uint8).reshape(frames[2].shape)
    assert (np.abs(again.astype(int) - frames[2]) > 60).sum() == 0


def test_saving_twice_gives_the_same_bytes(camel, tmp_path):
    one = animate(camel, frames=4).save(tmp_path / "one.mp4").read_bytes()
    two = animate(camel, frames=4).save(tmp_path / "two.mp4").read_bytes()
    assert one == two


def test_a_run_that_is_lost_draws_no_warning_and_ends_with_a_cross(tmp_path):
    runs = race(
        {"Lion": optimizers.Lion, "wild": partial(optimizers.SGD, lr=500.0)}, surfaces.unit_rosenbrock, steps=99
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        animate(runs, panels=("map", "surface", "loss")).save(tmp_path / "lost.png")
    assert runs["wild"].diverged_at is not None
    losses = {track.color: track.lost_at for track in animate(runs, panels=("loss",))._scene.tracks}
    assert list(losses.values()) == [None, runs["wild"].diverged_at]
    far = race({"Lion": partial(optimizers.Lion, lr=0.1)}, surfaces.unit_rosenbrock, steps=100)
    track = animate(far, panels=("map",))._scene.tracks[0]
    assert track.lost_at is not None
    outside = np.flatnonzero((np.abs(far["Lion"].theta) > 1).any(1))
    assert track.lost_at == outside[0]
    assert np.isnan(track.points[outside[1] :]).all()


def test_states_and_curves_have_panels(tmp_path):
    run = descend(optimizers.Adam, surfaces.quadratic_1d, lr=0.1, steps=20)
    film = animate(run, panels=("curve", "m", "v"))
    curve, m, v = film._scene.tracks
    assert (np.diff(v.points[:, 1])[:3] > 0).all(), "v grows from zero"
    assert film.size[0] == 2 * PANEL
    film.save(tmp_path / "states.png")
    box, values = m.clip, run.states["m"].ravel()
    share = (m.points[:, 1] - box.y0) / box.height  # 8 % of what the values span stay free above and below
    np.testing.assert_allclose(share, (0.08 + (values - values.min()) / np.ptp(values)) / 1.16)


def test_the_coordinates_of_a_state_are_told_apart_by_width_and_colour():
    run = descend(optimizers.Adam, surfaces.rosenbrock, lr=0.1, steps=20)
    first, second = animate(run, panels=("m",))._scene.tracks
    assert (first.width, second.width) == (2.4, 1.5) and first.color == optimizers.Adam.color != second.color


def test_map_and_landscape_mark_the_minimum(camel):
    figure = animate(camel, panels=("map", "surface"))._scene.figure
    assert [[line.get_gid() for line in ax.lines] for ax in figure.axes] == [["minimum"], ["minimum"]]


def test_as_many_panels_as_are_allowed_fit(camel, tmp_path):
    film = animate(camel, panels=("map", *("loss",) * (scene.MOST_PANELS - 1)))
    film.save(tmp_path / "many.png")
    assert all(ax.bbox.height > 10 for ax in film._scene.figure.axes)


def test_stills_leave_the_film_as_it_was(camel, tmp_path):
    film = animate(camel, panels="surface")
    before = film._scene.frame(40).tobytes()
    light, dark = film.stills("light"), film.stills("dark")
    assert [image.size for image in light] == [(PANEL, PANEL)] * 2
    assert light[1].tobytes() != dark[1].tobytes()
    assert film.size == film._scene.size and film._scene.frame(40).tobytes() == before


def test_nobody_waits_for_ffmpeg_who_films_nothing():
    code = "import sys, optguide.render; assert 'imageio_ffmpeg' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_alt_says_what_is_seen():
    runs = race(
        {"a": partial(optimizers.SGD, lr=0.1), "b <i>": partial(optimizers.SGD, lr=9.0)}, surfaces.sphere, (1, 2), 30
    )
    film = animate(runs)
    end = runs["a"]
    assert film.alt == (
        "Sphere function: 2 descents from (1, 2), 30 steps: "
        f"a ends at ({end.theta[-1][0]:.3g}, {end.theta[-1][1]:.3g}) "
        f"with loss {end.loss[-1]:.3g}; b <i> diverged at step {runs['b <i>'].diverged_at}."
    )


def test_bad_input_is_refused_before_anything_is_drawn(camel, tmp_path, monkeypatch):
    monkeypatch.setattr(scene, "draw_panel", lambda *_: pytest.fail("drawn too early"))
    film = animate(camel)
    with pytest.raises(
        ValueError, match=r"path must end in \.mp4, \.webm, \.gif, \.webp, \.png or \.html, got '.*race\.avi'"
    ):
        film.save(tmp_path / "race.avi")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        film.save(tmp_path / "nowhere" / "race.mp4")
    with pytest.raises(ValueError, match="path must be a file"):
        (tmp_path / "folder.mp4").mkdir()
        film.save(tmp_path / "folder.mp4")
    for error, message, options in [
        (ValueError, "frames must be >= 2, got 1", {"frames": 1}),
        (ValueError, "fps must be >= 2, got 0", {"fps": 0}),
        (ValueError, "fps must be >= 2 and at most 240, got 1000000", {"fps": 10**6}),
        (TypeError, r"fps must be an int, got 2\.5", {"fps": 2.5}),
        (ValueError, "panels must name at least one panel", {"panels": ()}),
        (ValueError, "panels must be at most 6, .* got 7", {"panels": ("map",) * 7}),
        (TypeError, "title must be a string, got 3", {"title": 3}),
        (ValueError, "wobble", {"panels": ("wobble",)}),
        (ValueError, "coordinate", {"panels": ("curve",)}),
    ]:
        with pytest.raises(error, match=message):
            animate(camel, **options)
    with pytest.raises(ValueError, match="plot one descent at a time"):
        animate(descend(optimizers.SGD, surfaces.sphere, start=[(1, 1), (2, 2)]))
    with pytest.raises(ValueError, match="runs must hold at least one Descent"):
        animate({})
    with pytest.raises(TypeError, match="must be a Descent"):
        animate(3)


def test_the_last_five_lines_of_an_encoder_that_failed_are_repeated(monkeypatch, tmp_path):
    tool = tmp_path / "encoder"
    tool.write_text("#!/bin/sh\nseq 1 7 >&2\nexit 3\n")
    tool.chmod(0o755)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(tool))
    with pytest.raises(RuntimeError, match="^ffmpeg failed with status 3: 3 / 4 / 5 / 6 / 7$"):
        animate(descend(optimizers.SGD, surfaces.sphere, steps=3)).save(tmp_path / "film.mp4")


def test_failure_leaves_nothing_and_harms_nothing(camel, tmp_path, monkeypatch):
    target = tmp_path / "race.mp4"
    target.write_bytes(b"precious")
    film = animate(camel, frames=3)
    monkeypatch.setitem(encode.CODECS, ".mp4", "-c:v no_such_codec")
    with pytest.raises(RuntimeError, match="ffmpeg failed with status .*no_such_codec"):
        film.save(target)
    monkeypatch.undo()
    monkeypatch.setattr(film._scene, "frames", lambda steps: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        film.save(target)
    assert target.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["race.mp4"]


def test_piped_output_is_silent(tmp_path):
    code = (
        "import optguide as og;"
        f"og.race([og.SGD, og.Adam], og.surfaces.sphere, steps=30).animate(frames=4).save(r'{tmp_path / 'a.gif'}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
