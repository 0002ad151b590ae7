"""usage: python -m survey fetch|dask|report|sample|ffi-use|subset|archive|predict|recompute ... (--help says more)"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benches"))
from page import write_between


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m survey", description="The study of debug information: docs/survey.md.")
    commands = parser.add_subparsers(dest="what", required=True)

    fetch = commands.add_parser("fetch", help="download Debian's packages that have debug packages, with apt")
    fetch.add_argument("directory", type=Path)

    dask = commands.add_parser("dask", help="run the survey on a Dask cluster")
    dask.add_argument("command", help="ffitypecheck, by a path that the workers have too")
    dask.add_argument("targets", nargs="+")
    dask.add_argument("--output", type=Path, required=True)
    dask.add_argument("--address", help="of the scheduler; without it, a cluster is started on this machine")
    dask.add_argument("--workers", type=int, default=2, help="of that cluster")
    dask.add_argument("--dwz", action="store_true")
    dask.add_argument("--no-rebuild", action="store_true")

    report = commands.add_parser("report", help="write the tables as Parquet, and the page")
    report.add_argument("records", nargs="+", type=Path)
    report.add_argument("--output", type=Path, required=True, help="the directory")
    report.add_argument("--archive", type=Path, help="the directory of `sample` and `ffi-use`: the page gets the subset and the whole archive")
    report.add_argument("--write", type=Path, metavar="PAGE", help="docs/proposal.md: put the main figures into it")

    sample = commands.add_parser("sample", help="download a random sample of Debian's packages with shared libraries, with apt")
    sample.add_argument("archive", type=Path, help="the directory")

    ffi_use = commands.add_parser("ffi-use", help="search the code of Debian's packages for the libraries that they load through FFI")
    ffi_use.add_argument("archive", type=Path, help="the directory")

    for name, help in [("subset", "print which libraries are loaded through FFI, and what their notes take"),
                       ("archive", "print what notes would take of the whole archive")]:
        printed = commands.add_parser(name, help=help)
        printed.add_argument("archive", type=Path, help="the directory of `sample` and `ffi-use`, with the records `stripped.jsonl`")
        printed.add_argument("records", nargs="+", type=Path, help="of packages with debug information")
        printed.add_argument("--write", type=Path, metavar="PAGE", help="docs/survey.md: put the table into it")

    compare = commands.add_parser("predict", help="compare the notes of packages with what the model says that is fitted on others")
    compare.add_argument("records", type=Path, help="the model's")
    compare.add_argument("others", nargs="+", type=Path, help="the records of other source packages")

    recompute = commands.add_parser("recompute", help="compute the figures of some libraries again, with readelf and objcopy")
    recompute.add_argument("command")
    recompute.add_argument("records", type=Path)
    recompute.add_argument("packages", type=Path, help="the directory with the packages")
    recompute.add_argument("--libraries", type=int, default=10)

    # Only what is used is imported: each has packages of its own.
    options = parser.parse_args()
    if options.what == "fetch":
        from survey.fetch import fetch as run
        run(options.directory)
    elif options.what == "dask":
        from survey.cluster import survey
        measures = [name for name, wanted in [("--dwz", options.dwz), ("--no-rebuild", options.no_rebuild)] if wanted]
        survey(options.command, options.targets, measures, options.output, options.address, options.workers)
    elif options.what == "report":
        from survey import report as page, tables
        records = tables.read(options.records)
        tables.write(records, options.output)
        more = []
        if options.archive:
            from survey.archive_page import sections
            more = sections(options.archive, records)
        page.write(records, options.output / "index.html", more)
        if options.write:
            write_between(options.write, "costs", page.costs(records))
    elif options.what == "sample":
        from survey.archive import sample as run_sample
        run_sample(options.archive)
    elif options.what == "ffi-use":
        from survey.ffi_use import ffi_use as run_scan
        run_scan(options.archive)
    elif options.what in ("subset", "archive"):
        from survey import archive_page, tables
        make = archive_page.subset_table if options.what == "subset" else archive_page.archive_table
        text = make(options.archive, tables.read(options.records))
        if options.write:
            write_between(options.write, options.what, text)
        else:
            print(text)
    elif options.what == "predict":
        from survey import archive_page, tables
        print(archive_page.compared(tables.read([options.records]), tables.read(options.others)))
    else:
        from survey.recompute import recompute as run_again
        run_again(options.command, options.records, options.packages, options.libraries)


if __name__ == "__main__":
    main()
