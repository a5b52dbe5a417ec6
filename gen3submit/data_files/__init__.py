"""Data files: what the file index of the commons holds of them, and the files on this computer."""
