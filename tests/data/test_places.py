from data.places import below


def test_a_bucket_keeps_its_scheme() -> None:
    assert (
        below("gs://bucket/run", "assets.extra", "a.yaml") == "gs://bucket/run/assets.extra/a.yaml"
    )
    assert below("gs://bucket/run/", "a") == "gs://bucket/run/a"


def test_a_folder_on_disk() -> None:
    assert below("/tmp/run", "a") == "/tmp/run/a"
