"""What the exchange of files refuses; what is wrong with single rows is in the import's report."""

from app.kernel.errors import Conflict, Forbidden, Malformed, NotFound, Rejected


class ImportNotFound(NotFound):
    """There is no such import, or it is another organization's."""

    code = "exchange.import_not_found"
    title = "There is no such import"


class ProfileNotFound(NotFound):
    """There is no such mapping profile, or it is another organization's."""

    code = "exchange.profile_not_found"
    title = "There is no such mapping profile"


class ProfileNameTaken(Conflict):
    """Another profile of the organization for the same resource has the name."""

    code = "exchange.profile_name_taken"
    title = "You use this profile name already"


class FileRefused(Malformed):
    """The file as a whole cannot be read safely."""

    code = "exchange.file_refused"
    title = "This file cannot be read"


class FileTooLarge(FileRefused):
    """The file is larger than this installation takes."""

    code = "exchange.file_too_large"
    title = "This file is too large"


class FileGone(Conflict):
    """The uploaded file was removed after its retention time."""

    code = "exchange.file_gone"
    title = "The file was removed meanwhile: send it again"


class MappingIncomplete(Rejected):
    """The columns do not say all that the resource needs; ``errors`` points at each."""

    code = "exchange.mapping_incomplete"
    title = "Columns that are needed are not mapped"


class TargetUnknown(Rejected):
    """The price list or location that the import names is none of the caller's."""

    code = "exchange.target_unknown"
    title = "This price list or location is none of yours"


class ModeNotAllowed(Rejected):
    """The mode and the choices do not go together."""

    code = "exchange.mode_not_allowed"
    title = "This mode needs another choice"


class NotYourResource(Forbidden):
    """Products are a manufacturer's; offers, prices and stock are a seller's."""

    code = "exchange.not_your_resource"
    title = "Your organization does not keep this"


class ImportStarted(Conflict):
    """An import runs once; send the file again for another."""

    code = "exchange.import_started"
    title = "This import was started already"


class RowsRefused(Rejected):
    """All or nothing was asked for, and some rows cannot be taken."""

    code = "exchange.rows_refused"
    title = "Some rows were refused, so nothing was changed"


class TooManyRows(Rejected):
    """A workbook's sheet cannot hold this many rows."""

    code = "exchange.too_many_rows"
    title = "Too many rows for a workbook: export as CSV"


class ResourceUnknown(NotFound):
    """Files hold products, offers, prices or stock."""

    code = "exchange.resource_unknown"
    title = "There are files of products, offers, prices and stock"
