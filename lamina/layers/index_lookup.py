"""What StringLookup and IntegerLookup share: a vocabulary, kept as sorted keys and places."""

from collections import Counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import ArgumentError, DataError, StateError
from lamina.core.names import shown
from lamina.core.probing import is_probing
from lamina.layers.adapted import AdaptedLayer, refuse_adapting
from lamina.layers.category_encoding import encode, refuse_sparse
from lamina.layers.hashing import salts, scramble

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


class IndexLookup(AdaptedLayer):
    """Finds the place of each value in a vocabulary.

    A subclass says what the key of a token is, how tokens are kept, and what the inverse returns.
    """

    keys: Tensor
    places: Tensor
    idf_weights: Tensor

    def __init__(
        self,
        *,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        sparse: bool,
        salt: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_tokens is not None:
            max_tokens = checks.whole(self, "max_tokens", max_tokens, low=2)
        self.max_tokens: Any = max_tokens  # None: no limit, and then nothing is padded
        self.num_oov_indices = checks.whole(self, "num_oov_indices", num_oov_indices)
        self.mask_token, self.oov_token = mask_token, oov_token
        mode = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(output_mode, output_mode)
        self.output_mode = checks.choice(self, "output_mode", mode, _MODES)
        self.invert = checks.boolean(self, "invert", invert)
        self.pad_to_max_tokens = checks.boolean(self, "pad_to_max_tokens", pad_to_max_tokens)
        self.sparse = refuse_sparse(self, sparse)
        self.salt = salts(self, salt)
        if self.invert and self.output_mode != "int":
            raise checks.refuse(
                self,
                "output_mode",
                output_mode,
                expected="'output_mode' as 'int' when 'invert' is true.",
                fix="leave out output_mode.",
            )
        if self.pad_to_max_tokens and max_tokens is None:
            raise checks.refuse(
                self,
                "pad_to_max_tokens",
                pad_to_max_tokens,
                expected="'max_tokens' as well, the size to pad to.",
                fix="pass max_tokens=1000.",
            )
        self._is_given = False
        for key in ("keys", "places"):
            self._hold(key, torch.zeros(0, dtype=torch.int64))
        if self.output_mode == "tf_idf":
            kind = dtypes.to_torch(dtypes.floatx())
            self._hold("idf_weights", torch.zeros(0, dtype=kind))

    # -- what a subclass fills in ------------------------------------------------------------

    def _key_of(self, token: Any) -> int:
        """The number that stands for a token in a tensor."""
        raise NotImplementedError

    def _remember(self, tokens: list[Any]) -> None:
        """Keeps what the keys do not tell about the tokens."""
        raise NotImplementedError

    def _tokens(self) -> list[Any]:
        """The tokens in their order, without the special ones."""
        raise NotImplementedError

    def _to_tokens(self, values: Any) -> np.ndarray:
        """Data as an array of tokens."""
        raise NotImplementedError

    def _observed(self, data: Any) -> np.ndarray:
        """A batch given to `adapt` as an array of tokens, or of their keys."""
        raise NotImplementedError

    def _spread(self, keys: Tensor) -> Tensor:
        """Numbers whose remainders choose among the places of unknown values."""
        raise NotImplementedError

    def _inverted(self, x: Tensor) -> Any:
        """The tokens at these places."""
        raise NotImplementedError

    # -- the vocabulary ----------------------------------------------------------------------

    @property
    def is_adapted(self) -> bool:
        """Whether there is a vocabulary: given, loaded or learned."""
        return self.keys.shape[0] > 0

    @property
    def _oov_start(self) -> int:
        return int(self.mask_token is not None and self.output_mode == "int")

    @property
    def _mask_place(self) -> int:
        """Place 0, or none at all in an indicator vector."""
        return 0 if self.output_mode == "int" else -1

    @property
    def _token_start(self) -> int:
        return self._oov_start + self.num_oov_indices

    @property
    def _special(self) -> list[Any]:
        return [self.mask_token] * self._oov_start + [self.oov_token] * self.num_oov_indices

    def vocabulary_size(self) -> int:
        """Number of tokens, the special ones included."""
        return self._token_start + self.keys.shape[0]

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens in the order of their places."""
        tokens = self._tokens()
        return [*self._special, *tokens] if include_special_tokens else tokens

    def _take_given(self, vocabulary: Any, idf_weights: Any) -> None:
        """Takes what the constructor was given, if anything."""
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
            self._is_given = True
        elif idf_weights is not None:
            raise self._unfit_weights("'vocabulary' as well", "pass vocabulary=[...] too.")

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replaces the vocabulary.

        Args:
            vocabulary: Tokens in their order, with or without the special tokens in front.
            idf_weights: With output_mode "tf_idf": one weight a token.

        Raises:
            ArgumentError: The vocabulary is a path, is empty, is too long, repeats a token or has
                a special token in the middle, or the weights do not fit.
        """
        if isinstance(vocabulary, (str, bytes)):
            raise self._unfit(
                f"a path, {shown(vocabulary)}, as its vocabulary",
                f"read the file first: vocabulary=open({shown(vocabulary)}).read().splitlines().",
            )
        tokens = self._to_tokens(vocabulary).reshape(-1).tolist()
        if not tokens:
            raise self._unfit(
                "a vocabulary with no tokens", "pass at least one token, or call adapt(data)."
            )
        special, given = self._special, len(tokens)
        has_special = bool(special) and tokens[: len(special)] == special
        tokens = tokens[len(special) :] if has_special else tokens
        self._check_tokens(tokens)
        self._set_weights(idf_weights, given, has_special)
        self._write(tokens)

    def _check_tokens(self, tokens: list[Any]) -> None:
        repeated = [token for token, count in Counter(tokens).items() if count > 1]
        if repeated:
            raise self._unfit(
                f"a vocabulary with the token {shown(repeated[0])} more than once",
                "drop repeated tokens: vocabulary=list(dict.fromkeys(vocabulary)).",
            )
        reserved = [self.mask_token, *([self.oov_token] if self.invert else [])]
        for token in reserved:
            if token is not None and token in tokens:
                raise self._unfit(
                    f"a vocabulary with the special token {shown(token)} in the middle",
                    f"leave special tokens out, or begin with {self._special}.",
                )
        size = self._token_start + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            raise self._unfit(
                f"a vocabulary with {size} tokens, special ones included, "
                f"with max_tokens={self.max_tokens}",
                f"pass max_tokens={size}.",
            )

    def _write(self, tokens: list[Any]) -> None:
        keys = torch.tensor([self._key_of(token) for token in tokens], dtype=torch.int64)
        order = keys.argsort()
        self._hold("keys", keys[order])
        self._hold("places", order)
        self._remember(tokens)

    def _set_weights(self, idf_weights: Any, given: int, has_special: bool) -> None:
        if (idf_weights is not None) != (self.output_mode == "tf_idf"):
            if idf_weights is None:
                raise ArgumentError(
                    f"{self.name} received no idf_weights for its vocabulary.",
                    expected="one weight a token.",
                    fix="pass idf_weights=[...].",
                )
            raise self._unfit_weights(
                "'idf_weights' only with output_mode='tf_idf'", "leave out idf_weights."
            )
        if idf_weights is None:
            return
        weights = np.asarray(idf_weights, dtype=np.float64)
        if weights.shape != (given,):
            raise self._unfit_weights(f"{given} weights, one a token", "pass as many as tokens.")
        front = 0 if has_special else self._token_start
        self._hold_weights(np.pad(weights, (front, 0), constant_values=weights.mean()))

    def _hold_weights(self, weights: np.ndarray) -> None:
        if self.pad_to_max_tokens:
            weights = np.pad(weights, (0, self.max_tokens - len(weights)))
        self._hold("idf_weights", torch.as_tensor(weights, dtype=self.idf_weights.dtype))

    def _unfit(self, what: str, fix: str) -> ArgumentError:
        return ArgumentError(
            f"{self.name} received {what}.",
            expected="a list of tokens, each once, most frequent first.",
            fix=fix,
        )

    def _unfit_weights(self, expected: str, fix: str) -> ArgumentError:
        return ArgumentError(
            f"{self.name} received idf_weights that do not fit its vocabulary.",
            expected=f"{expected}.",
            fix=fix,
        )

    # -- adapting ----------------------------------------------------------------------------

    def reset_state(self) -> None:
        """Forgets the tokens counted so far."""
        if self._is_given:
            raise refuse_adapting(self, "vocabulary")
        self._counts: Counter[Any] = Counter()
        self._rows_with: Counter[Any] = Counter()
        self._num_rows = 0

    def update_state(self, data: Any) -> None:
        """Counts the tokens of a batch."""
        tokens = self._observed(data)
        found, counts = np.unique(tokens, return_counts=True)
        self._counts.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
        if self.output_mode == "tf_idf":
            rows = tokens.reshape(len(tokens), -1) if tokens.ndim else tokens.reshape(1, 1)
            for row in rows.tolist():
                self._rows_with.update(set(row))
            self._num_rows += len(rows)

    def finalize_state(self) -> None:
        """Orders the counted tokens: frequent ones first, of equals the last in the alphabet."""
        for token in (self.mask_token, self.oov_token):
            if token is not None:
                self._counts.pop(token, None)
                self._counts.pop(self._key_of(token), None)
        tokens = sorted(self._counts, key=lambda token: (self._counts[token], token), reverse=True)
        if self.max_tokens is not None:
            tokens = tokens[: self.max_tokens - self._token_start]
        self._write(tokens)
        if self.output_mode == "tf_idf":
            rows_with = np.array([self._rows_with[token] for token in tokens], dtype=np.float64)
            weights = np.log(1 + self._num_rows / (1 + rows_with))
            front = weights.mean() if tokens else 0.0
            self._hold_weights(np.pad(weights, (self._token_start, 0), constant_values=front))

    # -- calling -----------------------------------------------------------------------------

    def call(self, x: Any) -> Any:
        x = torch.as_tensor(x).long()
        if self.invert:
            return self._inverted(x)
        places = self._places_of(x)
        if self.output_mode == "int":
            return places
        depth = self.max_tokens if self.pad_to_max_tokens else self._known_size()
        if self.output_mode != "tf_idf":
            return encode(places, self.output_mode, depth, dtype=torch.int64)
        return encode(places, "count", depth, dtype=self.idf_weights.dtype) * self.idf_weights

    def _known_size(self) -> int:
        if self.keys.shape[0]:
            return self.vocabulary_size()
        raise StateError(
            f"{self.name} has no vocabulary yet, so the size of its output is unknown.",
            expected=f"a vocabulary before the first call, for output_mode={self.output_mode!r}.",
            fix=f"{self.name}.adapt(train_x), or pass vocabulary=[...] or max_tokens=... with "
            "pad_to_max_tokens=True.",
        )

    def _places_of(self, x: Tensor) -> Tensor:
        unknown = torch.full_like(x, self._oov_start)
        if self.num_oov_indices > 1:
            unknown = self._spread(x) % self.num_oov_indices + self._oov_start
        elif self.num_oov_indices == 0:
            unknown = torch.full_like(x, -1)
        places = unknown
        if self.keys.shape[0]:
            near = torch.searchsorted(self.keys, x.contiguous()).clamp(max=self.keys.shape[0] - 1)
            found = self.keys.take(near) == x
            places = torch.where(found, self.places.take(near) + self._token_start, unknown)
        if self.num_oov_indices == 0 and not (self.training or is_probing() or x.is_meta):
            self._refuse_unknown(x, places)
        if self.mask_token is None:
            return places
        return torch.where(x == self._key_of(self.mask_token), self._mask_place, places)

    def _refuse_unknown(self, x: Tensor, places: Tensor) -> None:
        unknown = places < 0
        if self.mask_token is not None:
            unknown = unknown & (x != self._key_of(self.mask_token))
        count = int(unknown.sum())
        if count:
            raise DataError(
                f"{self.name} received {count} values that are not in its vocabulary.",
                expected="known values only, for num_oov_indices=0.",
                fix="pass num_oov_indices=1, which gives unknown values a place.",
            )

    def _scrambled(self, keys: Tensor) -> Tensor:
        return scramble(keys, self.salt)
