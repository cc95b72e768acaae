# SPDX-License-Identifier: GPL-2.0-or-later
"""The exceptions that go over the wire: the name of the class is what a client sees.

Those that are KeyErrors too arrive with the quotes of repr(), since KeyError has its own __str__;
qubes/exc.py overrides that in some of them and not in others, and so does this file.
"""

from __future__ import annotations


class QubesException(Exception):
    """Is sent in every release."""


class ProtocolError(AssertionError):
    """A wrong request. Up to release 4.3 the answer to it is empty."""


class PermissionDenied(PermissionError):
    """Up to release 4.3 the answer to it is empty."""


class QubesUnrecognizedDeviceAssignmentMode(ProtocolError):
    pass


class _NoQuotes(QubesException, KeyError):
    def __str__(self) -> str:
        return QubesException.__str__(self)


class QubesVMNotFoundError(_NoQuotes):
    def __init__(self, name: str) -> None:
        super().__init__(f"No such domain: {name!r}")


class QubesFeatureNotFoundError(_NoQuotes):
    def __init__(self, qube: str, feature: str) -> None:
        super().__init__(f"Feature not set for domain {qube}: {feature}")


class QubesTagNotFoundError(_NoQuotes):
    def __init__(self, qube: str, tag: str) -> None:
        super().__init__(f"Tag not set for domain {qube}: {tag}")


class QubesLabelNotFoundError(_NoQuotes):
    def __init__(self, label: str) -> None:
        super().__init__(f"Label does not exist: {label}")


class QubesVMInvalidUUIDError(QubesException):
    def __init__(self, uuid: str) -> None:
        super().__init__(f"VM UUID is not valid: {uuid!r}")


class QubesVMError(QubesException):
    pass


class QubesVMNotStartedError(QubesVMError):
    pass


class QubesVMNotRunningError(QubesVMNotStartedError):
    pass


class QubesVMNotPausedError(QubesVMNotStartedError):
    pass


class QubesVMNotHaltedError(QubesVMError):
    pass


class QubesVMShutdownTimeoutError(QubesVMError):
    pass


class QubesValueError(QubesException, ValueError):
    pass


class QubesPropertyValueError(QubesValueError):
    pass


class QubesNoSuchPropertyError(QubesException, AttributeError):
    def __init__(self, holder: str, name: str) -> None:
        super().__init__(f"Invalid property {name!r} of {holder}")


class DeviceNotAssigned(QubesException, KeyError):
    pass


class DeviceNotAttached(QubesException, KeyError):
    """Releases 4.1 and 4.2."""


class DeviceAlreadyAttached(QubesException, KeyError):
    pass


class DeviceAlreadyAssigned(QubesException, KeyError):
    pass


class USBProxyNotInstalled(QubesException):
    pass


class QubesUSBException(QubesException):
    pass
