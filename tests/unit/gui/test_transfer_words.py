"""What the page of downloads says of those that have ended."""

from datetime import datetime

import pytest
from PySide6.QtCore import QLocale

from corral.gui.transfers import wording
from corral.workbench.transfer import Transfer, TransferKind, TransferRequest, TransferState


@pytest.mark.parametrize("state", [TransferState.DONE, TransferState.CANCELLED])
def test_the_history_tells_when_a_transfer_ended(state: TransferState) -> None:
    ended = datetime(2021, 12, 31, 15, 45).astimezone()
    request = TransferRequest(kind=TransferKind.PULL, subject="tiny", options={})
    transfer = Transfer(id=1, request=request, state=state, ended_at=ended.timestamp())
    usual = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    try:
        told = wording.state(transfer)
    finally:
        QLocale.setDefault(usual)
    assert told.startswith(str(state))
    assert "12/31/21" in told
    assert ":45" in told
