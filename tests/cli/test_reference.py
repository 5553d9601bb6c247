from pathlib import Path

import pytest

from serinus.cli.reference import main, pages, write_pages

FOLDER = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_says_what_the_code_says(name: str) -> None:
    page = FOLDER / name
    assert page.exists(), "run `make docs`"
    assert page.read_text("utf-8") == pages()[name], "run `make docs`"


def test_the_pages_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    write_pages(tmp_path / "new")
    new = tmp_path / "new"
    assert sorted(str(path.relative_to(new)) for path in new.rglob("*.md")) == sorted(pages())


def test_there_are_no_pages_of_kinds_that_there_are_no_longer(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "fax.md").write_text("once")
    write_pages(tmp_path)
    assert not (tmp_path / "kinds" / "fax.md").exists()
    known = {name for name in pages() if name.startswith("kinds/")}
    assert {f"kinds/{path.name}" for path in (FOLDER / "kinds").iterdir()} == known


def test_a_folder_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "docs" in capsys.readouterr().err


def test_every_command_has_its_own_part() -> None:
    text = pages()["reference/commands.md"]
    for command in ("serinus up", "serinus token mint web", "serinus incident export"):
        assert f"\n## {command}\n" in text


def test_the_pages_do_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(pages())
    monkeypatch.setenv("COLUMNS", "200")
    assert pages() == before
