"""Pictures from outside: bounded decoding, all metadata stripped, colours to sRGB, thumbnailed; safe file names.

`prepare(data)` is the one way in: from bytes of any origin to a `PreparedPhoto`, or a `PhotoError`.
It is a pure function that may take seconds: call it in a worker thread.
"""

from app.photo.errors import PhotoError
from app.photo.prepare import PreparedPhoto, prepare
from app.photo.residue import metadata_left

__all__ = ["PhotoError", "PreparedPhoto", "metadata_left", "prepare"]
