"""Hashes of texts that stay the same between processes, machines and runs."""

import numpy as np
import pandas as pd
import pyarrow as pa

_KEY_BYTES = 16


def text_hashes(texts: pa.Array, purpose: str) -> np.ndarray:
    """Hashes texts with SipHash, as pandas does.

    Args:
        texts: binary or string [N], without nulls; repeated texts are hashed once.
        purpose: names an independent family of hashes; 16 characters at most.

    Returns:
        uint64 [N].

    Raises:
        ValueError: the purpose is too long or a text is null.
    """
    if len(purpose) > _KEY_BYTES or texts.null_count:
        raise ValueError(f"expected a purpose of up to {_KEY_BYTES} letters, and texts, not nulls")
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary.to_numpy(zero_copy_only=False)
    hashes = pd.util.hash_array(distinct, hash_key=purpose.ljust(_KEY_BYTES), categorize=False)
    return hashes[encoded.indices.to_numpy()]


def hash_shares(texts: pa.Array, purpose: str) -> np.ndarray:
    """Hashes texts evenly over [0, 1).

    Args:
        texts: binary or string [N], without nulls.
        purpose: names an independent family of hashes; 16 characters at most.

    Returns:
        float64 [N].
    """
    # 53 bits are what a float64 holds exactly, so that no share is rounded up to 1.
    return (text_hashes(texts, purpose) >> np.uint64(11)) * 2.0**-53
