"""Every sentence that a person reads, one module an area; nothing else in the package holds prose for people."""
