"""Asks llama.cpp about model files from the parent's side, whatever the file does to it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corral.children.errors import ChildDied
from corral.children.limits import MIB, Limits
from corral.children.verdict import Verdict, Verdicts
from corral.errors import ExternalError, UserError
from corral.plan.exact import ExactPlanner

if TYPE_CHECKING:  # a child is started with the first question
    from corral.children.protocol import Json
    from corral.children.spawn import Child
    from corral.gguf.header import Header
    from corral.plan.machine import Device, Machine
    from corral.plan.options import LoadOptions
    from corral.plan.plan import Line, Plan

MEMORY_BYTES = 8192 * MIB
CALL_S = 60.0
OUTPUT_BYTES = 1 * MIB
# On a GPU the child holds 100-550 MiB, so it does not stay.
IDLE_S = 5.0
HINT = (
    "The file is damaged or of a kind that this llama.cpp cannot run; another file of this model "
    "may be sound."
)
# From here on the standard error holds Python's account of the crash.
_PYTHON_DUMP = "Fatal Python error"
_BUILD_PATH = re.compile(r"^/\S*/(?=\S+:\d+: )", re.MULTILINE)
# The system ends processes so when memory runs out: that says nothing about the file.
_KILLED = -9


class Inspector(ExactPlanner):
    """Owns the *inspect* child: exact plans, the pre-flight and the devices.

    Thread: the event loop's.
    """

    def __init__(self, verdicts: Verdicts, copies: Path) -> None:
        """Start nothing yet.

        Args:
            verdicts: Where verdicts of the pre-flight are kept.
            copies: Folder of header-only copies of model files.
        """
        self._verdicts = verdicts
        self._copies = copies
        self._child: Child | None = None
        self._calls: set[asyncio.Task[Json]] = set()
        self._one_question = asyncio.Lock()
        self._stops = 0
        self._devices: list[Device] | None = None

    @property
    def child_pid(self) -> int | None:
        """Process id of the running child, None when there is none."""
        return self._child.pid if self._child else None

    async def devices(self) -> list[Device]:
        """Return the devices that this build of llama.cpp can use, the CPU last.

        Raises:
            ExternalError: If llama.cpp cannot be asked.
        """
        from corral.children.inspect_json import devices_from_json  # lazy: the window comes first

        if self._devices is None:
            try:
                self._devices = devices_from_json(await self.ask("devices", workers=[]))
            except ValueError as error:
                raise _nonsense(error) from error
        return list(self._devices)

    async def worker_devices(self, workers: Sequence[str]) -> list[Device]:
        """Return the devices that RPC workers lend now; they must be known to answer.

        Raises:
            ExternalError: If llama.cpp cannot be asked, or breaks over a worker.
        """
        from corral.children.inspect_json import devices_from_json  # lazy: as above

        try:
            found = devices_from_json(await self.ask("devices", workers=list(workers)))
        except ValueError as error:
            raise _nonsense(error) from error
        return [device for device in found if device.worker]

    async def plan(
        self, path: Path, header: Header, options: LoadOptions, machine: Machine
    ) -> Plan:
        """Return the plan for a model file on a machine, every line exact.

        On a machine that is not there, llama.cpp plans for cards made of nothing.

        Raises:
            UserError: If there is no such file.
            ExternalError: If llama.cpp refuses the file or the options, or breaks over them.
        """
        from corral.children.inspect_json import (  # lazy: as above
            devices_to_json,
            lines_from_json,
            options_to_json,
        )
        from corral.plan.formula import plan_of_lines  # lazy: the window is usable first

        placed = _placed_on(options, machine)
        answer = await self.ask(
            "plan",
            path=str(path),
            copy=str(self._copy_of(path)),
            options=options_to_json(placed),
            cards=devices_to_json(_virtual_cards(machine)),
        )
        try:
            lines = lines_from_json(answer)
        except ValueError as error:
            raise _nonsense(error) from error
        return plan_of_lines(header, placed, machine, lines)

    async def own_fit(self, path: Path, options: LoadOptions, machine: Machine) -> LoadOptions:
        """Return how llama.cpp's own fit would load a model file on a machine.

        Args:
            path: The file.
            options: What is given; a context of 0 tokens is chosen too.
            machine: Where.

        Raises:
            UserError: If there is no such file.
            ExternalError: If the fit is not there, finds no way or breaks.
        """
        # lazy: as above
        from corral.children.inspect_json import (
            devices_to_json,
            options_from_json,
            options_to_json,
        )

        answer = await self.ask(
            "fit",
            path=str(path),
            copy=str(self._copy_of(path)),
            options=options_to_json(_placed_on(options, machine)),
            cards=devices_to_json(_virtual_cards(machine)),
        )
        try:
            return options_from_json(answer)
        except ValueError as error:
            raise _nonsense(error) from error

    async def projector(
        self, path: Path, options: LoadOptions, machine: Machine
    ) -> tuple[Line, ...]:
        """Return what a projector takes beside a model that is loaded so, by llama.cpp.

        Raises:
            UserError: If there is no such file.
            ExternalError: If llama.cpp refuses the file, or breaks over it.
        """
        from corral.children.inspect_json import devices_to_json, lines_from_json  # lazy: as above

        _identity_of_file(path)  # says so if it is not there
        placed = _placed_on(options, machine)
        answer = await self.ask(
            "projector",
            path=str(path),
            on_gpu=placed.n_gpu_layers != 0 and bool(machine.gpus),
            cards=devices_to_json(_virtual_cards(machine)),
        )
        try:
            return lines_from_json(answer)
        except ValueError as error:
            raise _nonsense(error) from error

    async def preflight(self, path: Path, method: str = "preflight") -> None:
        """Make sure that a file does not make llama.cpp abort, before the main process loads it.

        A file is checked once for each build of llama.cpp and its devices.

        Args:
            path: The file.
            method: What the child is asked: of a model, or of a projector.

        Raises:
            UserError: If there is no such file.
            ExternalError: If the file is damaged, or llama.cpp refuses it or breaks over it.
        """
        from corral.llama.build import engine_build  # lazy: comes with the first question

        key = _digest(f"{_identity(path)} {engine_build()} {_names(await self.devices())}")
        verdict = await self._verdicts.find(key)
        if verdict is None:
            verdict = await self._preflight(path, method)
            await self._verdicts.keep(key, verdict)
        if not verdict.has_passed:
            raise ExternalError(verdict.summary, detail=verdict.detail, hint=HINT)

    async def stop(self) -> None:
        """End the child, so that it holds no memory; the next question starts another."""
        self._stops += 1
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._child:
            await self._child.close()

    def _copy_of(self, path: Path) -> Path:
        return self._copies / f"{_digest(_identity(path))}.gguf"

    async def _preflight(self, path: Path, method: str) -> Verdict:
        try:
            await self.ask(method, path=str(path))
        except ChildDied as error:
            if error.returncode is None or error.returncode == _KILLED:
                raise
            words = _last_words(error.detail)
            reason = words.rpartition("\n")[2] or error.summary
            return Verdict(summary=f"llama.cpp breaks over {path.name}: {reason}", detail=words)
        return Verdict()

    async def ask(self, method: str, **params: Json) -> Json:
        """Ask the child; a caller who no longer waits does not cost it its life.

        Questions wait for each other, and whoever gives up while waiting is never asked for: of
        many that a slider leaves behind the child answers the running one and the last.

        Raises:
            CorralError: The error that the child sent.
            ExternalError: If it broke over the question, or the child was ended meanwhile.
        """
        stops = self._stops
        async with self._one_question:
            if stops != self._stops:
                raise _given_up()
            call = asyncio.create_task(self._running_child().call(method, **params))
            self._calls.add(call)
            call.add_done_callback(self._forget)
            try:
                return await asyncio.shield(call)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task and task.cancelling():
                    raise
                raise _given_up() from None

    def _running_child(self) -> Child:
        # lazy: these come with the first question
        from corral.children.spawn import Child
        from corral.llama.build import has_gpu_backend

        if self._child is None:
            # A graphics driver reserves more address space than any bound.
            memory_bytes = None if has_gpu_backend() else MEMORY_BYTES
            limits = Limits(
                memory_bytes=memory_bytes,
                call_s=CALL_S,
                output_bytes=OUTPUT_BYTES,
                idle_s=IDLE_S,
            )
            self._child = Child("inspect", limits)
        return self._child

    def _forget(self, call: asyncio.Task[Json]) -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()  # seen, also when nobody waits for it any more


def _virtual_cards(machine: Machine) -> tuple[Device, ...]:
    """Return the cards to plan for that are not there.

    Raises:
        ExternalError: If their rules are not known; the formulas have to do.
    """
    from corral.plan.machine import PLANNABLE_CARDS  # lazy: the window is usable first

    if not machine.is_imagined:
        return ()
    names = [gpu.name for gpu in machine.gpus]
    if machine.is_unified or not all(name.startswith(PLANNABLE_CARDS) for name in names):
        raise ExternalError("llama.cpp plans exactly only for NVIDIA and AMD cards not here.")
    return machine.gpus


def _placed_on(options: LoadOptions, machine: Machine) -> LoadOptions:
    """Return the options as they hold on a machine: its workers; without GPUs, none here count."""
    from dataclasses import replace  # lazy: the window is usable first

    is_bare = machine.is_imagined and not machine.gpus
    placed = replace(options, workers=machine.workers)
    return replace(placed, n_gpu_layers=0) if is_bare else placed


def _identity(path: Path) -> str:
    from corral.gguf.shards import shard_paths  # lazy: comes with the first question

    return " ".join(_identity_of_file(file) for file in shard_paths(path) or (path,))


def _identity_of_file(path: Path) -> str:
    try:
        state = path.stat()
    except FileNotFoundError:
        raise UserError(f"There is no file '{path}'.") from None
    except OSError as error:
        raise ExternalError(f"'{path}' cannot be read: {error.strerror}.") from error
    return f"{state.st_dev} {state.st_ino} {state.st_size} {state.st_mtime_ns}"


def _digest(text: str) -> str:
    import hashlib  # lazy: comes with the first question

    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _names(devices: list[Device]) -> str:
    return " ".join(f"{device.name} {device.description}" for device in devices)


def _last_words(stderr: str) -> str:
    """Return what llama.cpp said last, without Python's account and the paths of its build."""
    return _BUILD_PATH.sub("", stderr.partition(_PYTHON_DUMP)[0]).strip()


def _given_up() -> ExternalError:
    return ExternalError("The question was given up: memory is needed for a load.")


def _nonsense(error: ValueError) -> ExternalError:
    return ExternalError("The inspection of the model answered nonsense.", detail=str(error))
