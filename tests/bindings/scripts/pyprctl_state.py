"""Names, flags and capabilities of this process."""

import pyprctl

pyprctl.set_name("checked")
print(pyprctl.get_name(), pyprctl.get_dumpable(), pyprctl.get_keepcaps(), pyprctl.get_no_new_privs())
state = pyprctl.CapState.get_current()
print(pyprctl.Cap.CHOWN in state.permitted, pyprctl.cap_permitted.chown)
state.effective.discard(pyprctl.Cap.SYS_TIME)
state.set_current()
print(pyprctl.Cap.SYS_TIME in pyprctl.CapState.get_current().effective)
pyprctl.set_timerslack(60000)
print(pyprctl.get_timerslack(), pyprctl.get_child_subreaper(), pyprctl.get_securebits() == pyprctl.get_securebits())
print(pyprctl.CapState.get_for_pid(1).effective == pyprctl.CapState.get_for_pid(1).effective)
