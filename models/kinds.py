"""What a configuration asks for where lists mix kinds of items."""

from data.definition.dataset import Dataset
from models.config import ModelConfig
from models.features.feature_streams import FeatureStreams
from models.layers.kind_alignment import ALIGNED, KindAlignment
from models.layers.kind_knowledge import KindKnowledge
from models.layers.kind_streams import KindStreams
from models.layers.knowledge_gate import KnowledgeGate
from models.layers.seeds import derived_seed


def build_kind_streams(
    config: ModelConfig, dataset: Dataset, streams: FeatureStreams, seed: int | None
) -> KindStreams | None:
    """Makes what stands between features and ranker.

    Args:
        config: the network.
        dataset: names the kinds.
        streams: the features.
        seed: seed of initial weights.

    Returns:
        The layer, not yet built; None where nothing is asked for, or one kind alone is named.
    """
    aligned = config.kind_alignment != "none"
    if not (aligned or config.kind_knowledge) or len(dataset.kinds) == 1:
        return None
    alignment = _alignment(config, dataset, streams, seed) if aligned else None
    knowledge = None
    if config.kind_knowledge:
        knowledge = KindKnowledge(
            dataset.kinds,
            config.kind_knowledge,
            config.polarised,
            config.polarised_weight,
            derived_seed(seed, "knowledge"),
            name="knowledge",
        )
    gate = None
    if config.second_stage is not None:
        gate = KnowledgeGate(config.kind_knowledge[-1], derived_seed(seed, "gate"), name="gate")
    return KindStreams(alignment, knowledge, gate)


def beside_kinds(config: ModelConfig, dataset: Dataset, streams: FeatureStreams) -> ModelConfig:
    """The configuration with the budget that is left for the ranker.

    Args:
        config: the network; `parameters` is the budget of all of it.
        dataset: names the kinds.
        streams: the features.

    Returns:
        The same with fewer `parameters`, where there is a budget.
    """
    # Without the gate of a second stage: with one budget, its ranker is as wide as the first's.
    first = config.model_copy(update={"second_stage": None})
    layer = build_kind_streams(first, dataset, streams, None) if config.parameters else None
    if layer is None or config.parameters is None:
        return config
    weights = layer.build_for(streams.columns()).trainable_weights
    own = sum(weight.shape.num_elements() for weight in weights)
    return config.model_copy(update={"parameters": max(1, config.parameters - own)})


def _alignment(
    config: ModelConfig, dataset: Dataset, streams: FeatureStreams, seed: int | None
) -> KindAlignment:
    feature_of, columns = streams.feature_of_columns(), streams.columns()
    own = {
        kind: [one.name for one in dataset.features if kind in (one.kinds or ())]
        for kind in dataset.kinds
    }
    return KindAlignment(
        {name: [feature_of[column] for column in columns[name]] for name in ALIGNED},
        own,
        config.kind_units if config.kind_alignment == "joined" else 0,
        derived_seed(seed, "alignment"),
        name="alignment",
    )
