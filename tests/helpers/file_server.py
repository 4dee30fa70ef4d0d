"""A web server on loopback that serves files with ranges, and misbehaves as a test tells it."""

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

CHUNK = 1 << 16


@dataclass
class Request:
    """A question as it arrived."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int:
        """First byte that is asked for."""
        found = re.match(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(found[1]) if found else 0


@dataclass
class Fault:
    """What goes wrong with one answer.

    Attributes:
        status: Answer with this status instead.
        headers: More headers of that answer, such as the Location of a redirect.
        cut_after: Close the connection after so many bytes of the body.
        stall_after: Fall silent after so many bytes, until the server ends.
        pause_s: Wait so long after every chunk.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    stall_after: int | None = None
    pause_s: float = 0.0


class FileServer:
    """Serves `files` by path.

    Attributes:
        files: Content by path.
        requests: All that was asked.
        misbehave: Tells the fault of an answer, None for none.
        has_ranges: Whether parts are served.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[Request] = []
        self.misbehave: Callable[[Request], Fault | None] = lambda _: None
        self.has_ranges = True
        self.is_ending = threading.Event()
        self._scheme = "http"
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"files": self})
        )
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # clients go in the middle here

    @property
    def url(self) -> str:
        """Address of the server, without a slash at the end."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Serve https from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https"

    @contextmanager
    def running(self) -> Iterator["FileServer"]:
        """Serve within the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.is_ending.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: FileServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, headers)
        self.files.requests.append(request)
        fault = self.files.misbehave(request) or Fault()
        if fault.status:
            self._send_head(fault.status, 0, fault.headers)
        elif path not in self.files.files:
            self._send_head(404, 0, {})
        else:
            self._send_file(self.files.files[path], fault)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def _send_file(self, data: bytes, fault: Fault) -> None:
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if found and self.files.has_ranges:
            start = int(found[1])
            end = min(int(found[2] or len(data)) + 1, len(data))
            told = {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"} | fault.headers
            self._send_head(206, end - start, told)
            self._send_body(data[start:end], fault)
        else:
            self._send_head(200, len(data), fault.headers)
            self._send_body(data, fault)

    def _send_head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(length)} | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def _send_body(self, data: bytes, fault: Fault) -> None:
        if self.command == "HEAD":
            return
        limits = [each for each in (fault.cut_after, fault.stall_after) if each is not None]
        to_send = data[: min(limits, default=len(data))]
        try:
            for offset in range(0, len(to_send), CHUNK):
                self.wfile.write(to_send[offset : offset + CHUNK])
                if fault.pause_s:
                    time.sleep(fault.pause_s)
        except OSError:  # the other side has gone
            self.close_connection = True
            return
        if fault.stall_after is not None:
            self.files.is_ending.wait()
        if limits:
            self.close_connection = True
