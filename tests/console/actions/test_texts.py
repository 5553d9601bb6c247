import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import OperatorError
from serinus.console.actions.texts import check_text

texts = st.text(st.characters(), max_size=40)


def test_blanks_at_the_ends_go_and_line_ends_become_one() -> None:
    assert check_text("  a b\t", "memo", 10) == "a b"
    assert check_text("a\r\nb", "memo", 10, lines=True) == "a\nb"


@pytest.mark.parametrize("text", ["", "  ", "x" * 11, "a\nb", "a\x00", "\x7f.", "\x9b1m", "\ud800"])
def test_what_no_database_keeps_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(OperatorError) as caught:
        check_text(text, "user_name", 10)
    assert caught.value.field == "user_name" and caught.value.sentence.startswith("User name ")


@given(texts, st.booleans())
def test_any_text_is_kept_lawful_or_refused(text: str, lines: bool) -> None:
    try:
        kept = check_text(text, "x", 20, lines)
    except OperatorError:
        return
    assert kept.strip() == kept and 0 < len(kept) <= 20
    kept.encode()
    assert check_text(kept, "x", 20, lines) == kept
