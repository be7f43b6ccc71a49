"""Every column of states can keep a row, only the chosen one picks, and what nobody knows is asked about."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipeline.load import Wishes, load
from pipeline.sheets import open_book
from schemas.columns import load_profile
from tests.sorted_rows import sort_text

ROOT = Path(__file__).parent.parent
LATE = "too late to cancel: its {} is {} (--allow-late takes it all the same)"
NOT_KNOWN = "its {} is {}, which is no known state, so it is not sent (--allow-late sends it)"

HEADERS = {
    "Shipment Status": "sure", "SHIPMENT_STATUS": "sure", "Shipping Package Status Code": "sure", "Item Status": "sure",
    "Tracking Status": "sure", "Courier Status": "sure", "Current Status": "sure", "Delivery Status": "sure",
    "NDR Status": "sure", "RTO Status": "sure", "NDR Reason": "sure", "Return Reason": "sure", "Last Scan": "sure",
    "Scan Type": "sure", "Sub Status": "sure", "Status Description": "sure", "Latest Tracking Event": "sure",
    "Status do pedido": "sure", "Estado del envío": "sure", "Estado do pedido": "sure", "Situação": "sure",
    "Sendungsstatus": "sure", "Order State": "sure", "Shipment State": "sure", "AWB Status": "sure",
    "Fulfilment Status": "sure", "Pickup Status": "sure", "स्थिति": "sure", "DeliveryStatus": "sure",
    "RTO": "flag", "NDR": "flag", "Is Delivered?": "flag", "Delivered": "flag", "Shipped (Y/N)": "flag",
    "Picked Up": "flag", "In Transit": "flag", "Verification Status": "maybe", "Shipping State": "maybe",
    "Payment Status": "", "Financial Status": "", "Refund Status": "", "Invoice Status": "", "COD Status": "",
    "Status Date": "", "Last Scan Time": "", "Last Scan Location": "", "Status Updated At": "",
    "Delivered Date": "dated",
    "Delivered At": "dated", "RTO Date": "dated", "Picked up at": "dated", "PickedUpTimestamp": "dated",
    "Order Shipped Date": "dated", "Out for Delivery On": "dated", "First Attempt Date": "dated",
    "RTO Delivered Date": "dated", "Actual Delivered Date": "dated", "Dispatch Date": "day", "Return Date": "day",
    "Expected Delivery Date": "", "Promised Delivered Date": "", "EDD": "", "SLA Date": "", "Delivery Date": "",
    "Dispatch By Date": "", "Ship Date": "", "Pickup Date": "", "Manifested Date": "", "Cancelled Date": "",
    "To be Delivered By Date": "", "Delivered By": "", "Last Updated On": "",
    "RTO Charges": "", "Customer State": "", "Billing State": "", "State Code": "", "Consignee State": "",
    "Cancel Approved": "consent", "Cancel requested by customer": "consent", "Do Not Cancel": "refusal",
    "Cancel Status": "maybe", "Cancel Date": "", "Cancelled By": "", "Cancellation Reason": "", "Cancel Qty": "",
    "City": "", "Weight": "", "Remarks": "", "Product": "", "Courier": "", "Label Status": "", "Delivery Comments": "",
}  # fmt: skip


@pytest.mark.parametrize(("header", "role"), HEADERS.items())
def test_a_header_tells_whether_its_column_can_keep_a_row(tmp_path: Path, header: str, role: str) -> None:
    (tmp_path / "orders.csv").write_text(
        f"Order ID,AWB No,Order Status,{header}\n1,86210010463,New,x\n", encoding="utf-8"
    )
    table = load(open_book(tmp_path / "orders.csv"), Wishes())
    assert [str(state.role) for state in table.states if state.name != "order_status"] == ([role] if role else [])


def test_state_alone_is_a_state_of_the_order_unless_the_sheet_has_addresses(tmp_path: Path) -> None:
    for others, roles in (("Carrier", ["sure"]), ("City", ["maybe"]), ("Pincode", ["maybe"])):
        text = f"Order ID,AWB No,Order Status,State,{others}\n1,86210010463,New,Delivered,x\n"
        (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
        states = load(open_book(tmp_path / "orders.csv"), Wishes()).states
        assert [str(state.role) for state in states if state.name != "order_status"] == roles


CANCELS = "Order ID,AWB No,Status,Cancel,{}\n1,86210010600,New,yes,{}\n2,86210010601,New,yes,\n"

SECOND = [
    ("Cancel (Y/N)", "No", False), ("Cancel (Y/N)", "Yes", True), ("Cancel (Y/N)", "-", False),
    ("To Cancel", "0", False), ("Cancel Approved", "No", False), ("Cancel Approved", "", True),
    ("Do Not Cancel", "yes", False), ("Do Not Cancel", "no", True), ("Don't cancel", "x", False),
    ("Cancel Charges", "0", True), ("Cancelled", "No", True), ("Cancel Reason", "No", True),
]  # fmt: skip


@pytest.mark.parametrize(("header", "cell", "goes"), SECOND)
def test_of_two_columns_about_cancelling_the_one_that_does_not_pick_can_keep(
    tmp_path: Path, header: str, cell: str, goes: bool
) -> None:
    text = CANCELS.format(header, cell)
    found = sort_text(tmp_path, text, columns=("cancel=Cancel",))
    assert found.sent == (("86210010600", "86210010601") if goes else ("86210010601",))
    assert found.question == ""
    if not goes:
        assert found.why[2] == f'marked "{cell}" in its {header} (column E)'


def test_a_mark_that_is_neither_yes_nor_no_is_asked_about_in_the_other_column_too(tmp_path: Path) -> None:
    found = sort_text(tmp_path, CANCELS.format("Cancel Approved", "ask Asha"), columns=("cancel=Cancel",))
    assert found.sent == ("86210010601",)
    assert '"ask Asha" in Cancel Approved (column E)' in found.question


@pytest.mark.parametrize("columns", [(), ("cancel=",)])
def test_two_such_columns_without_a_word_are_asked_about_and_can_be_passed_over(
    tmp_path: Path, columns: tuple[str, ...]
) -> None:
    found = sort_text(tmp_path, CANCELS.format("To Cancel", "No"), columns=columns, everything=True)
    assert bool(found.question) == (not columns)
    assert ("86210010600" in found.sent) == bool(columns)


DAYS = [
    ("Delivered Date", "12-11-2026", "late"), ("Delivered Date", "2026-11-12T10:00:00", "late"),
    ("Delivered Date", "", "sent"), ("Delivered Date", "-", "sent"), ("Delivered Date", "N/A", "sent"),
    ("Delivered Date", "0000-00-00 00:00:00", "sent"), ("Delivered Date", "01-01-1900", "sent"),
    ("Delivered Date", "No", "sent"), ("Delivered Date", "not yet", "asked"), ("RTO Date", "12 Nov", "late"),
    ("Delivered Date", "Delivered", "late"), ("Dispatch Date", "12-11-2026", "asked"), ("Dispatch Date", "", "sent"),
    ("Expected Delivery Date", "12-11-2026", "sent"), ("EDD", "12-11-2026", "sent"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "cell", "fate"), DAYS)
@pytest.mark.parametrize("everything", [False, True])
def test_a_day_under_a_state_says_that_the_state_came_to_be(
    tmp_path: Path, header: str, cell: str, fate: str, everything: bool
) -> None:
    text = f"Order ID,AWB No,Order Status,{header}\n1,86210010600,Cancelled,{cell}\n2,86210010601,Cancelled,\n"
    found = sort_text(tmp_path, text, everything=everything)
    assert found.sent == (("86210010600", "86210010601") if fate == "sent" else ("86210010601",))
    assert bool(found.question) == (fate == "asked")
    if fate != "sent":
        assert f'its {header} (column D) is "{cell}"' in found.why[2]
        allowed = sort_text(tmp_path, text, everything=everything, allow_late=(header,))
        assert (allowed.sent, allowed.question) == (("86210010600", "86210010601"), "")


def test_a_day_that_may_be_foreseen_is_asked_about_with_the_header_to_type(tmp_path: Path) -> None:
    text = "Order ID,AWB No,Order Status,Dispatch Date\n1,86210010600,Cancelled,12-11-2026\n"
    question = sort_text(tmp_path, text).question
    assert 'Say --too-late "Dispatch Date" for each that must stay, --allow-late "Dispatch Date"' in question
    kept = sort_text(tmp_path, text, too_late=("Dispatch Date",))
    assert (kept.sent, kept.question) == ((), "")


SHEET = "Order ID,AWB No,Order Status,{}\nOD-1,86210010600,Cancelled,{}\nOD-2,86210010602,Cancelled,{}\n"

OTHERS = [
    ("Shipment Status", "In Transit", LATE.format("Shipment Status (column D)", '"In Transit"')),
    ("Shipment Status", "07-DELIVERED", LATE.format("Shipment Status (column D)", '"07-DELIVERED"')),
    ("NDR Reason", "Customer Refused", LATE.format("NDR Reason (column D)", '"Customer Refused"')),
    ("RTO", "Yes", LATE.format("RTO (column D)", '"Yes"')),
    ("Is Delivered?", "✓", LATE.format("Is Delivered? (column D)", '"✓"')),
    ("Shipping State", "Delivered", LATE.format("Shipping State (column D)", '"Delivered"')),
    ("Tracking Status", "Lunch", NOT_KNOWN.format("Tracking Status (column D)", '"Lunch"')),
    ("Delivered", "2026-11-20", NOT_KNOWN.format("Delivered (column D)", '"2026-11-20"')),
    ("Courier Status", "Pickup Cancelled", NOT_KNOWN.format("Courier Status (column D)", '"Pickup Cancelled"')),
]  # fmt: skip


@pytest.mark.parametrize(("header", "cell", "reason"), OTHERS)
def test_any_column_of_states_keeps_a_row_and_is_named(tmp_path: Path, header: str, cell: str, reason: str) -> None:
    found = sort_text(tmp_path, SHEET.format(header, cell, ""))
    assert (found.sent, found.why) == (("86210010602",), {2: reason})
    assert (found.question != "") == ("no known state" in reason)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Shipment Status", "Manifested"), ("Shipment Status", "-"), ("Shipment Status", "N/A"), ("RTO", "No"),
        ("RTO", "0"), ("Is Delivered?", "FALSE"), ("Shipping State", "DL"), ("Shipping State", "Maharashtra"),
        ("Payment Status", "Delivered to bank"), ("Shipment Status", "Cancelled"), ("Billing State", "Transit"),
    ],
)  # fmt: skip
def test_a_cell_that_says_nothing_against_it_keeps_no_row(tmp_path: Path, header: str, cell: str) -> None:
    found = sort_text(tmp_path, SHEET.format(header, cell, cell))
    assert (found.sent, found.why, found.question) == (("86210010600", "86210010602"), {}, "")


WAYS = {
    "yes/no": ("Cancel", "Yes", {}),
    "all": ("Weight", "1", {"everything": True}),
    "status by hand": ("Weight", "1", {"statuses": ("Cancelled",)}),
    "status": ("Weight", "1", {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_whichever_way_picks_a_late_or_unknown_state_in_any_column_is_not_sent(tmp_path: Path, way: str) -> None:
    header, cell, options = WAYS[way]
    text = (
        f"Order ID,AWB No,Order Status,Tracking Status,{header}\n"
        f"1,86210010601,Cancelled,Delivered,{cell}\n2,86210010602,Cancelled,Lunch,{cell}\n3,86210010603,Cancelled,,{cell}\n"
    )
    found = sort_text(tmp_path, text, **options)
    assert (found.sent, list(found.why)) == (("86210010603",), [2, 3])
    assert found.question == (
        '1 row to be cancelled with a state that nobody knows: "Lunch" in Tracking Status (column D) (1 row). Say '
        '--too-late "Lunch" for each that must stay, --allow-late "Lunch" for each that may be cancelled all the same, '
        "or list them in a profile"
    )
    allowed = sort_text(tmp_path, text, **options, allow_late=("lunch",))
    assert (allowed.sent, allowed.question) == (("86210010602", "86210010603"), "")
    kept = sort_text(tmp_path, text, **options, too_late=("LUN*",))
    assert (kept.sent, kept.question) == (("86210010603",), "")


def test_unknown_states_are_listed_with_their_counts_and_nothing_else_is_asked(tmp_path: Path) -> None:
    rows = [("A", "Lunch"), ("B", "Lunch"), ("C", "Held at gate"), ("D", "New"), ("E", "Delivered"), ("F", "")]
    lines = [f"{ref},8621001060{number},{state}" for number, (ref, state) in enumerate(rows)]
    found = sort_text(tmp_path, "Order ID,AWB No,Status\n" + "\n".join(lines) + "\n", everything=True)
    assert found.sent == ("86210010603", "86210010605")
    assert found.question == (
        '3 rows to be cancelled with a state that nobody knows: "Lunch" in status (2 rows), "Held at gate" in status '
        "(1 row). Say --too-late STATUS for each that must stay, --allow-late STATUS for each that may be cancelled "
        "all the same, or list them in a profile"
    )


def test_a_status_named_by_hand_is_known_for_its_column_and_no_less_late(tmp_path: Path) -> None:
    text = "Order ID,AWB No,Status\n1,86210010601,Lunch\n2,86210010602,Lunch delivered\n3,86210010603,New\n"
    found = sort_text(tmp_path, text, statuses=("Lunch*",))
    assert (found.sent, found.question) == (("86210010601",), "")
    assert list(found.why) == [3, 4]


def test_only_the_chosen_column_picks(tmp_path: Path) -> None:
    text = (
        "Order ID,AWB No,Order Status,Shipment Status\n1,86210010601,New,Cancelled\n2,86210010602,,Cancel Requested\n"
    )
    assert sort_text(tmp_path, text).sent == ()
    assert sort_text(tmp_path, text, columns=("order_status=Shipment Status",)).sent == ("86210010601", "86210010602")


# --- the yes/no column ------------------------------------------------------------------------------------------------

YES = "Yes|y|TRUE|1|1.0|1.00|x|✓|✔|☑|✅|Cancel|ja|SIM|sí|हाँ|oui|(yes)|Yes.|ＹＥＳ|  yes "
NO = "No|n|FALSE|0|0.0|0.00|-|–|Keep|nein|não|Nao|नहीं|non|NO!|☐|Don't cancel|Do not cancel"
ODD = "Yes - customer called|maybe|✗|❌|?|2|yes/no|cancelled|2026-11-20|ask Ram"


def marked(cell: str, header: str = "Cancel?") -> str:
    return f'Order ID,AWB No,Status,{header}\n1,86210010601,CANCELLED,No\n2,86210010602,CANCELLED,"{cell}"\n'


@pytest.mark.parametrize("cell", YES.split("|"))
def test_yes_in_any_language_or_sign_picks(tmp_path: Path, cell: str) -> None:
    found = sort_text(tmp_path, marked(cell))
    assert (found.sent, list(found.why), found.question) == (("86210010602",), [2], "")


@pytest.mark.parametrize("cell", NO.split("|"))
def test_no_in_any_language_or_sign_keeps(tmp_path: Path, cell: str) -> None:
    found = sort_text(tmp_path, marked(cell))
    assert (found.sent, list(found.why), found.question) == ((), [2, 3], "")


@pytest.mark.parametrize("cell", ODD.split("|"))
def test_a_cell_that_is_neither_is_asked_about_and_the_status_never_picks_instead(tmp_path: Path, cell: str) -> None:
    found = sort_text(tmp_path, marked(cell))
    assert (found.sent, list(found.why)) == ((), [2, 3])
    assert found.question == (
        f'The yes/no column has cells that are neither yes nor no: D3 "{cell}". Make them yes or no, or say '
        "--column cancel= if that column is none"
    )


def test_a_column_of_another_name_is_a_yes_no_column_only_where_every_cell_says_so(tmp_path: Path) -> None:
    assert sort_text(tmp_path, marked("Print label", "Action")).sent == ("86210010601", "86210010602")
    assert sort_text(tmp_path, marked("Yes", "Action")).sent == ("86210010602",)


def test_two_filled_columns_that_say_cancel_are_asked_about(tmp_path: Path) -> None:
    text = "Order ID,AWB No,Cancel?,To Cancel\n1,86210010601,Yes,No\n2,86210010602,Yes,Yes\n"
    assert sort_text(tmp_path, text).question == (
        "2 columns say which rows to cancel: say --column 'cancel=Cancel?' or --column 'cancel=To Cancel'"
    )


# --- the examples of the documents ------------------------------------------------------------------------------------


def examples() -> list[str]:
    """Every profile that the pages show."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    blocks = [
        block for page in pages for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    ]
    return [block for block in blocks if {"columns", "status"} & set(tomllib.loads(block))]


def test_the_documents_show_a_profile() -> None:
    assert examples()


@pytest.mark.parametrize("text", examples())
def test_every_profile_of_the_documents_means_what_it_says_and_lets_no_late_word_go(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    profile, said = load_profile(str(path)), tomllib.loads(text)
    headers = {name: said["columns"][name][0] for name in ("awb_number", "order_ref", "order_status")}
    lists = said["status"]
    late = [
        "Delivered",
        "In Transit",
        "Out for delivery",
        "RTO",
        *(word.replace("*", " 7") for word in lists["too_late"]),
    ]
    wanted, free = lists["cancel"], [*lists["open"], *lists["not_too_late"]]
    rows = [f"R{n},862100106{n:02d},{word}" for n, word in enumerate([*wanted, *free, *late])]
    text = ",".join([headers["order_ref"], headers["awb_number"], headers["order_status"]]) + "\n" + "\n".join(rows)
    by_status = sort_text(tmp_path, text, profile=str(path))
    everything = sort_text(tmp_path, text, profile=str(path), everything=True)
    assert by_status.sent == tuple(f"862100106{n:02d}" for n in range(len(wanted)))
    assert everything.sent == tuple(f"862100106{n:02d}" for n in range(len(wanted) + len(free)))
    assert (by_status.question, everything.question) == ("", "")
    assert profile.words_in_force in everything.read.notes
