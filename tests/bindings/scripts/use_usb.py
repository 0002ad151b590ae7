"""use_usb.py MODULE: a generated binding of libusb, with whatever devices there are."""

import ctypes
import importlib
import sys

usb = importlib.import_module(sys.argv[1])


def text(value):
    return bytes(value) if hasattr(value, "data") else value if isinstance(value, bytes) else ctypes.string_at(value)


version = usb.libusb_get_version().contents
print(version.major, version.minor, text(usb.libusb_error_name(-4)), text(usb.libusb_strerror(-5)))
transfer = usb.libusb_alloc_transfer(2)
transfer.contents.num_iso_packets = 2
usb.libusb_free_transfer(transfer)
print(usb.libusb_has_capability(0), usb.libusb_setlocale(b"en"))
context = ctypes.POINTER(usb.struct_libusb_context)()
# Where there is no USB at all, this is all.
if usb.libusb_init(ctypes.byref(context)):
    sys.exit()
devices = ctypes.POINTER(ctypes.POINTER(usb.struct_libusb_device))()
for number in range(usb.libusb_get_device_list(context, ctypes.byref(devices))):
    descriptor = usb.struct_libusb_device_descriptor()
    print(usb.libusb_get_device_descriptor(devices[number], ctypes.byref(descriptor)), descriptor.bLength)
usb.libusb_free_device_list(devices, 1)
print(bool(usb.libusb_open_device_with_vid_pid(context, 0xdead, 0xbeef)))
moment = usb.struct_timeval(0, 1000)
print(usb.libusb_handle_events_timeout_completed(context, ctypes.byref(moment), None))
usb.libusb_exit(context)
