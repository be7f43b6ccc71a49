"""bulk-cancel: cancels the shipments of an order export at iThink Logistics and gives the same sheet back."""

__version__ = "1.0.0"
