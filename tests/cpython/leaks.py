"""Runs something again and again, and says whether references or blocks of memory grow: regrtest's -R for what regrtest
does not find. Needs a debug build of Python."""

import array
import ctypes
import gc
import linecache
import re
import sys
import warnings


def clean(caches):
    """Throws away what is kept on purpose."""
    for cache, kept in caches:
        for key in set(cache) - set(kept):
            del cache[key]
    if hasattr(sys, "_clear_type_cache"):
        sys._clear_type_cache()
    linecache.clearcache()
    re.purge()
    for _ in range(3):
        gc.collect()


def growth(name, run, warmups=4, measured=4):
    """What grew every time that `run` was called, after `warmups` calls to fill what fills once: a list of sentences."""
    turns = warmups + measured
    references, blocks = array.array(str("l"), [0] * turns), array.array(str("l"), [0] * turns)
    caches = [(cache, dict(cache)) for cache in (ctypes._pointer_type_cache, ctypes._c_functype_cache)]
    for turn in range(turns):
        with warnings.catch_warnings():
            run()
        clean(caches)
        references[turn] = sys.gettotalrefcount()
        blocks[turn] = sys.getallocatedblocks() if hasattr(sys, "getallocatedblocks") else 0
    bad = []
    for what, counts in (("references", references), ("blocks", blocks)):
        deltas = [after - before for before, after in zip(counts[warmups - 1:], counts[warmups:])]
        if all(delta > 0 for delta in deltas):
            bad.append("%s leaked %s %s" % (name, deltas, what))
    return bad
