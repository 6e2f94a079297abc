"""AttributeFill: listings -> attributes of items, the empty ones filled in."""

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types.artifact import Artifact
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.attribute_fill.executor import Executor
from components.list_example_gen.plan import fingerprint
from data.definition.dataset import Dataset
from data.definition.item_listings import ItemListings
from data.errors import InputError
from data.files import files_in
from data.listings.files import ENDINGS
from data.listings.item_attributes import item_column
from data.listings.taxonomy import read_taxonomy
from data.sources.storage import find_files


class ItemAttributesArtifact(Artifact):
    """Attributes of items.

    It holds `attributes.parquet`, a listing a row: the item's id, and for each attribute A its
    value, `A_score` and `A_filled`; `fill.json`, see
    `data.artifacts.attribute_fill.AttributeFillResult`; and the folder `model`.
    """

    TYPE_NAME = "ItemAttributes"


class AttributeFillSpec(ComponentSpec):
    """Inputs, outputs and properties of AttributeFill."""

    INPUTS: dict[str, ChannelParameter] = {}
    OUTPUTS = {"attributes": ChannelParameter(type=ItemAttributesArtifact)}
    PARAMETERS = {
        "fill_fn": ExecutionParameter(type=str),
        "listings": ExecutionParameter(type=str),
        "input_fingerprint": ExecutionParameter(type=str),
    }


class AttributeFill(BaseComponent):
    """Fills the attributes that listings leave empty, for ListExampleGen to join them to items.

    Outputs:
        attributes: attributes.parquet, fill.json and the model.
    """

    SPEC_CLASS = AttributeFillSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self, fill_fn: str, dataset: Dataset, input_fingerprint: str | None = None
    ) -> None:
        """Sets the component up.

        Args:
            fill_fn: dotted name of the function that fills, see `Executor`.
            dataset: has `listings`; of its other fields, only `item` counts.
            input_fingerprint: stands for the content of listings, taxonomy and model; None looks at
                the files.

        Raises:
            InputError: no such files, or no taxonomy in its file.
        """
        assert dataset.listings is not None
        listings = dataset.listings.model_copy(update={"item": item_column(dataset)})
        if input_fingerprint is None:
            input_fingerprint = fingerprint(_files(listings))
        super().__init__(
            AttributeFillSpec(
                fill_fn=fill_fn,
                listings=listings.model_dump_json(),
                input_fingerprint=input_fingerprint,
                attributes=Channel(type=ItemAttributesArtifact),
            )
        )


def _files(listings: ItemListings) -> list[str]:
    try:
        files = find_files(listings.files, ENDINGS)
    except InputError as error:
        raise InputError(f"listings.files: {error}") from None
    read_taxonomy(listings.taxonomy)
    model = files_in(listings.model) if listings.model else []
    return [*files, listings.taxonomy, *model]
