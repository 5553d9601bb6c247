"""What the pages say is true of the tree: links lead somewhere, targets and commands exist."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from serinus.cli.main import APP
from serinus.tokens.catalogue import KINDS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"`make ([a-z][a-z-]*)`|^make ([a-z][a-z-]*)", re.MULTILINE)
COMMAND = re.compile(r"(?:`|^|/|\s)serinus ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", re.MULTILINE)
CODE = re.compile(r"```sh\n(.*?)```|`([^`\n]+)`", re.DOTALL)

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix().replace("/", "-")
)


@every_page
def test_every_link_within_the_tree_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@every_page
def test_every_make_target_named_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for names in TARGET.findall(page.read_text()):
        assert set(filter(None, names)) <= targets, f"{page.name}: {names}"


@every_page
def test_every_command_named_is_there(page: Path) -> None:
    # `Any`-free: click's groups list their commands by name.
    root = get_command(APP)
    known = getattr(root, "commands", {})
    for code in (one or two for one, two in CODE.findall(page.read_text())):
        for words in COMMAND.findall(code):
            first, _, second = words.partition(" ")
            assert first in known, f"{page.name}: serinus {words}"
            below = getattr(known[first], "commands", None)
            if below is not None and second:
                assert second in below, f"{page.name}: serinus {words}"


def test_every_decision_is_numbered_once_and_says_its_price() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(d.name[:4]) for d in decisions] == list(range(1, len(decisions) + 1))
    for decision in decisions:
        text = decision.read_text()
        for part in ("## Context", "## Options", "## Outcome", "## Price"):
            assert part in text, f"{decision.name}: {part}"


def test_pages_count_the_kinds_that_there_are() -> None:
    proven = sum(bool(kind.proof.clients) for kind in KINDS)
    readme = (ROOT / "README.md").read_text()
    assert f"{proven} are proven" in readme and f"{len(KINDS) - proven} for Windows" in readme
    for page in (readme, (ROOT / "docs" / "architecture.md").read_text()):
        assert f"[{len(KINDS)} kinds](" in page
