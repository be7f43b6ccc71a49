"""The frames that cross from one stage to the next: one name, dtype and meaning for each column of each frame.

Rows flow as columns (docs/design.md, "What flows"). A frame's index is the row number in the file unless said
otherwise. A column is always there, or only where the sheet has it (``optional``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.annotated import MEANINGS

if TYPE_CHECKING:
    import pandas as pd

TEXT, CATEGORY, WHOLE, BOOL = "str", "category", "int64", "bool"


@dataclass(frozen=True, slots=True)
class FrameColumn:
    """One column; ``dtype`` as pandas names it, or several that will do, with ``|`` between."""

    name: str
    dtype: str
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FrameShape:
    """One kind of frame; ``more`` allows columns that the sheet or the options add, all of them text."""

    name: str
    columns: tuple[FrameColumn, ...]
    index: str = "row"
    more: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns, in their order."""
        return tuple(column.name for column in self.columns)

    def mismatches(self, frame: pd.DataFrame) -> list[str]:
        """What of a frame is not as declared, in words; empty where all is.

        Args:
            frame: what a stage gave.
        """
        known = {column.name: column for column in self.columns}
        lacking = [name for name, column in known.items() if name not in frame and not column.optional]
        found = [f"{self.name} lacks the column {name}" for name in lacking]
        for name in map(str, frame.columns):
            column = known.get(name) or (FrameColumn(name, TEXT, "") if self.more else None)
            dtype = str(frame[name].dtype)
            if column is None:
                found.append(f"{self.name} has a column {name} that is not declared")
            elif dtype not in column.dtype.split("|"):
                found.append(f"{self.name}.{name} is {dtype}, declared as {column.dtype}")
        return found


_PICKED = (
    FrameColumn("awb", TEXT, "the AWB as it is sent"),
    FrameColumn("key", TEXT, "the AWB in capital letters: what the ledger and planning compare"),
    FrameColumn("order_ref", TEXT, 'the order reference; "" where there is none'),
    FrameColumn("problems", TEXT, 'why the row is Invalid, every reason joined; "" where it is valid'),
    FrameColumn("order_status", TEXT, "the state of the order as the sheet names it", optional=True),
    FrameColumn("order_date", TEXT, 'the day of the order, ISO; "" where it can\'t be read', optional=True),
    FrameColumn("courier", TEXT, "the courier as the sheet names it", optional=True),
    FrameColumn("amount", TEXT, "the order's amount as the sheet writes it", optional=True),
    FrameColumn("payment", TEXT, "COD or prepaid, as the sheet writes it", optional=True),
    FrameColumn("cod_amount", TEXT, "what is collected on delivery", optional=True),
)

_FATE = tuple(FrameColumn(name, TEXT, meaning) for name, meaning in MEANINGS.items())

CANONICAL = FrameShape(
    "canonical",
    (
        FrameColumn("awb_number", TEXT, 'the AWB as a person sees it; "" where there is none'),
        FrameColumn("awb_doubt", TEXT, 'what is wrong with the AWB\'s cell; "" = nothing'),
        FrameColumn("order_ref", TEXT, "the order reference as a person sees it"),
        FrameColumn("order_ref_doubt", TEXT, "what is wrong with its cell"),
        FrameColumn("hidden", BOOL, "the row is hidden in the sheet, by a filter or by hand"),
        FrameColumn("aside", TEXT, 'why the row is no order: blank, a total, a footer, …; "" = it is one'),
    ),
    more=True,
)
"""What ``load`` makes of some rows of a sheet."""

CHOICE = FrameShape(
    "choice",
    (
        FrameColumn("picked", BOOL, "the row is to be cancelled"),
        FrameColumn("reason", TEXT, "why not, where it is not picked"),
        FrameColumn("unknown", TEXT, 'the state that nobody knows, of rows that would be picked without it; "" = none'),
        FrameColumn("odd", TEXT, 'the mark that is neither yes nor no; "" = none'),
        FrameColumn("named", TEXT, 'as what the list names the row, where it is left out all the same; "" = not named'),
    ),
)
"""What ``selection`` says of a canonical frame."""

PICKED = FrameShape("picked", _PICKED)
"""The picked rows of the whole sheet."""

LEFT_OUT = FrameShape("left out", (FrameColumn("remark", CATEGORY, "why the row is not picked"),))
"""Every other row that is not blank."""

BYSTANDERS = FrameShape(
    "bystanders",
    (
        FrameColumn("key", TEXT, "an AWB that stands in a picked row too"),
        FrameColumn("row", WHOLE, "the first row beside the picked ones that bears it"),
        FrameColumn("sure", BOOL, "the row bears it for certain; False: its cell may mean it"),
    ),
    index="",
)
"""Rows that are not picked and bear the AWB of one that is."""

DECIDED = FrameShape("decided", (*_PICKED, *_FATE))
"""The picked rows with their fate: what is to be sent is Planned."""

OUTCOMES = FrameShape("outcomes", _FATE, index="key")
"""What the calls came to, by AWB."""

KNOWN = FrameShape(
    "known",
    (
        FrameColumn("awb", TEXT, "the AWB as it was sent"),
        *_FATE,
        FrameColumn("run", TEXT, "the run that sent it last"),
        FrameColumn("at", TEXT, "when that was found, ISO 8601, UTC"),
        FrameColumn("refused", BOOL, "it is Unknown because the service refused its call as a whole"),
    ),
    index="key",
)
"""What the ledger knows of some AWBs."""

MARKS = FrameShape(
    "marks",
    (
        *(FrameColumn(column.name, CATEGORY, column.meaning) for column in _FATE),
        FrameColumn("verified", CATEGORY, "what tracking says of the AWB", optional=True),
        FrameColumn("cancel?", CATEGORY, "yes where the row would be sent; only in a plan's sheet", optional=True),
    ),
)
"""What is written into the added columns, one line a row."""

PLAN_AWBS = FrameShape(
    "plan's AWBs",
    (
        FrameColumn("call", WHOLE, "the call that it goes out in, from 1"),
        FrameColumn("key", TEXT, "the AWB in capital letters"),
        FrameColumn("awb", TEXT, "the AWB as it is sent"),
        FrameColumn("refs", TEXT, "the order reference of each of its rows, as a JSON list"),
        FrameColumn("rows", TEXT, "the numbers of its rows, as a JSON list beside it"),
        FrameColumn("before", TEXT, 'what the ledger knew of an AWB that is asked for again; "" = nothing'),
    ),
    index="",
)
"""What a sealed plan would send, in the order of its calls."""

NAMED = FrameShape(
    "named",
    (
        FrameColumn("key", TEXT, "the order or AWB that a list names, as it is compared"),
        FrameColumn("awb", TEXT, "the AWB of the row"),
        FrameColumn("group", TEXT, 'why it is not picked, in groups (``model.asked``); "" = picked'),
        FrameColumn("reason", TEXT, 'why it is not picked; "" = picked'),
    ),
)
"""The rows of a sheet that a list names; what stands in no row is there with the row number 0."""

EVIDENCE = FrameShape(
    "evidence",
    (
        FrameColumn("order_ref", TEXT, "the order, several of one AWB joined"),
        FrameColumn("awb", TEXT, "the AWB as it was sent"),
        FrameColumn("amount", TEXT, 'the amount of the order, exact; "" where the sheet has none'),
        *_FATE,
        FrameColumn("first_sent", TEXT, 'when it first went out, ISO 8601, UTC; "" = never'),
        FrameColumn("last_answer", TEXT, "when the last thing was found out about it"),
        FrameColumn("times_sent", WHOLE, "in how many calls it went out"),
        FrameColumn("environment", TEXT, "where it was sent"),
        FrameColumn("account", TEXT, "a digest of the token, never the token"),
        FrameColumn("plan", TEXT, "the sealed plan that it was sent by"),
        FrameColumn("made_by", TEXT, "who made the plan, or started the run"),
        FrameColumn("made_at", TEXT, "when"),
        FrameColumn("approved_by", TEXT, 'who approved the plan; "" = nobody'),
        FrameColumn("approved_at", TEXT, "when"),
        FrameColumn("run", TEXT, "the run that sent it last"),
        FrameColumn("found_by_run", TEXT, "the run that found the last answer"),
        FrameColumn("file", TEXT, "the input of that run"),
    ),
    index="",
)
"""What an auditor is given: one line an AWB."""

EVENTS = FrameShape(
    "events",
    (
        FrameColumn("awb", TEXT, "the AWB"),
        FrameColumn("at", TEXT, "when it was written down, ISO 8601, UTC"),
        FrameColumn("state", TEXT, "what was found: open (it goes out), success, failed, unknown, released"),
        *(FrameColumn(name, TEXT, meaning) for name, meaning in list(MEANINGS.items())[1:]),
        FrameColumn("call", WHOLE, "the call that it went out in"),
        FrameColumn("sent_at", TEXT, "when that call began"),
        FrameColumn("sent_by_run", TEXT, "the run that sent it"),
        FrameColumn("found_by_run", TEXT, "the run that found this out"),
        FrameColumn("command", TEXT, "what that run did: cancel or verify"),
        FrameColumn("who", TEXT, "who started it"),
        FrameColumn("environment", TEXT, "where it was sent"),
        FrameColumn("account", TEXT, "a digest of the token"),
        FrameColumn("plan", TEXT, "the plan that the run carried out"),
        FrameColumn("file", TEXT, "the input of the run"),
        FrameColumn("file_sha256", TEXT, "its digest"),
    ),
    index="",
)
"""Everything that was written down about those AWBs, in order."""

SHAPES = (
    CANONICAL, CHOICE, PICKED, LEFT_OUT, BYSTANDERS, DECIDED, OUTCOMES, KNOWN, MARKS, PLAN_AWBS, NAMED,
    EVIDENCE, EVENTS,
)  # fmt: skip
