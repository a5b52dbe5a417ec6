"""Sentences about files that cannot be used as tables."""

from __future__ import annotations


def no_such_path(path: str) -> str:
    return f"{path}: there is no such file or folder; give TSV or CSV files, a folder of them, or a pattern"


def no_tables(path: str) -> str:
    return f"{path}: no tables in this folder; files that end in .tsv, .txt, .csv or .xlsx were looked for"


def no_match(pattern: str) -> str:
    return f"{pattern}: no file matches this pattern"


def not_a_table(path: str, suffix: str) -> str:
    return f"{path}: a file that ends in `{suffix}` is no table; .tsv, .txt, .csv and .xlsx are read"


def unreadable(path: str, why: str) -> str:
    return f"{path}: cannot be read ({why})"


def nothing_given() -> str:
    return "no table was given; name TSV or CSV files, or a folder of them"


def excel_missing(path: str) -> str:
    return f"{path}: reading .xlsx needs openpyxl; install it with `pip install 'gen3submit[excel]'`"


def not_an_input(kind: str) -> str:
    return f"a {kind} is no table; a path or a pandas DataFrame was expected"


def no_result(path: str, cell: str) -> str:
    return (
        f"{path}: the cell {cell} has a formula without a result, and would be read as empty;"
        " open the workbook in a spreadsheet and save it"
    )
