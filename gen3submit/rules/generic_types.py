"""The node types of the generic dictionary that is installed with every Sheepdog (``gen3dictionary`` on PyPI).

Sheepdog looks up a clash of unique keys in *that* dictionary, whichever it runs with: for other node types it crashes.
"""

from __future__ import annotations

GENERIC_TYPES = frozenset(
    {
        "acknowledgement",
        "aligned_reads_index",
        "aliquot",
        "case",
        "clinical_test",
        "core_metadata_collection",
        "data_release",
        "demographic",
        "diagnosis",
        "experiment",
        "experimental_metadata",
        "exposure",
        "family_history",
        "keyword",
        "program",
        "project",
        "publication",
        "read_group",
        "read_group_qc",
        "root",
        "sample",
        "slide",
        "slide_count",
        "slide_image",
        "submitted_aligned_reads",
        "submitted_copy_number",
        "submitted_methylation",
        "submitted_somatic_mutation",
        "submitted_unaligned_reads",
        "treatment",
    }
)
