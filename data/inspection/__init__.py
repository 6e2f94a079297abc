"""Looks at a file of logs and guesses a first dataset definition."""

from data.inspection.first_rows import read_first_rows, separator_of
from data.inspection.guess import Guess, guess_definition

__all__ = ["Guess", "guess_definition", "read_first_rows", "separator_of"]
