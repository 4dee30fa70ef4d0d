"""The table of graphics cards and memory that comes with the program."""

import json
from collections.abc import Mapping
from typing import Any

from corral.places import resource_path
from corral.plan.cards import Card, Catalogue, MemoryKind

_TABLE = "gpus.json"


def read_catalogue() -> Catalogue:
    """Return the table.

    Thread: any; reads one file of some kilobytes.
    """
    table = json.loads(resource_path(_TABLE).read_text("utf-8"))
    links = {link["name"]: float(link["practical_gb_s"]) for link in table["links"]}
    return Catalogue(
        cards=tuple(_card(row, links) for row in table["gpus"]),
        memory=tuple(
            MemoryKind(name=row["name"], bandwidth_gb_s=float(row["bandwidth_gb_s"]))
            for row in table["memory"]
        ),
    )


def _card(row: Mapping[str, Any], links: Mapping[str, float]) -> Card:
    return Card(
        name=row["name"],
        vendor=row["vendor"],
        is_unified=row["is_unified"],
        memory_gib=tuple(row["memory_gib"]),
        bandwidth_gb_s=float(row["bandwidth_gb_s"]),
        fp16_tflops=float(row["fp16_tflops"] or 0),
        link_gb_s=_link(row["pcie"], links),
    )


def _link(pcie: str | None, links: Mapping[str, float]) -> float:
    """Return what a link reaches: "4x16" is PCIe 4.0 with 16 lanes."""
    if not pcie:
        return 0.0
    version, _, lanes = pcie.partition("x")
    found = links.get(f"PCIe {version}.0 x{lanes}")
    # A lane of PCIe 3.0 moves 0.77 GB/s, and each version doubles that.
    return found or 0.77 * int(lanes) * 2.0 ** (int(version) - 3)
