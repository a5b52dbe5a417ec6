"""Validates a folder of JSON records with gen3-validator, by its public way for folders; tells how long that took.

Arguments: the folder, and the dictionary as a bundle of its documents by file name.
"""

import json
import sys
import time

import gen3_validator

resolver = gen3_validator.ResolveSchema(schema_path=sys.argv[2])
resolver.resolve_schema()
started = time.perf_counter()
found = gen3_validator.validate_data_folder(sys.argv[1], resolver.schema_resolved)
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "findings": len(found)}))
