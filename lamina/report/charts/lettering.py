"""How wide words are drawn, as far as that can be known without the reader's fonts."""

import unicodedata

from lamina.report.wording import clean

_NARROW, _MIDDLE, _BROAD, _SQUARE = 4.5, 7.4, 11.0, 13.0
_THIN_LETTERS, _BROAD_LETTERS = frozenset("iljtfrI.,:;|!'()[] "), frozenset("mwMW%@")
_ELLIPSIS = "…"


def text_width(words: str) -> float:
    """Width of words at the size of a chart's text, in the widest of the usual fonts."""
    return sum(map(_letter_width, words))


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _SQUARE
    if letter in _THIN_LETTERS:
        return _NARROW
    return _BROAD if letter in _BROAD_LETTERS or letter == _ELLIPSIS else _MIDDLE


def fitted(name: str, width: float) -> str:
    """A name cut so that it is at most so wide."""
    words = clean(name)
    if text_width(words) <= width:
        return words
    while words and text_width(words + _ELLIPSIS) > width:
        words = words[:-1]
    return words.rstrip() + _ELLIPSIS
