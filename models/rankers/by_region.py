"""What a configuration asks for by region beside masks."""

from models.config import ModelConfig
from models.layers.region import RegionOptions


def region_options(config: ModelConfig) -> RegionOptions:
    """The part of a configuration that `RegionContext` takes.

    Args:
        config: the network.

    Returns:
        The options.
    """
    return RegionOptions(
        config.region_gates, config.region_rank, config.mask_units, config.region_penalty
    )
