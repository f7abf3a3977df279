"""Pictures of sweeps: what a whole axis of learning rates, or a whole plane of starts, comes to."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..canvas import aspect, check_axes
from ..style import ON_GROUND, Style, assign_styles, dark_background, legend_on_ground, new_axes

#: Minima of a basin map, distinguished by hue and lightness; then starts that reached none, and those that diverged.
BASINS = ("#4fb0e8", "#f2d33c", "#d55fde", "#57b84a", "#e8703d", "#f5a3a5", "#8f7bea", "#c98f5e", "#00a58e")
NOWHERE, LOST = "#4a5468", "#000000"


def plot_rates(sweep: Any, ax: Axes | None = None) -> Axes:
    """Draw where descents end against the learning rate: median and middle half over all else.

    The height is that above the function's lowest known one, if it is known. From the learning rate on at which
    more than half of the descents diverge there is no median; a cross marks the last one.

    Parameters
    ----------
    sweep : Sweep
        Of one or more optimizers, with an axis ``lr`` of at least two rates.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no axis of learning rates.
    """
    check_axes(ax)
    data = _data(sweep)
    if data.sizes.get("lr", 0) < 2:
        raise ValueError(f"the sweep must have an axis of at least two learning rates, lr=[...], got {sweep!r}")
    ax = ax if ax is not None else new_axes()
    dark_background(ax)
    low = data.attrs.get("lowest")
    over = [dim for dim in data.loss.dims if dim not in ("optimizer", "lr")]
    handles = []
    for name, style in _styles(data).items():
        loss = data.loss.sel(optimizer=name).transpose("lr", *over).values.reshape(data.sizes["lr"], -1)
        loss = np.where(np.isfinite(loss), loss - (low or 0), np.inf)
        quarter, median, three = np.quantile(loss, (0.25, 0.5, 0.75), axis=1, method="nearest")
        floor = np.finfo(float).tiny
        rates, shown = data.lr.values, np.isfinite(median)
        ax.plot(
            rates[shown],
            np.maximum(median[shown], floor),
            color=style.color,
            ls=style.linestyle,
            lw=2,
            gid="median",
            zorder=5,
        )
        if loss.shape[1] > 1:
            top = np.where(np.isfinite(three), three, np.nanmax(np.where(np.isfinite(three), three, 0)) * 10 + 1)
            ax.fill_between(
                rates[shown],
                np.maximum(quarter, floor)[shown],
                np.maximum(top, floor)[shown],
                color=style.color,
                alpha=0.18,
                lw=0,
                zorder=3,
            )
        label = f"{name}\n(no learning rate)" if name in json.loads(data.attrs.get("free", "[]")) else name
        if not shown.all() and shown.any():
            last = int(np.flatnonzero(shown)[-1])
            ax.plot(
                rates[last],
                max(median[last], floor),
                "X",
                ms=9,
                mfc=style.color,
                mec="white",
                mew=0.9,
                zorder=7,
                gid="lost",
            )
            if last + 1 < len(rates):
                label = f"{name}\n(diverges from {rates[last + 1]:.2g})"
        handles.append(Line2D([], [], color=style.color, ls=style.linestyle, lw=2, label=label))
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="learning rate",
        ylabel="loss in the end" if not low else f"loss in the end − lowest ({low:.4g})",
    )
    ax.set_xlim(data.lr.values.min(), data.lr.values.max())
    bottom = max(ax.get_ylim()[0], 1e-32)
    ax.set_ylim(bottom=bottom)
    ax.set_title(f"{_title(data)}, after {data.attrs['steps']} steps")
    legend_on_ground(ax, handles)
    return _says(ax, data, list(map(str, data.optimizer.values)), x="lr")


def plot_basins(sweep: Any, optimizer: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the plane of starts, each in the colour of the minimum that was reached from it.

    The later it was reached, the darker the colour. Starts that reached no known minimum are grey, those that diverged
    black.

    Parameters
    ----------
    sweep : Sweep
        With a grid of starts, ``starts=np.stack(np.meshgrid(xs, ys), -1)``, one value of every hyperparameter and
        one seed, on a function that knows its minima.
    optimizer : str, optional
        Whose basins; may be left out if there is only one.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the starts are no grid, the minima are unknown, or something else varies.
    """
    check_axes(ax)
    data = _data(sweep)
    names = [str(name) for name in data.optimizer.values]
    if optimizer is None and len(names) > 1:
        raise ValueError(f"optimizer must be one of {', '.join(names)}: the sweep has several")
    if optimizer is not None and optimizer not in names:
        raise ValueError(f"optimizer must be one of {', '.join(names)}, got {optimizer!r}")
    axes = [dim for dim in data.loss.dims if dim.startswith("start_")]
    if len(axes) != 2:
        raise ValueError("the starts of the sweep must be a grid in the plane: np.stack(np.meshgrid(xs, ys), -1)")
    if "minimum" not in data:
        raise ValueError(f"{data.attrs['function']} does not know its minima")
    chosen = data.sel(optimizer=optimizer or names[0])
    varied = {dim: size for dim, size in chosen.loss.sizes.items() if dim not in axes and size > 1}
    if varied:
        raise ValueError(f"a basin map shows one setting; the sweep varies {', '.join(map(str, varied))}")
    chosen = chosen.squeeze([dim for dim in chosen.loss.dims if dim not in axes])
    vertical, horizontal = axes
    reached, steps = chosen.minimum.values, chosen.arrived_at.values
    last = max(int(data.attrs["steps"]), 1)
    # The latest keep about half of the light, so that hues stay distinct.
    light = 1 - 0.55 * np.clip(np.log1p(np.maximum(steps, 0)) / np.log1p(last), 0, 1) ** 2
    picture = np.empty((*reached.shape, 3))
    picture[:] = to_rgb(NOWHERE)
    for number in range(len(data.minima)):
        here = reached == number
        picture[here] = np.asarray(to_rgb(BASINS[number % len(BASINS)])) * light[here, None]
    picture[chosen.diverged_at.values >= 0] = to_rgb(LOST)
    x, y = chosen[horizontal].values, chosen[vertical].values
    ax = ax if ax is not None else new_axes()
    half = [np.ptp(values) / (len(values) - 1) / 2 for values in (x, y)]  # a start is the middle of its pixel
    edges = np.array([(values[0] - h, values[-1] + h) for values, h in zip((x, y), half, strict=True)])
    ax.imshow(picture, origin="lower", extent=tuple(edges.ravel()), interpolation="nearest", aspect=aspect(edges))
    for point in data.minima.values:
        ax.plot(*point, "o", ms=8, mfc="none", mec="white", mew=1.6, gid="minimum")
    ax.set(
        xlim=edges[0],
        ylim=edges[1],
        title=f"{_title(data)}: {optimizer or names[0]}",
        xlabel=f"start, {horizontal.removeprefix('start_')}",
        ylabel=f"start, {vertical.removeprefix('start_')}",
    )
    found = [
        Patch(color=BASINS[i % len(BASINS)], label="(" + ", ".join(f"{c:.3g}" for c in point) + ")")
        for i, point in enumerate(data.minima.values)
        if (reached == i).any()
    ]
    if (reached < 0).any():
        found.append(Patch(color=NOWHERE, label="none of them"))
    if (chosen.diverged_at.values >= 0).any():
        found.append(Patch(color=LOST, label="diverged"))
    legend = legend_on_ground(ax, found, title="reaches")
    legend.get_title().set_color(ON_GROUND)
    return _says(ax, data, [optimizer or names[0]], x=horizontal, y=vertical)


def plot_share(sweep: Any, ax: Axes | None = None) -> Axes:
    """Draw the share of descents that have succeeded against the number of steps: a data profile.

    Parameters
    ----------
    sweep : Sweep
        On a function that knows its minima. Everything but the optimizer is counted together.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the function does not know its minima.
    """
    check_axes(ax)
    data = _data(sweep)
    if "arrived_at" not in data:
        raise ValueError(f"{data.attrs['function']} does not know its minima, so success cannot be counted")
    ax = ax if ax is not None else new_axes()
    dark_background(ax)
    last = int(data.attrs["steps"])
    handles = []
    for name, style in _styles(data).items():
        arrived = np.sort(data.arrived_at.sel(optimizer=name).values.ravel())
        count, arrived = len(arrived), arrived[arrived >= 0]
        steps = np.concatenate([[0], arrived, [last]])
        share = np.concatenate([[0], np.arange(1, len(arrived) + 1), [len(arrived)]]) / count
        ax.step(np.maximum(steps, 0.5), share, where="post", color=style.color, ls=style.linestyle, lw=2, gid="share")
        handles.append(Line2D([], [], color=style.color, ls=style.linestyle, lw=2, label=f"{name} ({share[-1]:.0%})"))
    ax.set(xscale="log", xlim=(1, last), ylim=(-0.02, 1.02), xlabel="steps", ylabel="share that has succeeded")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_title(f"{_title(data)}: within {data.attrs['tol']:g} of the lowest height")
    legend_on_ground(ax, handles)
    return ax


def plot_plane(sweep: Any, x: str, y: str, ax: Axes | None = None) -> Axes:
    """Draw two hyperparameters of one optimizer against each other: median loss in the end as colour.

    Settings at which more than half of the descents diverged are black.

    Parameters
    ----------
    sweep : Sweep
        Of one optimizer, with axes of these names.
    x, y : str
        Names of the hyperparameters.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the sweep has no such axes, or several optimizers.
    """
    check_axes(ax)
    data = _data(sweep)
    for name in (x, y):
        if data.sizes.get(name, 0) < 2 or not np.issubdtype(data[name].dtype, np.number):
            raise ValueError(f"the sweep must have an axis of at least two numbers {name!r}, got {sweep!r}")
    if data.sizes["optimizer"] > 1:
        raise ValueError(f"one optimizer at a time, got {', '.join(map(str, data.optimizer.values))}")
    loss = data.loss.transpose(y, x, ...).values.reshape(data.sizes[y], data.sizes[x], -1)
    loss = np.where(np.isfinite(loss), loss - data.attrs.get("lowest", 0), np.inf)
    median = np.quantile(loss, 0.5, axis=2, method="nearest")
    ax = ax if ax is not None else new_axes()
    ax.set_facecolor(LOST)
    with np.errstate(divide="ignore"):
        height = np.log10(np.maximum(np.where(np.isfinite(median), median, np.nan), 1e-30))
    mesh = ax.pcolormesh(
        data[x].values, data[y].values, np.ma.masked_invalid(height), cmap="viridis_r", shading="nearest"
    )
    bar = ax.figure.colorbar(mesh, ax=ax)
    bar.set_label("log10 of the loss in the end" + (" above the lowest" if data.attrs.get("lowest") else ""))
    for name, set_scale in ((x, ax.set_xscale), (y, ax.set_yscale)):
        values = data[name].values
        if (values > 0).all() and np.allclose(np.diff(np.log(values)), np.diff(np.log(values))[0]):
            set_scale("log")
    words = {"lr": "learning rate"}
    ax.set(xlabel=words.get(x, x), ylabel=words.get(y, y))
    ax.set_title(f"{data.optimizer.item()} after {data.attrs['steps']} steps; black diverges")
    return _says(ax, data, [data.optimizer.item()], x=x, y=y)


def _says(ax: Axes, data: Any, names: list[str], **axes: str) -> Axes:
    """Let the axes carry which descents lie where, so that a page can make a link of each."""
    ax.shows_descents = {"data": data, "optimizers": names, "axes": axes}  # type: ignore[attr-defined]
    return ax


def _data(sweep: Any) -> Any:
    data = getattr(sweep, "data", None)
    if data is None or "loss" not in data:
        raise TypeError(f"sweep must be a Sweep, got {type(sweep).__name__}")
    return data


def _title(data: Any) -> str:
    return data.attrs.get("function_title", data.attrs["function"])


def _styles(data: Any) -> dict[str, Style]:
    colors = zip(map(str, data.optimizer.values), map(str, data.color.values), strict=True)
    return assign_styles({name: SimpleNamespace(color=color) for name, color in colors})
