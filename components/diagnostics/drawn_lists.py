"""Drawn evaluation lists, as columns that can be scored again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from components.drawing import drawn_records
from components.evaluator.list_values import LabelledLists
from data.arrow_lists import entries, lists_of
from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.lists.batches import pick, replace_column
from data.lists.encoding import encode_examples
from data.lists.examples import example_decoder
from data.metrics.ranked import list_of_item

_NUMBERS = (keys.LIST_WEIGHT, keys.ITEM_POSITION, keys.ITEM_DOMESTIC)


@dataclass(frozen=True)
class DrawnLists:
    """B drawn lists with N items, ordered by length, so that little is padded when they are scored.

    Attributes:
        context: context features, histories and the list's id, a row a list [B].
        items: item features, a row an item [N].
        labelled: labels, positions and weights of the lists.
        regions: bytes [B], the region of each list.
        platforms: bytes [B], its platform.
        users: bytes [B], its user, or its id where users are unknown.
        randomised: bool [B], whether it was shown in random order; None where the dataset does
            not say.
        domestic: float [N], 1 where an item is domestic, NaN where unknown; None where the
            dataset does not say.
    """

    context: pa.RecordBatch
    items: pa.RecordBatch
    labelled: LabelledLists
    regions: np.ndarray
    platforms: np.ndarray
    users: np.ndarray
    randomised: np.ndarray | None
    domestic: np.ndarray | None

    @property
    def row_lengths(self) -> np.ndarray:
        """int64 [B], items of each list."""
        return self.labelled.row_lengths

    @property
    def list_of_item(self) -> np.ndarray:
        """int64 [N], the list of each item."""
        return list_of_item(self.row_lengths)

    def examples(self) -> list[bytes]:
        """The lists as serialized tf.Examples without labels: what the model may see."""
        return encode_examples(self.context, self.items, self.row_lengths)

    def take(self, places: np.ndarray) -> "DrawnLists":
        """The lists at some places, int64 [M], ascending."""
        kept = np.isin(self.list_of_item, places)
        lists = self.labelled
        return DrawnLists(
            context=pick(self.context, places),
            items=pick(self.items, np.flatnonzero(kept)),
            labelled=LabelledLists(
                row_lengths=lists.row_lengths[places],
                labels={task: values[kept] for task, values in lists.labels.items()},
                truth={task: values[kept] for task, values in lists.truth.items()},
                positions=None if lists.positions is None else lists.positions[kept],
                weights=lists.weights[places],
            ),
            regions=self.regions[places],
            platforms=self.platforms[places],
            users=self.users[places],
            randomised=None if self.randomised is None else self.randomised[places],
            domestic=None if self.domestic is None else self.domestic[kept],
        )

    def permuted(self, features: Sequence[Feature], random: np.random.Generator) -> "DrawnLists":
        """The lists with the values of features given to other lists or items.

        Args:
            features: one feature, or all those of the history, which go together.
            random: the source of the permutation.
        """
        column = features[0].belongs_to.part
        batch: pa.RecordBatch = getattr(self, column)
        places = random.permutation(batch.num_rows)
        for name in (feature.name for feature in features):
            moved = pick(pa.RecordBatch.from_arrays([batch[name]], [name]), places)[name]
            batch = replace_column(batch, name, moved)
        return replace(self, **{column: batch})


def read_drawn_lists(folder: str, dataset: Dataset) -> DrawnLists:
    """Reads the drawn lists.

    Args:
        folder: see `draw_lists`.
        dataset: the definition of the lists.

    Returns:
        They, in an order that does not depend on how the lists lay in files.
    """
    batches = list(drawn_records(folder))
    records = np.concatenate(batches) if batches else np.empty(0, object)
    truth = [keys.truth(task) for task in _with_truth(dataset)]
    numbers = [*(keys.label(task.name) for task in dataset.tasks), *truth, *_NUMBERS]
    decoder = example_decoder(dataset.features, _texts(dataset), numbers)
    columns = decoder.DecodeBatch(records.tolist())
    label = columns[keys.label(dataset.tasks[0].name)]
    ids = columns[keys.LIST_ID].flatten().to_numpy(zero_copy_only=False)
    order = np.lexsort((ids, np.diff(label.offsets.to_numpy())))
    return _drawn_lists(columns.take(pa.array(order)), dataset)


def _drawn_lists(columns: pa.RecordBatch, dataset: Dataset) -> DrawnLists:
    row_lengths = np.diff(columns[keys.label(dataset.tasks[0].name)].offsets.to_numpy())
    identity = {keys.LIST_ID: columns[keys.LIST_ID].flatten().cast(pa.binary())}
    context, items = (
        {one.name: codec(one).rows(columns[one.name].flatten()) for one in features}
        for features in (dataset.context_features, dataset.item_features)
    )
    context |= {one.name: _history(columns[one.name]) for one in dataset.history_features}
    said = dataset.domestic or dataset.item_region
    labelled = LabelledLists(
        row_lengths=row_lengths.astype(np.int64),
        labels={task.name: _numbers(columns, keys.label(task.name)) for task in dataset.tasks},
        truth={task: _numbers(columns, keys.truth(task)) for task in _with_truth(dataset)},
        positions=_numbers(columns, keys.ITEM_POSITION) if dataset.position else None,
        weights=_numbers(columns, keys.LIST_WEIGHT),
    )
    return DrawnLists(
        context=pa.RecordBatch.from_pydict({**identity, **context}),
        items=pa.RecordBatch.from_pydict(items),
        labelled=labelled,
        regions=_text(columns, keys.LIST_REGION),
        platforms=_text(columns, keys.LIST_PLATFORM),
        users=_text(columns, keys.LIST_USER),
        randomised=_text(columns, keys.LIST_RANDOMISED) == b"true" if dataset.randomised else None,
        domestic=_numbers(columns, keys.ITEM_DOMESTIC) if said else None,
    )


def _history(column: pa.Array) -> pa.Array:
    """Entries as canonical rows have them."""
    lengths, values = entries(column)
    return lists_of(
        lengths, values if pa.types.is_floating(values.type) else values.cast(pa.binary())
    )


def _with_truth(dataset: Dataset) -> list[str]:
    """Tasks whose true probabilities are known."""
    return [task.name for task in dataset.tasks if task.true_probability]


def _texts(dataset: Dataset) -> list[str]:
    always = [keys.LIST_ID, keys.LIST_REGION, keys.LIST_PLATFORM, keys.LIST_USER]
    return [*always, keys.LIST_RANDOMISED] if dataset.randomised else always


def _text(columns: pa.RecordBatch, key: str) -> np.ndarray:
    return columns[key].flatten().to_numpy(zero_copy_only=False)


def _numbers(columns: pa.RecordBatch, key: str) -> np.ndarray:
    return columns[key].flatten().to_numpy(zero_copy_only=False).astype(float)
