"""A small Hugging Face on loopback: the parts of its API that Corral and huggingface_hub use.

Files are handed out by a second host name ("localhost" instead of "127.0.0.1"), as the real hub
redirects to its storage; that host notes every token it is sent, because it should get none.
"""

import base64
import hashlib
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BLOCK_BYTES = 1 << 18
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(slots=True, kw_only=True)
class FakeRepo:
    """A repository: its files and what is told about it."""

    files: dict[str, bytes] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    gated: bool = False
    private: bool = False
    # Sizes or names that the listing tells instead of the true ones.
    lies: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sibling(self, path: str) -> dict[str, Any]:
        data = self.files[path]
        told: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": "b" * 40}
        if path.endswith(".gguf"):
            sha256 = hashlib.sha256(data).hexdigest()
            told["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 134}
        return {**told, **self.lies.get(path, {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request that came in."""

    method: str
    host: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(slots=True, kw_only=True)
class Fault:
    """What goes wrong with requests whose method and path match, so many times."""

    pattern: re.Pattern[str]
    times: int
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    pause_s: float = 0.0
    body: bytes = b"{}"


class FakeHub:
    """The hub's state; tests change it while it runs."""

    def __init__(self) -> None:
        self.repos: dict[str, FakeRepo] = {}
        self.tokens: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        self.seen: list[Seen] = []
        self.faults: list[Fault] = []
        self.page_size = 100
        self.part_bytes = 0  # uploads in parts of this size; 0 for whole files
        self.ranges = True
        self.slow_bytes_per_s = 0  # for files, each connection; 0 for no limit
        self.sent_bytes = 0  # of files
        self.uploads: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.port = 0
        self.scheme = "http"

    @property
    def endpoint(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def storage(self) -> str:
        return f"http://localhost:{self.port}"

    def add(self, repo_id: str, files: Mapping[str, bytes], **facts: Any) -> FakeRepo:
        repo = FakeRepo(files=dict(files), facts=facts)
        self.repos[repo_id] = repo
        return repo

    def log_in(self, token: str, name: str, role: str = "write") -> None:
        self.tokens[token], self.roles[token] = name, role

    def fail(self, pattern: str, *, times: int = 1, **how: Any) -> None:
        """Let the next requests whose "METHOD path" matches go wrong."""
        self.faults.append(Fault(pattern=re.compile(pattern), times=times, **how))

    def asked(self, pattern: str) -> list[Seen]:
        """Return the requests whose "METHOD path" matches."""
        return [each for each in self.seen if re.search(pattern, f"{each.method} {each.path}")]


@contextmanager
def fake_hub(encrypted_by: ssl.SSLContext | None = None) -> Iterator[FakeHub]:
    """Run a hub on loopback.

    Args:
        encrypted_by: For https; the address of its storage then says http, which leads nowhere.
    """
    hub = FakeHub()
    hub.scheme = "https" if encrypted_by else "http"

    class Handler(_Handler):
        state = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if encrypted_by:
        server.socket = encrypted_by.wrap_socket(server.socket, server_side=True)
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.fault: Fault | None = None
        try:
            self._answer()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _answer(self) -> None:
        url = urlsplit(self.path)
        self.url_path, self.query = unquote(url.path), parse_qs(url.query)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.host = headers.get("host", "").partition(":")[0]
        self.token = headers.get("authorization", "").removeprefix("Bearer ")
        self.state.seen.append(
            Seen(
                method=self.command,
                host=self.host,
                path=self.url_path,
                query=self.query,
                headers=headers,
            )
        )
        self.body = self._read_body()
        if self._has_failed():
            return
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, self.url_path)
            if found and self.command in method:
                answer(self, *found.groups())
                return
        self.refuse(404, "EntryNotFound")

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _has_failed(self) -> bool:
        for fault in self.state.faults:
            if fault.times and fault.pattern.search(f"{self.command} {self.url_path}"):
                fault.times -= 1
                self.fault = fault
                time.sleep(fault.pause_s)
                if fault.status:
                    self.send(fault.status, fault.body, fault.headers)
                return bool(fault.status)
        return False

    # Answers

    def send(
        self, status: int, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        given = {"Content-Length": str(len(data)), **(headers or {})}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        cut = self.fault.cut_after if self.fault else None
        self._write(data[:cut])
        if cut is not None:
            self.wfile.flush()
            self.close_connection = True

    def _write(self, data: bytes) -> None:
        speed = self.state.slow_bytes_per_s
        for start in range(0, len(data), BLOCK_BYTES):
            block = data[start : start + BLOCK_BYTES]
            self.wfile.write(block)
            if self.url_path.startswith("/storage/"):
                self.state.sent_bytes += len(block)
                time.sleep(len(block) / speed if speed else 0)

    def json(self, value: object, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send(200, data, {"Content-Type": "application/json", **(headers or {})})

    def refuse(self, status: int, code: str = "", message: str = "") -> None:
        self.send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": message})

    @property
    def user(self) -> str:
        return self.state.tokens.get(self.token, "")

    def repo(self, repo_id: str, *, files: bool = False) -> FakeRepo | None:
        """Return a repository that the asker may see; else refuse, and return None."""
        if self.token and not self.user:
            self.refuse(401, "", "Invalid credentials in Authorization header")
            return None
        repo = self.state.repos.get(repo_id)
        if repo is None or (repo.private and not self.user):
            self.refuse(401 if not self.user else 404, "RepoNotFound", "Repository not found")
            return None
        if files and repo.gated and not self.user:
            self.refuse(401, "GatedRepo", "Access to this model is restricted.")
            return None
        return repo

    # Searching and listing

    def models(self) -> None:
        words = self.query.get("search", [""])[0].lower()
        wanted = {*self.query.get("filter", [])}
        ids = [
            repo_id
            for repo_id, repo in self.state.repos.items()
            if words in repo_id.lower()
            and (wanted <= {*repo.facts.get("tags", ["gguf"])})
            and not repo.private
        ]
        key = self.query.get("sort", ["downloads"])[0]
        ids.sort(key=lambda repo_id: self.state.repos[repo_id].facts.get(key, 0), reverse=True)
        start = int(self.query.get("cursor", ["0"])[0])
        limit = int(self.query.get("limit", ["1000"])[0])
        end = start + min(limit, self.state.page_size)
        page = [self._listed(repo_id) for repo_id in ids[start:end]]
        headers = {}
        if end < len(ids):
            query = self.path.partition("?")[2].partition("&cursor=")[0]
            link = f"{self.state.endpoint}/api/models?{query}&cursor={end}"
            headers["Link"] = f'<{link}>; rel="next"'
        self.json(page, headers)

    def _listed(self, repo_id: str) -> dict[str, Any]:
        repo = self.state.repos[repo_id]
        return {"id": repo_id, "tags": ["gguf"], "gated": repo.gated and "manual", **repo.facts}

    def model(self, repo_id: str) -> None:
        if repo := self.repo(repo_id):
            siblings = [repo.sibling(path) for path in repo.files]
            self.json({**self._listed(repo_id), "sha": COMMIT, "siblings": siblings})

    def whoami(self) -> None:
        if not self.user:
            self.refuse(401, "", "Invalid credentials in Authorization header")
            return
        token = {"role": self.state.roles[self.token], "displayName": "test"}
        orgs = [{"name": "some-lab", "type": "org"}]
        self.json({"name": self.user, "orgs": orgs, "auth": {"accessToken": token}})

    # Files

    def resolve(self, repo_id: str, _revision: str, path: str) -> None:
        repo = self.repo(repo_id, files=True)
        if repo is None:
            return
        if path not in repo.files:
            self.refuse(404, "EntryNotFound")
            return
        data = repo.files[path]
        headers = {"X-Repo-Commit": COMMIT, "ETag": '"' + "b" * 40 + '"'}
        if path.endswith(".gguf"):
            sha256 = hashlib.sha256(data).hexdigest()
            location = f"{self.state.storage}/storage/{repo_id}/{path}?signature=secret"
            headers |= {
                "X-Linked-Size": str(len(data)),
                "X-Linked-ETag": f'"{sha256}"',
                "Location": location,
                # Who obeys these goes to another server, by another protocol.
                "X-Xet-Hash": sha256,
                "X-Xet-Refresh-Route": f"/api/models/{repo_id}/xet-read-token/{COMMIT}",
            }
            self.send(302, b"", headers)
        else:
            self._send_file(data, headers)

    def stored(self, repo_id: str, path: str) -> None:
        if self.host != "localhost" or "signature" not in self.query:
            self.refuse(403)
        else:
            self._send_file(self.state.repos[repo_id].files[path], {})

    def _send_file(self, data: bytes, headers: Mapping[str, str]) -> None:
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not found or not self.state.ranges:
            self.send(200, data, headers)
            return
        start, end = int(found[1]), min(int(found[2] or len(data) - 1), len(data) - 1)
        if start > end:
            self.send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        part = {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
        self.send(206, data[start : end + 1], {**headers, **part})

    # Uploads

    def create(self) -> None:
        asked = json.loads(self.body)
        repo_id = f"{asked.get('organization') or self.user}/{asked['name']}"
        if not self.user or self.state.roles[self.token] != "write":
            self.refuse(403 if self.user else 401, "", "You don't have the rights")
            return
        if repo_id in self.state.repos:
            status = 409
        else:
            status, repo = 200, self.state.add(repo_id, {})
            repo.private = asked.get("visibility") == "private"
        data = json.dumps({"url": f"{self.state.endpoint}/{repo_id}"}).encode()
        self.send(status, data, {"Content-Type": "application/json"})

    def preupload(self, _repo_id: str, _revision: str) -> None:
        files = [
            {
                "path": each["path"],
                "uploadMode": "lfs" if each["path"].endswith(".gguf") else "regular",
                "shouldIgnore": False,
            }
            for each in json.loads(self.body)["files"]
        ]
        self.json({"files": files})

    def batch(self, repo_id: str) -> None:
        objects = [self._place(repo_id, each) for each in json.loads(self.body)["objects"]]
        self.json({"transfer": "basic", "objects": objects})

    def _place(self, repo_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        oid, size = asked["oid"], asked["size"]
        if oid in self.state.uploads:
            return {"oid": oid, "size": size}
        upload: dict[str, Any] = {"href": f"{self.state.storage}/put/{oid}"}
        if part_bytes := self.state.part_bytes:
            parts = range(1, -(-size // part_bytes) + 1)
            urls = {str(part): f"{self.state.storage}/put/{oid}/{part}" for part in parts}
            upload["href"] = f"{self.state.endpoint}/complete/{oid}"
            upload["header"] = {"chunk_size": str(part_bytes), **urls}
        verify = {"href": f"{self.state.endpoint}/{repo_id}.git/info/lfs/verify"}
        return {"oid": oid, "size": size, "actions": {"upload": upload, "verify": verify}}

    def put(self, oid: str, part: str | None) -> None:
        if part:
            self.state.parts.setdefault(oid, {})[int(part)] = self.body
        else:
            self.state.uploads[oid] = self.body
        self.send(200, b"", {"ETag": f'"{hashlib.md5(self.body).hexdigest()}"'})

    def complete(self, oid: str) -> None:
        parts = self.state.parts[oid]
        self.state.uploads[oid] = b"".join(parts[number] for number in sorted(parts))
        self.json({})

    def verify(self, _repo_id: str) -> None:
        asked = json.loads(self.body)
        data = self.state.uploads.get(asked["oid"], b"")
        is_right = hashlib.sha256(data).hexdigest() == asked["oid"] and len(data) == asked["size"]
        self.send(200 if is_right else 422, b"{}")

    def commit(self, repo_id: str, _revision: str) -> None:
        repo = self.state.repos[repo_id]
        for line in self.body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                repo.files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                repo.files[value["path"]] = self.state.uploads[value["oid"]]
        url = f"{self.state.endpoint}/{repo_id}/commit/{COMMIT}"
        self.json({"commitUrl": url, "commitOid": COMMIT, "hookOutput": ""})

    def validate_yaml(self) -> None:
        self.json({"errors": [], "warnings": []})


REPO = r"([^/]+/[^/]+)"
ROUTES: list[tuple[tuple[str, ...], str, Callable[..., None]]] = [
    (("GET",), r"/api/models", _Handler.models),
    (("GET",), rf"/api/models/{REPO}(?:/revision/[^/]+)?", _Handler.model),
    (("GET",), r"/api/whoami-v2", _Handler.whoami),
    (("GET", "HEAD"), rf"/{REPO}/resolve/([^/]+)/(.+)", _Handler.resolve),
    (("GET", "HEAD"), rf"/storage/{REPO}/(.+)", _Handler.stored),
    (("POST",), r"/api/repos/create", _Handler.create),
    (("POST",), rf"/api/models/{REPO}/preupload/([^/]+)", _Handler.preupload),
    (("POST",), rf"/{REPO}\.git/info/lfs/objects/batch", _Handler.batch),
    (("PUT",), r"/put/([0-9a-f]+)(?:/(\d+))?", _Handler.put),
    (("POST",), r"/complete/([0-9a-f]+)", _Handler.complete),
    (("POST",), rf"/{REPO}\.git/info/lfs/verify", _Handler.verify),
    (("POST",), rf"/api/models/{REPO}/commit/([^/]+)", _Handler.commit),
    (("POST",), r"/api/validate-yaml", _Handler.validate_yaml),
]
