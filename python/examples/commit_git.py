"""Commits to a new repository of git, and reads its log.

    python -m ffitypecheck bindings libgit2.so.1.5 -o git_binding.py
"""

import sys
from ctypes import POINTER, byref

import git_binding as git

repository, index, walk = POINTER(git.git_repository)(), POINTER(git.git_index)(), POINTER(git.git_revwalk)()
me, tree, head = POINTER(git.git_signature)(), POINTER(git.git_tree)(), POINTER(git.git_commit)()
tree_id, id = git.git_oid(), git.git_oid()
assert git.git_libgit2_init() == 1 and git.git_repository_init(byref(repository), sys.argv[1].encode(), 1) == 0
git.git_repository_index(byref(index), repository)
git.git_index_write_tree(byref(tree_id), index)
git.git_tree_lookup(byref(tree), repository, byref(tree_id))
git.git_signature_new(byref(me), b"Ada", b"ada@example.org", 1700000000, 60)
for message in b"First", b"Second":
    parents = (POINTER(git.git_commit) * 1)(head)
    assert git.git_commit_create(byref(id), repository, b"HEAD", me, me, None, message, tree, bool(head), parents) == 0
    git.git_commit_lookup(byref(head), repository, byref(id))
git.git_revwalk_new(byref(walk), repository)
git.git_revwalk_push_head(walk)
while git.git_revwalk_next(byref(id), walk) == 0:
    git.git_commit_lookup(byref(head), repository, byref(id))
    print(bytes(id.id).hex()[:8], git.git_commit_time(head), git.git_commit_message(head).decode())
