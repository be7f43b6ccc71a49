"""The locks hold all that their libraries ask for, extras too: without them an older pip refuses the lock."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = {
    "requirements.lock": ("build",),
    "requirements-page.lock": ("build",),
    "requirements-dev.lock": ("build", "dev"),
}
EXTRAS = {
    "requirements.lock": (),
    "requirements-page.lock": ("page",),
    "requirements-dev.lock": ("keyring", "page", "team"),
}
"""The dependency groups and the extras of this project that .ci/lock puts into each lock."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One library of a lock: its only version, and the extras that are asked for."""

    version: str
    extras: frozenset[str]


def requirements(text: str) -> Iterator[Requirement]:
    """The lines of a lock that name a library; hashes and comments follow each of them, indented."""
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            yield Requirement(line.removesuffix("\\").strip())


def applies(requirement: Requirement, extras: frozenset[str] = frozenset()) -> bool:
    """Whether it is asked for on this machine, by a library of which these extras are asked for."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras})


def pins(text: str) -> dict[str, Pin]:
    found = {}
    for one in requirements(text):
        if applies(one):
            (only,) = one.specifier
            assert only.operator == "==", one
            assert canonicalize_name(one.name) not in found, one
            found[canonicalize_name(one.name)] = Pin(only.version, frozenset(one.extras))
    return found


def missing(asked: Requirement, locked: Mapping[str, Pin]) -> str:
    """What the lock lacks of a requirement; "" if nothing."""
    pin = locked.get(canonicalize_name(asked.name))
    if pin is None:
        return "not in the lock"
    if not asked.specifier.contains(pin.version, prereleases=True):
        return f"locked at {pin.version}"
    return f"locked without {sorted(asked.extras - pin.extras)}" if asked.extras - pin.extras else ""


def complaints(locked: Mapping[str, Pin]) -> list[str]:
    """What the installed libraries of a lock ask for and the lock does not hold."""
    found = []
    for name, pin in locked.items():
        try:
            library = distribution(name)
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
            continue
        if library.version != pin.version:
            found.append(f"{name} is locked at {pin.version} and installed as {library.version}")
        for asked in map(Requirement, library.requires or ()):
            if applies(asked, pin.extras) and (why := missing(asked, locked)):
                found.append(f"{name} asks for {asked.name}: {why}")
    return found


@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_holds_all_that_its_libraries_ask_for(name: str) -> None:
    locked = pins((ROOT / name).read_text(encoding="utf-8"))
    assert len(locked) > 20
    assert complaints(locked) == []


@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_holds_all_that_this_project_asks_for(name: str) -> None:
    locked = pins((ROOT / name).read_text(encoding="utf-8"))
    groups, extras = PYPROJECT["dependency-groups"], PYPROJECT["project"]["optional-dependencies"]
    chosen = [*(groups[group] for group in GROUPS[name]), *(extras[extra] for extra in EXTRAS[name])]
    asked = [*PYPROJECT["project"]["dependencies"], *(line for lines in chosen for line in lines)]
    wanted = [one for one in map(Requirement, asked) if applies(one)]
    assert [f"{one}: {why}" for one in wanted if (why := missing(one, locked))] == []


@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_has_a_hash_for_each_library(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    parts = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [part.split()[0] for part in parts if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", part)] == []


def test_every_lock_has_the_versions_that_users_run() -> None:
    users, *others = (pins((ROOT / name).read_text(encoding="utf-8")) for name in GROUPS)
    for other in others:
        assert {name: other[name].version for name in users} == {name: pin.version for name, pin in users.items()}


PYTEST_COV = distribution("pytest-cov").version
COVERAGE = distribution("coverage").version


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (f"coverage=={COVERAGE}", "pytest-cov asks for coverage: locked without ['toml']"),
        (f"coverage[toml]=={COVERAGE} ; python_version < '3'", "pytest-cov asks for coverage: not in the lock"),
        ("", "pytest-cov asks for coverage: not in the lock"),
        ("coverage[toml]==7.0", "pytest-cov asks for coverage: locked at 7.0"),
        (f"coverage[toml]=={COVERAGE}", ""),
    ],
)
def test_what_a_library_asks_for_and_a_lock_lacks_is_named(line: str, complaint: str) -> None:
    found = complaints(pins(f"{line}\npytest-cov=={PYTEST_COV} \\\n    --hash=sha256:00\n    # via us\n"))
    assert [one for one in found if "coverage:" in one] == ([complaint] if complaint else [])
