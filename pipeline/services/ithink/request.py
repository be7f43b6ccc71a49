"""Makes the bodies of iThink's calls (docs/contract-ithink.md). Pure: values in, bytes out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pipeline.model.calls import Batch
from pipeline.services.ithink.settings import LIMITS, Credentials


def cancel_body(batch: Batch, credentials: Credentials) -> bytes:
    """The body of a cancel call: the AWBs are ONE comma-separated text, not a list.

    Raises:
        ValueError: the batch is empty or too large, or an AWB holds a comma, which would make it two.
    """
    return _body("awb_numbers", batch.awbs, LIMITS.cancel, credentials)


def track_body(awbs: Sequence[str], credentials: Credentials) -> bytes:
    """The body of a track call, for at most ``LIMITS.track`` AWBs.

    Raises:
        ValueError: as for ``cancel_body``.
    """
    return _body("awb_number_list", awbs, LIMITS.track, credentials)


def _body(field: str, awbs: Sequence[str], limit: int, credentials: Credentials) -> bytes:
    if not 1 <= len(awbs) <= limit:
        raise ValueError(f"{len(awbs)} AWBs in one call; 1 to {limit} are possible")
    if any("," in awb or not awb.strip() for awb in awbs):
        raise ValueError("an AWB that is blank or holds a comma must not get this far")
    data = {"access_token": credentials.access_token, "secret_key": credentials.secret_key, field: ",".join(awbs)}
    return json.dumps({"data": data}).encode()
