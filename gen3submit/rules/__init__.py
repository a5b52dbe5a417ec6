"""What Sheepdog does with a submission, rule by rule; checker and practice commons share it."""
