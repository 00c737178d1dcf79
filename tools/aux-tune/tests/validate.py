#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Usage: validate.py SCHEMA DIRECTORY

Checks what aux-tune printed, the files NUMBER.VERB of the directory (each a
document, or a line of them), against the definition of the verb. Members that
the schema does not have are errors here, so that it stays complete; and every
verb has to be there. Says what is wrong; nothing when all is right.
"""

import json
import os
import sys

from jsonschema import Draft202012Validator


def forbid_others(schema):
    """What consumers must accept is nothing a test may overlook."""
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict):
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            forbid_others(value)
    elif isinstance(schema, list):
        for value in schema:
            forbid_others(value)


def documents(text):
    decoder = json.JSONDecoder()
    pos = 0
    while text[pos:].strip():
        pos += len(text[pos:]) - len(text[pos:].lstrip())
        document, pos = decoder.raw_decode(text, pos)
        yield document


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    everyone = Draft202012Validator(schema)
    forbid_others(schema["$defs"])
    missing = {verb["$ref"].rpartition("/")[2] for verb in schema["anyOf"]}
    for name in sorted(os.listdir(sys.argv[2])):
        verb = name.partition(".")[2]
        with open(os.path.join(sys.argv[2], name), encoding="utf-8") as file:
            text = file.read()
        strict = Draft202012Validator({**schema, "anyOf": [{"$ref": "#/$defs/" + verb}]})
        for document in documents(text):
            missing.discard(verb)
            if not everyone.is_valid(document):
                print(f"{name}: not valid at all")
            error = next(strict.iter_errors(document), None)
            while error and error.context:
                error = max(error.context, key=lambda e: len(e.absolute_path))
            if error:
                print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    for verb in sorted(missing):
        print(f"{verb}: nothing was printed")


main()
