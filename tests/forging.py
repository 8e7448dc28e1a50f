"""Files with a right checksum and any content, as someone who means harm can make them."""

import hashlib
import json

START = '{"__metadata__":{"format":"skrnn","version":"%s","sha256":"'
ZEROS = "0" * 64


def forge(metadata, data=b"", *, version="1", length=None):
    """Give the bytes of a file whose header is the text `metadata` behind the checksum."""
    header = (START % version + ZEROS + '"' + metadata).encode()
    size = len(header) if length is None else length
    blank = size.to_bytes(8, "little") + header + data
    return blank.replace(ZEROS.encode(), hashlib.sha256(blank).hexdigest().encode(), 1)


def parts(content):
    """Take a file apart: its metadata but the first three, its entries, its data."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    metadata = header.pop("__metadata__")
    return dict(list(metadata.items())[3:]), header, content[8 + size :]


def assemble(metadata, entries, data):
    """Put a file together again, with a right checksum."""
    text = json.dumps(metadata)[1:-1]
    rest = json.dumps(entries)[1:]
    return forge(f"{',' if text else ''}{text}}}{',' if entries else ''}{rest}", data)
