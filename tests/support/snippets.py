"""The snippets of docs/editors.md as they stand there: what a reader is told to write is what is run."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "editors"

_SNIPPET = re.compile(r"<!-- snippet: (\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)


def snippets() -> dict[str, str]:
    """All of them, by name, with the folder of this checkout in place of the one that the page supposes."""
    page = (ROOT / "docs" / "editors.md").read_text("utf-8")
    return {name: text.replace("/path/to/editors", str(EDITORS)) for name, text in _SNIPPET.findall(page)}
