"""The process that reads one sheet, under limits of memory and time: whatever the sheet does, the page lives on.

It takes a JSON line on stdin for each question and answers with one on stdout. It sends nothing anywhere; a plan is
sealed in the ledger of the settings, as `bulk-cancel plan` does it.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.errors import PipelineError
from pipeline.jobs.choosing import view_picked, view_sheet
from pipeline.jobs.deliver import deliver_plan
from pipeline.jobs.prepare import opened
from pipeline.jobs.request import Request
from pipeline.jobs.row_table import write_rows
from pipeline.jobs.sealing import sealed_for_later
from pipeline.jobs.sheet_at_hand import SheetAtHand
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import SilentReporter
from pipeline.settings import settings_here

Answer = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """One sheet, opened when it is first asked about."""

    path: Path
    env: str
    account: str
    who: str
    _at_hand: SheetAtHand | None = field(default=None, init=False)

    @property
    def at_hand(self) -> SheetAtHand:
        """The sheet; raises FileError where it is none."""
        if self._at_hand is None:
            self._at_hand = SheetAtHand.open(self.path)
        return self._at_hand

    def look(self, options: SelectionOptions) -> Answer:
        """What was understood, and what is picked."""
        return {"sheet": asdict(view_sheet(self.at_hand, options)), **self.count(options)}

    def count(self, options: SelectionOptions) -> Answer:
        """What is picked."""
        return {"picked": asdict(view_picked(self.at_hand, options, SilentReporter()))}

    def plan(self, options: SelectionOptions, rows: Path) -> Answer:
        """Seals a plan, as the terminal does it: from the file as it is now. ``why_not``: it could not be sealed."""
        settings = settings_here(self.env, account=self.account, need_service=False)
        request = Request(input=self.path, selection=options, who=self.who, version=__version__)
        with opened(request, settings, SilentReporter(), infix="plan") as found:
            if found.sealed is not None:
                raise PipelineError(f"This is the sheet of plan {found.sealed.name}", "Bring the orders themselves.")
            prepared, why_not = sealed_for_later(found)
            if why_not or prepared.sealed is None:
                return {"why_not": why_not}
            if not prepared.awbs:
                return {"why_not": prepared.orders.nothing or "Nothing is to be cancelled"}
            delivered = deliver_plan(prepared)
            _, frames = self.at_hand.understood(options)
            write_rows(frames, prepared.orders.gathered, prepared.decided.rows, rows)
            left_out = [(one.words, one.count) for one in prepared.preview().left_out]
            return {
                "plan": prepared.sealed.name,
                "files": {"sheet": delivered.summary.output, "report": delivered.summary.report},
                "left_out": left_out,
                "problems": [(one.words, one.count, list(one.first)) for one in prepared.orders.problems],
                "notes": list(prepared.orders.notes),
            }


def limit(memory: int, seconds: int) -> None:
    """Bounds what this process may take; where the system knows no limits (Windows), the clock outside does it."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answered(reading: Reading, asked: Answer) -> Answer:
    """One answer; a person's trouble is one, and so is a memory that is full."""
    try:
        options = SelectionOptions.from_json(asked["options"])
        match asked["ask"]:
            case "look":
                return reading.look(options)
            case "count":
                return reading.count(options)
            case "plan":
                return reading.plan(options, Path(asked["rows"]))
            case other:
                raise ValueError(other)
    except PipelineError as trouble:
        return {"trouble": str(trouble)}
    except MemoryError:
        return {"memory": True}


def main() -> None:
    """Answers until stdin ends."""
    start: Answer = json.loads(sys.stdin.readline())
    limit(start["memory"], start["seconds"])
    reading = Reading(Path(start["path"]), start["env"], start["account"], start["who"])
    out, sys.stdout = sys.stdout, sys.stderr  # nothing but answers goes out there
    for line in sys.stdin:
        out.write(json.dumps(answered(reading, json.loads(line)), ensure_ascii=True) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
