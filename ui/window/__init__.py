"""The main window and its regions."""
