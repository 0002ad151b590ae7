"""Keys and hashes by libsodium's scrypt."""

from pylibscrypt import pylibsodium

print(pylibsodium.scrypt(b"password", b"salt", N=1024, r=8, p=1, olen=32).hex())
print(pylibsodium.scrypt(b"password", b"salt", N=2048, r=4, p=2).hex()[:20])
known = pylibsodium.scrypt_mcf(b"password", salt=b"0123456789abcdef", N=1024)
print(known, pylibsodium.scrypt_mcf_check(known, b"password"), pylibsodium.scrypt_mcf_check(known, b"other"))
