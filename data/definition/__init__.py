"""What the columns of search logs mean: the dataset's definition, read from YAML."""
