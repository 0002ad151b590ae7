"""The devices there are: usually none where tests run, and one that is not there."""

import hid

print(isinstance(hid.enumerate(), list), hid.enumerate(0xdead, 0xbeef))
try:
    hid.Device(0xdead, 0xbeef)
except hid.HIDException as error:
    print(error)
