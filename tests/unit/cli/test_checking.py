"""`corral fsck`: what is wrong is told by the exit code too."""

from corral.workbench.modelling import open_library
from helpers.command_line import CommandLine
from helpers.homes import STARTER, TINY, places_of


def test_a_sound_store_is_exit_0_with_what_was_read(corral: CommandLine) -> None:
    outcome = corral("fsck")
    assert outcome.exit_code == 0
    assert outcome.out.startswith("3 models, ")
    assert outcome.out.endswith("98 MB read: nothing is wrong\n")
    assert "digests not compared" in corral("fsck", "--fast").out


def test_damage_is_told_and_mended_when_asked_for(corral: CommandLine) -> None:
    weights = open_library(places_of(corral.home)).get(TINY).weights
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.unlink()  # the home shares its blobs with others
    weights.write_bytes(data)
    outcome = corral("fsck")
    assert outcome.exit_code == 3
    assert f"damaged blob: sha256:{weights.name[7:19]}" in outcome.out
    assert "1 fault\n" in outcome.out
    assert "corral fsck --mend" in outcome.err
    mended = corral("fsck", "--mend")
    assert mended.exit_code == 0
    assert f"model '{TINY}': the blob sha256:" in mended.out
    assert "mended: moved to the trash with the reason" in mended.out
    assert corral("fsck").exit_code == 0
    assert STARTER in corral("list").out
    assert TINY not in corral("list").out


def test_what_a_crash_left_is_shown_and_no_damage(corral: CommandLine) -> None:
    (places_of(corral.home).models / "blobs" / ".corral-x.part").write_text("half")
    outcome = corral("fsck", "--fast")
    assert outcome.exit_code == 0
    assert "unfinished file: .corral-x.part was left by a crash" in outcome.out
