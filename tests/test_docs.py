"""Do the pages for people name files and commands that exist?"""

from __future__ import annotations

import importlib
import importlib.util
import re
import string
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if page.exists()]

LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"")
CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```[^\n]*\n(.*?)^```$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s;&|$(])(?:\.venv/bin/)?arterial +([a-z][a-z-]*)(?=$|[\s`)])", re.MULTILINE)


def numbered(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def links(text: str) -> list[tuple[int, str]]:
    """(line, target) of every link to a file; addresses and anchors are left out."""
    prose = CODE_BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    found = [(numbered(prose, link.start()), link[1] or link[2]) for link in LINK.finditer(prose)]
    return [(line, target) for line, target in found if not re.match(r"[a-z]+:|#|//", target)]


def commands(text: str) -> list[tuple[int, str]]:
    """(line, name) of every `arterial name` in code; a word after "arterial" in prose is no command."""
    return [
        (numbered(text, code.start() + found.start(1)), found[1])
        for code in CODE.finditer(text)
        for found in COMMAND.finditer(code[0].replace("`", " "))
    ]


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of `page`."""
    headings = re.findall(r"^#+ +(.*)$", CODE_BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    drop = str.maketrans("", "", string.punctuation.replace("-", "").replace("_", ""))
    return {heading.lower().translate(drop).strip().replace(" ", "-") for heading in headings}


def fault(page: Path, target: str) -> str:
    """Why a link leads nowhere; empty when it leads somewhere inside the project."""
    path, _, anchor = target.partition("#")
    file = (page.parent / unquote(path)).resolve()
    if not file.is_relative_to(ROOT):
        return f"{target} leads out of the project"
    if not file.exists():
        return f"{target} does not exist"
    return (
        ""
        if not anchor or file.suffix != ".md" or anchor in anchors(file)
        else f"{target} has no such heading"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    found = [(line, fault(page, target)) for line, target in links(page.read_text(encoding="utf-8"))]
    faults = [f"{page.relative_to(ROOT)}:{line}: {why}" for line, why in found if why]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.fixture(scope="module")
def known_commands() -> set[str]:
    """The commands of the `arterial` program."""
    if importlib.util.find_spec("gateway.cli") is None:
        pytest.skip("there is no gateway/cli.py yet")
    import typer.main

    group = typer.main.get_command(importlib.import_module("gateway.cli").app)
    return set(getattr(group, "commands", {}))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page: Path, known_commands: set[str]) -> None:
    there = ", ".join(sorted(known_commands))
    faults = [
        f"{page.relative_to(ROOT)}:{line}: no command 'arterial {name}'; there are: {there}"
        for line, name in commands(page.read_text(encoding="utf-8"))
        if name not in known_commands
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_links_and_commands_are_seen() -> None:
    text = (
        "A [page](docs/a.md#part) and ![shot](x.png), [far](https://x.y).\n"
        "```\narterial run --config x\n[not](a-link.md)\n```\n"
        "`arterial replay FILE`, but arterial replays no prose, and `arterial/demo/water` is a topic.\n"
    )
    assert links(text) == [(1, "docs/a.md#part"), (1, "x.png")]
    assert commands(text) == [(3, "run"), (6, "replay")]
