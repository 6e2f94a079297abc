"""What can be chosen of the retrieval of attribute values."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from data.definition.base import Definition, Seed

Share = Annotated[float, Field(ge=0, lt=1)]


class AttributeConfig(Definition):
    """The encoder and its training.

    Attributes:
        units: width of the vectors of texts.
        buckets: number of features that words and n-grams are hashed to.
        match_buckets: number of features that places are hashed to at which a value stands.
        match_units: width of what is learnt of places.
        temperature: what similarities are divided by (TACLR: .05).
        negatives: keys at most of a category and attribute in a batch, its null key included, in
            training; those that the batch's listings state or hold in their texts are always
            among them.
        epochs: passes over the listings.
        most_steps: batches at most, in all epochs together.
        batch: listings of a batch, of one category.
        rate: learning rate of the encoder (Adagrad).
        match_rate: learning rate of the weights of places.
        dropout: share of a listing's words and n-grams that a batch leaves out.
        left_out: share of listings that have an attribute and do not state it; used where no
            listing of the category says that it has none.
        most_listings: listings of the training at most; of more, a sample spread over the file.
        sentence_encoder: name of a model of `sentence-transformers` whose vectors join the hashed
            ones; None for these alone.
        seed: seed of all draws.
    """

    units: PositiveInt = 64
    buckets: PositiveInt = 1 << 18
    match_buckets: PositiveInt = 1 << 17
    match_units: PositiveInt = 16
    temperature: PositiveFloat = 0.05
    negatives: PositiveInt = 128
    epochs: PositiveInt = 15
    most_steps: PositiveInt = 6_000
    batch: PositiveInt = 32
    rate: PositiveFloat = 0.3
    match_rate: PositiveFloat = 0.3
    dropout: Share = 0.5
    left_out: Share = 0.3
    most_listings: PositiveInt = 50_000
    sentence_encoder: str | None = None
    seed: Seed = 0
