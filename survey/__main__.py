"""usage: python -m survey fetch|build|rpm|dask|report|built|sample|ffi-use|subset|archive|model|predict|recompute ... (--help says more)"""

import argparse
from pathlib import Path

from page import write_between


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m survey", description="The study of debug information: docs/survey.md.")
    commands = parser.add_subparsers(dest="what", required=True)

    fetch = commands.add_parser("fetch", help="download Debian's packages that have debug packages, with apt")
    fetch.add_argument("directory", type=Path)

    build = commands.add_parser("build", help="build the source packages of built.toml in an unpacked Debian 12")
    build.add_argument("directory", type=Path)
    build.add_argument("sources", nargs="*", help="only these")
    build.add_argument("--jobs", type=int, default=1, help="how many at a time, each in an unpacked Debian of its own")

    rpm = commands.add_parser("rpm", help="make rpm packages of the sources of rpm.toml, with the macro and without it")
    rpm.add_argument("directory", type=Path)
    rpm.add_argument("sources", nargs="*", help="only these")

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

    built = commands.add_parser("built", help="print what the notes add to the packages of `build` and `rpm`")
    built.add_argument("records", type=Path, help="of `build`")
    built.add_argument("rpm", type=Path, help="of `rpm`, the directory `plain`")
    built.add_argument("noted", type=Path, help="of `rpm`, the directory `noted`")
    built.add_argument("--write", type=Path, metavar="PAGE", help="docs/survey.md: put the tables into it")

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

    model = commands.add_parser("model", help="print the model of the notes, and how well it predicts each source package from the others")
    model.add_argument("records", nargs="+", type=Path, help="of packages with debug information")
    model.add_argument("--write", type=Path, metavar="PAGE", help="docs/survey.md: put the table into it")

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
    elif options.what == "build":
        from survey.build import build as run_builds
        run_builds(options.directory, options.sources, options.jobs)
    elif options.what == "rpm":
        from survey.rpm import build as make_packages
        make_packages(options.directory, options.sources)
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
    elif options.what == "built":
        from survey import kinds
        for mark, text in [("kinds", kinds.by_kind(options.records, options.rpm)), ("largest", kinds.largest(options.records)),
                           ("rebuilt", kinds.rebuilt(options.rpm, options.noted))]:
            if options.write:
                write_between(options.write, mark, text)
            else:
                print(text, end="\n\n")
    elif options.what == "sample":
        from survey.archive import sample as run_sample
        run_sample(options.archive)
    elif options.what == "ffi-use":
        from survey.ffi_use import ffi_use as run_scan
        run_scan(options.archive)
    elif options.what in ("subset", "archive", "model"):
        from survey import archive_page, tables
        records = tables.read(options.records)
        if options.what == "model":
            text = archive_page.model_table(records)
        else:
            make = archive_page.subset_table if options.what == "subset" else archive_page.archive_table
            text = make(options.archive, records)
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
