"""A model of the hub comes into the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as with_arguments

from corral.errors import CorralError, ExternalError, UserError
from corral.foreign import safe_line
from corral.hub.downloading import Downloader, discard
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.naming import Reference, choose, library_name
from corral.hub.huggingface.records import QuantFile, RepoFile, Repository
from corral.jobs import Progress, Ticket
from corral.library.library import Library
from corral.library.model import StoredModel
from corral.library.names import DEFAULT_TAG
from corral.library.receiving import Arrival, Receiving, Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What is to be downloaded.

    Attributes:
        repository: From where; its commit holds for all files.
        quant: Which model of it.
        tag: What stands behind the colon of its name, "" for the quantization's.
    """

    repository: Repository
    quant: QuantFile
    tag: str = ""

    @property
    def model_name(self) -> str:
        """What it will be called in the library."""
        return library_name(self.repository.repo_id, self.tag or self.quant.tag).short


def find_download(hub: HuggingFace, reference: Reference) -> Download:
    """Return what a name like "hf.co/user/repo:Q4_K_M" means now.

    Without a quantization a good one is chosen, and the model is called "latest", as with Ollama.

    Raises:
        UserError: If there is no such repository or quantization; the hint names those there are.
        ExternalError: If the hub cannot be asked.
    """
    repository = hub.repository(reference.repo_id)
    by_tag = {quant.tag: quant for quant in repository.quants}
    by_file = {quant.file_name.lower(): quant.tag for quant in repository.quants}
    tag = by_file.get(reference.tag.lower()) or choose(by_tag, reference.tag)
    if tag is None:
        there = ", ".join(by_tag)
        raise UserError(
            f"{reference.repo_id} has no model '{safe_line(reference.tag, 80)}'."
            if by_tag
            else f"{reference.repo_id} has no GGUF file that can be used.",
            detail="\n".join(repository.problems),
            hint=f"It has: {there}" if there else "",
        )
    name_tag = tag if reference.tag else DEFAULT_TAG
    return Download(repository=repository, quant=by_tag[tag], tag=name_tag)


def download(
    hub: HuggingFace, downloader: Downloader, library: Library, what: Download, ticket: Ticket
) -> StoredModel:
    """Download a model and make it one of the library; what is there already is not fetched again.

    Args:
        hub: The hub.
        downloader: Fetches the files.
        library: Gets the model.
        what: What.
        ticket: For progress and cancel. What arrived stays, and the next call goes on from there.

    Raises:
        UserError: If the repository is gated or gone.
        ExternalError: If the network or the disk fails or a file is not what was promised.
        Cancelled: If the ticket was cancelled.
    """
    files = [*what.quant.files, *([what.quant.projector] if what.quant.projector else [])]
    for file in files:
        _refuse_unless_verifiable(file)
    receiving = library.receiving()
    _need_space(receiving, what, files)
    ticket.report(Progress(phase="Downloading", total=what.quant.download_bytes))
    arrivals: list[Arrival] = []
    before = 0
    for file in files:
        arrivals.append(_fetched(hub, downloader, receiving, what, file, before, ticket))
        before += file.size_bytes
    count = len(what.quant.files)
    shipment = Shipment(
        weights=arrivals[:count],
        projectors=arrivals[count:],
        licenses=_licenses(hub, what.repository, ticket),
    )
    name = receiving.run(what.model_name, shipment, ticket)
    for file in files:
        discard(receiving.partial_path(file.digest))
    return library.get(name.short)


def forget(library: Library, what: Download) -> None:
    """Remove what arrived of a download that nobody wants any more."""
    receiving = library.receiving()
    for file in filter(None, (*what.quant.files, what.quant.projector)):
        if file.digest:
            discard(receiving.partial_path(file.digest))


def _fetched(
    hub: HuggingFace,
    downloader: Downloader,
    receiving: Receiving,
    what: Download,
    file: RepoFile,
    before: int,
    ticket: Ticket,
) -> Arrival:
    from corral.hub.huggingface.files import resolve  # lazy: comes with huggingface_hub

    total = what.quant.download_bytes
    blob, partial = receiving.blob_path(file.digest), receiving.partial_path(file.digest)

    def report(done: int) -> None:
        ticket.report(Progress(phase="Downloading", done=before + done, total=total))

    def is_there() -> bool:
        return blob.is_file() and blob.stat().st_size == file.size_bytes

    if not is_there():
        where = with_arguments(resolve, hub, what.repository, file)
        downloader.fetch(where, partial, ticket, report=report, is_there=is_there)
    report(file.size_bytes)
    path = blob if is_there() else partial
    return Arrival(path=path, digest=file.digest, size_bytes=file.size_bytes)


def _refuse_unless_verifiable(file: RepoFile) -> None:
    if not file.digest:
        raise ExternalError(
            f"The hub tells no SHA-256 of {safe_line(file.path)}, so what arrives could not be "
            "verified.",
            hint="Choose another file, or download it by other means and import it.",
        )


def _need_space(receiving: Receiving, what: Download, files: Sequence[RepoFile]) -> None:
    """Make sure that there is room for what is still to come, and for joining shards.

    Raises:
        ExternalError: If not, with both numbers.
    """
    missing = sum(
        file.size_bytes for file in files if not receiving.blob_path(file.digest).exists()
    )
    for file in files:
        if (partial := receiving.partial_path(file.digest)).exists():
            missing -= min(file.size_bytes, partial.stat().st_blocks * 512)
    joining = what.quant.size_bytes if what.quant.is_sharded else 0
    receiving.need_space(max(0, missing) + joining, what.model_name)


def _licenses(hub: HuggingFace, repository: Repository, ticket: Ticket) -> list[str]:
    """Return licence and model card; a model without them is better than none."""
    from corral.hub.huggingface.files import read_text  # lazy: comes with huggingface_hub

    texts = []
    for file in sorted(repository.texts, key=lambda file: "readme" in file.path.lower()):
        ticket.report(Progress(phase="Reading licence and model card", unit="steps"))
        try:
            texts.append(read_text(hub, repository, file))
        except CorralError:
            continue
    return texts
