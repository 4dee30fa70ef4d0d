"""How each kind of transfer is done; everything that reaches out is imported when one runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from corral.jobs import Ticket
from corral.workbench.transfer import TransferKind, TransferRequest, WorkMaker

if TYPE_CHECKING:
    from corral.hub.registry.registry import Registry
    from corral.places import Places
    from corral.settings import SettingsFile
    from corral.workbench.modelling import Modelling


def make_works(
    places: Places, settings: SettingsFile, modelling: Modelling
) -> Mapping[TransferKind, WorkMaker]:
    """Return how transfers are done.

    Args:
        places: Where keys and journals are.
        settings: Read anew for each transfer.
        modelling: Has the library.
    """

    def registry() -> Registry:
        from corral.workbench.registries import open_registry  # lazy: nothing reaches out yet

        return open_registry(places, settings.current, modelling.library)

    def pull(request: TransferRequest) -> Callable[[Ticket], object]:
        insecure = "insecure" in request.options
        return lambda ticket: registry().pull(request.subject, ticket, insecure=insecure)

    def push(request: TransferRequest) -> Callable[[Ticket], object]:
        insecure = "insecure" in request.options
        return lambda ticket: registry().push(request.subject, ticket, insecure=insecure)

    return {TransferKind.PULL: pull, TransferKind.PUSH: push}
