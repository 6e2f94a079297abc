"""seqmd: ranks search results for several ordered actions in several regions at once.

From logs to scores:

    definition = seqmd.propose("logs.csv", "my_shop.yaml")     # a first definition, to edit
    result = seqmd.run(definition, "logs.csv", output="output/my_shop")
    ranker = seqmd.load_ranker(result.model)
    ranker.score(pages)                                        # a DataFrame, a table or files

Parts for models and measurements of your own: `RegionAdaptor` (MD), `TaskSequence` (SEQ) and
`descending_logits` work in any Keras model, `loss` makes the losses, `ndcg` is the measure that the
whole project shares, `simulate` writes logs to try things on, and `tune` searches settings.
`fill_attributes` and `draft` work on listings: values that sellers left empty, and descriptions.

What is wrong with what you gave is an `InputError` with one message: what was expected, what was
found, where. Names are imported when they are first used, so `import seqmd` is quick. Import it
before TensorFlow: it chooses Keras 2, which everything here is made of.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Before anything imports TensorFlow, which at level 2 greets every process with lines of errors
# about plugins of CUDA that are registered twice. What goes wrong is an exception all the same.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if TYPE_CHECKING:
    from data.definition.dataset import Dataset
    from data.errors import InputError
    from models.layers.descending_probability import descending_logits
    from models.layers.region_adaptor import RegionAdaptor
    from models.layers.task_sequence import TaskSequence
    from pipeline.failures import CommandFailedError
    from seqmd.definitions import load_dataset, propose, simulate
    from seqmd.listings import draft, fill_attributes
    from seqmd.losses import loss
    from seqmd.measures import ndcg
    from seqmd.ranker import Ranker, load_ranker, score
    from seqmd.runs import Run, Tuning, run, tune

__all__ = [
    "CommandFailedError",
    "Dataset",
    "InputError",
    "Ranker",
    "RegionAdaptor",
    "Run",
    "TaskSequence",
    "Tuning",
    "descending_logits",
    "draft",
    "fill_attributes",
    "load_dataset",
    "load_ranker",
    "loss",
    "ndcg",
    "propose",
    "run",
    "score",
    "simulate",
    "tune",
]

_MODULES = {
    "data.definition.dataset": ("Dataset",),
    "data.errors": ("InputError",),
    "models.layers.descending_probability": ("descending_logits",),
    "models.layers.region_adaptor": ("RegionAdaptor",),
    "models.layers.task_sequence": ("TaskSequence",),
    "pipeline.failures": ("CommandFailedError",),
    "seqmd.definitions": ("load_dataset", "propose", "simulate"),
    "seqmd.listings": ("draft", "fill_attributes"),
    "seqmd.losses": ("loss",),
    "seqmd.measures": ("ndcg",),
    "seqmd.ranker": ("Ranker", "load_ranker", "score"),
    "seqmd.runs": ("Run", "Tuning", "run", "tune"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    # What modules have by themselves, such as `__doc__`, and nothing that is imported here.
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
