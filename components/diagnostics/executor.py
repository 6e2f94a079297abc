"""The work of Diagnostics."""

from typing import Any

import numpy as np
from tfx import types
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.diagnostics.calibration import (
    Probabilities,
    compare,
    compare_by_region,
    uncalibrated,
)
from components.diagnostics.counterfactual import measure_earnings
from components.diagnostics.domestic import FIRST, domestic_shares
from components.diagnostics.drawn_lists import DrawnLists, read_drawn_lists
from components.diagnostics.earnings import Interval
from components.diagnostics.importance import Score, measure_importance
from components.diagnostics.pairs import explain_pairs
from components.diagnostics.results import Diagnostics
from components.diagnostics.usable_lists import CHANCE
from components.drawing import Limits, draw_lists
from components.evaluator.config import EvaluationConfig, headline_rank
from components.split_files import split_files
from data.artifacts.calibration import Calibration
from data.artifacts.examination import LearntExamination
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
            input_dict: `examples`, the split `eval`, and of the others the lists in random order;
                `model`.
            output_dict: `diagnostics` gets diagnostics.json.
            exec_properties: `dataset` and `evaluation_config` as JSON.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        dataset = Dataset.model_validate_json(exec_properties["dataset"])
        config = EvaluationConfig.model_validate_json(exec_properties["evaluation_config"])
        model = artifact_utils.get_single_instance(input_dict["model"])
        folder = self._get_tmp_dir().rstrip("/")
        files = split_files(input_dict["examples"], keys.EVALUATION, "evaluation")
        drawn = f"{folder}/evaluation"
        counts = draw_lists(self._make_beam_pipeline, files, LIMITS, drawn, by_region=False)
        sample = read_drawn_lists(drawn, dataset)
        random = self._random_orders(input_dict["examples"], dataset, f"{folder}/random")
        fileio.rmtree(folder)
        served = path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model))
        exported, calibration = ExportedModel(served), Calibration.of_model(served)
        lists, score = sum(counts.values()), exported.with_gaps
        learnt = LearntExamination.of_model(served)
        found = diagnose(dataset, sample, score, config, lists, calibration, random, learnt)
        unknown = _unknown_values(sample, exported_vocabularies(dataset, served))
        pairs = explain_pairs(dataset, sample, served, exported.loaded)
        found = found.model_copy(update={"unknown_values": unknown, "pairs": pairs})
        found.save(artifact_utils.get_single_uri(output_dict["diagnostics"]))

    def _random_orders(
        self, examples: list[types.Artifact], dataset: Dataset, folder: str
    ) -> DrawnLists | None:
        """Lists in random order of the other splits; None where none are told."""
        if not (dataset.randomised and dataset.position):
            return None
        splits = (keys.TRAIN, keys.VALIDATION)
        files = [file for split in splits for file in split_files(examples, split, split)]
        make = self._make_beam_pipeline
        counts = draw_lists(make, files, LIMITS, folder, by_region=False, randomised=True)
        return read_drawn_lists(folder, dataset) if sum(counts.values()) else None


def diagnose(
    dataset: Dataset,
    sample: DrawnLists,
    score: Score,
    config: EvaluationConfig,
    of_lists: int,
    calibration: Calibration | None = None,
    random_orders: DrawnLists | None = None,
    learnt: LearntExamination | None = None,
) -> Diagnostics:
    """Measures calibration, importance, share of domestic items, and what the order would earn.

    Args:
        dataset: the definition of the lists.
        sample: the lists that were drawn.
        score: the model: probabilities and the score of lists.
        config: at which rank NDCG is cut off, and how intervals are made.
        of_lists: how many lists it was drawn from.
        calibration: of the model; None where it serves what its network says.
        random_orders: lists of other splits that were shown in random order; they say how much a
            position is looked at.
        learnt: how much a position is looked at, as training says; None where it did not ask.

    Returns:
        The diagnostics.
    """
    rank = headline_rank(config.ndcg_at)
    at = None if rank == "all" else rank
    outputs = score(sample.examples(), sample.row_lengths)
    served = {task.name: outputs[probability(task.name)] for task in dataset.tasks}
    before = uncalibrated(served, sample, calibration)
    answers = {**outputs, CHANCE: _odds(before or served)} if learnt else outputs
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
            dataset,
            sample,
            answers,
            Interval(config.replicates, config.confidence),
            random_orders,
            learnt,
        ),
    )


def _odds(probabilities: Probabilities) -> np.ndarray:
    """Odds of the likeliest action, float [N].

    A network that is trained with position bias corrected shares the actions of a list out by these
    odds times examination (`models.position_bias`).
    """
    likeliest = np.clip(np.nan_to_num(np.max(list(probabilities.values()), axis=0)), 1e-9, 1 - 1e-9)
    return likeliest / (1 - likeliest)


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
