"""Settles in which order a column of dates is read, where dates decide which rows are picked."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.cells.date_order import DateEvidence
from pipeline.load.column_candidates import Sheet
from pipeline.load.column_checks import ColumnVerdict
from pipeline.model.sheet import CellColumn

OPTION = "--date-order"


@dataclass(frozen=True, slots=True)
class DatesDecide:
    """That the dates decide, and how: ``latest`` and ``before`` as in ``DateEvidence``; ``order``: as a person said."""

    latest: str
    before: str = ""
    order: str = ""


@dataclass(slots=True)
class LooksAtDates:
    """Gathers what every cell of the column says."""

    evidence: DateEvidence

    def look(self, cells: CellColumn) -> ColumnVerdict | None:
        """Takes the cells of a frame; never ends the looking."""
        self.evidence.add(cells)
        return None

    def verdict(self) -> ColumnVerdict:
        """Nothing more: the evidence has it all."""
        return ColumnVerdict(True)


@dataclass(frozen=True, slots=True)
class DateChoice:
    """The order of day and month; whether cells typed as dates are believed; what to say and to ask."""

    order: str
    typed: bool = True
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def chosen_order(sheet: Sheet, column: int, found: DateEvidence, said: str) -> DateChoice:
    """Settles the order.

    Args:
        sheet: the headers and the profile.
        column: where the dates stand.
        found: what the cells say.
        said: the order that a person named, or "".
    """
    where = sheet.said(column)
    if found.swapped:
        note = f"dates in {where} that Excel made of texts are left out: day and month are swapped in them"
        ask = (
            f"Excel has swapped day and month in {found.typed_two_ways:,} cells of {where}, for those with a day above "
            f"12 are still texts: export the column again as text, or say {_options(_of_texts(found))} to go on "
            "without those cells"
        )
        return DateChoice(said or _of_texts(found)[0], typed=False, notes=(note,), asks=() if said else (ask,))
    if said:
        return DateChoice(said)
    own, orders = sheet.profile.date_order, found.orders()
    if found.mixed:
        ask = f"the dates in {where} can't all be read in one order: say {_options(('dmy', 'mdy', 'ymd'))}"
        return DateChoice(own, asks=(ask,))
    if own in orders and (len(orders) == 1 or sheet.profile.order_told or not found.example(orders)):
        return DateChoice(own)
    example = found.example(orders)
    if not example:
        note = f"dates in {where} are read as {orders[0]}, for they make no sense as {own}"
        return DateChoice(orders[0], notes=(note,) if found.texts else ())
    ask = f"{example} in {where} can be read in two ways that pick other rows: say {_options(orders)}"
    return DateChoice(own if own in orders else orders[0], asks=(ask,))


def _of_texts(found: DateEvidence) -> tuple[str, ...]:
    return tuple(order for order in found.orders() if order != "ymd") or ("dmy", "mdy")


def _options(orders: tuple[str, ...]) -> str:
    return " or ".join(f"{OPTION} {order}" for order in orders)
