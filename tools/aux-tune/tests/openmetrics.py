#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Usage: openmetrics.py FILE: reads OpenMetrics text with Prometheus' own library,
as OpenMetrics and as the older text format, and prints its samples, sorted:
NAME{LABEL=VALUE,...} VALUE, labels as Python writes strings."""

import sys

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as prometheus


def samples(families):
    found = set()
    for family in families:
        for sample in family.samples:
            assert sample.timestamp is None, "node_exporter refuses timestamps"
            labels = ",".join(f"{k}={v!r}" for k, v in sorted(sample.labels.items()))
            key = f"{sample.name}{{{labels}}} {sample.value:g}"
            assert key not in found, f"twice: {key}"
            found.add(key)
    return found


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        text = file.read()
    families = list(openmetrics.text_string_to_metric_families(text))
    for family in families:
        # All that node_exporter knows of these.
        assert family.type in ("gauge", "counter"), family.type
        assert family.documentation, family.name
        assert family.samples, family.name
    new, old = samples(families), samples(prometheus.text_string_to_metric_families(text))
    assert new == old, new ^ old
    assert text.endswith("# EOF\n")
    print("\n".join(sorted(new)))


main()
