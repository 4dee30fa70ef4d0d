"""Files of a repository, read piece by piece."""

from contextlib import closing

from huggingface_hub import get_hf_file_metadata, hf_hub_url

from corral.errors import ExternalError
from corral.foreign import safe_line, safe_text
from corral.hub.addresses import origin, redirected
from corral.hub.client import Client, Reply
from corral.hub.downloading import RemoteFile
from corral.hub.huggingface.errors import hub_errors, refusal
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.records import RepoFile, Repository

_BLOCK_BYTES = 1 << 18


def resolve(hub: HuggingFace, repository: Repository, file: RepoFile) -> RemoteFile:
    """Return where a file's bytes are now; the address may be good for minutes only.

    The token goes along only if that is on the hub itself.

    Raises:
        UserError: If the repository is gated or the file gone.
        ExternalError: If the hub cannot be asked, or has another file there now.
    """
    endpoint = hub.api().endpoint
    with hub_errors(repository.repo_id):
        url = hf_hub_url(
            repository.repo_id, file.path, revision=repository.commit, endpoint=endpoint
        )
        facts = get_hf_file_metadata(url, token=hub.token_argument, endpoint=endpoint)
    if facts.size is not None and facts.size != file.size_bytes:
        raise ExternalError(
            f"{safe_line(file.path)} changed on the hub: it has {facts.size:,} bytes, "
            f"not {file.size_bytes:,}.",
            hint="Open the repository again.",
        )
    location = redirected(url, facts.location)
    is_on_hub = origin(location) == origin(endpoint)
    return RemoteFile(
        url=location,
        size_bytes=file.size_bytes,
        sha256=file.digest.removeprefix("sha256:") or None,
        headers=hub.authorization if is_on_hub else {},
    )


def read_text(
    hub: HuggingFace, repository: Repository, file: RepoFile, limit_bytes: int = 1 << 20
) -> str:
    """Return a small text file of a repository, safe to show; markup in it is only text.

    Raises:
        CorralError: If the hub cannot be asked or the file is too large.
    """
    if file.size_bytes > limit_bytes:
        raise ExternalError(
            f"{file.path} has {file.size_bytes:,} bytes; at most {limit_bytes:,} are read."
        )
    with closing(RemoteBytes(hub, repository, file)) as remote:
        return safe_text(remote.fetch(0, file.size_bytes).decode(errors="replace"))


class RemoteBytes:
    """The bytes of one file on the hub.

    Args:
        hub: The hub.
        repository: The repository.
        file: The file.

    Raises:
        CorralError: As `resolve` does.

    Thread: one at a time.
    """

    def __init__(self, hub: HuggingFace, repository: Repository, file: RepoFile) -> None:
        self.file = file
        self._remote = resolve(hub, repository, file)
        self._client = Client(hub.network)

    def fetch(self, start: int, count: int) -> bytes:
        """Return `count` bytes from `start` on.

        Raises:
            ExternalError: If the connection fails or other bytes come than were asked for.
        """
        if not count:
            return b""
        headers = {**self._remote.headers, "Range": f"bytes={start}-{start + count - 1}"}
        with self._client.ask("GET", self._remote.url, headers=headers) as reply:
            self._check(reply, start)
            return _body(reply, count)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _check(self, reply: Reply, start: int) -> None:
        if reply.status not in {200, 206}:
            raise refusal(reply.status, reply.headers.get("Retry-After", ""))
        said = reply.headers.get("Content-Range", "")
        is_part = reply.status == 206 and said.startswith(f"bytes {start}-")
        if not is_part and (start or reply.status != 200):
            raise ExternalError(
                f"The server does not send parts of {safe_line(self.file.path)}.",
                detail=safe_line(f"{reply.status} {said}"),
            )


def _body(reply: Reply, count: int) -> bytes:
    body = bytearray()
    while len(body) < count and (block := reply.read_some(_BLOCK_BYTES)):
        body += block
    if len(body) < count:
        raise ExternalError(
            f"The connection broke off: {len(body):,} of {count:,} bytes came.", hint="Try again."
        )
    return bytes(body[:count])
