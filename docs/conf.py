"""Settings of the site. Everything that executes does so under the settings at the top."""

import os
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tensors here are tiny; threads only get in each other's way
os.environ.setdefault("MPLBACKEND", "agg")
# A process that has executed many pages holds much memory, and joblib replaces it.
warnings.filterwarnings("ignore", "A worker stopped while some jobs were given to the executor")

import joblib  # noqa: E402
import versions  # noqa: E402

import optguide as og  # noqa: E402

project = "optguide"
author = "the optguide authors"
copyright = author
version = release = og.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "mathml",
    "measured",
    "media",
    "folds",
    "synonyms",
    "notebooks",
    "whole",
    "lean",
    "licenses",
    "elsewhere",
    "api",
    "oracle_table",
    "documents",
    "foot",
    "family_tree",
    "tiles",
    "front",
    "way",
    "cards",
    "headline",
    "ledger_tables",
    "across_tables",
    "benchmark_page",
    "caught",
    "share",
    "twins",
    "origin",
    "news",
    "versions",
    "moved",
]
exclude_patterns = ["_build", "**/GALLERY_HEADER.rst", "gallery/*/*.py", "**/*.ipynb", "api/*.inc"]
suppress_warnings = ["config.cache"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3
default_role = "code"

nitpicky = True
# The inventories lie here, so that a build needs no other site; "make inventories" writes them.
intersphinx_mapping = {
    "python": ("https://docs.python.org/3", "inventories/python.inv"),
    "torch": ("https://docs.pytorch.org/docs/stable", "inventories/torch.inv"),
    "numpy": ("https://numpy.org/doc/stable", "inventories/numpy.inv"),
    "matplotlib": ("https://matplotlib.org/stable", "inventories/matplotlib.inv"),
    "xarray": ("https://docs.xarray.dev/en/stable", "inventories/xarray.inv"),
}
intersphinx_disabled_reftypes = ["std:*"]  # no words of ours lead to pages of others by accident

bibtex_bibfiles = ["refs.bib"]
bibtex_reference_style = "author_year"

# Types stand in the docstrings, in words; signatures stay short enough to read.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]  # types in words here, too

SECTIONS = ["foundations", "optimizers", "landscapes", "signals", "comparisons"]
sphinx_gallery_conf = {
    "examples_dirs": [f"../gallery/{section}" for section in SECTIONS],
    "gallery_dirs": [f"gallery/{section}" for section in SECTIONS],
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"(^|/)(?!plot_)[^/]*\.py$",
    "within_subsection_order": "scraper.PageOrder",
    "image_scrapers": ["measured.scrape", "scraper.scrape"],
    "reset_modules": ["matplotlib", "scraper.reset", "whole.note"],
    "reset_modules_order": "both",
    "capture_repr": ("__repr__",),
    "ignore_repr_types": r"'list'|numpy.ndarray|matplotlib|mpl_toolkits|xarray"
    r"|optguide\.(race|signals|table|language|render|study)",
    "abort_on_example_error": True,
    # Side by side, in processes of their own; for a page that is built alone they would take longer to start than it.
    "parallel": 1 if os.environ.get("OPTGUIDE_PAGE") else min(joblib.cpu_count(), 4),
    "write_computation_times": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e6,
    "pypandoc": {
        "extra_args": ["--to=markdown_strict+tex_math_dollars+pipe_tables+backtick_code_blocks", "--wrap=none"],
        "filters": [str(HERE / "_ext" / "notebook.lua")],
    },
    "remove_config_comments": True,
    "backreferences_dir": None,
    "first_notebook_cell": None,
    "copyfile_regex": "",
}

html_theme = "pydata_sphinx_theme"
html_title = "optguide"
# Where the site will be: notebooks fetch the package from there. And the GitHub repository that serves it, if one does.
html_baseurl = os.environ.get("OPTGUIDE_SITE_URL") or os.environ.get("READTHEDOCS_CANONICAL_URL", "")
site_repository = os.environ.get("OPTGUIDE_SITE_REPOSITORY", "")
# The GitHub repository and branch that hold the sources, to which pages then lead.
source_repository = os.environ.get("OPTGUIDE_SOURCE_REPOSITORY", "")
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_js_files = ["paper.js"]
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_math_renderer = "mathml"
html_search_scorer = str(HERE / "_ext" / "scorer.js")  # Sphinx looks for it where it is started
html_context = {"default_mode": "light"}  # without scripts; with them, _templates/layout.html asks the system
html_sidebars = {path.stem: [] for path in HERE.glob("*.md")}  # single pages have no section to navigate
html_sidebars["api/optguide.*"] = []  # a list of all names on the page of each would be as long as the page
html_theme_options = {
    "logo": {"image_light": "_static/logo.svg", "image_dark": "_static/logo.svg", "text": "optguide"},
    "header_links_before_dropdown": 8,
    "navbar_align": "left",
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc", "page-source"],
    "footer_start": ["colophon"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
} | versions.options()
