"""Poses, footprints and swept areas."""
