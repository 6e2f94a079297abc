"""What a session did before a moment, for many moments at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


def moments(session: Integers, step: Integers) -> Integers:
    """When each step came, as a rank over sessions and steps.

    Steps of the same session and number share a moment, so that neither is earlier than the other:
    a row that was logged twice does not know its own copy.

    Args:
        session: number of the session of each row, int64 [S].
        step: number of the step within its session, int64 [S].

    Returns:
        int64 [S], from 0.
    """
    order = np.lexsort((step, session))
    changes = (np.diff(session[order]) != 0) | (np.diff(step[order]) != 0)
    found = np.empty(len(order), np.int64)
    found[order] = np.concatenate([np.zeros(min(len(order), 1), np.int64), np.cumsum(changes)])
    return found


@dataclass(frozen=True)
class Events:
    """Events of groups, such as the views of an item in a session, in order of time.

    Attributes:
        sorted: group * span + moment of each event [E], rising.
        order: place of each of them in what `of` was given, int64 [E].
        span: number above all moments.
    """

    sorted: Integers
    order: Integers
    span: int

    @classmethod
    def of(cls, group: Integers, moment: Integers, span: int) -> "Events":
        """Sorts events.

        Args:
            group: number of each event's group, int64 [E], from 0.
            moment: when each happened, int64 [E], from 0 and below `span`.
            span: number above all moments.

        Returns:
            The events.
        """
        both = group * span + moment
        order = np.argsort(both, kind="stable")
        return cls(both[order], order, span)

    def count(self, group: Integers, moment: Integers) -> Integers:
        """How many events of a group are earlier than a moment, int64 [N].

        Args:
            group: the groups asked for, int64 [N].
            moment: the moments asked for, int64 [N].
        """
        return self._after(group, moment) - self._first(group)

    def last(self, group: Integers, moment: Integers) -> Integers:
        """The latest event of a group that is earlier than a moment, int64 [N], -1 where none is.

        Args:
            group: the groups asked for, int64 [N].
            moment: the moments asked for, int64 [N].
        """
        after = self._after(group, moment)
        there = after > self._first(group)
        found = np.full(len(after), -1, np.int64)
        found[there] = self.order[after[there] - 1]
        return found

    def newest(self, group: Integers, moment: Integers, most: int) -> tuple[Integers, Integers]:
        """The latest events of groups that are earlier than some moments, the newest first.

        Args:
            group: the groups asked for, int64 [N].
            moment: the moments asked for, int64 [N].
            most: how many of each at most.

        Returns:
            int64 [M], places in what `of` was given, one question after the other; and int64 [N],
            how many belong to each.
        """
        after = self._after(group, moment)
        lengths = np.minimum(after - self._first(group), most)
        starts = np.cumsum(lengths) - lengths
        places = np.repeat(after - 1 + starts, lengths) - np.arange(lengths.sum())
        return self.order[places], lengths

    def _first(self, group: Integers) -> Integers:
        return np.searchsorted(self.sorted, group * self.span)

    def _after(self, group: Integers, moment: Integers) -> Integers:
        return np.searchsorted(self.sorted, group * self.span + moment)


def pick(values: npt.NDArray, places: Integers, missing: object) -> npt.NDArray:
    """Values at some places; `missing` where the place is -1."""
    found = np.full(len(places), missing, np.result_type(values, np.asarray(missing)))
    found[places >= 0] = values[places[places >= 0]]
    return found
