"""Vocabularies, hashing and bins: hand-worked cases, for Keras needs TensorFlow to run its own."""

import math

import numpy as np
import pytest
import torch

from lamina.core.text import hash_strings
from lamina.graph.symbol import new_input
from lamina.layers.hashing import HashedCrossing, Hashing
from lamina.layers.lookup import IntegerLookup, StringLookup

VOCABULARY = ["a", "b", "c", "d"]


def test_places_follow_the_vocabulary_after_the_unknown_one():
    layer = StringLookup(vocabulary=VOCABULARY)

    assert layer([["a", "c", "d"], ["d", "z", "b"]]).tolist() == [[1, 3, 4], [4, 0, 2]]


def test_frequent_words_come_first_and_equals_in_reverse_order():
    layer = StringLookup()
    layer.adapt([["a", "c", "d"], ["d", "z", "b"]])

    assert layer.get_vocabulary() == ["[UNK]", "d", "z", "c", "b", "a"]


def test_vocabulary_learned_in_batches_is_the_same():
    whole, parts = StringLookup(), StringLookup()
    whole.adapt(np.array(["a", "b", "b", "c", "c", "c"]))

    parts.adapt([np.array(["a", "b", "c"]), np.array(["b", "c", "c"])])

    assert parts.get_vocabulary() == whole.get_vocabulary() == ["[UNK]", "c", "b", "a"]


def test_hashes_are_learned_from_as_well_as_words():
    words = ["", "a", "b", "b", "c", "c", "c"]
    layer = StringLookup(mask_token="")
    layer.adapt(hash_strings(words))

    assert layer(["", "c", "b", "a", "z"]).tolist() == [0, 2, 3, 4, 1]
    assert layer.get_vocabulary()[2] == f"#{hash_strings('c').item():016x}"


def test_mask_token_has_place_0():
    layer = StringLookup(vocabulary=VOCABULARY, mask_token="")

    assert layer(["", "a", "z"]).tolist() == [0, 2, 1]
    assert layer.get_vocabulary() == ["", "[UNK]", *VOCABULARY]
    assert layer.get_vocabulary(include_special_tokens=False) == VOCABULARY
    assert layer.vocabulary_size() == 6


def test_mask_token_is_marked_nowhere_in_an_indicator_vector():
    layer = StringLookup(vocabulary=["a"], mask_token="", output_mode="multi_hot")

    assert layer([["", "a"], ["", "z"]]).tolist() == [[0, 1], [1, 0]]


def test_special_tokens_may_stand_in_front_of_a_given_vocabulary():
    layer = StringLookup(vocabulary=["", "[UNK]", "a"], mask_token="")

    assert layer(["a", "", "b"]).tolist() == [2, 0, 1]


def test_several_places_for_unknown_words_are_all_used():
    layer = StringLookup(vocabulary=["a"], num_oov_indices=3)
    places = layer([f"word {number}" for number in range(50)])

    assert places.unique().tolist() == [0, 1, 2]
    assert layer(["a"]).tolist() == [3]


def test_a_salt_spreads_unknown_words_in_another_way():
    words = [f"word {number}" for number in range(50)]
    plain, salted = (
        StringLookup(vocabulary=["a"], num_oov_indices=3, salt=salt) for salt in (None, 7)
    )

    assert not torch.equal(plain(words), salted(words))


def test_unknown_numbers_go_to_the_place_of_their_remainder():
    layer = IntegerLookup(vocabulary=[12, 36], num_oov_indices=3)

    assert layer([12, 36, 7, -1]).tolist() == [3, 4, 1, 2]  # 7 mod 3 = 1, -1 mod 3 = 2


def test_max_tokens_counts_the_special_ones():
    layer = StringLookup(max_tokens=3)
    layer.adapt(["a", "b", "b", "c", "c", "c"])

    assert layer.get_vocabulary() == ["[UNK]", "c", "b"]


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("one_hot", [[[0, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]]]),
        ("multi_hot", [[0, 1, 0], [1, 0, 1]]),
        ("count", [[0, 2, 0], [1, 0, 1]]),
    ],
)
def test_indicator_vectors_of_a_vocabulary(mode, wanted):
    layer = StringLookup(vocabulary=["a", "b"], output_mode=mode)

    assert layer([["a", "a"], ["z", "b"]]).tolist() == wanted


def test_padding_makes_vectors_as_long_as_max_tokens():
    layer = StringLookup(
        vocabulary=["a"], output_mode="multi_hot", max_tokens=4, pad_to_max_tokens=True
    )

    assert layer([["a"]]).tolist() == [[0, 1, 0, 0]]


def test_given_weights_scale_the_counts():
    layer = StringLookup(vocabulary=["a", "b"], output_mode="tf_idf", idf_weights=[0.25, 0.75])

    y = layer([["a", "a"], ["z", "b"]])

    assert y.tolist() == [[0.0, 0.5, 0.0], [0.5, 0.0, 0.75]]  # unknown: the mean, 0.5


def test_learned_weights_are_the_inverse_document_frequency():
    layer = IntegerLookup(output_mode="tf_idf")
    layer.adapt([[1, 1], [1, 2], [3, 1]])

    # 3 documents; 1 is in 3 of them, 2 and 3 in one each; order: 1, then 3 before 2.
    often, rare = math.log(1 + 3 / 4), math.log(1 + 3 / 2)
    wanted = [(often + 2 * rare) / 3, often, rare, rare]
    torch.testing.assert_close(layer.idf_weights.as_subclass(torch.Tensor), torch.tensor(wanted))


def test_inverse_gives_words_back():
    layer = StringLookup(vocabulary=VOCABULARY, invert=True)

    words = layer(np.array([[1, 4], [0, 99]]))

    assert words.tolist() == [["a", "d"], ["[UNK]", "[UNK]"]]


def test_inverse_gives_numbers_back():
    layer = IntegerLookup(vocabulary=[12, 36], invert=True, mask_token=0)

    assert layer(torch.tensor([0, 1, 2, 3, 9])).tolist() == [0, -1, 12, 36, -1]


def test_words_travel_through_a_model_as_hashes():
    layer = StringLookup(vocabulary=VOCABULARY, output_mode="multi_hot")
    symbol = layer(new_input((None, 2), torch.int64, "words"))

    assert (symbol.shape, symbol.dtype) == ((None, 5), torch.int64)
    assert layer(hash_strings([["a", "z"]])).tolist() == [[1, 1, 0, 0, 0]]


def test_an_empty_vocabulary_knows_nothing():
    assert StringLookup()(["a"]).tolist() == [0]


def test_a_vocabulary_is_part_of_the_configuration():
    layer = StringLookup(vocabulary=np.array(VOCABULARY), mask_token="")

    assert StringLookup.from_config(layer.get_config())(["c"]).tolist() == [4]


def test_hashing_is_even_and_repeatable():
    x = torch.arange(4000)

    counts = torch.bincount(Hashing(4)(x), minlength=4)

    # 1000 a bin; the standard deviation is sqrt(4000 * 3/16) = 27
    assert (counts - 1000).abs().max() < 110
    assert torch.equal(Hashing(4)(x), Hashing(4)(x))


def test_a_salt_gives_another_spread():
    x = torch.arange(100)

    assert not torch.equal(Hashing(4)(x), Hashing(4, salt=1)(x))
    assert not torch.equal(Hashing(4, salt=1)(x), Hashing(4, salt=(1, 2))(x))


def test_a_masked_value_has_bin_0_for_itself():
    bins = Hashing(3, mask_value="")(["", *map(str, range(40))])

    assert bins[0] == 0
    assert bins[1:].unique().tolist() == [1, 2]


def test_hashed_indicator_vectors_have_one_place_a_bin():
    y = Hashing(3, output_mode="multi_hot")([["a", "b"]])

    assert y.shape == (1, 3)
    assert y.dtype == torch.float32


def test_crossing_depends_on_every_input_and_their_order():
    a, b = torch.arange(64), torch.arange(64).flip(0)
    layer = HashedCrossing(1000)

    assert len(layer([a, b]).unique()) > 55  # 64 values in 1000 bins: about 2 collide
    assert not torch.equal(layer([a, b]), layer([b, a]))


@pytest.mark.parametrize("shape", [(), (3,), (3, 1)])
def test_crossing_keeps_the_shape(shape):
    part = torch.ones(shape, dtype=torch.int64)

    assert HashedCrossing(5)([part, part]).shape == shape
    assert HashedCrossing(5, "one_hot")([part, part]).shape[-1] == 5
