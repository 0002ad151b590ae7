"""The devices there are, and one that is not there."""

import usb.backend.libusb1
import usb.core
import usb.util

backend = usb.backend.libusb1.get_backend()
print(type(backend).__name__, usb.core.find(idVendor=0xdead, idProduct=0xbeef, backend=backend))
for device in usb.core.find(find_all=True, backend=backend):
    print(device.idVendor, device.bLength, device.bNumConfigurations)
