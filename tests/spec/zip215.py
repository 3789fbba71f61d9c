"""Ed25519 by the rule of ZIP 215, in plain integers: slow, short and obvious.

A, R: any encoding of a point, also one whose y is not reduced or whose x is zero with a sign.
S: reduced. Valid when [8][S]B = [8]R + [8][k]A with k = SHA-512(R || A || M) modulo the order.
"""

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def decode(encoding):
    """Returns the point in extended coordinates, None when there is none."""
    y = int.from_bytes(encoding, "little")
    sign, y = y >> 255, (y & (2**255 - 1)) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, P - 2, P) % P
    x = pow(x, (P + 3) // 8, P)
    if (v * x * x - u) % P:
        x = x * ROOT % P
    if (v * x * x - u) % P:
        return None
    if x & 1 != sign:
        x = -x % P
    return (x, y, 1, x * y % P)


def add(a, b):
    """Adds points (RFC 8032, section 5.1.4); complete, so it also doubles."""
    i = (a[1] - a[0]) * (b[1] - b[0])
    j = (a[1] + a[0]) * (b[1] + b[0])
    k = 2 * D * a[3] * b[3]
    l = 2 * a[2] * b[2]
    e, f, g, h = (j - i) % P, (l - k) % P, (l + k) % P, (j + i) % P
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    total = IDENTITY
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verify(key, signature, message):
    """Says whether the equation holds."""
    a, r = decode(key), decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return equal(multiply(8 * s, BASE), multiply(8, add(r, multiply(k, a))))


def is_small_order(key):
    """Says whether eight times the point is nothing: such a key proves nothing."""
    point = decode(key)
    return point is not None and equal(multiply(8, point), IDENTITY)


def small_order():
    """Returns every encoding that decodes to a point of small order."""
    # A point of order eight: the order times any point, once that has order eight.
    for y in range(2, 100):
        point = decode(y.to_bytes(32, "little"))
        if point is None:
            continue
        torsion = multiply(ORDER, point)
        if not equal(multiply(4, torsion), IDENTITY):
            break
    found = set()
    for i in range(8):
        x, y, z, _ = multiply(i, torsion)
        x, y = (c * pow(z, P - 2, P) % P for c in (x, y))
        for written in (y, y + P):
            if written < 2**255:
                for sign in (0, 1) if x == 0 else (x & 1,):
                    found.add((written | sign << 255).to_bytes(32, "little"))
    return sorted(found)


SMALL_ORDER = small_order()
