"""The work of Diagnostics."""

from typing import Any

import numpy as np
from tfx import types
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.diagnostics.calibration import compare, compare_by_region, uncalibrated
from components.diagnostics.counterfactual import measure_earnings
from components.diagnostics.domestic import FIRST, domestic_shares
from components.diagnostics.drawn_lists import DrawnLists, read_drawn_lists
from components.diagnostics.earnings import Interval
from components.diagnostics.importance import Score, measure_importance
from components.diagnostics.pairs import explain_pairs
from components.diagnostics.results import Diagnostics
from components.drawing import Limits, draw_lists
from components.evaluator.config import EvaluationConfig, headline_rank
from components.split_files import split_files
from data.artifacts.calibration import Calibration
from data.artifacts.served_answer import SCORE, ExportedModel, probability
from data.artifacts.vocabulary_files import UnknownValues, exported_vocabularies, unknown_values
from data.definition import keys
from data.definition.dataset import Dataset

Artifacts = dict[str, list[types.Artifact]]

# A quarter of a million items of lists of 25: enough for rare actions, and seconds to score.
LIMITS = Limits(fewest=200, most=10_000, most_bytes=64 << 20)


class Executor(BaseBeamExecutor):
    """Measures a model on drawn evaluation lists, for people."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Runs the diagnostics.

        Args:
            input_dict: `examples`, of which only the split `eval` is read, and `model`.
            output_dict: `diagnostics` gets diagnostics.json.
            exec_properties: `dataset` and `evaluation_config` as JSON.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        dataset = Dataset.model_validate_json(exec_properties["dataset"])
        config = EvaluationConfig.model_validate_json(exec_properties["evaluation_config"])
        model = artifact_utils.get_single_instance(input_dict["model"])
        folder = self._get_tmp_dir().rstrip("/")
        files = split_files(input_dict["examples"], keys.EVALUATION, "evaluation")
        counts = draw_lists(self._make_beam_pipeline, files, LIMITS, folder, by_region=False)
        sample = read_drawn_lists(folder, dataset)
        fileio.rmtree(folder)
        served = path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model))
        exported, calibration = ExportedModel(served), Calibration.of_model(served)
        lists = sum(counts.values())
        found = diagnose(dataset, sample, exported.with_gaps, config, lists, calibration)
        unknown = _unknown_values(sample, exported_vocabularies(dataset, served))
        pairs = explain_pairs(dataset, sample, served, exported.loaded)
        found = found.model_copy(update={"unknown_values": unknown, "pairs": pairs})
        found.save(artifact_utils.get_single_uri(output_dict["diagnostics"]))


def diagnose(
    dataset: Dataset,
    sample: DrawnLists,
    score: Score,
    config: EvaluationConfig,
    of_lists: int,
    calibration: Calibration | None = None,
) -> Diagnostics:
    """Measures calibration, importance, share of domestic items, and what the order would earn.

    Args:
        dataset: the definition of the lists.
        sample: the lists that were drawn.
        score: the model: probabilities and the score of lists.
        config: at which rank NDCG is cut off, and how intervals are made.
        of_lists: how many lists it was drawn from.
        calibration: of the model; None where it serves what its network says.

    Returns:
        The diagnostics.
    """
    rank = headline_rank(config.ndcg_at)
    at = None if rank == "all" else rank
    outputs = score(sample.examples(), sample.row_lengths)
    served = {task.name: outputs[probability(task.name)] for task in dataset.tasks}
    before = uncalibrated(served, sample, calibration)
    return Diagnostics(
        lists=len(sample.row_lengths),
        of_lists=of_lists,
        faulty_items=int(np.count_nonzero(np.isnan(outputs[SCORE]))),
        calibration=compare(served, sample),
        uncalibrated=compare(before, sample),
        calibration_by_region=compare_by_region(served, before, sample),
        importance=measure_importance(dataset, sample, score, at),
        first=FIRST,
        domestic=domestic_shares(sample, outputs[SCORE]),
        counterfactual=measure_earnings(
            dataset, sample, outputs, Interval(config.replicates, config.confidence)
        ),
    )


def _unknown_values(
    sample: DrawnLists, vocabularies: dict[str, list[bytes]]
) -> dict[str, UnknownValues]:
    columns = {
        name: values
        for batch in (sample.context, sample.items)
        for name, values in zip(batch.schema.names, batch.columns, strict=True)
    }
    found = {
        name: unknown_values(columns[name], vocabulary) for name, vocabulary in vocabularies.items()
    }
    return {name: values for name, values in found.items() if values}
