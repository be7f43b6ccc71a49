"""A made-up sample of each system's export, with the header names of docs/order-exports.md and the state words it
uses."""

from __future__ import annotations

from collections.abc import Sequence

from tests.exports.workbooks import simple


def text(*rows: Sequence[str], delimiter: str = ",") -> bytes:
    """Rows as delimited text."""
    return "".join(delimiter.join(row) + "\r\n" for row in rows).encode()


def systems() -> dict[str, bytes]:
    """File name -> content; the name is the profile's."""
    return {
        "ithink.csv": text(
            ("order_no", "awb_no", "logistic_name", "order_date", "payment_mode", "total_amount", "cod_amount",
             "cancel"),
            ("SO-1", "86210010463", "Alpha", "31-01-2026", "COD", "349.00", "349.00", "yes"),
            ("SO-2", "86210010464", "Beta", "01-02-2026", "Prepaid", "99.50", "0.00", "no"),
        ),
        "shiprocket.csv": text(
            ("Order ID", "Shiprocket Created At", "Channel Created At", "Status", "AWB Code", "Courier Company",
             "Order Total", "Payment Method", "RTO WayBill"),
            ("1001", "2026-01-31 10:00:00", "2026-01-30 09:00:00", "CANCELLATION REQUESTED", "1319480000001", "Alpha",
             "349.00", "cod", ""),
            ("1002", "2026-02-01 10:00:00", "2026-02-01 09:00:00", "DELIVERED", "1319480000002", "Alpha", "99.50",
             "prepaid", "1319480000999"),
        ),
        "shiprocket_freight.xlsx": simple(
            ("Order ID", "AWB Code", "Awb Assigned Date", "Awb Status", "Courier", "Order Value", "COD Charges"),
            ("1001", "1319480000001", "2026-01-31", "CANCELED", "Alpha", 349, 35.4),
            ("1002", "1319480000002", "2026-02-01", "RTO DELIVERED", "Alpha", 99.5, 0),
        ),
        "unicommerce.csv": text(
            ("Date", "Sale Order Number", "Entity", "Shipping Provider", "AWB num", "Total", "Cancel"),
            ("31/01/2026", "SO-1", "INVOICE", "Alpha", "86210010463", "349.00", "y"),
            ("01/02/2026", "SO-2", "INVOICE", "Alpha", "86210010464", "99.50", "n"),
        ),
        "snapdeal.csv": text(
            ("REFERENCECODE", "SUBORDERCODE", "AWBNO", "STATUS", "CREATED", "SHIPPINGPROVIDER", "MRP"),
            ("SLP1", "100200300", "86210010463", "CANCELLED", "31-01-2026", "Alpha", "349"),
            ("SLP2", "100200301", "86210010464", "SHIPPED", "01-02-2026", "Alpha", "99"),
        ),
        "flipkart.xlsx": simple(
            ("Ordered On", "ORDER ITEM ID", "Order Id", "Order State", "Tracking ID", "Invoice Amount"),
            ("Jan 31, 2026", "123456789012", "OD100", "CANCELLED", "FMPP0123456789", 349),
            ("Feb 01, 2026", "123456789013", "OD101", "Ready to dispatch", "FMPP0123456790", 99),
        ),
        "ecom_express.csv": text(
            ("AWB_NUMBER", "ORDER_NUMBER", "PRODUCT", "INVOICE_DATE", "COLLECTABLE_VALUE", "DECLARED_VALUE", "CANCEL"),
            ("862100104", "SO-1", "COD", "31-01-2026", "349", "349", "X"),
            ("862100105", "SO-2", "PPD", "01-02-2026", "0", "99", ""),
        ),
        "delhivery.csv": text(
            ("order_id", "Waybill", "consignment_id", "status", "date", "courier_partner", "product_price"),
            ("SO-1", "1319480000001", "C-77", "Cancel Requested", "2026-01-31", "Alpha", "349"),
            ("SO-2", "1319480000002", "C-78", "In Transit", "2026-02-01", "Alpha", "99"),
        ),
        "shipstation.csv": text(
            ("Order Number", "Order Date", "Order Total", "Payment Method", "Fulfillment Status", "Carrier",
             "Tracking Number"),
            ("1001", "1/31/2026", "34.90", "card", "Cancelled", "Alpha", "9400100000000000000001"),
            ("1002", "2/1/2026", "9.95", "card", "Shipped", "Alpha", "9400100000000000000002"),
        ),
        "tiktok_shop.xlsx": simple(
            ("Order ID", "Order Status", "Order Amount", "Created Time", "Tracking ID", "Shipping Provider Name",
             "Payment Method"),
            ("Platform unique order ID.", "Current status.", "What the buyer pays.", "When it was made.",
             "Package tracking number.", "Who carries it.", "How it is paid."),
            ("576543210987654321", "Canceled", "BRL 99,99", "31/01/2026 10:00:00", "BR862100104AB", "Alpha", "Pix"),
            ("576543210987654322", "Shipped", "BRL 10,00", "01/02/2026 10:00:00", "BR862100105AB", "Alpha", "Pix"),
        ),
        "tiendanube.csv": text(
            ("Número de orden", "Fecha", "Estado del envío", "Código de tracking del envío", "Medio de envío", "Total",
             "Medio de pago", "Estado del pago"),
            ("1001", "31/01/2026", "Cancelada", "AR862100104", "Alfa", "349.00", "Tarjeta", "Reintegrado"),
            ("1002", "01/02/2026", "Enviado", "AR862100105", "Alfa", "99.50", "Tarjeta", "Recibido"),
            delimiter=";",
        ),
        "shopify.csv": text(
            ("Name", "Email", "Financial Status", "Fulfillment Status", "Total", "Created at"),
            ("#1001", "a@shop.example", "refunded", "unfulfilled", "349.00", "2026-01-31 10:00:00 +0530"),
        ),
        "default.csv": text(
            ("AWBNO.", "Reference", "STATUS", "Booking Date", "Service", "Amount", "PaymentMode"),
            ("86210010463", "SO-1", "To Cancel", "31-01-2026", "Surface", "349", "COD"),
            ("86210010464", "SO-2", "deivered", "01-02-2026", "Surface", "99", "COD"),
        ),
    }  # fmt: skip
