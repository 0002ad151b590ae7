"""The monitors of the X server, asked in both ways there are."""

import screeninfo
from screeninfo.common import Enumerator

for enumerator in (Enumerator.Xinerama, Enumerator.Xrandr):
    for monitor in screeninfo.get_monitors(enumerator):
        print(monitor)
