"""Has pyusb declare what it uses of libusb-1.0."""

import usb.backend.libusb1

usb.backend.libusb1.get_backend()
