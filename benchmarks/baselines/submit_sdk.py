"""Submits files with the Gen3 SDK, one after the other.

Arguments: the credentials file, the project, the rows in a chunk, and the files, parents first.
"""

import sys

from gen3.auth import Gen3Auth
from gen3.submission import Gen3Submission

credentials, project, chunk_size, *files = sys.argv[1:]
submission = Gen3Submission(Gen3Auth(refresh_file=credentials))
succeeded = 0
for file in files:
    succeeded += len(set(submission.submit_file(project, file, chunk_size=int(chunk_size))["succeeded"]))
print(succeeded)
