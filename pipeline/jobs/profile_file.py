"""Writes a profile from what was understood of a file, and finds the profiles that lie in a user's own folder."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from pipeline.config import user_folder
from pipeline.errors import OutputError, UsageError
from pipeline.jobs.inspection import Inspection
from schemas.columns import Meaning, default_profile, profiles

NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


def profile_folder() -> Path:
    """Where a user's own profiles lie, each to be named without its ending."""
    return user_folder() / "profiles"


def own_profiles() -> list[str]:
    """The names of the user's own profiles."""
    return sorted(path.stem for path in profile_folder().glob("*.toml"))


def save_profile(found: Inspection, name: str) -> Path:
    """Writes the columns and state words of an inspection as a profile, and returns its place.

    Args:
        found: what was understood of a file, with what a person said of it.
        name: a file that ends in .toml, or a name: then it lies in the user's own folder.
    Raises:
        UsageError: the name can't be one, or there is nothing to save.
        OutputError: there is such a file already, or it can't be written.
    """
    path = _place(name)
    text = _written(found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise OutputError(
            "There is such a profile already", "Say another name, or remove it.", where=str(path)
        ) from error
    except OSError as error:
        problem = f"The profile can't be written ({error.strerror or error})"
        raise OutputError(problem, "Say another place.", where=str(path)) from error
    return path


def _place(name: str) -> Path:
    path = Path(name)
    if path.suffix.lower() == ".toml" or len(path.parts) > 1:
        return path if path.suffix.lower() == ".toml" else path.with_name(f"{path.name}.toml")
    if not NAME.fullmatch(name) or name in [one.name for one in profiles()]:
        built_in = "is the name of a built-in one" if NAME.fullmatch(name) else "is no name for a profile"
        raise UsageError(f"{name!r} {built_in}", "Use small letters, digits and _; or a file that ends in .toml.")
    return profile_folder() / f"{name}.toml"


def _written(found: Inspection) -> str:
    times = Counter(column.header for column in found.columns)
    named = {
        column.canonical: column.header
        for column in found.columns
        if column.canonical and column.header and times[column.header] == 1
    }
    if not named:
        raise UsageError(
            "No column of this file could be told, so there is nothing to save", "Name them with --column."
        )
    lines = [f"# Written from {json.dumps(found.file, ensure_ascii=False)} by `bulk-cancel inspect --save`."]
    lines += [f"title = {_text(f'As in {found.file}')}", "", "[columns]"]
    lines += [f"{canonical} = [{_text(header)}]" for canonical, header in named.items()]
    words = _own_words(found)
    if words:
        lines += ["", "[status]"]
        lines += [f"{meaning} = [{', '.join(map(_text, listed))}]" for meaning, listed in words.items()]
    unknown = [one.word for one in found.statuses if not one.meaning and one.word != OTHERS]
    if unknown:
        lines += ["", "# Not known; put each into one of the lists cancel, open and too_late of [status]:"]
        lines += [f"# {_text(word)}" for word in unknown]
    return "\n".join(lines) + "\n"


OTHERS = "(others)"
"""The line of an inspection that stands for the state words beyond the listed ones."""


def _own_words(found: Inspection) -> dict[str, list[str]]:
    """The words that mean something else here than by default; nothing here makes a word one to cancel that is none.

    A profile's own list of words to cancel replaces the default's, so it is written whole, and only with words of this
    file. A word that is too late by default stays so: taking that away is a person's doing (docs/profiles.md).
    """
    words = [one for one in found.statuses if one.word != OTHERS and "*" not in one.word]  # * would make it a beginning
    base = default_profile().meanings(one.word for one in words)
    own: dict[str, list[str]] = {}
    to_cancel = [one.word for one in words if one.meaning == Meaning.CANCEL]
    if to_cancel != [word for word, meaning in base.items() if meaning is Meaning.CANCEL]:
        own[str(Meaning.CANCEL)] = to_cancel
    for meaning in (Meaning.OPEN, Meaning.TOO_LATE):
        listed = [one.word for one in words if one.meaning == meaning and not base[one.word]]
        if listed:
            own[str(meaning)] = listed
    return own


def _text(text: str) -> str:
    """A text as TOML has it: JSON's spelling, which TOML shares but for the character 127."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
