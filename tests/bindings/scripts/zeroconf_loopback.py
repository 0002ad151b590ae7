"""A service is announced, browsed and asked for over the loopback interface."""

import os
import socket
import threading

import ifaddr
import zeroconf

print(sorted({ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if adapter.name == "lo" and ip.is_IPv4}))
print(type(ifaddr.get_adapters(include_unconfigured=True)).__name__)
# Other runs may announce theirs at the same time.
TYPE, NAME = "_check._tcp.local.", "one-%d._check._tcp.local." % os.getpid()
info = zeroconf.ServiceInfo(TYPE, NAME, port=4711, addresses=[socket.inet_aton("127.0.0.1")], properties={"a": "b"},
                            server="host.local.")
seen = threading.Event()


class Listener(zeroconf.ServiceListener):
    def add_service(self, zc, type_, name):
        if name == NAME:
            seen.set()

    def remove_service(self, zc, type_, name):
        pass

    def update_service(self, zc, type_, name):
        pass


with zeroconf.Zeroconf(interfaces=["127.0.0.1"]) as one:
    one.register_service(info)
    browser = zeroconf.ServiceBrowser(one, TYPE, Listener())
    print("seen", seen.wait(20))
    found = one.get_service_info(TYPE, NAME, 5000)
    print(found.port, found.parsed_addresses(), found.properties)
    browser.cancel()
    one.unregister_service(info)
