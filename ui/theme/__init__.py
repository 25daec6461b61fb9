"""Colours, fonts, icons and marks: the one place for how things look."""
