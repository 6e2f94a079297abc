"""What nodes write and others read: region split, vocabularies, results, exported models."""
