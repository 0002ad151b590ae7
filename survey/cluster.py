"""The survey on a Dask cluster: each group is one task, and a task runs `ffitypecheck survey --group`.

The workers need the command and the files of the packages under the same paths. The records are those of one process.
"""

import json
import subprocess
import sys
from pathlib import Path

from distributed import Client, LocalCluster, as_completed


def measure(command: str, options: list[str], group: str) -> str:
    """The records of one group; if its process fails, one record with the reason."""
    done = subprocess.run([command, "survey", "--group", *options], input=group, capture_output=True, text=True)
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.strip().splitlines()
    # As Rust prints a status.
    how = f"signal: {-done.returncode}" if done.returncode < 0 else f"exit status: {done.returncode}"
    reason = f"{how}: {said[-1] if said else ''}"
    return json.dumps({"group": json.loads(group)["group"], "record": "group", "records": 1, "error": reason},
                      separators=(",", ":"), ensure_ascii=False) + "\n"


def survey(command: str, targets: list[str], options: list[str], output: Path, address: str | None, workers: int) -> None:
    """Runs the survey at the cluster's address, or on a cluster of so many processes here. Goes on with the records in `output`."""
    whole = [command, "survey", *options, "--output", str(output), *targets]
    plan = subprocess.run([*whole, "--plan"], check=True, capture_output=True, text=True).stdout.splitlines()
    cluster = None if address else LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    with Client(address or cluster) as client, output.open("a") as records:
        tasks = [client.submit(measure, command, options, group, pure=False) for group in plan]
        for number, (_, lines) in enumerate(as_completed(tasks, with_results=True), 1):
            records.write(lines)
            records.flush()
            print(f"{number}/{len(tasks)} groups", end="\r", file=sys.stderr)
        print(file=sys.stderr)
    if cluster:
        cluster.close()
    # Nothing is left to measure: this sorts the records.
    subprocess.run(whole, check=True)
