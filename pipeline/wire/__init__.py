"""The service's contract in code: what a call says, and what its reply means. Pure; the contract itself is
docs/contract-ithink.md.

Nothing here reaches the network, the disk or a clock: bytes in, values out. The service's words and field names stay as
it spells them, and don't leave this folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pipeline.model.calls import Batch
from pipeline.model.sheet import Credentials
from pipeline.wire.reply import Reply, read_cancel
from pipeline.wire.tracking import TRACK_LIMIT, read_track, untracked
from pipeline.wire.words import NEXT_STEP, says_cancelled, scrub

__all__ = [
    "CANCEL_LIMIT",
    "HEADERS",
    "NEXT_STEP",
    "TRACK_LIMIT",
    "Reply",
    "cancel_body",
    "read_cancel",
    "read_track",
    "says_cancelled",
    "scrub",
    "track_body",
    "untracked",
]

HEADERS = {"content-type": "application/json", "cache-control": "no-cache"}
"""The headers of every call, as documented (docs/contract-ithink.md, section 1)."""

CANCEL_LIMIT = 100
"""AWBs in one cancel call, at most (documented)."""


def cancel_body(batch: Batch, credentials: Credentials) -> bytes:
    """The body of a cancel call: the AWBs are ONE comma-separated text, not a list.

    Raises:
        ValueError: the batch is empty or too large, or an AWB holds a comma, which would make it two.
    """
    return _body("awb_numbers", batch.awbs, CANCEL_LIMIT, credentials)


def track_body(awbs: Sequence[str], credentials: Credentials) -> bytes:
    """The body of a track call, for at most ``TRACK_LIMIT`` AWBs.

    Raises:
        ValueError: as for ``cancel_body``.
    """
    return _body("awb_number_list", awbs, TRACK_LIMIT, credentials)


def _body(field: str, awbs: Sequence[str], limit: int, credentials: Credentials) -> bytes:
    if not 1 <= len(awbs) <= limit:
        raise ValueError(f"{len(awbs)} AWBs in one call; 1 to {limit} are possible")
    if any("," in awb or not awb.strip() for awb in awbs):
        raise ValueError("an AWB that is blank or holds a comma must not get this far")
    data = {"access_token": credentials.access_token, "secret_key": credentials.secret_key, field: ",".join(awbs)}
    return json.dumps({"data": data}).encode()
