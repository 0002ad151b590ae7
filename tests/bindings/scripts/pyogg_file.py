"""A sine is encoded into an Ogg file and read back."""

import array
import hashlib
import math
import os
import tempfile

import pyogg

print(pyogg.PYOGG_OGG_AVAIL, pyogg.PYOGG_VORBIS_AVAIL, pyogg.PYOGG_OPUS_AVAIL, pyogg.PYOGG_OPUS_FILE_AVAIL, pyogg.PYOGG_FLAC_AVAIL)
path = os.path.join(tempfile.mkdtemp(), "sine.opus")
encoder = pyogg.OpusBufferedEncoder()
encoder.set_application("audio")
encoder.set_sampling_frequency(48000)
encoder.set_channels(1)
encoder.set_frame_size(20)
writer = pyogg.OggOpusWriter(path, encoder)
samples = array.array("h", (int(9000 * math.sin(i / 30)) for i in range(48000))).tobytes()
writer.write(memoryview(bytearray(samples)))
writer.close()
print(os.path.getsize(path) > 1000)
read = pyogg.OpusFile(path)
print(read.channels, read.frequency, len(read.buffer), hashlib.sha256(bytes(read.buffer)).hexdigest()[:12])
stream = pyogg.OpusFileStream(path)
total = 0
while (part := stream.get_buffer()) is not None:
    total += len(part)
print(total)
