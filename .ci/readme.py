"""Turn README.md into the long description of the package, for pages that have no repository.

Package indexes cannot follow relative links. Where pyproject.toml declares the address of the
repository, as "Repository" in [project.urls], links become absolute, to the tag of the version.
Where it declares none, links become plain text and pictures are left out.
"""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURE = re.compile(r"!\[([^]]*)\]\((?!https?://|#)([^)]+)\)\n*")
LINK = re.compile(r"(?<!!)\[([^]]*)\]\((?!https?://|#)([^)]+)\)")


def make_absolute(text, repository, version):
    """Return the text with links that hold anywhere."""
    if not repository:
        return LINK.sub(r"\1", PICTURE.sub("", text))
    base, tag = repository.rstrip("/"), f"v{version}"
    text = PICTURE.sub(rf"![\1]({base}/raw/{tag}/\2)\n\n", text)
    return LINK.sub(rf"[\1]({base}/blob/{tag}/\2)", text)


class ReadmeHook(MetadataHookInterface):
    """Sets the field "readme" of the package's metadata."""

    def update(self, metadata):
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = make_absolute(text, metadata["urls"].get("Repository"), metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
