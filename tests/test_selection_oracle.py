"""Whatever is sent is allowed by every column of the sheet, as an oracle reads it that shares no code with the product.

The oracle is slow and simple: it knows by heart what each cell of these made-up sheets means to a person.
"""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.sorted_rows import SortedRows, sort_text

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A sheet of eight rows is small enough to be read as it is."""

STAYS = [
    "Delivered", "07-Delivered", "(Delivered)", "In–Transit", "SHIPPED/DELIVERED", "Order Shipped", "RTO", "OFD",
    "entregue", "Reached At Destination", "Out of Delivery Area", "Damaged", "Misrouted", "Not Delivered", "वितरित",
    "picked up",
]  # fmt: skip
UNCLEAR = ["Lunch", "Not Cancelled", "Cancellation Rejected", "Pickup cancelled", "Pending", "?", "42"]
ASKED = ["Cancelled", "CANCEL REQUESTED", "cancelado", "wc-cancelled", "To be cancelled"]
FREE = ["New", "Ready to ship", "MANIFESTED", "Not Picked"]
SILENT = ["", "-", "N/A"]

YES, NO, BLANK, ODD = ["Yes", "✓", "1.0", "sim"], ["No", "0", "FALSE", "não"], [""], ["ask Ram", "Yes - called"]

NUMBERS = [f"8621001400{number}" for number in range(6)]

states = st.sampled_from(STAYS + UNCLEAR + ASKED * 4 + FREE * 3 + SILENT * 2)
marks = st.sampled_from(YES * 3 + NO * 2 + BLANK * 2 + ODD)
numbers = st.sampled_from(NUMBERS)


@st.composite
def awb_cells(draw: st.DrawFn) -> tuple[str, frozenset[str]]:
    """A cell, and every AWB that a person could make out in it."""
    one, other = draw(numbers), draw(numbers)
    written = {
        one: {one}, f"00{one}": {one}, f"{one}.0": {one}, f"{one[:4]}-{one[4:]}": {one}, f"{one[:4]} {one[4:]}": {one},
        f"{one},{other}": {one, other}, f"{one} / {other}": {one, other}, f"Delhivery {one}": {one}, f"{one};": {one},
        "8.62100140E+10": set(NUMBERS), "": set(),
    }  # fmt: skip
    cell = draw(st.sampled_from([one] * 12 + list(written)))
    return cell, frozenset(written.get(cell, {one}))


lines = st.tuples(
    st.sampled_from(["A", "B", "C", "D"]), awb_cells(), states, states, st.sampled_from(["", "", "Yes", "No"]), marks
)
ways = st.sampled_from(["status", "mark", "all", "by hand"])


def speaks_against(status: str, shipment: str, delivered: str, mark: str, way: str) -> bool:
    """Whether any column says that a row must stay, or says something that nobody understands."""
    named = way == "by hand" and status in UNCLEAR[:1]
    return (
        status in STAYS
        or (status in UNCLEAR and not named)
        or shipment in STAYS + UNCLEAR
        or delivered == "Yes"
        or (way == "mark" and mark not in YES)
    )


def asked_for(status: str, mark: str, way: str) -> bool:
    """Whether the way that was chosen picks a row."""
    return {
        "status": status in ASKED,
        "mark": mark in YES,
        "all": True,
        "by hand": status in (*FREE[:1], *UNCLEAR[:1]),
    }[way]


def sorted_by(way: str, table: list[tuple[str, tuple[str, frozenset[str]], str, str, str, str]]) -> SortedRows:
    """What the product does with the sheet."""
    header = ["Order ID", "AWB No", "Order Status", "Shipment Status", "Is Delivered?"]
    out = io.StringIO()
    text = csv.writer(out)
    text.writerow([*header, "Cancel?"] if way == "mark" else header)
    for ref, (cell, _), status, shipment, delivered, mark in table:
        text.writerow([ref, cell, status, shipment, delivered, *([mark] if way == "mark" else [])])
    options = {"all": {"everything": True}, "by hand": {"statuses": (FREE[0], UNCLEAR[0])}}.get(way, {})
    with tempfile.TemporaryDirectory() as folder:
        return sort_text(Path(folder), out.getvalue(), **options)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
@given(ways, st.lists(lines, min_size=1, max_size=8))
def test_whatever_is_sent_is_allowed_by_every_column_of_every_row_that_may_bear_it(
    way: str, table: list[tuple[str, tuple[str, frozenset[str]], str, str, str, str]]
) -> None:
    found = sorted_by(way, table)
    parcels = [awb.replace("-", "").lstrip("0") for awb in found.sent]
    assert len(set(parcels)) == len(parcels), "one parcel is sent twice"
    for awb in parcels:
        bearing = [line for line in table if awb in line[1][1]]
        sure = [line for line in bearing if line[1][1] == {awb}]
        assert any(asked_for(status, mark, way) for _, _, status, _, _, mark in sure), "nobody asked for it"
        for ref, (cell, _), status, shipment, delivered, mark in bearing:
            assert not speaks_against(status, shipment, delivered, mark, way), (awb, cell, status, shipment, delivered)
            first_lines = [line for line in sure if line[:2] == (ref, (cell, frozenset({awb}))) and line[2] in ASKED]
            further = way == "status" and status == "" and first_lines
            picked = asked_for(status, mark, way) or further
            assert picked, f"{awb} stands in a row that nobody asked for: {cell} {status}"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
@given(ways, st.lists(lines, min_size=1, max_size=6))
def test_a_plain_row_that_nothing_speaks_against_is_sent(
    way: str, table: list[tuple[str, tuple[str, frozenset[str]], str, str, str, str]]
) -> None:
    """So that an answer of "nothing, ever" does not pass for safe."""
    found = sorted_by(way, table)
    for _, (cell, _), status, shipment, delivered, mark in table:
        others = [line for line in table if cell in line[1][1]]
        alone = len(others) == 1 and cell in NUMBERS
        if alone and asked_for(status, mark, way) and not speaks_against(status, shipment, delivered, mark, way):
            assert cell in found.sent
