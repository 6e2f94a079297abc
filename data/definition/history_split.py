"""Histories of single pieces: which entries of the past are told from the rest, and how."""

from collections.abc import Iterator, Sequence

from pydantic import Field, FiniteFloat

from data.definition.base import Definition
from data.definition.feature import Feature
from data.similar_names import did_you_mean


class HistorySplit(Definition):
    """Gives a history two encoders: of entries of single pieces, and of the rest.

    All fields but `at_most` name features of scope history.

    Attributes:
        feature: pieces that there were of the entry's item; numeric or bucketed. An entry without a
            value is not of a single piece.
        at_most: pieces of an item that counts as a single one, at most; in the units of the logs.
        id: what identifies the item, categorical. The embeddings of single pieces' ids are scaled
            and shifted by side information: by the features that are `like` an item feature.
        action: what was done, categorical. Training goes on teaching the ids of single pieces from
            it, whether they are shown again or not.
    """

    feature: str = Field(min_length=1)
    at_most: FiniteFloat = 1.0
    id: str | None = Field(default=None, min_length=1)
    action: str | None = Field(default=None, min_length=1)

    def side_information(self, features: Sequence[Feature]) -> tuple[Feature, ...]:
        """What is known of an entry's item beside its id: history features like one of items.

        Args:
            features: those of scope history.
        """
        return tuple(one for one in features if one.like is not None and one.name != self.id)

    def check(self, features: Sequence[Feature]) -> None:
        """Checks the names against the features.

        Args:
            features: those of scope history.

        Raises:
            ValueError: all that is not as expected.
        """
        own = {feature.name: feature for feature in features}
        faults = [*self._wrong_features(own), *self._missing_features(features)]
        if faults:
            raise ValueError(f"history: split_by: {'; '.join(faults)}")

    def _wrong_features(self, own: dict[str, Feature]) -> Iterator[str]:
        numbers, categories = ("numeric", "bucketed"), ("categorical",)
        fields = (("feature", self.feature, numbers), ("id", self.id, categories))
        for field, name, kinds in (*fields, ("action", self.action, categories)):
            if name is None:
                continue
            if name not in own:
                hint = did_you_mean(name, own)
                yield f"{field}: expected a feature of scope history, found {name!r}{hint}"
            elif own[name].kind not in kinds:
                yield f"{field}: expected {' or '.join(kinds)}, found {name!r}, {own[name].kind}"

    def _missing_features(self, features: Sequence[Feature]) -> Iterator[str]:
        if self.action is not None and self.id is None:
            yield "action: expected `id` as well, what is taught from what was done; found none"
        if self.action is not None and self.action == self.id:
            yield f"action: expected another feature than `id`, found {self.action!r} in both"
        if self.id is not None and not self.side_information(features):
            yield (
                "id: expected side information, a history feature with `like` beside that of ids,"
                " which embeddings are scaled and shifted by; found none"
            )
