"""StringLookup and IntegerLookup: the public layers over index_lookup.py."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import StateError
from lamina.core.probing import is_probing
from lamina.core.text import hash_string, hash_strings, is_text, pack_words, to_texts, unpack_words
from lamina.layers.index_lookup import IndexLookup


class StringLookup(IndexLookup):
    """Replaces each string by its place in a vocabulary.

    The vocabulary is given, or learned by `adapt` (or by `fit`, from the training part): the most
    frequent string comes first. A tensor cannot hold strings, so in a model they travel as the
    hashes that `hash_strings` makes; called on strings, the layer makes them itself. Adapted on
    hashes, it works as well, but its vocabulary shows `#` and the hash instead of the words.

    Args:
        max_tokens: Largest size of the vocabulary, special tokens included.
        num_oov_indices: Number of places for strings that are not in the vocabulary. With 0, such
            a string is an error outside of training, and -1 in training.
        mask_token: String that gets place 0, for gaps; only with output_mode "int".
        oov_token: What stands for unknown strings in the vocabulary.
        vocabulary: Strings in their order, with or without the special tokens in front. A path
            to a file is refused: files are read by the data readers.
        idf_weights: With "tf_idf" and `vocabulary`: one weight a token.
        invert: Replaces places by strings instead; the result is a NumPy array.
        output_mode: "int" for the place, "one_hot", "multi_hot", "count" or "tf_idf".
        pad_to_max_tokens: Makes indicator vectors `max_tokens` long in any case.
        sparse: Only False: results are always dense.
        encoding: Only "utf-8".
        name: Name in summaries and messages.
        salt: One or two whole numbers; another salt spreads unknown strings in another way.
        **kwargs: `trainable`.

    Shape:
        input: (batch, ...), strings; in a model int64
        output: the shape of the input, int64, for "int"; else as in `CategoryEncoding`, int64,
            or floating point for "tf_idf"
        keys, places: (tokens,), int64, learned
        text, ends: the tokens themselves, uint8 and int64, learned
        idf_weights: with "tf_idf", floating point, learned

    Raises:
        ArgumentError: An argument has no possible value, or the vocabulary cannot be used.
        DataError: With `num_oov_indices=0`, a value is not in the vocabulary.
        StateError: `adapt` is called although a vocabulary was given, the size of the vocabulary
            is needed but unknown, or an inverted layer is used inside a model.

    Example:
        >>> StringLookup(vocabulary=["a", "b"])(["b", "z"])
        tensor([2, 0])
    """

    _resizable = ("keys", "places", "text", "ends", "idf_weights")
    text: Tensor
    ends: Tensor

    takes_text = True  # strings reach it as hashes, through fit and predict too

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            name=name,
            salt=salt,
            **kwargs,
        )
        self.encoding = checks.choice(self, "encoding", encoding, ("utf-8",))
        self._remember([])
        self._take_given(vocabulary, idf_weights)

    def __call__(  # type: ignore[override]  # always of an input
        self, inputs: Any, *args: Any, **kwargs: Any
    ) -> Any:
        if not self.invert and is_text(inputs):
            inputs = hash_strings(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _key_of(self, token: Any) -> int:
        return hash_string(token) if isinstance(token, str) else int(token)

    def _remember(self, tokens: list[Any]) -> None:
        words = [token if isinstance(token, str) else f"#{token:016x}" for token in tokens]
        text, ends = pack_words(words)
        self._hold("text", text)
        self._hold("ends", ends)

    def _tokens(self) -> list[Any]:
        return unpack_words(self.text, self.ends)

    def _to_tokens(self, values: Any) -> np.ndarray:
        return to_texts(values)

    def _observed(self, data: Any) -> np.ndarray:
        values = data.cpu().numpy() if isinstance(data, Tensor) else np.asarray(data)
        return values.astype(np.int64) if values.dtype.kind in "iu" else to_texts(values)

    def _spread(self, keys: Tensor) -> Tensor:
        return self._scrambled(keys) if self.salt else keys

    def _inverted(self, x: Tensor) -> np.ndarray:
        if x.is_meta or is_probing():
            raise StateError(
                f"{self.name} cannot stand in a model, for its results are strings.",
                expected="an inverted StringLookup called on the results of a model.",
                fix=f"words = {self.name}(model.predict(x).argmax(-1)).",
            )
        words = np.array([*self.get_vocabulary(), self.oov_token or ""], dtype=str)
        places = x.cpu().numpy()
        return words[np.where((places >= 0) & (places < len(words)), places, len(words) - 1)]


class IntegerLookup(IndexLookup):
    """Replaces each whole number by its place in a vocabulary.

    The vocabulary is given, or learned by `adapt` (or by `fit`, from the training part): the most
    frequent number comes first. Use it for codes such as postal districts, whose size means
    nothing.

    Args:
        max_tokens: Largest size of the vocabulary, special tokens included.
        num_oov_indices: Number of places for numbers that are not in the vocabulary. With 0, such
            a number is an error outside of training, and -1 in training.
        mask_token: Number that gets place 0, for gaps; only with output_mode "int".
        oov_token: What stands for unknown numbers in the vocabulary.
        vocabulary: Numbers in their order, with or without the special tokens in front. A path
            to a file is refused: files are read by the data readers.
        vocabulary_dtype: Only "int64".
        idf_weights: With "tf_idf" and `vocabulary`: one weight a token.
        invert: Replaces places by numbers instead.
        output_mode: "int" for the place, "one_hot", "multi_hot", "count" or "tf_idf".
        sparse: Only False: results are always dense.
        pad_to_max_tokens: Makes indicator vectors `max_tokens` long in any case.
        oov_method: "floormod" spreads unknown numbers by their remainder, "farmhash" at random.
        salt: With "farmhash": one or two whole numbers; another salt gives another spread.
        name: Name in summaries and messages.
        **kwargs: `trainable`.

    Shape:
        input: (batch, ...), whole numbers
        output: the shape of the input, int64, for "int"; else as in `CategoryEncoding`, int64,
            or floating point for "tf_idf"
        keys, places: (tokens,), int64, learned
        idf_weights: with "tf_idf", floating point, learned

    Raises:
        ArgumentError: An argument has no possible value, or the vocabulary cannot be used.
        DataError: With `num_oov_indices=0`, a value is not in the vocabulary.
        StateError: `adapt` is called although a vocabulary was given, or the size of the
            vocabulary is needed but unknown.

    Example:
        >>> IntegerLookup(vocabulary=[10, 20])([20, 99])
        tensor([2, 0])
    """

    _resizable = ("keys", "places", "idf_weights")

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            name=name,
            salt=salt,
            **kwargs,
        )
        self.vocabulary_dtype = checks.choice(
            self, "vocabulary_dtype", vocabulary_dtype, ("int64",)
        )
        self.oov_method = checks.choice(self, "oov_method", oov_method, ("floormod", "farmhash"))
        if salt is not None and self.oov_method != "farmhash":
            raise checks.refuse(
                self,
                "salt",
                salt,
                expected="'salt' only with oov_method='farmhash'.",
                fix="leave out salt, or pass oov_method='farmhash'.",
            )
        self._take_given(vocabulary, idf_weights)

    def _key_of(self, token: Any) -> int:
        return int(token)

    def _remember(self, tokens: list[Any]) -> None:
        """Numbers are their own keys, so there is nothing more to keep."""

    def _tokens(self) -> list[Any]:
        return self.keys[self.places.argsort()].tolist()

    def _to_tokens(self, values: Any) -> np.ndarray:
        if isinstance(values, Tensor):
            values = values.cpu().numpy()
        array = np.asarray(values)
        if array.dtype.kind in "iu" or (array.dtype.kind == "f" and (array == array // 1).all()):
            return array.astype(np.int64)
        raise self._unfit("tokens that are no whole numbers", "pass an array of dtype int64.")

    def _observed(self, data: Any) -> np.ndarray:
        return self._to_tokens(data)

    def _spread(self, keys: Tensor) -> Tensor:
        return keys if self.oov_method == "floormod" else self._scrambled(keys)

    def _inverted(self, x: Tensor) -> Tensor:
        unknown = -1 if self.oov_token is None else self.oov_token
        special = [unknown] * self.num_oov_indices
        special = special if self._oov_start == 0 else [self.mask_token, *special]
        front = torch.tensor([*special, unknown], dtype=torch.int64).to(self.keys.device)
        tokens = torch.cat([front[:-1], self.keys.take(self.places.argsort()), front[-1:]])
        is_known = (x >= 0) & (x < tokens.shape[0] - 1)
        return tokens.take(torch.where(is_known, x, tokens.shape[0] - 1))
