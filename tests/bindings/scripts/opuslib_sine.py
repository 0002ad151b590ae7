"""Frames of a sine are encoded and decoded again."""

import array
import hashlib
import math

import opuslib
import opuslib.api.ctl
import opuslib.api.decoder

encoder = opuslib.Encoder(48000, 2, opuslib.APPLICATION_AUDIO)
encoder.bitrate = 64000
encoder.complexity = 5
print(encoder.bitrate, encoder.complexity, encoder.vbr, encoder.lookahead)
decoder = opuslib.Decoder(48000, 2)
for number in range(4):
    frame = array.array("h", (int(9000 * math.sin((number * 1920 + i) / 30)) for i in range(1920))).tobytes()
    data = encoder.encode(frame, 960)
    print(len(data), hashlib.sha256(decoder.decode(data, 960)).hexdigest()[:12], decoder.bandwidth, decoder.pitch, decoder.gain)
    print(opuslib.api.decoder.packet_get_nb_channels(data), opuslib.api.decoder.packet_get_nb_frames(data),
          opuslib.api.decoder.packet_get_samples_per_frame(data, 48000), opuslib.api.decoder.packet_get_bandwidth(data))
floats = array.array("f", (math.sin(i / 30) for i in range(1920))).tobytes()
print(len(encoder.encode_float(floats, 960)))
decoder.reset_state()
encoder.reset_state()
