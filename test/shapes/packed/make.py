"""Makes the files of this folder: python3 -m pip install python-snappy==0.7.3; python3 make.py. They are committed; no test runs this."""
import bz2, random, snappy

lines = "".join('{"i":%d}\n' % i for i in range(30000)).encode()
runs = b"".join(bytes([97 + i % 3]) * n for i, n in enumerate([1, 2, 3, 4, 5, 8, 254, 255, 256, 257, 258, 259, 260, 263, 264, 100000, 4, 4, 0, 3, 70000]))
noise = random.Random(1).randbytes(20000)

def save(name, data):
    with open(name, "wb") as file:
        file.write(data)

save("lines.bz2", bz2.compress(lines, 1))
save("lines-in-streams.bz2", bz2.compress(lines[:150000], 1) + bz2.compress(b"") + bz2.compress(lines[150000:], 9))
save("runs.bz2", bz2.compress(runs, 1))
save("noise.bz2", bz2.compress(noise, 9))
save("empty.bz2", bz2.compress(b""))
save("noise.bin", noise)
# a bomb: 100 MB of one byte in 113 bytes
save("zeros.bz2", bz2.compress(bytes(100_000_000), 9))

def framed(data):
    packer = snappy.StreamCompressor()
    return packer.add_chunk(data)
save("lines.sz", framed(lines))
save("noise.sz", framed(noise))
# Hadoop's blocks of 256 KB, the first of two chunks
def hadoop(*chunks):
    parts = [snappy.compress(chunk) for chunk in chunks]
    return sum(map(len, chunks)).to_bytes(4, "big") + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
# the others by commands, the texts in files: lz4 -B4 -BX (lines.lz4), lz4 -9 -BD -B4 (lines-linked.lz4), lz4 (runs, noise, empty), zip -j -X (lines, noise), zip -0 (noise-stored),
# zip -X - - < file (lines-streamed), zip of two files (several)
save("lines.snappy", hadoop(lines[:100000], lines[100000:262144]) + hadoop(lines[262144:]))
# zstd: one frame with a check sum, and frames without and with one, of few bytes and none, with one that is to be skipped between (python3 -m pip install zstandard==0.25.0)
import zstandard
plain, summed = zstandard.ZstdCompressor(write_checksum=False), zstandard.ZstdCompressor(write_checksum=True)
save("lines.zst", summed.compress(lines))
save("noise.zst", summed.compress(noise))
save("lines-in-frames.zst", plain.compress(lines[:1000]) + summed.compress(b"") + summed.compress(lines[1000:1003]) + b"\x53\x2a\x4d\x18\x05\x00\x00\x00skip!" + summed.compress(lines[1003:150000]) + plain.compress(b"") + summed.compress(lines[150000:]))
