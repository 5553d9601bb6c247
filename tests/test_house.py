"""The house rules that no linter knows."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT / "src").as_posix())
def test_a_module_says_what_it_is_in_one_sentence(path: Path) -> None:
    first = path.read_text().lstrip()
    if "migrations" not in path.parts:
        assert first.startswith('"""'), f"{path} has no module docstring"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT / "src").as_posix())
def test_a_file_past_500_lines_says_why_it_is_one_subject(path: Path) -> None:
    text = path.read_text()
    if text.count("\n") > 500 and "migrations" not in path.parts:
        assert "one subject" in text[:1500]


def test_no_constant_of_the_house_is_seen_by_an_intruder() -> None:
    for path in (ROOT / "src" / "serinus" / "edge").rglob("*.py"):
        for line in path.read_text().splitlines():
            bare = line.split("#")[0]
            if 'b"' in bare:
                assert "serinus" not in bare.lower(), f"{path}: {line}"
