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
    from corral.workbench.hub_login import HubLogin
    from corral.workbench.hub_transfers import UploadRequest
    from corral.workbench.modelling import Modelling


def make_works(
    places: Places, settings: SettingsFile, modelling: Modelling, login: HubLogin
) -> Mapping[TransferKind, WorkMaker]:
    """Return how transfers are done.

    Args:
        places: Where keys and journals are.
        settings: Read anew for each transfer.
        modelling: Has the library.
        login: Has the hub.
    """

    def registry() -> Registry:
        from corral.workbench.registries import open_registry  # lazy: nothing reaches out yet

        return open_registry(places, settings.current, modelling.library)

    def pull(request: TransferRequest) -> Callable[[Ticket], object]:
        from corral.hub.huggingface.naming import is_reference  # lazy: nothing reaches out yet

        if is_reference(request.subject):
            return download(request)
        insecure = "insecure" in request.options
        return lambda ticket: registry().pull(request.subject, ticket, insecure=insecure)

    def push(request: TransferRequest) -> Callable[[Ticket], object]:
        insecure = "insecure" in request.options
        return lambda ticket: registry().push(request.subject, ticket, insecure=insecure)

    def download(request: TransferRequest) -> Callable[[Ticket], object]:
        def work(ticket: Ticket) -> object:
            # lazy: nothing reaches out yet
            from corral.workbench.hub_transfers import download_from_hub

            hub = login.open_hub()
            return download_from_hub(hub, modelling.library, request.subject, ticket)

        return work

    def upload(request: TransferRequest) -> Callable[[Ticket], object]:
        def work(ticket: Ticket) -> object:
            # lazy: nothing reaches out yet
            from corral.workbench.hub_transfers import upload_to_hub

            wanted = _upload_request(request)
            return upload_to_hub(login.open_hub(), modelling.library, wanted, ticket)

        return work

    return {
        TransferKind.PULL: pull,
        TransferKind.PUSH: push,
        TransferKind.DOWNLOAD: download,
        TransferKind.UPLOAD: upload,
    }


def _upload_request(request: TransferRequest) -> UploadRequest:
    from corral.workbench.hub_transfers import UploadRequest  # lazy: nothing reaches out yet

    options = request.options
    return UploadRequest(
        model_name=request.subject,
        repo_id=options.get("repo_id", ""),
        file_name=options.get("file_name", ""),
        is_private="is_public" not in options,
        card=options.get("card"),
    )
