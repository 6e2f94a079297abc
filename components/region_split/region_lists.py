"""The drawn lists that regions are compared by."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.drawing import drawn_records
from components.region_split.coding import list_places
from components.region_split.effects import lifts_of
from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.examples import example_decoder
from data.metrics.relevance import relevance


@dataclass(frozen=True)
class RegionLists:
    """Lists of the regions that are compared.

    Attributes:
        columns: S lists by the names of features; list<float32> or list<binary>.
        region_of_list: int [S], ascending; place of each list's region in `regions`.
        regions: all lists of each region that is compared, the largest region first.
        lifts: float [N], of all items of the lists, see `effects.lifts_of`; None where no labels
            were read.
    """

    columns: pa.RecordBatch
    region_of_list: np.ndarray
    regions: dict[str, int]
    lifts: np.ndarray | None = None


def read_region_lists(folder: str, dataset: Dataset, regions: dict[bytes, int]) -> RegionLists:
    """Reads the drawn lists of some regions.

    Args:
        folder: see `draw_lists`.
        dataset: names the features.
        regions: all lists of the regions to read, the largest first.

    Returns:
        They, in the order of regions and list ids, however the lists lay in files.
    """
    index = pa.array(list(regions), pa.large_binary())
    decoder = example_decoder(texts=[keys.LIST_ID, keys.LIST_REGION])
    records, ids, places = [], [], []
    for batch in drawn_records(folder):
        columns = decoder.DecodeBatch(batch.tolist())
        found = pc.index_in(columns.column(keys.LIST_REGION).flatten(), index)
        kept = found.is_valid().to_numpy(zero_copy_only=False)
        records.append(batch[kept])
        ids.append(columns.column(keys.LIST_ID).flatten().to_numpy(zero_copy_only=False)[kept])
        places.append(found.drop_null().to_numpy())
    order = np.lexsort((np.concatenate(ids), np.concatenate(places)))
    serialized = np.concatenate(records)[order].tolist()
    names = {region.decode(errors="replace"): lists for region, lists in regions.items()}
    labels = [keys.label(task.name) for task in dataset.tasks]
    columns = example_decoder(dataset.features, numbers=labels).DecodeBatch(serialized)
    flat = [columns.column(name).flatten().to_numpy(zero_copy_only=False) for name in labels]
    grades = [task.grade for task in dataset.tasks]
    reached = relevance(np.stack(flat, axis=1), grades)
    lifts = lifts_of(reached, list_places(columns.column(labels[0])))
    return RegionLists(columns, np.concatenate(places)[order], names, lifts)
