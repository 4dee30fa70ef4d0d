import os

from corral.llama.batch import Batch
from corral.llama.context import AbortFlag, Context, thread_count
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model
from corral.plan.options import ContextOptions


def test_threads_are_the_physical_cores_and_never_more_than_can_be_used() -> None:
    usable = len(os.sched_getaffinity(0))
    assert 1 <= thread_count(0) <= usable
    assert thread_count(1) == 1
    assert thread_count(10_000) == usable


def test_a_set_flag_aborts_the_micro_batch_and_keeps_what_was_before(
    library: LlamaLibrary, model: Model
) -> None:
    context = Context(library, model, ContextOptions(n_ctx=256, n_ubatch=64))
    batch, flag = Batch(library, 64), AbortFlag()
    context.watch(flag)
    batch.add(range(100, 150), 0, n_logits=0)
    assert context.decode(batch) == 0
    flag.set()
    batch.clear()
    batch.add(range(150, 200), 50)
    assert context.decode(batch) == 2
    assert context.last_position(0) == 49
    context.watch(AbortFlag())
    assert context.decode(batch) == 0
    assert (context.first_position(0), context.last_position(0)) == (0, 99)
    assert context.roll_back(0, 40)
    assert context.last_position(0) == 39
    context.clear()
    assert context.last_position(0) == -1
    context.close()


def test_a_gap_in_the_positions_is_refused_without_harm(
    library: LlamaLibrary, model: Model
) -> None:
    context = Context(library, model, ContextOptions(n_ctx=256))
    batch = Batch(library, 8)
    batch.add((1, 2, 3), 5)
    assert context.decode(batch) in (0, -1)
    batch.clear()
    batch.add((1, 2, 3), 100)
    assert context.decode(batch) == -1
    context.close()
