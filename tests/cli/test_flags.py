import base64
import io
import json
from pathlib import Path

import pytest
import typer

from serinus.base.errors import OperatorError
from serinus.cli.flags import Flag, read_flags, with_flags
from serinus.cli.main import main


def test_every_type_of_flag_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(b"\x00plan")
    flags = [
        Flag("text", "A text."),
        Flag("port", "A number.", "number"),
        Flag("to", "A list.", "list"),
        Flag("body", "A file.", "file"),
        Flag("quiet", "Or not.", "yes_no"),
        Flag("absent", "Not given."),
        Flag("password", "A secret.", secret=True),
    ]
    found: dict[str, object] = {}

    def run(given: dict[str, object]) -> None:
        found.update(read_flags(flags, given))

    app = typer.Typer(rich_markup_mode=None)
    app.command()(with_flags(run, flags, "run", "Run."))
    (tmp_path / "password").write_text("hush\n")
    app(
        [
            *("--text", "-x", "--port", "25", "--to", "a,b", "--to", "c", "--no-quiet"),
            *("--body", str(path), "--password-file", str(tmp_path / "password")),
        ],
        standalone_mode=False,
    )
    assert found == {
        "text": "-x",
        "port": 25,
        "to": ["a", "b", "c"],
        "body": base64.b64encode(b"\x00plan").decode(),
        "quiet": False,
        "password": "hush",
    }


def test_a_secret_is_given_in_one_way(tmp_path: Path) -> None:
    flag = Flag("secret", "A secret.", secret=True)
    with pytest.raises(OperatorError, match="not both"):
        read_flags([flag], {"secret": "a", "secret_file": str(tmp_path)})
    with pytest.raises(OperatorError, match="cannot be read"):
        read_flags([flag], {"secret_file": str(tmp_path / "none")})
    assert read_flags([flag], {}) == {}


def test_a_secret_that_is_needed_is_asked_for_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    flag = Flag("url", "A secret.", required=True, secret=True)
    with pytest.raises(OperatorError, match="--url-file"):
        read_flags([flag], {})


def test_a_secret_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hush\n"))
    flag = Flag("url", "A secret.", required=True, secret=True)
    assert read_flags([flag], {"url_file": "-"}) == {"url": "hush"}


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="--body"):
        read_flags([Flag("body", "A file.", "file")], {"body": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["tokn"], "tokn"),
        (["token"], "serinus token --help"),
        (["token", "mint"], "serinus token mint --help"),
        (["token", "mint", "paper"], "paper"),
        (["token", "mint", "redirect", "--memo", "x"], "--target"),
        (["token", "mint", "web"], "--memo"),
        (["token", "mint", "web", "--memo", "x", "--shape", "y"], "--shape"),
        (["token", "list", "--limit", "0"], "--limit"),
        (["token", "mint", "web", "--memo", "x", "--output", "file"], "--artefact"),
        (["incident", "show", "one"], "ID"),
        (["incident", "export", "--format", "xml"], "--format"),
        (["incident", "export", "--json"], "--output"),
        (["destination", "add", "pigeon"], "pigeon"),
    ],
)
def test_what_is_typed_wrongly_is_one_sentence_and_status_2(
    capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert named in shown.err
    assert shown.err.count("\n") == 1
    assert main([*words, "--json"]) == 2
    assert named in json.loads(capsys.readouterr().err)["error"]


def test_help_lists_the_options_of_a_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "mint", "web", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--surface pixel|page|file" in shown
    assert "--file-name" in shown
    assert main(["token", "mint", "dns", "--help"]) == 0
    assert "--nxdomain" in capsys.readouterr().out


def test_without_words_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "incident" in capsys.readouterr().out
