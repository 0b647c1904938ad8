"""Pictures of a source decoded to one look, from the cache where they were decoded before."""

import itertools
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from lamina.core.errors import DataError
from lamina.data.loading import picture_cache
from lamina.data.loading.decoding import Look
from lamina.data.loading.listing import Listing
from lamina.data.loading.look import choose_look, is_uniform, survey
from lamina.data.loading.picture_cache import Canvas, Entry
from lamina.data.loading.pool import Outcome, Say, decode_all
from lamina.files import limits
from lamina.files.opening import printable
from lamina.files.pictures import Outline

CACHED_FROM = 500
_SHOWN = 5
_NO_LOOK = Look(32, 32, "rgb")  # when no header can be read; every picture will be broken


class PictureChoices(NamedTuple):
    """What a user decides about pictures; `None` is found out."""

    picture_size: tuple[int, int] | None = None
    color_mode: str | None = None
    on_bad_file: Literal["error", "skip"] = "error"


class Pictures(NamedTuple):
    """Decoded pictures of a source, without the broken ones.

    Args:
        pixels: Shape (n, height, width, channels), uint8.
        digests: Shape (n, 16), uint8; equal for equal pixels.
        kept: For each its position among the places that were asked for.
        color_mode: Their mode.
        notes: What was decided and skipped.
    """

    pixels: np.ndarray
    digests: np.ndarray
    kept: np.ndarray
    color_mode: str
    notes: list[str]


def decode_places(
    listing: Listing,
    places: Sequence[int],
    choices: PictureChoices,
    say: Say,
    *,
    misfits: Sequence[str] = (),
) -> Pictures:
    """Decodes chosen pictures of a source, or finds them in the cache.

    Args:
        listing: The source.
        places: Numbers of pictures in `listing.pictures`, in the order of the result.
        choices: What was decided about them.
        say: Is told how it goes.
        misfits: Files among them that are no pictures by their names.

    Raises:
        DataError: Files are no pictures, and that is an error; or there are too many pixels.
        LoadError: The archive is damaged.
    """
    place = None
    if len(places) >= CACHED_FROM:
        place = picture_cache.place_of(listing, places, choices)
    entry = picture_cache.find(place)
    if entry is None:
        entry = _decoded(listing, places, choices, say, place, misfits)
    else:
        say(f"found {len(entry.pixels):,} decoded pictures in the cache")
    broken = [row for row, _ in entry.facts["broken"]]
    kept = np.delete(np.arange(len(places)), broken)
    notes = [*entry.facts["notes"]]
    problems = _problems(listing, misfits, entry.facts["broken"])
    if problems:
        _refuse_bad(problems, len(places) + len(misfits), choices, nothing_left=not len(kept))
        notes.append(f"skipped {_files(len(problems))}: {problems[0]}")
    return Pictures(entry.pixels, entry.digests, kept, entry.facts["color_mode"], notes)


class _Attempt(NamedTuple):
    """Pictures decoded to the look that some headers suggest."""

    look: Look
    notes: list[str]
    canvas: Canvas
    outcome: Outcome


def _decoded(
    listing: Listing,
    places: Sequence[int],
    choices: PictureChoices,
    say: Say,
    place: picture_cache.Place | None,
    misfits: Sequence[str],
) -> Entry:
    """Decodes once; a second time where the headers of all tell something else than of some."""
    is_open = choices.picture_size is None or choices.color_mode is None
    outlines = survey(listing, places) if is_open else []
    tried = _attempt(listing, places, choices, say, place, outlines)
    if is_open and _was_mistaken(outlines, choices, tried):
        tried.canvas.discard()
        outlines = survey(listing, places, most=len(places))
        tried = _attempt(listing, places, choices, say, place, outlines)
    canvas, outcome = tried.canvas, tried.outcome
    try:
        problems = _problems(listing, misfits, outcome.broken)
        is_empty = len(outcome.broken) == len(places)
        _refuse_bad(problems, len(places) + len(misfits), choices, nothing_left=is_empty)
        _close_gaps(canvas.pixels, outcome)
        good = np.delete(outcome.digests, [row for row, _ in outcome.broken], axis=0)
        mode = tried.look.color_mode
        facts = {"notes": tried.notes, "broken": outcome.broken, "color_mode": mode}
        return canvas.keep(good, facts)
    except BaseException:
        canvas.discard()
        raise


def _attempt(
    listing: Listing,
    places: Sequence[int],
    choices: PictureChoices,
    say: Say,
    place: picture_cache.Place | None,
    outlines: Sequence[Outline],
) -> _Attempt:
    look = _NO_LOOK
    notes: list[str] = []
    if outlines or None not in choices[:2]:
        look, notes = choose_look(outlines, choices.picture_size, choices.color_mode)
    _check_amount(listing, len(places), look)
    canvas = Canvas(place, (len(places), *look.shape))
    try:
        outcome = decode_all(listing, places, look, canvas.pixels, say)
    except BaseException:
        canvas.discard()
        raise
    return _Attempt(look, notes, canvas, outcome)


def _was_mistaken(outlines: Sequence[Outline], choices: PictureChoices, tried: _Attempt) -> bool:
    """Whether the pictures whose headers were not read are not like those whose were."""
    look, outcome = tried.look, tried.outcome
    if not outlines:
        return len(outcome.broken) < len(outcome.digests)
    has_one_size = is_uniform(outlines) and outlines[0][:2] == (look.height, look.width)
    other_size = choices.picture_size is None and has_one_size and outcome.num_resized > 0
    is_grey = choices.color_mode is None and look.color_mode == "grayscale"
    return other_size or (is_grey and outcome.num_coloured > 0)


def _close_gaps(pixels: np.ndarray, outcome: Outcome) -> None:
    """Moves good pictures over the rows of broken ones, in place."""
    bad = [broken.place for broken in outcome.broken]
    end = bad[0] if bad else 0
    for start, stop in itertools.pairwise([*bad, len(pixels)]):
        count = stop - start - 1
        pixels[end : end + count] = pixels[start + 1 : stop]
        end += count


def _problems(listing: Listing, misfits: Sequence[str], broken: Sequence[Any]) -> list[str]:
    unnamed = [
        f"{printable(listing.label(name), 90)}: the name does not end like a picture's."
        for name in misfits
    ]
    return [problem for _, problem in broken] + unnamed


def _refuse_bad(
    problems: list[str], total: int, choices: PictureChoices, *, nothing_left: bool
) -> None:
    if not problems or (choices.on_bad_file == "skip" and not nothing_left):
        return
    more = "".join(f"\n    {problem}" for problem in problems[1:_SHOWN])
    rest = f"\n    and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
    others = f"; others:{more}{rest}" if more else ""
    fix = 'remove or mend the files, or pass on_bad_file="skip" to leave them out.'
    raise DataError(
        f"{len(problems):,} of {total:,} files cannot be read as pictures: {problems[0]}"[:200],
        expected=f"PNG, JPEG, BMP or GIF files only{others or '.'}",
        fix="give a source with pictures that can be read." if nothing_left else fix,
    )


def _check_amount(listing: Listing, count: int, look: Look) -> None:
    num_bytes = count * int(np.prod(look.shape))
    if num_bytes > limits.ARCHIVE_BYTES:
        raise DataError(
            f"{printable(listing.path, 90)}: {count:,} pictures of {look.height} x {look.width} "
            f"need {num_bytes / 1e9:.0f} GB.",
            expected=f"at most {limits.ARCHIVE_BYTES / 1e9:.0f} GB of pixels.",
            fix="pass a smaller picture_size=, for example picture_size=(64, 64).",
        )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
