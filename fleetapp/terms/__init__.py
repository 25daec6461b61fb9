"""The glossary as code: ids, reasons, modes, units."""
