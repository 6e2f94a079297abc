"""Which language a text is in, as far as its script and its commonest words tell."""

import re
import unicodedata
from collections import Counter

_COMMON = {
    "de": "der die das und ist mit für von ein eine nicht auf dem den zu auch sich im",
    "en": "the and is with for of a this to in it that from your are on you be",
    "es": "el la los las y es con para de un una que en del por su al se",
    "fr": "le la les et est avec pour de un une des du dans ce qui que sur au",
    "it": "il lo gli e è con per di un una che in del della sono da alla nel",
    "nl": "de het een en is met voor van niet op te dat deze zijn ook aan bij",
    "pl": "i jest z do na w nie się to dla oraz ten od po za przez są",
    "pt": "o os as e é com para de um uma que em do da por não se ao",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
LANGUAGES = tuple(_WORDS)
# Common words that a text must have more of in one language than in another.
_CLEAR = 3


def script_of(text: str) -> str | None:
    """The script of most of a text's letters, such as LATIN or CJK; None without letters."""
    letters = (letter for letter in text if letter.isalpha())
    names = Counter(unicodedata.name(letter, "?").split()[0] for letter in letters)
    # Japanese mixes three.
    for kana in ("HIRAGANA", "KATAKANA"):
        names["CJK"] += names.pop(kana, 0)
    name, count = max(names.items(), key=lambda item: item[1])
    return name if count else None


def language_of(text: str) -> str | None:
    """One of `LANGUAGES` where its common words are clearly more than another's, else None."""
    words = Counter(re.findall(r"\w+", text.casefold()))
    counts = {language: sum(words[word] for word in common) for language, common in _WORDS.items()}
    best, second = sorted(counts, key=lambda name: -counts[name])[:2]
    return best if counts[best] - counts[second] >= _CLEAR else None
