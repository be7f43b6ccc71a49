"""The page's words in the reader's language, and the templates that show them."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.templating import Jinja2Templates

HERE = Path(__file__).parent
LANGUAGES = {"en": "English"}
"""The languages of the page; a further one is a line here and a catalogue in ``translations``."""

LANGUAGE_COOKIE = "bulk-cancel-language"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The texts of a language; those of the templates themselves where it has none."""
    return gettext.translation("page", HERE / "translations", [language], fallback=True)


@cache
def templates(language: str) -> Jinja2Templates:
    """The templates with the texts of a language; everything that is put in is escaped."""
    made = Jinja2Templates(HERE / "templates")
    made.env.add_extension("jinja2.ext.i18n")
    made.env.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.env.filters |= {"grouped": grouped, "when": when, "size": size, "tone": tone}
    made.env.trim_blocks = made.env.lstrip_blocks = True
    return made


def language_of(request: Request) -> str:
    """What the reader chose, or what the browser asks for first."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    asked = (
        part.partition(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    )
    return next((one for one in asked if one in LANGUAGES), "en")


def shown(request: Request, template: str, status: int = 200, /, **said: Any) -> HTMLResponse:
    """A page in the reader's language."""
    language = language_of(request)
    page = request.app.state.page
    context: Mapping[str, Any] = {
        "language": language,
        "languages": LANGUAGES,
        "environment": page.settings.environment,
        "account": page.settings.account,
        "who": page.who,
        "token": page.access.form_token,
        **said,
    }
    return templates(language).TemplateResponse(request, template, dict(context), status_code=status)


def grouped(number: object) -> str:
    """``12,345``."""
    return f"{number:,}" if isinstance(number, int) else str(number)


def when(moment: object) -> str:
    """A time as the reader's clock shows it: ``2026-11-27 15:04``."""
    said = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if not isinstance(said, datetime):
        return ""
    aware = said if said.tzinfo else said.replace(tzinfo=UTC)
    return f"{aware.astimezone():%Y-%m-%d %H:%M}"


def size(count: int) -> str:
    """``3.2 MB``."""
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def tone(word: str) -> str:
    """The class of a status."""
    return word.lower().replace(" ", "-").replace("_", "-")
