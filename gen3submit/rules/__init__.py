"""What Sheepdog does with a submission, rule by rule; the same rules serve the checker and the practice commons."""
