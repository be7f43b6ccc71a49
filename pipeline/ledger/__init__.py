"""The journal of what was sent and what came back; the only room that speaks SQL."""

from pipeline.ledger.journal import Ledger
from pipeline.ledger.writing import RunStart

__all__ = ["Ledger", "RunStart"]
