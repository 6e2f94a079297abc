from benchmarks.speed.measuring import STAGES, nodes_through
from benchmarks.speed.node import ON_THE_WAY
from pipeline.commands.kubeflow import graph
from pipeline.config import load_config


def test_every_node_is_measured_after_all_that_it_needs() -> None:
    needs: dict[str, set[str]] = {}
    for node in graph(load_config("simulated")):
        upstream = set(node.upstream)
        needs[node.name] = upstream.union(*(needs[name] for name in upstream))
    measured: list[str] = []
    for node, _ in STAGES.values():
        assert needs[node] - ON_THE_WAY <= set(measured)
        measured.append(node)
    assert set(measured) == needs.keys() - ON_THE_WAY


def test_nodes_through_one_of_them() -> None:
    assert nodes_through("StatisticsGen") == ["ListExampleGen", "StatisticsGen"]
    assert nodes_through("Diagnostics") == [node for node, _ in STAGES.values()]
