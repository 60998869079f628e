"""Reads all rows of a workbook's first sheet with one reader and prints what it took as JSON.

    python read_workbook.py openpyxl FILE
"""

import json
import resource
import sys
import time

reader, path = sys.argv[1:3]


def with_openpyxl() -> int:
    from openpyxl import load_workbook

    return sum(1 for _ in load_workbook(path, read_only=True).active.iter_rows(values_only=True))


def with_calamine() -> int:
    from python_calamine import CalamineWorkbook

    return sum(1 for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())


def with_pandas() -> int:
    import pandas

    return len(pandas.read_excel(path, engine="calamine")) + 1


start = time.perf_counter()
rows = {"openpyxl": with_openpyxl, "calamine": with_calamine, "pandas": with_pandas}[reader]() - 1
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": time.perf_counter() - start, "rows": rows, "peakBytes": peak}))
