"""The tables of a submission: where they come from, and their rows as Sheepdog reads them."""
