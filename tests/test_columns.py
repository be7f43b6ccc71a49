"""Every spelling of docs/order-exports.md is known for what it is, and a profile that is wrong says where and how."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import (
    CANONICAL,
    Meaning,
    ProfileError,
    default_profile,
    fold,
    load_profile,
    near,
    profiles,
)

# The table of docs/order-exports.md, a line a system: the profile that reads it, then canonical name -> headers as
# they were seen.
SEEN = [
    (
        "ithink",
        {
            "awb_number": ["AWB", "awb_no", "waybill", "airway_bill_no"],
            "order_ref": ["order", "order_no", "sub_order", "refnum"],
            "order_date": ["order_date"],
            "courier": ["logistic", "logistic_name"],
            "amount": ["total_amount"],
            "payment": ["payment_mode"],
            "cod_amount": ["cod_amount"],
        },
    ),
    (
        "shiprocket",
        {
            "awb_number": ["AWB Code"],
            "order_ref": ["Order ID"],
            "order_status": ["Status"],
            "order_date": ["Shiprocket Created At", "Channel Created At"],
            "courier": ["Courier Company"],
            "amount": ["Order Total"],
            "payment": ["Payment Method"],
        },
    ),
    (
        "shiprocket_freight",
        {
            "awb_number": ["AWB Code"],
            "order_ref": ["Order ID"],
            "order_status": ["Awb Status"],
            "order_date": ["Awb Assigned Date"],
            "courier": ["Courier"],
            "amount": ["Order Value"],
        },
    ),
    (
        "unicommerce",
        {
            "awb_number": ["AWB num"],
            "order_ref": ["Sale Order Number"],
            "order_status": ["Entity"],
            "order_date": ["Date"],
            "courier": ["Shipping Provider"],
            "amount": ["Total"],
        },
    ),
    (
        "snapdeal",
        {
            "awb_number": ["AWBNO"],
            "order_ref": ["SUBORDERCODE", "REFERENCECODE"],
            "order_status": ["STATUS"],
            "order_date": ["CREATED"],
            "courier": ["SHIPPINGPROVIDER"],
            "amount": ["MRP"],
        },
    ),
    (
        "flipkart",
        {
            "awb_number": ["Tracking ID"],
            "order_ref": ["Order Id", "ORDER ITEM ID"],
            "order_status": ["Order State"],
            "order_date": ["Ordered On"],
            "amount": ["Invoice Amount"],
        },
    ),
    (
        "default",
        {  # Meesho: "Packet Id" is no AWB, see below
            "order_ref": ["Sub Order No"],
            "order_status": ["Reason for Credit Entry", "Live Order Status"],
            "order_date": ["Order Date"],
        },
    ),
    (
        "delhivery",
        {
            "awb_number": ["consignment_id", "Waybill"],
            "order_ref": ["order_id"],
            "order_status": ["status"],
            "order_date": ["date"],
            "courier": ["courier_partner"],
            "amount": ["product_price"],
        },
    ),
    (
        "ecom_express",
        {
            "awb_number": ["AWB_NUMBER"],
            "order_ref": ["ORDER_NUMBER"],
            "order_date": ["INVOICE_DATE"],
            "amount": ["DECLARED_VALUE"],
            "payment": ["PRODUCT"],
            "cod_amount": ["COLLECTABLE_VALUE"],
        },
    ),
    (
        "default",
        {  # a courier's daily report
            "awb_number": ["AWBNO.", "AWB NO."],
            "order_ref": ["Reference"],
            "order_status": ["STATUS"],
            "order_date": ["Date", "Booking Date"],
            "courier": ["Service"],
            "amount": ["Amount"],
            "payment": ["PaymentMode"],
        },
    ),
    (
        "shipstation",
        {
            "awb_number": ["Tracking Number"],
            "order_ref": ["Order Number"],
            "order_status": ["Fulfillment Status"],
            "order_date": ["Order Date"],
            "courier": ["Carrier"],
            "amount": ["Order Total"],
            "payment": ["Payment Method"],
        },
    ),
    (
        "tiktok_shop",
        {
            "awb_number": ["Tracking ID"],
            "order_ref": ["Order ID"],
            "order_status": ["Order Status"],
            "order_date": ["Created Time"],
            "courier": ["Shipping Provider Name"],
            "amount": ["Order Amount"],
            "payment": ["Payment Method"],
        },
    ),
    (
        "default",
        {  # Shopee, SHEIN, Mercado Livre
            "awb_number": ["Número de rastreamento", "Código de rastreio"],
            "order_ref": ["ID do pedido", "Número do pedido", "N.º de venda"],
            "order_status": ["Status do pedido", "Estado"],
            "order_date": ["Data da venda"],
            "courier": ["Opção de envio"],
            "amount": ["Valor Total"],
        },
    ),
    (
        "tiendanube",
        {
            "awb_number": ["Código de tracking del envío"],
            "order_ref": ["Número de orden"],
            "order_status": ["Estado del envío"],
            "order_date": ["Fecha"],
            "courier": ["Medio de envío"],
            "amount": ["Total"],
            "payment": ["Medio de pago"],
        },
    ),
    (
        "shopify",
        {
            "order_ref": ["Name"],
            "order_status": ["Fulfillment Status", "Financial Status"],
            "order_date": ["Created at"],
            "amount": ["Total"],
        },
    ),
    (
        "default",
        {  # WooCommerce, Amazon, DHL, FedEx, JNE, Tally, SAP
            "awb_number": ["AWB Number", "Tracking Number", "AWB NUMBER", "airwayBillNumber"],
            "order_ref": [
                "order_number", "Order ID", "Shipper Reference", "Ref 1", "GDN REF", "Voucher No.", "Sales Doc."
            ],
            "order_status": ["status", "Order Status", "Courier Status"],
            "order_date": ["order_date", "Shipment Date", "Ship Date", "DATE"],
            "courier": ["SERVICE"],
            "amount": ["order_total", "Total Owed", "Nett Charge", "Net Chrg", "Total Amount"],
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "headers"), SEEN)
def test_every_header_of_the_exports_is_known_to_its_profile(profile: str, headers: dict[str, list[str]]) -> None:
    known = load_profile(profile).columns
    unknown = {
        (name, header)
        for name, spellings in headers.items()
        for header in spellings
        if fold(header) not in {fold(alias) for alias in known[name]}
    }
    assert unknown == set()


@pytest.mark.parametrize("profile", profiles(), ids=lambda profile: profile.name)
def test_no_header_means_two_things(profile: object) -> None:
    own = [fold(header) for name in CANONICAL for header in profile.preferred.get(name, ())]  # type: ignore[attr-defined]
    inherited = [fold(header) for name in CANONICAL for header in default_profile().columns[name]]
    assert len(own) == len(set(own))
    assert len(inherited) == len(set(inherited))


def test_no_profile_takes_a_packet_or_our_own_columns_for_an_awb_or_a_customer_for_an_order() -> None:
    awbs = {fold(header) for profile in profiles() for header in profile.columns["awb_number"]}
    refs = {fold(header) for header in default_profile().columns["order_ref"]}
    assert awbs & {fold("Packet Id"), fold("refnum"), fold("status"), fold("remark"), fold("RTO WayBill")} == set()
    assert "name" not in refs


def test_the_ten_systems_have_a_profile_each_and_are_told_apart() -> None:
    names = {profile.name for profile in profiles()}
    assert names == {
        "default", "delhivery", "ecom_express", "flipkart", "ithink", "shiprocket", "shiprocket_freight",
        "shipstation", "shopify", "snapdeal", "tiendanube", "tiktok_shop", "unicommerce",
    }  # fmt: skip
    for profile in profiles():
        told = [other.name for other in profiles() if other.matches(profile.signature)]
        assert told == ([] if profile.name == "default" else [profile.name])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AWBNO.", "awb_no"),
        ("Awb No", "awb-no"),
        ("AWB\nNo ", "AWBNO"),
        ("*Order ID:", "order id"),
        ("Número", "NÚMERO"),
        ("Nu\u0301mero", "Número"),
        ("AWB\u00a0No\u200b", "awb no"),
    ],
)
def test_headers_are_compared_folded(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_accents_and_letters_are_kept() -> None:
    assert fold("Numero") != fold("Número")
    assert fold("AWB 1") != fold("AWB 2")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


# Status words as docs/order-exports.md lists them, with the spellings of one workbook.
WORDS = [
    (Meaning.CANCEL, "CANCELLATION REQUESTED|Cancel Requested|To Cancel|CANCELED|CANCELLED|cancelled  "),
    (
        Meaning.OPEN,
        "NEW ORDER|READY TO SHIP|READY_TO_SHIP|Ready to dispatch|Ready To Dispatch|MANIFESTED|Manifest|PICKUP SCHEDULED"
        "|PICKUP QUEUED|PICKUP GENERATED|PICKUP ERROR|PICKUP EXCEPTION|AWB ASSIGNED|Not Picked",
    ),
    (
        Meaning.TOO_LATE,
        "PICKED UP|SHIPPED|IN TRANSIT|IN TRANSIT-EN-ROUTE|REACHED DESTINATION HUB|OUT FOR DELIVERY|DELIVERED|DELIVERD|"
        "deivered|DL|Delivered |UNDELIVERED|UNDELIVERED-1ST ATTEMPT|RTO INITIATED|RTO Delivered|RTO"
        "|RETURNED|LOST|DELAYED",
    ),
    (Meaning.UNKNOWN, "|INVOICE|On hold|Cancellation rejected|not cancelled|Pending|Delivery pending|1|…"),
]  # fmt: skip


@pytest.mark.parametrize(("meaning", "words"), WORDS)
def test_status_words_mean_what_the_exports_say(meaning: Meaning, words: str) -> None:
    said = words.split("|")
    assert default_profile().meanings(said) == dict.fromkeys(said, meaning)


def test_a_profile_of_ones_own_says_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "Our shop"\ndate_order = "mdy"\n'
        '[columns]\nawb_number = ["Sendung"]\norder_status = []\n'
        '[status]\ncancel = ["Storno*", "DELAYED*"]\n',
        encoding="utf-8",
    )
    mine = load_profile(str(path))
    assert (mine.name, mine.title, mine.date_order, mine.signature) == ("mine", "Our shop", "mdy", ())
    assert mine.columns["awb_number"][:2] == ("Sendung", "AWB")
    assert mine.preferred == {"awb_number": ("Sendung",)}
    assert mine.columns["order_status"] == ()
    assert mine.columns["amount"] == default_profile().columns["amount"]
    assert mine.meanings(["storno 3", "Cancelled", "delayed by rain", "Delivered"]) == {
        "storno 3": Meaning.CANCEL,
        "Cancelled": Meaning.UNKNOWN,
        "delayed by rain": Meaning.CANCEL,
        "Delivered": Meaning.TOO_LATE,
    }


def test_a_word_spelt_out_wins_over_a_prefix_and_a_longer_prefix_over_a_shorter_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[status]\ncancel = ["RTO asked"]\nopen = ["RTO a*"]\n', encoding="utf-8")
    assert load_profile(str(path)).meanings(["RTO ASKED", "rto again", "RTO"]) == {
        "RTO ASKED": Meaning.CANCEL,
        "rto again": Meaning.OPEN,
        "RTO": Meaning.TOO_LATE,
    }


BAD_PROFILES = [
    ("title = 'x'\ntitle = 'y'\n", "is not valid TOML: Cannot overwrite a value"),
    ("title = 'x'\ncolumns = [", "is not valid TOML: Invalid value (at end of document)"),
    ("title = 'x'\n[columns", "is not valid TOML: Expected ']' at the end of a table declaration (at end of document)"),
    ("colums = 1", "'colums' is no key. Did you mean columns?"),
    ("[columns]\nawb = ['A']", "'awb' is no canonical column, in [columns]. Possible: awb_number, order_ref,"),
    ("[columns]\norder_rev = ['A']", "Did you mean order_ref?"),
    (
        "[columns]\nawb_number = 'AWB'",
        'columns.awb_number must be a list of texts, like awb_number = ["AWB No", "Waybill"]',
    ),
    ("[columns]\nawb_number = [1]", "columns.awb_number must be a list of texts"),
    ("[columns]\nawb_number = [' ']", "columns.awb_number must be a list of texts"),
    ("columns = 3", "columns must be a table, written [columns]"),
    ("[status]\ntoo-late = ['x']", "'too-late' is no list, in [status]. Did you mean too_late?"),
    ("date_order = 'dym'", "date_order must be one of dmy, mdy, ymd, not 'dym'"),
    ("date_order = 1", 'date_order must be a text, like date_order = "dmy"'),
    ("signature = 'AWB'", "signature must be a list of texts"),
]


@pytest.mark.parametrize(("text", "words"), BAD_PROFILES)
def test_a_wrong_profile_says_what_is_wrong_and_where(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(str(path))
    assert words in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_profile_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'title = "caf\xe9"')
    with pytest.raises(ProfileError, match=r"latin\.toml can't be read"):
        load_profile(str(tmp_path / "latin.toml"))
    with pytest.raises(ProfileError, match=r"There is no profile file .*missing\.toml"):
        load_profile(str(tmp_path / "missing.toml"))


@pytest.mark.parametrize("name", ["shiprocket", "Shiprocket", "tiktok-shop", "TikTok Shop"])
def test_a_built_in_profile_goes_by_its_name_in_any_spelling(name: str) -> None:
    assert load_profile(name).name == name.lower().replace("-", "_").replace(" ", "_")


def test_an_unknown_profile_names_the_near_ones() -> None:
    with pytest.raises(ProfileError, match="Did you mean shiprocket") as caught:
        load_profile("shiproket")
    assert "delhivery" in str(caught.value)
    with pytest.raises(ProfileError, match=r"A file of your own is named with its \.toml"):
        load_profile("zzz")


def test_near_names_are_compared_folded() -> None:
    assert near("awbcod", ["AWB Code", "Order ID"]) == ["AWB Code"]
    assert near("xyz", ["AWB Code", "Order ID"]) == []
