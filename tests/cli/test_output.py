import io
from contextlib import redirect_stdout

import pytest

from serinus.cli.output import Column, print_facts, print_line, print_table, show, show_age

COLUMNS = [Column("ID"), Column("MEMO", wide=True)]


class Terminal(io.StringIO):
    """Standard output of a person."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def test_a_pipe_gets_a_line_per_row_with_tabs_and_nothing_cut(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(COLUMNS, [("abc", "long " * 60)], "Nothing.")
    assert capsys.readouterr().out == "abc\t" + "long " * 60 + "\n"


def test_a_pipe_gets_nothing_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS, [], "Nothing.")
    assert capsys.readouterr().out == ""


def test_a_terminal_gets_aligned_columns_within_its_width(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        print_table(COLUMNS, [("abcdefghijklmnopqrstuv", "word " * 20)], "Nothing.")
    lines = terminal.getvalue().splitlines()
    assert "\x1b[1m" in lines[0]
    assert lines[1] == "abcdefghijklmnopqrstuv"
    assert lines[2].startswith("    word word")
    assert all(len(line) <= 40 for line in lines[1:])


def test_no_color_is_honoured(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with redirect_stdout(terminal):
        print_table(COLUMNS, [("abc", "memo")], "Nothing.")
    assert "\x1b[3" not in terminal.getvalue()


@pytest.mark.parametrize("hostile", ["[red]x[/red]", "\x1b]0;x\x07", "a\tb\r\nc", "\u202egnp"])
def test_nothing_an_intruder_sent_steers_a_terminal_or_a_table(
    terminal: Terminal, hostile: str
) -> None:
    for row in (hostile, [hostile], {hostile: hostile}):
        text = show(row)
        assert text.isprintable()
    with redirect_stdout(terminal):
        print_table(COLUMNS, [("abc", hostile)], "Nothing.")
        print_facts([("Label", hostile)])
        print_line(hostile)
    shown = terminal.getvalue()
    assert not set("\x07\t\r\u202e") & set(shown)
    assert "\x1b]" not in shown
    if hostile.startswith("["):
        assert shown.count(hostile) == 3


def test_an_age_is_for_people_and_the_time_for_programs(terminal: Terminal) -> None:
    assert show_age("2026-01-01T00:00:00.000Z") == "2026-01-01T00:00:00.000Z"
    assert show_age(None) == ""
    with redirect_stdout(terminal):
        assert show_age("2020-01-01T00:00:00.000Z").endswith(" d")
        assert show_age("not a time") == "not a time"
