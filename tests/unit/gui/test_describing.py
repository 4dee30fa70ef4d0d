"""Plans and machines in words: every figure with its kind, nothing promised that does not fit."""

from dataclasses import replace
from typing import Any

from corral.gui.hardware.describing import Known, device_views, machine_text, plan_view
from corral.gui.hardware.view import LoadButton, PlanView
from corral.gui.theme.palette import Role
from corral.hardware.programs import Program
from corral.plan.machine import Device, DeviceKind, Machine
from corral.plan.options import LoadOptions
from corral.plan.plan import Kind, Line, Part, Plan, Verdict

MIB, GIB = 1024**2, 1024**3
CPU = Device(
    name="CPU",
    description="AMD EPYC",
    kind=DeviceKind.CPU,
    total_bytes=16 * GIB,
    free_bytes=10 * GIB,
)
GPU = Device(
    name="CUDA0",
    description="<b>GeForce</b>\u202e",
    kind=DeviceKind.GPU,
    total_bytes=12 * GIB,
    free_bytes=8 * GIB,
)


def line(part: Part, size_bytes: int, device: str = "CPU", kind: Kind = Kind.EXACT) -> Line:
    return Line(device=device, part=part, size_bytes=size_bytes, kind=kind)


def plan(*lines: Line, machine: Machine | None = None, gpu_layers: int = 0) -> Plan:
    return Plan(
        options=replace(LoadOptions(), n_gpu_layers=gpu_layers),
        machine=machine or Machine(cpu=CPU),
        lines=lines,
        n_layers=33,
    )


def view(planned: Plan, measured: tuple[Line, ...] | None = None, **changes: Any) -> PlanView:
    known = Known(
        longest_ctx=8192,
        measured=measured,
        is_loaded=measured is not None,
        is_over_limit=planned.verdict is Verdict.OVER,
    )
    return plan_view(planned, "", replace(known, **changes))


def test_a_plan_that_fits_says_what_is_left_and_offers_to_load() -> None:
    seen = view(plan(line(Part.MAPPED, 4 * GIB), line(Part.KV, GIB)))
    assert (seen.verdict, seen.verdict_look) == ("Fits.", "good")
    assert seen.sentence == "All on the CPU, 5.00 GiB left."
    assert seen.button is LoadButton.LOAD
    assert seen.n_layers == 0  # no slider without a GPU


def test_a_plan_near_the_free_memory_is_tight() -> None:
    assert view(plan(line(Part.WEIGHTS, int(8.5 * GIB)))).verdict_look == "tight"


def test_a_plan_over_the_budget_says_the_numbers_and_needs_to_be_loaded_anyway() -> None:
    seen = view(plan(line(Part.WEIGHTS, int(9.5 * GIB))))
    assert (seen.verdict, seen.verdict_look) == ("Does not fit.", "bad")
    assert seen.sentence == "9.50 GiB planned, 10.00 GiB free, of which 9.00 GiB can be used."
    assert seen.button is LoadButton.LOAD_ANYWAY


def test_measured_figures_stand_beside_the_planned_ones_of_a_loaded_plan_only() -> None:
    planned = plan(line(Part.WEIGHTS, 100 * MIB), line(Part.COMPUTE, 20 * MIB))
    measured = (line(Part.WEIGHTS, 100 * MIB), line(Part.COMPUTE, 21 * MIB))
    rows = {row.label: (row.planned, row.measured) for row in view(planned, measured).rows}
    assert rows == {
        "weights": ("100 MiB", "100 MiB"),
        "compute": ("20.0 MiB", "21.0 MiB"),
        "total": ("120 MiB", "121 MiB"),
    }
    assert {row.measured for row in view(planned).rows} == {""}
    assert "nothing measured" in view(planned).note


def test_the_note_says_where_the_figures_come_from() -> None:
    assert "dry run" in view(plan(line(Part.KV, MIB))).note
    assert "formulas" in view(plan(line(Part.KV, MIB, kind=Kind.FORMULA))).note


def test_why_llama_cpp_did_not_plan_stands_beside_the_formulas() -> None:
    by_formula = plan(line(Part.KV, MIB, kind=Kind.FORMULA))
    why = "llama.cpp's own plan is not used: llama-cpp-python 0.4.0 is installed"
    assert why in view(by_formula, why_not_exact=why).note
    assert "formulas" in view(by_formula, why_not_exact=why).note


def test_what_is_loaded_beside_a_model_has_rows_of_its_own_and_estimates_are_marked() -> None:
    weights = line(Part.PROJECTOR, 80 * MIB, kind=Kind.FORMULA)
    image = line(Part.PROJECTOR, 20 * MIB, kind=Kind.ASSUMED)
    draft = line(Part.DRAFT, 50 * MIB)
    seen = view(plan(line(Part.WEIGHTS, 100 * MIB), weights, image, draft), measured=())
    rows = {row.label: (row.planned, row.measured) for row in seen.rows}
    assert rows["projector"] == ("≈ 100 MiB", "")  # not in llama.cpp's account of the model
    assert rows["draft model"] == ("50.0 MiB", "")
    assert rows["total"][0] == "250 MiB"


def test_the_button_follows_what_is_loaded_and_what_goes_on() -> None:
    planned = plan(line(Part.KV, MIB))
    assert view(planned, (line(Part.KV, MIB),)).button is LoadButton.UNLOAD
    assert view(planned, is_loaded=True).button is LoadButton.RELOAD
    assert view(planned, progress="Loading 3 %").button is LoadButton.CANCEL


def test_layers_on_the_gpu_are_counted() -> None:
    machine = Machine(cpu=CPU, gpus=(GPU,))
    lines = (line(Part.WEIGHTS, 4 * GIB, "CUDA0"), line(Part.KV, MIB))
    seen = view(plan(*lines, machine=machine, gpu_layers=20))
    assert seen.sentence == "20 of 33 layers on the GPU, 4.00 GiB left."
    assert (seen.gpu_layers, seen.n_layers) == (20, 33)


def test_a_bar_shows_what_is_planned_on_top_of_what_others_hold() -> None:
    lines = [line(Part.MAPPED, 2 * GIB), line(Part.KV, GIB), line(Part.KV, GIB, "elsewhere")]
    (seen,) = device_views(Machine(cpu=CPU), planned=lines, measured=())
    assert seen.free_text == "10.00 GiB of 16.00 GiB free"
    assert [(share.role, share.size_bytes) for share in seen.shares] == [
        (Role.ACCENT, 2 * GIB),
        (Role.KV, GIB),
        (Role.IN_USE, 6 * GIB),
    ]


def test_what_a_loaded_model_holds_is_not_counted_as_in_use_by_others() -> None:
    measured = [line(Part.MAPPED, 2 * GIB), line(Part.KV, GIB)]
    (seen,) = device_views(Machine(cpu=CPU), planned=(), measured=measured)
    assert seen.shares[-1].size_bytes == 5 * GIB  # mapped weights are page cache: not in use


def test_names_of_devices_are_foreign_text() -> None:
    machine = Machine(cpu=CPU, gpus=(GPU,))
    names = [seen.name for seen in device_views(machine, planned=(), measured=())]
    assert names[1] == "Memory"
    assert "\u202e" not in names[0]
    text = machine_text(machine, cores="2 cores")
    assert text.startswith("AMD EPYC, 2 cores; 16.00 GiB RAM, 10.00 GiB free.")
    assert "CUDA0): 12.00 GiB VRAM, 8.00 GiB free." in text


def test_a_plan_that_fits_and_is_over_an_own_limit_says_so() -> None:
    seen = view(plan(line(Part.KV, GIB)), is_over_limit=True)
    assert (seen.verdict, seen.verdict_look) == ("Over your limit.", "bad")
    assert seen.button is LoadButton.LOAD_ANYWAY


def test_what_is_not_known_of_an_architecture_is_said_and_not_counted_as_nothing() -> None:
    unknown = replace(plan(line(Part.WEIGHTS, GIB)), unknown=(Part.KV, Part.COMPUTE))
    seen = view(unknown)
    rows = {row.label: row.planned for row in seen.rows}
    assert rows["KV cache"] == rows["compute"] == "unknown"
    assert rows["total"] == "at least 1.00 GiB"
    assert "unknown for this architecture: KV cache, compute" in seen.note


def test_on_a_machine_that_is_not_there_nothing_can_be_loaded_or_is_said_to_be_measured() -> None:
    seen = view(plan(line(Part.KV, MIB)), can_load=False)
    assert seen.button is LoadButton.NONE
    assert "measured" not in seen.note


def test_what_loaded_models_hold_is_said_to_give_way() -> None:
    seen = view(plan(line(Part.KV, MIB)), giving_way_bytes=2 * GIB)
    assert "2.00 GiB of loaded models counts as free" in seen.note


def test_other_programs_stand_at_the_device_whose_memory_they_hold() -> None:
    machine = Machine(cpu=CPU, gpus=(GPU,))
    programs = (
        Program(name="game", device="CUDA0", used_bytes=None),
        Program(name="firefox", device="CPU", used_bytes=GIB),
        Program(name="code", device="CPU", used_bytes=300 * MIB),
    )
    card, memory = device_views(machine, planned=(), measured=(), programs=programs)
    assert card.others == "others: game (size not told)"
    assert memory.others == "others: firefox 1.00 GiB, code 300 MiB"


def test_what_went_where_it_is_slow_comes_first() -> None:
    seen = view(plan(line(Part.KV, MIB)), (line(Part.KV, MIB),), slow_note="300 MiB were paged.")
    assert seen.note.startswith("300 MiB were paged")
