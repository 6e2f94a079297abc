"""Rankers by name.

Adding one: its layer in a file of this folder, a line in `RANKERS` below, and its name in
`RankerName` of `models/config.py`, which is read without TensorFlow. A name in one of the two
alone is an error of types, and of `tests/models/rankers/test_every_ranker.py`.
"""

from collections.abc import Callable, Sequence
from functools import partial

import tensorflow as tf

from models.config import ModelConfig, RankerName
from models.layers.region_context import RegionContext
from models.layers.seeds import derived_seed
from models.layers.shared_input import SharedInput
from models.layers.towers import Towers
from models.rankers.adatt_sp import AdattSp
from models.rankers.aitm import Aitm
from models.rankers.by_region import region_options
from models.rankers.esmm import Esmm
from models.rankers.mlmmoe import Mlmmoe
from models.rankers.pepnet import PepNet
from models.rankers.ple import Ple
from models.rankers.seq_md import SeqMd
from models.rankers.shared_bottom import SharedBottom
from models.rankers.star import Star
from models.rankers.tower_ranker import TowerRanker

Builder = Callable[[ModelConfig, Sequence[str], int | None], tf.keras.layers.Layer]


def _sequence(adaptor: str, config: ModelConfig, tasks: Sequence[str], seed: int | None) -> SeqMd:
    chosen = config.model_copy(update={"adaptor": config.adaptor or adaptor})
    return SeqMd.from_model_config(chosen, tasks, seed)


def _joined(config: ModelConfig, seed: int | None) -> SharedInput:
    return SharedInput(
        config.adaptor == "shared",
        config.concatenate_country,
        config.mask_units,
        config.transformed_units,
        config.dropout,
        derived_seed(seed, "inputs"),
        config.adaptor_shift,
        name="inputs",
    )


def _context(config: ModelConfig, seed: int | None) -> RegionContext:
    context_seed = derived_seed(seed, "region")
    return RegionContext(region_options(config), 1, config.dropout, context_seed, name="region")


def _towers(
    representation: type[tf.keras.layers.Layer],
    options: Sequence[str],
    config: ModelConfig,
    tasks: Sequence[str],
    seed: int | None,
) -> TowerRanker:
    hidden = region_options(config).hidden
    levels = representation(
        len(tasks),
        **{name: getattr(config, name) for name in ("level_units", "dropout", *options)},
        seed=derived_seed(seed, "representation"),
        by_region=hidden,
        name="representation",
    )
    towers_seed = derived_seed(seed, "towers")
    towers = Towers(
        len(tasks), config.tower_units, config.dropout, towers_seed, hidden, name="towers"
    )
    parts = _joined(config, seed), levels, towers, _context(config, seed)
    return TowerRanker(*parts, name=config.ranker)


def _transferring(config: ModelConfig, tasks: Sequence[str], seed: int | None) -> TowerRanker:
    # AITM's towers end where information is passed on; a logit alone follows.
    towers = (*config.level_units, *config.tower_units)
    whole = config.model_copy(update={"level_units": towers, "tower_units": ()})
    return _towers(Aitm, (), whole, tasks, seed)


def _gated(config: ModelConfig, tasks: Sequence[str], seed: int | None) -> TowerRanker:
    everywhere = config.model_copy(update={"region_gates": "all"})
    return _towers(PepNet, (), everywhere, tasks, seed)


def _star(config: ModelConfig, tasks: Sequence[str], seed: int | None) -> Star:
    return Star(
        _joined(config, seed),
        _context(config, seed),
        len(tasks),
        config.level_units,
        config.tower_units,
        config.mask_units,
        config.dropout,
        seed,
        name=config.ranker,
    )


RANKERS: dict[RankerName, Builder] = {
    "seq": partial(_sequence, "none"),
    "seq_md": partial(_sequence, "per_task"),
    "shared_bottom": partial(_towers, SharedBottom, ()),
    "mlmmoe": partial(_towers, Mlmmoe, ("experts",)),
    "ple": partial(_towers, Ple, ("experts_per_task", "shared_experts")),
    "adatt_sp": partial(_towers, AdattSp, ("experts_per_task",)),
    "star": _star,
    "esmm": partial(_towers, Esmm, ()),
    "aitm": _transferring,
    # Its combination stands behind the product: `models.layers.combination`.
    "journey": partial(_towers, SharedBottom, ()),
    "pepnet": _gated,
}


def build_ranker(
    config: ModelConfig, tasks: Sequence[str], seed: int | None = None
) -> tf.keras.layers.Layer:
    """Makes the ranker that a configuration names.

    A ranker is called with streams `{"country", "dependent", "invariant"}`, float [N, width] each,
    and `training`; it returns logits, float [N, T], before the descending probability and without
    the linear path.

    Args:
        config: name of the ranker, widths and options.
        tasks: names of the tasks, in order.
        seed: seed of initial weights and dropout; None draws anew each time.

    Returns:
        The ranker.
    """
    return RANKERS[config.ranker](config, tasks, seed)
