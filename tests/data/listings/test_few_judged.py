from data.listings.few_judged import FEW_JUDGED, told_few_judged


def test_attributes_that_few_listings_judge_are_told() -> None:
    judged = {"colour": 2, "size": FEW_JUDGED - 1, "brand": FEW_JUDGED, "use": 0}
    assert told_few_judged(judged) == (
        "precision and recall are of fewer than 30 listings judged: colour (2), size (29)"
    )
    assert told_few_judged({"brand": FEW_JUDGED, "use": 0}) is None
