"""What can be chosen of a model and of its training."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, PositiveInt, field_validator, model_validator

from data.artifacts.signature_names import SIGNATURES, SignatureName
from data.definition.base import Definition, Seed

LossName = Literal[
    "softmax",
    "approx_ndcg",
    "gumbel_approx_ndcg",
    "lambda",
    "sigmoid_cross_entropy",
    "chain",
    "entire_space",
]
CHAIN: LossName = "chain"
ENTIRE_SPACE: LossName = "entire_space"
POINTWISE_LOSSES: tuple[LossName, ...] = ("sigmoid_cross_entropy", CHAIN, ENTIRE_SPACE)
# Losses of the factors of the descending probability, and of their product.
PRODUCT_LOSSES: tuple[LossName, ...] = (CHAIN, ENTIRE_SPACE)
# Which logits of the product the loss of a task trains.
GradientThrough = Literal["all", "own"]

Widths = tuple[PositiveInt, ...]
Weight = Annotated[FiniteFloat, Field(ge=0)]


RankerName = Literal[
    "seq_md",
    "seq",
    "shared_bottom",
    "mlmmoe",
    "ple",
    "adatt_sp",
    "star",
    "pepnet",
    "esmm",
    "aitm",
    "journey",
]
TASK_SEQUENCES = ("seq", "seq_md")
# What these have by region is a part of the model.
REGION_RANKERS = ("star", "pepnet")
ESMM: RankerName = "esmm"
# Its tasks that can be taken back are ordered by a combination, not by their probability.
JOURNEY: RankerName = "journey"
# What these are is a product of conditional probabilities.
PRODUCT_RANKERS = (ESMM, JOURNEY)


class HistoryConfig(Definition):
    """The encoder of what was done before a list.

    Attributes:
        units: width of the weighed sums over past actions.
        heads: number of heads, each with an equal part of the units.
        split: whether entries of single pieces have an encoder of their own, where the dataset's
            history has `split_by`.
    """

    units: int = Field(default=32, ge=1)
    heads: int = Field(default=2, ge=1)
    split: bool = True

    @model_validator(mode="after")
    def _divides(self) -> "HistoryConfig":
        if self.units % self.heads:
            raise ValueError(
                f"units: expected a multiple of the {self.heads} heads, found {self.units}"
            )
        return self


class ModelConfig(Definition):
    """The network.

    Attributes:
        ranker: name in the registry of `models.rankers`.
        parameters: about how many trainable numbers the network is to have, embeddings aside: all
            its widths are scaled by one factor; None takes the widths as they are.
        adaptor: where the multi-distribution adaptor stands: a mask for each task (Fig. 3b, of
            `seq` and `seq_md` alone), one mask before the model (Algorithm 1), or none. By
            default `per_task` for `seq_md` and none for the others.
        concatenate_country: whether country features are also ordinary inputs beside the mask, as
            they are where there is none; the paper's are not.
        token_units: widths of the MLP that makes a task's token; `seq` and `seq_md`.
        recurrent_units: widths of the stacked GRU layers; `seq` and `seq_md`.
        level_units: widths of the levels of models with towers.
        experts: number of experts of a level; `mlmmoe`.
        experts_per_task: number of a task's own experts of a level; `ple` and `adatt_sp`.
        shared_experts: number of shared experts of a level; `ple`.
        tower_units: hidden widths of a task's tower; models with levels.
        mask_units: hidden widths of the mask's MLP, and of what weighs the parts of `journey`.
        transformed_units: widths of the MLP over masked features.
        invariant_units: widths of the MLP over invariant features; empty passes them on.
        adaptor_shift: whether the adaptor also adds a shift by region to the masked features, which
            the paper has not.
        region_gates: what has gates by region, which read the country features and, without a
            gradient, all others: the ranker's `inputs`, its `hidden` layers, `all` or `none` of
            both. `mask_units` are the hidden widths of their MLP.
        region_rank: rank of the change by region of the hidden layers' kernels; 0 makes none.
        region_penalty: weight, beside the tasks' losses, of the mean over regions of how far their
            gates lie from 1 and their changes from 0, squared.
        kind_alignment: what becomes, before the ranker, of features that some kinds of items lack:
            `none`; `importance`, each is scaled, item by item, by how much it says of items of its
            kind; `joined`, those of a kind then become `kind_units` columns, as many for each kind.
        kind_units: the common width of kinds' own features, in each stream; `joined`.
        kind_knowledge: widths of the MLPs that find what kinds have in common, and what each has
            for itself, both of which join the ranker's inputs; empty makes none.
        polarised: what holds the two apart in training: their cosine (`signed`), whose least value
            says opposite, or its `absolute` value.
        polarised_weight: weight of that beside the tasks' losses.
        second_stage: the kind whose own model this is: it starts from a pushed one, whose
            features, alignment and knowledge are frozen; the ranker and a gate, through which
            common knowledge is added to its inputs, are trained on items of the kind alone. None
            trains on all.
        history: the encoder of histories; None takes its defaults where the dataset has histories.
        common_draw: whether what each task has for itself starts from the same draw as the other
            tasks', so that a task that is added can start as a mean; `seq` and `seq_md`.
        descending: whether a task's probability is the product of those up to it (Eq. 4);
            None follows the dataset's `actions_imply_previous`.
        descending_gradient: which logits a task's loss trains through that product: `all` up to its
            own, as in the paper, or its `own` alone; None is `own`, and `all` with what learns the
            product as a whole (`models.task_dependence`).
        token_path: whether a task's logit reads its token beside the recurrent state, which is all
            it reads in the paper; `seq` and `seq_md`.
        linear_path: whether a linear logit a task is added beside the network.
        dropout: share of hidden units dropped in training.
        unknown_region_share: share of training lists whose country features become unknown.
    """

    ranker: RankerName = "seq_md"
    parameters: PositiveInt | None = None
    adaptor: Literal["per_task", "shared", "none"] | None = None
    concatenate_country: bool = True
    token_units: Widths = (64, 32)
    recurrent_units: Widths = (32,)
    level_units: Annotated[Widths, Field(min_length=1)] = (128, 64)
    experts: int = Field(default=4, ge=1)
    experts_per_task: int = Field(default=1, ge=1)
    shared_experts: int = Field(default=1, ge=0)
    tower_units: Widths = (32,)
    mask_units: Widths = (16,)
    transformed_units: Widths = (64,)
    invariant_units: Widths = (64,)
    adaptor_shift: bool = True
    region_gates: Literal["none", "inputs", "hidden", "all"] = "none"
    region_rank: int = Field(default=0, ge=0)
    region_penalty: Weight = 0.01
    kind_alignment: Literal["none", "importance", "joined"] = "none"
    kind_units: int = Field(default=16, ge=1)
    kind_knowledge: Widths = ()
    polarised: Literal["signed", "absolute"] = "signed"
    polarised_weight: Weight = 0.1
    second_stage: str | None = None
    history: HistoryConfig | None = None
    common_draw: bool = True
    descending: bool | None = None
    descending_gradient: GradientThrough | None = None
    token_path: bool = True
    linear_path: bool = False
    dropout: float = Field(default=0.1, ge=0, lt=1)
    unknown_region_share: float = Field(default=0.02, ge=0, lt=1)

    @model_validator(mode="after")
    def _has_place_for_the_adaptor(self) -> "ModelConfig":
        if self.adaptor == "per_task" and self.ranker not in TASK_SEQUENCES:
            raise ValueError(
                f"adaptor: expected 'shared' or 'none' with ranker {self.ranker!r}, which has one "
                "input for all tasks; found 'per_task'"
            )
        return self

    @model_validator(mode="after")
    def _has_hidden_units_for_gates(self) -> "ModelConfig":
        gated = self.ranker == "pepnet" or self.region_gates != "none"
        if gated and not self.mask_units:
            raise ValueError(
                "mask_units: expected one width or more, which gates by region read; found none"
            )
        if self.ranker == "pepnet" and self.region_gates not in ("none", "all"):
            raise ValueError(
                "region_gates: expected none named with ranker 'pepnet', which has gates"
                f" everywhere; found {self.region_gates!r}"
            )
        return self

    @model_validator(mode="after")
    def _has_knowledge_for_a_second_stage(self) -> "ModelConfig":
        if self.second_stage is not None and not self.kind_knowledge:
            raise ValueError(
                "second_stage: expected kind_knowledge, which a gate adds, as the first stage has"
                " it; found none"
            )
        return self

    def descends(self, actions_imply_previous: bool) -> bool:
        """Whether probabilities descend: as chosen, else where an action implies the earlier."""
        return actions_imply_previous if self.descending is None else self.descending


class TaskLoss(Definition):
    """The loss of one task: sum over names of weight * loss.

    Attributes:
        losses: weight by name of loss.
        weight: weight of the task in the total.
        graded: whether listwise losses and the task's NDCG take graded relevance instead of the
            task's own binary label.
        temperature: temperature of ApproxNDCG, Gumbel-ApproxNDCG and softmax.
        mean_over: what a listwise loss is a mean of in training: `all_lists`, so that a task counts
            by the lists in which it was done; or the `relevant_lists` alone, those in which it was
            done, so that a rare task counts as much as a frequent one.
    """

    losses: Annotated[dict[LossName, Weight], Field(min_length=1)] = {
        "softmax": 1.0,
        "sigmoid_cross_entropy": 10.0,
    }
    weight: Weight = 1.0
    graded: bool = False
    temperature: FiniteFloat = Field(default=1.0, gt=0)
    mean_over: Literal["all_lists", "relevant_lists"] = "all_lists"


class TrainingConfig(Definition):
    """The training.

    Attributes:
        default_loss: the loss of tasks that `task_losses` does not name.
        task_losses: losses by task.
        behavioural_calibrator: weight, beside the tasks' losses, of the mean over items of how far
            probabilities rise from task to task; not together with the descending probability.
        score_weights: weights of the task probabilities in the served score; by default the score
            is the expected gain (`models.score`).
        feedback: what is learnt from lists whose windows are open: nothing (`mature_only`), what
            was seen as if it were all (`as_seen`), that weighed by the chance to have seen it
            (`fsiw`), or its likelihood (`survival`).
        calibrated: whether probabilities are calibrated on validation lists after training.
        lists_per_batch: lists in a batch.
        epochs: epochs at most, over which the learning rate decays; 0 exports the weights as they
            start.
        patience: epochs without a better one, by `best_by`, after which training stops.
        position_bias: what is done about items further down being looked at less: an `additive`
            term of the position beside the logits, learnt with the network and left out of what is
            served; `inverse_propensity`, weights of what was done; or `none`. Needs `position`.
        past_actions: weight, beside the tasks' losses, of the loss that teaches the ids of single
            pieces what was done to them in the past; where the `split_by` of the dataset's history
            names an `action`.
        keep: the epoch whose weights are exported: the `best` on validation lists, or the `last`,
            after all epochs; of few validation lists, the best epoch is the luckiest one.
        best_by: what makes an epoch the best on validation lists: `loss_by_lists`, in which each
            task's loss over its relevant lists counts by how many these are, times the task's
            weight; the `loss`, which training lowers; or the `graded_ndcg` of the score. NDCG is
            what is wanted, but where few validation lists have a purchase it hangs on the order
            of a few items, and so does the loss of purchases.
        learning_rate: step size of Adam, in the first epoch where it decays.
        learning_rate_decay: how it falls from epoch to epoch: as half a `cosine`, which would reach
            0 in the epoch after the last of `epochs`; or not at all (`none`).
        weight_decay: a step takes learning_rate * weight_decay of each weight off, biases aside.
            `by_steps` is 1 / the sum of the learning rates of all steps of `epochs`: without
            gradients a weight would shrink to 1/e. It is 1 where that would be more.
        averaged_weights: momentum of the averaged weights that are evaluated and exported;
            None exports the weights as they are.
        gradient_clip: largest global norm of a gradient; None clips nothing.
        ndcg_at: rank at which NDCG is cut off in validation; None takes whole lists.
        seed: seed of initial weights, shuffling, dropout and sampled losses.
        warm_up: signatures that TF Serving is given requests for when it loads the model.
    """

    default_loss: TaskLoss = TaskLoss()
    task_losses: dict[str, TaskLoss] = {}
    behavioural_calibrator: Weight = 0.0
    score_weights: dict[str, Weight] | None = None
    feedback: Literal["mature_only", "as_seen", "fsiw", "survival"] = "mature_only"
    calibrated: bool = True
    position_bias: Literal["none", "additive", "inverse_propensity"] = "none"
    past_actions: Weight = 0.1
    lists_per_batch: int = Field(default=128, ge=1)
    epochs: int = Field(default=10, ge=0)
    patience: int = Field(default=3, ge=1)
    keep: Literal["best", "last"] = "best"
    best_by: Literal["loss_by_lists", "loss", "graded_ndcg"] = "loss_by_lists"
    learning_rate: FiniteFloat = Field(default=4e-3, gt=0)
    learning_rate_decay: Literal["cosine", "none"] = "cosine"
    weight_decay: Weight | Literal["by_steps"] = "by_steps"
    averaged_weights: float | None = Field(default=0.99, gt=0, lt=1)
    gradient_clip: FiniteFloat | None = Field(default=None, gt=0)
    ndcg_at: int | None = Field(default=None, ge=1)
    seed: Seed = 1
    warm_up: tuple[SignatureName, ...] = SIGNATURES

    @field_validator("score_weights")
    @classmethod
    def _some_weight(cls, weights: dict[str, float] | None) -> dict[str, float] | None:
        if weights is not None and not any(weights.values()):
            raise ValueError("expected a weight above 0 for one task or more")
        return weights

    @property
    def models_delays(self) -> bool:
        """Whether the delays of actions are learnt beside the network."""
        return self.feedback in ("fsiw", "survival")

    @property
    def corrects_positions(self) -> bool:
        """Whether position bias is corrected."""
        return self.position_bias != "none"
