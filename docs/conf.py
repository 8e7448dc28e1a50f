"""How the site is built: `python -m sphinx -W -b html docs docs/_build/html`."""

import re
from importlib.metadata import metadata
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

from skrnn import __version__
from skrnn._base import BaseRecurrent
from skrnn._parameters import GROUPS, RNNParameters

BaseRecurrent._doc_link_template = "../generated/{estimator_module}.{estimator_name}.html"

project, release = "skrnn", __version__
# those of pyproject.toml, as the package was installed with them
ADDRESSES = dict(line.split(", ", 1) for line in metadata("skrnn").get_all("Project-URL", []))
copyright = "the skrnn developers"
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "examples/README.rst"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
myst_heading_anchors = 3
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say them in words
numpydoc_show_class_members = False
toc_object_entries_show_parents = "hide"
html_theme = "pydata_sphinx_theme"
html_title = "skrnn"
html_extra_path = ["llms.txt"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_sidebars = {page.stem: [] for page in Path(__file__).parent.glob("*.md")}
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "logo": {"image_light": "_static/logo.svg", "image_dark": "_static/logo-dark.svg"},
    "navbar_start": ["navbar-logo", "version"],
    "icon_links": [
        {"name": f"Source of {project}", "url": ADDRESSES[kind], "icon": "fa-solid fa-code"}
        for kind in ["Repository"]
        if kind in ADDRESSES
    ],
    "footer_start": ["copyright"],
    "footer_end": ["links"],
    "secondary_sidebar_items": ["page-toc"],
}
html_show_sourcelink = False
html_context = {"addresses": ADDRESSES}
ORDER = (
    "ladder countries explain see typos table prices logs order codes calibration stopping search "
    "scripts digits series"
).split()
sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": "/plot_",
    "image_scrapers": ("matplotlib",),
    "matplotlib_animations": (True, "jshtml"),
    "download_all_examples": False,
    "min_reported_time": 1e9,
    "plot_gallery": True,
    "abort_on_example_error": True,
    "write_computation_times": False,
    "ignore_repr_types": r"^(?!.*Explanation).*Display",
    "within_subsection_order": ExplicitOrder([f"plot_{name}.py" for name in ORDER]),
}

ICONS_ELSEWHERE = re.compile(r'<link rel="stylesheet"\s+href="https://maxcdn[^>]*>')


def group_parameters(app, what, name, obj, options, lines):
    """Put the name of each group of parameters above its first one."""
    for group, text in GROUPS.items():
        first = f"**{text.split()[0]}**"
        places = [i for i, line in enumerate(lines) if line.strip().startswith(first)]
        if what == "class" and places and issubclass(obj, RNNParameters):
            lines[places[0] : places[0]] = [f"    *{group} parameters*", ""]


def drop_remote_icons(app, page, template, context, doctree):
    """Leave out the icons that matplotlib's animations would fetch; the theme has them too."""
    context["body"] = ICONS_ELSEWHERE.sub("", context.get("body", ""))


def setup(app):
    """Call `group_parameters` after numpydoc, and `drop_remote_icons` on each page."""
    app.connect("autodoc-process-docstring", group_parameters, priority=600)
    app.connect("html-page-context", drop_remote_icons)
