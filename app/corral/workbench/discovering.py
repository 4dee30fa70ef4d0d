"""Models elsewhere for every front end: searching the hub, what is there, what would fit."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corral.workbench.asking import ask
from corral.workbench.fitting import Fitting
from corral.workbench.hub_login import HubLogin
from corral.workbench.modelling import Modelling

if TYPE_CHECKING:
    from corral.hub.huggingface.headers import RemoteHeader
    from corral.hub.huggingface.hub import HuggingFace
    from corral.hub.huggingface.records import (
        QuantFile,
        RepoFile,
        Repository,
        RepoSummary,
        SearchOrder,
    )
    from corral.library.model import StoredModel
    from corral.plan.fit import Fit

PAGE = 50
_DIGEST = re.compile(r"(?:sha256[-:])?([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search found so far.

    Attributes:
        repositories: In the order that was asked for.
        has_more: Whether there may be more.
    """

    repositories: "tuple[RepoSummary, ...]"
    has_more: bool


class Discovering:
    """Asks Hugging Face, or the mirror that is set.

    Nothing connects before a method is called, and nothing heavy is imported before.

    Attributes:
        login: Who asks.

    Args:
        login: Who asks.
        modelling: Tells what is here already.
        fitting: Tells what fits.
        headers: Folder of fetched headers.

    Thread: the event loop's.
    """

    def __init__(
        self, *, login: HubLogin, modelling: Modelling, fitting: Fitting, headers: Path
    ) -> None:
        self.login = login
        self._modelling = modelling
        self._fitting = fitting
        self._headers = headers

    async def search(
        self, text: str, *, order: "SearchOrder | None" = None, limit: int = PAGE
    ) -> SearchResult:
        """Return repositories with GGUF files; for more, ask again with a larger limit.

        Args:
            text: Words in the name of the repository.
            order: In which order; None is by downloads.
            limit: How many at most.

        Raises:
            CorralError: If the hub cannot be asked.
        """
        from corral.hub.huggingface.records import SearchOrder  # lazy: few sessions ask the hub

        hub = await self.login.hub()
        wanted = order or SearchOrder.DOWNLOADS
        found = await ask(lambda: hub.search(text, order=wanted, limit=limit))
        return SearchResult(repositories=found, has_more=len(found) >= limit)

    async def repository(self, reference: str) -> "Repository":
        """Return a repository with its quantizations, the smallest first.

        Args:
            reference: "user/repo", "hf.co/user/repo", or the address of its page.

        Raises:
            CorralError: If there is no such repository or the hub cannot be asked.
        """
        from corral.hub.huggingface.naming import parse_reference  # lazy: few sessions ask the hub

        repo_id = parse_reference(reference).repo_id
        hub = await self.login.hub()
        return await ask(lambda: hub.repository(repo_id))

    async def text(self, repository: "Repository", file: "RepoFile") -> str:
        """Return licence or model card as plain text; it is a stranger's.

        Raises:
            CorralError: If the hub cannot be asked.
        """
        hub = await self.login.hub()
        return await ask(lambda: _text(hub, repository, file))

    async def digests_here(self) -> frozenset[str]:
        """Return the digests of the weights that the library has."""
        return await asyncio.to_thread(_digests, await self._modelling.list())

    async def tags_here(self, repository: "Repository") -> frozenset[str]:
        """Return the tags of the models of a repository that the library has.

        It has those of the same content, whatever they are called, and those it got from here by
        their name: weights that were split are one file after a download.
        """
        from corral.hub.huggingface.naming import library_name  # lazy: few sessions ask the hub

        models = await self._modelling.list()
        names = {model.name.lower() for model in models if not model.problem}
        digests = await self.digests_here()
        return frozenset(
            quant.tag
            for quant in repository.quants
            if {file.digest for file in quant.files} <= digests
            or library_name(repository.repo_id, quant.tag).short.lower() in names
        )

    # Fits

    async def fits(self, repository: "Repository") -> Mapping[str, "Fit"]:
        """Return a fit for each quantization by its tag.

        One header is read, of the smallest; the others are estimated from their sizes, and say so.

        Raises:
            CorralError: If the header cannot be had, or the repository is gated.
        """
        if not repository.quants:
            return {}
        hub, smallest = await self.login.hub(), repository.quants[0]
        known = await ask(lambda: self._header(hub, repository, smallest))
        others = [quant.size_bytes for quant in repository.quants[1:]]
        estimates = await self._fitting.estimates(known.header, others)
        fits = {quant.tag: estimates[quant.size_bytes] for quant in repository.quants[1:]}
        return {smallest.tag: await self._fitting.by_formula(known.header), **fits}

    async def exact_fit(self, repository: "Repository", quant: "QuantFile") -> "Fit":
        """Return the fit of one quantization by its own header and llama.cpp, before a download.

        Where llama.cpp cannot be asked it is the one by formulas, and says so.

        Raises:
            GgufError: If the file is damaged.
            CorralError: If the header cannot be had.
        """
        hub = await self.login.hub()
        known = await ask(lambda: self._header(hub, repository, quant))
        return await self._fitting.best(known.copy, known.header)

    async def planned(self, reference: str) -> "StoredModel":
        """Return a model on the hub as one to plan with; its header is read, nothing downloaded.

        Args:
            reference: "user/repo:TAG", "hf.co/user/repo:TAG", or the address of its page.

        Raises:
            GgufError: If the file is damaged.
            CorralError: If there is no such model, or its header cannot be had.
        """
        # lazy: few sessions ask the hub
        from corral.hub.huggingface.downloading import find_download
        from corral.hub.huggingface.naming import parse_reference

        wanted, hub = parse_reference(reference), await self.login.hub()
        found = await ask(lambda: find_download(hub, wanted))
        return await self.planned_quant(found.repository, found.quant)

    async def planned_quant(self, repository: "Repository", quant: "QuantFile") -> "StoredModel":
        """Return one model of a repository as one to plan with, by its own header.

        Raises:
            GgufError: If the file is damaged.
            CorralError: If its header cannot be had.
        """
        # lazy: few sessions ask the hub
        from corral.hub.huggingface.naming import library_name
        from corral.library.model import StoredModel

        hub = await self.login.hub()
        known = await ask(lambda: self._header(hub, repository, quant))
        name = library_name(repository.repo_id, quant.tag).short
        return StoredModel(name=name, size_bytes=quant.size_bytes, weights=known.copy)

    def _header(
        self, hub: "HuggingFace", repository: "Repository", quant: "QuantFile"
    ) -> "RemoteHeader":
        # lazy: comes with huggingface_hub
        from corral.hub.huggingface.headers import remote_header
        from corral.jobs import Ticket

        return remote_header(hub, repository, quant, self._headers, Ticket())


def _digests(models: "tuple[StoredModel, ...]") -> frozenset[str]:
    """Return the digests of weights that lie in files named by them, as Ollama and the hub do."""
    found = (_DIGEST.fullmatch(path.resolve().name) for m in models for path in _weights(m))
    return frozenset(f"sha256:{name[1]}" for name in found if name)


def _weights(model: "StoredModel") -> "tuple[Path, ...]":
    return model.shards or (model.weights,)


def _text(hub: "HuggingFace", repository: "Repository", file: "RepoFile") -> str:
    from corral.hub.huggingface.files import read_text  # lazy: comes with huggingface_hub

    return read_text(hub, repository, file)
