"""The project's own preparation of one trial: files, region split and transform graph."""

from functools import cached_property
from pathlib import Path

import tensorflow as tf

from benchmarks.cross_validation.folds import Parts
from components.region_split.config import RegionSplitConfig
from components.region_split.draw import Limits
from components.region_split.sample import draw_lists, read_sample
from components.region_split.split import choose_regions, split_features
from data.dataset import Dataset
from data.list_columns import Lists
from data.lists import encode
from data.local_beam import local_pipeline
from data.region_split import FeatureSplit
from models.features.fitting import fit_transform_graph
from models.features.transform_graph import TransformGraph
from models.training.input_pipeline import Batch, Reader, batch_reader


class Prepared:
    """Lists of one trial as the pipeline prepares them; nothing is done before it is needed.

    Split and transform graph see training lists only.

    Args:
        dataset: the dataset.
        region_split: how features are split.
        lists: all lists.
        parts: the division.
        folder: an empty folder for files.
    """

    def __init__(
        self,
        dataset: Dataset,
        region_split: RegionSplitConfig,
        lists: Lists,
        parts: Parts,
        folder: Path,
    ) -> None:
        self.dataset = dataset
        self.lists = {name: lists.take(places) for name, places in parts._asdict().items()}
        self._region_split = region_split
        self._folder = folder

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
        sample = read_sample(folder, self.dataset, regions) if len(regions) > 1 else None
        return split_features(self.dataset, config, sample, left_out)

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
