from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from serinus.base.ids import TokenId
from serinus.formats.draft import Draft
from serinus.tokens.kind import Options, Token
from serinus.tokens.site import Site
from serinus.tokens.stories import file_stem, tell_story

NOW = datetime(2026, 1, 2, 15, tzinfo=UTC)
SITES = [Site("files.example", "https://files.example", bytes([n]) * 32) for n in (1, 2)]


def token(number: int, memo: str = "on the share") -> Token:
    return Token(TokenId(f"k3j5h2g9d8s7a6q1w4e{number:03}"), "word", memo, Options(), NOW)


def tell(number: int, memo: str = "on the share") -> Draft:
    return tell_story(token(number, memo), SITES[0])


def test_a_story_is_the_same_tomorrow_and_another_elsewhere() -> None:
    assert tell(1) == tell(1)
    assert tell(1) != tell(2)
    assert tell_story(token(1), SITES[0]) != tell_story(token(1), SITES[1])


@pytest.mark.parametrize(
    ("memo", "columns"),
    [
        ("The PASSWORDS of the servers", {"Password", "Secret", "Current password"}),
        ("Gehälter und Bonus, on the HR share", {"Increase", "Raise", "Change"}),
        ("roadmap.docx", {"Budget", "Cost", "Budget (k)"}),
        ("Contracts of Jane", {"Supplier", "Partner", "Company", "Vendor"}),
        ("on the VPN host", {"Host", "Name", "Server"}),
    ],
)
def test_a_word_of_the_memo_chooses_the_subject(memo: str, columns: set[str]) -> None:
    for number in range(20):
        assert columns & set(tell(number, memo).header)


def test_without_such_a_word_the_subject_is_drawn() -> None:
    assert len({len(tell(n).header) for n in range(40)}) > 1
    assert len({tell(n, "shipyard").title for n in range(40)}) > 30


def test_times_are_in_order_and_before_the_token_was_minted() -> None:
    for number in range(200):
        draft = tell(number)
        assert draft.created_at <= draft.modified_at < NOW
        assert draft.created_at.weekday() < 5
        assert draft.modified_at.weekday() < 5 or draft.modified_at - draft.created_at < timedelta(
            days=3
        )


def test_a_story_is_whole() -> None:
    for number in range(50):
        draft = tell(number)
        said = " ".join((*draft.paragraphs, *draft.points, draft.note, draft.title))
        assert not set("{}[]|") & set(said)
        assert len(set(draft.points)) == len(draft.points) >= 3
        assert all(len(row) == len(draft.header) for row in draft.rows)
        assert len({row[0] for row in draft.rows}) > 1
        assert int(draft.accent, 16) >= 0


def test_two_stories_share_no_names() -> None:
    stories = [tell(n) for n in range(50)]
    assert len({s.company for s in stories}) > 45
    assert len({s.author for s in stories}) > 45
    assert len({s.serial for s in stories}) == 50


def test_no_four_words_in_a_row_are_in_more_than_a_few_of_100_stories() -> None:
    found: Counter[tuple[str, ...]] = Counter()
    for number in range(100):
        draft = tell(number)
        texts = [t.split() for t in (*draft.paragraphs, *draft.points, draft.note)]
        found.update({tuple(t[n : n + 4]) for t in texts for n in range(len(t) - 3)})
    assert found.most_common(1)[0][1] <= 10, found.most_common(20)


def test_a_file_is_called_after_its_title_in_plain_letters() -> None:
    names = {file_stem(tell(n), token(n), SITES[0]) for n in range(50)}
    assert len(names) == 50
    assert all(name.isascii() and not set(name) & set('/\\:*?"<>|') for name in names)
