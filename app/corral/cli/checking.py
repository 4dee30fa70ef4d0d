"""`corral fsck`: what is wrong with the models on disk, and mending it."""

import argparse
import sys

from corral.cli.output import ProgressLine
from corral.foreign import safe_text
from corral.jobs import Ticket
from corral.library.faults import CheckReport
from corral.places import find_places
from corral.units import file_size
from corral.workbench.modelling import open_untouched_library

_EXIT_DAMAGED = 3


def fsck(options: argparse.Namespace) -> int:
    """Check the store; 0 when nothing is wrong, or nothing any more, 3 when something is."""
    line = ProgressLine()
    library = open_untouched_library(find_places())
    try:
        report = library.upkeep.check(Ticket(line.show), mend=options.mend, fast=options.fast)
    finally:
        line.clear()
    for fault in report.faults:
        print(safe_text(f"{fault.kind}: {fault.what}"))
        print(safe_text(f"  {fault.path}"))
        if fault.mended:
            print(safe_text(f"  mended: {fault.mended}"))
    print(_summary(report, is_fast=options.fast))
    if not report.is_mended and not options.mend:
        print("corral fsck --mend mends what can be mended", file=sys.stderr)
    return 0 if report.is_sound or report.is_mended else _EXIT_DAMAGED


def _summary(report: CheckReport, *, is_fast: bool) -> str:
    faults = len(report.faults)
    found = "nothing is wrong" if not faults else f"{faults} fault{'s' if faults > 1 else ''}"
    read = "digests not compared" if is_fast else f"{file_size(report.read_bytes)} read"
    return f"{report.models} models, {report.blobs} blobs, {read}: {found}"
