"""A simulated marketplace of 10 regions and 2 platforms that knows its own true probabilities."""

from data.simulator.config import SIMULATOR_VERSION, SimulatorConfig
from data.simulator.dataset import simulated_dataset
from data.simulator.logs import other_files, write_logs
from data.simulator.marketplace import simulate

__all__ = [
    "SIMULATOR_VERSION",
    "SimulatorConfig",
    "other_files",
    "simulate",
    "simulated_dataset",
    "write_logs",
]
