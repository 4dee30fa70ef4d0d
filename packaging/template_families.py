"""Figures of the chat templates that Ollama knows, for `resources/template_families.json`.

`python packaging/template_families.py ../shared/vectors/template_detect.json` writes the file from
the texts. The texts themselves are no part of Corral: of each letter the figures keep one of eight
kinds, with about ten letters to a kind.
"""

import json
import sys
from pathlib import Path
from typing import Any

from corral.prompt.family import KINDS, LIMIT, figures_of

TARGET = Path(__file__).resolve().parents[1] / "resources" / "template_families.json"


def table(cases: dict[str, Any]) -> str:
    """Return the file's text.

    Args:
        cases: Ollama's index, with where it comes from.
    """
    return (
        json.dumps(
            {
                "about": "Figures of known chat templates; packaging/template_families.py made "
                "them. A template less than `limit` changes away belongs to the family.",
                "origin": f"{cases['repo']}, template/index.json, commit {cases['commit']}",
                "kinds": KINDS,
                "limit": LIMIT,
                "templates": [
                    {"family": entry["name"], "figures": figures_of(entry["template"])}
                    for entry in cases["index"]
                ],
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    TARGET.write_text(table(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
