"""The child's side: read a question, do it, write the answer, until the parent is gone.

The first line sets the limits. A bug ends the child with its traceback on stderr, which the parent
keeps; only the errors meant for people travel as answers.
"""

import ctypes
import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import BinaryIO, TypeAlias

from corral.children.protocol import Json, decode, encode, error_message
from corral.errors import CorralError, ExternalError

if sys.platform == "linux":
    import resource

Methods: TypeAlias = Mapping[str, Callable[..., Json]]

PR_SET_PDEATHSIG = 1


def serve(role: str) -> int:
    """Serve one role until the parent closes the pipe.

    Returns:
        The exit status.
    """
    faulthandler.enable()
    _die_with_parent()
    questions, answers = _take_pipes()
    methods = _methods(role)
    output_bytes = _obey(decode(questions.readline()))
    answers.write(encode({"result": True}))
    answers.flush()
    for line in questions:
        answers.write(_answer(methods, decode(line), output_bytes))
        answers.flush()
    return 0


def _methods(role: str) -> Methods:
    if role == "render":
        from corral.children.render import RenderRole  # lazy: only this role pays for jinja2

        render = RenderRole()
        return {"render": render.render, "render_guarded": render.render_guarded}
    if role == "media":
        from corral.children.media import MediaRole  # lazy: only this role pays for decoders

        media = MediaRole()
        return {"picture": media.picture, "sound": media.sound}
    if role == "inspect":
        from corral.children.inspect import InspectRole  # lazy: only this role pays for llama.cpp

        inspect = InspectRole()
        return {
            "devices": inspect.devices,
            "plan": inspect.plan,
            "fit": inspect.fit,
            "measure": inspect.measure,
            "projector": inspect.projector,
            "preflight": inspect.preflight,
            "preflight_projector": inspect.preflight_projector,
            "control_texts": inspect.control_texts,
            "prompt_tokens": inspect.prompt_tokens,
        }
    raise SystemExit(f"no such child: {role}")


def _answer(methods: Methods, question: Mapping[str, Json], output_bytes: int) -> bytes:
    method, params = question["method"], question["params"]
    assert isinstance(method, str)
    assert isinstance(params, Mapping)
    try:
        line = encode({"result": methods[method](**params)})
    except CorralError as error:
        return encode(error_message(error))
    if len(line) <= output_bytes:
        return line
    return encode(
        error_message(
            ExternalError(
                f"The answer has {len(line):,} bytes, at most {output_bytes:,} are taken."
            )
        )
    )


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for the protocol alone: what libraries print goes to stderr."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return questions, answers


def _die_with_parent() -> None:
    """Ask the kernel for it; elsewhere the closed pipe ends the child after its call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _obey(limits: Mapping[str, Json]) -> int:
    """Set the limits that the parent sent.

    Returns:
        The bytes that an answer may have.
    """
    memory_bytes, niceness = limits["memory_bytes"], limits["niceness"]
    output_bytes = limits["output_bytes"]
    assert isinstance(output_bytes, int)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if isinstance(memory_bytes, int):
            _bound_memory(memory_bytes)
        if isinstance(niceness, int) and niceness:
            os.nice(niceness)
    return output_bytes


def _bound_memory(memory_bytes: int) -> None:
    """Bound the address space; a limit that the person has set can only be kept or lowered."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        memory_bytes = min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
