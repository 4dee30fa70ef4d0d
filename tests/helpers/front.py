"""A front before a registry: it redirects, cuts, stalls, falsifies and counts, as a test tells it.

Uploads it can take itself: with `store_uploads` parts go to a storage of its own by a 307, as with
Ollama's registry, and reach the registry behind it when the upload ends.
"""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from helpers.file_server import Fault, Request

BLOCK = 1 << 16


class Front:
    """Forwards to a registry.

    Attributes:
        requests: All that was asked.
        misbehave: Tells the fault of an answer, None for none.
        falsify: Changes a block of an answer's body.
        store_uploads: Whether parts of uploads are sent to the storage.
        reads_before_redirect: Whether their bodies are read before that is said.
        stored: Parts in the storage by the byte at which they begin.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[Request] = []
        self.misbehave: Callable[[Request], Fault | None] = lambda _: None
        self.falsify: Callable[[bytes], bytes] = bytes
        self.store_uploads = False
        self.reads_before_redirect = True
        self.stored: dict[int, bytes] = {}
        self.is_ending = threading.Event()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"front": self})
        )
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # clients go in the middle here

    @property
    def host(self) -> str:
        """Host and port, as names of models have them."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def storage(self) -> str:
        """Address of the storage, another host than the front's."""
        return f"http://localhost:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Front"]:
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
    front: Front

    def log_message(self, *arguments: object) -> None:
        pass

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, urlsplit(self.path).path, headers)
        self.front.requests.append(request)
        fault = self.front.misbehave(request) or Fault()
        if request.path.startswith("/storage/"):
            self.front.stored[int(request.path.rpartition("/")[2])] = self._body()
            self._send(200, {}, b"")
        elif fault.status:
            self._body()
            self._send(fault.status, fault.headers, b"")
        elif self.command == "PATCH" and fault.cut_after is not None:
            self._forward_cut(fault.cut_after)
        elif self.command == "PATCH" and self.front.store_uploads:
            is_rude = not self.front.reads_before_redirect and self._length > 1 << 18
            if not is_rude:
                self._body()
            start = headers["content-range"].partition("-")[0]
            told = {
                "Location": f"{self.front.storage}/storage/{start}",
                "Docker-Upload-Location": f"http://{self.front.host}{self.path}",
            }
            self._send(307, told, b"")
            if is_rude:
                # Reading nothing, until the client has gone or the test ends.
                while not self.front.is_ending.wait(0.02) and self._is_connected():
                    pass
                self.close_connection = True
        elif self.command == "PUT" and "digest" in parse_qs(urlsplit(self.path).query):
            self._body()
            parts = [self.front.stored[start] for start in sorted(self.front.stored)]
            self.front.stored.clear()
            self._forward(b"".join(parts), fault)
        else:
            self._forward(self._body(), fault)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815

    @property
    def _length(self) -> int:
        return int(self.headers.get("Content-Length") or 0)

    def _is_connected(self) -> bool:
        info = self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return info[0] == 1  # TCP_ESTABLISHED

    def _body(self) -> bytes:
        body = self.rfile.read(self._length)
        if len(body) < self._length:
            raise ConnectionError("the client has gone")
        return body

    def _forward(self, body: bytes, fault: Fault) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=60)
        with suppress(OSError):  # one of the two sides has gone
            headers = dict(self.headers.items())
            headers["Content-Length"] = str(len(body))
            connection.request(self.command, self.path, body, headers)
            with connection.getresponse() as response:
                self.send_response_only(response.status)
                for name, value in response.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self._pass_on(response, fault)
        connection.close()

    def _pass_on(self, response: http.client.HTTPResponse, fault: Fault) -> None:
        sent, limit = 0, fault.cut_after if fault.stall_after is None else fault.stall_after
        while block := response.read(BLOCK):
            if limit is not None and sent + len(block) > limit:
                self.wfile.write(block[: limit - sent])
                if fault.stall_after is not None:
                    self.front.is_ending.wait()
                self.close_connection = True
                return
            self.wfile.write(self.front.falsify(block))
            sent += len(block)
            time.sleep(fault.pause_s)

    def _forward_cut(self, size: int) -> None:
        """Bring the beginning of an upload to the registry, then break both connections."""
        connection = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=60)
        connection.putrequest("PATCH", self.path, skip_host=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(self.rfile.read(size))
        connection.close()
        self.close_connection = True

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
