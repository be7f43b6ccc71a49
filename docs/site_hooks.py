"""Brings the pages that stand beside docs/ into the site, and turns links to them into links within it."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
BESIDE = {
    "README.md": "index",
    "CHANGELOG.md": "changelog",
    "CONTRIBUTING.md": "contributing",
    "SECURITY.md": "security",
    "benchmarks/README.md": "benchmarks",
    "benchmarks/RESULTS.md": "results",
    "schemas/states.toml": "schemas/states.toml",
    "schemas/profiles/default.toml": "schemas/profiles/default.toml",
    ".env.example": "env.example",
    "LICENSE": "license.txt",
}
"""What a page may link to beside docs/, and its name in the site; pages are named without their ending."""
LINK = re.compile(r"(\]\()([^)\s#]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages and files of ``BESIDE`` to those of docs/."""
    for source in BESIDE:
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, in_site(source), content=rewritten(text, Path(source).parent)))
    return files


def in_site(source: str) -> str:
    """The path within the site of one of ``BESIDE``."""
    return BESIDE[source] + (".md" if source.endswith(".md") else "")


def on_page_markdown(markdown: str, **_: object) -> str:
    """The text of a page of docs/, its links to what stands beside docs/ turned into links within the site."""
    return rewritten(markdown, Path("docs"))


def rewritten(text: str, folder: Path) -> str:
    """``text`` of a page of ``folder`` (from the root of the repository), its links as they are within the site."""

    def link(found: re.Match[str]) -> str:
        if "://" in found[2]:
            return found[0]
        path = (ROOT / folder / found[2]).resolve()
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else found[2]
        return found[1] + (in_site(name) if name in BESIDE else name.removeprefix("docs/"))

    return LINK.sub(link, text)


def on_post_page(output: str, **_: object) -> str:
    """The finished page; its search, a dialog without a name in the theme, gets one for those who don't see it."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
