"""Who asks the hub: the user's token, and where it is kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corral.settings import SettingsFile
from corral.workbench.announcer import Announcer
from corral.workbench.asking import ask

if TYPE_CHECKING:
    from corral.hub.huggingface.hub import HuggingFace
    from corral.hub.huggingface.records import Account
    from corral.hub.huggingface.tokens import TokenHome, Tokens
    from corral.hub.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginState:
    """Who is logged in to the hub.

    Attributes:
        account: Whose token it is, None without a token.
        home: Where the token is kept, None without one.
    """

    account: "Account | None"
    home: "TokenHome | None"


class HubLogin:
    """The hub of the settings, asked with the user's token.

    Attributes:
        changed: Told when somebody logged in or out.

    Args:
        settings: Say which hub, and how to get there.
        tokens_file: Where tokens are kept if the user wants them in a file.

    Thread: the event loop's.
    """

    def __init__(self, settings: SettingsFile, tokens_file: Path) -> None:
        self._settings = settings
        self._tokens_file = tokens_file
        self._known_tokens: Tokens | None = None
        self._hub: HuggingFace | None = None
        self.changed = Announcer()

    @property
    def network(self) -> "Network":
        """How to get to the hub by the settings as they are now."""
        from corral.hub.network import network_of  # lazy: few sessions ask the hub

        return network_of(self._settings.current)

    async def hub(self) -> "HuggingFace":
        """Return the hub with the user's token, as settings and keyring are now."""
        return await ask(self.open_hub)

    def open_hub(self) -> "HuggingFace":
        """Return the hub as `hub` does.

        Thread: any but the event loop's: a keyring may ask the user.
        """
        from corral.hub.huggingface.hub import HuggingFace  # lazy: few sessions ask the hub

        network, hub = self.network, self._hub
        if hub is None or hub.network != network:
            hub = HuggingFace(network, self._tokens().get(network.hub_endpoint))
            self._hub = hub
        return hub

    async def state(self) -> LoginState:
        """Return who is logged in.

        Raises:
            CorralError: If the hub does not accept the token or cannot be asked.
        """
        endpoint = self.network.hub_endpoint
        home = await ask(lambda: self._tokens().home(endpoint))
        return LoginState(account=await self.whoami() if home else None, home=home)

    async def whoami(self) -> "Account":
        """Return whose token it is.

        Raises:
            UserError: If nobody is logged in, or the hub does not accept the token.
            ExternalError: If the hub cannot be asked.
        """
        hub = await self.hub()
        return await ask(hub.whoami)

    async def has_keyring(self) -> bool:
        """Tell whether tokens can be kept in the system's keyring; else the user is asked where."""
        return await ask(lambda: self._tokens().has_keyring())

    async def log_in(self, token: str, home: "TokenHome") -> "Account":
        """Check a token with the hub, then keep it.

        Args:
            token: As it was typed or pasted.
            home: Where to keep it: the keyring if there is one, else as the user says.

        Raises:
            UserError: If the hub does not accept it; the one before stays then.
            ExternalError: If the hub cannot be asked, or the token not be kept there.
        """
        # lazy: few sessions ask the hub
        from corral.hub.huggingface.hub import HuggingFace
        from corral.hub.huggingface.tokens import checked_token

        network, checked = self.network, checked_token(token)
        account = await ask(HuggingFace(network, checked).whoami)
        await ask(lambda: self._tokens().save(network.hub_endpoint, checked, home))
        self._forget_hub()
        return account

    async def log_out(self) -> bool:
        """Forget the token.

        Returns:
            Whether there was one.
        """
        had_one = await ask(lambda: self._tokens().forget(self.network.hub_endpoint))
        self._forget_hub()
        return had_one

    def _forget_hub(self) -> None:
        self._hub = None
        self.changed.announce()

    def _tokens(self) -> "Tokens":
        from corral.hub.huggingface.tokens import Tokens  # lazy: few sessions ask the hub

        if self._known_tokens is None:
            self._known_tokens = Tokens(self._tokens_file)
        return self._known_tokens
