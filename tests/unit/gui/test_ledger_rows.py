"""The ledger as rows of a table: each device with its error, and what was learned."""

from corral.gui.hardware.ledger.tables import learned, load_rows, load_titles, notes, run_rows
from corral.hardware.ledger import LoadEntry
from corral.plan.learning import SpeedRun, Where
from corral.plan.plan import Kind, Line, Part
from corral.units import MIB


def line(device: str, mib: int) -> Line:
    return Line(device=device, part=Part.WEIGHTS, size_bytes=mib * MIB, kind=Kind.EXACT)


LOAD = LoadEntry(
    at=0.0,
    model="big\x1b",
    kind=Kind.FORMULA,
    planned=(line("CUDA0", 1000), line("CPU", 100)),
    measured=(line("CUDA0", 1250), line("CPU", 100)),
    process_bytes=120 * MIB,
    on_cards=(("CUDA0", 1600 * MIB),),
    note="300 MiB were paged.",
)


def test_each_device_stands_with_what_was_planned_measured_and_held() -> None:
    card, memory = load_rows([LOAD])
    assert len(card) == len(load_titles())
    assert card[2:] == ("CUDA0", "1000 MiB", "1.22 GiB", "-20.0%", "1.56 GiB", "by formulas")
    assert memory[2:7] == ("CPU", "100 MiB", "100 MiB", "+0.0%", "120 MiB")
    assert "\x1b" not in card[1]


def test_what_is_not_told_has_no_error() -> None:
    silent = LoadEntry(
        at=0.0, model="m", kind=Kind.EXACT, planned=(line("CUDA0", 10),), measured=(),
        process_bytes=0,
    )  # fmt: skip
    assert load_rows([silent])[0][3:7] == ("10.0 MiB", "not told", "", "")


def test_what_was_learned_is_told_of_cards_and_of_speeds() -> None:
    run = SpeedRun(
        at=0.0, model="m", where=Where.GPU, prompt_per_s=0, generated_per_s=30,
        expected_prompt=100, expected_generation=40,
    )  # fmt: skip
    card, speed = learned([LOAD], [run])
    assert card == "CUDA0: the driver takes 350 MiB beside what llama.cpp counts"
    assert speed.startswith("Answers, on the GPU: 0.75 of what the tables say")
    assert run_rows([run])[0][2:] == ("on the GPU", "30", "40", "", "100")


def test_what_went_where_it_is_slow_is_told_with_its_model() -> None:
    assert notes([LOAD])[0].endswith(": 300 MiB were paged.")
