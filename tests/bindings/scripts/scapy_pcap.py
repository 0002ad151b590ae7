"""Packets are built, filtered by libpcap's programs, written, and sent over the loopback interface with libpcap."""

import os
import tempfile

from scapy.config import conf

conf.use_pcap = True
from scapy.all import ICMP, IP, UDP, Ether, L2ListenTcpdump, Raw, conf, get_if_list, get_if_addr, rdpcap, wrpcap
from scapy.arch.common import compile_filter
from scapy.libs.winpcapy import pcap_lib_version

packets = [Ether() / IP(dst="127.0.0.1") / UDP(sport=1, dport=port) / Raw(b"x" * port) for port in range(1, 9)]
path = os.path.join(tempfile.mkdtemp(), "some.pcap")
wrpcap(path, packets)
print([len(packet) for packet in rdpcap(path)])
program = compile_filter("udp port 4 or icmp", linktype=1)
print(program.bf_len, [program.bf_insns[i].code for i in range(program.bf_len)])
print(pcap_lib_version().startswith(b"libpcap version 1."), "lo" in get_if_list(), get_if_addr("lo"))
socket = conf.L2socket(iface="lo", filter="udp port 4242", promisc=False)
socket.send(Ether(type=0x800) / IP(src="127.0.0.1", dst="127.0.0.1") / UDP(sport=4242, dport=4242) / Raw(b"hello"))
print(socket.recv()[Raw].load)
socket.close()
