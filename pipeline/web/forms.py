"""Reads a form, and refuses one that did not come from a screen of this page."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

LONGEST_FIELD = 4_000_000
"""Bytes of a field: a list of AWBs that somebody pasted."""


async def checked_form(request: Request, *, files: int = 0, fields: int = 50) -> FormData:
    """The form of a request.

    Args:
        request: a POST.
        files: how many files it may bring.
        fields: how many fields.
    Raises:
        HTTPException: 403: it has not the token of its path; 400: it is none, or has too much.
    """
    form = await request.form(max_files=files, max_fields=fields, max_part_size=LONGEST_FIELD)
    if not request.app.state.page.access.fits(request.url.path, form.get("form")):
        raise HTTPException(403, "This form is from another start of the page: go back, load the screen again.")
    return form
