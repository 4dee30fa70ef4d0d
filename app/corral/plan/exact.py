"""What whoever makes exact plans must offer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from corral.gguf.header import Header
    from corral.plan.machine import Device, Machine
    from corral.plan.options import LoadOptions
    from corral.plan.plan import Plan


class ExactPlanner(Protocol):
    """Asks llama.cpp's own allocator what loading a model takes, without loading it."""

    async def plan(
        self, path: Path, header: Header, options: LoadOptions, machine: Machine
    ) -> Plan:
        """Return the plan for a model file on this machine, every line exact.

        Raises:
            ExternalError: If llama.cpp refuses the file or the options.
        """
        ...

    async def devices(self) -> list[Device]:
        """Return the devices that this build of llama.cpp can use, the CPU last."""
        ...
