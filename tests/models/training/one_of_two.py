"""A process of test_workers.py: `python one_of_two.py CHIEF|WORKER ARGUMENTS`."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from models import worker
from models.run_fn import run_fn

if __name__ == "__main__":
    for arguments in json.loads(Path(sys.argv[2]).read_text()):
        if sys.argv[1] == "CHIEF":
            run_fn(SimpleNamespace(**arguments))
        else:
            worker.work()
