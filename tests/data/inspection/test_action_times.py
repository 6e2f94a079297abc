import pandas as pd

from data.inspection.action_times import ActionTimes


def test_texts_with_and_without_fractions_are_times() -> None:
    """BigQuery writes fractions of a second only where there are some."""
    number = 10
    sample = pd.DataFrame(
        {
            "shown_at": ["2026-01-01 00:00:00 UTC"] * number,
            "clicked": [1, 0] * (number // 2),
            "clicked_at": ["2026-01-01 06:00:00.25 UTC", None, "2026-01-01 06:00:00 UTC", None]
            * (number // 4)
            + ["2026-01-01 06:00:00 UTC", None],
        }
    )
    times = ActionTimes(sample, "shown_at", set())
    assert times.of("clicked") == "clicked_at"
    # 6 hours after the list.
    assert times.usual_window("clicked_at") == "6h"
