"""The command line: reading files, training, reporting, and applying a saved model."""
