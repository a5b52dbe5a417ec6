"""Validates converted rows one by one with jsonschema; tells how long the loop took, reading left out.

Arguments: the folder of JSON records, and the dictionary in its served form.
"""

import json
import sys
import time
from pathlib import Path

from jsonschema import Draft4Validator

served = json.loads(Path(sys.argv[2]).read_text())
tables = {path.stem: json.loads(path.read_text()) for path in sorted(Path(sys.argv[1]).glob("*.json"))}
started = time.perf_counter()
found = 0
for node, rows in tables.items():
    validator = Draft4Validator(served[node])
    for row in rows:
        found += sum(1 for _ in validator.iter_errors(row))
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "findings": found}))
