import hashlib

import numpy as np

from lamina.data.fingerprint import fingerprint


def test_it_is_the_hash_of_dtype_shape_and_values():
    x = np.array([[1, 2]], dtype=np.uint8)

    assert fingerprint([x]) == hashlib.sha256(b"|u1 (1, 2)\n\x01\x02").hexdigest()


def test_layout_and_byte_order_do_not_matter():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)

    assert fingerprint([np.asfortranarray(x), x.astype(">f4")]) == fingerprint([x, x])


def test_shape_dtype_value_and_order_matter():
    x = np.arange(6, dtype=np.int32)
    changed = [
        [x, x + 1],
        [x + 1, x],
        [x, x.reshape(2, 3)],
        [x, x.astype(np.int64)],
        [x],
    ]

    assert len({fingerprint(arrays) for arrays in changed}) == len(changed)
