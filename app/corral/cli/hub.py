"""Commands for Hugging Face: search, login, upload. `corral pull hf.co/…` is a transfer."""

import argparse
import asyncio
import getpass
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from corral.cli.output import print_table
from corral.cli.transfers import TransferLine
from corral.errors import UserError
from corral.hub.huggingface.naming import is_reference, parse_reference
from corral.hub.huggingface.records import QuantFile, Repository, RepoSummary, SearchOrder
from corral.hub.huggingface.tokens import TokenHome
from corral.jobs import Ticket
from corral.places import find_places
from corral.plan.plan import Verdict
from corral.settings import SettingsFile
from corral.units import ago, count, file_size, memory_size, parameter_count
from corral.workbench.hub_login import HubLogin
from corral.workbench.hub_transfers import UploadRequest, upload_to_hub
from corral.workbench.modelling import open_library_with_starter
from corral.workbench.workbench import Workbench, open_workbench

if TYPE_CHECKING:
    from corral.plan.fit import Fit

ORDERS = {"downloads": SearchOrder.DOWNLOADS, "likes": SearchOrder.LIKES,
          "updated": SearchOrder.UPDATED, "trending": SearchOrder.TRENDING}  # fmt: skip
_VERDICTS = {Verdict.FITS: "fits", Verdict.TIGHT: "tight", Verdict.OVER: "too big"}


def search(options: argparse.Namespace) -> int:
    """Search for repositories, or list the quantizations of one with what fits."""
    if is_reference(options.text):
        asyncio.run(_show_repository(options.text, as_json=options.json))
    else:
        asyncio.run(_search(options))
    return 0


async def _search(options: argparse.Namespace) -> None:
    async with open_workbench(find_places()) as workbench:
        found = await workbench.discovering.search(
            options.text, order=ORDERS[options.sort], limit=options.limit
        )
    if options.json:
        print(json.dumps([_summary_json(each) for each in found.repositories], indent=1))
        return
    headings = ("NAME", "PARAMETERS", "DOWNLOADS", "LIKES", "UPDATED", "LICENCE", "")
    print_table(headings, [_summary_row(each) for each in found.repositories])


def _summary_row(found: RepoSummary) -> tuple[str, ...]:
    return (
        f"hf.co/{found.repo_id}",
        parameter_count(found.parameter_count) if found.parameter_count else "",
        count(found.downloads),
        count(found.likes),
        ago(time.time() - found.updated_at) if found.updated_at else "",
        found.licence,
        "gated" if found.is_gated else "",
    )


def _summary_json(found: RepoSummary) -> dict[str, object]:
    return {
        "name": f"hf.co/{found.repo_id}",
        "parameters": found.parameter_count,
        "architecture": found.architecture,
        "downloads": found.downloads,
        "likes": found.likes,
        "updated_at": found.updated_at,
        "licence": found.licence,
        "is_gated": found.is_gated,
    }


async def _show_repository(text: str, *, as_json: bool) -> None:
    async with open_workbench(find_places()) as workbench:
        repository = await workbench.discovering.repository(text)
        wanted = parse_reference(text).tag.lower()
        quants = [q for q in repository.quants if wanted in {"", q.tag.lower()}]
        if wanted and not quants:
            there = ", ".join(quant.tag for quant in repository.quants)
            raise UserError(f"{repository.repo_id} has no '{wanted}'.", hint=f"It has: {there}")
        fits = await _fits(workbench, repository, quants[0] if wanted else None)
        here = await workbench.discovering.tags_here(repository)
    rows = [(quant, fits[quant.tag], quant.tag in here) for quant in quants]
    if as_json:
        print(json.dumps([_quant_json(q, fit, is_here=h) for q, fit, h in rows], indent=1))
        return
    headings = ("TAG", "SIZE", "FIT", "MEMORY", "HOW SURE", "")
    print_table(headings, [_quant_row(q, fit, is_here=h) for q, fit, h in rows])
    for problem in repository.problems:
        print(problem, file=sys.stderr)


async def _fits(
    workbench: Workbench, repository: Repository, chosen: QuantFile | None
) -> Mapping[str, "Fit"]:
    if chosen is None:
        return await workbench.discovering.fits(repository)
    return {chosen.tag: await workbench.discovering.exact_fit(repository, chosen)}


def _quant_row(quant: QuantFile, fit: "Fit", *, is_here: bool) -> tuple[str, ...]:
    return (
        quant.tag,
        file_size(quant.download_bytes),
        _VERDICTS[fit.verdict],
        memory_size(fit.size_bytes),
        fit.kind.value,
        "here" if is_here else "",
    )


def _quant_json(quant: QuantFile, fit: "Fit", *, is_here: bool) -> dict[str, object]:
    return {
        "tag": quant.tag,
        "files": [file.path for file in quant.files],
        "size_bytes": quant.size_bytes,
        "download_bytes": quant.download_bytes,
        "fit": _VERDICTS[fit.verdict],
        "memory_bytes": fit.size_bytes,
        "kind": fit.kind.value,
        "is_here": is_here,
    }


def login(options: argparse.Namespace) -> int:
    """Check an access token and keep it."""
    hub_login = _login()
    token = _read_token(options.token_file)
    home = _home(hub_login, options)
    account = asyncio.run(hub_login.log_in(token, home))
    where = {TokenHome.KEYRING: "the system's keyring", TokenHome.FILE: "a file of mode 0600"}
    print(f"logged in as {account.name}; the token is in {where[home]}")
    if account.can_write is False:
        print("It may only read: uploads need a token that may write.")
    return 0


def logout(_options: argparse.Namespace) -> int:
    """Forget the access token."""
    had_one = asyncio.run(_login().log_out())
    print("logged out" if had_one else "nobody was logged in")
    return 0


def whoami(_options: argparse.Namespace) -> int:
    """Print whose token it is."""
    account = asyncio.run(_login().whoami())
    print(account.name)
    for organization in account.organizations:
        print(f"  member of {organization}")
    return 0


def upload(options: argparse.Namespace) -> int:
    """Upload a model to a repository of the user's."""
    library = open_library_with_starter(find_places())
    request = UploadRequest(
        model_name=options.model,
        repo_id=parse_reference(options.repository).repo_id,
        file_name=options.file_name or "",
        is_private=not options.public,
        card=_read_card(options.card) if options.card else None,
    )
    line = TransferLine()
    try:
        page = upload_to_hub(_login().open_hub(), library, request, Ticket(line.show))
    finally:
        line.clear()
    print(f"uploaded {options.model} to {page}")
    return 0


def _login() -> HubLogin:
    places = find_places()
    places.make()
    return HubLogin(SettingsFile(places.settings_file), places.tokens_file)


def _read_token(file: Path | None) -> str:
    if file is None:
        if not sys.stdin.isatty():
            raise UserError(
                "There is nobody to ask for the token.",
                hint="Give it with --token-file FILE; - is standard input.",
            )
        return getpass.getpass("Access token (https://huggingface.co/settings/tokens): ")
    try:
        return sys.stdin.read(4096) if str(file) == "-" else file.read_text("utf-8")[:4096]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read.", detail=str(error)) from None


def _home(hub_login: HubLogin, options: argparse.Namespace) -> TokenHome:
    if options.keep_in_file:
        return TokenHome.FILE
    if asyncio.run(hub_login.has_keyring()):
        return TokenHome.KEYRING
    if sys.stdin.isatty() and sys.stderr.isatty():
        sys.stderr.write(
            "This system has no keyring. Keep the token in a file that only you can read? [y/N] "
        )
        if input().strip().lower() in {"y", "yes"}:
            return TokenHome.FILE
    raise UserError(
        "This system has no keyring to keep the token in.",
        hint="--keep-in-file keeps it in a file that only you can read.",
    )


def _read_card(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read.", detail=str(error)) from None
