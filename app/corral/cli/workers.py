"""RPC workers on the command line: `--rpc HOST:PORT[,...]`."""

from corral.cli.answer import warn
from corral.errors import UserError
from corral.settings import worker_addresses
from corral.workbench.workbench import Workbench

SAVED = "saved"


def asked_workers(workbench: Workbench, text: str | None) -> tuple[str, ...]:
    """Return the workers that `--rpc` names, with a warning on stderr if there are any.

    Args:
        workbench: The services.
        text: What was given; None for nothing.

    Raises:
        UserError: If it is no list of addresses, or none are saved.
    """
    if text is None:
        return ()
    workers = workbench.planning.workers
    addresses = workers.saved if text == SAVED else worker_addresses(text.split(","))
    if not addresses:
        raise UserError(
            "No RPC workers are saved.",
            hint="Save them: corral settings rpc_workers HOST:PORT[,HOST:PORT...]",
        )
    warn(workers.warning)
    return addresses
