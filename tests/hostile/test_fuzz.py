"""Bytes flipped, cut, added, moved: every reader answers with a LoadError or with a result."""

import resource

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.core.errors import LoadError
from tests.hostile.samples import SAMPLES

ROOM = 64 * 2**20
"""Bytes that a reader may take beyond twice the file (rule G3)."""

every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
calm = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "print_blob": True,
}


@st.composite
def damages(draw, data):
    """A file after one to four accidents."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(changed) - 1)))
        match draw(st.sampled_from(["flip", "set", "cut", "extend", "insert", "remove", "copy"])):
            case "flip" if changed:
                changed[place] ^= 1 << draw(st.integers(0, 7))
            case "set" if changed:
                value = draw(st.sampled_from([b"\0", b"\xff", b"\xff" * 4, b"\x7f" + b"\xff" * 7]))
                changed[place : place + len(value)] = value
            case "cut":
                del changed[place:]
            case "extend":
                changed += draw(st.binary(min_size=1, max_size=40))
            case "insert":
                changed[place:place] = draw(st.binary(min_size=1, max_size=12))
            case "remove":
                del changed[place : place + draw(st.integers(1, 12))]
            case "copy":
                changed[place:place] = changed[: draw(st.integers(1, 64))]
    return bytes(changed)


def refusal(sample, path):
    """The problem that a LoadError names; empty when the file was read."""
    try:
        sample.read(path)
    except LoadError as error:
        return error.problem
    return ""


def check(sample, path, data):
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    problem = refusal(sample, path)

    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    assert problem == "" or (len(problem) <= 200 and problem.isprintable())
    assert grown <= 2 * len(data) + ROOM


@every_sample
def test_a_good_file_is_read(sample, tmp_path):
    path = tmp_path / f"good{sample.ending}"
    path.write_bytes(sample.data)

    assert sample.read(path) is not None


@every_sample
def test_a_damaged_file_is_refused_or_read(sample, tmp_path):
    path = tmp_path / f"damaged{sample.ending}"

    @settings(max_examples=60, derandomize=True, **calm)
    @given(damages(sample.data))
    def many(data):
        check(sample, path, data)

    many()


@pytest.mark.slow
@every_sample
def test_many_damaged_files_are_refused_or_read(sample, tmp_path):
    path = tmp_path / f"damaged{sample.ending}"

    @settings(max_examples=3_000, **calm)
    @given(damages(sample.data))
    def many(data):
        check(sample, path, data)

    many()


@every_sample
def test_bytes_of_any_kind_are_refused_or_read(sample, tmp_path):
    path = tmp_path / f"strange{sample.ending}"

    @settings(max_examples=30, derandomize=True, **calm)
    @given(st.binary(max_size=200))
    def many(data):
        check(sample, path, data)

    many()
