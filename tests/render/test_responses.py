"""Films and players of responses to a prescribed gradient: what is seen is what was recorded."""

import base64
import json
import zlib

import numpy as np
import pytest
from py_mini_racer import MiniRacer

import optguide as og
from optguide import programs
from optguide.render import web

STEPS = 120


def channel(run, name):
    planes = np.frombuffer(zlib.decompress(base64.b64decode(run["channels"][name])), np.uint8)
    return np.ascontiguousarray(planes.reshape(4, -1).T).view("<f4").ravel()


@pytest.fixture(scope="module")
def batch():
    return og.respond(og.Adam, og.signals.rectangles, STEPS, lr=0.25, betas=([0.25, 0.9, 0.975], 0.999))


def test_a_recording_holds_the_signal_and_every_response_of_a_batch(batch):
    record = batch.animate().recording
    assert record["title"] == "Adam: response to rectangles, learning rate 0.25" and record["loss"] is None
    assert record["charts"] == ["gradient", "update"] and record["steps"] == STEPS - 1
    signal, *answers = record["runs"]
    assert (signal["name"], signal["told"], list(signal["channels"])) == ("rectangles", "gradient", ["gradient"])
    np.testing.assert_array_equal(channel(signal, "gradient"), batch.gradient)
    assert [run["name"] for run in answers] == [f"betas = ({beta}, 0.999)" for beta in (0.25, 0.9, 0.975)]
    for i, run in enumerate(answers):
        assert run["told"] == "update" and list(run["channels"]) == ["update", "parameter", "m", "v"]
        np.testing.assert_allclose(channel(run, "update"), batch.update[:, i], rtol=2**-12)
        np.testing.assert_allclose(channel(run, "parameter"), batch.theta[1:, i], rtol=2**-12)
        np.testing.assert_allclose(channel(run, "m"), batch.states["m"][1:, i], rtol=2**-12)
        least, most, last = batch.update[:, i].min(), batch.update[:, i].max(), batch.update[-1, i]
        assert run["end"] == f"update between {least:.3g} and {most:.3g}, {last:.3g} in the end"
        assert f"{run['name']}: {run['end']}" in record["alt"]
    assert len({run["color"] for run in record["runs"]}) == 4


def test_a_response_of_one_step_is_one():
    assert og.respond(og.SGD, og.signals.spikes, 1, lr=[0.1, 0.2]).animate().recording["steps"] == 0


def test_a_long_response_is_thinned_to_what_can_be_seen():
    run = og.respond(og.Momentum, og.signals.spikes, 2000, lr=0.25, momentum=0.9)
    _, data = run.animate().recording["runs"]
    kept = np.frombuffer(zlib.decompress(base64.b64decode(data["kept"])), np.uint8)
    kept = np.ascontiguousarray(kept.reshape(4, -1).T).view("<f4").ravel()
    assert len(kept) < 1500
    drawn = np.interp(run.t, kept, channel(data, "update"))
    np.testing.assert_allclose(drawn, run.update, atol=2e-3 * np.ptp(run.update))


def test_several_rules_answer_one_signal_under_their_names():
    rules = {"quick": (og.SGD, 0.5), "both": (og.Momentum, [0.1, 0.2])}
    found = {name: og.respond(rule, og.signals.saturation, 50, lr=lr) for name, (rule, lr) in rules.items()}
    record = og.animate(found).recording
    assert record["title"] == "Responses to saturation"
    assert [(run["name"], run["settings"]) for run in record["runs"]] == [
        ("saturation", ""), ("quick", "lr\N{NO-BREAK SPACE}0.5"), ("both, lr = 0.1", ""), ("both, lr = 0.2", ""),
    ]  # fmt: skip
    long = og.respond(og.Adagrad, og.signals.spikes, 5, initial_accumulator_value=[0.1, 10])
    assert long.animate().recording["runs"][1]["name"] == "initial accumulator value = 0.1", "it has room to wrap"
    assert og.animate(found, title="Mine").recording["title"] == "Mine"
    assert og.respond(og.SGD, lambda t: t, 5).animate().recording["runs"][0]["name"] == "signal"


def test_tracks_are_the_recorded_numbers(batch):
    film = batch.animate(panels=("gradient", "update", "m"))
    tracks = film._scene.tracks
    expected = [batch.gradient, *batch.update.T, *batch.states["m"][1:].T]
    assert len(tracks) == len(expected)
    for i, (track, values) in enumerate(zip(tracks, expected, strict=True)):
        x, y = track.points.T
        np.testing.assert_allclose(np.polyfit(batch.t, x, 1)[0], np.diff(x)[0], rtol=1e-9)
        slope = np.polyfit(values, y, 1)
        assert slope[0] > 0
        np.testing.assert_allclose(y, np.polyval(slope, values), atol=1e-6, err_msg=str(i))
    assert [ax.get_ylabel() for ax in film._scene.figure.axes] == ["gradient", "update", "m"]
    alone = og.respond(og.Adam, og.signals.spikes, 9).animate()
    assert [ax.get_legend() for ax in alone._scene.figure.axes] == [None, None]


def test_it_is_saved_and_shows_itself_like_any_animation(batch, tmp_path):
    film = batch.animate(frames=4)
    assert film.landscape is None and list(film.steps) == [0, 40, 79, 119]
    for suffix in (".png", ".gif", ".html"):
        assert film.save(tmp_path / f"a{suffix}").stat().st_size > 1000
    light, dark = (film.stills(theme)[0] for theme in ("light", "dark"))
    assert light.size == dark.size and light.tobytes() != dark.tobytes()
    page = batch._repr_html_()
    assert 'class="og-player"' in page and '"told":"update"' in page and '"loss":null' in page
    assert batch._repr_png_()[1:4] == b"PNG"
    plane = og.respond(og.SGD, og.signals.spikes, 5, lr=[[0.1, 0.2]])
    assert plane._repr_html_() is None and plane._repr_png_() is None


def test_what_cannot_be_shown_is_refused(batch):
    other = og.respond(og.SGD, og.signals.spikes, STEPS)
    with pytest.raises(ValueError, match=r"one signal.*that of 'b' is spikes, 120 steps, another rectangles, 120 st"):
        og.animate({"a": batch, "b": other})
    with pytest.raises(ValueError, match="as many steps"):
        og.animate({"a": other, "b": og.respond(og.SGD, og.signals.spikes, 9)})
    with pytest.raises(ValueError, match="panels of responses are gradient, update, parameter, m, v, got 'loss'"):
        batch.animate(panels=("update", "loss"))
    with pytest.raises(ValueError, match="box is a part of a landscape"):
        batch.animate(box=((0, 1), (0, 1)))
    with pytest.raises(TypeError, match=r"responses\['b'\] must be a Response, got Descent"):
        og.animate({"a": other, "b": og.descend(og.SGD, og.surfaces.sphere, steps=1)})
    with pytest.raises(TypeError, match=r"runs\['b'\] must be a Descent, got Response"):
        og.plot_loss({"a": og.descend(og.SGD, og.surfaces.sphere, steps=1), "b": other})
    with pytest.raises(TypeError, match="each name in responses must be a string, got 1"):
        og.animate({1: other})


# --- In a browser.


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("live/signal.js"))
    return found


def respond(v8, rule, signal, steps, settings):
    """What V8 finds."""
    call = ", ".join(map(json.dumps, (rule, signal, steps, settings)))
    text = v8.eval(f"""(() => {{
        const {{ states, ...found }} = respond({call});
        const each = Object.entries(found).concat(states.map(({{ name, values }}) => ["state " + name, values]));
        return JSON.stringify(each.map(([name, values]) => [name, ArrayBuffer.isView(values) ? [...values] : values]));
    }})()""")
    return {name: np.array(values, dtype=float) for name, values in json.loads(text)}


def assert_same(found, run, i=None):
    part = (lambda values: values) if i is None else (lambda values: values[:, i])
    wanted = {"theta": run.theta, "update": run.update} | {f"state {name}": s for name, s in run.states.items()}
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], part(values), rtol=1e-12, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(found["gradient"], run.gradient)
    assert set(found) == {*wanted, "gradient", "divergedAt"} and found["divergedAt"] == -1


@pytest.mark.parametrize("name", programs.catalogue()["rules"])
def test_a_rule_responds_in_a_browser_as_it_does_here(v8, name):
    """To every signal: long enough to look back and ahead, and past the change of the sawtooth."""
    optimizer = getattr(og, name)
    settings = {"lr": 0.25} if "lr" in optimizer.rule.defaults else {}
    times = np.arange(-STEPS, 2 * STEPS + 1.0)
    for signal in og.signals.__all__:
        run = og.respond(optimizer, getattr(og.signals, signal), STEPS, **settings)
        assert times[0] <= run.read[0] and run.read[1] <= times[-1]
        values = {"name": signal, "first": -STEPS, "values": getattr(og.signals, signal)(times).tolist()}
        assert_same(respond(v8, programs.rule_data(optimizer.rule), values, STEPS, settings), run)


def test_a_scene_says_all_that_a_browser_needs():
    """Here a rule that looks far ahead, with settings that are a batch; its own program is in the catalogue."""
    run = og.respond(og.Nesterov, og.signals.uneven_sawtooth, 80, lr=1.0, momentum=[0.9, 0.975])
    record = run.animate().recording
    scene, rules = record["scene"], {"Nesterov": programs.rule_data(og.Nesterov.rule)}
    assert "own" not in record and "why" not in record
    assert scene["steps"] == 80 and scene["signal"]["name"] == "uneven_sawtooth" and run.read[1] > 100
    assert [(each["name"], each["settings"]) for each in scene["runs"]] == [
        ("momentum = 0.9", {"lr": 1.0}), ("momentum = 0.975", {"lr": 1.0, "momentum": 0.975}),
    ]  # fmt: skip
    v8 = MiniRacer()
    v8.eval(web.script("live/signal.js"))
    for i, each in enumerate(scene["runs"]):
        assert_same(respond(v8, rules[each["rule"]], scene["signal"], scene["steps"], each["settings"]), run, i)


class Own(og.Optimizer):
    """Steps by the gradient ahead, at most as long as the learning rates of two parts add up to."""

    @staticmethod
    def update(theta, grad, t, *, lr=0.1, parts=(0.5, 0.5), ahead=0.0):
        return theta - lr * (parts[0] + parts[1]) * grad(theta - ahead)


def test_a_scene_brings_a_rule_of_ones_own_and_only_a_signal_that_can_be_written_down(v8):
    numbers = [3.0, 1.0, 2.0, 2.5]

    def ends(t):
        before = np.floor(t).astype(int)
        after = np.minimum(before + 1, 3)
        return np.array(numbers)[before] * (1 - t + before) + np.array(numbers)[after] * (t - before)

    recorded = og.respond(Own, ends, 4, parts=(0.5, 1.0))
    record = recorded.animate().recording
    assert record["scene"]["signal"] == {"name": "ends", "first": 0, "values": numbers}
    assert record["scene"]["runs"][0]["settings"] == {"parts": [0.5, 1.0]}
    settings = record["scene"]["runs"][0]["settings"]
    assert_same(respond(v8, record["own"]["rules"]["Own"], record["scene"]["signal"], 4, settings), recorded)
    wave = lambda t: np.sin(t)  # noqa: E731
    assert "not straight" in og.respond(og.Nesterov, wave, 9).animate().recording["why"]
    assert "scene" in og.respond(og.Adam, wave, 9).animate().recording
    far = og.respond(Own, og.signals.spikes, 9, ahead=1e6)
    assert "cannot be written down" in far.animate().recording["why"]
    Adam = type("Adam", (og.Optimizer,), {"update": staticmethod(Own.update)})
    twins = {"a": og.respond(og.Adam, og.signals.spikes, 5), "b": og.respond(Adam, og.signals.spikes, 5)}
    assert og.animate(twins).recording["why"].startswith("two rules are called Adam")
    assert "Adam" in og.animate({"b": twins["b"]}).recording["own"]["rules"]


def test_a_browser_makes_of_a_scene_what_the_recording_holds(v8, batch):
    record = batch.animate().recording
    catalogue = {"rules": {"Adam": programs.rule_data(og.Adam.rule)}}
    text = v8.eval(f"""JSON.stringify(answersOf({json.dumps(record["scene"])}, {json.dumps(catalogue)}),
        (_, x) => ArrayBuffer.isView(x) ? [...x] : x)""")
    found = json.loads(text)
    assert len(found) == 4
    for run, data in zip(found, record["runs"], strict=True):
        assert (run["name"], run["told"], run["diverged"]) == (data["name"], data["told"], None)
        assert list(run["channels"]) == list(data["channels"]) and run["at"] == list(range(STEPS))
        for name, (values,) in run["channels"].items():
            np.testing.assert_allclose(channel(data, name), values, rtol=2**-12, atol=1e-45)


def test_a_signal_stays_as_it_was_at_its_ends_and_a_response_may_diverge(v8):
    signal = json.dumps({"name": "", "first": -1, "values": [5, 1, 3]})
    assert [v8.eval(f"gradientAt({signal}, {t})") for t in (-9, -1, -0.5, 0.25, 1, 7.5)] == [5, 5, 3, 1.5, 3, 3]
    rule = programs.rule_data(Own.rule)
    found = respond(v8, rule, {"name": "", "first": 0, "values": [1, 1e300]}, 4, {"lr": 1e300})
    assert found["divergedAt"] == 2 and np.isnan(found["theta"][3:]).all() and found["theta"][1] == -1e300
