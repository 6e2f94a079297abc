"""What is compared on the Expedia searches, and by what."""

from functools import partial

from benchmarks.cross_validation import orders
from benchmarks.cross_validation.boosted_trees import rank_by_trees
from benchmarks.cross_validation.competitor import Competitor, Scores, Setting
from benchmarks.cross_validation.measures import Measure
from benchmarks.cross_validation.neural_ranker import rank_by_network
from benchmarks.cross_validation.prepared import Prepared
from benchmarks.expedia_settings import SEQ_MD_SETTINGS, TREE_SETTINGS
from pipeline.config import RunConfig

# The competition's own cut-off.
CUT_OFF = 38
MEASURES = (Measure("graded@38", None, CUT_OFF), Measure("booking@10", "booking", 10))
OURS = "SEQ+MD"


def expedia_competitors(config: RunConfig) -> list[Competitor]:
    """All competitors; ours changes the model and the training that the catalog describes."""
    ours = tuple(_complete(config, changes) for changes in SEQ_MD_SETTINGS)
    raw, relative = partial(_trees, False), partial(_trees, True)
    by_location = orders.by_column("location_score_2")
    return [
        Competitor(OURS, "network", _network, ours),
        Competitor(f"{OURS}, catalog's setting", "network", _network, (_complete(config, {}),)),
        Competitor("LightGBM, raw features", "raw trees", raw, TREE_SETTINGS),
        Competitor("LightGBM, with within-list inputs", "relative trees", relative, TREE_SETTINGS),
        Competitor("prop_location_score2", "location score", by_location),
        Competitor("logged order", "logged order", orders.logged_order()),
        Competitor("random order", "random order", orders.random_order()),
    ]


def _complete(config: RunConfig, changes: Setting) -> Setting:
    sections = {"model": config.model, "training": config.training}
    return {
        name: {**section.model_dump(mode="json"), **changes.get(name, {})}
        for name, section in sections.items()
    }


def _network(prepared: Prepared, seed: int, setting: Setting) -> Scores:
    return rank_by_network(prepared, seed, setting["model"], setting["training"])


def _trees(within_list: bool, prepared: Prepared, seed: int, setting: Setting) -> Scores:
    return rank_by_trees(prepared, seed, dict(setting), within_list, CUT_OFF)
