"""A child with bad habits, for the tests of the parent. Started as a script."""

import os
import sys
import time
from typing import BinaryIO

from corral.children import serve
from corral.errors import Place, UserError


def print_much() -> str:
    print("a library prints this")
    os.write(1, b"so does C\n")
    return sys.stdin.read()


def refuse() -> None:
    raise UserError("No.", detail="Really.", hint="Ask again.", place=Place(line=3, source="text"))


def fail() -> None:
    raise ZeroDivisionError("a bug")


def die(*, status: int) -> None:
    print("last words", file=sys.stderr, flush=True)
    os._exit(status)


def die_once(*, marker: str) -> str:
    """Die the first time that it is asked at all."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "again"
    os._exit(1)


def babble(*, fd_text: str) -> str:
    os.write(PROTOCOL[0], fd_text.encode())
    return "never read"


METHODS = {
    "echo": lambda *, value: value,
    "pid": os.getpid,
    "sleep": lambda *, seconds: time.sleep(seconds),
    "print_much": print_much,
    "refuse": refuse,
    "fail": fail,
    "die": die,
    "die_once": die_once,
    "babble": babble,
    "shout": lambda *, size: print("x" * size, file=sys.stderr),
    "answer_of": lambda *, size: "x" * size,
    "allocate": lambda *, size: len(bytearray(size)),
    "niceness": lambda: os.nice(0),
}

if __name__ == "__main__":
    PROTOCOL = []
    take_pipes = serve._take_pipes

    def remember_pipes() -> tuple[BinaryIO, BinaryIO]:
        pipes = take_pipes()
        PROTOCOL.append(pipes[1].fileno())
        return pipes

    serve._take_pipes = remember_pipes
    serve._methods = lambda role: METHODS
    sys.exit(serve.serve("naughty"))
