"""Words and numbers of a column of texts, and hashes of their parts: NumPy over all characters."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Stands between two texts; no text holds it once it is joined.
_BETWEEN = "\x1e"
_FRACTION_SIGNS = re.compile("([¼-¾⅐-⅞↉])")
# Primes and curly quotes, as inches and feet are written.
_DOUBLE_PRIME = re.compile("''|\u2032\u2032|[\u2033\u201c-\u201f]")
_PRIME = re.compile("[\u2032\u2018\u2019]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"(?<![\d,.])(\d+),(\d{1,2})(?![\d,])")
# Scripts that set no spaces between words: each character is a word of its own.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
)

OTHER, LETTER, DIGIT, UNSPACED = range(4)

# Odd, so that it has an inverse modulo 2^64.
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))


def mix(keys: np.ndarray, salt: int = 0) -> np.ndarray:
    """Hashes of hashes, all bits of which depend on all bits of the input (splitmix64).

    Args:
        keys: uint64, any shape.
        salt: tells kinds of keys apart.

    Returns:
        uint64 of the same shape.
    """
    mixed = keys + np.uint64((salt * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % (1 << 64))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@dataclass(frozen=True)
class Tokens:
    """The tokens of texts: runs of letters, numbers, and single characters of unspaced scripts.

    Case and width do not count; `1,200` is one number, and so are `3.5` and `3,5`. A letter next to
    a digit begins a token: `36GB` is two.

    Attributes:
        characters: uint32 [C], code points of all texts, one text after the other.
        kept: int64 [K], places in `characters` of those that belong to a token.
        starts: int64 [T], place in `kept` of each token's first character.
        ends: int64 [T], place in `kept` after its last one.
        texts: int64 [T], the text of each token.
        kinds: int8 [T], LETTER, DIGIT or UNSPACED.
    """

    characters: np.ndarray
    kept: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    texts: np.ndarray
    kinds: np.ndarray

    @cached_property
    def hashes(self) -> np.ndarray:
        """uint64 [T], by what each token says."""
        return self.spans(self.starts, self.ends)

    @cached_property
    def glued(self) -> np.ndarray:
        """Bool [T], whether nothing stands between a token and the one before it."""
        before = self.kept[self.starts] - 1
        return (
            np.r_[False, self.kept[self.ends[:-1] - 1] == before[1:]] if len(before) else before > 0
        )

    def spans(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Hashes of stretches of kept characters, whatever stands between them in the text.

        sum_j c_j b^(j - start) modulo 2^64, from sums over all characters before.

        Args:
            starts: int64 [S], places in `kept`.
            ends: int64 [S], places after the last character.

        Returns:
            uint64 [S].
        """
        sums, inverses = self._sums
        return mix((sums[ends] - sums[starts]) * inverses[starts])

    @cached_property
    def _sums(self) -> tuple[np.ndarray, np.ndarray]:
        codes = mix(self.characters[self.kept].astype(np.uint64))
        powers = np.full(len(codes) + 1, _BASE)
        inverses = np.full(len(codes) + 1, _INVERSE)
        powers[0] = inverses[0] = 1
        powers, inverses = np.cumprod(powers), np.cumprod(inverses)
        return np.r_[np.uint64(0), np.cumsum(codes * powers[:-1])], inverses

    def words(self, places: np.ndarray) -> list[str]:
        """What tokens say.

        Args:
            places: int64 [P], which tokens.
        """
        said = self.characters[self.kept].astype("<u4").tobytes().decode("utf-32-le")
        return [said[a:b] for a, b in zip(self.starts[places], self.ends[places], strict=True)]

    def next_character(self, offset: int = 0) -> np.ndarray:
        """uint32 [T], the character that many places after the end of each token; 0 at the end."""
        places = self.kept[self.ends - 1] + 1 + offset
        padded = np.r_[self.characters, np.zeros(offset + 2, self.characters.dtype)]
        return padded[places]


def tokens_of(texts: Sequence[str | None]) -> Tokens:
    """Takes texts apart.

    Args:
        texts: any number of texts; None counts as empty.

    Returns:
        Their tokens, in the order of the texts.
    """
    joined = _BETWEEN.join(text.replace(_BETWEEN, " ") if text else "" for text in texts)
    characters = np.frombuffer(_normalised(joined).encode("utf-32-le", "replace"), np.uint32)
    distinct, inverse = np.unique(characters, return_inverse=True)
    kinds = np.array([_kind(chr(code)) for code in distinct], np.int8)[inverse.reshape(-1)]
    _decimal_points(characters, kinds)
    text_of = np.cumsum(characters == ord(_BETWEEN))
    kept = np.flatnonzero(kinds != OTHER)
    of_kept = kinds[kept]
    gap = np.diff(kept, prepend=-2) != 1
    begins = gap | (np.diff(of_kept, prepend=-1) != 0) | (of_kept == UNSPACED)
    starts = np.flatnonzero(begins)
    ends = np.r_[starts[1:], len(kept)] if len(starts) else starts
    return Tokens(characters, kept, starts, ends, text_of[kept[starts]], of_kept[starts])


def _normalised(text: str) -> str:
    text = unicodedata.normalize("NFKC", _FRACTION_SIGNS.sub(r" \1", text)).casefold()
    text = _PRIME.sub("'", _DOUBLE_PRIME.sub('"', text)).replace("\u2044", "/")
    return _DECIMAL_COMMA.sub(r"\1.\2", _THOUSANDS.sub("", text))


def _kind(character: str) -> int:
    if any(first <= ord(character) <= last for first, last in _UNSPACED):
        return UNSPACED
    if character.isdecimal():
        return DIGIT
    return LETTER if character.isalnum() or unicodedata.category(character) == "Mn" else OTHER


def _decimal_points(characters: np.ndarray, kinds: np.ndarray) -> None:
    """Counts a point between digits to the number."""
    points = np.flatnonzero(characters[1:-1] == ord(".")) + 1
    between = (kinds[points - 1] == DIGIT) & (kinds[points + 1] == DIGIT)
    kinds[points[between]] = DIGIT


def tokens_hash(texts: Sequence[str]) -> np.ndarray:
    """uint64 [N], hashes of whole texts."""
    tokens = tokens_of(texts)
    sums = np.zeros(len(texts), np.uint64)
    np.add.at(sums, tokens.texts, mix(tokens.hashes, 11) * (2 * _numbers(tokens.texts) + 1))
    return mix(sums, 12)


def _numbers(texts: np.ndarray) -> np.ndarray:
    return (np.arange(len(texts)) - np.searchsorted(texts, texts)).astype(np.uint64)
