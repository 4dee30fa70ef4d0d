"""What the hub tells, checked and in records."""

from dataclasses import dataclass, field
from enum import StrEnum


class SearchOrder(StrEnum):
    """In which order repositories are found; the values are the hub's own words."""

    DOWNLOADS = "downloads"
    LIKES = "likes"
    UPDATED = "last_modified"
    TRENDING = "trending_score"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoSummary:
    """A repository in the results of a search.

    Attributes:
        repo_id: "user/repo".
        downloads: In the last 30 days.
        likes: How many people like it.
        updated_at: Seconds since the epoch, 0 when not told.
        is_gated: Whether its terms must be accepted on the hub before its files can be had.
        licence: The licence's name as the hub lists it, "" when not told.
        tags: The hub's tags.
        parameter_count: Of the GGUF file that the hub looked at, 0 when not told.
        architecture: Such as "llama", "" when not told.
    """

    repo_id: str
    downloads: int = 0
    likes: int = 0
    updated_at: float = 0.0
    is_gated: bool = False
    licence: str = ""
    tags: tuple[str, ...] = ()
    parameter_count: int = 0
    architecture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoFile:
    """One file of a repository.

    Attributes:
        path: Where it lies in the repository; safe to show, never a path on this computer.
        size_bytes: Its size.
        digest: "sha256:" and 64 hex digits, "" for small files that the hub keeps without one.
    """

    path: str
    size_bytes: int
    digest: str = ""

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantFile:
    """One model of a repository: a GGUF file, or all shards of one.

    Attributes:
        tag: What it is called behind the colon: the quantization where that is enough to tell it
            from the others, else its file name.
        quantization: Such as "Q4_K_M", "" where the file name does not tell.
        files: The file, or the shards in order.
        projector: The vision projector that belongs to it, None if it has none.
    """

    tag: str
    quantization: str
    files: tuple[RepoFile, ...]
    projector: RepoFile | None = None

    @property
    def file_name(self) -> str:
        """Name of its (first) file."""
        return self.files[0].file_name

    @property
    def size_bytes(self) -> int:
        """Size of its weights, all shards together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def download_bytes(self) -> int:
        """Size of all that is downloaded."""
        return self.size_bytes + (self.projector.size_bytes if self.projector else 0)

    @property
    def is_sharded(self) -> bool:
        """Whether its weights lie in several files."""
        return len(self.files) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository with its files, at one commit.

    Attributes:
        summary: What the search tells of it too.
        commit: The commit that all file names and sizes hold for.
        quants: Its models, the smallest first.
        texts: Licence and model card, if they are there.
        problems: Files that cannot be offered, and why.
    """

    summary: RepoSummary
    commit: str
    quants: tuple[QuantFile, ...]
    texts: tuple[RepoFile, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def repo_id(self) -> str:
        """Its id on the hub, "user/repo"."""
        return self.summary.repo_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token; it is never part of a text that is shown or logged.

    Attributes:
        value: The token itself.
    """

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose token it is.

    Attributes:
        name: Name of the user on the hub.
        organizations: Organizations the user belongs to.
        can_write: Whether the token may upload; None where the hub decides by repository.
    """

    name: str
    organizations: tuple[str, ...] = ()
    can_write: bool | None = None
