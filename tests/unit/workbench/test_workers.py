"""RPC workers: a real one on loopback computes for real models, and its death harms nobody."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from corral.errors import ExternalError, UserError
from corral.hardware.workers import WorkerError, watch_connections
from corral.plan.options import LoadOptions
from corral.plan.plan import Kind
from corral.prompt.message import Message, Role
from corral.settings import worker_addresses
from corral.workbench import workers as workers_module
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench
from helpers import lost_worker_child
from helpers.command_line import APP, CommandLine
from helpers.homes import STARTER, TINY, copy_home, places_of
from helpers.rpc_worker import rpc_worker

LOST_WORKER_CHILD = Path(lost_worker_child.__file__)
TESTS = LOST_WORKER_CHILD.parents[1]
DEAD = "127.0.0.1:9"
SHORT = {"num_ctx": 512, "num_predict": 24, "temperature": 0}
QUESTION = (Message(role=Role.USER, content="Tell me about the sea."),)


@pytest.fixture(scope="module")
def worker() -> Iterator[str]:
    """The address of a worker for the whole module."""
    with rpc_worker() as (address, _process):
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(
    stocked_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Workbench]:
    """A workbench for the whole module."""
    home = copy_home(stocked_home, tmp_path_factory.mktemp("workers") / "home")
    async with open_workbench(places_of(home)) as opened:
        yield opened


def timeouts_to(address: str) -> Iterator[int]:
    """Yield how long each connection of this process to an address waits, in milliseconds."""
    host, _, port = address.partition(":")
    for connection in psutil.Process().net_connections("tcp"):
        if connection.raddr == (host, int(port)) and connection.fd >= 0:
            with socket.socket(fileno=os.dup(connection.fd)) as found:
                yield found.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)


async def answer(bench: Workbench, options: LoadOptions) -> str:
    request = ChatRequest(model=STARTER, messages=QUESTION, parameters=SHORT, options=options)
    generation = bench.conversing.start(request)
    finished = await generation.wait()
    assert finished.error is None, finished.error
    return generation.answer


@pytest.mark.asyncio(loop_scope="module")
async def test_layers_on_a_worker_are_planned_to_the_byte_and_answer_as_the_processor_does(
    bench: Workbench, worker: str
) -> None:
    planning, model = bench.planning, await bench.modelling.get(STARTER)
    here = await planning.options_on(model, await planning.machine_when_free())
    context = here.context
    assert here.workers == ()
    machine = await planning.machine_when_free((worker,))
    options = await planning.options_on(model, machine)
    assert (options.workers, options.n_gpu_layers) == ((worker,), 31)
    (device,) = machine.gpus
    assert device.name == f"RPC0[{worker}]"

    planned = await planning.best_plan(model, options)
    assert planned.kind is Kind.EXACT
    assert planned.size_bytes(device.name) > planned.size_bytes("CPU")
    there = await answer(bench, options)
    runner = planning.runner_of(model)
    assert runner
    assert set(runner.info.measured) == set(planned.lines)

    # A dead line is noticed, also where llama.cpp would wait for ever.
    assert watch_connections((worker,)) == 1
    assert watch_connections((DEAD,)) == 0
    assert set(timeouts_to(worker)) == {30_000}

    # While it serves a model it cannot be asked, and nobody waits for it.
    assert (await planning.best_plan(model, options)).kind is Kind.FORMULA
    used = (await planning.machine((worker,))).gpus[0].free_bytes
    assert used == device.free_bytes - planned.size_bytes(device.name)

    assert await answer(bench, LoadOptions(n_gpu_layers=0, context=context)) == there
    assert planning.workers.busy((worker,)) == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_model_is_told_to_use_workers_and_not_to(bench: Workbench, worker: str) -> None:
    planning, model = bench.planning, await bench.modelling.get(TINY)
    planning.use_workers(model, (worker,))
    assert (await planning.options_for(model)).workers == (worker,)
    planning.use_workers(model, ())
    assert (await planning.options_for(model)).workers == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_dead_address_is_told_with_its_time_before_anything_is_loaded(
    bench: Workbench,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(WorkerError, match="cannot be reached") as caught:
            await bench.planning.machine((dead,))
        assert (caught.value.address, caught.value.limit_s) == (dead, 3.0)
        options = LoadOptions(workers=(dead,))
        request = ChatRequest(model=TINY, messages=None, options=options)
        finished = await bench.conversing.start(request).wait()
    assert isinstance(finished.error, WorkerError)
    assert not bench.loading.is_loaded(await bench.modelling.get(TINY))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_worker_that_takes_the_connection_and_says_nothing_is_given_up(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "ANSWER_S", 0.5)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(WorkerError, match=r"said nothing for 0\.5 s"):
            await bench.planning.machine((address,))
    assert (await bench.planning.machine()).gpus == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_stranger_that_talks_nonsense_costs_only_the_child(bench: Workbench) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(ExternalError):
            await bench.planning.machine((address,))
    assert (await bench.planning.machine()).gpus == ()


def test_addresses_are_saved_with_the_warning(cli_home: CommandLine) -> None:
    saved = cli_home("settings", "rpc", "10.0.0.7:50052,box:1")
    assert saved.out == "10.0.0.7:50052,box:1\n"
    assert "neither authenticated nor encrypted" in saved.err


def test_what_is_no_address_and_too_many_of_them_are_refused() -> None:
    for nonsense in ("box", "box:0", "box:70000", "a b:1", "[::1]:5", "-h:1", ""):
        with pytest.raises(UserError, match="no address of an RPC worker"):
            worker_addresses([nonsense])
    with pytest.raises(UserError, match="17 RPC workers; at most 16"):
        worker_addresses([f"box:{port}" for port in range(1, 18)])


def test_a_worker_that_dies_in_an_answer_is_told_and_the_program_ends_in_order(
    cli_home: CommandLine, tmp_path: Path
) -> None:
    counting = tmp_path / "Modelfile"
    counting.write_text(f"FROM {STARTER}\nTEMPLATE {{{{ .Prompt }}}}\nPARAMETER temperature 0\n")
    assert cli_home("create", "counting", "-f", counting).exit_code == 0
    with rpc_worker() as (address, process):
        command = cli_home.start(
            *("run", "--rpc", address, "counting", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        assert command.stdout
        command.stdout.read(20)
        process.kill()
        out, err = command.communicate(timeout=60)
    assert command.returncode == 3, out
    words = err.decode()
    assert "neither authenticated nor encrypted" in words
    assert f"The RPC worker {address}" in words
    assert not (cli_home.home / "state" / "busy.json").exists()


def test_a_lost_worker_is_refused_until_a_restart_and_the_model_answers_without_it(
    cli_home: CommandLine,
) -> None:
    done = subprocess.run(
        [sys.executable, LOST_WORKER_CHILD],
        env=cli_home.environment(PYTHONPATH=os.pathsep.join([str(APP), str(TESTS)])),
        capture_output=True,
        timeout=120,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert f"The RPC worker {told['address']} ended" in told["error"]
    assert told["told"]
    for refusal in (told["recover"], told["plan"]):
        assert "was lost while a model used it" in refusal
        assert "Restart Corral" in refusal
    assert (told["then"], told["lost"]) == ("length", True)


@pytest.fixture
def cli_home(stocked_home: Path, corral_home: Path) -> CommandLine:
    """The command line in a home with models."""
    return CommandLine(copy_home(stocked_home, corral_home))
