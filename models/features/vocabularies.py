"""Vocabularies of all categorical features, from one pass over the training lists.

TensorFlow Transform's own vocabularies take some fourteen Beam stages a feature, which is most of
the work of fitting the transform graph of a small data set; here all features share a few.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam

from data.places import below

# The only line of a vocabulary without values, since TensorFlow reads no empty one.
_NO_VALUES = b"(no values in training)"
_MISSING = b""

Count = tuple[tuple[int, bytes], int]
Ranked = tuple[int, list[tuple[int, bytes]]]


def training_vocabularies(
    values: Mapping[str, tf.Tensor], sizes: Mapping[str, int]
) -> dict[str, tf.Tensor]:
    """The most frequent values of every feature, in files.

    A file has a value a line, by falling frequency, equally frequent ones by falling bytes. Empty
    values and those with a line break are left out.

    Args:
        values: string [N] of one batch, by name of the file; N may differ.
        sizes: most values that are kept, by the same names.

    Returns:
        The path of each file, a string [], by the same names.
    """
    if not values:
        return {}
    names = list(values)
    paths = tft.experimental.ptransform_analyzer(
        inputs=list(values.values()),
        ptransform=Vocabularies(names, [sizes[name] for name in names]),
        output_dtypes=[tf.string] * len(names),
        output_shapes=[[]] * len(names),
        output_asset_default_values=[_NO_VALUES] * len(names),
        name="vocabularies",
    )
    return dict(zip(names, paths, strict=True))


class Vocabularies(tft_beam.experimental.PTransformAnalyzer):
    """Batches of values, a tuple of string [N], to the path of each feature's file.

    Args:
        names: of the files, a feature each.
        sizes: most values that are kept of each feature.
    """

    def __init__(self, names: Sequence[str], sizes: Sequence[int]) -> None:
        super().__init__()
        self._names = list(names)
        self._sizes = list(sizes)

    def expand(self, batches: beam.PCollection) -> tuple[beam.PCollection, ...]:
        """Counts, orders, cuts and writes."""
        files = [below(self.base_temp_dir, name) for name in self._names]
        paths = (
            batches
            | "Count" >> beam.FlatMap(_counts)
            | "Sum" >> beam.CombinePerKey(sum)
            | "ByFeature" >> beam.MapTuple(lambda key, count: (key[0], (count, key[1])))
            # One more, since the missing value may be among them.
            | "Largest" >> beam.combiners.Top.PerKey(max(self._sizes) + 1)
            | "Write" >> beam.ParDo(_Write(files, self._sizes)).with_outputs(*files)
        )
        return tuple(paths[file] for file in files)


def _counts(batch: tuple[np.ndarray, ...]) -> Iterator[Count]:
    """How often each value of each feature occurs; 0 for a missing one, so that all get a file."""
    for feature, values in enumerate(batch):
        counts = Counter(values.tolist())
        counts[_MISSING] += 0
        for value, count in counts.items():
            if b"\n" not in value and b"\r" not in value:
                yield (feature, value), count


class _Write(beam.DoFn):
    """Writes the vocabulary of a feature, whole or not at all."""

    def __init__(self, files: Sequence[str], sizes: Sequence[int]) -> None:
        self._files = files
        self._sizes = sizes

    def process(self, ranked: Ranked) -> Iterator[beam.pvalue.TaggedOutput]:
        """Puts out the path under the feature's own tag."""
        feature, largest = ranked
        words = [word for _, word in largest if word != _MISSING][: self._sizes[feature]]
        file = self._files[feature]
        partial = f"{file}.{uuid.uuid4().hex}"
        tf.io.gfile.makedirs(file.rsplit("/", 1)[0])
        with tf.io.gfile.GFile(partial, "wb") as output:
            output.write(b"\n".join(words or [_NO_VALUES]) + b"\n")
        tf.io.gfile.rename(partial, file, overwrite=True)
        yield beam.pvalue.TaggedOutput(file, np.array(file))
