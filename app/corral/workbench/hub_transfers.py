"""Downloads from the hub and uploads to it, as plain work for a job, a transfer or a command."""

from dataclasses import dataclass

from corral.hub.downloading import Downloader
from corral.hub.huggingface.downloading import download, find_download, forget
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.naming import parse_reference
from corral.hub.huggingface.uploading import Upload, default_file_name, upload
from corral.jobs import Progress, Ticket
from corral.library.library import Library
from corral.library.model import StoredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest:
    """What somebody wants uploaded.

    Attributes:
        model_name: Name of the model in the library.
        repo_id: "user/repo"; it is made if it is not there.
        file_name: What the file is called there, "" for the repository's name and quantization.
        is_private: Whether a repository that is made now is only the user's to see.
        card: Text of the model card, None for one made from what the library knows.
    """

    model_name: str
    repo_id: str
    file_name: str = ""
    is_private: bool = True
    card: str | None = None


def download_from_hub(
    hub: HuggingFace, library: Library, reference: str, ticket: Ticket
) -> StoredModel:
    """Download a model by its name on the hub, or go on with a download that was cut.

    Args:
        hub: The hub.
        library: Gets the model.
        reference: Such as "hf.co/user/repo:Q4_K_M"; without a quantization a good one is chosen.
        ticket: For progress and cancel; what arrived stays.

    Raises:
        UserError: If there is no such model, or it is gated.
        ExternalError: If the network or the disk fails or a file is not what was promised.
        Cancelled: If the ticket was cancelled.
    """
    ticket.report(Progress(phase="Asking the hub", unit="steps"))
    what = find_download(hub, parse_reference(reference))
    downloader = Downloader(hub.network)
    try:
        return download(hub, downloader, library, what, ticket)
    finally:
        downloader.client.close()


def forget_download(hub: HuggingFace, library: Library, reference: str) -> None:
    """Remove what arrived of a download that nobody wants any more.

    Raises:
        CorralError: If the hub cannot be asked which files those are.
    """
    forget(library, find_download(hub, parse_reference(reference)))


def upload_to_hub(
    hub: HuggingFace, library: Library, request: UploadRequest, ticket: Ticket
) -> str:
    """Upload a model of the library to a repository of the user's.

    Returns:
        Address of the repository's page.

    Raises:
        UserError: If a name, the token or a permission would mend it.
        ExternalError: If the hub or the disk fails.
        Cancelled: If the ticket was cancelled; the repository is as it was then.
    """
    model = library.get(request.model_name)
    library.verify_link(model, ticket)
    what = Upload(
        model=model,
        repo_id=request.repo_id,
        file_name=request.file_name or default_file_name(model, request.repo_id),
        is_private=request.is_private,
        card=request.card,
    )
    return upload(hub, what, ticket)
