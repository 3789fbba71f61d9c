"""Sealed boxes (section 7, `sealed`): libsodium's crypto_box_seal, opened in plain integers.

A box is a one-time public key and a message under XSalsa20-Poly1305: the key is HSalsa20 of the
X25519 secret that both sides share, the nonce is BLAKE2b of both public keys.
"""

import hashlib

P = 2**255 - 19
BASE = (9).to_bytes(32, "little")
SIGMA = b"expand 32-byte k"


def x25519(secret, point):
    """RFC 7748, section 5."""
    k = int.from_bytes(secret, "little") & ~7 & (2**255 - 1) | 2**254
    u = int.from_bytes(point, "little") & (2**255 - 1)
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for i in reversed(range(255)):
        bit = k >> i & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, (aa - bb) * (aa + 121665 * (aa - bb)) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def words(data):
    return [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]


def rounds(key, inner):
    """The twenty rounds of Salsa20 on its matrix: what goes in and what comes out."""
    k, s, n = words(key), words(SIGMA), words(inner)
    start = [s[0], *k[:4], s[1], *n, s[2], *k[4:], s[3]]
    x = list(start)

    def quarter(a, b, c, d):
        for to, p, q, turn in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
            t = x[p] + x[q] & 0xFFFFFFFF
            x[to] ^= t << turn & 0xFFFFFFFF | t >> 32 - turn

    for _ in range(10):
        for i in range(4):
            quarter(*(5 * i + 4 * j & 15 for j in range(4)))
        for i in range(4):
            quarter(*(4 * i + (i + j & 3) for j in range(4)))
    return start, x


def hsalsa20(key, inner):
    _, x = rounds(key, inner)
    return b"".join(x[i].to_bytes(4, "little") for i in (0, 5, 10, 15, 6, 7, 8, 9))


def stream(key, nonce, length):
    out = b""
    for block in range(-(-length // 64)):
        start, x = rounds(key, nonce + block.to_bytes(8, "little"))
        out += b"".join((a + b & 0xFFFFFFFF).to_bytes(4, "little") for a, b in zip(start, x))
    return out[:length]


def poly1305(key, message):
    """RFC 8439, section 2.5."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i : i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return (total + int.from_bytes(key[16:], "little") & 2**128 - 1).to_bytes(16, "little")


def unseal(box, secret):
    """Returns what is in a box that was sealed to this secret key's public half, or None."""
    once, tag, closed = box[:32], box[32:48], box[48:]
    nonce = hashlib.blake2b(once + x25519(secret, BASE), digest_size=24).digest()
    key = hsalsa20(hsalsa20(x25519(secret, once), bytes(16)), nonce[:16])
    pad = stream(key, nonce[16:], 32 + len(closed))
    if poly1305(pad[:32], closed) != tag:
        return None
    return bytes(a ^ b for a, b in zip(closed, pad[32:]))
