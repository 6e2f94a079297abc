"""Our own ranker: trained, given further tasks where it learnt fewer, and its scores."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.laboratory import adaptor_distances, examined_positions
from benchmarks.laboratory.logs import with_tasks
from benchmarks.laboratory.prepared import Prepared, Scores
from benchmarks.speed.network_size import arithmetic
from components.evaluator.config import GRADED
from data.artifacts.examination import LearntExamination
from data.definition import keys
from data.definition.dataset import Dataset
from models.calibration.calibrated import Calibrated
from models.calibration.fitting import ScoredLists, fit_calibration
from models.calibration.places import place_ids
from models.config import ModelConfig, TrainingConfig
from models.rankers.budget import count_parameters
from models.ranking_model import RankingModel
from models.training.input_pipeline import Batch, label_totals
from models.training.pushed_model import PushedModel
from models.training.warm_start import warm_start
from pipeline.tuning.training import train

# Of the network without embeddings; of one item's forward pass; by a third task at fixed widths.
PARAMETERS, MULTIPLY_ADDS, GROWTH = "parameters", "multiply_adds", "growth"
SIZES = (PARAMETERS, MULTIPLY_ADDS, GROWTH)
_LISTS_AT_ONCE = 512


@dataclass(frozen=True)
class Network:
    """Our own ranker, trained by the project's own code.

    Attributes:
        model: fields of `ModelConfig`.
        training: fields of `TrainingConfig`; the seed of the training replaces theirs.
        tasks: names of the tasks that it learns; the others are added without training. All where
            none is named.
    """

    model: Mapping[str, Any]
    training: Mapping[str, Any]
    tasks: Sequence[str] = ()

    def described(self) -> dict[str, Any]:
        """All its fields."""
        network = {"model": dict(self.model), "training": dict(self.training)}
        return {"network": network, "tasks": list(self.tasks)}

    def scores(self, prepared: Prepared, seed: int) -> Scores:
        """Trains the network.

        Args:
            prepared: the lists.
            seed: of initial weights and of all that is drawn in the training.

        Returns:
            Probabilities of the tasks, calibrated as those that are served, and the score;
            `SIZES`, float [1] each, with an adaptor `adaptor_distances.STAGES`, and, where
            position bias is corrected, `examined_positions.figures_of` among the figures.
        """
        dataset = prepared.dataset
        training = TrainingConfig.model_validate({**self.training, "seed": seed})
        learnt = with_tasks(dataset, self.tasks)
        network, examination = train_network(
            prepared, learnt, ModelConfig.model_validate(self.model), training
        )
        if learnt != dataset:
            network = _grown(network, prepared, training)
        calibrated = calibration_of(network, prepared) if training.calibrated else None
        return Scores(
            predicted(network, prepared, "validation", calibrated),
            predicted(network, prepared, "evaluation", calibrated),
            {
                **_sizes(network),
                **adaptor_distances.by_stage(network, prepared, "evaluation"),
                **examined_positions.figures_of(examination),
            },
        )


def train_network(
    prepared: Prepared,
    dataset: Dataset,
    model: ModelConfig,
    training: TrainingConfig,
    pushed: PushedModel | None = None,
) -> tuple[RankingModel, LearntExamination | None]:
    """Trains a network on the training lists.

    Args:
        prepared: the lists.
        dataset: that of the lists, or one with fewer tasks.
        model: the network.
        training: the training, with its seed.
        pushed: a model whose weights it starts from; none draws them.

    Returns:
        The network with the weights that were kept, and what it learnt of examination.
    """
    with tempfile.TemporaryDirectory() as checkpoints:
        trained = train(
            dataset,
            model,
            training,
            prepared.split,
            prepared.transform,
            [prepared.files["training"]],
            [prepared.files["validation"]],
            checkpoints,
            pushed,
        )
    return trained.network, trained.training.learnt_examination()


def _grown(trained: RankingModel, prepared: Prepared, training: TrainingConfig) -> RankingModel:
    """A network for all tasks that starts from a trained one, and is not trained itself."""
    transform = prepared.transform
    network = RankingModel(
        prepared.dataset, trained.config, training, prepared.split, transform.sizes
    )
    network(prepared.reader(tf.constant(prepared.examples["evaluation"][:1])))
    vocabularies = transform.vocabularies()
    warm_start(network, vocabularies, PushedModel.of(trained, vocabularies))
    return network


def calibration_of(network: RankingModel, prepared: Prepared) -> Calibrated:
    """The calibration that is fitted to the validation lists."""
    tasks = [task.name for task in network.dataset.tasks]
    places = place_ids(network.dataset, prepared.transform.vocabularies())
    scored: dict[str, list[np.ndarray]] = {}
    for batch in _batches(prepared, "validation"):
        columns = {
            "logits": network(batch, training=False).logits,
            "labels": tf.stack([batch[keys.label(task)] for task in tasks], axis=1),
            "row_lengths": batch[keys.ROW_LENGTHS],
            "weights": batch[keys.LIST_WEIGHT],
        } | {str(role): ids.of_lists(batch) for role, ids in places.items()}
        for name, values in columns.items():
            scored.setdefault(name, []).append(values.numpy())
    whole = {name: np.concatenate(parts) for name, parts in scored.items()}
    ids = {role: whole.pop(str(role)) for role in places}
    cut = network.dataset.longest_training_list is not None
    elsewhere = None if cut else label_totals([prepared.files["training"]], network.dataset)
    calibration = fit_calibration(
        tasks, ScoredLists(**whole, ids=ids), places, network.descending, elsewhere
    )
    return Calibrated(calibration, places, prepared.transform.sizes)


def predicted(
    network: RankingModel, prepared: Prepared, part: str, calibrated: Calibrated | None
) -> dict[str, np.ndarray]:
    """Scores of a part's items by target, float [N], as the model would serve them."""
    found = []
    for batch in _batches(prepared, part):
        predictions = network(batch, training=False)
        probabilities, score = predictions.probabilities, predictions.score
        if calibrated:
            probabilities = calibrated(predictions.logits, batch)
            score = network.score(probabilities)
        found.append(tf.concat([probabilities, score[:, tf.newaxis]], axis=1).numpy())
    names = [*(task.name for task in network.dataset.tasks), GRADED]
    return dict(zip(names, np.concatenate(found).T, strict=True))


def _batches(prepared: Prepared, part: str) -> Iterator[Batch]:
    examples = prepared.examples[part]
    for start in range(0, len(examples), _LISTS_AT_ONCE):
        yield prepared.reader(tf.constant(examples[start : start + _LISTS_AT_ONCE]))


def _sizes(network: RankingModel) -> dict[str, np.ndarray]:
    names = [task.name for task in network.dataset.tasks]
    widths = {name: len(columns) for name, columns in network.ranker_columns().items()}
    two, three = (
        count_parameters(network.config, [f"task {number}" for number in range(tasks)], widths)
        for tasks in (2, 3)
    )
    sizes = {
        PARAMETERS: count_parameters(network.config, names, widths) + _before_ranker(network),
        MULTIPLY_ADDS: arithmetic(network).multiply_adds,
        GROWTH: three / two - 1,
    }
    return {name: np.array([size], np.float64) for name, size in sizes.items()}


def _before_ranker(network: RankingModel) -> int:
    """Trainable numbers of what reads histories and aligns the features of kinds of items."""
    history = network.streams.history
    of_history = 0 if history is None else history.parameters()
    weights = [] if network.kind_streams is None else network.kind_streams.trainable_weights
    return of_history + sum(weight.shape.num_elements() for weight in weights)
