"""Static figures of surfaces, descents and sweeps. Every function takes ``ax`` and returns it."""

from .charts import plot_curve, plot_loss
from .maps import plot_arrows, plot_map, plot_trails
from .relief import plot_surface
from .spectra import plot_circle_images, plot_singular_values, plot_update_spectrum
from .states import plot_responses, plot_states
from .sweeps import plot_basins, plot_plane, plot_rates, plot_share
from .training import plot_training, plot_training_rates

__all__ = [
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
]
