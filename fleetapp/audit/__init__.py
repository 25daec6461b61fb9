"""The journal on disk: chain, verification, export, explanation."""
