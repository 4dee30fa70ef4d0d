"""The hub, asked by ordinary blocking calls."""

import threading
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from corral.errors import UserError
from corral.foreign import safe_line
from corral.hub.huggingface.naming import is_repo_id
from corral.hub.huggingface.records import (
    Account,
    Repository,
    RepoSummary,
    SearchOrder,
    Token,
)
from corral.hub.network import Network

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import ModelInfo

_MOST_FOUND = 1000
_LONGEST_QUESTION = 200
_LONGEST_NAME = 100
_WANTED = ["downloads", "likes", "lastModified", "gated", "tags", "gguf"]


class HuggingFace:
    """One hub, reached through one network with one token or none.

    Nothing is imported or connected before the first question.

    Args:
        network: How it is reached.
        token: Sent with every question to this hub, to no other host.

    Thread: any; calls wait for the network.
    """

    def __init__(self, network: Network, token: Token | None = None) -> None:
        self.network = network
        self._token = token
        self._api: HfApi | None = None
        self._opening = threading.Lock()

    @property
    def has_token(self) -> bool:
        """Whether questions go out in somebody's name."""
        return self._token is not None

    def api(self) -> "HfApi":
        """Return `huggingface_hub`'s door to this hub."""
        with self._opening:
            if self._api is None:
                # lazy: it takes longer to import than the program takes to start
                from corral.hub.huggingface.client import open_api

                self._api = open_api(self.network)
            return self._api

    @property
    def token_argument(self) -> str | bool:
        """The token as `huggingface_hub` takes it; False sends none, whatever lies around."""
        return self._token.value if self._token else False

    @property
    def authorization(self) -> dict[str, str]:
        """What a request to the hub itself carries; never for another host."""
        return {"Authorization": f"Bearer {self._token.value}"} if self._token else {}

    def search(
        self, text: str, *, order: SearchOrder = SearchOrder.DOWNLOADS, limit: int = 50
    ) -> tuple[RepoSummary, ...]:
        """Return repositories with GGUF files whose name has `text`, the first `limit` of them.

        Raises:
            CorralError: If the hub cannot be asked.
        """
        api = self.api()
        # lazy: comes with huggingface_hub
        from corral.hub.huggingface.errors import hub_errors
        from corral.hub.huggingface.reading import summary_of

        with hub_errors("The search"):
            found: Iterable[ModelInfo] = api.list_models(
                filter="gguf",
                search=safe_line(text, _LONGEST_QUESTION) or None,
                sort=order.value,
                limit=max(1, min(limit, _MOST_FOUND)),
                expand=_WANTED,  # type: ignore[arg-type]
                token=self.token_argument,
            )
            summaries = [summary_of(info) for info in islice(found, _MOST_FOUND)]
        return tuple(summary for summary in summaries if summary)

    def repository(self, repo_id: str) -> Repository:
        """Return a repository and its files as they are now.

        Raises:
            CorralError: If there is no such repository or the hub cannot be asked.
        """
        if not is_repo_id(repo_id):
            raise UserError(
                f"'{safe_line(repo_id, 80)}' is no repository on Hugging Face.",
                hint="Write it as user/repo.",
            )
        api = self.api()
        # lazy: comes with huggingface_hub
        from corral.hub.huggingface.errors import hub_errors
        from corral.hub.huggingface.reading import repository_of

        with hub_errors(repo_id):
            info = api.model_info(repo_id, files_metadata=True, token=self.token_argument)
            return repository_of(info)

    def whoami(self) -> Account:
        """Return whose token it is.

        Raises:
            UserError: If there is none, or the hub does not accept it.
            ExternalError: If the hub cannot be asked.
        """
        if self._token is None:
            raise UserError("You are not logged in.", hint="Log in: corral login.")
        api = self.api()
        # lazy: comes with huggingface_hub
        from corral.hub.huggingface.errors import hub_errors

        with hub_errors("The token"):
            return _account(api.whoami(token=self._token.value))


def _account(answer: dict[str, object]) -> Account:
    organizations = answer.get("orgs")
    names = organizations if isinstance(organizations, list) else []
    return Account(
        name=_name(answer),
        organizations=tuple(_name(each) for each in names if isinstance(each, dict)),
        can_write=_can_write(answer),
    )


def _name(answer: dict[str, object]) -> str:
    return safe_line(str(answer["name"]), _LONGEST_NAME)


def _can_write(answer: dict[str, object]) -> bool | None:
    auth = answer.get("auth")
    token = auth.get("accessToken") if isinstance(auth, dict) else None
    role = token.get("role") if isinstance(token, dict) else None
    return {"write": True, "read": False}.get(role) if isinstance(role, str) else None
