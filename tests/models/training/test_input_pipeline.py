import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.definition.base import LARGEST_SEED
from data.definition.dataset import Dataset
from models.training.cluster import Cluster
from models.training.input_pipeline import (
    Reader,
    count_lists,
    label_totals,
    matching_files,
    training_batches,
    validation_batches,
)


def ids(batches: tf.data.Dataset, number: int) -> list[list[str]]:
    chosen = itertools.islice(batches, number)
    return [[one.decode() for one in batch["list_id"].numpy()] for batch in chosen]


def test_every_epoch_has_all_lists_in_another_order(files: Any, reader: Reader) -> None:
    names = matching_files([files.train])
    assert count_lists(names) == 200
    # 200 lists are 3 batches of 64 and one of 8.
    batches = ids(training_batches(names, reader, 64, seed=1, first_epoch=1), 8)
    assert [len(batch) for batch in batches] == [64, 64, 64, 8] * 2
    first, second = (list(itertools.chain(*half)) for half in (batches[:4], batches[4:]))
    assert sorted(first) == sorted(second) == sorted(f"list {number}" for number in range(200))
    assert first != second


def test_an_epoch_is_the_same_whenever_it_starts(files: Any, reader: Reader) -> None:
    names = matching_files([files.train])
    through = ids(training_batches(names, reader, 64, seed=1, first_epoch=1), 8)
    assert ids(training_batches(names, reader, 64, seed=1, first_epoch=2), 4) == through[4:]
    assert ids(training_batches(names, reader, 64, seed=2, first_epoch=2), 4) != through[4:]


def order_of(folder: Path, seed: int) -> list[str]:
    """The first epoch's order of ten lists that are nothing but their id."""
    file = str(folder / "lists")
    with tf.io.TFRecordWriter(file) as writer:
        for number in range(10):
            writer.write(b"list %d" % number)
    batches = training_batches([file], lambda lists: {"list_id": lists}, 10, seed, first_epoch=1)
    return ids(batches, 1)[0]


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1, 2 * (2**31 - 1), LARGEST_SEED])
def test_every_seed_shuffles(tmp_path: Path, seed: int) -> None:
    tf.keras.utils.set_random_seed(seed)
    order = order_of(tmp_path, seed)
    assert sorted(order) == [f"list {number}" for number in range(10)]
    assert order != sorted(order)
    assert order == order_of(tmp_path, seed)


def test_an_order_does_not_depend_on_other_seeds_of_the_process(tmp_path: Path) -> None:
    orders = []
    for of_the_process in (3, 4):
        tf.keras.utils.set_random_seed(of_the_process)
        orders.append(order_of(tmp_path, 1))
    assert orders[0] == orders[1]


def test_an_epoch_can_end_in_empty_batches(files: Any, reader: Reader) -> None:
    names = matching_files([files.train])
    batches = ids(training_batches(names, reader, 150, 1, first_epoch=1, empty_batches=2), 8)
    assert [len(batch) for batch in batches] == [150, 50, 0, 0] * 2


def test_workers_share_validation_batches_out(files: Any, reader: Reader) -> None:
    # 40 lists are 3 batches of 16, 16 and 8: the first and the last one for the first worker.
    shares = [
        ids(validation_batches([files.validation], reader, 16, Cluster(2, index)), 3)
        for index in (0, 1)
    ]
    assert [[len(batch) for batch in batches] for batches in shares] == [[16, 8, 16], [16] * 3]
    assert shares[0][0][0] == "list 200"
    assert shares[1][0][0] == "list 216"


def test_validation_lists_come_in_order_again_and_again(files: Any, reader: Reader) -> None:
    batches = ids(validation_batches([files.validation], reader, 32), 4)
    assert batches[:2] == batches[2:]
    assert list(itertools.chain(*batches[:2])) == [f"list {number}" for number in range(200, 240)]


def test_batches_hold_labels_and_weights(files: Any, reader: Reader, lists: list[Any]) -> None:
    batch = next(iter(validation_batches([files.validation], reader, 4)))
    chosen = lists[200:204]
    expected = np.concatenate([one.item["label_order"] for one in chosen])
    np.testing.assert_array_equal(batch["label_order"], expected)
    assert batch["list_weight"].numpy().tolist() == [1, 2, 1, 2]


def test_no_files(reader: Reader) -> None:
    assert count_lists([]) == 0
    assert ids(validation_batches([], reader, 4).take(1), 1) == []


def test_a_list_that_is_cut_off_stops_reading(
    tmp_path: Path,
    reader: Reader,
    lists: list[Any],
    write_lists: Callable[..., str],
) -> None:
    one = lists[3]
    file = write_lists(tmp_path / "broken", [one._replace(item={**one.item, "price": [1.0]})])
    with pytest.raises(tf.errors.InvalidArgumentError, match="price"):
        next(iter(validation_batches([file], reader, 4)))


def test_totals_of_labels_are_by_weight_and_leave_out_what_is_unknown(
    dataset: Dataset, files: Any, lists: list[Any]
) -> None:
    found = label_totals(matching_files([files.train]), dataset)
    for number, label in enumerate(("label_click", "label_order")):
        known, positive = (
            sum(one.context["list_weight"][0] * count(one.item[label]) for one in lists[:200])
            for count in (
                lambda values: np.isfinite(values).sum(),
                lambda values: (np.array(values) > 0).sum(),
            )
        )
        assert found[number] == pytest.approx([positive, known])
    assert label_totals([], dataset).tolist() == [[0, 0], [0, 0]]
