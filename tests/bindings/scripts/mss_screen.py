"""The screen of the X server."""

import mss
import mss.tools

with mss.mss(backend="xlib", with_cursor=True) as screen:
    print(screen.monitors)
    picture = screen.grab(screen.monitors[0])
    print(picture.size, picture.pixel(3, 3), len(mss.tools.to_png(picture.rgb, picture.size)) > 100)
    print(screen.grab((0, 0, 10, 12)).size)
