"""Holds JSON files against a schema: valid.py SCHEMA FILE... Each error is a line."""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
bad = 0
for name in sys.argv[2:]:
    document = json.load(open(name))
    for error in validator(schema).iter_errors(document):
        print("%s: /%s: %s" % (name, "/".join(map(str, error.absolute_path)), error.message[:300]))
        bad = 1
sys.exit(bad)
