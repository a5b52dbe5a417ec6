"""Reports of a check, a plan or a submission, in every format, and the progress that people see meanwhile."""
