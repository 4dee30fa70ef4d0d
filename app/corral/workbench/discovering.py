"""Models elsewhere for every front end: searching the hub, what fits, who is logged in."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corral.hub.huggingface.naming import parse_reference
from corral.hub.huggingface.records import (
    Account,
    QuantFile,
    RepoFile,
    Repository,
    RepoSummary,
    SearchOrder,
)
from corral.hub.huggingface.tokens import TokenHome, Tokens, checked_token
from corral.library.library import Library
from corral.workbench.announcer import Announcer
from corral.workbench.fitting import Fitting

if TYPE_CHECKING:
    from corral.hub.huggingface.headers import RemoteHeader
    from corral.hub.huggingface.hub import HuggingFace
    from corral.hub.network import Network
    from corral.plan.fit import Fit

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search found so far.

    Attributes:
        repositories: In the order that was asked for.
        has_more: Whether there may be more.
    """

    repositories: tuple[RepoSummary, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginState:
    """Who is logged in to the hub.

    Attributes:
        account: Whose token it is, None without a token.
        home: Where the token is kept, None without one.
    """

    account: Account | None
    home: TokenHome | None


class Discovering:
    """Asks Hugging Face, or the mirror that is set.

    Nothing connects before a method is called, and nothing heavy is imported before.

    Attributes:
        changed: Told when somebody logged in or out.

    Args:
        network: Tells the network of the settings as they are now.
        tokens: The user's tokens.
        library: Tells what is here already.
        fitting: Tells what fits.
        headers: Folder of fetched headers.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        network: Callable[[], "Network"],
        tokens: Tokens,
        library: Library,
        fitting: Fitting,
        headers: Path,
    ) -> None:
        self._network = network
        self._tokens = tokens
        self._library = library
        self._fitting = fitting
        self._headers = headers
        self._hub: HuggingFace | None = None
        self.changed = Announcer()

    # The hub

    async def hub(self) -> "HuggingFace":
        """Return the hub with the user's token, as settings and keyring are now."""
        return await asyncio.to_thread(self.open_hub)

    def open_hub(self) -> "HuggingFace":
        """Return the hub as `hub` does.

        Thread: any but the event loop's: a keyring may ask the user.
        """
        from corral.hub.huggingface.hub import HuggingFace  # lazy: few sessions ask the hub

        network = self._network()
        if self._hub is None or self._hub.network != network:
            self._hub = HuggingFace(network, self._tokens.get(network.hub_endpoint))
        return self._hub

    async def search(
        self, text: str, *, order: SearchOrder = SearchOrder.DOWNLOADS, limit: int = PAGE
    ) -> SearchResult:
        """Return repositories with GGUF files; for more, ask again with a larger limit.

        Raises:
            CorralError: If the hub cannot be asked.
        """
        hub = await self.hub()
        found = await asyncio.to_thread(hub.search, text, order=order, limit=limit)
        return SearchResult(repositories=found, has_more=len(found) >= limit)

    async def repository(self, reference: str) -> Repository:
        """Return a repository with its quantizations, the smallest first.

        Args:
            reference: "user/repo", "hf.co/user/repo", or the address of its page.

        Raises:
            CorralError: If there is no such repository or the hub cannot be asked.
        """
        repo_id = parse_reference(reference).repo_id
        hub = await self.hub()
        return await asyncio.to_thread(hub.repository, repo_id)

    async def text(self, repository: Repository, file: RepoFile) -> str:
        """Return licence or model card as plain text; it is a stranger's.

        Raises:
            CorralError: If the hub cannot be asked.
        """
        hub = await self.hub()
        return await asyncio.to_thread(_text, hub, repository, file)

    async def digests_here(self) -> frozenset[str]:
        """Return the digests of the weights that the library has, to mark what is here."""
        models = await asyncio.to_thread(self._library.list)
        names = [path.name for model in models for path in (model.weights, *model.projectors)]
        return frozenset(
            name.replace("-", ":", 1) for name in names if name.startswith(("sha256-", "sha256:"))
        )

    # Fits

    async def fits(self, repository: Repository) -> Mapping[str, "Fit"]:
        """Return a fit for each quantization by its tag.

        One header is read, of the smallest; the others are estimated from their sizes, and say so.

        Raises:
            CorralError: If the header cannot be had, or the repository is gated.
        """
        if not repository.quants:
            return {}
        hub, smallest = await self.hub(), repository.quants[0]
        known = await asyncio.to_thread(self._header, hub, repository, smallest)
        others = [quant.size_bytes for quant in repository.quants[1:]]
        estimates = await self._fitting.estimates(known.header, others)
        fits = {quant.tag: estimates[quant.size_bytes] for quant in repository.quants[1:]}
        return {smallest.tag: await self._fitting.by_formula(known.header), **fits}

    async def exact_fit(self, repository: Repository, quant: QuantFile) -> "Fit":
        """Return the fit of one quantization by its own header and llama.cpp, before a download.

        Where llama.cpp cannot be asked it is the one by formulas, and says so.

        Raises:
            GgufError: If the file is damaged.
            CorralError: If the header cannot be had.
        """
        hub = await self.hub()
        known = await asyncio.to_thread(self._header, hub, repository, quant)
        return await self._fitting.best(known.copy, known.header)

    def _header(
        self, hub: "HuggingFace", repository: Repository, quant: QuantFile
    ) -> "RemoteHeader":
        # lazy: comes with huggingface_hub
        from corral.hub.huggingface.headers import remote_header
        from corral.jobs import Ticket

        return remote_header(hub, repository, quant, self._headers, Ticket())

    # Who is logged in

    async def login_state(self) -> LoginState:
        """Return who is logged in.

        Raises:
            CorralError: If the hub does not accept the token or cannot be asked.
        """
        endpoint = self._network().hub_endpoint
        home = await asyncio.to_thread(self._tokens.home, endpoint)
        return LoginState(account=await self.whoami() if home else None, home=home)

    async def whoami(self) -> Account:
        """Return whose token it is.

        Raises:
            UserError: If nobody is logged in, or the hub does not accept the token.
            ExternalError: If the hub cannot be asked.
        """
        hub = await self.hub()
        return await asyncio.to_thread(hub.whoami)

    async def has_keyring(self) -> bool:
        """Tell whether tokens can be kept in the system's keyring; else the user is asked where."""
        return await asyncio.to_thread(self._tokens.has_keyring)

    async def log_in(self, token: str, home: TokenHome = TokenHome.KEYRING) -> Account:
        """Check a token with the hub, then keep it.

        Raises:
            UserError: If the hub does not accept it; the one before stays then.
            ExternalError: If the hub cannot be asked, or the token not be kept there.
        """
        from corral.hub.huggingface.hub import HuggingFace  # lazy: few sessions ask the hub

        network, checked = self._network(), checked_token(token)
        account = await asyncio.to_thread(HuggingFace(network, checked).whoami)
        await asyncio.to_thread(self._tokens.save, network.hub_endpoint, checked, home)
        self._forget_hub()
        return account

    async def log_out(self) -> bool:
        """Forget the token.

        Returns:
            Whether there was one.
        """
        had_one = await asyncio.to_thread(self._tokens.forget, self._network().hub_endpoint)
        self._forget_hub()
        return had_one

    def _forget_hub(self) -> None:
        self._hub = None
        self.changed.announce()


def _text(hub: "HuggingFace", repository: Repository, file: RepoFile) -> str:
    from corral.hub.huggingface.files import read_text  # lazy: comes with huggingface_hub

    return read_text(hub, repository, file)
