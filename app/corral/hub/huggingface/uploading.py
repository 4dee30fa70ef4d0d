"""A model of the library goes to a repository of the user's."""

import io
from dataclasses import dataclass
from pathlib import Path

from corral.errors import UserError
from corral.foreign import safe_line
from corral.hub.huggingface.card import model_card
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.naming import is_repo_id, safe_path
from corral.jobs import Progress, Ticket
from corral.library.disk import disk_errors
from corral.library.model import StoredModel

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What is to be uploaded, and where to.

    Attributes:
        model: The model; its weights go, and a model card.
        repo_id: "user/repo", made if it is not there.
        file_name: What the file is called there.
        is_private: Whether a repository that is made now is only the user's to see.
        card: Text of the model card, which replaces one that is there; None makes one from what
            the library knows, unless there is one.
    """

    model: StoredModel
    repo_id: str
    file_name: str
    is_private: bool = True
    card: str | None = None


def default_file_name(model: StoredModel, repo_id: str) -> str:
    """Return what a model's file is to be called: "repo-Q4_K_M.gguf"."""
    repo = repo_id.rpartition("/")[2].removesuffix("-GGUF")
    quantization = model.config.quantization
    return f"{repo}-{quantization}.gguf" if quantization else f"{repo}.gguf"


def upload(hub: HuggingFace, what: Upload, ticket: Ticket) -> str:
    """Upload the weights of a model, and a model card unless the repository has one.

    The file is read twice: the hub wants its digest first. What it has already is not sent again.

    Args:
        hub: The hub, with a token.
        what: What, and where to.
        ticket: For progress and cancel; a cancelled upload changes nothing in the repository.

    Returns:
        Address of the repository's page.

    Raises:
        UserError: If a name, the token or a permission would mend it.
        ExternalError: If the hub or the disk fails.
        Cancelled: If the ticket was cancelled.
    """
    _check(hub, what)
    ticket.report(Progress(phase="Asking the hub", unit="steps"))
    api, token = hub.api(), hub.token_argument
    # lazy: comes with huggingface_hub
    from huggingface_hub import CommitOperationAdd

    from corral.hub.huggingface.errors import hub_errors  # lazy: comes with huggingface_hub

    with hub_errors(what.repo_id):
        page = api.create_repo(
            what.repo_id, token=token, exist_ok=True, private=what.is_private, repo_type="model"
        )
        has_card = what.card is None and api.file_exists(what.repo_id, "README.md", token=token)
    with (
        disk_errors(f"read {safe_line(what.model.name)}"),
        hub_errors(what.repo_id),
        CountingReader(what.model.weights, ticket) as reader,
    ):
        additions = [CommitOperationAdd(what.file_name, reader)]
        if not has_card:
            card = what.card or model_card(what.model, what.repo_id, what.file_name)
            additions.append(CommitOperationAdd("README.md", card.encode()))
        reader.phase = "Uploading"
        api.create_commit(
            what.repo_id,
            additions,
            commit_message=f"Upload {what.file_name}",
            token=token,
            num_threads=1,
        )
    return str(page)


def _check(hub: HuggingFace, what: Upload) -> None:
    if not hub.has_token:
        raise UserError("To upload, log in first.", hint="corral login")
    if not is_repo_id(what.repo_id):
        raise UserError(
            f"'{safe_line(what.repo_id, 80)}' is no repository on Hugging Face.",
            hint="Write it as user/repo.",
        )
    if safe_path(what.file_name) is None or not what.file_name.endswith(".gguf"):
        raise UserError(
            f"'{safe_line(what.file_name, 80)}' is no name for a GGUF file on the hub.",
            hint="It ends in .gguf and has no other special characters than . - _ /",
        )
    if what.model.shards:
        raise UserError(
            f"The weights of {safe_line(what.model.name)} lie in {len(what.model.shards)} files.",
            hint="Make it yours first; then they are one file.",
        )


class CountingReader(io.BufferedReader):
    """A file that tells how far it was read, and stops when the ticket says so.

    huggingface_hub has no progress of its own for this, but takes readers of any kind.

    Attributes:
        phase: What its reading is for, in plain words.
    """

    def __init__(self, path: Path, ticket: Ticket) -> None:
        super().__init__(io.FileIO(path), _READ_BYTES)
        self.phase = "Reading"
        self._size = path.stat().st_size
        self._ticket = ticket

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

        Raises:
            Cancelled: If the ticket was cancelled.
        """
        data = super().read(-1 if size is None else size)
        done = min(self.tell(), self._size)
        self._ticket.report(Progress(phase=self.phase, done=done, total=self._size))
        return data
