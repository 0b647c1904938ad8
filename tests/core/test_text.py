"""Strings become stable whole numbers, and words survive a trip through tensors."""

import hashlib

import numpy as np
import pytest
import torch

from lamina.core.text import hash_strings, is_text, pack_words, to_texts, unpack_words


def test_hash_is_blake2b_without_the_sign_bit():
    digest = hashlib.blake2b("é".encode(), digest_size=8).digest()

    assert hash_strings("é").item() == int.from_bytes(digest, "little") & (2**63 - 1)


def test_equal_strings_have_equal_hashes_and_others_do_not():
    hashes = hash_strings([["a", "b"], ["b", ""]])

    assert hashes.shape == (2, 2)
    assert hashes.dtype == torch.int64
    assert hashes[0, 1] == hashes[1, 0]
    assert len(hashes.unique()) == 3


def test_hashes_are_never_negative():
    assert (hash_strings([str(number) for number in range(200)]) >= 0).all()


def test_a_hundred_thousand_words_have_as_many_hashes():
    assert len(hash_strings(np.arange(100_000).astype(str)).unique()) == 100_000


def test_missing_values_are_empty_strings():
    values = np.array([None, float("nan"), b"x", 3], dtype=object)

    assert to_texts(values).tolist() == ["", "", "x", "3"]


@pytest.mark.parametrize(
    "value", ["a", ["a"], [["a", "b"]], np.array(["a"]), np.array([None, "a"], dtype=object)]
)
def test_strings_are_recognized(value):
    assert is_text(value)


@pytest.mark.parametrize("value", [1, [1], [], np.zeros(2), np.array([None]), torch.zeros(1), None])
def test_what_is_no_string_is_not(value):
    assert not is_text(value)


@pytest.mark.parametrize("words", [[], [""], ["a", "", "äö", "日本", "a b\n", "\ud800"]])
def test_words_survive_packing(words):
    assert unpack_words(*pack_words(words)) == words
