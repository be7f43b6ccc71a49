"""Steps 1 to 3: bring the sheet, say what is meant, make the plan."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pipeline.model.options import SelectionOptions
from pipeline.web import choices
from pipeline.web.forms import checked_form
from pipeline.web.plain_words import in_page_words
from pipeline.web.texts import shown
from pipeline.web.uploads import Upload

FIELDS = 3000
"""Fields of a form at most: a sheet has some columns and up to 50 status words."""


async def bring_page(request: Request) -> Response:
    """Step 1."""
    page = request.app.state.page
    recent = [one for one in page.uploads.all() if page.uploads.sheet(one)][:8]
    return shown(request, "bring.html", step=1, largest=page.largest, keep_days=page.keep_days, recent=recent)


async def bring(request: Request) -> Response:
    """Takes the sheet."""
    page = request.app.state.page
    form = await checked_form(request, files=1)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return shown(request, "trouble.html", 400, words="Choose a file first.", back="/")
    try:
        upload = await asyncio.to_thread(page.uploads.bring, file.filename, file.file, page.who)
    except OSError as error:
        words = f"The sheet could not be kept ({error.strerror or error}). Make room on the disk and bring it again."
        return shown(request, "trouble.html", 507, words=words, back="/")
    return RedirectResponse(f"/sheets/{upload.name}", 303)


def _upload(request: Request) -> Upload | None:
    found: Upload | None = request.app.state.page.uploads.find(request.path_params["name"])
    return found


def _options(upload: Upload) -> SelectionOptions:
    said = SelectionOptions.from_json(upload.options) if upload.options else choices.first_options()
    return choices.with_today(said)


async def _asked(request: Request, upload: Upload, ask: str, options: SelectionOptions) -> dict[str, Any]:
    page = request.app.state.page
    path = page.uploads.sheet(upload)
    if path is None:
        return {"trouble": f"{upload.file} was deleted after {page.keep_days} days: bring it again."}
    rows = str(page.uploads.rows(upload))
    asked = {"ask": ask, "options": options.as_json(), "rows": rows}
    found: dict[str, Any] = await page.readings.ask(upload.name, path, asked)
    return found


async def sheet_page(request: Request) -> Response:
    """Step 2."""
    upload = _upload(request)
    if upload is None:
        return shown(request, "trouble.html", 404, words="There is no such sheet.", back="/")
    if upload.plan:
        return RedirectResponse(f"/plans/{upload.plan}", 303)
    options = _options(upload)
    found = await _asked(request, upload, "look", options)
    if "trouble" in found:
        words = _words(found["trouble"], upload)
        return shown(request, "trouble.html", 422, words=words, back="/", file=upload.file)
    return shown(request, "sheet.html", step=2, upload=upload, **_shown(found, options, upload))


async def change(request: Request) -> Response:
    """Takes the choices: for the script, what they come to; for everybody else the same screen again."""
    upload = _upload(request)
    if upload is None:
        return shown(request, "trouble.html", 404, words="There is no such sheet.", back="/")
    form = await checked_form(request, fields=FIELDS)
    try:
        options = choices.options_of(form, choices.first_options().today)
    except ValueError:
        return shown(request, "trouble.html", 400, words="A number is needed there.", back=f"/sheets/{upload.name}")
    request.app.state.page.uploads.keep(replace(upload, options=options.as_json()))
    if form.get("make") == "plan":
        return await _planned(request, upload, options)
    if request.headers.get("x-part") != "picked":
        return RedirectResponse(f"/sheets/{upload.name}", 303)
    found = await _asked(request, upload, "count", options)
    if "trouble" in found:
        return PlainTextResponse(_words(found["trouble"], upload), 422)
    picked = _picked(found["picked"], upload)
    return shown(request, "picked.html", picked=picked, upload=upload, fates=_fates(options))


async def _planned(request: Request, upload: Upload, options: SelectionOptions) -> Response:
    found = await _asked(request, upload, "plan", options)
    if "plan" not in found:
        words = _words(found.get("trouble") or found.get("why_not", ""), upload)
        back = f"/sheets/{upload.name}"
        return shown(request, "trouble.html", 422, words=words, back=back, file=upload.file)
    page = request.app.state.page
    about = page.uploads.rows(upload).with_name("plan.json")
    about.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    page.uploads.keep(replace(upload, options=options.as_json(), plan=found["plan"]))
    return RedirectResponse(f"/plans/{found['plan']}", 303)


def _shown(found: dict[str, Any], options: SelectionOptions, upload: Upload) -> dict[str, Any]:
    sheet = found["sheet"]
    sheet["trouble"] = _words(sheet["trouble"], upload)
    taken = {column["said"]: column["taken_for"] for column in sheet["columns"]}
    return {
        "sheet": sheet,
        "picked": _picked(found["picked"], upload),
        "options": options,
        "way": choices.picked_by(options, taken),
        "has_marks": "cancel" in taken.values(),
        "columns_said": choices.chosen_columns(options),
        "conditions": choices.conditions(options),
        "comparisons": choices.COMPARISONS,
        "taken_for": choices.TAKEN_FOR,
        "usual": [one["word"] for one in sheet["words"] if one["meaning"] == "cancel"],
        "fates": _fates(options),
    }


def _picked(picked: dict[str, Any], upload: Upload) -> dict[str, Any]:
    said = {name: _words(picked[name], upload) for name in ("question", "trouble", "nothing", "picked_by")}
    left_out = [(_words(words, upload), count) for words, count in picked["left_out"]]
    notes = [_words(note, upload) for note in picked["notes"]]
    return {**picked, **said, "left_out": left_out, "notes": notes}


def _fates(options: SelectionOptions) -> dict[str, str]:
    late = dict.fromkeys(options.too_late, choices.STAYS)
    return late | dict.fromkeys(options.allow_late, choices.GOES)


def _words(text: str, upload: Upload) -> str:
    return in_page_words(text, upload.file)


async def forget_sheet(request: Request) -> Response:
    """A person takes a sheet away that no plan was made of."""
    upload = _upload(request)
    await checked_form(request)
    if upload is not None and not upload.plan:
        request.app.state.page.uploads.remove(upload)
    return RedirectResponse("/", 303)
