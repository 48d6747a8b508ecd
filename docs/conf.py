"""The documentation as a site: ``sphinx-build -W docs site`` writes it into the folder ``site``."""

from importlib.metadata import version as version_of

project = "tograph"
version = release = version_of("tograph")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"tograph {release}"
html_copy_source = False
exclude_patterns = ["conf.py"]

myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]      # links to files of the repository

autodoc_typehints = "description"
autodoc_member_order = "bysource"
