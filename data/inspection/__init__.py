"""Looks at a file of logs and guesses a first dataset definition."""

from data.inspection.guess import Guess, guess_definition
from data.inspection.sample import read_sample

__all__ = ["Guess", "guess_definition", "read_sample"]
