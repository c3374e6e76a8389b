"""Why a picture or file is refused: one class per cause. `code` is the code of the `Failure` that says it."""

from typing import ClassVar


class PhotoError(Exception):
    """A picture that is not taken. Nothing was stored."""

    code: ClassVar[str] = "photo.refused"

    def __init__(self, **detail: str | int) -> None:
        super().__init__(self.code)
        self.detail: dict[str, str | int] = detail


class PhotoEmpty(PhotoError):
    """No bytes at all."""

    code = "photo.empty"


class PhotoTooLarge(PhotoError):
    """More bytes than are taken. Detail: `limit_mb`."""

    code = "photo.too_large"


class PhotoTooManyPixels(PhotoError):
    """More pixels than are decoded. Detail: `limit_mp`."""

    code = "photo.too_many_pixels"


class PhotoTooComplex(PhotoError):
    """Made to cost time: an absurd number of scans or chunks."""

    code = "photo.too_complex"


class NotAPicture(PhotoError):
    """Whatever the name says, the bytes are no picture."""

    code = "photo.not_a_picture"


class PhotoIsSvg(PhotoError):
    """SVG is a program, not a photo."""

    code = "photo.svg"


class PhotoIsHtml(PhotoError):
    """A web page, whatever its name."""

    code = "photo.html"


class PhotoIsPdf(PhotoError):
    """A PDF: to be sent as a file."""

    code = "photo.pdf"


class PhotoAnimated(PhotoError):
    """A moving picture: taking one frame silently would not be what was sent."""

    code = "photo.animated"


class PhotoUnsupported(PhotoError):
    """A real picture in a format that is not decoded here. Detail: `format`."""

    code = "photo.unsupported"


class PhotoDamaged(PhotoError):
    """Begins like a picture, but cannot be decoded to its end."""

    code = "photo.damaged"


class PhotoNoMemory(PhotoError):
    """This computer has too little free memory for a picture of this size."""

    code = "photo.no_memory"


class FileError(Exception):
    """A file that is not taken or cannot be written."""

    code: ClassVar[str] = "file.refused"

    def __init__(self, **detail: str | int) -> None:
        super().__init__(self.code)
        self.detail: dict[str, str | int] = detail


class FileEmpty(FileError):
    """No bytes at all."""

    code = "file.empty"


class FileTooLarge(FileError):
    """More bytes than are sent. Detail: `limit_mb`."""

    code = "file.too_large"


class FileIsFolder(FileError):
    """A folder, not a file."""

    code = "file.is_folder"


class FileUnreadable(FileError):
    """Not there, no permission, not a regular file, or the medium failed."""

    code = "file.unreadable"


class FileNotSaved(FileError):
    """It could not be saved there: no permission, no such folder."""

    code = "file.cannot_save"


class FileDiskFull(FileError):
    """No room where it was to be saved."""

    code = "file.disk_full"
