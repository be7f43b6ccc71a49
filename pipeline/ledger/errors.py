"""What the database and the system say when the ledger can't be used, in words that a person can act on."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from pipeline.errors import LedgerError
from pipeline.ledger.guards import PLAN_WORDS

ELSEWHERE = "BULK_CANCEL_LEDGER names another place for it."
LEFT_ALONE = "It was left as it is, and nothing was sent; restore it from a backup, or ask for help before going on."
RIGHTS = "Nothing was sent; give yourself the right to write it."

DAMAGED = "The ledger is damaged"
NO_LEDGER = "The ledger's file is no ledger, or it is damaged"
READ_ONLY = "The ledger can't be written (read-only file or folder)"
FULL = "The ledger can't be written: the disk is full"

UNREACHABLE = "The ledger's database can't be reached"

CAUSES = (
    (
        "authentication",
        "The ledger's database refuses the user or the password",
        "Nothing was sent; check the address.",
    ),
    ("resolve", UNREACHABLE, "Nothing was sent; is its host's name right?"),
    ("connection", UNREACHABLE, "Nothing was sent; is it running, and the address right?"),
    ("malformed", DAMAGED, LEFT_ALONE),
    ("not a database", NO_LEDGER, LEFT_ALONE),
    ("readonly", READ_ONLY, RIGHTS),
    ("read-only", READ_ONLY, RIGHTS),
    ("permission", "The ledger can't be opened: no permission", RIGHTS),
    ("not a directory", "The ledger can't be made: its folder's path leads through a file", "Nothing was sent."),
    ("file exists", "The ledger can't be made: its folder's path leads through a file", "Nothing was sent."),
    ("symbolic links", "The ledger can't be opened: links on its path lead in a circle", "Nothing was sent."),
    ("name too long", "The ledger can't be made: its path is too long", "Nothing was sent."),
    ("no such file", "The ledger can't be made: its folder is gone, or can't be made", "Nothing was sent."),
    ("unable to open", "The ledger can't be opened", "Nothing was sent; is its folder there, and yours to write?"),
    ("disk i/o", "The ledger can't be written: the disk reports an error", "Nothing was sent; check the disk."),
    ("file too large", FULL, "Nothing was sent; make room."),
    ("full", FULL, "Nothing was sent; make room."),
    ("no space", FULL, "Nothing was sent; make room."),
    ("quota", FULL, "Nothing was sent; make room."),
    ("locked", "The ledger is in use by another program", "Nothing was sent; wait until it is done."),
)
"""What PostgreSQL, SQLite and the system say, and what a person should know of it; the first that fits counts, and a
server that can't be reached says why in the system's words."""


def shown(location: str) -> str:
    """The location as it may be shown: without a password."""
    if "://" not in location:
        return location
    try:
        return make_url(location).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "BULK_CANCEL_LEDGER"


def as_trouble(location: str, error: Exception) -> LedgerError:
    """The trouble as a person should hear it; the database's own words only decide which it is: they may hold keys."""
    words = str(getattr(error, "orig", None) or error).lower()
    for sign, problem, step in CAUSES:
        if sign in words:
            return LedgerError(problem, f"{step} {ELSEWHERE}", where=shown(location))
    return LedgerError("The ledger can't be used", f"Nothing was sent. {ELSEWHERE}", where=shown(location))


def contradiction(location: str, error: Exception) -> LedgerError:
    """What a constraint of the database forbade: nothing of it was written, and nothing may be sent on its ground."""
    said = str(getattr(error, "orig", None) or error)
    of_plan = next((words for words in PLAN_WORDS if words in said), None)
    if of_plan is not None:
        step = "Nothing of it was sent. `bulk-cancel plans` shows how each plan stands."
        return LedgerError(of_plan[:1].upper() + of_plan[1:], step, where=shown(location))
    return LedgerError(
        "This can't be written down: an AWB of it is under way or cancelled already, by another run",
        "Nothing of it was sent. Run the same command again: it looks at what the ledger says now.",
        where=shown(location),
    )
