"""Holds, silence and what may move."""
