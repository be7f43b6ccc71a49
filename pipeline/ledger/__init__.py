"""The ledger of what was sent and what came back; the only package that speaks SQL."""

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.plans import ApprovalRule
from pipeline.ledger.writes import RunStart

__all__ = ["ApprovalRule", "Ledger", "RunStart"]
