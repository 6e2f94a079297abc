"""Lists as the pipeline prepares them, and what a learner makes of them."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from benchmarks.laboratory.logs import Logs
from components.drawing import Limits, draw_lists
from components.region_split.changes import with_changes, with_kept_sides
from components.region_split.config import RegionSplitConfig
from components.region_split.region_lists import read_region_lists
from components.region_split.split import choose_regions, split_features
from data.artifacts.region_split import FeatureSplit
from data.lists.encoding import encode
from data.local_beam import local_pipeline
from models.features.fitting import fit_transform_graph
from models.features.transform_graph import TransformGraph
from models.training.input_pipeline import Batch, Reader, batch_reader


class Prepared:
    """Lists by part: training, validation, evaluation. Nothing is done before it is needed.

    Split and transform graph see training lists only.

    Args:
        logs: the lists and their division.
        region_split: how features are split.
        folder: an empty folder for files.
        last: the split of an earlier day, on whose sides features stay.
    """

    def __init__(
        self,
        logs: Logs,
        region_split: RegionSplitConfig,
        folder: Path,
        last: FeatureSplit | None = None,
    ) -> None:
        self.dataset = logs.dataset
        self.lists = {
            name: logs.lists.take(places) for name, places in logs.parts._asdict().items()
        }
        self._region_split = region_split
        self._folder = folder
        self._last = last

    @cached_property
    def examples(self) -> dict[str, list[bytes]]:
        """Serialized lists by part."""
        return {name: encode(lists) for name, lists in self.lists.items()}

    @cached_property
    def files(self) -> dict[str, str]:
        """A TFRecord file for each part."""
        paths = {}
        for name, examples in self.examples.items():
            paths[name] = str(self._folder / f"{name}.tfrecord")
            with tf.io.TFRecordWriter(paths[name]) as writer:
                for example in examples:
                    writer.write(example)
        return paths

    @cached_property
    def split(self) -> FeatureSplit:
        """The region split of the training lists."""
        config = self._region_split
        folder = self._temporary("drawn")
        limits = Limits(config.fewest_lists, config.most_lists, seed=config.seed)
        counts = draw_lists(local_pipeline, [self.files["training"]], limits, folder)
        regions, left_out = choose_regions(counts, config)
        sample = read_region_lists(folder, self.dataset, regions) if len(regions) > 1 else None
        split = split_features(self.dataset, config, sample, left_out)
        if self._last is None:
            return split
        names = [feature.name for feature in self.dataset.features]
        return with_kept_sides(with_changes(split, self._last, ""), self._last, names)

    @cached_property
    def transform(self) -> TransformGraph:
        """The transform graph, fitted on the training lists."""
        output = str(self._folder / "transform_graph")
        scratch = self._temporary("scratch")
        fit_transform_graph(self.dataset, [self.files["training"]], output, scratch)
        return TransformGraph(self.dataset, output)

    @cached_property
    def reader(self) -> Reader:
        """What turns serialized lists into model inputs."""
        return batch_reader(self.dataset, self.transform)

    @cached_property
    def inputs(self) -> dict[str, Batch]:
        """Model inputs by part, all lists in one batch."""
        return {name: self.reader(tf.constant(lists)) for name, lists in self.examples.items()}

    def _temporary(self, name: str) -> str:
        path = self._folder / name
        path.mkdir()
        return str(path)


class Scores(NamedTuple):
    """What a trained model says of the lists, and of itself.

    Attributes:
        validation: scores of the validation lists' items by target (a task, or `graded`),
            float [N].
        evaluation: those of the evaluation lists.
        figures: figures of the model by name, such as its size, float [..].
    """

    validation: Mapping[str, np.ndarray]
    evaluation: Mapping[str, np.ndarray]
    figures: Mapping[str, np.ndarray] = {}


class Learner(Protocol):
    """A way to rank lists; can be pickled."""

    def described(self) -> dict[str, Any]:
        """All that tells its trainings from those of others, as JSON can hold it."""
        ...

    def scores(self, prepared: Prepared, seed: int) -> Scores:
        """Learns from the training lists and scores the others.

        Args:
            prepared: the lists.
            seed: of the training.
        """
        ...
