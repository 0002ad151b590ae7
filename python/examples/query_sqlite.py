"""Fills a table of SQLite and asks it.

    python -m ffitypecheck bindings libsqlite3.so.0 -o sqlite3_binding.py
"""

from ctypes import byref, string_at

import sqlite3_binding as sqlite

database = sqlite.POINTER(sqlite.sqlite3)()
assert sqlite.sqlite3_open(b":memory:", byref(database)) == 0
no_callback = sqlite.sqlite3_callback()
assert sqlite.sqlite3_exec(database, b"create table planet (name text, moons int)", no_callback, None, None) == 0

static = sqlite.sqlite3_bind_text.argtypes[4]()         # no destructor: the text stays until the row is written
insert = sqlite.POINTER(sqlite.sqlite3_stmt)()
sqlite.sqlite3_prepare_v2(database, b"insert into planet values (?, ?)", -1, byref(insert), None)
for name, moons in (b"Earth", 1), (b"Mars", 2), (b"Venus", 0), (b"Jupiter", 95):
    sqlite.sqlite3_bind_text(insert, 1, name, len(name), static)
    sqlite.sqlite3_bind_int64(insert, 2, moons)
    assert sqlite.sqlite3_step(insert) == 101 and sqlite.sqlite3_reset(insert) == 0
sqlite.sqlite3_finalize(insert)


@sqlite.sqlite3_callback
def show(context, count, values, names):
    print(*(string_at(values[i]).decode() for i in range(count)))
    return 0


sqlite.sqlite3_exec(database, b"select name, moons from planet where moons > 0 order by moons desc", show, None, None)
assert sqlite.sqlite3_close(database) == 0
