"""The fast path of the check: big tables judged by column, with the same findings as row by row.

A big table is cut into slices at line ends. Lines that need the exact reader (quotes, odd line ends, too few or too
many cells) are cut out; the rest is read into Arrow columns. Patterns prove most cells well formed; what is wrong
with any other is asked once for each distinct text of a column, of the same functions that judge row by row. Unique
keys and links are joins of columns.

Whatever depends on more than a row's own cells and its parents (updates, collisions, shared parents ...) is left to
the exact judge, who gets these rows together with one witness of each kind of the others: what becomes of the
witness becomes of its kind.
"""
