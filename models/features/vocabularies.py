"""Vocabularies of all categorical features, from one pass over the training lists.

TensorFlow Transform's own vocabularies take some fourteen Beam stages a feature, which is most of
the work of fitting the transform graph of a small data set; here all features share a few.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam

from data.artifacts.vocabulary_files import ESCAPES, NO_VALUES
from data.files import below, whole_file

# Matches texts without anything that is escaped.
_NOT_ESCAPED = r"[^\\\n\r]*"
_MISSING = b""

Count = tuple[tuple[int, bytes], int]
Ranked = tuple[int, list[tuple[int, bytes]]]


def training_vocabularies(
    values: Mapping[str, tf.Tensor],
    sizes: Mapping[str, int],
    looked_up: Mapping[str, tf.Tensor] | None = None,
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    """The most frequent values of every feature, in files.

    A file has a value a line, by falling frequency, equally frequent ones by falling bytes. Empty
    values are left out; line breaks are escaped, see `data.artifacts.vocabulary_files`.

    Args:
        values: string [N] of one batch, by name of the file; N may differ.
        sizes: most values that are kept, by the same names.
        looked_up: other texts that are looked up in some of the files, by names of their own.

    Returns:
        The path of each file, a string [], by the same names; and the values as lines have them,
        string [N], by these and the other texts' names.
    """
    if not values:
        return {}, {}
    names = list(values)
    escaped = {name: _as_lines(texts) for name, texts in values.items()}
    paths = tft.experimental.ptransform_analyzer(
        inputs=list(escaped.values()),
        ptransform=Vocabularies(names, [sizes[name] for name in names]),
        output_dtypes=[tf.string] * len(names),
        output_shapes=[[]] * len(names),
        output_asset_default_values=[NO_VALUES] * len(names),
        name="vocabularies",
    )
    return dict(zip(names, paths, strict=True)), _lines(values, looked_up or {})


def _lines(
    values: Mapping[str, tf.Tensor], looked_up: Mapping[str, tf.Tensor]
) -> dict[str, tf.Tensor]:
    """The values escaped, if any value in training had to be: three passes over all texts."""
    some = tft.max(tf.cast(_some_are_escaped(list(values.values())), tf.int64), name="escaped")
    together = {**values, **looked_up}
    lines = tf.cond(
        some > 0,
        lambda: [_as_lines(texts) for texts in together.values()],
        lambda: [tf.identity(texts) for texts in together.values()],
    )
    return dict(zip(together, lines, strict=True))


def _as_lines(texts: tf.Tensor) -> tf.Tensor:
    for value, line in ESCAPES:
        rewrite = line.replace(b"\\", b"\\\\")
        texts = tf.strings.regex_replace(texts, re.escape(value), rewrite)
    return texts


def _some_are_escaped(texts: Sequence[tf.Tensor]) -> tf.Tensor:
    """Whether any text holds what is escaped, bool []."""
    together = tf.strings.reduce_join(tf.concat(texts, axis=0))
    return tf.logical_not(tf.strings.regex_full_match(together, _NOT_ESCAPED))


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
        with whole_file(file) as partial, tf.io.gfile.GFile(partial, "wb") as output:
            output.write(b"\n".join(words or [NO_VALUES]) + b"\n")
        yield beam.pvalue.TaggedOutput(file, np.array(file))
