"""One window per home: a second start hands its file to the first and ends."""

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

CONNECT_MS = 500


def hand_over(socket_file: Path, file: Path | None) -> bool:
    """Give `file` to a window that already runs.

    Returns:
        Whether there is one.
    """
    socket = QLocalSocket()
    socket.connectToServer(str(socket_file))
    if not socket.waitForConnected(CONNECT_MS):
        return False
    message = json.dumps({"file": str(file.resolve()) if file else None}).encode() + b"\n"
    socket.write(QByteArray(message))
    socket.waitForBytesWritten(CONNECT_MS)
    socket.disconnectFromServer()
    return True


class HandoverServer(QObject):
    """Listens for later starts.

    Signals:
        handed_over: A later start; carries its file, or None.
    """

    handed_over = Signal(object)

    def __init__(self, socket_file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        QLocalServer.removeServer(str(socket_file))  # left behind by a crash
        self._server.listen(str(socket_file))

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _on_new_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.readyRead.connect(self._reader(socket))
        socket.disconnected.connect(socket.deleteLater)

    def _reader(self, socket: QLocalSocket) -> Callable[[], None]:
        def read() -> None:
            if not socket.canReadLine():
                return
            try:
                file = json.loads(bytes(socket.readLine().data())).get("file")
            except (ValueError, AttributeError):
                return  # not one of ours
            self.handed_over.emit(Path(file) if isinstance(file, str) else None)

        return read
