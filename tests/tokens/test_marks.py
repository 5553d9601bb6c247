import zlib
from dataclasses import replace

from serinus.tokens.marks import Mark, draw_mark, show_mark
from tokens.test_stories import SITES, token


def alphas(mark: Mark) -> list[bytes]:
    data = mark.png()
    start = data.index(b"IDAT")
    size = int.from_bytes(data[start - 4 : start], "big")
    rows = zlib.decompress(data[start + 4 : start + 4 + size])
    stride = mark.width * 4 + 1
    return [rows[n * stride + 4 : (n + 1) * stride : 4] for n in range(mark.height)]


def test_a_mark_is_drawn_per_token_and_the_same_again() -> None:
    marks = [draw_mark(token(n), SITES[0]) for n in range(30)]
    assert len(set(marks)) == 30
    assert marks[0] == draw_mark(token(0), SITES[0])
    assert marks[0] != draw_mark(token(0), SITES[1])
    assert all(80 <= mark.width <= 360 and 40 <= mark.height <= 72 for mark in marks)


def test_shapes_are_seen_where_they_are() -> None:
    mark = Mark(48, (("disc", 200), ("square", 255), ("left", 100), ("right", 100)), "1F4E79")
    middle = alphas(mark)[24]
    assert (middle[0], middle[24], middle[48 + 24]) == (0, 200, 255)
    top = alphas(mark)[6]
    assert top[6] == 0
    assert (top[96 + 40], top[96 + 6]) > (90, 0)
    assert top[144 + 6] == 0


def test_a_clear_mark_shows_nothing_and_has_the_same_size() -> None:
    clear, seen = (draw_mark(token(1), SITES[0], is_clear=c) for c in (True, False))
    assert (clear.width, clear.height) == (seen.width, seen.height)
    assert not any(b"".join(alphas(clear)))
    assert any(b"".join(alphas(seen)))
    assert replace(clear, colour=seen.colour) == seen


def test_the_answer_is_the_picture() -> None:
    answer = show_mark(token(1), SITES[0])
    assert answer.headers == (("Content-Type", "image/png"),)
    assert answer.body == draw_mark(token(1), SITES[0]).png()
