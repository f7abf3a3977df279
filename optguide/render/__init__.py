"""Pictures of descents. Everything here reads recorded data; nothing here steps an optimizer."""

from .figures import (
    plot_arrows,
    plot_basins,
    plot_circle_images,
    plot_curve,
    plot_loss,
    plot_map,
    plot_plane,
    plot_rates,
    plot_responses,
    plot_share,
    plot_singular_values,
    plot_states,
    plot_surface,
    plot_trails,
    plot_training,
    plot_training_rates,
    plot_update_spectrum,
)
from .film import Animation, animate
from .style import repaint, share_legend

__all__ = [
    "Animation",
    "animate",
    "plot_arrows",
    "plot_basins",
    "plot_circle_images",
    "plot_curve",
    "plot_loss",
    "plot_map",
    "plot_plane",
    "plot_rates",
    "plot_responses",
    "plot_share",
    "plot_singular_values",
    "plot_states",
    "plot_surface",
    "plot_trails",
    "plot_update_spectrum",
    "plot_training",
    "plot_training_rates",
    "repaint",
    "share_legend",
]
