"""Progress bars: in a terminal, and in a notebook with or without its widgets."""

import warnings

with warnings.catch_warnings():
    # A notebook without ipywidgets gets the bar of a terminal, which is no reason to warn.
    warnings.filterwarnings("ignore", message="IProgress not found")
    from tqdm.auto import tqdm

__all__ = ["tqdm"]
