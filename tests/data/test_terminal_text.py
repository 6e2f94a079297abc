import pytest

from data.terminal_text import on_one_line, printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("a\rb\x08\x00\x7f", r"a\rb\x08\x00\x7f"),
        ("gnp.\u202etxt", r"gnp.\u202etxt"),
        ("\udcff.csv", r"\udcff.csv"),
        ("two\nlines\tapart", "two\nlines\tapart"),
        ("Škoda ☃ 日本 👩\u200d🚀", "Škoda ☃ 日本 👩\u200d🚀"),
    ],
)
def test_what_commands_a_terminal_is_shown(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert printable(expected) == expected
    printable(text).encode()


def test_one_line_stays_one() -> None:
    assert on_one_line("DE\n✓ blessed\t\u2028\x1b[0m") == r"DE\n✓ blessed\t\u2028\x1b[0m"
