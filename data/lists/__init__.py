"""Whole lists: grouped from rows, changed for training, written as tf.Examples and parsed."""
