"""The package recogniser: torch model, label codes, model bundles."""
