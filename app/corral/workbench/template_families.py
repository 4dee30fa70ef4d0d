"""The table of known chat templates that comes with the program."""

import json

from corral.places import resource_path
from corral.prompt.family import Family, KnownTemplate, template_family

TABLE = "template_families.json"


def read_known_templates() -> tuple[KnownTemplate, ...]:
    """Return the figures of the known templates.

    Thread: any; reads one file of some kilobytes.
    """
    table = json.loads(resource_path(TABLE).read_text("utf-8"))
    return tuple(
        KnownTemplate(family=row["family"], figures=row["figures"]) for row in table["templates"]
    )


def family_of(jinja: str | None) -> Family | None:
    """Return the family of a model file's template, None for none; it takes some milliseconds."""
    return template_family(jinja, read_known_templates()) if jinja else None
