"""The built-in service: keeps the contract of the real one on this machine, so that nothing real is ever cancelled.

Real HTTP on 127.0.0.1 only, both calls of docs/contract-ithink.md. What becomes of an AWB is told by its last two
characters (``ENDINGS``), so that a sample shows every outcome. It is written from docs/contract-ithink.md alone and
shares no code with ``services/ithink``: a mistake in one would hide a mistake in the other. It forgets everything when
it stops.
"""

from pipeline.services.sandbox.behaviour import DEMO_SECRET, DEMO_TOKEN, HandledCall
from pipeline.services.sandbox.fates import ENDINGS, Fate
from pipeline.services.sandbox.server import Sandbox

__all__ = ["DEMO_SECRET", "DEMO_TOKEN", "ENDINGS", "Fate", "HandledCall", "Sandbox"]
