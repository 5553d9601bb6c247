from pathlib import Path

import pytest

from serinus.cli.reference import main, pages, write_pages

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_says_what_the_code_says(name: str) -> None:
    page = FOLDER / name
    assert page.exists(), "run `make docs`"
    assert page.read_text("utf-8") == pages()[name], "run `make docs`"


def test_the_pages_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    write_pages(tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(pages())


def test_a_folder_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "docs/reference" in capsys.readouterr().err


def test_every_command_has_its_own_part() -> None:
    text = pages()["commands.md"]
    for command in ("serinus up", "serinus token mint web", "serinus incident export"):
        assert f"\n## {command}\n" in text


def test_the_pages_do_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(pages())
    monkeypatch.setenv("COLUMNS", "200")
    assert pages() == before
