"""Corrections for position bias while a ranker is trained; nothing of them is served."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from data.artifacts.examination import LearntExamination
from data.counterfactual.examination import LARGEST_WEIGHT, octaves_of
from data.definition import keys
from data.definition.dataset import Dataset
from models.losses.softmax_loss import SoftmaxLoss
from models.position_bias.columns import EXAMINATION_LOGIT, EXAMINATION_WEIGHT
from models.position_bias.examination import Examination
from models.position_bias.shown_lists import Shown, shown_lists
from models.predictions import Predictions

Batch = Mapping[str, tf.Tensor]
# A slope moves by three learning rates a step at most.
FEWEST_STEPS = 200


class PositionBias(tf.Module):
    """What training on shown lists does about how much each position was examined.

    An item i at position k is acted on with probability examination(k) * relevance(i).
    Examination is that of lists in random order, where 300 of their items or more were acted on.
    Else it is learnt with the ranker, by platform and region.

    `additive`: log examination(k) is added to the logits while training. A softmax over a list is
    then the probability that its action falls on i, examination(k_i) exp(logit_i) over its sum.
    Where probabilities descend, it is added to the first task's logit, of which later actions are
    products; else to every task's. Logits without it are served.

    `inverse_propensity`: what was done to an item counts 1 / examination(k) times, at most
    `LARGEST_WEIGHT` times, in the listwise losses of every task; pointwise ones have the
    probability of an action, examination(k) * probability. Where examination is learnt, it is by
    the same softmax of actions, given the ranker's logits, which in turn learn nothing from it.

    Args:
        way: which of the two.
        shown: of the training lists.
        over_all: whether the ranker's listwise losses are means over all lists, not over those with
            an action alone.

    Source:
        Joachims, Swaminathan and Schnabel, "Unbiased Learning-to-Rank with Biased Feedback", WSDM
        2017; Ai, Bi, Luo, Guo and Croft, "Unbiased Learning to Rank with Unbiased Propensity
        Estimation", SIGIR 2018 (learnt with the ranker); Zhao et al., "Recommending What Video to
        Watch Next", RecSys 2019 (additive).
    """

    def __init__(self, way: str, shown: Shown, over_all: bool = True) -> None:
        super().__init__(name="position_bias")
        self._additive = way == "additive"
        self._shown = shown
        # What the log likelihood of actions is divided by, so that the prior weighs as it should.
        self._divided_by = shown.lists if self._additive and over_all else shown.acted
        known = shown.random_slopes()
        self._joint = known is None
        octaves = octaves_of(shown.last) if known is None else known.shape[1]
        self.examination = Examination(shown.first, octaves, shown.platforms, shown.regions, known)
        self._likelihood = SoftmaxLoss()

    def seen(self, batch: Batch) -> dict[str, tf.Tensor]:
        """A batch as the losses are to see it.

        Args:
            batch: with positions, platforms and regions.

        Returns:
            The batch, with `EXAMINATION_LOGIT` or `EXAMINATION_WEIGHT`, float [N].
        """
        logits = self.examination.logits(batch)
        if self._additive:
            return {**batch, EXAMINATION_LOGIT: logits}
        weights = tf.minimum(tf.exp(-tf.stop_gradient(logits)), LARGEST_WEIGHT)
        return {**batch, EXAMINATION_WEIGHT: weights}

    def loss(self, batch: Batch, predictions: Predictions, tasks: Sequence[str]) -> tf.Tensor:
        """What is added to the total of a batch in training, a scalar.

        Args:
            batch: see `seen`.
            predictions: of its N items.
            tasks: their names.
        """
        if not self._joint:
            return tf.constant(0.0)
        prior = self.examination.prior(self._divided_by)
        if self._additive:
            return prior
        done = tf.stack([batch[keys.label(task)] for task in tasks])
        acted = tf.reduce_any(done > 0, axis=0)
        logits = tf.stop_gradient(predictions.logits[:, 0]) + self.examination.logits(batch)
        target, given = (
            tf.RaggedTensor.from_row_lengths(one, batch[keys.ROW_LENGTHS], validate=False)
            for one in (tf.cast(acted, tf.float32), logits)
        )
        return prior + self._likelihood(target, given, batch[keys.LIST_WEIGHT])

    def learnt(self, files: Sequence[str], dataset: Dataset) -> LearntExamination:
        """What was found, for people and for those who judge the model.

        Args:
            files: TFRecord files of training lists.
            dataset: names the tasks.
        """
        shared, platforms, regions = self.examination.slopes()
        found = LearntExamination(
            way="additive" if self._additive else "inverse_propensity",
            source="joint" if self._joint else "randomised",
            lists=self._shown.lists,
            unknown_lists=self._shown.unknown,
            first_position=self._shown.first,
            shared=tuple(shared.tolist()),
            platforms={name: tuple(one.tolist()) for name, one in platforms.items()},
            regions={name: tuple(one.tolist()) for name, one in regions.items()},
        )
        if self._additive:
            return found
        clipped = clipped_share(found, files, dataset)
        return found.model_copy(update={"largest_weight": LARGEST_WEIGHT, "clipped": clipped})


def clipped_share(found: LearntExamination, files: Sequence[str], dataset: Dataset) -> float:
    """Share of the items acted on, by list weight, whose weight was cut.

    Args:
        found: the examination.
        files: TFRecord files of training lists.
        dataset: names the tasks.
    """
    cut = total = 0.0
    for part in shown_lists(files, dataset):
        weights = part.acted * part.weights[part.list_of_item]
        known = part.known(found.first_position)
        total += float(weights.sum())
        positions = np.where(known[part.list_of_item], part.positions + 1 - found.first_position, 1)
        places = np.char.add(np.char.add(part.platforms.astype(bytes), b"\0"), _text(part.regions))
        for place in np.unique(places):
            items = (places == place)[part.list_of_item]
            platform, _, region = place.decode().partition("\0")
            low = 1 / found.at(positions[items], platform, region) > LARGEST_WEIGHT
            cut += float(weights[items] @ low)
    return cut / total if total else 0.0


def _text(values: np.ndarray) -> np.ndarray:
    return values.astype(bytes)


def told(found: LearntExamination, steps: int) -> str:
    """What was learnt, in a line for people.

    Args:
        found: the examination.
        steps: of the training.
    """
    positions = [k for k in (2, 5, 10, 20, 50) if k <= 2 ** len(found.shared)]
    of_platforms = [found.at(np.array(positions, float), name) for name in found.platforms]
    mean = np.mean(of_platforms or [found.at(np.array(positions, float))], axis=0)
    curve = ", ".join(f"{value:.2f} at {k}" for k, value in zip(positions, mean, strict=True))
    said = "from lists in random order" if found.source == "randomised" else "with the ranker"
    parts = [f"position bias: examination, learnt {said}: 1 at the first position, {curve}"]
    if found.source == "joint" and steps < FEWEST_STEPS:
        parts.append(
            f"learnt in {steps} steps, which is too few to correct in full ({FEWEST_STEPS} or more "
            "do; fewer lists_per_batch make more steps of an epoch)"
        )
    if found.clipped is not None:
        parts.append(
            f"{found.clipped:.1%} of the actions had their weight cut to {found.largest_weight:g}"
        )
    if found.unknown_lists:
        parts.append(
            f"{found.unknown_lists:,} of {found.lists:,} training lists have an item without a "
            "position: they are learnt from as if all positions were examined alike"
        )
    return "; ".join(parts)
