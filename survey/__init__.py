"""The study of debug information: docs/survey.md."""

import sys
from pathlib import Path

# Tables in pages are those of the benchmarks.
sys.path.append(str(Path(__file__).resolve().parents[1] / "benches"))
