"""The tables that benchmarks write into pages."""


def markdown(rows):
    """A table whose first row is its head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def write_between(path, mark, table):
    """Puts the table between the two comments of a page that have the mark."""
    begin, end = f"<!-- begin {mark} -->\n", f"<!-- end {mark} -->"
    head, rest = path.read_text().split(begin)
    path.write_text(head + begin + table + "\n" + end + rest.split(end)[1])


def show(table, mark, path):
    """Prints the table, and puts it into the page if there is one."""
    print(table)
    if path:
        write_between(path, mark, table)
